/*
 * driver_csv: delimited text, in process.  A folder of it has tables; a file or a pipe of it is one.
 */
#ifndef DRIVER_CSV_H
#define DRIVER_CSV_H

#include <sys/stat.h>

#include "cache.h"
#include "driver.h"
#include "mem.h"
#include "reader.h"
#include "watch.h"

/* A folder: each *.csv and *.tsv in it (also .gz, .zst) is a table.  Answers DRIVER_TABLES. */
struct driver_database *driver_csv_folder(struct mem *m, const char *path);

/* True for the name of a file that is a table of its folder; hidden ones too. */
int driver_csv_named(const char *name);

/* A delimited text on `fd`, which becomes the driver's own; -1 for a FIFO that is opened by its name when it is read.  `name`
 * and `st` describe it; `program` is the filter that decompresses it, or NULL.  In `cache` what counting it leaves
 * is found and kept (csv_kept.h), or, with `refresh`, only kept; NULL: neither.  Answers each request once: its bytes are read
 * once. */
struct driver_database *driver_csv_file(struct mem *m, int fd, const char *name, const struct stat *st, const char *program,
    const struct reader_options *options, struct cache *cache, int refresh, struct watch *w);

#endif

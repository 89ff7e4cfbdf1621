/*
 * csv_table: one delimited text, and its rows; the half of driver_csv that reads.
 */
#ifndef CSV_TABLE_H
#define CSV_TABLE_H

#include <stdint.h>
#include <sys/stat.h>

#include "csv_kept.h"
#include "driver.h"
#include "mem.h"
#include "reader.h"
#include "rows.h"
#include "watch.h"

/* One open text.  Its bytes are read once: whoever reads them takes `fd` and leaves -1. */
struct csv_table {
	struct driver_database base;
	int fd;           /* -1: not open yet, or no longer */
	int read;         /* somebody has taken its bytes */
	const char *name; /* its path */
	struct stat stat;
	const char *program; /* that decompresses it, or NULL */
	struct reader_options options;
	struct csv_kept kept; /* what counting it leaves; of no use before it is open */
	int counting;         /* who opens it will leave that */
	struct watch *watch;
};

/* A stream over its rows, in the arena. */
struct rows *csv_table_scan(struct mem *m, struct csv_table *table, const struct driver_request *request);

/* Opens a reader on its bytes, which are gone then.  `width`: bytes a cell may have. */
int csv_table_open(struct csv_table *table, struct reader *r, size_t width, struct fail *f);

/* What is odd about the text that was read, as notes. */
void csv_table_note(struct rows *rows, const struct reader *r);

#endif

/*
 * csv_kept: what counting a delimited file leaves in the cache (cache.h) beside the answer, for who reads it later: its row
 * index (kind rowindex), and where its count may go on once it has grown (kind count).
 *
 * The key is the path, absolute and as text: two spellings of one file are two caches.  Beside it stands what changes which
 * bytes are a row: the delimiter, found or given, and whether there is a header.  Only plain files of CSV_KEPT_LEAST bytes or
 * more have any, and only as they stand: neither compressed nor recoded.
 */
#ifndef CSV_KEPT_H
#define CSV_KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cache.h"
#include "counter.h"
#include "mem.h"
#include "reader.h"

enum { CSV_KEPT_LEAST = COUNTER_LEAST }; /* bytes: reading less takes no longer than looking for it */

enum csv_kept_what { CSV_KEPT_INDEX, CSV_KEPT_CONTINUATION, CSV_KEPT_KINDS };

struct csv_kept {
	struct cache *cache; /* NULL: nothing is looked for or kept */
	int refresh;         /* nothing is looked for */
	const char *path;    /* as it was given */
	int no_header;       /* its first record is a row */
	/* private */
	struct proof proof; /* of the file before any of it was read */
	uint64_t size;
	int begun[CSV_KEPT_KINDS]; /* it may be stored, with these generations */
	char generations[CSV_KEPT_KINDS][ENTRY_GENERATIONS];
};

/* For the caller who is about to read the file open as `fd`.  Where it may have nothing in the cache, `cache` becomes NULL.
 * `stores`: he may have something to keep. */
void csv_kept_start(struct csv_kept *k, int fd, int stores);

/* Keeps bytes[0..len), unless the file has changed since it was begun to be read. */
void csv_kept_put(const struct csv_kept *k, enum csv_kept_what what, const struct reader *r, const struct buf *bytes);

/* Finds what is kept, in the arena: 1; 0 where there is nothing.  An index is of the file as it is; a continuation may be of
 * what it was. */
int csv_kept_get(
    const struct csv_kept *k, enum csv_kept_what what, const struct reader *r, struct mem *m, const char **bytes, size_t *len);

/* Why what was put is not found: -1, always. */
int csv_kept_why(const struct csv_kept *k, const struct reader *r, struct fail *f);

#endif

/*
 * csv_index: the row index of a delimited file (rowindex.h), kept in the cache (cache.h) by who counts the file, and found
 * there by who reads rows of it.
 *
 * The key is the path, absolute and as text: two spellings of one file are two caches.  Beside it stands what changes which
 * bytes are a row: the delimiter, found or given, and whether there is a header.  Only plain files of CSV_INDEX_LEAST bytes or
 * more have one, and only as they stand: neither compressed nor recoded.
 */
#ifndef CSV_INDEX_H
#define CSV_INDEX_H

#include <stdint.h>

#include "counter.h"
#include "fail.h"
#include "mem.h"
#include "reader.h"
#include "rowindex.h"
#include "stamp.h"

enum { CSV_INDEX_LEAST = COUNTER_LEAST }; /* bytes: reading less takes no longer than looking for an index */

/* Which text it is. */
struct csv_index_name {
	const char *path; /* as it was given */
	int no_header;    /* its first record is a row */
	/* Of the file before any of it was read, which proves that the index is of these bytes. */
	struct stamp stamp;
};

/* Keeps the index of the file that `r` has just counted to its end, unless the file has changed since the stamp was taken. */
void csv_index_keep(const struct csv_index_name *name, const struct reader *r, const struct rowindex *x);

/* 1 and the index of the file that `r` reads, for rowindex_free(); 0 where there is none. */
int csv_index_find(const struct csv_index_name *name, const struct reader *r, struct rowindex *x);

/* Moves the reader on to the last mark before row number `row` (from 0; there is one), if that is ahead of it: 1, and *at is
 * the number of the row that ends next or, where none has begun there, begins next.  0: it stays where it is; -1. */
int csv_index_seek(const struct rowindex *x, struct reader *r, uint64_t row, uint64_t *at, struct fail *f);

#endif

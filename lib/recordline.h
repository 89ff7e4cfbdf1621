/*
 * recordline: records of facts as dbm prints them, read again: lines of tsv, with or without a header, or of JSON (dbm.7,
 * OUTPUT).
 *
 * Fields behind those that are known are passed over, and a record may end before them.
 */
#ifndef RECORDLINE_H
#define RECORDLINE_H

#include <stddef.h>

#include "fail.h"
#include "mem.h"
#include "rows.h"

struct recordline {
	const char **values; /* of each column; NULL where it is NULL or missing, or in JSON no text */
	size_t line;         /* from 1 */
};

struct recordlines {
	struct recordline *list;
	size_t n;
};

/* All lines of a text, in the arena.  -1 "line 3: …" for one that is none. */
int recordline_read(struct mem *m, const char *text, size_t len, const struct rows_column *columns, size_t ncolumns,
    struct recordlines *all, struct fail *f);

#endif

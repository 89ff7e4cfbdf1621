/*
 * jsonline: rows as lines of JSON (dbm.7, OUTPUT).
 *
 * Integers, reals and booleans stand bare, NULL is null, text is a string, and bytes that are not UTF-8 are {"b64":"..."}.
 * A cut cell ends in an ellipsis, also a number, which is a string then.  Keys are the columns' names, told apart; one that is
 * not UTF-8 is percent-encoded.  Cells beyond the columns are called `columnN`.
 */
#ifndef JSONLINE_H
#define JSONLINE_H

#include <stddef.h>

#include "buf.h"
#include "mem.h"
#include "names.h"
#include "rows.h"

/* One value. */
void jsonline_value(struct buf *b, const struct rows_cell *c);

/* The keys of a stream's rows, made once. */
struct jsonline {
	struct mem m;
	struct names names;
	const char **keys; /* each with its quotes */
	size_t n;
};

void jsonline_start(struct jsonline *j, const struct rows_column *columns, size_t n);
void jsonline_free(struct jsonline *j);

/* {"ref":...,"row":{...}}, and "cut":[...] with the names of the cells that were cut; with a newline. */
void jsonline_data(struct jsonline *j, struct buf *b, const char *ref, const struct rows_cell *cells, size_t n);

/* {"name":value,...  The object stays open, for the caller to add to and to close. */
void jsonline_open(struct jsonline *j, struct buf *b, const struct rows_cell *cells, size_t n);

#endif

/*
 * jsonline: a row as a line of JSON (dbm.7, OUTPUT).
 *
 * Integers, reals and booleans stand bare, NULL is null, text is a string, and bytes that are not UTF-8 are {"b64":"..."}.
 * A cut cell ends in an ellipsis.  Cells beyond the columns are called `columnN`; a column's name that is not UTF-8 is
 * percent-encoded.
 */
#ifndef JSONLINE_H
#define JSONLINE_H

#include <stddef.h>

#include "buf.h"
#include "rows.h"

/* {"ref":...,"row":{...}}, and "cut":[...] with the names of the cells that were cut; with a newline. */
void jsonline_data(struct buf *b, const char *ref, const struct rows_column *columns, size_t ncolumns,
    const struct rows_cell *cells, size_t n);

/* {"name":value,...  The object stays open, for the caller to add to and to close. */
void jsonline_open(struct buf *b, const struct rows_column *columns, size_t ncolumns, const struct rows_cell *cells, size_t n);

/* True where a column has that name. */
int jsonline_has(const struct rows_column *columns, size_t n, const char *name);

#endif

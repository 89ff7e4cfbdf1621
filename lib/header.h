/*
 * header: the names of a delimited text's columns.
 *
 * Names are told apart: a second `a` becomes `a_2` (or the next number that is free), an empty name in the third place
 * `column3`, and so does the third cell of a row that is wider than the header.
 */
#ifndef HEADER_H
#define HEADER_H

#include <stddef.h>

#include "mem.h"
#include "rows.h"

/* Columns named by the cells of the header; names are copied into the arena.  Types are left ROWS_NULL, origins empty. */
struct rows_column *header_names(struct mem *m, const struct rows_cell *cells, size_t n);

/* The same columns and more behind them, `n` in all, where rows turned out wider than the header. */
struct rows_column *header_extend(struct mem *m, const struct rows_column *columns, size_t ncolumns, size_t n);

/* The position (from 0) of the column that `text` names: by its name, else by its number from 1.  -1 and a sentence that
 * lists the names there are. */
long header_find(const struct rows_column *columns, size_t n, const char *text, struct fail *f);

#endif

/*
 * table: rows laid out in columns for a person.
 *
 * The first rows are kept back until the widths of the columns can be told; then rows are written as they come.  Columns are
 * narrowed to fit a terminal, and where that is not enough the last ones are left out, and counted.  Of a reference that is too
 * wide, in a column `ref` before all others of a record, the end is shown.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

#include "buf.h"
#include "rows.h"

struct table {
	struct buf *out;
	size_t limit; /* columns of the terminal; 0: no limit */
	int types;    /* show types under the names */
	int colour;
	const struct rows_column *columns;
	size_t ncolumns;
	/* private */
	struct buf text, cells; /* what is kept back: shown text; struct shown, `across` a row */
	size_t rows, across, shown_columns;
	size_t *widths;
	int laid_out;
	size_t hidden; /* columns left out */
};

/* Begins a table that is written to `out`. */
void table_begin(struct table *t, struct buf *out, const struct rows_column *columns, size_t n);
void table_row(struct table *t, const struct rows_cell *cells, size_t n);
void table_end(struct table *t);

#endif

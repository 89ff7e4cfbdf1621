/*
 * sqlite_cells: the cells of a row too large to be fetched whole.
 *
 * SQLite fetches a cell into memory before any of its functions sees it, so that substr() of 100 MB takes 100 MB.  Here the
 * sizes of the cells are asked for first (sqlite3_blob_bytes() reads none of them), the small ones are fetched together, and of
 * a large one the front is read (c3ref/blob_open.html).
 */
#ifndef SQLITE_CELLS_H
#define SQLITE_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fail.h"
#include "rows.h"
#include "sqlite_open.h"
#include "sqlite_table.h"

struct sqlite_cells {
	struct sqlite *s;
	const struct sqlite_table *table;
	const size_t *chosen; /* of the table's columns */
	size_t n;
	size_t width;            /* bytes wanted of a cell */
	struct rows_cell *cells; /* text and blobs are to be read; the others are there */
	struct buf *text;        /* where bytes go, and at which place; SIZE_MAX: not there */
	size_t *places;
};

/* True where a table's cells can be read on their own: by their rowid, as they are stored, as UTF-8. */
int sqlite_cells_can(struct sqlite *s, const struct sqlite_table *t, const size_t *chosen, size_t n);

/* Reads those of one row.  A cell's length may be over the width by the bytes of a character. */
int sqlite_cells_read(const struct sqlite_cells *c, int64_t rowid, struct fail *f);

#endif

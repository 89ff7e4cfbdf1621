/*
 * fields: the records of delimited text as batches of cells.
 *
 * Where fields end is found 64 bytes a step (vector.h).  A piece of text whose quoting is malformed goes through the exact
 * machine instead, record by record.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "csv.h"
#include "split.h"
#include "vector.h"

enum { FIELDS_SKIPPED = -1 };

struct fields {
	const struct csv_dialect *dialect;
	const struct vector_kernel *kernel;
	const struct batch_sink *sink;
	unsigned thread;
	uint64_t rows, ragged; /* so far; those of another number of cells than expected */
	size_t dropped;        /* cells beyond ROWS_COLUMNS of their row */
	size_t cut;            /* cells of which only the beginning came */
	int unclosed;          /* the text ended inside quotes */
	/* private */
	size_t expected;  /* cells a row should have */
	const long *slot; /* of each expected column, its place in the batch or FIELDS_SKIPPED; NULL: all in their order */
	size_t ncolumns;  /* of the batch */
	struct batch_cell *cells;
	size_t stride, nrows;
	uint32_t *places;
	char *text; /* cells that do not stand in the piece as they are */
	size_t text_len, room;
	struct split split;
};

/* Rows with `expected` cells, of which `ncolumns` go to the sink as `slot` says.  dialect, kernel, sink and thread are set by
 * the caller. */
void fields_start(struct fields *x, size_t expected, const long *slot, size_t ncolumns);
void fields_free(struct fields *x);

/* Takes the whole records of bytes[0..len), BATCH_SLACK bytes behind which can be read, up to the first that begins at or
 * behind `until`, and hands all of them to the sink.  `last`: the text ends there, and a record with it.  A record begins at
 * bytes[0], or a blank line.  Returns how much was taken; *reached says that a record begins there, at or behind `until`. */
size_t fields_take(struct fields *x, const char *bytes, size_t len, size_t until, int last, int *reached);

/* Takes one record that is in cells already. */
void fields_take_cells(struct fields *x, const struct rows_cell *cells, size_t n);

#endif

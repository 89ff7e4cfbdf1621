/*
 * batch: the cells of many rows, column by column: for those who look at all of a table.
 *
 * A source hands batches to a sink, from several threads if the sink lets it.  Each row is in one batch; which rows are
 * together, and in what order batches come, is anybody's guess.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "rows.h"

enum {
	BATCH_CELLS = 128 * 1024, /* about so many in a batch */
	BATCH_ROWS = 4096,        /* and at most so many rows */
	BATCH_SLACK = 8,          /* bytes behind each cell that may be read, whatever they are */
};

struct batch_cell {
	const char *bytes;
	uint32_t len;
	unsigned char type; /* enum rows_type: ROWS_TEXT where the source knows no better, ROWS_NULL */
};

struct batch {
	size_t nrows, ncolumns;
	size_t stride;                  /* at least nrows */
	const struct batch_cell *cells; /* that of row r in column c: cells[c * stride + r] */
};

struct batch_sink {
	void *arg;
	/* Before the first batch: the columns that are known, in the arena of the caller; rows may turn out wider.  May lower
	 * *threads.  Called again where the source has to begin anew: what came so far is forgotten. */
	int (*start)(void *arg, const struct rows_column *columns, size_t n, unsigned *threads, struct fail *f);
	/* By thread 0..threads - 1; the batch is borrowed. */
	void (*take)(void *arg, unsigned thread, const struct batch *batch);
};

/* The rows of a batch over so many columns. */
static inline size_t
batch_rows(size_t ncolumns)
{
	size_t n = BATCH_CELLS / (ncolumns > 0 ? ncolumns : 1);

	return n < 16 ? 16 : n > BATCH_ROWS ? BATCH_ROWS : n;
}

/* Hands all rows of a stream to the sink, by one thread. */
int batch_fill(struct rows *rows, const struct batch_sink *sink, struct fail *f);

#endif

/*
 * csv_head: the columns of a delimited text: their names from its header, their number and types from the rows behind it.
 *
 * The rows looked at are those that are in memory anyway, with a block or two more where that is little; the reader is put back
 * to where they begin.
 */
#ifndef CSV_HEAD_H
#define CSV_HEAD_H

#include <stddef.h>

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "reader.h"
#include "rows.h"

struct csv_head {
	struct rows_column *columns; /* every one, in the arena */
	size_t n;
	size_t expected; /* cells a row should have: the header's, or the first row's */
	size_t dropped;  /* cells that the header had too many */
	int held;        /* the first row is in the reader's split already, and the reader behind it */
	/* private */
	struct mem *m;
	struct reader *reader;
	const struct driver_request *request;
	int no_header;
};

/* Reads the head of the text, of which nothing has been read.  Of the request `types`, `limit` and `width` matter. */
int csv_head_read(
    struct csv_head *h, struct mem *m, struct reader *r, const struct driver_request *request, int no_header, struct fail *f);

/* -1 where the header that was read swallows the whole text: it says nothing about its columns. */
int csv_head_check(const struct reader *r, struct fail *f);

#endif

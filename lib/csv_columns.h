/*
 * csv_columns: which columns a delimited text has, and which of them are wanted; the part of csv_batches that reads the header.
 */
#ifndef CSV_COLUMNS_H
#define CSV_COLUMNS_H

#include <stddef.h>

#include "driver.h"
#include "mem.h"
#include "reader.h"

struct csv_columns {
	struct rows_column *columns; /* that are wanted, in the arena; rows may turn out wider */
	size_t n;
	size_t expected; /* cells a row should have: the header's, or the first row's */
	long *slot;      /* as in struct fields */
};

/* Reads the header; of a text without one the first record is looked at and stays.  -1 where the text cannot be read, or has
 * not the columns that the request names. */
int csv_columns_read(
    struct csv_columns *c, struct mem *m, struct reader *r, int no_header, const struct driver_request *q, struct fail *f);

#endif

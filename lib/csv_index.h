/*
 * csv_index: the row index of a delimited file (rowindex.h), kept by who counts the file (csv_kept.h), and found by who reads
 * rows of it.
 */
#ifndef CSV_INDEX_H
#define CSV_INDEX_H

#include <stdint.h>

#include "csv_kept.h"
#include "fail.h"
#include "reader.h"
#include "rowindex.h"

/* Keeps the index of the file that `r` has just counted to its end. */
void csv_index_keep(const struct csv_kept *k, const struct reader *r, const struct rowindex *x);

/* 1 and the index of the file that `r` reads, for rowindex_free(); 0 where there is none. */
int csv_index_find(const struct csv_kept *k, const struct reader *r, struct rowindex *x);

/* Moves the reader on to the last mark before row number `row` (from 0; there is one), if that is ahead of it: 1, and *at is
 * the number of the row that ends next or, where none has begun there, begins next.  0: it stays where it is; -1. */
int csv_index_seek(const struct rowindex *x, struct reader *r, uint64_t row, uint64_t *at, struct fail *f);

#endif

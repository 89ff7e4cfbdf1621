/*
 * csv_count: how many records and lines a delimited text has.
 */
#ifndef CSV_COUNT_H
#define CSV_COUNT_H

#include <stdint.h>

#include "csv_table.h"
#include "driver.h"
#include "fail.h"
#include "rows.h"

struct csv_count {
	uint64_t records, lines, bytes; /* lines: as an editor counts them, those inside quotes too */
	uint64_t low, high;             /* of the records */
	const char *method;
};

/* Counts.  Warnings go to `r`. */
int csv_count(
    struct rows *r, struct csv_table *table, const struct driver_request *request, struct csv_count *count, struct fail *f);

/* The row index of a plain file (csv_index.h), made now where none is kept; with `refresh` in any case. */
struct csv_marks {
	enum csv_marks_state {
		CSV_MARKS_SMALL, /* the file: it has none, and takes no longer to read than one takes to find */
		CSV_MARKS_THERE,
		CSV_MARKS_MADE,
	} state;
	uint64_t rows, marks, bytes; /* bytes: of the index */
};

/* -1 too where it was made but is not kept: the cache cannot be written, or the file changes. */
int csv_count_marks(struct csv_table *table, struct csv_marks *marks, struct fail *f);

#endif

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

#endif

/*
 * profile_statistics: what a database's own statistics say of the columns of a table (DRIVER_STATISTICS), as cells to print.
 *
 * They are estimates from a sample that the database took once.  Counts are shares of the rows that it supposes.  A range
 * between two bounds holds as many rows as any other, spread evenly: a quantile is the frequent value it falls on, or the
 * nearest bound.  What statistics do not tell, such as a mean, is NULL.
 */
#ifndef PROFILE_STATISTICS_H
#define PROFILE_STATISTICS_H

#include <stddef.h>

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "rows.h"

struct statistics {
	const struct rows_column *columns; /* their names */
	size_t ncolumns;
	const struct rows_cell (*said)[DRIVER_STATISTICS_FIELDS]; /* of each */
	int gathered;                                             /* there is something about one of them */
};

/* Reads an answer to its end, into the arena.  1; 0 and a sentence where there are none: the driver refuses, or they were never
 * gathered; -1. */
int statistics_read(struct statistics *s, struct mem *m, struct rows *answer, struct fail *f);

/* Fills cells[0..PROFILE_FIELDS) of profile.h for a column, which is the `position`th of those asked for; `top` frequent values
 * at most.  -1 where its lists are none. */
int statistics_fill(struct rows_cell *cells, struct mem *m, const struct statistics *s, size_t column, size_t position,
    size_t top, struct fail *f);

/* Where a record comes from and how old that is, as a sentence for people, in the arena; NULL: not from statistics. */
const char *statistics_sentence(struct mem *m, const struct rows_cell *cells);

#endif

/*
 * profile_points: the values that a database's statistics name, read from their lists (DRIVER_STATISTICS).
 */
#ifndef PROFILE_POINTS_H
#define PROFILE_POINTS_H

#include <stddef.h>

#include "mem.h"
#include "rows.h"

struct point {
	struct rows_cell cell;
	double number; /* or time, in seconds since 1970; NAN: it is neither */
	double share;  /* of all rows, from 0 to 1 */
};

struct points {
	struct point *list;
	size_t n;
};

/* The type that a database's own name for one stands for, by its first word: text where it stands for no other. */
enum rows_type points_type(const struct rows_cell *name);

/* A value of that type as a scan has it, in the arena: databases write truth, times and bytes as texts in ways of their own. */
struct rows_cell points_cell(struct mem *m, enum rows_type of, const char *bytes, size_t len);

/* A JSON list of values, or of pairs of a value and its share, into the arena; NULL is an empty one.  -1: it is none. */
int points_read(struct points *to, struct mem *m, enum rows_type of, const struct rows_cell *c, int pairs);

#endif

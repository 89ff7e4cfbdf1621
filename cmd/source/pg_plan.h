/*
 * pg_plan: how a request is answered: by one statement, and by what its result is made into.  All of it lasts as long as the
 * answer's arena.
 */
#ifndef PG_PLAN_H
#define PG_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "rows.h"

struct pg_statement {
	const char *sql;
	const char *const *values; /* of its parameters, whose types it says itself */
	int nvalues;
	int as_user;    /* names without a schema are what the role would find by them */
	int in_place;   /* rows are wanted from the first on as they lie in their table */
	unsigned lists; /* bit i: column i is a list of names, an array to be written by pg_catalog_list() */
};

struct pg_plan {
	struct pg_statement statement; /* sql is NULL: nothing is asked, there are columns alone */
	const struct rows_column *columns;
	size_t ncolumns;
	uint64_t limit;   /* rows; of one more it is only known that there is one */
	size_t width;     /* bytes of a cell; 0: as many as there can be */
	const char *note; /* a warning that goes with the answer, or NULL */
};

#endif

/*
 * pg_lookup: the tables that a batch of requests names, and their columns, looked up by one statement for all of them.
 */
#ifndef PG_LOOKUP_H
#define PG_LOOKUP_H

#include <stddef.h>

#include "buf.h"
#include "fail.h"
#include "mem.h"
#include "pg_conninfo.h"
#include "pg_plan.h"
#include "pg_table.h"

struct pg_lookup {
	struct mem *mem;  /* holds all of it */
	struct buf names; /* struct pg_sought */
	struct buf known; /* names of tables that there are, for who asks for another */
	size_t nknown;
	const char *only; /* the first of them, as it is */
	int told;         /* those names are all there are to be */
};

void pg_lookup_start(struct pg_lookup *l, struct mem *m);

/* Adds a name, NULL for the only table there is; its number. */
size_t pg_lookup_add(struct pg_lookup *l, const char *name);

/* How many names there are. */
size_t pg_lookup_count(const struct pg_lookup *l);

/* The statement, about those of `n` names from number `first` on that were not found yet; a row of its result: -1 where that
 * has not the columns it should; and the end of it. */
void pg_lookup_statement(struct pg_lookup *l, size_t first, size_t n, struct pg_statement *st);
int pg_lookup_take(struct pg_lookup *l, const PGresult *result, int row);
void pg_lookup_end(struct pg_lookup *l);

/* Forgets what was found. */
void pg_lookup_reset(struct pg_lookup *l);

/* This name alone cannot be looked up, for this reason. */
void pg_lookup_fail(struct pg_lookup *l, size_t i, const struct fail *why);

/* True where NULL stands for a table by now, the only one: to be looked up once more. */
int pg_lookup_again(struct pg_lookup *l);

/* What was found under that number: NULL and a sentence that says what there is. */
struct pg_table *pg_lookup_find(struct pg_lookup *l, size_t i, struct fail *f);

void pg_lookup_free(struct pg_lookup *l);

#endif

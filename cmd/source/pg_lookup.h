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
};

void pg_lookup_start(struct pg_lookup *l, struct mem *m);

/* Adds a name, NULL for the only table there is; its number. */
size_t pg_lookup_add(struct pg_lookup *l, const char *name);

/* The statement, and a row of its result. */
void pg_lookup_statement(struct pg_lookup *l, struct pg_statement *st);
void pg_lookup_take(struct pg_lookup *l, const PGresult *result, int row);

/* True where NULL stands for a table by now, the only one: to be looked up once more. */
int pg_lookup_again(struct pg_lookup *l);

/* What was found under that number: NULL and a sentence that says what there is. */
struct pg_table *pg_lookup_find(struct pg_lookup *l, size_t i, struct fail *f);

void pg_lookup_free(struct pg_lookup *l);

#endif

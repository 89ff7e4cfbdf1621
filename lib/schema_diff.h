/*
 * schema_diff: what is different between two schemas.
 *
 * Things are the same thing where table, kind and name are; so what was renamed is gone, and another one is there.  Of those
 * without a name there may be several: those with the same definition are the same thing, and then those whose definitions
 * have the same beginning up to the first closing parenthesis, which is the list of their columns.  A table has one nameless
 * primary key at most, and is one thing itself (schema_is_table()).
 *
 * A table that is there or gone as a whole is one change, of the kind that it is.  Where columns that both have stand in
 * another order, that is one change of the kind "order", whose texts are the names of all columns, a list (dbm-source.7).
 */
#ifndef SCHEMA_DIFF_H
#define SCHEMA_DIFF_H

#include "mem.h"
#include "schema.h"

struct schema_change {
	char what;                        /* '+', '-' or '~' */
	const struct schema_table *table; /* of the second schema where it has the table, else of the first */
	const char *kind, *name;
	const char *before, *after; /* definitions; NULL where there is none */
};

typedef void schema_diff_take(void *arg, const struct schema_change *c);

/* Of one table, one of which may be NULL.  Texts that are made are in the arena. */
void schema_diff_table(
    struct mem *m, const struct schema_table *a, const struct schema_table *b, schema_diff_take *take, void *arg);

/* Of all tables, in the order of their names. */
void schema_diff(struct mem *m, const struct schema *a, const struct schema *b, schema_diff_take *take, void *arg);

#endif

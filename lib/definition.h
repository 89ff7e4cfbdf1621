/*
 * definition: what an index is, whatever it is called: compared, checked against the catalog, and given a name.
 *
 * SQL is compared token by token: the case of words, blanks, parentheses around a whole condition or the parts of one that AND
 * and OR join, quotes around names that need none, `!=` for `<>`, and what PostgreSQL writes into what it was given: the casts
 * of literals, and those of character varying to text, `= ANY (ARRAY[...])` for `IN (...)`.  Two ways to say the same that
 * differ in more are different here: that errs towards a conflict that is reported.  The other way it errs where nothing but
 * the type that a literal is cast to makes a difference, such as which of two functions is called.
 */
#ifndef DEFINITION_H
#define DEFINITION_H

#include "catalog.h"
#include "driver.h"
#include "fail.h"
#include "index_sql.h"
#include "mem.h"
#include "source.h"
#include "want.h"

/* PostgreSQL's way for servers, SQLite's for the rest. */
enum index_sql_dialect definition_dialect(const struct source *s);

/* The table of the catalog that is meant: without a schema, the one of that name that is not the system's.  NULL and a sentence
 * with the candidates. */
struct catalog_table *definition_table(
    const struct catalog *c, enum index_sql_dialect dialect, const struct want *want, struct fail *f);

/* What an index of the catalog is; its strings are those of the catalog, arrays are in the arena. */
void definition_of(struct mem *m, enum index_sql_dialect dialect, const struct catalog_index *have, struct driver_index *x);

/* What an index of `t` would be in the catalog, were it made; the same of its memory. */
void definition_made(struct mem *m, enum index_sql_dialect dialect, const struct catalog_table *t, const struct driver_index *x,
    struct catalog_index *made);

/* Makes of what was written what the table has: columns by their own names.  -1 and a sentence for a column that it does not
 * have, for one in quotes or not inside SQL (an engine may take that for a constant), and for what the engine cannot do. */
int definition_check(
    struct mem *m, enum index_sql_dialect dialect, const struct catalog_table *t, struct driver_index *x, struct fail *f);

/* True where an index of `t` is what `x` (checked) says, in whatever words; its name and whether it is valid do not count. */
int definition_same(enum index_sql_dialect dialect, const struct catalog_table *t, const struct catalog_index *have,
    const struct driver_index *x);

/* True where PostgreSQL, which writes SQL in its own way, has to be asked whether an index is what `x` says: all but the SQL is
 * the same. */
int definition_alike(enum index_sql_dialect dialect, const struct catalog_table *t, const struct catalog_index *have,
    const struct driver_index *x);

/* The index of `t` that is what `x` says: a valid one if there is one, of that name if there are several; NULL. */
struct catalog_index *definition_find(
    enum index_sql_dialect dialect, const struct catalog_table *t, const struct driver_index *x);

/* Who has a name that an index of `t` would have; of PostgreSQL in its schema. */
struct definition_holder {
	const struct catalog_table *table; /* NULL: the name is free */
	const struct catalog_index *index; /* of that table; NULL: it is the table's own name */
};
struct definition_holder definition_named(
    const struct catalog *c, enum index_sql_dialect dialect, const struct catalog_table *t, const char *name);

/* A name for an index without one: TABLE_COLUMNS_idx, at most 63 bytes, cut with a hash behind it, and with a number where that
 * one is somebody's; in the arena. */
const char *definition_name(struct mem *m, const struct catalog *c, enum index_sql_dialect dialect,
    const struct catalog_table *t, const struct driver_index *x);

#endif

/*
 * pg_name: names of tables as requests have them (dbm-source.7), for the statements that look them up.
 *
 * A name is `schema.table`, a dot inside a part %2E and a percent sign %25; or the table alone, where there is one of that name
 * in the schemas that are not the system's.  A name with more dots or none may also be what a table is called as it stands.
 */
#ifndef PG_NAME_H
#define PG_NAME_H

#include <stddef.h>

#include "buf.h"
#include "mem.h"
#include "pg_plan.h"
#include "pg_sql.h"

/* SQL, in which `c` is pg_class and `n` pg_namespace: what is not the system's; a name as requests give it. */
#define PG_NAME_NO_SYSTEM                                                                                                      \
	"n.nspname OPERATOR(pg_catalog.!~) '^(pg_catalog|information_schema|pg_toast|pg_temp_.*|pg_toast_temp_.*)$'"
#define PG_NAME_WIRE "(" PG_TABLE_NAME ")" BY_BYTES

/* Two of a WITH: `w`, the ways in which the names that are sought can be read, the first of them with the least rank, from
 * four parameters (pg_name_values()); and `found`, the tables of these names. */
#define PG_NAME_FOUND                                                                                                          \
	"w AS (SELECT * FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.int4[]), pg_catalog.unnest($2::pg_catalog.int4[]),"   \
	" pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.text[])) u(sought, rank, schema, name))," \
	" found AS MATERIALIZED (SELECT w.sought, w.rank, c.oid, n.nspname, c.relname, c.relkind,"                             \
	" c.reltuples, c.relhassubclass, " PG_NAME_WIRE " wire FROM w JOIN pg_catalog.pg_class c ON c.relname" EQ "w.name"     \
	" JOIN pg_catalog.pg_namespace n ON n.oid" EQ "c.relnamespace WHERE " PG_TABLE_READABLE                                \
	" AND CASE WHEN w.schema IS NULL THEN " PG_NAME_NO_SYSTEM " ELSE n.nspname" EQ "w.schema END)"

/* Names that are sought, as the arrays that the server reads; all zeros are none of them. */
struct pg_names {
	struct buf sought, rank, schema, table;
};

/* Adds a name, known by the number `i`; NULL is one that no table has. */
void pg_name_add(struct pg_names *names, struct mem *m, size_t i, const char *name);

/* Makes them the parameters of a statement, in the arena; nothing is left of them. */
void pg_name_values(struct pg_names *names, struct mem *m, struct pg_statement *st);

#endif

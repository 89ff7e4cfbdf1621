/*
 * pg_table: the tables that requests name, looked up by one statement for all of them.
 *
 * A name is `schema.table`, a dot inside a part %2E and a percent sign %25; or the table alone, where there is one of that name
 * in the schemas that are not the system's.  A name with more dots or none may also be what a table is called as it stands.
 */
#ifndef PG_TABLE_H
#define PG_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fail.h"
#include "mem.h"
#include "pg_catalog.h"
#include "pg_conninfo.h"
#include "pg_sql.h"
#include "rows.h"

/* How the server is asked for a value so that it sends no more of it than is wanted. */
enum pg_form {
	PG_BOUNDED, /* of a size that its type bounds: as it is */
	PG_TEXT,    /* its front is had by substr() */
	PG_BYTES,   /* so is that of bytes */
	PG_OTHER,   /* its text is made by its output function, and by no cast: one may be of somebody's making */
};

struct pg_column {
	Oid type;
	enum pg_form form;
	int number; /* in pg_attribute */
};

struct pg_table {
	Oid oid;
	const char *schema, *name;
	char kind;       /* relkind */
	char keeps;      /* relpersistence */
	double rows;     /* reltuples; less than 0: nobody knows */
	const char *key; /* the numbers of the columns of the primary key, "2 1"; NULL: it has none */
	struct rows_column *columns;
	struct pg_column *types;
	size_t n;
};

/* SQL, in which `c` is pg_class and `n` pg_namespace: what can be read like a table; what is not the system's; a name as
 * requests give it. */
#define PG_TABLE_READABLE "c.relkind" EQ "ANY ('{r,p,v,m,f}'::pg_catalog.\"char\"[])"
#define PG_TABLE_NO_SYSTEM                                                                                                     \
	"n.nspname OPERATOR(pg_catalog.!~) '^(pg_catalog|information_schema|pg_toast|pg_temp_.*|pg_toast_temp_.*)$'"
#define PG_TABLE_WIRE "(" PG_TABLE("n.nspname", "c.relname") ")" BY_BYTES

/* Two of a WITH: `w`, the ways in which the names that are sought can be read, the first of them with the least rank, from
 * four parameters (pg_table_ways()); and `found`, the tables of these names. */
#define PG_TABLE_FOUND                                                                                                         \
	"w AS (SELECT * FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.int4[]), pg_catalog.unnest($2::pg_catalog.int4[]),"   \
	" pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.text[])) u(sought, rank, schema, name))," \
	" found AS MATERIALIZED (SELECT w.sought, w.rank, c.oid, n.nspname, c.relname, c.relkind, c.relpersistence,"           \
	" c.reltuples, " PG_TABLE_WIRE " wire FROM w JOIN pg_catalog.pg_class c ON c.relname" EQ "w.name"                      \
	" JOIN pg_catalog.pg_namespace n ON n.oid" EQ "c.relnamespace WHERE " PG_TABLE_READABLE                                \
	" AND CASE WHEN w.schema IS NULL THEN " PG_TABLE_NO_SYSTEM " ELSE n.nspname" EQ "w.schema END)"

/* The parameters, for one name. */
void pg_table_ways(struct mem *m, const char *name, struct pg_statement *st);

/* The tables that a batch of requests is about. */
struct pg_lookup {
	struct mem *mem;  /* holds all of it */
	struct buf names; /* struct pg_sought */
	struct buf known; /* names of tables that there are, for who asks for another */
	size_t nknown;
	const char *only; /* the first of them, as it is */
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

/* Appends "schema"."table". */
int pg_table_name(struct buf *sql, PGconn *connection, const struct pg_table *t, struct fail *f);

#endif

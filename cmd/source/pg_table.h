/*
 * pg_table: a table as the helper knows it: its name, what is to be known of it for a scan or a count, and its columns.
 */
#ifndef PG_TABLE_H
#define PG_TABLE_H

#include <stddef.h>

#include "buf.h"
#include "fail.h"
#include "pg_conninfo.h"
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
	int way;         /* in which the name that was sought is read as these: 0, split at its first dot */
	char kind;       /* relkind */
	int parent;      /* it may have partitions or tables that inherit, whose rows are also its own */
	double rows;     /* reltuples; less than 0: nobody knows */
	const char *key; /* the numbers of the columns of the primary key, "2 1"; NULL: it has none */
	struct rows_column *columns;
	struct pg_column *types;
	size_t n;
};

/* What a column of c->type is shown as, and c->form.  `kind` is typtype and `mod` atttypmod; of a domain all three are those of
 * what it is made of. */
enum rows_type pg_table_type(struct pg_column *c, char kind, long mod);

/* Appends "schema"."table". */
int pg_table_name(struct buf *sql, PGconn *connection, const struct pg_table *t, struct fail *f);

#endif

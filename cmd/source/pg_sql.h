/*
 * pg_sql: words of SQL for statements about PostgreSQL's catalog.
 *
 * Whatever a database's owner has put into its schemas, a statement must not call it: relations, functions, types, operators
 * and collations are written with their schema, here once, so that the statements stay readable.  CASE x WHEN y, IN, BETWEEN,
 * NULLIF, USING and DISTINCT FROM look their operators up by name alone and are not used.
 */
#ifndef PG_SQL_H
#define PG_SQL_H

#define PG "pg_catalog."

#define PG_OPERATOR(op) " OPERATOR(pg_catalog." op ") "
#define EQ PG_OPERATOR("=")
#define NE PG_OPERATOR("<>")
#define LT PG_OPERATOR("<")
#define GT PG_OPERATOR(">")
#define LE PG_OPERATOR("<=")
#define GE PG_OPERATOR(">=")
#define CAT PG_OPERATOR("||")
#define PLUS PG_OPERATOR("+")
#define MINUS PG_OPERATOR("-")
#define TIMES PG_OPERATOR("*")

#define TEXT "::pg_catalog.text"
#define NUMBER "::pg_catalog.int8"
#define BY_BYTES " COLLATE pg_catalog.\"C\""

/* A part of a name on the wire, and the name of a table there (dbm-source.7). */
#define PG_PART(name) PG "replace(" PG "replace(" name TEXT ", '%', '%25'), '.', '%2E')"
#define PG_TABLE(schema, name) PG_PART(schema) CAT "'.'" CAT PG_PART(name)

/* A time as RFC 3339. */
#define PG_TIME(time) PG "to_char(" PG "timezone('UTC', " time "), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

#endif

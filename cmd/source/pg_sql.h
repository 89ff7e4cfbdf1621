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

/* Sizes, and expressions with the names of columns, take a lock on their table c.  It is open to them unless somebody has the
 * one lock that keeps even readers out, or waits for it, on the table, an index of it or what it keeps outside: the whole list
 * would wait; or unless it was dropped since the statement began, where the list would fail.  PG_BLOCKED goes into the WITH. */
#define PG_BLOCKED                                                                                                             \
	"busy (oid) AS MATERIALIZED (SELECT l.relation FROM pg_catalog.pg_locks l"                                             \
	" WHERE l.mode" EQ "'AccessExclusiveLock' AND (l.database" EQ "0 OR l.database" EQ                                     \
	"(SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname" EQ PG "current_database())))"                            \
	", held (oid) AS (SELECT b.oid FROM busy b"                                                                            \
	" UNION SELECT i.indrelid FROM busy b JOIN pg_catalog.pg_index i ON i.indexrelid" EQ "b.oid)"                          \
	", blocked (oid) AS (SELECT c.oid FROM held h"                                                                         \
	" JOIN pg_catalog.pg_class c ON c.oid" EQ "h.oid OR c.reltoastrelid" EQ "h.oid)"
#define PG_OPEN "c.oid" NE "ALL (ARRAY(SELECT b.oid FROM blocked b)) AND " PG "has_table_privilege(c.oid, 'SELECT') IS NOT NULL"

#endif

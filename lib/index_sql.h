/*
 * index_sql: statements about indexes, as SQLite and PostgreSQL take them.  All names are quoted.
 */
#ifndef INDEX_SQL_H
#define INDEX_SQL_H

#include "buf.h"
#include "driver.h"
#include "sqltokens.h"

enum index_sql_dialect { INDEX_SQL_SQLITE, INDEX_SQL_POSTGRESQL };

/* How its SQL is taken apart. */
enum sqltokens_dialect index_sql_tokens(enum index_sql_dialect dialect);

/* The name of a table as drivers give it: of PostgreSQL's each part, decoded. */
void index_sql_table(struct buf *b, enum index_sql_dialect dialect, const char *table);

/* CREATE INDEX.  PostgreSQL's is CONCURRENTLY, which leaves writers alone.  SQLite has one method and includes no columns:
 * those are keys behind the others. */
void index_sql_create(struct buf *b, enum index_sql_dialect dialect, const char *table, const struct driver_index *x);

/* CREATE INDEX of PostgreSQL on a table alone, without its partitions, and not concurrently: for tables that hold no rows of
 * their own. */
void index_sql_create_only(struct buf *b, const char *table, const struct driver_index *x);

/* DROP INDEX of an index of `table`, in whose schema it is; PostgreSQL's is CONCURRENTLY. */
void index_sql_drop(struct buf *b, enum index_sql_dialect dialect, const char *table, const char *name);

/* REINDEX; PostgreSQL's is CONCURRENTLY. */
void index_sql_rebuild(struct buf *b, enum index_sql_dialect dialect, const char *table, const char *name);

#endif

/*
 * sqlite_schema: all that the schema of an SQLite database says of tables, in texts that are the same for the same schema, in
 * whatever order and layout it was written.
 *
 *     kind          definition
 *     table         "table", "table without rowid strict", "view AS SELECT …", "virtual USING fts5(a, b)"
 *     column        "INTEGER COLLATE NOCASE NOT NULL DEFAULT 0", "TEXT GENERATED ALWAYS AS (a || b) STORED"; types in capitals
 *     primary key, unique, check, foreign key    as sqlcreate.h describes them
 *     index         "UNIQUE (a DESC, b COLLATE NOCASE, lower(c)) WHERE d IS NOT NULL"
 *     trigger       what stands behind its name
 *
 * Views and virtual tables have no columns here: what they have comes of their definition.  What a constraint says is the same
 * whether it stands in a column or behind them all.  SQL is in the normal form of sqltext.h.
 */
#ifndef SQLITE_SCHEMA_H
#define SQLITE_SCHEMA_H

#include "sqlite_part.h"

/* The operation schema, as driver.h describes it. */
extern const struct sqlite_part sqlite_schema;

#endif

/*
 * sqlite_index: the indexes of an SQLite database, and what they are sorted by.
 *
 * Pragmas tell most of it; expressions and predicates are cut out of the text of CREATE INDEX (sqlindex.h).
 */
#ifndef SQLITE_INDEX_H
#define SQLITE_INDEX_H

#include <stddef.h>

#include "sqlite_part.h"

/* The operations indexes and index_keys, as driver.h describes them. */
extern const struct sqlite_part sqlite_indexes, sqlite_index_keys;

struct sqlite_index_key {
	const char *column;       /* NULL: it is an expression */
	const char *expression;   /* SQL; NULL: a column, or its text could not be read */
	const char *collation;    /* in capitals */
	const char *family;       /* that of the column; "" of an expression */
	int descending, collated; /* in another way than the column */
};

struct sqlite_index {
	const char *name, *origin, *sql, *predicate;
	int unique, partial;
	struct sqlite_index_key *keys;
	size_t n;
};

/* The indexes of a table, one after another: `statement` is that of either part, with its table bound, and stands on the first
 * row of this one.  1 where another index follows, 0, -1. */
int sqlite_index_read(
    struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct sqlite_index *x, struct fail *f);

#endif

/*
 * sqlite_table: what an SQLite database says of one table, and SQL about it.  Names in SQL are always quoted, values bound;
 * a function that gives rows is called in `temp`, since a table of its name in the file would be taken for it.
 */
#ifndef SQLITE_TABLE_H
#define SQLITE_TABLE_H

#include <stddef.h>

#include "buf.h"
#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "sqlite_open.h"

struct sqlite_table {
	const char *name;
	int view;          /* or a virtual table: its rows may take long to compute, and have no rowid */
	const char *rowid; /* a name by which the rowid can be had; NULL where there is none */
	struct rows_column *columns;
	int *computed; /* for each: a generated column that is not stored */
	size_t n;
};

/* Looks `name` up; in the arena.  NULL stands for the only table there is. */
int sqlite_table_find(struct sqlite *s, struct mem *m, const char *name, struct sqlite_table *t, struct fail *f);

/* Appends ` FROM "main"."table"`.  `stored`: the table itself is read and no index, so that rows come in the same order
 * whatever columns are asked for. */
void sqlite_from(struct buf *sql, const struct sqlite_table *t, int stored);

/* Appends ` WHERE … ORDER BY …` for what the request asks; values are bound from ?1 on by sqlite_bind_where(). */
int sqlite_where(struct buf *sql, const struct sqlite_table *t, const struct driver_request *request, struct fail *f);
void sqlite_bind_where(sqlite3_stmt *statement, const struct driver_request *request);

/* True where the declared type has that word in it, in any case: so SQLite goes by it (datatype3.html, 3.1). */
int sqlite_declares(const char *declared, const char *word);

/* The text of a column of the current row, in the arena; "" for NULL. */
const char *sqlite_string(struct mem *m, sqlite3_stmt *statement, int column);

#endif

/*
 * sqlite_count: how many rows a table of an SQLite database has.
 */
#ifndef SQLITE_COUNT_H
#define SQLITE_COUNT_H

#include "driver.h"
#include "mem.h"
#include "sqlite_open.h"

/* A stream in the arena, as driver.h describes it. */
struct rows *sqlite_count(struct mem *m, struct sqlite *s, const struct driver_request *request);

/* The function dbm_lines(X): the newlines in a text.  (Counting them in SQL, by replace(), takes eight times as long.) */
int sqlite_add_lines(sqlite3 *db);

#endif

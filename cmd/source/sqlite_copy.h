/*
 * sqlite_copy: the schema of an open file in memory, without rows but with its statistics (sqlite_stat1, sqlite_stat4), so that
 * indexes can be tried there.  SQLite's planner looks at nothing else of a table, so that its plans are the same.
 */
#ifndef SQLITE_COPY_H
#define SQLITE_COPY_H

#include "buf.h"
#include "fail.h"
#include "mem.h"
#include "sqlite_open.h"

struct sqlite_copy {
	struct sqlite s;
	sqlite3_int64 of;   /* the state of the file that it is a copy of */
	struct buf notes;   /* what could not be copied, a line each */
	int has_statistics; /* the file has */
};

/* The copy of what the file is now, inside of a transaction; it is kept with the file until that changes or is closed. */
struct sqlite_copy *sqlite_copy_of(struct sqlite *s, struct mem *m, struct fail *f);

/* True where it has a table of that name, virtual or not; a view is none. */
int sqlite_has_table(const struct sqlite *s, const char *name);

/* For authorizers: true for what virtual tables ask about the file while a statement is prepared, which changes nothing. */
int sqlite_asks_only(int action, const char *first, const char *second);

#endif

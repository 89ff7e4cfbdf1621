/*
 * sqlite_objects: what is in the schema of an SQLite database, in memory: read once, and found by name.
 *
 * It is the table sqlite_schema (schematab.html).  To ask that one for each table is quadratic in the number of tables, and
 * PRAGMA table_list resolves every view of the file, whatever table it is asked about: views that name views twice take for
 * ever so.
 */
#ifndef SQLITE_OBJECTS_H
#define SQLITE_OBJECTS_H

#include <stddef.h>

#include "sqlite_open.h"

enum sqlite_kind {
	SQLITE_KIND_TABLE,
	SQLITE_KIND_VIEW,
	SQLITE_KIND_VIRTUAL,
	SQLITE_KIND_SHADOW, /* a table that a virtual one keeps its content in */
	SQLITE_KIND_INDEX,
	SQLITE_KIND_TRIGGER,
};

struct sqlite_object {
	enum sqlite_kind kind;
	const char *name, *table; /* the table of an index or a trigger; of others the name again */
	const char *sql;          /* NULL: nobody wrote it */
};

struct sqlite_objects {
	struct sqlite_object
	    *all; /* in order of their tables, without regard to case; tables and views before what they have */
	struct sqlite_object *tables; /* and views: copies, in order of the bytes of their names */
	size_t n, ntables;
	sqlite3_int64 version; /* of the schema */
	struct mem mem;
};

/* As the transaction at hand sees it; it lasts until the file's schema is another one, or the file is closed.  NULL and a
 * sentence where it cannot be read. */
const struct sqlite_objects *sqlite_objects(struct sqlite *s, struct fail *f);

/* A table or view, without regard to case; NULL: there is none. */
const struct sqlite_object *sqlite_objects_table(const struct sqlite_objects *o, const char *name);

/* All that there is of a table: `table` (from sqlite_objects_table()) itself, and so many behind it. */
size_t sqlite_objects_of(const struct sqlite_objects *o, const struct sqlite_object *table);

/* True for what a database keeps for itself. */
int sqlite_object_is_system(const struct sqlite_object *x);

/* "table", "view", "virtual" or "system". */
const char *sqlite_object_kind(const struct sqlite_object *x);

#endif

/*
 * sqlite_part: what the answers about the parts of tables (columns, indexes, foreign keys, all of the schema) share: what was
 * asked, how an answer of them is made table by table, and what the catalog says of a column.
 */
#ifndef SQLITE_PART_H
#define SQLITE_PART_H

#include "buf.h"
#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "rows.h"
#include "sqlite_objects.h"

enum { SQLITE_ABOUT = 8 }; /* statements that an answer may need for each table */

struct sqlite_number {
	const char *name;
	uint64_t number;
};

/* Numbers by the names of what they are of. */
struct sqlite_numbers {
	struct sqlite_number *all;
	size_t n;
};

struct sqlite_asked {
	struct sqlite *s;
	struct mem *m;
	const struct driver_request *request;
	const struct sqlite_objects *objects; /* of the database */
	int stored;                           /* the table at hand has rows of its own: it is no view, and not virtual */
	int tired;                            /* measuring has taken too long */
	int measured;                         /* together, which are then these: */
	struct sqlite_numbers bytes;
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} about[SQLITE_ABOUT];
};

/* A kind of part: a statement, whose ?1 is the name of a table, or NULL; and what makes rows of it. */
struct sqlite_part {
	const char *sql;
	int (*fill)(
	    struct rows *r, struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct fail *f); /* 0 or -1 */
};

/* A statement whose ?1 is the name of a table, before its first step.  It is prepared once an answer, and told from others by
 * the address of its text; nobody finalizes it but sqlite_about_end(). */
sqlite3_stmt *sqlite_about(struct sqlite_asked *a, const char *sql, const char *table, struct fail *f);
void sqlite_about_end(struct sqlite_asked *a);

/* What a statement says whose rows are names, each once, and numbers. */
int sqlite_numbers_read(struct sqlite_asked *a, const char *sql, struct sqlite_numbers *n, struct fail *f);

/* An integer, or NULL where there is none of that name. */
struct rows_cell sqlite_number(struct sqlite_asked *a, const struct sqlite_numbers *n, const char *name);

/* The text of a column of the current row; NULL stays it. */
struct rows_cell sqlite_text_or_null(struct mem *m, sqlite3_stmt *statement, int column);

/* Appends a name to a list (dbm-source.7, Names of tables). */
void sqlite_add_name(struct buf *list, const char *name);

/* What the catalog says of a column.  Strings are in the arena. */
struct sqlite_column {
	const char *collation; /* in capitals */
	/* By its affinity (datatype3.html, 3.1), which decides what an index on it finds: "numeric" for INTEGER, REAL and
	 * NUMERIC, "text", "blob". */
	const char *family;
};

/* -1 and a sentence where there is no such table or column. */
int sqlite_column(struct sqlite_asked *a, const char *table, const char *column, struct sqlite_column *c, struct fail *f);

/* A collation's name as it is compared: in capitals. */
const char *sqlite_collation(struct mem *m, const char *name);

/* The column that is the rowid, by its INTEGER PRIMARY KEY; *column is NULL where `table`, a stored one, has none. */
int sqlite_rowid_column(struct sqlite_asked *a, const char *table, const char **column, struct fail *f);

#endif

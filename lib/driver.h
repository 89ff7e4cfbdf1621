/*
 * driver: the contract between dbm and a kind of database.
 *
 * A driver opens a database and answers requests with record streams (rows.h).  Nothing is read before the stream's columns
 * are asked for, so that several requests may be made before the first answer is awaited.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "mem.h"
#include "rows.h"

enum driver_operation {
	/* Rows of: name, kind ("file", "table", "view"), rows_estimate, bytes, modified, format, compression; NULL for
	 * what the catalog does not know.  Opens no table. */
	DRIVER_TABLES,
	/* The rows of a table. */
	DRIVER_SCAN,
	/* One row of: records, lines, bytes, method ("exact", "at-least"), low, high. */
	DRIVER_COUNT,
};

enum driver_which { DRIVER_HEAD, DRIVER_TAIL, DRIVER_SAMPLE };

struct driver_request {
	enum driver_operation operation;
	const char *table; /* which one; NULL where the database is one table */
	/* tables */
	int all; /* hidden and system ones too */
	/* scan */
	const char *const *columns; /* names or numbers from 1; all columns where there are none */
	size_t ncolumns;
	uint64_t limit, offset;  /* rows to give, rows to pass first */
	enum driver_which which; /* the first `limit` behind the offset, the last, or any, in their order */
	size_t width;            /* bytes a cell may have; 0: all.  A cut cell says so */
	int types;               /* the columns' types are wanted */
	int csv;                 /* a row may come as a line of CSV instead of as cells (rows.h) */
	/* count */
	uint64_t at_least; /* enough to know; 0: count all */
};

struct driver_database;

struct driver {
	const char *name;
	/* The answer, in the arena; the caller closes it, and before the database. */
	struct rows *(*ask)(struct driver_database *db, struct mem *m, const struct driver_request *request);
	void (*close)(struct driver_database *db);
};

/* What a driver opens begins with this. */
struct driver_database {
	const struct driver *driver;
};

#endif

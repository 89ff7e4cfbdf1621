/*
 * sqlite_plan: what the words of SQLite's plans mean.
 *
 * They are for people, and names in them are not quoted (where.c, wherecode.c of SQLite 3.40).  What they mean is found by what
 * is known from elsewhere: the tables that are read, as the statement was prepared; the names that it gives them; the names of
 * indexes.
 */
#ifndef SQLITE_PLAN_H
#define SQLITE_PLAN_H

#include <stddef.h>

#include "fail.h"
#include "mem.h"
#include "sqlite_open.h"

/* A table of which something is read. */
struct sqlite_read {
	const char *table;
	const char *column; /* but for the rowid, NULL */
	int several;        /* and others */
};

struct sqlite_plan {
	struct sqlite *s; /* which is read */
	struct mem *m;
	/* private */
	struct sqlite_read *tables; /* with those inside of views */
	size_t ntables;
	struct sqlite_label *labels;
	size_t nlabels;
};

struct sqlite_meaning {
	const char *access, *table, *index; /* as DRIVER_EXPLAIN has them */
	int covering;                       /* -1: that is no question */
};

/* For the authorizer: a column is read, or something of a table is.  `column` is NULL or empty where none is, and "ROWID" for a
 * rowid without a name. */
void sqlite_plan_reads(struct sqlite_plan *p, const char *table, const char *column);

/* Finds the names that the statement gives tables, once it is known which it reads. */
int sqlite_plan_names(struct sqlite_plan *p, const char *sql, struct fail *f);

int sqlite_plan_step(struct sqlite_plan *p, struct sqlite_meaning *w, const char *detail, struct fail *f);

#endif

/*
 * site: a database as --plan and --apply see it: all that its catalog says at this moment, never what is kept.
 */
#ifndef SITE_H
#define SITE_H

#include "catalog.h"
#include "index_sql.h"
#include "pool.h"
#include "source.h"
#include "tool.h"

/* One a command. */
struct sites {
	struct tool_run *run;
	int sizes; /* of indexes are wanted, where the catalog has them */
	/* private */
	struct pool helpers;
	int readers; /* of standard input */
};

struct site {
	struct source source; /* with the table that the reference means, if any */
	const char *ref;      /* of the database */
	enum index_sql_dialect dialect;
	struct catalog catalog;
};

/* Opens what a reference means and asks for its facts, once for each call; what could not be had of them is said.  All in the
 * arena.  Close it before another one is opened. */
int site_open(struct sites *all, struct mem *m, const char *reference, struct site *site, struct fail *f);
void site_close(struct site *site);

/* The table that the reference meant; NULL and a sentence where there is none. */
struct catalog_table *site_table(const struct site *site, struct fail *f);

/* True where two references have the same database, as they are written. */
int site_is_same(const char *a, const char *b);

/* Ends the helpers. */
void sites_end(struct sites *all);

#endif

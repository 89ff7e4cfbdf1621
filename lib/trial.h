/*
 * trial: what a database would do with a query if it had indexes that it does not have, or if the query were another one:
 * nothing is said of either that it has not been asked.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stddef.h>

#include "catalog.h"
#include "driver.h"
#include "index_sql.h"
#include "mem.h"
#include "query.h"
#include "steps.h"

struct trial {
	struct mem *m;
	enum index_sql_dialect dialect;
	const char *sql; /* of the query */
	const struct query *query;
	const struct steps *steps; /* how it is answered now */
	int able;                  /* the database can tell: SQLite */
	/* How it would answer `sql` with what the statements make: 0, or -1 where it does not say. */
	int (*explain)(void *arg, struct mem *m, const char *sql, const char *const *with, size_t nwith, struct steps *steps);
	void *arg;
};

/* How a table would be read. */
enum trial_result {
	TRIAL_UNKNOWN,
	TRIAL_UNUSED,   /* not by the indexes */
	TRIAL_SCANNED,  /* one of them is read from one end to the other, in place of the table */
	TRIAL_SEARCHED, /* one is searched */
};

/* True where it is known that none of them is searched. */
int trial_fails(enum trial_result r);

enum { TRIAL_INDEXES = 8 }; /* at most */

/* The query, or `sql` in its place, with n indexes of `table`; `steps`, where it is not NULL, is how.  Their names are not
 * looked at. */
enum trial_result trial_with(const struct trial *t, const char *sql, const struct catalog_table *table,
    const struct driver_index *indexes, size_t n, struct steps *steps);

/* The same with one of columns or expressions, n of them. */
enum trial_result trial_keys(const struct trial *t, const char *sql, const struct catalog_table *table,
    const struct driver_key *keys, size_t n, struct steps *steps);

/* Appends such an index as a line of a want file has it. */
void trial_write(
    struct buf *b, const struct trial *t, const struct catalog_table *table, const struct driver_key *keys, size_t n);

#endif

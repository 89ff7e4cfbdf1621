/*
 * change: asks a database for one change of its indexes, and tells what becomes of it.
 *
 * What is kept of the table, and of the database as a whole, is forgotten behind it, also where it failed: some of it may have
 * been done.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include "cache.h"
#include "driver.h"
#include "site.h"
#include "tool.h"

enum change_result {
	CHANGE_CREATED,
	CHANGE_THERE, /* already */
	CHANGE_DROPPED,
	CHANGE_ABSENT, /* already */
	CHANGE_ANALYZED,
	CHANGE_SWITCHED,
	CHANGE_WOULD_CREATE, /* with --dry-run */
	CHANGE_WOULD_DROP,
	CHANGE_WOULD_ANALYZE,
	CHANGE_CONFLICT, /* the name is that of something else */
	CHANGE_REFUSED,  /* the catalog is not what the plan was made for */
	CHANGE_FAILED,
	CHANGE_RESULTS
};

extern const char *const change_results[CHANGE_RESULTS]; /* "created" … */

/* Where nothing is as it was to be. */
int change_is_bad(enum change_result r);

/* Asks for it, shows how far it is, and says who is in the way.  CHANGE_FAILED and a sentence; else what the driver says last,
 * with its detail, "" where it has none, in `f`.  `ref`: that of the table. */
enum change_result change_make(struct tool_run *run, struct cache *cache, struct mem *m, struct site *site, const char *ref,
    const struct driver_request *request, struct fail *f);

#endif

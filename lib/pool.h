/*
 * pool: the helpers of a command: one process a database, however many of its tables are asked for.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>

#include "driver.h"
#include "fail.h"
#include "watch.h"

enum { POOL_HELPERS = 8 }; /* processes at a time */

struct pool_entry;

struct pool {
	size_t most; /* processes at a time; 0: POOL_HELPERS, which is the most there can be */
	/* private */
	struct pool_entry *entries[POOL_HELPERS + 1]; /* one more may be opened: it starts when it is first asked */
	size_t n;
};

/* True where one more database may not find room. */
int pool_full(const struct pool *p);

/* True where the last database that was opened is one too many: the others are to be closed before it is asked for anything. */
int pool_over(const struct pool *p);

/* The database that the helper for `scheme` opens under `reference`, once it is asked for something; it stays the pool's.  NULL
 * where the pool is full. */
struct driver_database *pool_open(
    struct pool *p, const char *scheme, const char *reference, int serves, struct watch *w, struct fail *f);

/* Has all of them work on what they were asked. */
void pool_go(struct pool *p);

/* Closes all but the last that was opened, whose answers alone may still be open. */
void pool_close_others(struct pool *p);

/* Closes all; the pool is empty and usable again. */
void pool_close(struct pool *p);

#endif

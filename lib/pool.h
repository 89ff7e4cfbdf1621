/*
 * pool: the helpers of a command: one process a database, however many of its tables are asked for.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "watch.h"

enum { POOL_HELPERS = 8 }; /* processes at a time */

struct pool {
	struct mem mem;
	struct pool_entry {
		const char *scheme, *reference;
		struct driver_database *database;
	} entries[POOL_HELPERS];
	size_t n;
};

/* True where one more database may not find room. */
int pool_full(const struct pool *p);

/* The database that the helper for `scheme` opens under `reference`, once it is asked for something; it stays the pool's.  NULL
 * where the pool is full. */
struct driver_database *pool_open(
    struct pool *p, const char *scheme, const char *reference, int serves, struct watch *w, struct fail *f);

/* Has all of them work on what they were asked. */
void pool_go(struct pool *p);

/* Closes all; the pool is empty and usable again. */
void pool_close(struct pool *p);

#endif

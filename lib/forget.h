/*
 * forget: has kept answers of databases and tables never be found again.
 *
 * All that is kept of a database or a table is forgotten by one small write, however much that is, and so is a kind of a table;
 * the entries of a kind are removed behind it, the others are left to the collector.  What a reader who is at work stores later
 * is not found either.  By age, entries are only removed: what a reader stores later was begun before, but is newer than the
 * answer that it takes the place of.
 */
#ifndef FORGET_H
#define FORGET_H

#include <stddef.h>
#include <stdint.h>

#include "cache.h"
#include "collect.h"
#include "fail.h"

struct forget {
	/* Set by the caller. */
	struct cache *cache;
	const char *const *kinds; /* only of these, */
	size_t nkinds;            /* where there are any */
	int by_age;               /* only what was read before */
	int64_t before;           /* nanoseconds since 1970 */
	int dry;                  /* nothing is changed */
	/* Told of each entry that goes, when it has been forgotten, or NULL: then none needs to be looked at. */
	void (*gone)(void *arg, const struct collect_entry *e);
	void *arg;
};

/* Of all databases (`database` NULL), of a database (`table` NULL) or of a table.  0 also where there is nothing; -1 where it
 * could not be made sure of, or not all that goes can be told. */
int forget_run(const struct forget *o, const char *database, const char *table, struct fail *f);

/* True for an entry that the kinds and the age do not spare. */
int forget_means(const struct forget *o, const struct collect_entry *e);

#endif

/*
 * collect: goes through the cache, and keeps it small.
 *
 * The collector removes what was forgotten, temporary files over an hour old, the least recently used entries where all of them
 * together are over a limit, and folders that nothing is left in.  It is safe beside everything: an entry that is gone is a
 * miss, and where a folder goes from under who is about to store, nothing is stored.  What is used or replaced while it looks
 * at it stays.  It takes away a folder, with its generations, only where nothing was made or removed in it for an hour: it
 * could always be made anew (cache.h), but not be stored in by who began before.
 *
 * One process at a time collects: it holds the lock of v1/stores, which has a byte for each store since.  Killed, it leaves
 * nothing that the next one does not take away.
 *
 * Bytes are those of the disk (file_at.h).
 */
#ifndef COLLECT_H
#define COLLECT_H

#include <stdint.h>

#include "cache.h"
#include "fail.h"
#include "proof.h"

enum {
	COLLECT_EVERY = 64,     /* stores */
	COLLECT_PART = 32,      /* of the limit */
	COLLECT_BESIDE = 8192,  /* bytes that an entry takes of the disk beside its answer, with its folder */
	COLLECT_HEAD = 1 << 16, /* bytes of an entry that are read: where that is not all but the answer, it cannot be read */
};

/* One entry, borrowed until the next one. */
struct collect_entry {
	const char *ref; /* the reference of what it is about */
	const char *database, *table, *kind;
	uint64_t bytes;
	int64_t used, read_at; /* nanoseconds since 1970: about when it was found last; when the source was asked */
	enum proof_kind proof;
	int live;         /* it has not been forgotten */
	const char *path; /* v1/DATABASE/TABLE/SLOT */
	/* private */
	int folder;
};

/* Calls `each` for every entry of this version that can be read: of all databases (`database` NULL), of one (`table` NULL) or
 * of a table.  It goes on while `each` returns 0; returns what it returned last.  -1 and a sentence where something of the
 * cache cannot be looked at; the rest is done all the same. */
int collect_each(struct cache *c, const char *database, const char *table,
    int (*each)(void *arg, const struct collect_entry *e), void *arg, struct fail *f);

/* Removes an entry, inside `each`, unless it was used or replaced meanwhile. */
int collect_remove(const struct collect_entry *e, struct fail *f);

struct collect {
	/* Set by the caller. */
	struct cache *cache;
	uint64_t limit; /* bytes */
	int thorough;   /* what was forgotten goes also where all is within the limit: every entry is read */
	int dry;        /* nothing is removed */
	void (*gone)(void *arg, const struct collect_entry *e); /* told of each entry that can be read and goes, or NULL */
	void *arg;
	/* What was done. */
	uint64_t entries, bytes; /* that went */
	uint64_t left;           /* bytes of the entries that are left */
};

/* Collects: over the limit down to nine tenths of it.  0 also where there is no cache, or another process is at it, and nothing
 * is done.  -1 where something could not be looked at or removed; the rest is done all the same.  Event: `collect entries=N
 * bytes=N left=N`. */
int collect_run(struct collect *k, struct fail *f);

/* Says that answers have been stored in this cache; where it is time to, collects. */
void collect_stored(struct cache *c);

/* The same for who goes on storing: in vain until it is so many of its own that they may be the COLLECT_PARTth part of the
 * limit. Looking at all that is kept behind each few of ten thousand would take longer than they do. */
void collect_meanwhile(struct cache *c);

#endif

/*
 * keeping: a source is asked, and what it says is kept, unless it changed meanwhile.
 *
 * The generations (cache.h) and the proof (proof.h) are had before the source is asked; behind its answer the proof is had
 * again, and the answer is stored only where both are the same.
 *
 * Events: those of cache_store(), and `unstored kind=K why=W` with W one of partial (it failed, was not read to its end, or is
 * no whole answer), large (over KEEPING_LARGEST), stamp (the source changed meanwhile).
 */
#ifndef KEEPING_H
#define KEEPING_H

#include "cache.h"
#include "lookup.h"
#include "mem.h"
#include "question.h"
#include "record.h"
#include "rows.h"
#include "source.h"

enum { KEEPING_LARGEST = 1 << 20, KEEPING_LARGEST_MADE = 16 << 20 }; /* bytes of an answer; of one that takes more than it */

struct keeping {
	/* Set by the caller. */
	struct cache *cache;
	struct mem *m;
	struct source *source;
	const struct lookup *lookup;
	int lock;              /* of a flight (flight.h), let go as soon as the answer is kept or will not be; -1: none */
	struct keeping **held; /* the list of those with a lock */
	int stored;            /* it has been */
	const char *why;       /* it was not: as in the event, or "write"; NULL before the answer was read */
	/* private */
	struct driver_request asked;
	struct entry entry;
	struct record record;
	struct rows *recording;
	struct rows *stamps[2]; /* of a server, before and behind the answer */
	struct keeping *next;
};

/* Asks the source the question looked up: the answer, in the arena.  Where it cannot be kept it is not. */
struct rows *keeping_ask(struct keeping *k);

/* Reads the answers of all in the list on until they are kept, or will not be, so that no lock is held any more. */
void keeping_drain(struct keeping **held);

/* Asks a server for its stamp, and reads it: "" where it has none, NULL where it could not be had. */
struct rows *keeping_ask_stamp(struct source *s, struct mem *m);
const char *keeping_read_stamp(struct rows *stamp, struct mem *m);

/* Has what was found of a server proven anew, where its stamp was kept with it: where that is the same, it is fresh again and a
 * hit.  Event: hit. */
int keeping_renew(struct cache *c, struct mem *m, struct source *s, struct lookup *l);

/* The answer will not be read any further. */
void keeping_close(struct keeping *k);

#endif

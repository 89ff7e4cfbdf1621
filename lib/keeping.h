/*
 * keeping: a source is asked, and what it says is kept, unless it changed meanwhile.
 *
 * The generations (cache.h) and the proof (proof.h) are had before the source is asked; behind its answer the proof is had
 * again, and the answer is stored only where both are the same.
 *
 * Events: those of cache_store(), and `unstored kind=K why=W` with W one of partial (it failed, was not read to its end, or is
 * no whole answer), large (over KEEPING_LARGEST), stamp (the source changed meanwhile), identity (the server is
 * another one than before, identity.h, or that cannot be told).
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
	int identifies;         /* its identity was not known yet when it was asked */
	int asks_identity;      /* and is asked for with this answer */
	uint64_t flight;        /* the number of its lock */
	struct keeping *next;
};

/* Asks the source the question looked up: the answer, in the arena.  Where it cannot be kept it is not. */
struct rows *keeping_ask(struct keeping *k);

/* Reads the answers of all in the list on until they are kept, or will not be, so that no lock is held any more. */
void keeping_drain(struct keeping **held);

/* Asks a server that has not been asked on this connection for its identity: to be called behind cache_begin(), or where what
 * is kept was found, and before anything else is asked. */
void keeping_identify(struct keeping *k);

/* True where the server is the one that it was; for one whose identity was known before true too, and for what is no server. */
int keeping_is_same(struct keeping *k);

/* The answer will not be read any further. */
void keeping_close(struct keeping *k);

#endif

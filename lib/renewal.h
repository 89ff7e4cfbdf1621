/*
 * renewal: an answer of a server that has expired may still be so, and the server can tell by its stamp (driver.h).
 *
 * Where a stamp was kept with the answer it is asked for ahead, as answers are; so those of all that a command wants of a
 * server are one batch.  As soon as one of them is wanted all are read, and what does not stand any more is asked for anew,
 * again in one batch.
 *
 * Events: hit kind=K, for what stands; those of keeping.h.
 */
#ifndef RENEWAL_H
#define RENEWAL_H

#include <stdint.h>

#include "keeping.h"
#include "lookup.h"
#include "rows.h"

struct renewal {
	/* Set by the caller; they last until it is closed. */
	struct keeping *keeping; /* with the lock of the answer, which is let go where it stands */
	struct lookup *lookup;   /* what was found; a hit where it stands */
	struct renewal **all;    /* the list of those that were asked for */
	/* private */
	struct rows *stamp; /* its answer, until it is settled: then it stands, or */
	struct rows *rows;  /* the answer is asked for */
	int stands;
	int64_t asked_at;
	struct renewal *next;
};

/* Asks for the stamp: 1, and it is to be settled; 0 where none is kept. */
int renewal_ask(struct renewal *r);

/* True from renewal_ask() on. */
int renewal_is_asked(const struct renewal *r);

/* NULL where it stands; else the answer, which was asked for anew.  Settles all others of the list that the same connection was
 * asked for as well. */
struct rows *renewal_take(struct renewal *r);

/* Settles all of the list, so that none of them holds its lock for the sake of its stamp. */
void renewal_settle_all(struct renewal **all);

/* Nothing of it is wanted any more: closes an answer that was not taken.  Its keeping is closed behind. */
void renewal_close(struct renewal *r);

#endif

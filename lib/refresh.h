/*
 * refresh: answers that were given though they are old, and are to be had anew behind the command.
 *
 * One child process does all of them, once the command's output is written: nobody waits for it, and it holds nothing that a
 * pipeline could wait for.  One at a time refreshes an answer, since the lock of its flight (flight.h) is taken before the
 * child is made.  A failure is noted in the entry, and the next try waits: 1 s, 2 s, 4 s ... up to a minute.
 */
#ifndef REFRESH_H
#define REFRESH_H

#include "cache.h"
#include "keeping.h"
#include "lookup.h"
#include "mem.h"
#include "metrics.h"
#include "question.h"
#include "reader.h"
#include "renewal.h"
#include "rows.h"
#include "source.h"
#include "tool.h"

struct refresh {
	struct refresh *next;
	struct source source;
	struct question question;
	struct lookup lookup;
	int lock;
	/* In the child. */
	struct mem mem;
	struct keeping keeping;
	struct renewal renewal;
	struct rows *rows;
};

struct refreshes {
	struct mem mem;
	struct refresh *first;
};

/* The answer of a server that was found is to be had anew: 1; 0 where that is not wanted (the setting `background`), or the
 * last try failed a moment ago. */
int refresh_add(struct refreshes *all, const struct lookup *found);

/* Has all of them done, by a child of which nothing is left to do here; it counts them on its own, for the program that
 * `metrics` are of. */
void refresh_start(struct refreshes *all, struct cache *c, const struct reader_options *reader, const struct metrics *metrics);

#endif

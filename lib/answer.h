/*
 * answer: the cache in front of a source: the one way in which a command that reads asks.
 *
 * A question is looked for in the cache (lookup.h).  Where there is no hit the source is asked, by one of the processes that
 * miss it together (flight.h), and what it says is kept (keeping.h).  A server's answer that has expired but whose stamp still
 * stands is fresh again (renewal.h).
 *
 * An old answer is given only where that was asked for or there is nothing better, and always says so in a note: while it is
 * refreshed behind the command (--swr), where the source is locked or does not answer (--sie), and for --cached.  With --strict
 * it never is.
 *
 * Events: those of lookup.h, keeping.h and renewal.h; old kind=K why=W, W one of swr, sie, cached; wait kind=K; refresh kind=K.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include "cache.h"
#include "keeping.h"
#include "mem.h"
#include "metrics.h"
#include "question.h"
#include "reader.h"
#include "refresh.h"
#include "renewal.h"
#include "rows.h"
#include "source.h"
#include "tool.h"
#include "watch.h"

/* One a command. */
struct answers {
	/* private */
	const struct tool_settings *settings;
	struct reader_options reader; /* how delimited text is read */
	struct watch *watch;
	struct cache cache;
	struct metrics metrics;
	struct keeping *held;     /* in the order in which they were asked */
	struct renewal *renewals; /* the same */
	struct refreshes refreshes;
};

/* `program`: its name. */
void answers_start(struct answers *a, const char *program, const struct tool_settings *settings,
    const struct reader_options *reader, struct watch *w);

/* The answer, in the arena; the caller closes it, and before the source.  The source and what the question points to last as
 * long. */
struct rows *answer_ask(struct answers *a, struct mem *m, struct source *s, const struct question *q);

/* To be called when all output is written: refreshes what was answered with the old, in a process of its own that nobody waits
 * for, and counts the answers (metrics.h). */
void answers_end(struct answers *a);

#endif

/*
 * warmup: all that the programs ask about a reference, made sure of (warm.h).
 *
 * That is what is usual (usual.h), so that it is a hit for them: the list of the database that a reference is in or is; the
 * schema of what it refers to; and what there is about its table, or about each of its tables.
 *
 * Failures are complained about here.  What is to be come back to (warm.h) is put off until everything else is done.
 */
#ifndef WARMUP_H
#define WARMUP_H

#include "answer.h"
#include "mem.h"
#include "pool.h"
#include "reader.h"
#include "tool.h"
#include "warm.h"

/* How many answers of a reference were not kept and are now; were kept; are not worth it or cannot be; could not be had; were
 * not begun, since no time was left; are put off. */
struct warmup_tally {
	uint64_t warmed, fresh, not_kept, failed, skipped, later;
	int64_t time; /* nanoseconds that all of it took */
};

struct warmup_reference {
	/* Set by the caller. */
	const char *text;
	int raw; /* as in ref.h */
	/* Set here. */
	const char *ref; /* as it is printed */
	struct warmup_tally tally;
	struct warmup_later *later; /* private */
};

/* One a process. */
struct warmup {
	/* Set by the caller. */
	const struct tool_run *run;
	struct reader_options reader;
	unsigned kinds;   /* of answers, as usual_kinds() says */
	int64_t expiring; /* nanoseconds: what expires within is asked for now */
	int64_t until;    /* nothing is begun after that, on the monotonic clock; 0: never */
	/* private */
	struct mem mem;
	struct tool_settings settings;
	struct watch watch;
	struct answers answers;
	struct warming warming;
	struct pool helpers;
	int young;        /* something was put off because its file had just changed */
	const char *lost; /* a server that answers nothing any more */
	struct fail why, said;
	struct buf said_of;
};

/* To be called in the process that is to do it, before the rest. */
void warmup_start(struct warmup *w, const struct tool_run *run);

/* The reference as it may be printed before it has been looked up, in the arena. */
const char *warmup_shown(struct mem *m, const struct warmup_reference *r);

void warmup_do(struct warmup *w, struct warmup_reference *r);

/* Does what was put off. */
void warmup_again(struct warmup *w, struct warmup_reference *r);

void warmup_end(struct warmup *w);

#endif

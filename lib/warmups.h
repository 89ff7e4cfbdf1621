/*
 * warmups: references made sure of (warmup.h) by several processes (crew.h).
 */
#ifndef WARMUPS_H
#define WARMUPS_H

#include <stddef.h>

#include "fail.h"
#include "warmup.h"

struct warmups {
	/* Set by the caller. */
	struct tool_run *run;
	struct warmup each; /* what the caller sets of it */
	unsigned processes;
	/* Is given each reference when all of it is done, in the order in which they were added. */
	void (*done)(void *arg, const struct warmup_reference *r);
	void *arg;
	/* private */
	struct buf references; /* struct warmup_reference; in the parent those whose `ref` is set have been told of */
	size_t n, given;
};

/* Adds a reference; `raw` as in ref.h. */
void warmups_add(struct warmups *w, const char *text, int raw);

/* Does all of them; those that were not begun have skipped 1 answer, or failed in 1 where there could be no process: then -1.
 */
int warmups_run(struct warmups *w, struct fail *f);

void warmups_free(struct warmups *w);

#endif

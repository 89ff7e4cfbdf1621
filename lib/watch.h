/*
 * watch: the clock of a command: its deadline and its progress.
 *
 * One `struct watch` belongs to the command and is passed down to whatever may take long or wait for others.  NULL is a
 * watch that never ends and shows nothing.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdint.h>

#include "fail.h"

struct watch {
	int64_t timeout;                                 /* nanoseconds the command may take, 0: no limit */
	int64_t deadline;                                /* when it ends, on the monotonic clock; 0: never */
	int64_t next;                                    /* when progress is shown next; 0: nobody has looked yet */
	int behind;                                      /* others wait for what is done now: it may take half of the rest */
	int patient;                                     /* without a deadline an answer may take as long as it takes */
	void (*progress)(uint64_t done, uint64_t total); /* bytes; total 0: not known.  NULL: nobody looks */
};

/* Starts the clock.  Progress is first reported one second after the first look at it, then every fifth of one. */
void watch_start(struct watch *w, int64_t timeout, void (*progress)(uint64_t done, uint64_t total));

/* Reports progress where it is due.  -1 "timed out after …" when the deadline has passed. */
int watch_check(struct watch *w, uint64_t done, uint64_t total, struct fail *f);

/* True where the deadline has passed. */
int watch_over(const struct watch *w);

/* Waits until `fd` can be read or the deadline passes: 0 or -1.  Costs nothing without a deadline. */
int watch_readable(struct watch *w, int fd, struct fail *f);

/* Nanoseconds on the monotonic clock. */
int64_t watch_now(void);

#endif

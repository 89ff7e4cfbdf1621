/*
 * metrics: how the answers of dbm's programs came about and how long they took, counted from run to run.
 *
 *     $XDG_STATE_HOME/dbm/metrics          the log: what commands have appended (lines, see metrics_totals.h)
 *     $XDG_STATE_HOME/dbm/metrics.totals   what it came to, as such lines, behind the line `folded NAME`
 *     $XDG_STATE_HOME/dbm/metrics.a, .b    what was the log before, and may not be in the totals yet
 *
 * Without XDG_STATE_HOME, or where it is no absolute path (XDG Base Directory Specification 0.8), it is $HOME/.local/state;
 * without HOME either nothing is counted.  The folder is 0700 and the files 0600; what belongs to somebody else or may be
 * written by others is not believed (file_at.h).
 *
 * A command keeps its samples in memory and appends them at its end with one write(2), whole lines.  One that finds the log
 * over METRICS_LOG folds, if no other process is at it, which the lock of the log (flock(2)) tells:
 *
 *   1. what is left of the log before last is removed;
 *   2. the one before (.a or .b) goes into the totals, which are replaced by renaming and name it in their first line;
 *   3. it is removed;
 *   4. the log takes the other name of the two.
 *
 * So a log that the totals do not name is counted beside them, one that they name is not counted any more, and a process may be
 * killed between any two of these steps: the next one goes on.  A log is folded one turn after it was closed, so that a process
 * that opened it before and is slow to write loses nothing.  Nothing is synced to the disk: a crash of the machine may cost
 * what was counted.
 *
 * Nothing here makes a command fail or says anything; what cannot be written is not counted.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdint.h>

#include "fail.h"
#include "mem.h"
#include "metrics_totals.h"

enum {
	METRICS_LOG = 1 << 20,      /* bytes of a log that is folded */
	METRICS_LOG_MOST = 4 << 20, /* bytes of one that nothing is appended to any more: it cannot be folded */
	METRICS_COMMAND = 64 << 10, /* bytes that a command appends, about; past them all is for METRICS_OTHER */
	METRICS_PAIRS = 1000,       /* of programs and databases in the totals; further ones are for METRICS_OTHER */
};

/* How one answer came about. */
struct metrics_sample {
	const char *database; /* its reference as it is printed, without a password; borrowed */
	enum metrics_outcome outcome;
	int64_t nanoseconds; /* what it took */
	unsigned events;     /* of enum metrics_event, a bit each */
	int64_t at;          /* when it was had, by stamp_now() */
};

/* The samples of one command. */
struct metrics {
	/* private */
	const char *program;
	size_t bytes; /* that will be appended, about */
	struct mem mem;
	struct metrics_totals totals;
};

/* `program`: its name, which stays the caller's. */
void metrics_start(struct metrics *m, const char *program);
void metrics_add(struct metrics *m, const struct metrics_sample *s);

/* Appends what was added, and forgets it; nothing to do where there is none.  At the end of a process: the log stays open. */
void metrics_write(struct metrics *m);

/* All that was counted, in the order of databases and programs, in the arena.  What is damaged is left out.  -1 where files
 * that are there cannot be read, or another process folds them for more than a second. */
int metrics_read(struct mem *m, struct metrics_totals *t, struct fail *f);

/* Counts from zero.  What commands that run meanwhile append may be lost. */
int metrics_zero(struct fail *f);

#endif

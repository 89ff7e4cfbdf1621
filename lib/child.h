/*
 * child: the one place that starts other programs and processes.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stddef.h>
#include <sys/types.h>

#include "fail.h"

struct child {
	pid_t pid;
	int in;     /* its standard input, to write to; -1: it has one of its own */
	int out;    /* its standard output, to read from; both close-on-exec */
	int undoes; /* set by the caller: it may have something to undo before it ends */
};

/* Starts argv[0] (found by PATH) with `in` as its standard input, its standard output on a pipe and its standard error
 * discarded.  The caller still owns `in`. */
int child_filter(struct child *c, const char *const argv[], int in, struct fail *f);

/* Closes the pipe, which ends a filter that still writes, and waits for it.  `told` says that all of its output was read:
 * then -1 and a sentence unless it exited with 0. */
int child_end(struct child *c, const char *name, int told, struct fail *f);

/* Starts the program at `path` with both its standard input and output on pipes, whose ends here do not block.  Its standard
 * error is discarded, unless DBM_HELPER_DEBUG is set. */
int child_helper(struct child *c, const char *path, struct fail *f);

/* Closes both pipes, and waits.  A helper ends where its input ends; one that has not after 2 s, or at once if `now`, gets
 * SIGTERM and, 200 ms later (10 s if it `undoes`), SIGKILL.  Returns its status as waitpid(2) does. */
int child_stop(struct child *c, int now);

/* "NAME exited with status 1", "NAME died of signal 9": what `status` says.  Always -1. */
int child_status(struct fail *f, const char *name, int status);

/* Goes on twice: 1 in a child whose standard input and output are pipes, whose ends here are the parent's; 0 in the parent; -1.
 * In the child all other descriptors are closed but standard error and the trace's; it ends by _exit(2). */
int child_fork(struct child *c, struct fail *f);

/* Goes on twice: 1 in a child that nobody waits for, 0 here, also where there can be none.  The child is in a session of its
 * own, its standard streams are /dev/null, and all other descriptors are closed but keep[0..n) and the trace's; it ends by
 * _exit(2). */
int child_behind(const int *keep, size_t n);

/* What write(2) returns, but a reader that has gone is EPIPE and never a signal. */
ssize_t child_write(const struct child *c, const void *bytes, size_t size);

#endif

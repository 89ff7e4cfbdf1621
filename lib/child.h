/*
 * child: the one place that starts other programs.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include "fail.h"

struct child {
	pid_t pid;
	int out; /* its standard output, to read from (close-on-exec) */
};

/* Starts argv[0] (found by PATH) with `in` as its standard input, its standard output on a pipe and its standard error
 * discarded.  The caller still owns `in`. */
int child_filter(struct child *c, const char *const argv[], int in, struct fail *f);

/* Closes the pipe, which ends a filter that still writes, and waits for it.  `told` says that all of its output was read:
 * then -1 and a sentence unless it exited with 0. */
int child_end(struct child *c, const char *name, int told, struct fail *f);

#endif

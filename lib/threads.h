/*
 * threads: the same work on several processors.
 *
 * A worker takes one piece after another from a counter that all share, so that it does not matter how many there are, nor
 * which is fast.  The first worker is the caller, who alone may show progress or use the arena.
 */
#ifndef THREADS_H
#define THREADS_H

/* The processors this process may run on; at least 1. */
unsigned threads_processors(void);

/* Runs work(arg, 0), and at the same time work(arg, 1) to work(arg, n - 1), as far as the system lets it have threads; returns
 * when all have returned. */
void threads_run(unsigned n, void (*work)(void *arg, unsigned worker), void *arg);

#endif

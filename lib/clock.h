/*
 * clock: what time it is.
 *
 * The C library asks the kernel's vDSO, which is ten times faster than a system call.  But a static program has to find it
 * first, which costs as much as fifty of them, and an answer from the cache is given with two looks at the clock.  So the first
 * few are system calls.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds on that clock, modulo 2^64. */
int64_t clock_read(clockid_t which);

#endif

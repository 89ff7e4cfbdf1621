/*
 * fail: why something did not work, as one sentence without a full stop.
 *
 * A library function that can fail takes `struct fail *` as its last argument, fills it, returns -1 or NULL and prints
 * nothing.  Callers may put "while doing what" in front with fail_wrap().  Names and data inside a sentence may be
 * hostile: tool_complain() shows control characters instead of sending them.
 */
#ifndef FAIL_H
#define FAIL_H

#include <stddef.h>

struct fail {
	char text[512]; /* NUL-terminated; cut, never overrun */
};

/* Sets the sentence.  Always -1, so that `return fail_set(f, …)` reads well. */
int fail_set(struct fail *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the sentence to "format…: strerror(error)".  Always -1. */
int fail_errno(struct fail *f, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Appends a name to the list that the sentence ends in, whose `n`-th it is, from 0.  Where there is no room for the whole of it
 * the list ends in an ellipsis: 0, and nothing more may be appended; else 1. */
int fail_list(struct fail *f, size_t n, const char *name, size_t len);

/* Puts "prefix: " in front of the sentence.  Always -1. */
int fail_wrap(struct fail *f, const char *prefix);

#endif

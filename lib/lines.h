/*
 * lines: references as other programs print them, one a line.
 *
 * A line is a reference up to its first tab, or the `ref` member of a JSON object; a first line that is the header of a list is
 * passed over.  With `nul` references end with a NUL byte instead, and nothing in them means anything.
 *
 * Bytes are put in as they come, in any pieces, and references are taken out; none is longer than LINES_LONGEST.
 */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>

#include "buf.h"
#include "fail.h"

enum { LINES_LONGEST = 1 << 20 }; /* bytes */

struct lines {
	int nul;
	/* private */
	struct buf text;
	size_t taken; /* bytes of it */
	int begun;    /* a first line was taken */
	int dropping; /* the rest of a line that is too long is still to come */
	int ended;
};

/* Room for `n` bytes more, and that so many have been put there. */
char *lines_room(struct lines *l, size_t n);
void lines_put(struct lines *l, size_t n);

/* There will be no more: a last line needs no end. */
void lines_end(struct lines *l);

/* The next reference, in place of what was in `ref`: 1; 0 where there is no whole one; -1 for a line that is none, which is
 * passed over. */
int lines_next(struct lines *l, struct buf *ref, struct fail *f);

void lines_free(struct lines *l);

#endif

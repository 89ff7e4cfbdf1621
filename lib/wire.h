/*
 * wire: frames to and from a helper process, over its standard input and output.
 *
 * Nothing is ever written or read but what the pipes take or hold at that moment, so neither side can keep the other from
 * reading.  The only wait is for a frame, and it has an end.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "child.h"
#include "fail.h"
#include "frame.h"
#include "watch.h"

struct wire {
	struct child child;
	const char *name; /* of the helper, for sentences */
	struct watch *watch;
	struct buf out;      /* frames to be written: the caller appends */
	int64_t until;       /* the next frame must be here by then, on watch_now()'s clock; 0: whenever */
	const char *overdue; /* what the helper does when it is not, for the sentence */
	int gone;            /* the helper has closed its output: it sends no more */
	/* private */
	struct buf in;
	size_t sent, taken; /* bytes of `out` written, of `in` handed out */
	uint64_t received;  /* bytes */
	uint64_t late;      /* of them when the time was over */
};

/* Starts the helper at `path`. */
int wire_start(struct wire *w, const char *path, struct fail *f);

/* Writes what the pipe takes now. */
int wire_send(struct wire *w, struct fail *f);

/* The next frame; its body is borrowed until the next call.  -1 and a sentence where none comes in time, where it is too long,
 * or where none will come (`gone`). */
int wire_next(struct wire *w, struct frame *frame, struct fail *f);

/* Ends the helper, at once if `now` (child.h), and frees; returns its status. */
int wire_stop(struct wire *w, int now);

#endif

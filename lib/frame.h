/*
 * frame: the bytes that record streams (rows.h) and helpers (dbm-source.7) are made of.
 *
 * A frame is u32 length of the body, u8 kind, body.  In a body, integers are u8 or u32 and a text is u32 length, bytes.  All
 * integers are unsigned and little-endian.  u64 is for what the cache keeps (cache.h), which is made of the same pieces.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum {
	FRAME_HEAD = 5,
	FRAME_LONGEST = 1 << 30, /* bytes of a body */
};

/* Writing.  frame_open() begins a frame whose length frame_close(), given what it returned, fills in. */
size_t frame_open(struct buf *b, char kind);
void frame_close(struct buf *b, size_t body);
void frame_put_u32(struct buf *b, size_t value);
void frame_put_u64(struct buf *b, uint64_t value);
void frame_put_text(struct buf *b, const char *bytes, size_t len);

/* Reading: a body, of which the front is taken off.  Past its end everything is 0 or empty and `bad` is set, once for all. */
struct frame {
	unsigned kind;
	const unsigned char *p, *end;
	int bad;
};

/* The first frame of bytes[0..len): the bytes it takes, 0 where it is not whole, -1 where its body is over FRAME_LONGEST. */
long frame_first(struct frame *frame, const char *bytes, size_t len);

unsigned frame_u8(struct frame *frame);
uint32_t frame_u32(struct frame *frame);
uint64_t frame_u64(struct frame *frame);
size_t frame_bytes(struct frame *frame, size_t len, const char **bytes); /* borrowed */
size_t frame_text(struct frame *frame, const char **bytes);

static inline size_t
frame_left(const struct frame *frame)
{
	return (size_t)(frame->end - frame->p);
}

/* True where all of the body was read, and no more. */
static inline int
frame_done(const struct frame *frame)
{
	return !frame->bad && frame->p == frame->end;
}

#endif

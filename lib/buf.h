/*
 * buf: bytes that grow.
 *
 * `struct buf b = {0}` is an empty buffer.  `bytes` may move with every addition, so keep offsets, not pointers.  The
 * buffer is not NUL-terminated unless buf_string() asks for it.  Out of memory ends the process (mem.h).
 */
#ifndef BUF_H
#define BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "mem.h"

struct buf {
	char *bytes;
	size_t len, size; /* bytes in use, bytes allocated */
};

/* Makes the buffer larger, to hold `more` bytes behind the end: buf_room()'s slow half. */
void buf_grow(struct buf *b, size_t more);

/* Room for `more` bytes behind the end; returns where they start.  The caller adds what it used to `len`. */
inline char *
buf_room(struct buf *b, size_t more)
{
	if (more > b->size - b->len)
		buf_grow(b, more);
	return b->bytes + b->len;
}

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_puts(struct buf *b, const char *string);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Decimal digits, at least `least` of them; a tenth of what printf(3) takes. */
void buf_number(struct buf *b, uint64_t value, int least);

inline void
buf_byte(struct buf *b, char byte)
{
	if (b->len == b->size)
		buf_room(b, 1);
	b->bytes[b->len++] = byte;
}

/* The content with a NUL behind it; borrowed until the next call on `b`. */
const char *buf_string(struct buf *b);

/* The content as a string in the arena; nothing is left of the buffer. */
char *buf_kept(struct mem *m, struct buf *b);

void buf_free(struct buf *b);

#endif

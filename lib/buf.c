#include "buf.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With the sanitizers none, so that they see where each buffer ends. */
#ifndef BUF_SLOTS
#define BUF_SLOTS 24
#endif

extern inline char *buf_room(struct buf *b, size_t more);
extern inline void buf_byte(struct buf *b, char byte);

enum { FIRST = 1024 }; /* bytes of a small buffer */

/* Small buffers are the program's own as long as there are any: a program that reads little makes no system call for memory.
 * The last is had first, for it lies beside the arenas (mem.c); a bit of `taken` is one that is in use. */
static char own[BUF_SLOTS + 1][FIRST];
static atomic_uint taken;

static int
is_slot(const char *bytes)
{
	return bytes >= own[0] + FIRST && bytes < own[0] + sizeof own;
}

static char *
take_slot(void)
{
	unsigned before = atomic_load(&taken);

	for (int i = BUF_SLOTS; i > 0; i--) {
		unsigned bit = 1u << i;

		if ((before & bit) == 0 && (atomic_fetch_or(&taken, bit) & bit) == 0)
			return own[i];
	}
	return NULL;
}

static void
give_back(const char *bytes)
{
	atomic_fetch_and(&taken, ~(1u << ((size_t)(bytes - own[0]) / FIRST)));
}

/* From a slot to memory of its own. */
static char *
move_out(char *bytes, size_t len, size_t size)
{
	char *p = mem_resize(NULL, size);

	memcpy(p, bytes, len);
	give_back(bytes);
	return p;
}

void
buf_grow(struct buf *b, size_t more)
{
	size_t size = b->size ? b->size : FIRST;

	if (more > SIZE_MAX / 2 - b->len)
		mem_exhausted();
	while (size < b->len + more)
		size *= 2;
	if (b->bytes == NULL && size == FIRST)
		b->bytes = take_slot();
	else if (b->bytes != NULL && is_slot(b->bytes))
		b->bytes = move_out(b->bytes, b->len, size);
	else
		b->bytes = mem_resize(b->bytes, size);
	if (b->bytes == NULL)
		b->bytes = mem_resize(NULL, size);
	b->size = size;
}

void
buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (len > 0) {
		memcpy(buf_room(b, len), bytes, len);
		b->len += len;
	}
}

void
buf_puts(struct buf *b, const char *string)
{
	buf_add(b, string, strlen(string));
}

void
buf_number(struct buf *b, uint64_t value, int least)
{
	char digits[24];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + value % 10);
	while ((value /= 10) > 0 || (int)(sizeof digits - at) < least);
	buf_add(b, digits + at, sizeof digits - at);
}

void
buf_vprintf(struct buf *b, const char *format, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n > 0) {
		vsnprintf(buf_room(b, (size_t)n + 1), (size_t)n + 1, format, args);
		b->len += (size_t)n;
	}
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

const char *
buf_string(struct buf *b)
{
	*buf_room(b, 1) = '\0';
	return b->bytes;
}

char *
buf_kept(struct mem *m, struct buf *b)
{
	char *string = mem_copy(m, b->bytes, b->len);

	buf_free(b);
	return string;
}

void
buf_free(struct buf *b)
{
	if (b->bytes != NULL && is_slot(b->bytes))
		give_back(b->bytes);
	else
		free(b->bytes);
	*b = (struct buf){0};
}

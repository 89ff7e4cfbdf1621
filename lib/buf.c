#include "buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

void
buf_grow(struct buf *b, size_t more)
{
	size_t size = b->size ? b->size : 1024;

	if (more > SIZE_MAX / 2 - b->len)
		mem_exhausted();
	while (size < b->len + more)
		size *= 2;
	b->bytes = mem_resize(b->bytes, size);
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

void
buf_free(struct buf *b)
{
	free(b->bytes);
	*b = (struct buf){0};
}

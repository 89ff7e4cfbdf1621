#include "frame.h"

void
frame_put_u32(struct buf *b, size_t value)
{
	for (int i = 0; i < 4; i++)
		buf_byte(b, (char)(value >> (8 * i)));
}

void
frame_put_u64(struct buf *b, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		buf_byte(b, (char)(value >> (8 * i)));
}

void
frame_put_text(struct buf *b, const char *bytes, size_t len)
{
	frame_put_u32(b, len);
	buf_add(b, bytes, len);
}

size_t
frame_open(struct buf *b, char kind)
{
	frame_put_u32(b, 0);
	buf_byte(b, kind);
	return b->len;
}

void
frame_close(struct buf *b, size_t body)
{
	size_t len = b->len - body;

	for (size_t i = 0; i < 4; i++)
		b->bytes[body - FRAME_HEAD + i] = (char)(len >> (8 * i));
}

size_t
frame_bytes(struct frame *frame, size_t len, const char **bytes)
{
	if (frame->bad || frame_left(frame) < len) {
		frame->bad = 1;
		*bytes = "";
		return 0;
	}
	*bytes = (const char *)frame->p;
	frame->p += len;
	return len;
}

unsigned
frame_u8(struct frame *frame)
{
	const char *byte;

	return frame_bytes(frame, 1, &byte) == 1 ? (unsigned char)*byte : 0;
}

uint32_t
frame_u32(struct frame *frame)
{
	const char *bytes;
	uint32_t v = 0;

	if (frame_bytes(frame, 4, &bytes) == 4) {
		for (int i = 3; i >= 0; i--)
			v = v << 8 | (unsigned char)bytes[i];
	}
	return v;
}

uint64_t
frame_u64(struct frame *frame)
{
	const char *bytes;
	uint64_t v = 0;

	if (frame_bytes(frame, 8, &bytes) == 8) {
		for (int i = 7; i >= 0; i--)
			v = v << 8 | (unsigned char)bytes[i];
	}
	return v;
}

size_t
frame_text(struct frame *frame, const char **bytes)
{
	size_t len = frame_u32(frame);

	return frame_bytes(frame, len, bytes);
}

long
frame_first(struct frame *frame, const char *bytes, size_t len)
{
	struct frame head = {.p = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};
	size_t body = frame_u32(&head);
	unsigned kind = frame_u8(&head);

	if (head.bad)
		return 0;
	if (body > FRAME_LONGEST)
		return -1;
	if (frame_left(&head) < body)
		return 0;
	*frame = (struct frame){.kind = kind, .p = head.p, .end = head.p + body};
	return (long)(FRAME_HEAD + body);
}

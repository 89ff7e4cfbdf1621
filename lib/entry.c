#include "entry.h"

#include <string.h>

#include "frame.h"
#include "hash.h"

enum {
	MAGIC = 8,               /* bytes of it */
	CHECKED = MAGIC + 4 + 8, /* where that begins which the checksum is of */
};

static const char magic[] = "dbm slot";

/* Of the head from CHECKED on, then of the answer behind it. */
static uint64_t
checksum(const char *head, size_t len, const char *answer, size_t answer_len)
{
	return hash_more(hash_bytes(head + CHECKED, len - CHECKED), answer, answer_len);
}

void
entry_encode(struct buf *b, const struct entry *e)
{
	size_t from = b->len;
	uint64_t sum;

	buf_add(b, magic, MAGIC);
	frame_put_u32(b, ENTRY_VERSION);
	frame_put_u64(b, 0);
	frame_put_u64(b, e->len);
	buf_add(b, e->generations, ENTRY_GENERATIONS);
	frame_put_u64(b, (uint64_t)e->read_at);
	proof_encode(b, &e->proof);
	frame_put_u64(b, e->rows);
	frame_put_u64(b, e->width);
	buf_byte(b, (char)e->whole);
	frame_put_u32(b, e->failures);
	frame_put_u64(b, (uint64_t)e->failed_at);
	frame_put_text(b, e->ref, strlen(e->ref) + 1);
	frame_put_text(b, e->key, e->key_len);
	sum = checksum(b->bytes + from, b->len - from, e->bytes, e->len);
	for (size_t i = 0; i < sizeof sum; i++)
		b->bytes[from + CHECKED - sizeof sum + i] = (char)(sum >> (8 * i));
}

/* All but the answer, which is what is left of the frame. */
static const char *
decode_head(struct entry *e, struct frame *frame, uint64_t *sum)
{
	const char *text;
	size_t n;

	if (frame_bytes(frame, MAGIC, &text) != MAGIC || memcmp(text, magic, MAGIC) != 0)
		return "damaged";
	if (frame_u32(frame) != ENTRY_VERSION)
		return frame->bad ? "damaged" : "version";
	*sum = frame_u64(frame);
	e->len = (size_t)frame_u64(frame);
	if (frame_bytes(frame, ENTRY_GENERATIONS, &text) == ENTRY_GENERATIONS)
		memcpy(e->generations, text, ENTRY_GENERATIONS);
	e->read_at = (int64_t)frame_u64(frame);
	e->proof = proof_decode(frame);
	e->rows = frame_u64(frame);
	e->width = frame_u64(frame);
	e->whole = (unsigned char)frame_u8(frame);
	e->failures = frame_u32(frame);
	e->failed_at = (int64_t)frame_u64(frame);
	n = frame_text(frame, &e->ref);
	if (frame->bad || n == 0 || e->ref[n - 1] != '\0')
		return "damaged";
	e->key_len = frame_text(frame, &e->key);
	return frame->bad ? "damaged" : NULL;
}

static struct frame
frame_of(const char *bytes, size_t len)
{
	return (struct frame){.p = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};
}

const char *
entry_decode(struct entry *e, const char *bytes, size_t len)
{
	struct frame frame = frame_of(bytes, len);
	uint64_t sum;
	const char *why = decode_head(e, &frame, &sum);

	if (why != NULL)
		return why;
	e->bytes = (const char *)frame.p;
	if (frame_left(&frame) != e->len)
		return "damaged";
	return checksum(bytes, (size_t)(e->bytes - bytes), e->bytes, e->len) == sum ? NULL : "damaged";
}

const char *
entry_decode_head(struct entry *e, const char *bytes, size_t len, uint64_t size)
{
	struct frame frame = frame_of(bytes, len);
	uint64_t sum;
	const char *why = decode_head(e, &frame, &sum);

	e->bytes = NULL;
	return why == NULL && size - (len - frame_left(&frame)) != e->len ? "damaged" : why;
}

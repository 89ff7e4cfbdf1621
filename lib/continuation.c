#include "continuation.h"

#include <errno.h>
#include <stdlib.h>

#include "file.h"
#include "frame.h"
#include "hash.h"
#include "mem.h"

enum { VERSION = 1, BLOCK = CONTINUATION_BLOCK, BLOCKS = CONTINUATION_BLOCKS };

/* The blocks touch each other up to BLOCKS * BLOCK bytes; beyond, their beginnings divide what all but the last may begin in
 * evenly.  Dividing first keeps the products small. */
static uint64_t
block_start(uint64_t offset, unsigned i)
{
	const uint64_t gaps = BLOCKS - 1;

	if (offset <= (uint64_t)BLOCKS * BLOCK)
		return offset * i / BLOCKS;
	offset -= BLOCK;
	return offset / gaps * i + offset % gaps * i / gaps;
}

static size_t
block_size(uint64_t offset, unsigned i)
{
	if (offset > (uint64_t)BLOCKS * BLOCK)
		return BLOCK;
	return (size_t)(block_start(offset, i + 1) - block_start(offset, i));
}

/* 1 and the hash of the block; 0 where the file ends before it does. */
static int
hash_block(const struct continuation *c, unsigned i, int fd, char *bytes, uint64_t *hash, struct watch *w, struct fail *f)
{
	size_t size = block_size(c->offset, i);
	ssize_t n = 0;

	if (size > 0)
		n = file_read_at(fd, bytes, size, block_start(c->offset, i), w, c->size, f);
	if (n < 0)
		return -1;
	*hash = hash_bytes(bytes, (size_t)n);
	return (size_t)n == size;
}

int
continuation_take(struct continuation *c, int fd, struct watch *w, struct fail *f)
{
	char *bytes = mem_resize(NULL, BLOCK);
	struct stat st;
	int whole = 1;

	if (fstat(fd, &st) < 0) {
		free(bytes);
		return fail_errno(f, errno, "cannot look at");
	}
	c->size = (uint64_t)st.st_size;
	c->device = (uint64_t)st.st_dev;
	c->inode = (uint64_t)st.st_ino;
	for (unsigned i = 0; i < BLOCKS && whole == 1; i++)
		whole = hash_block(c, i, fd, bytes, &c->hashes[i], w, f);
	free(bytes);
	if (whole == 0 || (whole == 1 && c->size < c->offset))
		return fail_set(f, "became shorter while it was read");
	return whole < 0 ? -1 : 0;
}

int
continuation_holds(const struct continuation *c, int fd, const struct stat *st, struct watch *w, struct fail *f)
{
	uint64_t hash;
	char *bytes;
	int same = 1;

	if ((uint64_t)st->st_dev != c->device || (uint64_t)st->st_ino != c->inode || (uint64_t)st->st_size <= c->size)
		return 0;
	bytes = mem_resize(NULL, BLOCK);
	/* The last block first: it is the one that most changes move. */
	for (unsigned i = BLOCKS; i-- > 0 && same == 1;) {
		same = hash_block(c, i, fd, bytes, &hash, w, f);
		if (same == 1)
			same = hash == c->hashes[i];
	}
	free(bytes);
	return same;
}

void
continuation_encode(struct buf *b, const struct continuation *c)
{
	const uint64_t numbers[] = {c->offset, c->records, c->lines, c->size, c->device, c->inode};

	buf_byte(b, VERSION);
	buf_byte(b, (char)c->delimiter);
	buf_byte(b, (char)c->after_cr);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		frame_put_u64(b, numbers[i]);
	for (size_t i = 0; i < BLOCKS; i++)
		frame_put_u64(b, c->hashes[i]);
}

/* What a count can have found: no more bytes than a file has, and one at least for each record and each line. */
static int
possible(const struct continuation *c)
{
	return c->size <= INT64_MAX && c->offset <= c->size && c->records <= c->offset && c->lines <= c->offset &&
	       c->after_cr <= 1 && c->after_cr <= c->offset;
}

int
continuation_decode(struct continuation *c, const char *bytes, size_t len)
{
	struct frame frame = {.p = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};
	uint64_t *const numbers[] = {&c->offset, &c->records, &c->lines, &c->size, &c->device, &c->inode};

	*c = (struct continuation){0};
	if (len != CONTINUATION_BYTES || frame_u8(&frame) != VERSION)
		return -1;
	c->delimiter = (unsigned char)frame_u8(&frame);
	c->after_cr = (unsigned char)frame_u8(&frame);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		*numbers[i] = frame_u64(&frame);
	for (size_t i = 0; i < BLOCKS; i++)
		c->hashes[i] = frame_u64(&frame);
	return frame_done(&frame) && possible(c) ? 0 : -1;
}

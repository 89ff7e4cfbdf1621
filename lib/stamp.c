#include "stamp.h"

#include <time.h>

static const uint64_t SECOND = 1000000000, YOUNG = 2 * SECOND;

/* Unsigned, so that a time in a far century wraps instead of being undefined. */
static uint64_t
nanoseconds(struct timespec t)
{
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

int64_t
stamp_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)nanoseconds(t);
}

int
stamp_young(const struct stat *st, int64_t now)
{
	uint64_t age = (uint64_t)now - nanoseconds(st->st_ctim);

	return age < YOUNG || -age < YOUNG;
}

struct stamp
stamp_of(const struct stat *st, int64_t now)
{
	return (struct stamp){
	    .device = (uint64_t)st->st_dev,
	    .inode = (uint64_t)st->st_ino,
	    .size = (uint64_t)st->st_size,
	    .mtime = nanoseconds(st->st_mtim),
	    .ctime = nanoseconds(st->st_ctim),
	    .young = (unsigned char)stamp_young(st, now),
	};
}

int
stamp_same(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size && a->mtime == b->mtime &&
	       a->ctime == b->ctime;
}

void
stamp_encode(struct buf *b, const struct stamp *s)
{
	frame_put_u64(b, s->device);
	frame_put_u64(b, s->inode);
	frame_put_u64(b, s->size);
	frame_put_u64(b, s->mtime);
	frame_put_u64(b, s->ctime);
	buf_byte(b, (char)s->young);
}

struct stamp
stamp_decode(struct frame *frame)
{
	struct stamp s;

	s.device = frame_u64(frame);
	s.inode = frame_u64(frame);
	s.size = frame_u64(frame);
	s.mtime = frame_u64(frame);
	s.ctime = frame_u64(frame);
	s.young = (unsigned char)frame_u8(frame);
	if (s.young > 1)
		frame->bad = 1;
	return s;
}

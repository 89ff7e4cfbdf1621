#include "stamp.h"

#include "clock.h"
#include "frame.h"

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
	return clock_read(CLOCK_REALTIME);
}

int
stamp_young(const struct stat *st, int64_t now)
{
	uint64_t age = (uint64_t)now - nanoseconds(st->st_ctim);

	return age < YOUNG || -age < YOUNG;
}

void
stamp_put(struct buf *b, const struct stat *st)
{
	frame_put_u64(b, (uint64_t)st->st_dev);
	frame_put_u64(b, (uint64_t)st->st_ino);
	frame_put_u64(b, (uint64_t)st->st_size);
	frame_put_u64(b, nanoseconds(st->st_mtim));
	frame_put_u64(b, nanoseconds(st->st_ctim));
}

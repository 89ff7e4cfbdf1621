/* Stamps: each field counts, young is a distance in time, and what is encoded comes back. */

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "stamp.h"
#include "tap.h"

static const int64_t SECOND = 1000000000, NOW = INT64_C(1700000000000000000);

static struct stat
made(void)
{
	struct stat st = {.st_dev = 7, .st_ino = 8, .st_size = 9};

	st.st_mtim = (struct timespec){.tv_sec = 1600000000, .tv_nsec = 1};
	st.st_ctim = (struct timespec){.tv_sec = 1600000000, .tv_nsec = 2};
	return st;
}

static int
same_as(const struct stat *st)
{
	const struct stat usual = made();
	struct stamp a = stamp_of(&usual, NOW), b = stamp_of(st, NOW);

	return stamp_same(&a, &b);
}

static void
test_same(void)
{
	struct stat st = made();

	CHECK(same_as(&st), "the same");
	st.st_mode = S_IFREG, st.st_nlink = 5, st.st_atim.tv_sec = 3;
	CHECK(same_as(&st), "mode, links and the time of reading do not count");
	st = made(), st.st_dev++;
	CHECK(!same_as(&st), "another device");
	st = made(), st.st_ino++;
	CHECK(!same_as(&st), "another inode");
	st = made(), st.st_size++;
	CHECK(!same_as(&st), "another size");
	st = made(), st.st_mtim.tv_nsec++;
	CHECK(!same_as(&st), "changed a nanosecond later");
	st = made(), st.st_ctim.tv_nsec--;
	CHECK(!same_as(&st), "only ctime, a nanosecond earlier");
	st = made(), st.st_ctim.tv_sec++;
	CHECK(!same_as(&st), "only ctime, a second later");
}

/* Of a file that changed `age` nanoseconds ago. */
static int
young(int64_t age)
{
	struct stat st = made();

	st.st_ctim = (struct timespec){.tv_sec = (NOW - age) / SECOND, .tv_nsec = (NOW - age) % SECOND};
	return stamp_young(&st, NOW) && stamp_of(&st, NOW).young;
}

static void
test_young(void)
{
	struct stat st = made();
	struct stamp a, b;

	CHECK(young(0) && young(1) && young(2 * SECOND - 1), "changed less than two seconds ago");
	CHECK(!young(2 * SECOND) && !young(3600 * SECOND), "two seconds and more");
	CHECK(young(-1) && young(1 - 2 * SECOND), "changed in the future, by a clock that jumped");
	CHECK(!young(-2 * SECOND) && !young(-3600 * SECOND), "far in the future");
	st.st_ctim.tv_sec = INT64_MAX;
	CHECK(!stamp_young(&st, NOW) && !same_as(&st), "the last second of all");
	st.st_ctim.tv_sec = INT64_MIN;
	CHECK(!stamp_young(&st, NOW) && !same_as(&st), "the first second of all");
	st = made();
	a = stamp_of(&st, NOW);
	b = stamp_of(&st, INT64_C(1600000000) * SECOND);
	CHECK(!a.young && b.young && stamp_same(&a, &b), "young is no part of being the same");
}

static void
test_encoded(void)
{
	struct stat st = made();
	struct stamp a = stamp_of(&st, NOW), back;
	struct buf b = {0};
	struct frame frame;

	a.young = 1;
	stamp_encode(&b, &a);
	CHECK(b.len == STAMP_BYTES, "its bytes");
	frame = (struct frame){.p = (unsigned char *)b.bytes, .end = (unsigned char *)b.bytes + b.len};
	back = stamp_decode(&frame);
	CHECK(frame_done(&frame) && stamp_same(&a, &back) && back.young == 1, "encoded and decoded");
	b.bytes[b.len - 1] = 2;
	frame = (struct frame){.p = (unsigned char *)b.bytes, .end = (unsigned char *)b.bytes + b.len};
	stamp_decode(&frame);
	CHECK(frame.bad, "neither young nor not");
	frame = (struct frame){.p = (unsigned char *)b.bytes, .end = (unsigned char *)b.bytes + b.len - 1};
	stamp_decode(&frame);
	CHECK(frame.bad, "cut short");
	buf_free(&b);
}

static struct stamp
stamp_at(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? stamp_of(&st, stamp_now()) : (struct stamp){0};
}

/* A file that is written over with as many bytes, and its times put back. */
static void
test_file(void)
{
	char path[] = "/tmp/dbm-stamp.XXXXXX";
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}}, tick = {.tv_nsec = 50000000};
	int fd = mkstemp(path);
	struct stamp a, b;

	CHECK(fd >= 0 && write(fd, "abc", 3) == 3 && futimens(fd, times) == 0, "a file");
	a = stamp_at(path);
	b = stamp_at(path);
	CHECK(stamp_same(&a, &b) && a.size == 3 && a.mtime == UINT64_C(1000000000000), "nothing happened");
	CHECK(a.young, "a new file is young");
	/* The clock of the file system ticks some hundred times a second. */
	nanosleep(&tick, NULL);
	CHECK(pwrite(fd, "xyz", 3, 0) == 3 && futimens(fd, times) == 0, "written over");
	b = stamp_at(path);
	CHECK(a.size == b.size && a.mtime == b.mtime && !stamp_same(&a, &b), "ctime tells");
	close(fd);
	unlink(path);
}

int
main(void)
{
	test_same();
	test_young();
	test_encoded();
	test_file();
	return tap_end();
}

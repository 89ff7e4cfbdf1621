/* Stamps: each field counts, and young is a distance in time. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "made_stat.h"
#include "stamp.h"
#include "tap.h"

static int
same(const struct stat *a, const struct stat *b)
{
	struct buf x = {0}, y = {0};
	int equal;

	stamp_put(&x, a);
	stamp_put(&y, b);
	equal = x.len == STAMP_BYTES && y.len == STAMP_BYTES && memcmp(x.bytes, y.bytes, STAMP_BYTES) == 0;
	buf_free(&x);
	buf_free(&y);
	return equal;
}

static int
same_as(const struct stat *st)
{
	const struct stat usual = made();

	return same(&usual, st);
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
	return stamp_young(&st, NOW);
}

static void
test_young(void)
{
	struct stat st = made();

	CHECK(young(0) && young(1) && young(2 * SECOND - 1), "changed less than two seconds ago");
	CHECK(!young(2 * SECOND) && !young(3600 * SECOND), "two seconds and more");
	CHECK(young(-1) && young(1 - 2 * SECOND), "changed in the future, by a clock that jumped");
	CHECK(!young(-2 * SECOND) && !young(-3600 * SECOND), "far in the future");
	st.st_ctim.tv_sec = INT64_MAX;
	CHECK(!stamp_young(&st, NOW) && !same_as(&st), "the last second of all");
	st.st_ctim.tv_sec = INT64_MIN;
	CHECK(!stamp_young(&st, NOW) && !same_as(&st), "the first second of all");
}

static struct stat
look(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		exit(1);
	return st;
}

/* A file that is written over with as many bytes, and its times put back. */
static void
test_file(void)
{
	char path[] = "/tmp/dbm-stamp.XXXXXX";
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}}, tick = {.tv_nsec = 50000000};
	int fd = mkstemp(path);
	struct stat a, b;

	CHECK(fd >= 0 && write(fd, "abc", 3) == 3 && futimens(fd, times) == 0, "a file");
	a = look(path);
	b = look(path);
	CHECK(same(&a, &b), "nothing happened");
	CHECK(stamp_young(&a, stamp_now()), "a new file is young");
	/* The clock of the file system ticks some hundred times a second. */
	nanosleep(&tick, NULL);
	CHECK(pwrite(fd, "xyz", 3, 0) == 3 && futimens(fd, times) == 0, "written over");
	b = look(path);
	CHECK(a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && !same(&a, &b), "ctime tells");
	close(fd);
	unlink(path);
}

int
main(void)
{
	test_same();
	test_young();
	test_file();
	return tap_end();
}

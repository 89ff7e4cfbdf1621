/* Absolute paths, as text, links, and descriptors that are left. */

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "tap.h"

static void
check(struct mem *m, const char *path, const char *want)
{
	const char *got = file_absolute(m, path);

	CHECK_TEXT(got != NULL ? got : "none", want, path);
}

static void
check_follow(const char *path, const char *want)
{
	struct buf b = {0};

	file_follow(&b, path);
	CHECK_TEXT(buf_string(&b), want, path);
	buf_free(&b);
}

/* In an empty folder. */
static void
test_follow(const char *folder)
{
	char want[100];

	CHECK(symlink(".", "here") == 0 && symlink("here", "again") == 0 && symlink("gone", "nowhere") == 0, "links");
	check_follow("again", folder);
	snprintf(want, sizeof want, "%s/nowhere", folder);
	check_follow(want, want);
	check_follow("here/../gone", "here/../gone");
	check_follow("", "");
	unlink("here");
	unlink("again");
	unlink("nowhere");
}

/* As many as are left are open, and few. */
static void
test_leave(void)
{
	int first = open("/dev/null", O_RDONLY | O_CLOEXEC), most = first;

	file_leave(first);
	for (int i = 0; i < 100; i++) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		most = fd > most ? fd : most;
		file_leave(fd);
	}
	CHECK(most < first + 8, "few are left open");
	file_leave(-1);
	CHECK(fcntl(first, F_GETFD) < 0 && fcntl(most, F_GETFD) < 0, "and then none");
}

int
main(void)
{
	char folder[] = "/tmp/dbm-file.XXXXXX", want[100];
	struct mem m = {0};

	check(&m, "/", "/");
	check(&m, "/a", "/a");
	check(&m, "//a///b/", "/a/b");
	check(&m, "/./a/./b/.", "/a/b");
	check(&m, "/a/../b", "/b");
	check(&m, "/a/b/../../../../c", "/c");
	check(&m, "/..", "/");
	check(&m, "/.../..a/a../.a", "/.../..a/a../.a");
	if (mkdtemp(folder) == NULL || chdir(folder) < 0)
		return 1;
	check(&m, "", folder);
	check(&m, ".", folder);
	check(&m, "..", "/tmp");
	check(&m, "../../../..", "/");
	snprintf(want, sizeof want, "%s/a/c", folder);
	check(&m, "a/b/../c", want);
	check(&m, "./a//c", want);
	test_follow(folder);
	if (chdir("/") < 0)
		return 1;
	check(&m, "a", "/a");
	if (chdir(folder) < 0 || rmdir(folder) < 0)
		return 1;
	CHECK(file_absolute(&m, "a") == NULL, "where the current folder is gone");
	check(&m, "/a", "/a");
	mem_free(&m);
	test_leave();
	return tap_end();
}

/* Absolute paths, as text. */

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
	if (chdir("/") < 0)
		return 1;
	check(&m, "a", "/a");
	if (chdir(folder) < 0 || rmdir(folder) < 0)
		return 1;
	CHECK(file_absolute(&m, "a") == NULL, "where the current folder is gone");
	check(&m, "/a", "/a");
	mem_free(&m);
	return tap_end();
}

/* cache_folder: what the tests of the cache share: a folder for it, one answer to keep there, and the second run as a user who
 * is not root. */
#ifndef CACHE_FOLDER_H
#define CACHE_FOLDER_H

#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache.h"
#include "remove_all.h"
#include "tap.h"
#include "trace.h"

enum { NOBODY = 65534 };

static char folder[64], home[80], base[80], traced[80];

static const struct cache_name usual = {"rowindex", "/data", "/data/a.csv", "delimiter=;", 11, "/data/a.csv"};
static const struct proof proof = {.kind = PROOF_FILE, .len = 5, .bytes = "proof"};

/* An empty folder for caches, of this user, in the environment. */
static inline void
fresh(void)
{
	remove_all(base);
	if (mkdir(base, 0700) < 0)
		abort();
	setenv("XDG_CACHE_HOME", base, 1);
}

/* The last event since the last call; "" where there is none. */
static inline const char *
event(void)
{
	static char line[200];
	static long before;
	FILE *trace = fopen(traced, "r");

	*line = '\0';
	if (trace == NULL || fseek(trace, before, SEEK_SET) != 0)
		abort();
	while (fgets(line, sizeof line, trace) != NULL)
		line[strcspn(line, "\n")] = '\0';
	before = ftell(trace);
	fclose(trace);
	return line;
}

/* Reads the generations as one command does: 0 or -1. */
static inline int
begin(const struct cache_name *name, char generations[ENTRY_GENERATIONS])
{
	struct cache c = {0};
	int done = cache_begin(&c, name, generations);

	cache_close(&c);
	return done;
}

/* Stores with these generations as another command does. */
static inline int
store(const struct cache_name *name, const char generations[ENTRY_GENERATIONS], const char *bytes, size_t len)
{
	struct cache c = {0};
	struct entry e = {.proof = proof, .bytes = bytes, .len = len};
	int done;

	memcpy(e.generations, generations, sizeof e.generations);
	done = cache_store(&c, name, &e);
	cache_close(&c);
	return done;
}

static inline int
put_bytes(const struct cache_name *name, const char *bytes, size_t len)
{
	char generations[ENTRY_GENERATIONS];

	return begin(name, generations) == 0 ? store(name, generations, bytes, len) : -1;
}

static inline int
put(const char *text)
{
	return put_bytes(&usual, text, strlen(text));
}

/* "hit", or why there is none. */
static inline const char *
look(const struct cache_name *name)
{
	struct cache c = {0};
	struct mem m = {0};
	struct entry e;
	const char *why = cache_find(&c, &m, name, &e);

	cache_close(&c);
	mem_free(&m);
	return why == NULL ? "hit" : why;
}

/* "hit" where the usual answer is `text` and its event is there, else the reason. */
static inline const char *
get(const char *text)
{
	struct cache c = {0};
	struct mem m = {0};
	struct entry e;
	const char *why = cache_get(&c, &m, &usual, &proof, &e), *line = event();
	int right = why == NULL && e.len == strlen(text) && memcmp(e.bytes, text, e.len) == 0;

	cache_close(&c);
	mem_free(&m);
	if (why == NULL)
		return !right ? "another answer" : strcmp(line, "hit kind=rowindex") == 0 ? "hit" : "a hit without its event";
	return strncmp(line, "miss kind=rowindex why=", 23) == 0 && strcmp(line + 23, why) == 0 ? why
												: "a miss without its event";
}

/* 0 or -1. */
static inline int
forget(const char *database, const char *table, const char *kind)
{
	struct cache c = {0};
	struct fail f;
	int done = cache_forget(&c, database, table, kind, &f);

	cache_close(&c);
	return done;
}

/* What a pattern in the folder of caches is the path of: the first; NULL: nothing. */
static inline char *
find(const char *pattern)
{
	static char found[300];
	char whole[200];
	glob_t g;
	int n;

	snprintf(whole, sizeof whole, "%s/%s", base, pattern);
	n = glob(whole, 0, NULL, &g) == 0 ? (int)g.gl_pathc : 0;
	if (n > 0)
		snprintf(found, sizeof found, "%s", g.gl_pathv[0]);
	globfree(&g);
	return n > 0 ? found : NULL;
}

/* The four folders and the entry, from the top; their names are digits. */
static const char *const parts[] = {
    "dbm", "dbm/v1", "dbm/v1/[0-9a-f]*", "dbm/v1/[0-9a-f]*/[0-9a-f]*", "dbm/v1/[0-9a-f]*/[0-9a-f]*/[0-9a-f]*"};
enum { DBM, V1, DATABASE, TABLE, ENTRY, PARTS };

static inline char *
part(int which)
{
	char *found = find(parts[which]);

	if (found == NULL)
		abort();
	return found;
}

static inline size_t
read_all(const char *path, char *bytes, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, size);

	if (n < 0)
		abort();
	close(fd);
	return (size_t)n;
}

static inline void
write_all(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		abort();
}

static inline int
descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Whose process this is the cache knows from how it was started: so it is started again. */
static inline int
again_as_nobody(const char *name)
{
	char number[20], failed[20];

	snprintf(number, sizeof number, "%d", tap_number);
	snprintf(failed, sizeof failed, "%d", tap_failed);
	remove_all(base);
	unlink(traced);
	fflush(stdout);
	if (chown(folder, NOBODY, NOBODY) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		return 1;
	execl("/proc/self/exe", name, folder, number, failed, (char *)NULL);
	return 1;
}

/* Makes the folder, or takes the one that is there when it goes on. */
static inline int
start_folder(int argc, char **argv)
{
	struct fail f;

	snprintf(folder, sizeof folder, "%s", argc == 4 ? argv[1] : "/tmp/dbm-cache.XXXXXX");
	if (argc == 4) {
		tap_number = atoi(argv[2]);
		tap_failed = atoi(argv[3]);
	} else if (mkdtemp(folder) == NULL) {
		return -1;
	}
	snprintf(home, sizeof home, "%s/home", folder);
	snprintf(base, sizeof base, "%s/base", folder);
	snprintf(traced, sizeof traced, "%s/trace", folder);
	setenv("HOME", home, 1);
	return trace_open(traced, &f);
}

/* Runs the tests, and where this is root again as another user. */
static inline int
run_tests(int argc, char **argv, void (*tests)(void))
{
	int before;

	if (start_folder(argc, argv) < 0)
		return 1;
	before = descriptors();
	tests();
	CHECK(descriptors() == before, "no descriptor is left open");
	if (geteuid() == 0)
		return again_as_nobody(argv[0]);
	remove_all(folder);
	return tap_end();
}

#endif

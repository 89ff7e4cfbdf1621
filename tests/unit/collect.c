/* The collector: goes through what is kept, and removes what was forgotten, what was left over and what was used least. */

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "collect.h"
#include "file_at.h"
#include "stamp.h"
#include "remove_all.h"
#include "tap.h"
#include "trace.h"

enum { ANSWER = 100000, HOURS = 3600, BLOCK = 4096 };

static char folder[] = "/tmp/dbm-collect.XXXXXX";
static char base[64], traced[64];
static struct cache cache;

/* An empty folder for caches. */
static void
fresh(void)
{
	cache_close(&cache);
	remove_all(base);
	if (mkdir(base, 0700) < 0)
		abort();
	setenv("XDG_CACHE_HOME", base, 1);
}

/* What a pattern in the cache is the path of, one after another; NULL behind the last. */
static const char *
find(const char *pattern, size_t number)
{
	static char found[300];
	char whole[200];
	glob_t g;
	int there;

	snprintf(whole, sizeof whole, "%s/dbm/v1/%s", base, pattern);
	there = glob(whole, 0, NULL, &g) == 0 && number < g.gl_pathc;
	if (there)
		snprintf(found, sizeof found, "%s", g.gl_pathv[number]);
	globfree(&g);
	return there ? found : NULL;
}

static size_t
count(const char *pattern)
{
	size_t n = 0;

	while (find(pattern, n) != NULL)
		n++;
	return n;
}

static const char entries[] = "[0-9a-f]*/[0-9a-f]*/[0-9a-f]*";
static const char tables[] = "[0-9a-f]*/[0-9a-f]*";
static const char databases[] = "[0-9a-f]*";

/* Makes a path in the cache look as if it had been made that long ago. */
static void
age(const char *path, time_t seconds)
{
	const struct timespec then = {.tv_sec = time(NULL) - seconds}, times[2] = {then, then};

	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
		abort();
}

static struct cache_name
name_of(const char *kind, const char *database, const char *table, const char *rest)
{
	return (struct cache_name){kind, database, table, rest, strlen(rest), "as it was called"};
}

static int
store_begun(const struct cache_name *n, struct entry *e, size_t len)
{
	static char answer[ANSWER];

	memset(answer, 'x', sizeof answer);
	e->bytes = answer;
	e->len = len;
	return cache_store(&cache, n, e);
}

static int
store(struct cache_name n, size_t len)
{
	struct entry e = {.read_at = INT64_C(1700000000) * 1000000000};

	return cache_begin(&cache, &n, e.generations) < 0 ? -1 : store_begun(&n, &e, len);
}

/* Why it is not found; "hit" where it is. */
static const char *
look(struct cache_name n)
{
	struct mem m = {0};
	struct entry e;
	const char *why = cache_find(&cache, &m, &n, &e);

	mem_free(&m);
	return why != NULL ? why : "hit";
}

/* The last event. */
static const char *
event(void)
{
	static char line[200];
	FILE *trace = fopen(traced, "r");

	*line = '\0';
	if (trace == NULL)
		abort();
	while (fgets(line, sizeof line, trace) != NULL)
		line[strcspn(line, "\n")] = '\0';
	fclose(trace);
	return line;
}

static int
run(uint64_t limit, int thorough, struct collect *k)
{
	struct fail f;

	*k = (struct collect){.cache = &cache, .limit = limit, .thorough = thorough};
	return collect_run(k, &f);
}

/* What was told of entries. */
static struct told {
	size_t n, live;
	uint64_t bytes;
	char text[2000];
} told;

static int
hear(void *arg, const struct collect_entry *e)
{
	size_t len = strlen(told.text);

	(void)arg;
	told.n++;
	told.live += e->live != 0;
	told.bytes += e->bytes;
	snprintf(told.text + len, sizeof told.text - len, "%s %s %s %lld %d\n", e->ref, e->kind, proof_name(e->proof),
	    (long long)(e->read_at / 1000000000), e->live);
	return 0;
}

static int
each(const char *database, const char *table)
{
	struct fail f;

	told = (struct told){0};
	return collect_each(&cache, database, table, hear, NULL, &f);
}

static void
test_each(void)
{
	struct fail f;
	struct collect k;

	fresh();
	CHECK(each(NULL, NULL) == 0 && told.n == 0, "no cache: nothing to go through");
	CHECK(run(0, 1, &k) == 0 && access(base, F_OK) == 0 && rmdir(base) == 0 && mkdir(base, 0700) == 0, "or to collect");
	store(name_of("count", "/d a", "/d a/a#1.csv", ""), 10);
	CHECK(each(NULL, NULL) == 0, "an entry");
	CHECK_TEXT(told.text, "/d a/a%231.csv count none 1700000000 1\n", "is told");
	store(name_of("preview", "/d a", "/d a/a#1.csv", "1"), 10);
	store(name_of("preview", "/d a", "/d a/b.csv", "1"), 10);
	store(name_of("list", "/shop.db", "", ""), 10);
	store(name_of("count", "/shop.db", "two words", ""), 10);
	store(name_of("count", "pg:service=x", "public.t", ""), 10);
	CHECK(each(NULL, NULL) == 0 && told.n == 6 && told.live == 6 && told.bytes >= 6 * 200, "all of them");
	CHECK(each("/shop.db", NULL) == 0 && told.n == 2 && strstr(told.text, "/shop.db list") != NULL &&
		  strstr(told.text, "/shop.db#two%20words count") != NULL,
	    "those of a database");
	CHECK(each("pg:service=x", "public.t") == 0 && told.n == 1 && strstr(told.text, "pg:service=x#public.t ") != NULL,
	    "those of a table");
	CHECK(each("/none", NULL) == 0 && told.n == 0 && each("/shop.db", "none") == 0 && told.n == 0, "those of none");
	cache_forget(&cache, "/d a", "/d a/a#1.csv", NULL, &f);
	CHECK(each("/d a", NULL) == 0 && told.n == 3 && told.live == 1, "what was forgotten");
	CHECK(run(UINT64_MAX, 1, &k) == 0 && k.entries == 2 && count(entries) == 4, "goes");
	CHECK(run(UINT64_MAX, 1, &k) == 0 && k.entries == 0, "once");
}

static void
test_odd(void)
{
	char path[400];
	struct collect k;
	int fd;

	fresh();
	store(name_of("count", "/d", "/d/a", ""), 10);
	store(name_of("count", "/d", "/d/b", ""), 10);
	snprintf(path, sizeof path, "%s", find(entries, 0));
	truncate(path, 150);
	CHECK(each(NULL, NULL) == 0 && told.n == 1, "a damaged entry is not told");
	CHECK(run(UINT64_MAX, 1, &k) == 0 && k.entries == 0 && k.left > 0, "nor removed");
	fd = open(path, O_WRONLY);
	CHECK(pwrite(fd, "\xff", 1, 8) == 1 && run(UINT64_MAX, 1, &k) == 0 && k.entries == 0, "nor is one of another version");
	close(fd);
	CHECK(run(0, 1, &k) == 0 && k.entries == 2 && k.left == 0 && count(entries) == 0, "but they count");
	unlink(path);
	mkfifo(path, 0600);
	CHECK(each(NULL, NULL) == 0 && told.n == 0 && run(0, 1, &k) == 0 && access(path, F_OK) == 0, "a FIFO stays");
	*strrchr(path, '/') = '\0';
	strcat(path, "/mine");
	close(open(path, O_WRONLY | O_CREAT, 0600));
	*strrchr(path, '/') = '\0';
	age(path, 2 * HOURS);
	CHECK(run(0, 1, &k) == 0 && access(path, F_OK) == 0, "so does a folder with something else in it");
	*strrchr(path, '/') = '\0';
	strcat(path, "/0123456789abcdef");
	symlink("/", path);
	CHECK(run(0, 1, &k) == 0 && access(path, F_OK) == 0 && access("/etc", F_OK) == 0, "a link is not followed");
}

/* 20 entries of 100,000 bytes, the first used last. */
static void
fill(void)
{
	char table[20];

	fresh();
	for (int i = 0; i < 20; i++) {
		snprintf(table, sizeof table, "/d/%02d.csv", i);
		store(name_of("count", "/d", table, ""), ANSWER);
	}
	for (size_t i = 0; i < 20; i++)
		age(find(entries, i), (time_t)(60 * (20 + i)));
}

static uint64_t
bytes_kept(void)
{
	each(NULL, NULL);
	return told.bytes;
}

static void
test_limit(void)
{
	char oldest[300], newest[300], want[100];
	struct collect k;
	uint64_t all;

	fill();
	all = bytes_kept();
	snprintf(newest, sizeof newest, "%s", find(entries, 0));
	snprintf(oldest, sizeof oldest, "%s", find(entries, 19));
	CHECK(run(all, 0, &k) == 0 && k.entries == 0 && k.left == all, "as much as the limit stays");
	CHECK(run(all - 1, 0, &k) == 0 && k.entries == 2 && k.left == bytes_kept() && k.left <= all / 10 * 9,
	    "a byte more brings it down to nine tenths");
	snprintf(want, sizeof want, "collect entries=2 bytes=%llu left=%llu", (unsigned long long)k.bytes,
	    (unsigned long long)k.left);
	CHECK_TEXT(event(), want, "the event");
	CHECK(k.bytes + k.left == all, "what went and what is left are all");
	CHECK(access(oldest, F_OK) < 0, "the one used longest ago goes");
	run(all / 10, 0, &k);
	CHECK(bytes_kept() <= all / 10 && count(entries) == 1 && access(newest, F_OK) == 0, "the one used last stays");
	CHECK(count("tmp*") + count("*/tmp*") + count("*/*/tmp*") == 0, "nothing is left over");
	run(0, 0, &k);
	CHECK(k.entries == 1 && k.left == 0 && bytes_kept() == 0, "a limit of nothing leaves nothing");
}

static void
hear_gone(void *arg, const struct collect_entry *e)
{
	hear(arg, e);
}

static void
test_dry(void)
{
	struct fail f;
	struct collect k = {.cache = &cache, .dry = 1, .gone = hear_gone};

	fill();
	k.limit = bytes_kept() / 2;
	told = (struct told){0};
	CHECK(collect_run(&k, &f) == 0 && k.entries == 11 && told.n == 11, "dry: what would go is told");
	CHECK(count(entries) == 20, "and stays");
	k.dry = 0;
	told = (struct told){0};
	CHECK(collect_run(&k, &f) == 0 && k.entries == 11 && told.n == 11 && count(entries) == 9, "then it goes");
}

/* Removes each entry, of which the first was used a moment ago. */
static int
remove_touched(void *arg, const struct collect_entry *e)
{
	char path[300];
	int *n = arg;
	struct fail f;

	snprintf(path, sizeof path, "%s/dbm/%s", base, e->path);
	if ((*n)++ == 0)
		age(path, 1);
	return collect_remove(e, &f);
}

static void
test_remove(void)
{
	struct fail f;
	int n = 0;

	fill();
	CHECK(collect_each(&cache, NULL, NULL, remove_touched, &n, &f) == 0 && n == 20, "each is removed");
	CHECK(count(entries) == 1, "but for the one that was used meanwhile");
}

static void
make_temporary(const char *in, const char *name, time_t seconds, int link)
{
	char path[400];

	snprintf(path, sizeof path, "%s/%s", in, name);
	if (link ? symlink("nowhere", path) < 0 : close(open(path, O_WRONLY | O_CREAT, 0600)) < 0)
		abort();
	age(path, seconds);
}

static void
test_temporary(void)
{
	static const char *const places[] = {"", "[0-9a-f]*", "[0-9a-f]*/[0-9a-f]*"};
	struct collect k;
	char in[300];

	fresh();
	store(name_of("count", "/d", "/d/a", ""), 10);
	for (int i = 0; i < 3; i++) {
		snprintf(in, sizeof in, "%s", find(places[i], 0));
		make_temporary(in, "tmp.1.0", HOURS + 60, 0);
		make_temporary(in, "tmp.2.0", HOURS + 60, 1);
		make_temporary(in, "tmp.3.0", -HOURS - 60, 0);
		make_temporary(in, "tmp.4.0", HOURS - 60, 0);
		make_temporary(in, "tmp.5.0", 60 - HOURS, 1);
	}
	run(UINT64_MAX, 0, &k);
	CHECK(
	    count("tmp.[123]*") + count("*/tmp.[123]*") + count("*/*/tmp.[123]*") == 0, "temporary files over an hour old go");
	CHECK(count("tmp.4*") == 1 && count("*/tmp.4*") == 1 && count("*/*/tmp.4*") == 1 && count("*/*/tmp.5*") == 1,
	    "later ones stay");
	CHECK(count(entries) == 1, "and so does the rest");
}

static void
age_folders(time_t seconds)
{
	char path[300];

	for (size_t i = 0; find(tables, i) != NULL; i++) {
		snprintf(path, sizeof path, "%s", find(tables, i));
		age(path, seconds);
	}
	for (size_t i = 0; find(databases, i) != NULL; i++)
		age(find(databases, i), seconds);
}

static void
test_folders(void)
{
	const struct cache_name late = name_of("count", "/d", "/d/a", "");
	struct entry e = {0};
	struct collect k;
	struct fail f;

	fresh();
	store(late, 10);
	store(name_of("count", "/e", "/e/a", ""), 10);
	cache_forget(&cache, "/d", "/d/a", "count", &f);
	cache_begin(&cache, &late, e.generations);
	unlink(find(entries, 0));
	unlink(find(entries, 0));
	store(name_of("count", "/e", "/e/b", ""), 10);
	age_folders(HOURS - 60);
	run(UINT64_MAX, 1, &k);
	CHECK(count(tables) == 3 && count(databases) == 2, "empty folders that were used within the hour stay");
	age_folders(HOURS + 60);
	run(UINT64_MAX, 0, &k);
	CHECK(count(tables) == 3, "all are left alone where all is within the limit");
	run(UINT64_MAX, 1, &k);
	CHECK(count(tables) == 1 && count(databases) == 1, "older ones go, and with them the database's");
	CHECK_TEXT(look(name_of("count", "/e", "/e/b", "")), "hit", "what is in others stays");
	CHECK(store_begun(&late, &e, 10) == -1, "who began before cannot store");
	store(name_of("count", "/d", "/d/a", "x"), 10);
	CHECK(store_begun(&late, &e, 10) == 0, "but where another has");
	CHECK_TEXT(look(late), "generation", "and then it is not found");
	CHECK_TEXT(look(name_of("count", "/d", "/d/a", "x")), "hit", "the other's is");
}

/* Whoever began before something is forgotten stores what is not found. */
static void
test_forget(void)
{
	static const struct {
		const char *database, *table, *kind, *text;
		int forgotten, other; /* the other entry, of kind preview, is too */
	} cases[] = {
	    {NULL, NULL, NULL, "all", 1, 1},
	    {"/d", NULL, NULL, "the database", 1, 1},
	    {"/d", "/d/a", NULL, "the table", 1, 0},
	    {"/d", "/d/a", "count", "the kind of the table", 1, 0},
	    {"/d", NULL, "count", "the kind of the database", 1, 0},
	    {NULL, NULL, "count", "the kind of all", 1, 0},
	    {"/e", NULL, NULL, "another database", 0, 0},
	    {"/d", "/d/b", NULL, "another table", 0, 1},
	    {"/d", "/d/a", "preview", "another kind of the table", 0, 0},
	    {"/d", NULL, "preview", "another kind of the database", 0, 1},
	    {NULL, NULL, "preview", "another kind of all", 0, 1},
	};
	const struct cache_name n = name_of("count", "/d", "/d/a", ""), slow = name_of("count", "/d", "/d/a", "slow");
	struct fail f;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *want = cases[i].forgotten ? "generation" : "hit";
		struct entry e = {0};
		struct collect k;

		fresh();
		store(n, 10);
		store(name_of("preview", "/d", "/d/b", ""), 10);
		cache_begin(&cache, &slow, e.generations);
		CHECK(cache_forget(&cache, cases[i].database, cases[i].table, cases[i].kind, &f) == 0, cases[i].text);
		CHECK_TEXT(look(n), want, "forgotten, or not");
		CHECK(store_begun(&slow, &e, 10) == 0, "a slow reader");
		CHECK_TEXT(look(slow), want, "stores what is forgotten too, or not");
		age_folders(HOURS + 60);
		run(UINT64_MAX, 1, &k);
		CHECK(k.entries == 2 * (unsigned)cases[i].forgotten + (unsigned)cases[i].other, "it is collected");
		CHECK(store_begun(&slow, &e, 10) == -1 || strcmp(look(slow), want) == 0,
		    "and stored again it is not found again");
		CHECK(store(n, 10) == 0 && strcmp(look(n), "hit") == 0, "what is read from now on is");
	}
}

static void
test_forget_events(void)
{
	struct fail f;

	fresh();
	CHECK(cache_forget(&cache, NULL, NULL, NULL, &f) == 0, "there is no cache to forget of");
	store(name_of("count", "/d", "/d/a", ""), 10);
	cache_forget(&cache, "/d", "/d/a", "count", &f);
	CHECK(strncmp(event(), "invalidate database=", 20) == 0 && strncmp(event() + 36, " table=", 7) == 0, "the event");
	CHECK_TEXT(event() + 59, " kind=count", "with its kind");
	cache_forget(&cache, "/d", NULL, NULL, &f);
	CHECK(strlen(event()) == 36, "of a database alone");
	trace_event("nothing");
	CHECK(cache_forget(&cache, "/none", NULL, NULL, &f) == 0 && cache_forget(&cache, "/d", "/none", NULL, &f) == 0,
	    "what is not there");
	CHECK_TEXT(event(), "nothing", "is forgotten without one");
	setenv("XDG_CACHE_HOME", "relative", 1);
	unsetenv("HOME");
	cache_close(&cache);
	CHECK(cache_forget(&cache, NULL, NULL, NULL, &f) == -1 && *f.text != '\0', "no place for a cache is a failure");
	fresh();
}

static void
test_lock(void)
{
	struct collect k;
	char path[300];
	int fd;

	fill();
	snprintf(path, sizeof path, "%s/dbm/v1/stores", base);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0, "another is at it");
	trace_event("nothing");
	CHECK(run(0, 1, &k) == 0 && count(entries) == 20, "nothing is done");
	CHECK_TEXT(event(), "nothing", "without an event");
	close(fd);
	run(0, 1, &k);
	CHECK(count(entries) == 0, "afterwards it is");
	unlink(path);
	mkdir(path, 0700);
	CHECK(run(0, 1, &k) == -1, "a lock that cannot be opened is a failure");
}

/* Sixty-four stores, by as many processes as it takes with `each` of them a process. */
static void
store_by(int each_stores, size_t stores)
{
	static int number;
	char table[40];

	for (size_t done = 0; done < stores; done += (size_t)each_stores) {
		pid_t pid = fork();

		number += each_stores;
		if (pid == 0) {
			for (int i = 0; i < each_stores; i++) {
				snprintf(table, sizeof table, "/d/%d.csv", number + i);
				store(name_of("count", "/d", table, ""), ANSWER);
				collect_meanwhile(&cache);
			}
			collect_stored(&cache);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

static void
test_stored(void)
{
	static const int sizes[] = {1, 4, 32, 64, 256};
	const uint64_t limit = (uint64_t)32 * (ANSWER + BLOCK);
	struct stat st;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		fresh();
		cache.limit = limit;
		if (sizes[i] < COLLECT_EVERY) {
			store_by(sizes[i], (size_t)(COLLECT_EVERY - sizes[i]));
			CHECK(bytes_kept() > limit || sizes[i] == 32, "before the 64th store nothing is collected");
		}
		store_by(sizes[i], (size_t)sizes[i]);
		CHECK(bytes_kept() <= limit && told.n > 16, "with it all is brought under the limit");
	}
	/* Of a cache far from its limit nothing is looked at before the end, however many one process stores. */
	fresh();
	cache.limit = 1 << 30;
	for (int i = 0; i < 4 * COLLECT_EVERY; i++) {
		char table[40];

		snprintf(table, sizeof table, "/d/%d.csv", i);
		store(name_of("count", "/d", table, ""), ANSWER);
		collect_meanwhile(&cache);
	}
	CHECK(cache.stored == 4 * COLLECT_EVERY, "who stores many does not look behind each few of them");
	collect_stored(&cache);
	CHECK(
	    cache.stored == 0 && find("stores", 0) != NULL && stat(find("stores", 0), &st) == 0 && st.st_size == 0, "but then");
	cache.limit = limit;
	store_by(1, (size_t)3 * COLLECT_EVERY);
	CHECK(
	    bytes_kept() <= limit && stat(find("stores", 0), &st) == 0 && st.st_size < COLLECT_EVERY, "the count stays small");
	cache.limit = 0;
	store_by(COLLECT_EVERY, COLLECT_EVERY);
	CHECK(bytes_kept() == 0, "a limit of nothing leaves nothing");
}

int
main(void)
{
	struct fail f;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(base, sizeof base, "%s/base", folder);
	snprintf(traced, sizeof traced, "%s/trace", folder);
	if (trace_open(traced, &f) < 0)
		return 1;
	test_each();
	test_odd();
	test_limit();
	test_dry();
	test_remove();
	test_temporary();
	test_folders();
	test_forget();
	test_forget_events();
	test_lock();
	test_stored();
	remove_all(folder);
	return tap_end();
}

/* What is recorded of schemas: nothing that was recorded is lost, whoever is killed and whatever is full or damaged; numbers
 * follow one another, whoever records at once. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remove_all.h"
#include "schema_history.h"
#include "state.h"
#include "tap.h"

enum { MOST = 1 << 16, RECORDERS = 4, ROUNDS = 25 };

static char folder[] = "/tmp/dbm-schema.XXXXXX", state[64];
static const char database[] = "/data/a\nb\t.db";

/* An empty folder for what is recorded, in the environment. */
static void
fresh(void)
{
	snprintf(state, sizeof state, "%s/state", folder);
	remove_all(state);
	if (mkdir(state, 0700) < 0)
		abort();
	setenv("XDG_STATE_HOME", state, 1);
}

/* The bytes of one of the files, and how many. */
static size_t
get(const char *name, char *bytes)
{
	struct fail f;
	int in = state_of("schema", database, 0, &f), fd = openat(in, name, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, bytes, MOST);

	close(fd);
	close(in);
	return n < 0 ? 0 : (size_t)n;
}

static void
put(const char *name, const char *bytes, size_t n)
{
	struct fail f;
	int in = state_of("schema", database, 1, &f), fd = openat(in, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	close(fd);
	close(in);
}

static void
drop(const char *name)
{
	struct fail f;
	int in = state_of("schema", database, 1, &f);

	unlinkat(in, name, 0);
	close(in);
}

/* Records a text of each of two tables, NULL where it is gone: 0 or -1. */
static int
record(const char *a, const char *b, struct fail *f)
{
	struct schema_new versions[] = {
	    {"a", a, a != NULL ? strlen(a) : 0, 1000, 0}, {"b\n\t%", b, b != NULL ? strlen(b) : 0, 2000, 0}};
	struct schema_history h;
	struct mem m = {0};
	int done = schema_history_lock(&h, &m, database, f);

	if (done == 0) {
		done = schema_history_append(&h, versions, 2, f);
		schema_history_close(&h);
	}
	mem_free(&m);
	return done;
}

/* The version that a table is at, and whether its text, an item's name, is that. */
static uint64_t
version_of(const char *table, const char *item)
{
	struct schema_history h;
	struct schema s = {0};
	struct mem m = {0};
	struct fail f;
	uint64_t version = 0;

	if (schema_history_open(&h, &m, database, &f) <= 0)
		return 0;
	const struct schema_version *v = schema_current_find(&h.current, table);
	if (v != NULL && schema_history_read(&h, &m, v, &s, &f) == 0) {
		schema_sort(&s, &m);
		version = v->version;
		if (item == NULL ? s.ntables != 0 : s.ntables != 1 || s.nitems != 1 || strcmp(s.items[0].name, item) != 0)
			version = 1000;
	}
	schema_history_close(&h);
	mem_free(&m);
	return version;
}

static void
test_versions(void)
{
	struct schema_version *all;
	struct schema_history h;
	struct schema_current c;
	struct mem m = {0};
	struct fail f;
	size_t n;

	fresh();
	CHECK(schema_history_open(&h, &m, database, &f) == 0, "nothing was recorded");
	CHECK(schema_current_of(&c, &m, database, &f) == 0, "nor is anything told of");
	CHECK(record("column\tone\tint\n", "column\ttwo\tint\n", &f) == 0, "two tables are recorded");
	CHECK(record("column\tone\\n\tint\n", NULL, &f) == 0, "and again, one of them gone");
	CHECK(version_of("a", "one\n") == 2 && version_of("b\n\t%", NULL) == 2, "both are at their second version");
	CHECK(schema_current_of(&c, &m, database, &f) == 1 && c.n == 2, "current tells of two");
	CHECK(schema_history_open(&h, &m, database, &f) == 1 && schema_history_all(&h, &m, &all, &n, &f) == 0 && n == 4,
	    "the history has four");
	CHECK(all[0].version == 1 && all[3].version == 2 && all[3].hash[0] == '\0' && all[2].hash[0] != '\0', "in their order");
	CHECK(strcmp(h.current.database, database) == 0, "and the database that they are of");
	schema_history_close(&h);
	mem_free(&m);
}

/* Killed at any byte of what is appended: before it is whole, and before `current` tells of it. */
static void
test_killed(void)
{
	static char before[MOST], after[MOST], current[MOST], now[MOST];
	size_t shorter, longer, told, wrong = 0, lost = 0;
	struct fail f;

	fresh();
	record("column\tone\tint\n", "column\ttwo\tint\n", &f);
	shorter = get("history", before);
	told = get("current", current);
	record("column\tthree\tint\n", "column\tfour\tint\n", &f);
	longer = get("history", after);
	for (size_t n = shorter; n <= longer; n++) {
		uint64_t a, b;

		put("history", after, n);
		put("current", current, told);
		a = version_of("a", "three") == 2 ? 2 : version_of("a", "one");
		b = version_of("b\n\t%", "four") == 2 ? 2 : version_of("b\n\t%", "two");
		lost += a < 1 || a > 2 || b < 1 || b > 2 || (n == longer && b != 2);
		wrong += record("column\tfive\tint\n", NULL, &f) < 0 || version_of("a", "five") != a + 1 ||
			 version_of("b\n\t%", NULL) != b + 1;
		lost += get("history", now) < shorter || memcmp(now, before, shorter) != 0;
	}
	CHECK(lost == 0, "killed at any byte: what was recorded is there");
	CHECK(wrong == 0, "and the next who records goes on behind it");
}

/* `current` is only an excerpt. */
static void
test_current(void)
{
	static char history[MOST], current[MOST], spoilt[MOST];
	size_t n, told, wrong = 0;
	struct schema_current c;
	struct mem m = {0};
	struct fail f;

	fresh();
	record("column\tone\tint\n", "column\ttwo\tint\n", &f);
	record("column\tthree\tint\n", NULL, &f);
	n = get("history", history);
	told = get("current", current);
	drop("current");
	CHECK(version_of("a", "three") == 2, "without current the history tells");
	CHECK(record("column\tfour\tint\n", NULL, &f) == 0 && version_of("a", "four") == 3, "and current is made anew");
	for (size_t i = 0; i < told; i++) {
		put("history", history, n);
		memcpy(spoilt, current, told);
		spoilt[i] ^= 1;
		put("current", spoilt, told);
		wrong += schema_current_of(&c, &m, database, &f) >= 0 || version_of("a", "three") != 2;
	}
	CHECK(wrong == 0, "where any byte of current is another one, it is not believed, and nothing is lost");
	mem_free(&m);
}

/* A damaged byte of the history is said; and what is behind it is not cut off. */
static void
test_damage(void)
{
	static char history[MOST], spoilt[MOST], now[MOST], current[MOST];
	size_t n, first, told, unsaid = 0, lost = 0;
	struct schema_version *all;
	struct schema_history h;
	struct mem m = {0};
	struct fail f;
	size_t count;

	fresh();
	record("column\tone\tint\n", "column\ttwo\tint\n", &f);
	first = get("history", history);
	record("column\tthree\tint\n", NULL, &f);
	n = get("history", history);
	told = get("current", current);
	for (size_t i = 0; i < first; i++) {
		memcpy(spoilt, history, n);
		spoilt[i] ^= 1;
		put("history", spoilt, n);
		put("current", current, told);
		if (schema_history_open(&h, &m, database, &f) > 0) {
			unsaid += schema_history_all(&h, &m, &all, &count, &f) == 0;
			schema_history_close(&h);
		}
		drop("current");
		unsaid += schema_history_open(&h, &m, database, &f) >= 0 || record("column\tx\tint\n", NULL, &f) == 0;
		lost += get("history", now) != n || memcmp(now, spoilt, n) != 0;
	}
	CHECK(unsaid == 0, "a damaged byte of the history is noticed");
	CHECK(lost == 0, "and what is whole behind it is left, also where current is lost as well");
	mem_free(&m);
}

static void
test_full(void)
{
	static char before[MOST], after[MOST];
	struct rlimit limit;
	struct fail f;
	size_t n, wrong = 0;

	fresh();
	signal(SIGXFSZ, SIG_IGN);
	record("column\tone\tint\n", "column\ttwo\tint\n", &f);
	n = get("history", before);
	getrlimit(RLIMIT_FSIZE, &limit);
	for (rlim_t more = 0; more < 100; more += 9) {
		struct rlimit small = {n + more, limit.rlim_max};

		setrlimit(RLIMIT_FSIZE, &small);
		wrong += record("column\tthree\tint\n", "column\tfour\tint\n", &f) == 0;
		wrong += get("history", after) != n || memcmp(before, after, n) != 0;
	}
	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(wrong == 0, "where there is no room nothing is recorded, and nothing half is left");
	CHECK_TEXT(f.text, "history: write error: File too large", "and it is said");
	CHECK(record("column\tthree\tint\n", NULL, &f) == 0 && version_of("a", "three") == 2, "with room it goes on");
}

static void
record_many(int which)
{
	char text[64];
	struct fail f;

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(text, sizeof text, "column\tc%d_%d\tint\n", which, i);
		if (record(text, NULL, &f) < 0)
			_exit(1);
	}
	_exit(0);
}

static void
test_together(void)
{
	struct schema_version *all;
	struct schema_history h;
	struct mem m = {0};
	struct fail f;
	size_t n, wrong = 0;
	int status, failed = 0;

	fresh();
	for (int i = 0; i < RECORDERS; i++) {
		if (fork() == 0)
			record_many(i);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	CHECK(failed == 0, "several record at once");
	CHECK(schema_history_open(&h, &m, database, &f) > 0 && schema_history_all(&h, &m, &all, &n, &f) == 0 &&
		  n == 2 * RECORDERS * ROUNDS,
	    "each of their versions is there");
	for (size_t i = 0; i < n; i++)
		wrong += all[i].version != i / 2 + 1;
	CHECK(wrong == 0, "and their numbers follow one another");
	schema_history_close(&h);
	mem_free(&m);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_versions();
	test_killed();
	test_current();
	test_damage();
	test_full();
	test_together();
	remove_all(folder);
	return tap_end();
}

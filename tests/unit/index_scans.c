/* What is kept of the counters of indexes: how far back it tells that one was idle, and that nothing spoils it. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "finding.h"
#include "index_scans.h"
#include "made_catalog.h"
#include "remove_all.h"
#include "tap.h"

static const int64_t HOUR = 3600, DAY = 24 * 3600;

/* 2026-11-22T00:00:00Z */
static const int64_t NOW = 1795305600;

/* A look at one index. */
static void
look(struct index_scans *s, struct mem *m, int64_t at, const char *words)
{
	const char *const indexes[][2] = {{"i", mem_join(m, "a;;", words)}};
	struct catalog_table t = made_table(m, "t", indexes, 1);
	const struct catalog c = {&t, 1};

	index_scans_look(s, m, &c, at);
}

static void
spans(struct mem *m)
{
	struct index_scans s = {0};
	const struct index_scans_index *x;

	look(&s, m, NOW, "s=5");
	look(&s, m, NOW + HOUR / 2, "s=5");
	x = s.list;
	CHECK(s.n == 1 && x->n == 1 && x->spans[0].last == NOW, "within an hour nothing is noted");
	look(&s, m, NOW + HOUR, "s=5");
	CHECK(x->n == 1 && x->spans[0].first == NOW && x->spans[0].last == NOW + HOUR, "a span gets longer");
	look(&s, m, NOW + HOUR + 1, "s=6");
	CHECK(x->n == 2 && x->spans[1].first == NOW + HOUR + 1, "a counter that has moved begins another");
	look(&s, m, NOW - DAY, "s=9");
	CHECK(x->n == 2, "a clock that went back is not believed");
	for (int i = 0; i < 20; i++)
		look(&s, m, NOW + DAY + i, i % 2 > 0 ? "s=1" : "s=2");
	CHECK(x->n == INDEX_SCANS_SPANS && x->spans[INDEX_SCANS_SPANS - 1].first == NOW + DAY + 19, "the last ones are kept");
}

static int64_t
days_idle(const struct index_scans *s, int64_t since, int64_t *unseen)
{
	return (NOW - index_scans_idle(s, "t", "i", since, NOW, unseen)) / DAY;
}

static void
tells(struct mem *m)
{
	struct index_scans s = {0};
	int64_t unseen, reset = NOW - 5 * DAY;

	CHECK(days_idle(&s, 0, &unseen) == 0, "of what nobody has seen nothing is known");
	CHECK(days_idle(NULL, reset, &unseen) == 5, "but what the counter says");
	look(&s, m, NOW - 40 * DAY, "s=0");
	look(&s, m, NOW - DAY, "s=0");
	CHECK(days_idle(&s, 0, &unseen) == 40, "a counter of unknown age has been seen at nothing for 40 days");

	/* Used once, long ago; set back 5 days ago, an hour after the last look. */
	s = (struct index_scans){0};
	look(&s, m, NOW - 50 * DAY, "s=7 t=2026-01-01T00:00:00Z");
	look(&s, m, NOW - 45 * DAY, "s=8 t=2026-01-01T00:00:00Z");
	look(&s, m, reset - HOUR, "s=8 t=2026-01-01T00:00:00Z");
	CHECK(days_idle(&s, reset, &unseen) == 45 && unseen == HOUR, "a counter that began anew is looked behind");

	s = (struct index_scans){0};
	look(&s, m, NOW - 45 * DAY, "s=0 t=2026-10-01T00:00:00Z");
	look(&s, m, reset - HOUR, "s=0 t=2026-10-01T00:00:00Z");
	CHECK(days_idle(&s, reset, &unseen) == 52, "one that had not been used tells of all its time");

	s = (struct index_scans){0};
	look(&s, m, NOW - 45 * DAY, "s=8 t=2026-01-01T00:00:00Z");
	look(&s, m, reset - 3 * DAY, "s=8 t=2026-01-01T00:00:00Z");
	CHECK(days_idle(&s, reset, &unseen) == 5 && unseen == 0, "but not over three days that nobody saw");

	s = (struct index_scans){0};
	look(&s, m, NOW - 45 * DAY, "s=8 t=2026-01-01T00:00:00Z");
	look(&s, m, NOW - 2 * DAY, "s=3 t=2026-11-17T00:00:00Z");
	CHECK(days_idle(&s, reset, &unseen) == 5, "what is not so any more is not believed");
}

/* An index that is younger than the counters of its server. */
static void
tells_of_young(struct mem *m)
{
	const char *const before[][2] = {{"other", "a;;s=7 t=2026-01-01T00:00:00Z"}};
	const char *const now[][2] = {{"other", "a;;s=9 t=2026-01-01T00:00:00Z"}, {"i", "a;;s=0 t=2026-01-01T00:00:00Z"}};
	struct catalog_table t = made_table(m, "t", before, 1);
	const struct catalog c = {&t, 1};
	int64_t unseen, since = index_scans_time("2026-01-01T00:00:00Z");
	struct index_scans s = {0};

	CHECK(index_scans_seen(&s, "t", "i") == INT64_MAX, "nobody has looked at it");
	index_scans_look(&s, m, &c, NOW - 9 * DAY);
	t = made_table(m, "t", now, 2);
	index_scans_look(&s, m, &c, NOW - 2 * DAY);
	CHECK(days_idle(&s, since, &unseen) == 2, "what was not there at an earlier look was made since");
	index_scans_look(&s, m, &c, NOW);
	CHECK(days_idle(&s, since, &unseen) == 2 && s.list[0].n == 1, "which is kept");
	CHECK(index_scans_seen(&s, "t", "i") == NOW - 2 * DAY, "and when it was seen first");

	s = (struct index_scans){0};
	look(&s, m, NOW - 9 * DAY, "s=7 t=2026-01-01T00:00:00Z");
	look(&s, m, NOW - 3 * DAY, "s=0 t=2026-01-01T00:00:00Z");
	CHECK(days_idle(&s, since, &unseen) == 3, "a counter that has gone back is one of an index that was made again");
}

/* In a folder, and read again. */
static void
keeps(struct mem *m, int folder)
{
	const char *const indexes[][2] = {{"a\tb\n", "a;;s=1 t=2026-10-01T00:00:00Z"}, {"i", "a;;s=0"}, {"none", "a"}};
	struct catalog_table t = made_table(m, "t", indexes, 3);
	const struct catalog c = {&t, 1};
	struct index_scans s = {0}, again;
	struct fail f;

	CHECK(index_scans_look(&s, m, &c, NOW - DAY) && !index_scans_look(&s, m, &c, NOW - DAY),
	    "a look is worth being kept once");
	CHECK(index_scans_write(&s, folder, &f) == 0, "it is written");
	index_scans_read(&again, m, folder, NOW);
	CHECK(again.n == 2 && strcmp(again.list[0].name, "a\tb\n") == 0 && again.list[0].spans[0].scans == 1 &&
		  again.list[0].spans[0].since == 1790812800,
	    "and read, whatever the names");
	index_scans_read(&again, m, folder, NOW - 2 * DAY);
	CHECK(again.n == 0, "of the future nothing is known");
	index_scans_read(&again, m, folder, NOW + 500 * DAY);
	CHECK(again.n == 0, "and what is long past is forgotten");
}

static void
put(int folder, const char *text, size_t len)
{
	int fd = openat(folder, "scans", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
}

/* Every byte of the file, spoilt, and the file cut behind each. */
static void
bears(struct mem *m, int folder)
{
	static const char line[] = "dbm-index scans 1\n1795000000\t1795100000\t1790812800\t12\ts%2Et\ti\n"
				   "1795100001\t1795200000\t1790812800\t13\ts%2Et\ti\n";
	static const char bytes[] = {0, '\t', '\n', '9', '-', '%', ' '};
	struct index_scans s;
	char spoilt[sizeof line];

	put(folder, line, sizeof line - 1);
	index_scans_read(&s, m, folder, NOW);
	CHECK(s.n == 1 && s.list[0].n == 2 && strcmp(s.list[0].table, "s.t") == 0, "two spans of an index");
	for (size_t i = 0; i < sizeof line - 1; i++) {
		for (size_t k = 0; k < sizeof bytes; k++) {
			memcpy(spoilt, line, sizeof line);
			spoilt[i] = bytes[k];
			put(folder, spoilt, sizeof line - 1);
			index_scans_read(&s, m, folder, NOW);
		}
		put(folder, line, i);
		index_scans_read(&s, m, folder, NOW);
	}
	CHECK(s.n == 1 && s.list[0].n == 1, "a last line without its end does not count");
	put(folder, "something else\n", 15);
	index_scans_read(&s, m, folder, NOW);
	CHECK(s.n == 0, "another file is none");
}

/* Writers at once: whatever one of them reads is whole. */
static void
many(struct mem *m, int folder)
{
	int right = 1;

	for (int child = 0; child < 4; child++) {
		if (fork() == 0) {
			const char *const indexes[][2] = {{"i", "a;;s=1"}, {"j", "a;;s=1"}};
			struct catalog_table t = made_table(m, "t", indexes, 2);
			const struct catalog c = {&t, 1};
			struct index_scans s;
			struct fail f;
			int bad = 0;

			for (int i = 0; i < 200; i++) {
				index_scans_read(&s, m, folder, NOW);
				bad |= i > 0 && s.n != 2;
				s = (struct index_scans){0};
				index_scans_look(&s, m, &c, NOW - i);
				bad |= index_scans_write(&s, folder, &f) < 0;
			}
			_exit(bad);
		}
	}
	for (int child = 0, status; child < 4; child++)
		right &= wait(&status) > 0 && status == 0;
	CHECK(right, "of several writers each leaves a whole file");
}

/* For the database of a key, in the state's folder. */
static void
keeps_by_key(struct mem *m, const char *folder)
{
	const char *const indexes[][2] = {{"i", "a;;s=0"}};
	struct catalog_table t = made_table(m, "t", indexes, 1);
	const struct catalog c = {&t, 1};
	struct index_scans s;
	struct fail f = {""};
	int64_t unseen;

	setenv("XDG_STATE_HOME", folder, 1);
	CHECK(index_scans_keep(&s, m, "one", &c, NOW - 40 * DAY, &f) == 0 && index_scans_keep(&s, m, "one", &c, NOW, &f) == 0,
	    "looks are kept by database");
	CHECK(days_idle(&s, 0, &unseen) == 40, "and known at the next one");
	CHECK(index_scans_keep(&s, m, "two", &c, NOW, &f) == 0 && days_idle(&s, 0, &unseen) == 0, "another has its own");
	setenv("XDG_STATE_HOME", "/proc/nothing", 1);
	CHECK(index_scans_keep(&s, m, "one", &c, NOW, &f) < 0 && f.text[0] != '\0', "without a place for it that is said");
	CHECK(s.n == 1 && s.list[0].n == 1, "and the look is there all the same");
}

int
main(void)
{
	char path[] = "/tmp/dbm-scans.XXXXXX";
	struct mem m = {0};
	int folder;

	if (mkdtemp(path) == NULL)
		return 1;
	folder = open(path, O_RDONLY | O_DIRECTORY);
	spans(&m);
	tells(&m);
	tells_of_young(&m);
	keeps(&m, folder);
	bears(&m, folder);
	many(&m, folder);
	keeps_by_key(&m, path);
	close(folder);
	remove_all(path);
	mem_free(&m);
	return tap_end();
}

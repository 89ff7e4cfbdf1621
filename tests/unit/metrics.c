/* The metrics: what commands append is what is read, whoever folds it or is killed at it, and nothing else is. */

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "metrics.h"
#include "random.h"
#include "remove_all.h"
#include "stamp.h"
#include "tap.h"

enum {
	NOBODY = 65534,
	MOST = 8 << 20, /* bytes of a file */
};

static char folder[] = "/tmp/dbm-metrics.XXXXXX";
static char state[64], file[100], bytes[MOST];

/* An empty folder for what programs keep, in the environment. */
static void
fresh(void)
{
	remove_all(state);
	if (mkdir(state, 0700) < 0)
		abort();
	setenv("XDG_STATE_HOME", state, 1);
}

/* The path of one of the files. */
static const char *
path_of(const char *name)
{
	snprintf(file, sizeof file, "%s/dbm/%s", state, name);
	return file;
}

static size_t
read_all(const char *name)
{
	int fd = open(path_of(name), O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, bytes, MOST - 1);

	if (n < 0)
		abort();
	if (fd >= 0)
		close(fd);
	bytes[n] = '\0';
	return (size_t)n;
}

static void
write_all(const char *name, const char *text, size_t len)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) < 0)
		abort();
}

/* One command that asks `n` times. */
static void
ask(const char *database, enum metrics_outcome outcome, int64_t nanoseconds, unsigned events, unsigned n)
{
	struct metrics_sample s = {database, outcome, nanoseconds, events, stamp_now()};
	struct metrics m;

	metrics_start(&m, "dbm-preview");
	for (; n > 0; n--)
		metrics_add(&m, &s);
	metrics_write(&m);
}

/* All answers; -1 where they cannot be read. */
static int64_t
answers(void)
{
	struct metrics_totals t;
	struct mem m = {0};
	struct fail f;
	int64_t n = metrics_read(&m, &t, &f) < 0 ? -1 : 0;

	for (size_t i = 0; n >= 0 && i < t.n; i++)
		for (int o = 0; o < METRICS_OUTCOMES; o++)
			n += (int64_t)t.pairs[i]->outcomes[o].count;
	mem_free(&m);
	return n;
}

/* What text in the log would be read as, as lines again but for their times; borrowed until the next call. */
static const char *
read_as(const char *text)
{
	static struct buf b;
	struct metrics_totals t = {0};
	struct mem m = {0};

	metrics_totals_decode(&m, &t, text, strlen(text));
	b.len = 0;
	metrics_totals_encode(&b, &t);
	mem_free(&m);
	return buf_string(&b);
}

/* Samples */

static void
test_one(void)
{
	struct metrics_totals t;
	struct mem m = {0};
	struct fail f;
	struct stat st;

	fresh();
	CHECK(metrics_read(&m, &t, &f) == 0 && t.n == 0, "nothing was counted");
	CHECK(stat(path_of(""), &st) < 0, "and asking makes nothing");
	ask("shop.db", METRICS_MISS, 1500000, METRICS_STORED | METRICS_WAITED, 0);
	CHECK(stat(path_of(""), &st) < 0, "nor does a command without an answer");
	umask(0);
	ask("shop.db", METRICS_MISS, 1500000, METRICS_STORED | METRICS_WAITED, 1);
	ask("shop.db", METRICS_HIT, 100000, 0, 2);
	ask("a b%0A", METRICS_OLD, -1, METRICS_REFRESHED | METRICS_REFRESH_FAILED | METRICS_CORRUPT | METRICS_FAILED, 1);
	umask(022);
	read_all("metrics");
	bytes[strcspn(bytes, "\n")] = '\0';
	CHECK_TEXT(bytes + 10, "\tdbm-preview\tshop.db\tmiss=1500000,1500000,525:1\tstored=1\twaited=1",
	    "a line as metrics_totals.h has it");
	CHECK(stat(path_of(""), &st) == 0 && (st.st_mode & 0777) == 0700, "a folder for its owner");
	CHECK(stat(path_of("metrics"), &st) == 0 && (st.st_mode & 0777) == 0600, "a file for its owner");
	CHECK(metrics_read(&m, &t, &f) == 0 && t.n == 2, "two databases");
	CHECK_TEXT(t.pairs[0]->database, "a b%0A", "in their order");
	CHECK(t.pairs[0]->outcomes[METRICS_OLD].count == 1 && t.pairs[0]->outcomes[METRICS_OLD].sum == 0, "no time is below 0");
	CHECK(t.pairs[0]->events[2] == 1 && t.pairs[0]->events[5] == 1 && t.pairs[0]->events[0] == 0, "events");
	CHECK(t.pairs[1]->outcomes[METRICS_HIT].count == 2 && t.pairs[1]->outcomes[METRICS_HIT].sum == 200000, "hits");
	CHECK(t.pairs[1]->outcomes[METRICS_MISS].greatest == 1500000 && t.pairs[1]->events[1] == 1, "apart from misses");
	CHECK_TEXT(t.pairs[1]->program, "dbm-preview", "the program");
	mem_free(&m);
	CHECK(metrics_zero(&f) == 0 && answers() == 0, "zero");
	CHECK(metrics_zero(&f) == 0, "zero again");
	ask("shop.db", METRICS_MISS, 1, 0, 1);
	CHECK(answers() == 1, "and on");
	ask("shop.db", METRICS_OUTCOMES, 0, METRICS_REFRESHED, 3);
	CHECK(metrics_read(&m, &t, &f) == 0 && answers() == 1 && metrics_totals_event(t.pairs[0], METRICS_REFRESHED) == 3,
	    "events without an answer");
	mem_free(&m);
}

static void
test_many(void)
{
	struct metrics_sample s = {"", METRICS_MISS, 0, METRICS_STORED, 0};
	struct metrics m;
	char name[1200];
	size_t len;

	fresh();
	ask("/data", METRICS_MISS, 123, 0, 10000);
	CHECK(read_all("metrics") < 100, "many answers from one database are one line");
	fresh();
	metrics_start(&m, "dbm-linecount");
	s.database = name;
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof name, "/data/one of ten thousand databases/%d.db", i);
		s.nanoseconds = next_random(32768) * 40000;
		metrics_add(&m, &s);
	}
	metrics_write(&m);
	len = read_all("metrics");
	CHECK(len > METRICS_COMMAND / 2 && len < METRICS_COMMAND + 4096, "databases without end do not make a log without end");
	CHECK(strstr(bytes, "\t" METRICS_OTHER "\tmiss=") != NULL && answers() == 10000, "the others are counted together");
	fresh();
	memset(name, 'x', METRICS_NAME);
	name[METRICS_NAME] = '\0';
	ask(name, METRICS_HIT, 1, 0, 1);
	read_all("metrics");
	CHECK(strstr(bytes, name) != NULL, "the longest name");
	name[METRICS_NAME] = 'x', name[METRICS_NAME + 1] = '\0';
	ask(name, METRICS_HIT, 1, 0, 1);
	ask("a\nb", METRICS_HIT, 1, 0, 1);
	ask("a\tb", METRICS_HIT, 1, 0, 1);
	ask("", METRICS_HIT, 1, 0, 1);
	read_all("metrics");
	CHECK(strstr(bytes, name) == NULL && strstr(bytes, "a\nb") == NULL && strstr(bytes, "a\tb") == NULL && answers() == 5,
	    "what no line can have is counted with the others");
}

/* Latencies */

static int
by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Through the files, folded or not, the quantiles are those of the sorted samples. */
static void
test_quantiles(void)
{
	enum { SAMPLES = 100000 };
	static const double ranks[] = {0.5, 0.95, 0.99, 1};
	int64_t *sorted = calloc(SAMPLES, sizeof *sorted);
	struct metrics_totals t;
	struct mem arena = {0};
	struct metrics m;
	struct fail f;
	int wrong = 0;

	fresh();
	metrics_start(&m, "dbm-query");
	for (int i = 0; i < SAMPLES; i++) {
		/* Half of them around 0.1 ms, the others from 1 ms up to half a minute. */
		sorted[i] = i % 2 ? 80000 + next_random(30000) : (int64_t)(1e6 * exp(next_random(32768) / 32768.0 * 10));
		metrics_add(&m, &(struct metrics_sample){"x", METRICS_MISS, sorted[i], 0, stamp_now()});
		if (i % 1000 == 999)
			metrics_write(&m);
	}
	qsort(sorted, SAMPLES, sizeof *sorted, by_value);
	CHECK(metrics_read(&arena, &t, &f) == 0 && t.n == 1 && t.pairs[0]->outcomes[METRICS_MISS].count == SAMPLES, "samples");
	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
		double right = (double)sorted[(size_t)ceil(ranks[i] * SAMPLES) - 1];
		double got = histogram_quantile(&t.pairs[0]->outcomes[METRICS_MISS], ranks[i]);

		wrong += fabs(got - right) > right * HISTOGRAM_ERROR;
	}
	CHECK(wrong == 0, "p50, p95, p99 and the last one");
	CHECK(t.pairs[0]->outcomes[METRICS_MISS].greatest == (uint64_t)sorted[SAMPLES - 1], "the greatest is exact");
	mem_free(&arena);
	free(sorted);
}

/* Folding */

/* A command of so many answers that some twenty of them are a log to be folded. */
static void
ask_much(void)
{
	static char names[60][900];
	struct metrics m;

	metrics_start(&m, "dbm-list");
	for (int i = 0; i < 60; i++) {
		memset(names[i], 'a' + i % 26, sizeof *names - 1);
		names[i][0] = (char)('A' + i / 26);
		metrics_add(&m, &(struct metrics_sample){names[i], METRICS_HIT, 1000 * i, METRICS_STORED, stamp_now()});
	}
	metrics_write(&m);
}

static int
has(const char *name)
{
	return access(path_of(name), F_OK) == 0;
}

/* A log over the limit, the turn of which is next. */
static void
fill_log(void)
{
	struct stat st;

	do
		ask_much();
	while (stat(path_of("metrics"), &st) == 0 && st.st_size <= METRICS_LOG);
}

static void
test_fold(void)
{
	int64_t counted;

	fresh();
	fill_log();
	counted = answers();
	CHECK(!has("metrics.a") && counted % 60 == 0, "a log that may grow no more");
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(has("metrics.a") && !has("metrics") && !has("metrics.totals"), "is put by");
	CHECK(answers() == ++counted, "and counted");
	fill_log();
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(
	    has("metrics.b") && !has("metrics.a") && !has("metrics") && has("metrics.totals"), "and the one before is folded");
	counted = answers();
	CHECK(read_all("metrics.totals") > 0 && strncmp(bytes, "folded metrics.a\n", 17) == 0, "as the totals say");
	/* Killed before step 3. */
	write_all("metrics.a", bytes, read_all("metrics.b"));
	CHECK(answers() == counted, "a log that they have is not counted again");
	fill_log();
	counted = answers();
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(answers() == counted + 1 && has("metrics.a") && !has("metrics.b"), "nor is it by the next that folds");
	/* Killed before step 4: the log is over the limit still, and nothing stands between it and the totals. */
	fill_log();
	ask("x", METRICS_HIT, 1, 0, 1);
	counted = answers();
	CHECK(rename(path_of("metrics.b"), "/dev/null/x") < 0 && read_all("metrics.b") > 0, "the next log");
	write_all("metrics", bytes, strlen(bytes));
	unlink(path_of("metrics.b"));
	CHECK(answers() == counted, "one that was not put by is counted");
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(answers() == counted + 1 && has("metrics.b") && !has("metrics.a"), "and put by the next time");
}

static void
test_limit(void)
{
	struct metrics_totals t;
	struct mem m = {0};
	struct buf b = {0};
	struct fail f;
	int others = 0, late = 0;

	fresh();
	ask("x", METRICS_HIT, 1, 0, 1);
	for (int i = 0; i < 1500; i++)
		buf_printf(&b, "%d\tdbm-list\t/data/%d\thit=5,5,5:1\tstored=1\n", 1500000000 + i, i);
	write_all("metrics.a", b.bytes, b.len);
	buf_free(&b);
	fill_log();
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(metrics_read(&m, &t, &f) == 0 && t.n <= METRICS_PAIRS + 100, "a thousand pairs and those of the log");
	for (size_t i = 0; i < t.n; i++) {
		if (strcmp(t.pairs[i]->database, METRICS_OTHER) == 0)
			others += t.pairs[i]->events[0] == 500 && t.pairs[i]->outcomes[METRICS_HIT].count == 500;
		late += strncmp(t.pairs[i]->database, "/data/", 6) == 0 && atoi(t.pairs[i]->database + 6) >= 500;
	}
	CHECK(others == 1 && late == 1000, "those that were not seen for long are counted together");
	mem_free(&m);
}

/* What cannot be folded is not appended to for ever. */
static void
test_full(void)
{
	struct stat st;
	int64_t counted = 0;

	fresh();
	ask("x", METRICS_HIT, 1, 0, 1);
	mkdir(path_of("metrics.a"), 0700);
	for (int i = 0; i < 100; i++)
		ask_much();
	CHECK(stat(path_of("metrics"), &st) == 0 && st.st_size < METRICS_LOG_MOST + 2 * METRICS_COMMAND, "a log with an end");
	CHECK(answers() == -1, "what is there and cannot be read is told");
	rmdir(path_of("metrics.a"));
	counted = answers();
	ask("x", METRICS_HIT, 1, 0, 1);
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(counted > 0 && answers() == counted + 1 && has("metrics.a"), "one command is not counted, the next one is");
}

/* Several at once */

static void
wait_all(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static void
test_together(void)
{
	enum { PROCESSES = 4, COMMANDS = 16 }; /* what they write is less than METRICS_LOG_MOST, folded or not */
	int64_t before = 0, now, back = 0;

	fresh();
	for (int p = 0; p < PROCESSES; p++) {
		if (fork() == 0) {
			for (int i = 0; i < COMMANDS; i++)
				ask_much();
			_exit(0);
		}
	}
	while (waitpid(-1, NULL, WNOHANG) >= 0) {
		now = answers();
		back += now < before;
		before = now;
	}
	CHECK(back == 0, "no count goes back while others write and fold");
	CHECK(answers() == (int64_t)PROCESSES * COMMANDS * 60, "nothing is lost and nothing counted twice");
}

/* A process that goes on until it is killed; it sends a byte behind each command. */
static pid_t
start_writer(int to)
{
	pid_t child = fork();

	while (child == 0) {
		ask_much();
		if (write(to, "", 1) < 0)
			_exit(1);
	}
	return child;
}

/* Who is killed while he writes may leave a part, and half a line, which takes the next one with it. */
static void
test_killed(void)
{
	enum { ROUNDS = 60 };
	int64_t counted = 0, wrong = 0;

	fresh();
	for (int round = 0; round < ROUNDS; round++) {
		int ends[2];
		pid_t child;
		ssize_t commands;

		if (pipe(ends) < 0)
			abort();
		child = start_writer(ends[1]);
		nanosleep(&(struct timespec){0, 1000000 * (1 + next_random(30))}, NULL);
		kill(child, SIGKILL);
		wait_all();
		close(ends[1]);
		commands = read(ends[0], bytes, MOST);
		close(ends[0]);
		wrong += answers() < counted + 60 * commands - 1 || answers() > counted + 60 * (commands + 1);
		counted = answers();
	}
	CHECK(wrong == 0, "whoever is killed, all that was written is counted once");
	CHECK(has("metrics.totals"), "with totals by then");
}

static void
test_locked(void)
{
	struct fail f;
	int fd;

	fresh();
	ask("x", METRICS_HIT, 1, 0, 1);
	fd = open(path_of("metrics"), O_RDONLY);
	flock(fd, LOCK_EX);
	CHECK(answers() == -1, "somebody folds and does not come to an end");
	CHECK(metrics_zero(&f) == -1, "nor can it be zero");
	CHECK(strstr(f.text, "/state/dbm: metrics: another process is at it") != NULL, "which is said");
	ask("x", METRICS_HIT, 1, 0, 1);
	close(fd);
	CHECK(answers() == 2, "a command appends all the same");
}

/* What is not ours, and damage */

static void
test_refused(void)
{
	static const char *const modes[] = {"metrics", "metrics.totals", ""};
	char victim[100];
	struct stat st;

	snprintf(victim, sizeof victim, "%s/victim", folder);
	fresh();
	ask("x", METRICS_HIT, 1, 0, 1);
	rename(path_of("metrics"), victim);
	CHECK(symlink(victim, path_of("metrics")) == 0, "a link");
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(answers() == -1 && stat(victim, &st) == 0 && st.st_size < 100, "is not followed");
	unlink(path_of("metrics"));
	CHECK(link(victim, path_of("metrics")) == 0, "a file of two names");
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(stat(victim, &st) == 0 && st.st_size < 100, "is not appended to");
	unlink(path_of("metrics"));
	unlink(victim);
	CHECK(mkfifo(path_of("metrics"), 0600) == 0, "a FIFO");
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(answers() == -1, "nobody waits for its other end");
	unlink(path_of("metrics"));
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(answers() == 1, "without all these");
	write_all("metrics.totals", "", 0);
	for (int i = 0; i < 3; i++) {
		chmod(path_of(modes[i]), 0777);
		CHECK(answers() == -1, "writable by others");
		chmod(path_of(modes[i]), i == 2 ? 0700 : 0600);
	}
	CHECK(answers() == 1, "put right");
	if (geteuid() == 0) {
		CHECK(lchown(path_of("metrics"), NOBODY, NOBODY) == 0, "another user's");
		ask("x", METRICS_HIT, 1, 0, 1);
		CHECK(answers() == -1 && read_all("metrics") < 100, "is neither read nor written");
	}
}

static void
test_places(void)
{
	char path[200], home[100];

	fresh();
	snprintf(home, sizeof home, "%s/home", state);
	mkdir(home, 0700);
	setenv("HOME", home, 1);
	setenv("XDG_STATE_HOME", "state", 1);
	ask("x", METRICS_HIT, 1, 0, 1);
	snprintf(path, sizeof path, "%s/.local/state/dbm/metrics", home);
	CHECK(access(path, F_OK) == 0 && answers() == 1, "in HOME, where the other is no absolute path");
	setenv("XDG_STATE_HOME", "", 1);
	CHECK(answers() == 1, "or empty");
	unsetenv("XDG_STATE_HOME");
	CHECK(answers() == 1, "or not set");
	setenv("HOME", "home", 1);
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(access("home", F_OK) < 0 && answers() == 0, "a HOME that is none");
	setenv("HOME", "/nonexistent/home", 1);
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(answers() == 0, "or not there");
	snprintf(path, sizeof path, "%s/one/two", state);
	setenv("XDG_STATE_HOME", path, 1);
	ask("x", METRICS_HIT, 1, 0, 1);
	CHECK(answers() == 1, "a new one in a new folder");
}

static void
test_lines(void)
{
	static const char *const bad[] = {
	    "",
	    "1784000000\n",
	    "1784000000\tdbm-x\n",
	    "178400000\tdbm-x\td\thit=1,1,1:1\n",
	    "11784000000\tdbm-x\td\thit=1,1,1:1\n",
	    "178400000x\tdbm-x\td\thit=1,1,1:1\n",
	    "1784000000\tdbm-x\td\thit=1,1,1:1",
	    "1784000000\tdbm-\td\thit=1,1,1:1\n",
	    "1784000000\trm\td\thit=1,1,1:1\n",
	    "1784000000\tdbm-X\td\thit=1,1,1:1\n",
	    "1784000000\tdbm-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\td\thit=1,1,1:1\n",
	    "1784000000\tdbm-x\t\thit=1,1,1:1\n",
	    "1784000000\tdbm-x\td\033[m\thit=1,1,1:1\n",
	    "1784000000\tdbm-x\td\302\233m\thit=1,1,1:1\n",
	    "1784000000\tdbm-x\td\351\thit=1,1,1:1\n",
	    "1784000000\tdbm-x\td\thit\n",
	    "1784000000\tdbm-x\td\thit=\n",
	    "1784000000\tdbm-x\td\thit=1\n",
	    "1784000000\tdbm-x\td\thit=1,1\n",
	    "1784000000\tdbm-x\td\thit=1,1,\n",
	    "1784000000\tdbm-x\td\thit=1,1,1\n",
	    "1784000000\tdbm-x\td\thit=1,1,1:\n",
	    "1784000000\tdbm-x\td\thit=1,1,1:1,\n",
	    "1784000000\tdbm-x\td\thit=1,1,1:1 \n",
	    "1784000000\tdbm-x\td\thit=1,1,1792:1\n",
	    "1784000000\tdbm-x\td\thit=1,1,-1:1\n",
	    "1784000000\tdbm-x\td\thit=1,1234567890123456789,1:1\n",
	    "1784000000\tdbm-x\td\thit=1,1152921504606846976,1:1\n",
	    "1784000000\tdbm-x\td\thit=1,10000000000000000000,1:1\n",
	    "1784000000\tdbm-x\td\thit=1,1,1:1\tstored=\n",
	    "1784000000\tdbm-x\td\thit=1,1,1:1\tstored=1x\n",
	    "1784000000\tdbm-x\td\thit=1,1,1:1\t\tstored=1\n",
	};
	int wrong = 0;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (*read_as(bad[i]) != '\0')
			printf("# %zu: %s", i, read_as(bad[i])), wrong++;
	}
	CHECK(wrong == 0, "what is no line is left out");
	CHECK_TEXT(read_as("1784000001\tdbm-x\td\tstored=1\n1784000000\tdbm-x\td\tnew=x\tstored=2\n"),
	    "1784000001\tdbm-x\td\tstored=3\n", "lines add up, and what another version counts is passed over");
	CHECK_TEXT(read_as("1784000000\tdbm-x\td\thit=999999999999999999,1,1:999999999999999999,1:999999999999999999\n"),
	    "1784000000\tdbm-x\td\thit=999999999999999999,1,1:1152921504606846975\n", "a count ends at its limit");
	CHECK_TEXT(read_as("1784000000\tdbm-x\td\tstored=11784000000\tdbm-x\td\tstored=1\n1784000000\tdbm-x\te\tstored=1\n"),
	    "1784000000\tdbm-x\te\tstored=1\n", "a line that broke off takes the next one with it, no more");
}

/* Whatever a byte becomes: reading ends, and the lines of other databases are what they were. */
static void
test_flips(void)
{
	static const char *const files[] = {"metrics", "metrics.totals"};
	struct buf b = {0};
	int wrong = 0;

	fresh();
	ask("x", METRICS_HIT, 1, 0, 1);
	for (int i = 0; i < 5; i++)
		buf_printf(&b, "1784000000\tdbm-x\td%d\tmiss=2,2,2:1,3:1\thit=1,1,1:1\tstored=1\n", i);
	for (int i = 0; i < 2; i++) {
		for (size_t at = 0; at < b.len; at++) {
			for (unsigned bit = 0; bit < 8; bit++) {
				b.bytes[at] ^= (char)(1u << bit);
				write_all(files[i], b.bytes, b.len);
				b.bytes[at] ^= (char)(1u << bit);
				wrong += answers() < 9;
			}
		}
		unlink(path_of(files[i]));
	}
	CHECK(wrong == 0, "each bit of the files");
	buf_free(&b);
}

static void
test_no_space(void)
{
	struct rlimit limit, none = {20, RLIM_INFINITY};

	fresh();
	ask("x", METRICS_HIT, 1, 0, 1);
	getrlimit(RLIMIT_FSIZE, &limit);
	none.rlim_max = limit.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	ask("x", METRICS_HIT, 1, 0, 1);
	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(answers() == 1, "a file that may not grow is not the end of the command");
}

int
main(void)
{
	if (mkdtemp(folder) == NULL || chdir(folder) < 0)
		abort();
	snprintf(state, sizeof state, "%s/state", folder);
	mkdir(state, 0700);
	test_one();
	test_many();
	test_quantiles();
	test_fold();
	test_limit();
	test_full();
	test_together();
	test_killed();
	test_locked();
	test_refused();
	test_places();
	test_lines();
	test_flips();
	test_no_space();
	remove_all(folder);
	return tap_end();
}

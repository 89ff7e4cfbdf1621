/* One process asks, the others wait: until he is done, killed, or their time is over. */

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "cache_folder.h"
#include "flight.h"

static struct cache cache;

/* An answer beside the usual one, with the same lock or with another. */
static struct cache_name
other_name(int same)
{
	static char rest[20];
	struct cache_name n = usual;

	n.rest = rest;
	for (int i = 0;; i++) {
		n.rest_len = (size_t)snprintf(rest, sizeof rest, "%d", i);
		if (((cache_name_hash(&n) & 0xff) == (cache_name_hash(&usual) & 0xff)) == same)
			return n;
	}
}

static void
let_go(int lock)
{
	if (lock >= 0)
		close(lock);
}

static void
sleep_ms(int ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

/* A process that holds the lock of the usual answer for so long, or until it is killed; returns when it holds it. */
static pid_t
holder(int ms)
{
	int pipes[2], lock;
	char byte;
	pid_t child;

	if (pipe(pipes) < 0)
		abort();
	child = fork();
	if (child == 0) {
		struct cache c = {0};

		byte = (char)flight_take(&c, &usual, &lock);
		if (write(pipes[1], &byte, 1) != 1)
			_exit(1);
		while (ms < 0 || ms-- > 0)
			sleep_ms(1);
		_exit(0);
	}
	CHECK(read(pipes[0], &byte, 1) == 1 && byte == FLIGHT_MINE, "another process asks");
	close(pipes[0]);
	close(pipes[1]);
	return child;
}

static void
test_mine(void)
{
	struct cache_name name = other_name(0);
	int one, two, three;
	struct stat st;

	fresh();
	CHECK(flight_take(&cache, &usual, &one) == FLIGHT_MINE && one >= 0, "the first one asks");
	CHECK(find("dbm/v1/locks/[0-9a-f][0-9a-f]") != NULL && find("dbm/v1/CACHEDIR.TAG") != NULL,
	    "with a lock file in the cache");
	CHECK(fstat(one, &st) == 0 && st.st_size == 0 && (fcntl(one, F_GETFD) & FD_CLOEXEC) != 0,
	    "of no bytes, which other programs do not inherit");
	CHECK(flight_take(&cache, &usual, &two) == FLIGHT_ANOTHERS && two == -1, "a second one does not");
	CHECK(flight_take(&cache, &name, &three) == FLIGHT_MINE, "but for another answer");
	let_go(three);
	let_go(one);
	CHECK(flight_take(&cache, &usual, &two) == FLIGHT_MINE, "until the first is done");
	let_go(two);
	CHECK(find("dbm/v1/locks/[0-9a-f][0-9a-f]") != NULL, "the file stays");
	CHECK_TEXT(event(), "", "nothing waits, nothing is told");
}

/* Two answers of one process whose lock files are the same one, and one that is asked for twice. */
static void
test_shared(void)
{
	struct cache_name name = other_name(1);
	struct watch w = {.deadline = watch_now() + 30 * INT64_C(1000000)};
	int one, two, three;

	CHECK(flight_take(&cache, &usual, &one) == FLIGHT_MINE && flight_take(&cache, &name, &two) == FLIGHT_MINE,
	    "two answers share a file, and no lock");
	CHECK(flight_take(&cache, &usual, &three) == FLIGHT_ANOTHERS, "one answer twice");
	CHECK(flight_wait(&cache, &usual, &w, &three) == FLIGHT_ANOTHERS && three == -1, "who waits for himself waits in vain");
	CHECK(watch_over(&w), "until his time is over");
	CHECK_TEXT(event(), "wait kind=rowindex", "which is told");
	let_go(one);
	CHECK(flight_wait(&cache, &usual, NULL, &three) == FLIGHT_MINE, "and in turn has it");
	let_go(two);
	let_go(three);
	event();
}

static void
test_done(void)
{
	pid_t child = holder(30);
	int lock;

	CHECK(flight_take(&cache, &usual, &lock) == FLIGHT_ANOTHERS && lock == -1, "it is his");
	CHECK(flight_wait(&cache, &usual, NULL, &lock) == FLIGHT_MINE && lock >= 0, "waited for until he is done");
	CHECK_TEXT(event(), "wait kind=rowindex", "which is told");
	CHECK(waitpid(child, NULL, 0) == child, "so he is");
	let_go(lock);
}

static void
test_killed(void)
{
	pid_t child = holder(-1);
	int lock;

	CHECK(flight_take(&cache, &usual, &lock) == FLIGHT_ANOTHERS, "it is his");
	kill(child, SIGKILL);
	CHECK(flight_wait(&cache, &usual, NULL, &lock) == FLIGHT_MINE, "it is no longer when he is killed");
	waitpid(child, NULL, 0);
	let_go(lock);
	event();
}

static void
test_deadline(void)
{
	pid_t child = holder(-1);
	struct watch w = {.deadline = watch_now() + 50 * INT64_C(1000000)}, over = {.deadline = 1};
	int lock;

	CHECK(flight_wait(&cache, &usual, &w, &lock) == FLIGHT_ANOTHERS && lock == -1 && watch_over(&w),
	    "waited for to the deadline");
	CHECK(flight_wait(&cache, &usual, &over, &lock) == FLIGHT_ANOTHERS && lock == -1, "where that is over not at all");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	CHECK(flight_wait(&cache, &usual, &over, &lock) == FLIGHT_MINE, "but what nobody holds is had even then");
	let_go(lock);
	event();
}

/* Many processes that take turns: never two at once. */
static void
test_turns(void)
{
	enum { PROCESSES = 8, TURNS = 20 };
	char path[100];
	int wrong = 0, status;

	snprintf(path, sizeof path, "%s/inside", folder);
	for (int i = 0; i < PROCESSES; i++) {
		struct cache c = {0};
		int lock, bad = 0;

		if (fork() != 0)
			continue;
		for (int turn = 0; turn < TURNS; turn++) {
			bad |= flight_wait(&c, &usual, NULL, &lock) != FLIGHT_MINE;
			bad |= mkdir(path, 0700) < 0 || rmdir(path) < 0;
			let_go(lock);
		}
		_exit(bad);
	}
	while (wait(&status) > 0)
		wrong += status != 0;
	CHECK(wrong == 0, "one after the other");
	event();
}

static void
test_none(void)
{
	struct cache c = {0};
	int lock;

	unsetenv("HOME");
	unsetenv("XDG_CACHE_HOME");
	CHECK(flight_take(&c, &usual, &lock) == FLIGHT_NONE && lock == -1, "without a cache there is no lock");
	CHECK(flight_wait(&c, &usual, NULL, &lock) == FLIGHT_NONE && lock == -1, "and nothing is waited for");
	CHECK_TEXT(event(), "", "or told");
	cache_close(&c);
	setenv("HOME", home, 1);
	fresh();
	put("x");
	event();
	chmod(part(DBM), 0777);
	CHECK(flight_take(&c, &usual, &lock) == FLIGHT_NONE && find("dbm/v1/locks") == NULL, "nor where others may write");
	cache_close(&c);
}

static void
tests(void)
{
	test_mine();
	test_shared();
	test_done();
	test_killed();
	test_deadline();
	test_turns();
	test_none();
	cache_close(&cache);
}

int
main(int argc, char **argv)
{
	return run_tests(argc, argv, tests);
}

/*
 * Readers, writers, invalidators and collectors beside each other, killed at any moment: what was read before an invalidation
 * is never found after it, and nothing that is found is half of anything.
 *
 * The sources are numbers in shared memory, which only grow: the version of a table.  Who forgets something notes the versions
 * before he begins, and when he is done, that nothing older may be found: whoever begins to look after that holds what he finds
 * to it.  A reader begins (cache_begin()), reads the version, and stores it, with pauses in which all else may happen.
 *
 * DBM_ROUNDS: how many times ten thousand steps; DBM_SEED: the same choices again, though not the same interleaving.
 */

#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cache.h"
#include "chance.h"
#include "collect.h"
#include "file_at.h"
#include "forget.h"
#include "remove_all.h"
#include "tap.h"

enum { STEPS = 10000, WORKERS = 8, DATABASES = 2, TABLES = 2, KINDS = 2, SUBJECTS = DATABASES * TABLES, LONGEST = 20000 };

static const char *const databases[DATABASES] = {"/d", "slow:e"};
static const char *const tables[TABLES] = {"/d/a.csv", "t"};
static const char *const kinds[KINDS] = {"count", "preview"};

static struct world {
	atomic_uint versions[SUBJECTS];      /* of each table */
	atomic_uint oldest[SUBJECTS][KINDS]; /* that may be found */
	atomic_uint steps, hits, stored, forgotten, collected, gone, old, half, failed;
} * world;

static char folder[64];
static uint64_t seed;

static unsigned
below(unsigned n)
{
	return (unsigned)chance_below(&seed, n);
}

/* Lets the others go on: mostly not, sometimes for a moment, now and then for long. */
static void
pause_here(void)
{
	switch (below(8)) {
	case 0:
		nanosleep(&(struct timespec){.tv_nsec = below(2000000)}, NULL);
		break;
	case 1:
	case 2:
		sched_yield();
		break;
	default:
		break;
	}
}

static struct cache_name
name_of(unsigned subject, unsigned kind)
{
	return (struct cache_name){
	    kinds[kind], databases[subject / TABLES], tables[subject % TABLES], "", 0, "as it was called"};
}

/* An answer: the version, and as many bytes as it says, each of which says it too. */
static size_t
compose(char *to, unsigned version, unsigned subject)
{
	size_t len = sizeof version + (size_t)(version * 7919 % (LONGEST - 64));

	memset(to, (int)(version * 31 + subject), len);
	memcpy(to, &version, sizeof version);
	return len;
}

static void
look(struct cache *c, unsigned subject, unsigned kind)
{
	static char want[LONGEST];
	unsigned oldest = atomic_load(&world->oldest[subject][kind]), version = 0;
	const struct cache_name name = name_of(subject, kind);
	struct mem m = {0};
	struct entry e;
	const char *why = cache_find(c, &m, &name, &e);

	if (why == NULL) {
		atomic_fetch_add(&world->hits, 1);
		if (e.len >= sizeof version)
			memcpy(&version, e.bytes, sizeof version);
		if (version < oldest)
			atomic_fetch_add(&world->old, 1);
		if (e.len != compose(want, version, subject) || memcmp(e.bytes, want, e.len) != 0)
			atomic_fetch_add(&world->half, 1);
	} else if (strcmp(why, "absent") != 0 && strcmp(why, "generation") != 0) {
		printf("# not found: %s\n", why);
		atomic_fetch_add(&world->failed, 1);
	}
	mem_free(&m);
}

static void
read_and_store(struct cache *c, unsigned subject, unsigned kind)
{
	static char answer[LONGEST];
	const struct cache_name name = name_of(subject, kind);
	struct entry e = {.bytes = answer};

	if (cache_begin(c, &name, e.generations) < 0)
		return;
	pause_here();
	e.len = compose(answer, atomic_load(&world->versions[subject]), subject);
	pause_here();
	if (cache_store(c, &name, &e) == 0)
		atomic_fetch_add(&world->stored, 1);
	if (below(4) == 0)
		collect_stored(c);
}

static void
raise_to(atomic_uint *number, unsigned to)
{
	unsigned now = atomic_load(number);

	while (now < to && !atomic_compare_exchange_weak(number, &now, to))
		continue;
}

/* Forgets any of: everything, a database, a table; all of it or a kind. */
static void
forget(struct cache *c)
{
	unsigned before[SUBJECTS], what = below(8), subject = below(SUBJECTS), kind = below(KINDS);
	const char *database = what == 0 ? NULL : databases[subject / TABLES];
	const char *table = what < 3 ? NULL : tables[subject % TABLES];
	struct forget o = {.cache = c, .kinds = &kinds[kind], .nkinds = below(2)};
	struct fail f;

	for (unsigned s = 0; s < SUBJECTS; s++)
		before[s] = atomic_load(&world->versions[s]);
	if (forget_run(&o, database, table, &f) < 0) {
		printf("# not forgotten: %s\n", f.text);
		atomic_fetch_add(&world->failed, 1);
		return;
	}
	atomic_fetch_add(&world->forgotten, 1);
	for (unsigned s = 0; s < SUBJECTS; s++) {
		if ((database != NULL && s / TABLES != subject / TABLES) || (table != NULL && s != subject))
			continue;
		for (unsigned k = 0; k < KINDS; k++) {
			if (o.nkinds == 0 || k == kind)
				raise_to(&world->oldest[s][k], before[s]);
		}
	}
}

/* Makes folders, or temporary files, look as if nobody had touched them for two hours. */
static int temporary;

static int
age_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	const struct timespec then = {.tv_sec = time(NULL) - 7200}, times[2] = {then, then};

	(void)st;
	if (temporary ? file_at_is_temporary(path + place->base) : type == FTW_D && below(2) == 0)
		utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static void
collect(struct cache *c, uint64_t limit)
{
	struct collect k = {.cache = c, .limit = limit, .thorough = limit != 0};
	struct fail f;

	if (collect_run(&k, &f) < 0) {
		printf("# not collected: %s\n", f.text);
		atomic_fetch_add(&world->failed, 1);
	}
	atomic_fetch_add(&world->collected, 1);
	atomic_fetch_add(&world->gone, (unsigned)k.entries);
}

/* All entries, and then the folders that nobody seems to have used. */
static void
collect_all(struct cache *c)
{
	collect(c, 0);
	pause_here();
	nftw(folder, age_one, 16, FTW_PHYS);
	collect(c, UINT64_MAX);
}

static void
step(struct cache *c)
{
	unsigned subject = below(SUBJECTS), kind = below(KINDS), what = below(32);

	if (what < 12)
		look(c, subject, kind);
	else if (what < 20)
		read_and_store(c, subject, kind);
	else if (what < 25)
		atomic_fetch_add(&world->versions[subject], 1);
	else if (what < 28)
		forget(c);
	else if (what < 29)
		collect(c, below(100000));
	else if (what < 31)
		collect_all(c);
	else
		cache_close(c);
	atomic_fetch_add(&world->steps, 1);
}

static pid_t
start(unsigned steps)
{
	pid_t pid;

	seed = seed * 6364136223846793005 + 1;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct cache c = {.limit = UINT64_MAX};

		while (atomic_load(&world->steps) < steps) {
			step(&c);
			pause_here();
		}
		fflush(stdout);
		_exit(0);
	}
	return pid;
}

/* Kills one of the workers after another, until they have done their steps. */
static unsigned
run(unsigned steps)
{
	pid_t workers[WORKERS];
	unsigned killed = 0;
	int status;

	for (int i = 0; i < WORKERS; i++)
		workers[i] = start(steps);
	while (atomic_load(&world->steps) < steps) {
		unsigned i = below(WORKERS), until = atomic_load(&world->steps) + below(100);

		while (atomic_load(&world->steps) < (until < steps ? until : steps))
			nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
		kill(workers[i], SIGKILL);
		waitpid(workers[i], &status, 0);
		killed += WIFSIGNALED(status) != 0;
		if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
			atomic_fetch_add(&world->failed, 1);
		workers[i] = start(steps);
	}
	for (int i = 0; i < WORKERS; i++)
		waitpid(workers[i], &status, 0);
	return killed;
}

static unsigned left;

static int
count_temporary(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st, (void)type;
	left += file_at_is_temporary(path + place->base);
	return 0;
}

static void
check_left_over(void)
{
	struct cache c = {0};
	struct collect k = {.cache = &c, .limit = UINT64_MAX, .thorough = 1};
	struct fail f;

	temporary = 1;
	nftw(folder, age_one, 16, FTW_PHYS);
	CHECK(collect_run(&k, &f) == 0, "afterwards it is collected");
	nftw(folder, count_temporary, 16, FTW_PHYS);
	CHECK(left == 0, "no temporary file over an hour old is left");
	CHECK(k.left <= (uint64_t)SUBJECTS * KINDS * (LONGEST + 4096), "nor more than the entries there can be");
	cache_close(&c);
}

int
main(void)
{
	const char *rounds = getenv("DBM_ROUNDS"), *given = getenv("DBM_SEED");
	unsigned steps = STEPS * (rounds != NULL ? (unsigned)atoi(rounds) : 1), killed;

	seed = given != NULL ? (uint64_t)atoll(given) : (uint64_t)time(NULL);
	printf("# DBM_SEED=%llu\n", (unsigned long long)seed);
	snprintf(folder, sizeof folder, "%s/dbm-interleave.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (world == MAP_FAILED || mkdtemp(folder) == NULL)
		return 1;
	setenv("XDG_CACHE_HOME", folder, 1);
	killed = run(steps);
	printf("# steps %u, stores %u, hits %u, invalidations %u, collections %u, entries collected %u, killed %u\n",
	    atomic_load(&world->steps), atomic_load(&world->stored), atomic_load(&world->hits), atomic_load(&world->forgotten),
	    atomic_load(&world->collected), atomic_load(&world->gone), killed);
	CHECK(atomic_load(&world->old) == 0, "no answer that was read before an invalidation is found after it");
	CHECK(atomic_load(&world->half) == 0, "no half entry is found");
	CHECK(atomic_load(&world->failed) == 0, "nothing fails, and nothing found is odd");
	CHECK(atomic_load(&world->hits) > steps / 50 && atomic_load(&world->forgotten) > steps / 50 &&
		  atomic_load(&world->collected) > steps / 50 && atomic_load(&world->gone) > steps / 50 && killed > steps / 200,
	    "enough has happened");
	check_left_over();
	remove_all(folder);
	return tap_end();
}

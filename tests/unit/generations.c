/* What is forgotten stays forgotten: whoever stores what he read before, however late, and whatever becomes of the generations.
 */

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "cache_folder.h"

/* What may be forgotten. */
struct thing {
	const char *database, *table, *kind;
};

static const struct thing database = {"/data", NULL, NULL}, table = {"/data", "/data/a.csv", NULL},
			  kind = {"/data", "/data/a.csv", "rowindex"};

static int
forget_thing(const struct thing *t)
{
	return forget(t->database, t->table, t->kind);
}

/* Every order of four of the steps that two readers and who forgets may take, one order overlapping the next: a de Bruijn
 * sequence, made by taking the last step that makes a new order (Martin, A problem in arrangements, 1934). */

enum step { BEGIN_1, BEGIN_2, STORE_1, STORE_2, FORGET_DATABASE, FORGET_TABLE, FORGET_KIND, STEPS };
enum { THREE = STEPS * STEPS * STEPS, ORDERS = THREE * STEPS };

/* How often each thing was forgotten, as it is, was when a reader began, and was when he began whose answer stands there. */
struct times {
	int there; /* he has begun */
	int often[3];
};

static int
take_step(enum step step, struct times *now, struct times begun[2], struct times *stored)
{
	static char generations[2][ENTRY_GENERATIONS];
	unsigned reader = step & 1;

	if (step >= FORGET_DATABASE) {
		now->often[step - FORGET_DATABASE]++;
		return forget_thing(step == FORGET_DATABASE ? &database : step == FORGET_TABLE ? &table : &kind);
	}
	if (step <= BEGIN_2) {
		begun[reader] = *now;
		begun[reader].there = 1;
		return begin(&usual, generations[reader]);
	}
	if (!begun[reader].there)
		return 0;
	*stored = begun[reader];
	return store(&usual, generations[reader], "x", 1);
}

/* The step that makes a new order of the last three. */
static int
next_step(char seen[THREE][STEPS], int last)
{
	int step = STEPS - 1;

	while (step > 0 && seen[last][step])
		step--;
	seen[last][step] = 1;
	return step;
}

static void
test_orders(void)
{
	static char seen[THREE][STEPS];
	struct times now = {0}, begun[2] = {{0}, {0}}, stored = {0};
	int wrong = 0, orders = 0, last = 0;

	fresh();
	put("x");
	forget_thing(&database);
	memset(seen, 0, sizeof seen);
	for (int i = 0; i < ORDERS; i++) {
		int step = next_step(seen, last), found;

		wrong += take_step(step, &now, begun, &stored) != 0;
		found = strcmp(look(&usual), "hit") == 0;
		wrong += found != (stored.there && memcmp(stored.often, now.often, sizeof now.often) == 0);
		last = last * STEPS % THREE + step;
	}
	for (int i = 0; i < ORDERS; i++)
		orders += seen[i / STEPS][i % STEPS];
	CHECK(orders == ORDERS, "every order of four steps");
	CHECK(wrong == 0, "just that is found which was not forgotten since it was begun to be read");
	event();
}

/* A reader who is slower than all that others do meanwhile. */
static void
test_slow(void)
{
	static const struct thing *const things[] = {&database, &table, &kind};
	char slow[ENTRY_GENERATIONS];

	for (int i = 0; i < 3; i++) {
		fresh();
		CHECK(begin(&usual, slow) == 0 && put("x") == 0 && forget_thing(things[i]) == 0, "forgotten while it is read");
		event();
		CHECK_TEXT(get("x"), "generation", "what was stored before is not found");
		CHECK(store(&usual, slow, "old", 3) == 0, "the slow one stores");
		event();
		CHECK_TEXT(get("old"), "generation", "and is not found either");
		put("new");
		event();
		CHECK_TEXT(get("new"), "hit", "who began behind it is");
		CHECK(store(&usual, slow, "old", 3) == 0 && forget_thing(things[(i + 1) % 3]) == 0, "forgotten again");
		event();
		CHECK_TEXT(get("old"), "generation", "the slow one never is");
	}
}

/* What is left where one thing is forgotten: of two kinds of two tables of two databases. */
static void
test_others(void)
{
	static const struct thing *const things[] = {&database, &table, &kind};
	static const char *const databases[] = {"/data", "/other"}, *const tables[] = {"/data/a.csv", ""},
				 *const kinds[] = {"rowindex", "count"};

	for (int i = 0; i < 3; i++) {
		int wrong = 0;

		fresh();
		for (int n = 0; n < 8; n++) {
			struct cache_name name = {kinds[n & 1], databases[n >> 2], tables[n >> 1 & 1], "", 0, ""};

			wrong += put_bytes(&name, "x", 1) != 0;
		}
		wrong += forget_thing(things[i]) != 0;
		for (int n = 0; n < 8; n++) {
			struct cache_name name = {kinds[n & 1], databases[n >> 2], tables[n >> 1 & 1], "", 0, ""};
			int gone = n < (i == 0 ? 4 : i == 1 ? 2 : 1);

			wrong += strcmp(look(&name), gone ? "generation" : "hit") != 0;
		}
		CHECK(wrong == 0, i == 0 ? "all of a database" : i == 1 ? "of a table" : "of a kind");
	}
	event();
}

static void
test_nothing(void)
{
	char before[300];

	fresh();
	CHECK(forget_thing(&database) == 0 && forget_thing(&table) == 0 && forget_thing(&kind) == 0 && find("*") == NULL,
	    "where there is no cache none is made");
	put("x");
	snprintf(before, sizeof before, "%s", part(DATABASE));
	CHECK(forget("/other", NULL, NULL) == 0 && forget("/other", "/data/a.csv", NULL) == 0 &&
		  forget("/data", "/data/b.csv", NULL) == 0 && forget("/data", "/data/b.csv", "rowindex") == 0,
	    "what is not there is forgotten");
	remove_all(before);
	CHECK(find(parts[DATABASE]) == NULL, "and nothing made: no other database");
	put("x");
	remove_all(part(TABLE));
	CHECK(find(parts[TABLE]) == NULL, "nor table");
	event();
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	CHECK(forget_thing(&database) == -1, "where no cache can be, nobody knows");
	setenv("HOME", home, 1);
}

/* Gone together with their folder, as a collector takes them, and in part. */
static void
test_collected(void)
{
	char slow[ENTRY_GENERATIONS], old[900], path[300], mark[400];
	size_t n;

	for (int i = DATABASE; i <= TABLE; i++) {
		fresh();
		put("x");
		begin(&usual, slow);
		snprintf(path, sizeof path, "%s", part(ENTRY));
		n = read_all(path, old, sizeof old);
		remove_all(part(i));
		event();
		CHECK_TEXT(get("x"), "absent", i == TABLE ? "without the table's folder" : "without the database's");
		CHECK(store(&usual, slow, "x", 1) == -1, "who began before stores nothing");
		CHECK_TEXT(event(), "unstored kind=rowindex why=folder", "since the folder has gone");
		put("new");
		write_all(path, old, n);
		event();
		CHECK_TEXT(get("x"), "generation", "what was there is not found again in a new one");
		CHECK(store(&usual, slow, "x", 1) == 0 && strcmp((event(), get("x")), "generation") == 0,
		    "nor what is stored late");
		snprintf(mark, sizeof mark, "%s/generation", part(i));
		put("new");
		unlink(mark);
		event();
		CHECK_TEXT(get("new"), "generation", "nothing is found without the link");
		CHECK(put("newer") == 0 && strcmp((event(), get("newer")), "hit") == 0, "and another one is made");
	}
}

/* What is in the place of a generation and is none: nothing is found while it is there, and who stores replaces it. */
static void
check_odd(const char *path, const char *name)
{
	event();
	CHECK_TEXT(get("x"), "generation", name);
	CHECK(put("y") == 0, "is replaced");
	event();
	CHECK_TEXT(get("y"), "hit", "by one");
	CHECK(unlink(path) == 0 && symlink("0123456789abcdef0123456789abcdef", path) == 0, "one that is right");
	event();
	CHECK_TEXT(get("y"), "generation", "is not that one");
	put("x");
	unlink(path);
}

static void
test_odd(void)
{
	static const int where[] = {DATABASE, TABLE, TABLE};
	static const char *const names[] = {"generation", "generation", "generation.rowindex"};
	char path[400], longer[200];

	memset(longer, '0', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	for (int i = 0; i < 3; i++) {
		fresh();
		put("x");
		forget_thing(&kind);
		put("x");
		snprintf(path, sizeof path, "%s/%s", part(where[i]), names[i]);
		unlink(path);
		write_all(path, "0123456789abcdef0123456789abcdef", 32);
		check_odd(path, "a file");
		mkfifo(path, 0600);
		check_odd(path, "a FIFO");
		symlink("0", path);
		check_odd(path, "a link of one letter");
		symlink("0123456789abcdef0123456789abcde", path);
		check_odd(path, "a link a letter too short");
		symlink("0123456789abcdef0123456789abcdef0", path);
		check_odd(path, "a link a letter too long");
		symlink(longer, path);
		check_odd(path, "a link of many letters");
		mkdir(path, 0700);
		event();
		CHECK_TEXT(get("x"), "generation", "a folder");
		CHECK(put("x") == -1 && find("dbm/v1/*/tmp*") == NULL && find("dbm/v1/*/*/tmp*") == NULL,
		    "nothing replaces that");
	}
}

/* A kind that was forgotten, and of which something odd stands where the generation was. */
static void
test_odd_kind(void)
{
	char path[400];

	fresh();
	put("x");
	forget_thing(&kind);
	snprintf(path, sizeof path, "%s/generation.rowindex", part(TABLE));
	unlink(path);
	write_all(path, "", 0);
	event();
	CHECK_TEXT(get("x"), "generation", "what was stored before the first time is not found");
	put("y");
	event();
	CHECK_TEXT(get("y"), "hit", "what is stored now is");
}

static void
test_forget_odd(void)
{
	char path[400];

	fresh();
	put("x");
	snprintf(path, sizeof path, "%s/generation.rowindex", part(TABLE));
	mkfifo(path, 0600);
	CHECK(forget_thing(&kind) == 0, "a FIFO is replaced");
	put("y");
	event();
	CHECK_TEXT(get("y"), "hit", "by a generation");
	unlink(path);
	mkdir(path, 0700);
	CHECK(forget_thing(&kind) == -1, "a folder is not, which is a failure");
	CHECK(find("dbm/v1/*/*/tmp*") == NULL, "no temporary file is left");
}

static void
test_texts(void)
{
	char one[ENTRY_GENERATIONS], two[ENTRY_GENERATIONS];
	int digits = 0;

	fresh();
	CHECK(begin(&usual, one) == 0 && forget_thing(&database) == 0 && forget_thing(&table) == 0 &&
		  forget_thing(&kind) == 0 && begin(&usual, two) == 0,
	    "all three made again");
	for (int i = 0; i < ENTRY_GENERATIONS; i++)
		digits += strchr("0123456789abcdef", one[i]) != NULL && strchr("0123456789abcdef", two[i]) != NULL;
	CHECK(digits == ENTRY_GENERATIONS, "hexadecimal digits");
	for (int i = 0; i < ENTRY_GENERATIONS; i += ENTRY_GENERATION)
		CHECK(memcmp(one + i, two + i, ENTRY_GENERATION) != 0, "another one");
	CHECK(memcmp(two, two + ENTRY_GENERATION, ENTRY_GENERATION) != 0, "and none twice");
}

/* Processes that begin together have the same generations. */
static void
test_together(void)
{
	enum { PROCESSES = 6, ROUNDS = 20 };
	char mine[ENTRY_GENERATIONS], theirs[ENTRY_GENERATIONS];
	struct cache_name name = usual;
	int wrong = 0, pipes[2];

	fresh();
	for (int round = 0; round < ROUNDS; round++) {
		char text[20];

		snprintf(text, sizeof text, "/%d", round);
		name.database = text;
		if (pipe(pipes) < 0)
			abort();
		for (int i = 0; i < PROCESSES; i++) {
			if (fork() == 0)
				_exit(begin(&name, mine) < 0 || write(pipes[1], mine, sizeof mine) < 0);
		}
		close(pipes[1]);
		wrong += begin(&name, mine) < 0;
		for (int i = 0; i < PROCESSES; i++) {
			wrong += read(pipes[0], theirs, sizeof theirs) != sizeof theirs;
			wrong += memcmp(mine, theirs, sizeof mine) != 0;
		}
		close(pipes[0]);
		while (wait(NULL) > 0)
			continue;
	}
	CHECK(wrong == 0, "who begins together with others has their generations");
}

/* Zero, which child processes share. */
static volatile unsigned *
shared_number(void)
{
	char path[100];
	unsigned *number;
	int fd;

	snprintf(path, sizeof path, "%s/number", folder);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, sizeof *number) < 0)
		abort();
	number = mmap(NULL, sizeof *number, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (number == MAP_FAILED)
		abort();
	close(fd);
	return number;
}

/* One process reads and stores a number for ever, another makes it larger, forgets, and never finds a smaller one. */
static void
test_number(void)
{
	volatile unsigned *number = shared_number();
	char generations[ENTRY_GENERATIONS];
	struct cache c = {0};
	struct fail f;
	pid_t child;
	int wrong = 0;

	fresh();
	put("x");
	child = fork();
	while (child == 0) {
		unsigned copy;

		begin(&usual, generations);
		copy = *number;
		store(&usual, generations, (const char *)&copy, sizeof copy);
	}
	for (int i = 0; i < 600; i++) {
		const struct thing *t = i % 3 == 0 ? &database : i % 3 == 1 ? &table : &kind;
		struct mem m = {0};
		struct entry e;
		unsigned found;

		++*number;
		wrong += cache_forget(&c, t->database, t->table, t->kind, &f) != 0;
		if (cache_find(&c, &m, &usual, &e) == NULL) {
			memcpy(&found, e.bytes, sizeof found);
			wrong += found < *number;
		}
		mem_free(&m);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	cache_close(&c);
	munmap((void *)(uintptr_t)number, sizeof *number);
	event();
	CHECK(wrong == 0, "what was forgotten is not found while another process stores");
}

static void
tests(void)
{
	/* Whose they are changes nothing: once is enough. */
	if (geteuid() == 0)
		return;
	test_orders();
	test_slow();
	test_others();
	test_nothing();
	test_collected();
	test_odd();
	test_odd_kind();
	test_forget_odd();
	test_texts();
	test_together();
	test_number();
}

int
main(int argc, char **argv)
{
	return run_tests(argc, argv, tests);
}

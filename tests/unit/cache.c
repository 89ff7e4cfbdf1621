/* The cache: what was stored is found, and nothing else is: not of another key, not of another version, not damaged. */

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "cache_folder.h"

static void
test_found(void)
{
	static const char bytes[] = "a\0b\n\xff";
	struct cache c = {0};
	struct mem m = {0};
	struct entry e;

	fresh();
	CHECK_TEXT(get("x"), "absent", "nothing stored, no cache");
	CHECK(find("*") == NULL, "asking makes nothing");
	CHECK(put("answer") == 0, "stored");
	CHECK_TEXT(event(), "store kind=rowindex bytes=6", "its event");
	CHECK_TEXT(get("answer"), "hit", "found");
	CHECK(put("") == 0 && strcmp((event(), get("")), "hit") == 0, "an empty answer replaces it");
	CHECK(put_bytes(&usual, bytes, sizeof bytes) == 0 && cache_find(&c, &m, &usual, &e) == NULL && e.len == sizeof bytes &&
		  memcmp(e.bytes, bytes, e.len) == 0,
	    "any bytes");
	CHECK_TEXT(e.ref, "/data/a.csv", "and the reference");
	CHECK(find("dbm/v1/*/*/tmp*") == NULL, "no temporary file is left");
	event();
	cache_close(&c);
	mem_free(&m);
}

/* What stands in the entry beside the answer. */
static void
test_facts(void)
{
	struct entry e = {.read_at = -1, .rows = 50, .width = UINT64_MAX, .whole = ENTRY_ALL_BYTES, .bytes = ""}, got;
	struct cache c = {0};
	struct mem m = {0};

	e.failures = UINT32_MAX, e.failed_at = INT64_MAX;
	CHECK(proof_source(&e.proof, "what it said", 12) == 0, "a source's proof");
	CHECK(cache_begin(&c, &usual, e.generations) == 0 && cache_store(&c, &usual, &e) == 0, "stored");
	CHECK(cache_find(&c, &m, &usual, &got) == NULL && got.read_at == -1 && got.rows == 50 && got.width == UINT64_MAX &&
		  got.whole == ENTRY_ALL_BYTES && got.failures == UINT32_MAX && got.failed_at == INT64_MAX &&
		  proof_same(&got.proof, &e.proof) && memcmp(got.generations, e.generations, ENTRY_GENERATIONS) == 0,
	    "comes back");
	got.failures++;
	CHECK(cache_store(&c, &usual, &got) == 0 && cache_find(&c, &m, &usual, &e) == NULL && e.failures == 0 &&
		  memcmp(e.generations, got.generations, ENTRY_GENERATIONS) == 0,
	    "what was found may be stored again");
	event();
	cache_close(&c);
	mem_free(&m);
}

/* One command looks for the cache once, and makes it once. */
static void
test_command(void)
{
	char generations[ENTRY_GENERATIONS];
	struct cache c = {0};
	struct entry e = {.bytes = "x", .len = 1};
	struct mem m = {0};
	struct fail f;

	fresh();
	CHECK_TEXT(cache_find(&c, &m, &usual, &e), "absent", "before anything is stored");
	CHECK(cache_folder(&c, &f) == -1 && errno == ENOENT && c.warning == NULL, "there is no folder, and nothing to warn of");
	CHECK(cache_begin(&c, &usual, e.generations) == 0, "then it is made");
	e.bytes = "x", e.len = 1;
	CHECK(cache_store(&c, &usual, &e) == 0 && cache_find(&c, &m, &usual, &e) == NULL, "and found");
	CHECK(begin(&usual, generations) == 0 && memcmp(generations, e.generations, sizeof generations) == 0,
	    "the generations are made once");
	event();
	cache_close(&c);
	CHECK(!c.looked, "closed, it has not been looked for yet");
	mem_free(&m);
}

static void
test_large(void)
{
	char *large = calloc(1, CACHE_LARGEST + (size_t)1);

	fresh();
	CHECK(large != NULL && put_bytes(&usual, large, CACHE_LARGEST + (size_t)1) == -1, "too large");
	CHECK_TEXT(event(), "unstored kind=rowindex why=large", "its event");
	CHECK(put_bytes(&usual, large, CACHE_LARGEST - (size_t)50) == -1, "too large with its head");
	CHECK_TEXT(event(), "unstored kind=rowindex why=large", "its event");
	CHECK_TEXT(get("x"), "absent", "nothing is stored");
	free(large);
}

static void
test_tag(void)
{
	static const char signature[] = "Signature: 8a477f597d28d172789f06886806bc55\n";
	char text[500], path[120];

	fresh();
	put("x");
	snprintf(path, sizeof path, "%s/dbm/v1/CACHEDIR.TAG", base);
	CHECK(read_all(path, text, sizeof text) > sizeof signature && memcmp(text, signature, sizeof signature - 1) == 0,
	    "the tag of a cache folder");
	write_all(path, "mine", 4);
	CHECK(forget("/data", "/data/a.csv", NULL) == 0 && put("x") == 0 && read_all(path, text, sizeof text) == 4,
	    "one that is there stays");
	event();
}

static void
test_own_files(void)
{
	struct cache c = {0};
	struct stat st;
	struct fail f;
	char stores[120];
	int fd, dbm;

	fresh();
	snprintf(stores, sizeof stores, "%s/dbm/v1/stores", base);
	fd = cache_own_file(&c, "locks", "a7");
	CHECK(fd >= 0 && write(fd, "12", 2) == 2, "a file of the cache's own");
	close(fd);
	fd = cache_own_file(&c, "locks", "a7");
	CHECK(fd >= 0 && write(fd, "3", 1) == 1 && fstat(fd, &st) == 0 && st.st_size == 3, "is made once, and appended to");
	CHECK((st.st_mode & 07777) == 0600 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "0600, closed on exec");
	close(fd);
	fd = cache_own_file(&c, NULL, "stores");
	CHECK(fd >= 0 && find("dbm/v1/stores") != NULL && find("dbm/v1/CACHEDIR.TAG") != NULL, "beside the tag");
	close(fd);
	dbm = cache_folder(&c, &f);
	CHECK(dbm >= 0 && faccessat(dbm, "locks/a7", F_OK, 0) == 0, "the folder of all of them");
	close(dbm);
	unlink(stores);
	fd = symlink(traced, stores) == 0 ? cache_own_file(&c, NULL, "stores") : -2;
	CHECK(fd == -1, "a link is no such file");
	fd = unlink(stores) == 0 && mkfifo(stores, 0600) == 0 ? cache_own_file(&c, NULL, "stores") : -2;
	CHECK(fd == -1, "nor is a FIFO");
	cache_close(&c);
}

/* Whether the answer to the usual name is one to `name` too. */
static int
answers(struct cache_name name)
{
	return strcmp(look(&name), "hit") == 0;
}

static void
test_key(void)
{
	struct cache_name n = usual;
	char mine[300];

	fresh();
	put("x");
	CHECK(answers(n), "the same name");
	n.kind = "rowindey";
	CHECK(!answers(n), "another kind");
	n = usual, n.database = "/datb";
	CHECK(!answers(n), "another database");
	n = usual, n.table = "/data/b.csv";
	CHECK(!answers(n), "another table");
	n = usual, n.rest = "delimiter=,";
	CHECK(!answers(n), "another option");
	n = usual, n.rest_len = 10;
	CHECK(!answers(n), "a shorter rest");
	n.rest_len = 0;
	CHECK(!answers(n), "no rest");
	n = usual, n.ref = "a.csv";
	CHECK(answers(n), "a reference of another spelling, which is no part of it");
	/* A rest of another hash: its entry is put in the place of this one's. */
	snprintf(mine, sizeof mine, "%s", part(ENTRY));
	n = usual, n.rest = "delimiter=,";
	unlink(mine);
	put_bytes(&n, "y", 1);
	CHECK(rename(part(ENTRY), mine) == 0, "an entry of another key under this name");
	event();
	CHECK_TEXT(get("y"), "key", "is none");
}

static void
test_proof(void)
{
	struct proof p[4] = {proof, proof, proof, proof}, young = proof;
	struct entry e = {.bytes = "x", .len = 1}, got;
	struct cache c = {0};
	struct mem m = {0};
	int wrong = 0;

	fresh();
	p[0].kind = PROOF_SQLITE, p[1].bytes[4]++, p[2].len--, p[2].bytes[4] = '\0', p[3].len = 0;
	put("x");
	event();
	for (int i = 0; i < 4; i++) {
		wrong += strcmp(cache_get(&c, &m, &usual, &p[i], &got), "stamp") != 0;
		wrong += strcmp(event(), "miss kind=rowindex why=stamp") != 0;
	}
	CHECK(wrong == 0, "another kind of proof, other bytes, fewer, none");
	young.young = 1;
	CHECK(cache_get(&c, &m, &usual, &young, &got) == NULL, "a file that looks young now, and did not then");
	e.proof = young;
	CHECK(cache_begin(&c, &usual, e.generations) == 0 && cache_store(&c, &usual, &e) == 0, "a young one is stored");
	event();
	CHECK_TEXT(get("x"), "young", "and never a hit");
	CHECK_TEXT(look(&usual), "hit", "but for who judges it himself");
	cache_close(&c);
	mem_free(&m);
}

static void
test_damage(void)
{
	static const char text[] = "some answer\n";
	char path[300], whole[900], bytes[900];
	size_t n;
	int wrong = 0;

	fresh();
	put(text);
	event();
	snprintf(path, sizeof path, "%s", part(ENTRY));
	n = read_all(path, whole, sizeof whole);
	for (size_t len = 0; len < n; len++) {
		write_all(path, whole, len);
		wrong += strcmp(get(text), "damaged") != 0;
	}
	CHECK(n > 200 && n < sizeof whole && wrong == 0, "cut anywhere");
	memcpy(bytes, whole, n + 1);
	write_all(path, bytes, n + 1);
	CHECK_TEXT(get(text), "damaged", "a byte more");
	for (size_t bit = 0; bit < 8 * n; bit++) {
		const char *why;

		memcpy(bytes, whole, n);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		write_all(path, bytes, n);
		why = get(text);
		wrong += strcmp(why, "damaged") != 0 && strcmp(why, "version") != 0;
	}
	CHECK(wrong == 0, "any bit flipped");
	write_all(path, whole, n);
	CHECK_TEXT(get(text), "hit", "as it was");
}

/* An entry of another version, where this one's would be: a program of that version finds it elsewhere (versions.bats). */
static void
test_version(void)
{
	char path[300], bytes[900], got[900];
	size_t n;

	fresh();
	put("x");
	event();
	snprintf(path, sizeof path, "%s", part(ENTRY));
	n = read_all(path, bytes, sizeof bytes);
	bytes[8] = ENTRY_VERSION + 1;
	write_all(path, bytes, n);
	CHECK_TEXT(get("x"), "version", "another version is not found");
	CHECK(read_all(path, got, sizeof got) == n && memcmp(got, bytes, n) == 0, "and left alone");
	CHECK(put("y") == 0 && strcmp((event(), get("y")), "hit") == 0, "an answer may be stored in its place");
}

static void
test_odd(void)
{
	char path[300];

	fresh();
	put("x");
	event();
	snprintf(path, sizeof path, "%s", part(ENTRY));
	truncate(path, (off_t)1 << 40);
	CHECK_TEXT(get("x"), "damaged", "a terabyte of nothing behind it");
	unlink(path);
	mkfifo(path, 0600);
	CHECK_TEXT(get("x"), "file", "a FIFO");
	CHECK(put("x") == 0, "is replaced");
	event();
	CHECK_TEXT(get("x"), "hit", "by an entry");
	unlink(path);
	mkdir(path, 0700);
	CHECK_TEXT(get("x"), "file", "a folder");
	CHECK(put("x") == -1 && strcmp(event(), "unstored kind=rowindex why=write") == 0, "is not replaced");
	CHECK(find("dbm/v1/*/*/tmp*") == NULL, "and no temporary file is left");
	fresh();
	snprintf(path, sizeof path, "%s/dbm", base);
	write_all(path, "x", 1);
	CHECK(put("x") == -1 && strcmp(get("x"), "folder") == 0, "a file in place of a folder");
	CHECK(forget("/data", NULL, NULL) == -1, "where nothing is known to be forgotten");
}

/* A limit on the size of files, which the trace does not reach: the entry is not stored, and the process lives. */
static void
test_limit(void)
{
	static char text[2 << 20];
	struct rlimit before, small;

	fresh();
	put("x");
	event();
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 1 << 20;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	CHECK(put_bytes(&usual, text, sizeof text) == -1, "a limit of file sizes");
	setrlimit(RLIMIT_FSIZE, &before);
	CHECK_TEXT(event(), "unstored kind=rowindex why=write", "its event");
	CHECK(find("dbm/v1/*/*/tmp*") == NULL, "no temporary file is left");
	CHECK_TEXT(get("x"), "hit", "the old entry is");
}

/* Answers that consist of one letter; each process has its own length for each. */
static void
store_for_ever(char letter)
{
	char text[9000];

	memset(text, letter, sizeof text);
	for (size_t n = 1;; n = n * 7 % 8999)
		put_bytes(&usual, text, n);
}

static void
test_processes(void)
{
	pid_t children[2];
	int torn = 0, hits = 0;

	fresh();
	put("x");
	for (int i = 0; i < 2; i++) {
		children[i] = fork();
		if (children[i] == 0)
			store_for_ever((char)('a' + i));
	}
	for (int i = 0; i < 3000; i++) {
		struct cache c = {0};
		struct mem m = {0};
		struct entry e;

		if (cache_get(&c, &m, &usual, &proof, &e) == NULL) {
			hits++;
			for (size_t j = 1; j < e.len; j++)
				torn += e.bytes[j] != e.bytes[0];
		}
		cache_close(&c);
		mem_free(&m);
	}
	for (int i = 0; i < 2; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	event();
	CHECK(hits == 3000 && torn == 0, "two processes store, a third always finds a whole answer");
}

static void
tests(void)
{
	test_found();
	test_facts();
	test_command();
	test_large();
	test_tag();
	test_own_files();
	test_key();
	test_proof();
	test_damage();
	test_version();
	test_odd();
	test_limit();
	test_processes();
}

int
main(int argc, char **argv)
{
	return run_tests(argc, argv, tests);
}

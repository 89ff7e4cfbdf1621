/* The cache: what was stored is found, and nothing else is: not of another file, not damaged, not where others may write. */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache.h"
#include "tap.h"
#include "trace.h"

enum { NOBODY = 65534 };

static char folder[] = "/tmp/dbm-cache.XXXXXX";
static char home[64], base[64], traced[64], victim[64];

static const struct cache_name usual = {"rowindex", "/data", "/data/a.csv", "delimiter=;", 11};
static const struct stamp proof = {.device = 1, .inode = 2, .size = 3, .mtime = 4, .ctime = 5};

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st, (void)type, (void)place;
	return remove(path);
}

static void
remove_all(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* An empty folder for caches, of this user, in the environment. */
static void
fresh(void)
{
	remove_all(base);
	if (mkdir(base, 0700) < 0)
		abort();
	setenv("XDG_CACHE_HOME", base, 1);
}

/* The event since the last call; "" where there is none. */
static const char *
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

static int
put(const char *text)
{
	return cache_put(&usual, &proof, text, strlen(text));
}

/* "hit" where the answer is `text`, else the reason. */
static const char *
get(const char *text)
{
	struct mem m = {0};
	const char *bytes, *line;
	size_t len;
	int hit = cache_get(&m, &usual, &proof, &bytes, &len), right = 0;

	if (hit)
		right = len == strlen(text) && memcmp(bytes, text, len + 1) == 0;
	mem_free(&m);
	line = event();
	if (hit)
		return right ? strcmp(line, "hit kind=rowindex") == 0 ? "hit" : "a hit without its event" : "another answer";
	return strncmp(line, "miss kind=rowindex why=", 23) == 0 ? line + 23 : "a miss without its event";
}

/* What a pattern in the cache is the path of: the first; NULL: nothing. */
static char *
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

static char *
entry(void)
{
	char *found = find("dbm/v1/*/*/*");

	if (found == NULL)
		abort();
	return found;
}

static size_t
read_all(const char *path, char *bytes, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, size);

	if (n < 0)
		abort();
	close(fd);
	return (size_t)n;
}

static void
write_all(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		abort();
}

static void
test_found(void)
{
	static const char bytes[] = "a\0b\n\xff";
	char *large = calloc(1, CACHE_LARGEST + (size_t)1);
	struct mem m = {0};
	const char *got;
	size_t len;

	fresh();
	CHECK_TEXT(get("x"), "absent", "nothing stored, no cache");
	CHECK(find("*") == NULL, "asking makes nothing");
	CHECK(put("answer") == 0, "stored");
	CHECK_TEXT(event(), "store kind=rowindex bytes=6", "its event");
	CHECK_TEXT(get("answer"), "hit", "found");
	CHECK(put("") == 0 && strcmp(get(""), "hit") == 0, "an empty answer replaces it");
	CHECK(cache_put(&usual, &proof, bytes, sizeof bytes) == 0 && cache_get(&m, &usual, &proof, &got, &len) == 1 &&
		  len == sizeof bytes && memcmp(got, bytes, len) == 0,
	    "any bytes");
	CHECK(find("dbm/v1/*/*/tmp*") == NULL, "no temporary file is left");
	CHECK(large != NULL && cache_put(&usual, &proof, large, CACHE_LARGEST + (size_t)1) == -1, "too large");
	CHECK_TEXT(event(), "unstored kind=rowindex why=large", "its event");
	CHECK(cache_put(&usual, &proof, large, CACHE_LARGEST - (size_t)50) == -1, "too large with its head");
	event();
	free(large);
	mem_free(&m);
}

static void
test_tag(void)
{
	static const char signature[] = "Signature: 8a477f597d28d172789f06886806bc55\n";
	char text[500], path[100];

	snprintf(path, sizeof path, "%s/dbm/v1/CACHEDIR.TAG", base);
	CHECK(read_all(path, text, sizeof text) > sizeof signature && memcmp(text, signature, sizeof signature - 1) == 0,
	    "the tag of a cache folder");
	write_all(path, "mine", 4);
	CHECK(put("x") == 0 && read_all(path, text, sizeof text) == 4, "one that is there stays");
	event();
}

/* Whether the answer to the usual name is one to `name` too. */
static int
answers(struct cache_name name)
{
	struct mem m = {0};
	const char *bytes;
	size_t len;
	int hit = cache_get(&m, &name, &proof, &bytes, &len);

	mem_free(&m);
	event();
	return hit;
}

static void
test_key(void)
{
	struct cache_name n = usual;
	char mine[200], theirs[200];

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
	/* A rest of another table with the same hash: its entry is put in the place of this one's. */
	snprintf(mine, sizeof mine, "%s", entry());
	n = usual, n.rest = "delimiter=,";
	unlink(mine);
	cache_put(&n, &proof, "y", 1);
	snprintf(theirs, sizeof theirs, "%s", entry());
	CHECK(rename(theirs, mine) == 0, "an entry of another key under this name");
	event();
	CHECK_TEXT(get("y"), "key", "is none");
}

static void
test_stamp(void)
{
	struct stamp s[5] = {proof, proof, proof, proof, proof}, young = proof;
	struct mem m = {0};
	const char *bytes;
	size_t len;
	int wrong = 0;

	fresh();
	s[0].device++, s[1].inode++, s[2].size++, s[3].mtime++, s[4].ctime--;
	put("x");
	for (int i = 0; i < 5; i++) {
		wrong += cache_get(&m, &usual, &s[i], &bytes, &len);
		wrong += strcmp(event(), "miss kind=rowindex why=stamp") != 0;
	}
	CHECK(wrong == 0, "any other field of the stamp");
	young.young = 1;
	CHECK(cache_get(&m, &usual, &young, &bytes, &len) == 1, "a file that looks young now, and did not then");
	CHECK(cache_put(&usual, &young, "x", 1) == 0, "a young one is stored");
	event();
	CHECK_TEXT(get("x"), "young", "and never a hit");
	mem_free(&m);
}

static int
wrong_mode(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)place;
	if (strcmp(path, base) == 0)
		return 0;
	return (st->st_mode & 07777) != (type == FTW_D ? 0700 : 0600) || (type != FTW_D && type != FTW_F);
}

static void
test_umask(const char *who)
{
	static const mode_t masks[] = {0, 077, 0777};

	for (int i = 0; i < 3; i++) {
		mode_t before;
		char name[64];

		fresh();
		snprintf(name, sizeof name, "umask %03o %s", (unsigned)masks[i], who);
		before = umask(masks[i]);
		CHECK(put("x") == 0 && put("y") == 0 && strcmp(get("y"), "hit") == 0, name);
		CHECK(umask(before) == masks[i], "is as it was");
		CHECK(nftw(base, wrong_mode, 16, FTW_PHYS) == 0, "folders 0700, files 0600");
	}
}

static int
empty(const char *path)
{
	return rmdir(path) == 0 && mkdir(path, 0700) == 0;
}

/* The four folders and the entry, from the top. */
static const char *const parts[] = {"dbm", "dbm/v1", "dbm/v1/[0-9a-f]*", "dbm/v1/*/*", "dbm/v1/*/*/*"};
enum { FOLDERS = 4, PARTS = 5 };

static void
test_links(void)
{
	char text[20];
	char *path;

	mkdir(victim, 0700);
	for (int i = 0; i < FOLDERS; i++) {
		fresh();
		put("x");
		path = find(parts[i]);
		remove_all(path);
		CHECK(symlink(victim, path) == 0 && put("y") == -1, parts[i]);
		CHECK_TEXT(event(), "unstored kind=rowindex why=folder", "a link is no folder to store in");
		CHECK_TEXT(get("y"), "folder", "or to find in");
		CHECK(empty(victim), "where it leads nothing changes");
	}
	rmdir(victim);
	fresh();
	put("x");
	path = entry();
	rename(path, victim);
	symlink(victim, path);
	event();
	CHECK_TEXT(get("x"), "file", "a link is no entry");
	unlink(victim);
	write_all(victim, "mine", 4);
	CHECK(put("y") == 0 && strcmp((event(), get("y")), "hit") == 0, "storing replaces it");
	CHECK(read_all(victim, text, sizeof text) == 4, "not what it leads to");
	unlink(victim);
}

static void
test_modes(void)
{
	static const mode_t modes[] = {0720, 0702, 0777};

	for (int i = 0; i < PARTS; i++) {
		int wrong = 0;

		fresh();
		put("x");
		event();
		for (int j = 0; j < 3; j++) {
			chmod(find(parts[i]), modes[j]);
			wrong += strcmp(get("x"), i < FOLDERS ? "folder" : "file") != 0;
			wrong += i < FOLDERS && put("y") == 0;
			event();
		}
		CHECK(wrong == 0, "writable by others");
		chmod(find(parts[i]), 0755);
		CHECK_TEXT(get("x"), "hit", parts[i]);
	}
	chmod(base, 0777);
	CHECK_TEXT(get("x"), "hit", "the folder that the cache is in may be, as /tmp is");
}

/* As root: what another user owns. */
static void
test_owner(void)
{
	char path[100];

	for (int i = 0; i < PARTS; i++) {
		fresh();
		put("x");
		event();
		CHECK(lchown(find(parts[i]), NOBODY, NOBODY) == 0, parts[i]);
		CHECK_TEXT(get("x"), i < FOLDERS ? "folder" : "file", "of another user");
		CHECK((put("y") == 0) == (i == FOLDERS), "and no folder of his is stored in");
		event();
	}
	fresh();
	chown(base, NOBODY, NOBODY);
	CHECK(put("x") == -1 && find("*") == NULL, "nothing is made in another user's folder");
	snprintf(path, sizeof path, "%s/.cache", base);
	setenv("XDG_CACHE_HOME", path, 1);
	CHECK(put("x") == -1 && find(".*[a-z]") == NULL, "nor the folder itself, in his home");
	event();
}

/* As another user than root. */
static void
test_read_only(void)
{
	fresh();
	put("x");
	event();
	chmod(find(parts[0]), 0500);
	chmod(find(parts[1]), 0500);
	chmod(find(parts[2]), 0500);
	chmod(find(parts[3]), 0500);
	CHECK_TEXT(get("x"), "hit", "a cache that may only be read is read");
	CHECK(put("y") == -1, "and not stored in");
	CHECK_TEXT(event(), "unstored kind=rowindex why=write", "its event");
	CHECK_TEXT(get("x"), "hit", "what was there stays");
	chmod(find(parts[3]), 0);
	CHECK_TEXT(get("x"), "folder", "one that may not be read is none");
	for (int i = 0; i < FOLDERS; i++)
		chmod(find(parts[i]), 0700);
	chmod(entry(), 0);
	CHECK_TEXT(get("x"), "file", "nor is an entry");
	fresh();
	chmod(base, 0500);
	CHECK(put("x") == -1 && find("*") == NULL, "a read-only home of caches");
	chmod(base, 0700);
	event();
}

/* With these two variables (NULL: unset) the cache is in `where`, below the usual place; NULL: nowhere. */
static void
check_place(const char *xdg, const char *home_now, const char *where, const char *name)
{
	char path[100];

	fresh();
	if (xdg != NULL)
		setenv("XDG_CACHE_HOME", xdg, 1);
	else
		unsetenv("XDG_CACHE_HOME");
	if (home_now != NULL)
		setenv("HOME", home_now, 1);
	else
		unsetenv("HOME");
	CHECK((put("x") == 0) == (where != NULL), name);
	event();
	if (where == NULL) {
		CHECK(strcmp(get("x"), "hit") != 0 && find("*") == NULL && find(".c*") == NULL && access("dbm", F_OK) < 0,
		    "nothing is found or made");
		return;
	}
	snprintf(path, sizeof path, "%s/dbm/v1/CACHEDIR.TAG", where);
	CHECK(find(path) != NULL && strcmp(get("x"), "hit") == 0, where);
}

static void
test_places(void)
{
	char one[100], two[100];
	struct stat st;

	if (chdir(folder) < 0)
		abort();
	snprintf(one, sizeof one, "%s/one", base);
	snprintf(two, sizeof two, "%s/one/two", base);
	check_place(base, NULL, ".", "XDG_CACHE_HOME alone");
	check_place(NULL, base, ".cache", "HOME alone");
	check_place("", base, ".cache", "XDG_CACHE_HOME is empty");
	check_place("relative", base, ".cache", "XDG_CACHE_HOME is relative");
	check_place(NULL, NULL, NULL, "neither");
	check_place("relative", "relative", NULL, "both are relative");
	check_place("relative", "", NULL, "HOME is empty");
	check_place(two, base, NULL, "two parts are missing");
	check_place(one, NULL, "one", "one part is missing");
	CHECK(stat(one, &st) == 0 && (st.st_mode & 07777) == 0700, "and is made, 0700");
	setenv("XDG_CACHE_HOME", "/dev/null", 1);
	CHECK(put("x") == -1, "a device is no folder");
	event();
	setenv("HOME", home, 1);
}

static void
test_damage(void)
{
	static const char text[] = "some answer\n";
	char path[300], whole[600], bytes[600];
	size_t n;
	int wrong = 0;

	fresh();
	put(text);
	event();
	snprintf(path, sizeof path, "%s", entry());
	n = read_all(path, whole, sizeof whole);
	for (size_t len = 0; len < n; len++) {
		write_all(path, whole, len);
		wrong += strcmp(get(text), "damaged") != 0;
	}
	CHECK(n > 100 && n < sizeof whole && wrong == 0, "cut anywhere");
	memcpy(bytes, whole, n + 1);
	write_all(path, bytes, n + 1);
	CHECK_TEXT(get(text), "damaged", "a byte more");
	for (size_t bit = 0; bit < 8 * n; bit++) {
		memcpy(bytes, whole, n);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		write_all(path, bytes, n);
		wrong += strcmp(get(text), "hit") == 0 || strcmp(get(text), "another answer") == 0;
	}
	CHECK(wrong == 0, "any bit flipped");
	memcpy(bytes, whole, n);
	bytes[8]++;
	write_all(path, bytes, n);
	CHECK_TEXT(get(text), "version", "another version");
	write_all(path, whole, n);
	CHECK_TEXT(get(text), "hit", "as it was");
}

static void
test_odd(void)
{
	char path[300];

	snprintf(path, sizeof path, "%s", entry());
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
	CHECK(put("x") == -1, "a file in place of a folder");
	event();
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
	setrlimit(RLIMIT_FSIZE, &small);
	CHECK(cache_put(&usual, &proof, text, sizeof text) == -1, "a limit of file sizes");
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
		cache_put(&usual, &proof, text, n);
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
		struct mem m = {0};
		const char *bytes;
		size_t len = 0;

		hits += cache_get(&m, &usual, &proof, &bytes, &len);
		for (size_t j = 1; j < len; j++)
			torn += bytes[j] != bytes[0];
		mem_free(&m);
	}
	for (int i = 0; i < 2; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	event();
	CHECK(hits == 3000 && torn == 0, "two processes store, a third always finds a whole answer");
}

static int
descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
test_as(const char *who)
{
	test_found();
	test_tag();
	test_key();
	test_stamp();
	test_umask(who);
	test_links();
	test_modes();
	test_places();
	test_damage();
	test_odd();
	test_limit();
	test_processes();
}

int
main(void)
{
	struct fail f;
	int before;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(home, sizeof home, "%s/home", folder);
	snprintf(base, sizeof base, "%s/base", folder);
	snprintf(victim, sizeof victim, "%s/victim", folder);
	snprintf(traced, sizeof traced, "%s/trace", folder);
	if (trace_open(traced, &f) < 0)
		return 1;
	before = descriptors();
	test_as("for this user");
	if (geteuid() == 0) {
		test_owner();
		remove_all(base);
		if (chown(folder, NOBODY, NOBODY) < 0 || chown(traced, NOBODY, NOBODY) < 0 || seteuid(NOBODY) < 0)
			return 1;
		/* Or the sanitizer could not look for leaks. */
		prctl(PR_SET_DUMPABLE, 1);
		test_as("for a user who is not root");
	}
	test_read_only();
	CHECK(descriptors() == before, "no descriptor is left open");
	if (seteuid(getuid()) < 0)
		return 1;
	remove_all(folder);
	return tap_end();
}

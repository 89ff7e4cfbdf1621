/* The cache: where it is, and that nothing is found or left where others may write. */

#include <ftw.h>
#include <errno.h>

#include "cache_folder.h"

static int
wrong_mode(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)place;
	if (strcmp(path, base) == 0 || type == FTW_SL || type == FTW_SLN)
		return 0;
	return (st->st_mode & 07777) != (type == FTW_D ? 0700 : 0600) || (type != FTW_D && type != FTW_F);
}

static void
test_umask(void)
{
	static const mode_t masks[] = {0, 077, 0777};

	for (int i = 0; i < 3; i++) {
		mode_t before;
		char name[20];

		fresh();
		snprintf(name, sizeof name, "umask %03o", (unsigned)masks[i]);
		before = umask(masks[i]);
		CHECK(put("x") == 0 && forget("/data", NULL, NULL) == 0 && put("y") == 0 &&
			  forget("/data", "/data/a.csv", "list") == 0 && strcmp((event(), get("y")), "hit") == 0,
		    name);
		CHECK(umask(before) == masks[i], "is as it was");
		CHECK(nftw(base, wrong_mode, 16, FTW_PHYS) == 0, "folders 0700, files 0600");
	}
}

/* The path of a part of the cache in which the usual answer is, and its generations. */
static const char *
part_of_new(int which, char generations[ENTRY_GENERATIONS])
{
	static char path[300];

	fresh();
	put("x");
	begin(&usual, generations);
	event();
	snprintf(path, sizeof path, "%s", part(which));
	return path;
}

/* Whose the folder of the cache is matters to all; that of a table, and of a database, to who writes in it. */
static int
forgets(int which)
{
	return forget("/data", which == DATABASE ? NULL : "/data/a.csv", NULL);
}

static int
store_event(const char *generations, const char *want)
{
	int done = store(&usual, generations, "y", 1);

	return done == (strncmp(want, "unstored", 8) == 0 ? -1 : 0) && strcmp(event(), want) == 0;
}

static const char refused[] = "unstored kind=rowindex why=folder";

/* A folder replaced by a link to an empty one. */
static void
test_links(void)
{
	char generations[ENTRY_GENERATIONS], victim[80];
	const char *path;

	snprintf(victim, sizeof victim, "%s/victim", folder);
	mkdir(victim, 0700);
	for (int i = DBM; i < ENTRY; i++) {
		path = part_of_new(i, generations);
		remove_all(path);
		CHECK(symlink(victim, path) == 0 && put("y") == -1, parts[i]);
		CHECK(store_event(generations, refused), "a link is no folder to store in");
		CHECK_TEXT(get("y"), i == DBM ? "folder" : "absent", "nothing is found");
		CHECK(forgets(i) == (i == V1 ? 0 : -1), "nor forgotten");
		CHECK(rmdir(victim) == 0 && mkdir(victim, 0700) == 0, "where it leads nothing changes");
	}
	rmdir(victim);
}

/* A folder moved, with a link to it in its place: what is in it is this user's, and found; nothing is left there. */
static void
test_moved(void)
{
	char generations[ENTRY_GENERATIONS], elsewhere[80];
	const char *path;

	snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", folder);
	for (int i = DBM; i <= TABLE; i++) {
		path = part_of_new(i, generations);
		CHECK(rename(path, elsewhere) == 0 && symlink(elsewhere, path) == 0, parts[i]);
		CHECK_TEXT(get("x"), i == DBM ? "folder" : "hit", "found, but for the first");
		if (i == DBM || i == TABLE)
			CHECK(store_event(generations, refused), "not stored in");
		if (i != V1)
			CHECK(forgets(i) == -1, "and a failure where it is to be forgotten");
		remove_all(elsewhere);
	}
}

static void
test_linked_entry(void)
{
	char generations[ENTRY_GENERATIONS], victim[80], text[20];
	const char *path = part_of_new(ENTRY, generations);

	snprintf(victim, sizeof victim, "%s/victim", folder);
	rename(path, victim);
	CHECK(symlink(victim, path) == 0, "an entry elsewhere");
	CHECK_TEXT(get("x"), "file", "a link is no entry");
	write_all(victim, "mine", 4);
	CHECK(put("y") == 0 && strcmp((event(), get("y")), "hit") == 0, "storing replaces it");
	CHECK(read_all(victim, text, sizeof text) == 4, "not what it leads to");
	unlink(victim);
}

static void
test_modes(void)
{
	static const mode_t modes[] = {0720, 0702, 0777};
	char generations[ENTRY_GENERATIONS];

	for (int i = DBM; i < PARTS; i++) {
		const char *path = part_of_new(i, generations);
		int wrong = 0;

		for (int j = 0; j < 3; j++) {
			chmod(path, modes[j]);
			wrong += strcmp(get("x"), i == DBM ? "folder" : i == ENTRY ? "file" : "hit") != 0;
			wrong += (i == DBM || i == TABLE) && !store_event(generations, refused);
			wrong += i != V1 && i != ENTRY && forgets(i) != -1;
		}
		CHECK(wrong == 0, "writable by others");
		chmod(path, 0755);
		CHECK_TEXT(get("x"), "hit", parts[i]);
	}
	chmod(base, 0777);
	CHECK_TEXT(get("x"), "hit", "the folder that the cache is in may be, as /tmp is");
}

/* What a command says of a cache that is not to be used, once. */
static void
test_warning(void)
{
	char generations[ENTRY_GENERATIONS], why[120];
	struct cache c = {0};
	struct mem m = {0};
	struct entry e;
	struct fail f;

	chmod(part_of_new(DBM, generations), 0777);
	snprintf(why, sizeof why, "%s/dbm: may be written by other users", base);
	CHECK_TEXT(cache_find(&c, &m, &usual, &e), "folder", "writable by others");
	CHECK_TEXT(c.warning != NULL ? c.warning : "", why, "the reason for a warning");
	CHECK(cache_begin(&c, &usual, generations) == -1 && cache_own_file(&c, "locks", "00") == -1, "nothing is made there");
	CHECK(cache_folder(&c, &f) == -1 && errno == EPERM, "nor gone through");
	CHECK_TEXT(f.text, why, "for that reason");
	CHECK(cache_forget(&c, "/data", NULL, NULL, &f) == -1, "nor forgotten");
	cache_close(&c);
	mem_free(&m);
}

/* As root: what another user owns. */
static void
test_owner(void)
{
	char generations[ENTRY_GENERATIONS], path[100];

	for (int i = DBM; i < PARTS; i++) {
		CHECK(lchown(part_of_new(i, generations), NOBODY, NOBODY) == 0, parts[i]);
		CHECK_TEXT(get("x"), i == DBM ? "folder" : i == ENTRY ? "file" : "hit", "of another user");
		if (i == DBM || i == TABLE)
			CHECK(store_event(generations, refused), "is not stored in");
		if (i != V1 && i != ENTRY)
			CHECK(forgets(i) == -1, "nor forgotten");
	}
	CHECK(store_event(generations, "store kind=rowindex bytes=1"), "his entry is replaced");
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
	char generations[ENTRY_GENERATIONS];

	part_of_new(DBM, generations);
	for (int i = DBM; i < ENTRY; i++)
		chmod(part(i), 0500);
	CHECK_TEXT(get("x"), "hit", "a cache that may only be read is read");
	CHECK(put("y") == -1, "and not stored in");
	CHECK_TEXT(event(), "unstored kind=rowindex why=write", "its event");
	CHECK(forget("/data", NULL, NULL) == -1 && forget("/data", "/data/a.csv", NULL) == -1,
	    "what cannot be forgotten is a failure");
	CHECK_TEXT(get("x"), "hit", "what was there stays");
	for (int i = TABLE; i >= DBM; i--) {
		chmod(part(i), 0);
		CHECK_TEXT(get("x"), i == DBM ? "folder" : "file", "one that may not be read is none");
		CHECK(forgets(i) == -1, "and a failure where it is to be forgotten");
		chmod(part(i), 0700);
	}
	chmod(part(ENTRY), 0);
	CHECK_TEXT(get("x"), "file", "nor is an entry");
	fresh();
	chmod(base, 0500);
	CHECK(put("x") == -1 && find("*") == NULL, "a read-only home of caches");
	CHECK(forget("/data", NULL, NULL) == 0, "where there is nothing to forget");
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
tests(void)
{
	test_umask();
	test_links();
	test_moved();
	test_linked_entry();
	test_modes();
	test_warning();
	test_places();
	if (geteuid() == 0)
		test_owner();
	else
		test_read_only();
}

int
main(int argc, char **argv)
{
	return run_tests(argc, argv, tests);
}

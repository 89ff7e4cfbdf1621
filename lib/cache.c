#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "file_at.h"
#include "generation.h"
#include "stamp.h"
#include "trace.h"

static const char tag_name[] = "CACHEDIR.TAG";
static const char tag[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
			  "# Answers of dbm, which it finds again without them.  https://bford.info/cachedir/\n";

/* The folder in which all programs have their caches, as a path. */
static int
base_path(struct buf *path, struct fail *f)
{
	const char *given = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (given != NULL && *given == '/') {
		buf_puts(path, given);
		return 0;
	}
	if (home == NULL || *home != '/')
		return fail_set(f, "neither XDG_CACHE_HOME nor HOME is an absolute path");
	buf_puts(path, home);
	buf_puts(path, "/.cache");
	return 0;
}

/* In it is the folder of the cache.  Whose the first one is matters to who would leave something there.  `path` is then that of
 * what was opened last, or could not be. */
static int
open_in_base(struct buf *path, int make, struct fail *f)
{
	int base = make ? file_at_base(buf_string(path), 1, f) : AT_FDCWD, fd, error;

	if (make && base < 0)
		return -1;
	buf_puts(path, "/dbm");
	fd = file_at_folder(base, make ? "dbm" : buf_string(path), make, f);
	error = errno;
	if (make)
		close(base);
	errno = error;
	return fd;
}

/* The folder of the cache, as `c` keeps it: -1 with errno where there is none. */
static int
open_cache(struct cache *c, int make, struct fail *f)
{
	struct buf path = {0};
	int error;

	if (c->looked && (c->folder >= 0 || !make || !c->absent)) {
		*f = c->why;
		errno = c->absent ? ENOENT : EPERM;
		return c->folder;
	}
	c->looked = 1;
	c->folder = -1;
	errno = EINVAL;
	if (base_path(&path, f) == 0)
		c->folder = open_in_base(&path, make, f);
	error = errno;
	if (c->folder < 0 && path.len > 0)
		fail_wrap(f, buf_string(&path));
	buf_free(&path);
	c->absent = c->folder < 0 && error == ENOENT;
	if (c->folder < 0) {
		c->why = *f;
		c->warning = error == EPERM || error == EACCES ? c->why.text : NULL;
	}
	errno = error;
	return c->folder;
}

void
cache_close(struct cache *c)
{
	if (c->looked && c->folder >= 0)
		close(c->folder);
	file_leave(-1);
	*c = (struct cache){0};
}

/* By renaming too: a tag is whole or not there. */
static void
put_tag(int folder)
{
	const struct iovec text = {(void *)(uintptr_t)tag, sizeof tag - 1};
	struct fail f;

	if (!file_at_has(folder, tag_name))
		file_at_replace(folder, tag_name, &text, 1, &f);
}

/* Opens v1, and makes it. */
static int
make_layout(struct cache *c, struct fail *f)
{
	int dbm = open_cache(c, 1, f), v1;

	if (dbm < 0)
		return -1;
	v1 = file_at_folder(dbm, cache_name_layout, 1, f);
	if (v1 >= 0)
		put_tag(v1);
	return v1;
}

int
cache_usable(struct cache *c, struct fail *f)
{
	int v1 = make_layout(c, f);

	if (v1 >= 0)
		close(v1);
	return v1 < 0 ? -1 : 0;
}

static int
make_inside(int in, const char *name, struct fail *f)
{
	int fd = file_at_folder(in, name, 1, f);

	close(in);
	return fd;
}

int
cache_folder(struct cache *c, struct fail *f)
{
	int dbm = open_cache(c, 0, f);

	return dbm < 0 ? -1 : file_at_folder(dbm, cache_name_layout, 0, f);
}

int
cache_own_file(struct cache *c, const char *in, const char *name)
{
	struct stat st;
	struct fail f;
	int folder = make_layout(c, &f), fd;

	if (folder >= 0 && in != NULL)
		folder = make_inside(folder, in, &f);
	if (folder < 0)
		return -1;
	fd = file_at_append(folder, name, 1, &st, &f);
	close(folder);
	return fd;
}

/* Generations. */

/* Reads what an entry's are to be: 0, or -1 where one that must be there is not. */
static int
read_generations(int folder, const struct cache_name *name, char *to)
{
	char database[CACHE_NAME_PATH], table[CACHE_NAME_PATH];

	cache_name_folder(database, name->database, NULL);
	cache_name_folder(table, name->database, name->table);
	if (generation_read(folder, database, NULL, to) < 0 || generation_read(folder, table, NULL, to + ENTRY_GENERATION) < 0)
		return -1;
	return generation_read(folder, table, name->kind, to + (size_t)2 * ENTRY_GENERATION);
}

int
cache_begin(struct cache *c, const struct cache_name *name, char generations[ENTRY_GENERATIONS])
{
	char path[CACHE_NAME_PATH], *database, *table;
	struct fail f;
	int in, made;

	if (open_cache(c, 1, &f) >= 0 && read_generations(c->folder, name, generations) == 0)
		return 0;
	cache_name_folder(path, name->database, name->table);
	database = strchr(path, '/') + 1;
	table = strchr(database, '/');
	*table++ = '\0';
	in = make_layout(c, &f);
	if (in < 0 || (in = make_inside(in, database, &f)) < 0)
		return -1;
	made = generation_ensure(in, NULL);
	in = make_inside(in, table, &f);
	if (in < 0)
		return -1;
	made |= generation_ensure(in, NULL) | generation_ensure(in, name->kind);
	close(in);
	return made == 0 ? read_generations(c->folder, name, generations) : -1;
}

/* `path` is that of the folder. */
static void
tell_forgotten(const char *path, const char *kind)
{
	const char *database = strchr(path, '/') + 1, *table = strchr(database, '/');

	trace_event("invalidate database=%.*s%s%s%s%s", CACHE_NAME_HEX - 1, database, table ? " table=" : "",
	    table ? table + 1 : "", kind ? " kind=" : "", kind ? kind : "");
}

static int forget(int in, const char *path, int below, const char *kind, struct fail *f);

static int
forget_inside(int in, const char *path, const char *name, int below, const char *kind, struct fail *f)
{
	int fd = file_at_folder(in, name, 0, f), done;
	char inside[CACHE_NAME_PATH];

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	snprintf(inside, sizeof inside, "%s/%.*s", path, CACHE_NAME_HEX - 1, name);
	done = forget(fd, inside, below, kind, f);
	close(fd);
	return done;
}

/* In the folders that are `below` levels below this one.  One that cannot be had does not spare the others. */
static int
forget(int in, const char *path, int below, const char *kind, struct fail *f)
{
	struct file_at_name *names;
	struct mem m = {0};
	size_t n = 0;
	int done = below == 0 ? generation_renew(in, kind, f) : file_at_list(&m, in, &names, &n, f);

	if (below == 0 && done == 0)
		tell_forgotten(path, kind);
	for (size_t i = 0; below > 0 && i < n; i++) {
		struct fail why;

		if (cache_name_is_hash(names[i].name) && !S_ISREG(names[i].mode) &&
		    forget_inside(in, path, names[i].name, below - 1, kind, &why) < 0) {
			*f = why;
			done = -1;
		}
	}
	mem_free(&m);
	return done;
}

int
cache_forget(struct cache *c, const char *database, const char *table, const char *kind, struct fail *f)
{
	int dbm = open_cache(c, 0, f), in, done;
	char path[CACHE_NAME_PATH];

	if (dbm < 0)
		return c->absent ? 0 : -1;
	if (database != NULL)
		cache_name_folder(path, database, table);
	else
		snprintf(path, sizeof path, "%s", cache_name_layout);
	in = file_at_folder(dbm, path, 0, f);
	if (in < 0)
		return errno == ENOENT ? 0 : -1;
	done = forget(in, path, (database == NULL) + (kind != NULL && table == NULL), kind, f);
	close(in);
	return done;
}

/* Entries. */

/* Everything of a file that is no larger than an entry. */
static const char *
read_entry(struct mem *m, int fd, size_t size, struct entry *e, struct fail *f)
{
	char *all;

	if (size > CACHE_LARGEST)
		return "damaged";
	all = mem_alloc(m, size + 1);
	return file_peek(fd, all, size, f) == (ssize_t)size ? entry_decode(e, all, size) : "damaged";
}

static int
same_key(const struct cache_name *name, const struct entry *e)
{
	struct buf want = {0};
	int same;

	cache_name_key(&want, name);
	same = want.len == e->key_len && memcmp(want.bytes, e->key, want.len) == 0;
	buf_free(&want);
	return same;
}

/* True where it has been forgotten. */
static int
is_forgotten(int folder, const struct cache_name *name, const struct entry *e)
{
	char now[ENTRY_GENERATIONS];

	return read_generations(folder, name, now) < 0 || memcmp(now, e->generations, sizeof now) != 0;
}

int
cache_stands(struct cache *c, const char *path, const struct entry *e)
{
	char place[CACHE_NAME_PATH];
	struct cache_name name;
	struct fail f;

	if (open_cache(c, 0, &f) < 0 || cache_name_parse(&name, e->key, e->key_len) < 0)
		return 0;
	cache_name_entry(place, &name);
	return strcmp(place, path) == 0 && !is_forgotten(c->folder, &name, e);
}

const char *
cache_find(struct cache *c, struct mem *m, const struct cache_name *name, struct entry *e)
{
	char path[CACHE_NAME_PATH];
	const char *why;
	struct stat st;
	struct fail f;
	int fd;

	if (open_cache(c, 0, &f) < 0)
		return c->absent ? "absent" : "folder";
	cache_name_entry(path, name);
	fd = file_at_open(c->folder, path, &st, &f);
	if (fd < 0)
		return errno == ENOENT ? "absent" : "file";
	why = read_entry(m, fd, (size_t)st.st_size, e, &f);
	if (why == NULL && !same_key(name, e))
		why = "key";
	if (why == NULL && is_forgotten(c->folder, name, e))
		why = "generation";
	if (why == NULL)
		file_at_touch(fd, &st, c->now != 0 ? c->now : stamp_now());
	file_leave(fd);
	return why;
}

const char *
cache_get(struct cache *c, struct mem *m, const struct cache_name *name, const struct proof *proof, struct entry *e)
{
	const char *why = cache_find(c, m, name, e);

	if (why == NULL && !proof_same(&e->proof, proof))
		why = "stamp";
	if (why == NULL && e->proof.young)
		why = "young";
	if (why == NULL)
		trace_event("hit kind=%s", name->kind);
	else
		trace_event("miss kind=%s why=%s", name->kind, why);
	return why;
}

/* Writes an entry: NULL, or why not. */
static const char *
store(struct cache *c, const struct cache_name *name, struct entry *e)
{
	struct iovec parts[2] = {{NULL, 0}, {(void *)(uintptr_t)e->bytes, e->len}};
	struct buf head = {0}, key = {0};
	char path[CACHE_NAME_PATH], slot[CACHE_NAME_HEX];
	const char *why = "folder";
	struct fail f;
	int in;

	if (e->len > CACHE_LARGEST)
		return "large";
	cache_name_key(&key, name);
	e->ref = name->ref;
	e->key = key.bytes;
	e->key_len = key.len;
	entry_encode(&head, e);
	parts[0] = (struct iovec){head.bytes, head.len};
	cache_name_slot(slot, name);
	cache_name_folder(path, name->database, name->table);
	if (head.len > CACHE_LARGEST - e->len) {
		why = "large";
	} else if (open_cache(c, 0, &f) >= 0 && (in = file_at_folder(c->folder, path, 0, &f)) >= 0) {
		why = file_at_replace(in, slot, parts, 2, &f) < 0 ? "write" : NULL;
		close(in);
	}
	buf_free(&head);
	buf_free(&key);
	return why;
}

int
cache_store(struct cache *c, const struct cache_name *name, struct entry *e)
{
	const char *why = store(c, name, e);

	if (why == NULL) {
		c->stored++;
		c->written += e->len;
		trace_event("store kind=%s bytes=%zu", name->kind, e->len);
	} else {
		trace_event("unstored kind=%s why=%s", name->kind, why);
	}
	return why == NULL ? 0 : -1;
}

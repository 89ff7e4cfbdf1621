#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "file.h"
#include "file_at.h"
#include "hash.h"
#include "trace.h"
#include "watch.h"

enum {
	HEX = 17,   /* 16 digits and a NUL */
	PLACE = 96, /* bytes of a path inside the cache */
};

static const char tag_name[] = "CACHEDIR.TAG";
static const char tag[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
			  "# Answers of dbm, which it finds again without them.  https://bford.info/cachedir/\n";
static const char generation[] = "generation", layout[] = "v1";

/* The generation of a kind of which nothing was ever forgotten. */
static const char never[ENTRY_GENERATION + 1] = "00000000000000000000000000000000";

static void
hex(char *to, uint64_t hash)
{
	snprintf(to, HEX, "%016" PRIx64, hash);
}

static uint64_t
hash_text(const char *text)
{
	return hash_bytes(text, strlen(text));
}

/* Versions have slots of their own: they do not displace each other's entries. */
static uint64_t
slot_of(const struct cache_name *name)
{
	const unsigned char version = ENTRY_VERSION;

	return hash_more(hash_more(hash_text(name->kind), name->rest, name->rest_len), &version, 1);
}

uint64_t
cache_hash(const struct cache_name *name)
{
	uint64_t slot = slot_of(name);

	return hash_more(hash_more(slot, name->database, strlen(name->database)), name->table, strlen(name->table));
}

/* The path of what belongs to a database or to a table of it, from the cache's folder on; `name` NULL: of its folder. */
static void
place(char path[PLACE], const char *database, const char *table, const char *name, const char *kind)
{
	int n = snprintf(path, PLACE, "%s/%016" PRIx64, layout, hash_text(database));

	if (table != NULL)
		n += snprintf(path + n, PLACE - (size_t)n, "/%016" PRIx64, hash_text(table));
	if (name != NULL)
		n += snprintf(path + n, PLACE - (size_t)n, "/%s", name);
	if (kind != NULL)
		snprintf(path + n, PLACE - (size_t)n, ".%s", kind);
}

static void
add_key(struct buf *b, const struct cache_name *name)
{
	buf_add(b, name->kind, strlen(name->kind) + 1);
	buf_add(b, name->database, strlen(name->database) + 1);
	buf_add(b, name->table, strlen(name->table) + 1);
	buf_add(b, name->rest, name->rest_len);
}

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
	buf_printf(path, "%s/.cache", home);
	return 0;
}

/* In it is the folder of the cache.  Whose the first one is matters to who would leave something there. */
static int
open_in_base(struct buf *path, int make, struct fail *f)
{
	int base, fd, error;

	if (!make) {
		buf_puts(path, "/dbm");
		return file_at_folder(AT_FDCWD, buf_string(path), 0, f);
	}
	base = file_at_base(buf_string(path), 1, f);
	if (base < 0)
		return -1;
	fd = file_at_folder(base, "dbm", 1, f);
	error = errno;
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
	buf_free(&path);
	c->absent = c->folder < 0 && error == ENOENT;
	if (c->folder < 0) {
		c->why = *f;
		c->warning = error == EPERM ? c->why.text : NULL;
	}
	errno = error;
	return c->folder;
}

void
cache_close(struct cache *c)
{
	if (c->looked && c->folder >= 0)
		close(c->folder);
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
	v1 = file_at_folder(dbm, layout, 1, f);
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

	return dbm < 0 ? -1 : file_at_folder(dbm, layout, 0, f);
}

int
cache_own_file(struct cache *c, const char *in, const char *name)
{
	struct fail f;
	int folder = make_layout(c, &f), fd;

	if (folder >= 0 && in != NULL)
		folder = make_inside(folder, in, &f);
	if (folder < 0)
		return -1;
	fd = file_at_append(folder, name, &f);
	close(folder);
	return fd;
}

/* Generations. */

static void
make_generation(char text[ENTRY_GENERATION + 1])
{
	uint64_t random[2] = {(uint64_t)watch_now(), (uint64_t)getpid()};

	/* Blocks only where the machine has just started; a number that was there before would bring back the dead. */
	while (getrandom(random, sizeof random, 0) < 0 && errno == EINTR)
		continue;
	snprintf(text, ENTRY_GENERATION + 1, "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
}

/* Reads what an entry's are to be: 0, or -1 where one that must be there is not. */
static int
read_generations(int folder, const struct cache_name *name, char *to)
{
	char path[PLACE];

	place(path, name->database, NULL, generation, NULL);
	if (file_at_marked(folder, path, to, ENTRY_GENERATION) < 0)
		return -1;
	place(path, name->database, name->table, generation, NULL);
	if (file_at_marked(folder, path, to + ENTRY_GENERATION, ENTRY_GENERATION) < 0)
		return -1;
	place(path, name->database, name->table, generation, name->kind);
	if (file_at_marked(folder, path, to + (size_t)2 * ENTRY_GENERATION, ENTRY_GENERATION) < 0)
		memcpy(to + (size_t)2 * ENTRY_GENERATION, never, ENTRY_GENERATION);
	return 0;
}

/* Where another process is faster, its generation stays.  What is there and is none is replaced. */
static int
make_sure(int folder)
{
	char fresh[ENTRY_GENERATION + 1], found[ENTRY_GENERATION];
	struct fail f;

	if (file_at_marked(folder, generation, found, ENTRY_GENERATION) == 0)
		return 0;
	make_generation(fresh);
	if (file_at_mark(folder, generation, fresh, 0, &f) == 0)
		return 0;
	if (errno == EEXIST && file_at_marked(folder, generation, found, ENTRY_GENERATION) < 0)
		return file_at_mark(folder, generation, fresh, 1, &f);
	return errno == EEXIST ? 0 : -1;
}

int
cache_begin(struct cache *c, const struct cache_name *name, char generations[ENTRY_GENERATIONS])
{
	char database[HEX], table[HEX];
	struct fail f;
	int in, made;

	hex(database, hash_text(name->database));
	hex(table, hash_text(name->table));
	if (open_cache(c, 1, &f) >= 0 && read_generations(c->folder, name, generations) == 0)
		return 0;
	in = make_layout(c, &f);
	if (in < 0 || (in = make_inside(in, database, &f)) < 0)
		return -1;
	made = make_sure(in);
	in = make_inside(in, table, &f);
	if (in < 0)
		return -1;
	made |= make_sure(in);
	close(in);
	return made == 0 ? read_generations(c->folder, name, generations) : -1;
}

/* Only where there is something to forget: no generation means that nothing is found. */
static int
forget(int folder, const char *path, struct fail *f)
{
	char fresh[ENTRY_GENERATION + 1];

	make_generation(fresh);
	return file_at_mark(folder, path, fresh, 1, f) == 0 || errno == ENOENT ? 0 : -1;
}

int
cache_forget(struct cache *c, const char *database, const char *table, const char *kind, struct fail *f)
{
	int dbm = open_cache(c, 0, f), in, done;
	char path[PLACE];

	if (dbm < 0)
		return c->absent ? 0 : -1;
	place(path, database, table, NULL, NULL);
	in = file_at_folder(dbm, path, 0, f);
	if (in < 0)
		return errno == ENOENT ? 0 : -1;
	snprintf(path, sizeof path, "%s%s%s", generation, kind ? "." : "", kind ? kind : "");
	done = forget(in, path, f);
	close(in);
	return done;
}

/* Entries. */

/* Everything of a file that is no larger than an entry. */
static const char *
read_entry(struct mem *m, int fd, size_t size, struct entry *e)
{
	char *all;
	struct fail f;

	if (size > CACHE_LARGEST)
		return "damaged";
	all = mem_alloc(m, size + 1);
	return file_peek(fd, all, size, &f) == (ssize_t)size ? entry_decode(e, all, size) : "damaged";
}

static int
same_key(const struct cache_name *name, const struct entry *e)
{
	struct buf want = {0};
	int same;

	add_key(&want, name);
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

const char *
cache_find(struct cache *c, struct mem *m, const struct cache_name *name, struct entry *e)
{
	char path[PLACE], slot[HEX];
	const char *why;
	struct stat st;
	struct fail f;
	int fd;

	if (open_cache(c, 0, &f) < 0)
		return c->absent ? "absent" : "folder";
	hex(slot, slot_of(name));
	place(path, name->database, name->table, slot, NULL);
	fd = file_at_open(c->folder, path, &st, &f);
	if (fd < 0)
		return errno == ENOENT ? "absent" : "file";
	why = read_entry(m, fd, (size_t)st.st_size, e);
	if (why == NULL && !same_key(name, e))
		why = "key";
	if (why == NULL && is_forgotten(c->folder, name, e))
		why = "generation";
	if (why == NULL)
		file_at_touch(fd, &st);
	close(fd);
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
	char path[PLACE], slot[HEX];
	const char *why = "folder";
	struct fail f;
	int in;

	if (e->len > CACHE_LARGEST)
		return "large";
	add_key(&key, name);
	e->ref = name->ref;
	e->key = key.bytes;
	e->key_len = key.len;
	entry_encode(&head, e);
	parts[0] = (struct iovec){head.bytes, head.len};
	hex(slot, slot_of(name));
	place(path, name->database, name->table, NULL, NULL);
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

	if (why == NULL)
		trace_event("store kind=%s bytes=%zu", name->kind, e->len);
	else
		trace_event("unstored kind=%s why=%s", name->kind, why);
	return why == NULL ? 0 : -1;
}

#include "collect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "file_at.h"
#include "flight.h"
#include "generation.h"
#include "stamp.h"
#include "subject.h"
#include "trace.h"

static const uint64_t HOUR = UINT64_C(3600000000000); /* nanoseconds */

/* How deep in v1 a folder is. */
enum { OF_ALL, OF_DATABASE, OF_TABLE };

/* What may have to go, or may not. */
struct candidate {
	char path[CACHE_NAME_PATH];
	int64_t used;
	uint64_t bytes;
};

struct walk {
	struct cache *cache;
	/* What is done with an entry: 0 to go on. */
	int (*entry)(struct walk *w, int folder, const struct file_at_name *one);
	int (*each)(void *arg, const struct collect_entry *e);
	void *arg;
	struct collect *k; /* NULL: nothing is changed on the way */
	int tidies;        /* folders that nothing is left in go */
	int lists;         /* candidates are wanted */
	struct candidate *candidates;
	size_t ncandidates, room;
	char path[CACHE_NAME_PATH]; /* where it is, from v1 on */
	struct mem mem;
	char *head;
	struct fail *f; /* the first failure */
	int failed;
};

static void
fails(struct walk *w, const struct fail *f)
{
	if (w->failed++ == 0)
		*w->f = *f;
}

static int
is_old(int64_t modified)
{
	uint64_t now = (uint64_t)stamp_now(), then = (uint64_t)modified;

	return (modified > (int64_t)now ? then - now : now - then) > HOUR;
}

/* The first bytes of an entry, to the walk's head: how many, -1 where it cannot be read.  What is gone or no reader would
 * believe is no failure. */
static ssize_t
read_head(struct walk *w, int folder, const char *name, struct stat *st)
{
	struct fail f;
	int fd = file_at_open(folder, name, st, &f);
	ssize_t n;

	if (fd < 0) {
		if (errno != ENOENT && errno != EPERM)
			fails(w, &f);
		return -1;
	}
	n = file_peek(fd, w->head, COLLECT_HEAD, &f);
	if (n < 0)
		fails(w, &f);
	close(fd);
	return n;
}

/* Looks into an entry. */
static int
describe(struct walk *w, struct mem *m, int folder, const struct file_at_name *one, struct collect_entry *to)
{
	struct cache_name name;
	struct subject subject;
	struct entry e;
	struct stat st;
	ssize_t n = read_head(w, folder, one->name, &st);

	if (n < 0 || entry_decode_head(&e, w->head, (size_t)n, (uint64_t)st.st_size) != NULL ||
	    cache_name_parse(&name, e.key, e.key_len) < 0)
		return -1;
	subject = (struct subject){name.database, name.table};
	*to = (struct collect_entry){.ref = subject_ref(m, &subject),
	    .database = name.database,
	    .table = name.table,
	    .kind = name.kind,
	    .bytes = one->bytes,
	    .used = one->modified,
	    .read_at = e.read_at,
	    .proof = e.proof.kind,
	    .live = cache_stands(w->cache, w->path, &e),
	    .path = w->path,
	    .folder = folder};
	return 0;
}

/* Removes an entry that was used last at `used`: 1; 0 where it was used or replaced since, or is gone. */
static int
remove_unused(int folder, const char *name, int64_t used, int dry, struct fail *f)
{
	struct file_at_name now;

	if (file_at_look(folder, name, &now) < 0)
		return errno == ENOENT ? 0 : fail_errno(f, errno, "cannot look at");
	if (now.modified != used)
		return 0;
	return !dry && file_at_remove(folder, name, f) < 0 ? -1 : 1;
}

int
collect_remove(const struct collect_entry *e, struct fail *f)
{
	return remove_unused(e->folder, strrchr(e->path, '/') + 1, e->used, 0, f) < 0 ? -1 : 0;
}

/* Has an entry go. */
static void
drop(struct walk *w, int folder, const struct file_at_name *one)
{
	struct collect *k = w->k;
	struct collect_entry e;
	struct mem m = {0};
	struct fail f;
	int told = k->gone != NULL && describe(w, &m, folder, one, &e) == 0;
	int done = remove_unused(folder, one->name, one->modified, k->dry, &f);

	if (done < 0)
		fails(w, &f);
	if (done > 0) {
		if (told)
			k->gone(k->arg, &e);
		k->entries++;
		k->bytes += one->bytes;
		k->left -= one->bytes < k->left ? one->bytes : k->left;
	}
	mem_free(&m);
}

static void
remove_temporary(struct walk *w, int folder, const struct file_at_name *one)
{
	struct fail f;

	if (is_old(one->modified) && !w->k->dry && file_at_remove(folder, one->name, &f) < 0)
		fails(w, &f);
}

/* Whoever stores there meanwhile keeps the folder. */
static void
tidy(int in, const struct file_at_name *one)
{
	struct fail f;
	int fd = is_old(one->modified) ? file_at_folder(in, one->name, 0, &f) : -1;

	if (fd < 0)
		return;
	if (generation_remove(fd) == 0)
		file_at_remove_folder(in, one->name, &f);
	close(fd);
}

static int walk(struct walk *w, int folder, int depth);

static int
walk_into(struct walk *w, int in, const struct file_at_name *one, int depth)
{
	struct fail f;
	int fd = file_at_folder(in, one->name, 0, &f), stop;

	if (fd < 0) {
		if (errno != ENOENT)
			fails(w, &f);
		return 0;
	}
	stop = walk(w, fd, depth);
	close(fd);
	if (stop == 0 && w->tidies)
		tidy(in, one);
	return stop;
}

/* What is not the cache's own is left alone. */
static int
walk(struct walk *w, int folder, int depth)
{
	struct file_at_name *names;
	struct mem m = {0};
	size_t n, len = strlen(w->path);
	struct fail f;
	int stop = 0;

	if (file_at_list(&m, folder, &names, &n, &f) < 0) {
		fails(w, &f);
		n = 0;
	}
	for (size_t i = 0; i < n && stop == 0; i++) {
		const struct file_at_name *one = &names[i];

		snprintf(w->path + len, sizeof w->path - len, "/%.*s", CACHE_NAME_HEX - 1, one->name);
		if (w->k != NULL && !S_ISDIR(one->mode) && file_at_is_temporary(one->name))
			remove_temporary(w, folder, one);
		else if (cache_name_is_hash(one->name) && depth < OF_TABLE && S_ISDIR(one->mode))
			stop = walk_into(w, folder, one, depth + 1);
		else if (cache_name_is_hash(one->name) && depth == OF_TABLE && S_ISREG(one->mode))
			stop = w->entry(w, folder, one);
		w->path[len] = '\0';
	}
	mem_free(&m);
	return stop;
}

/* Going through entries. */

static int
tell(struct walk *w, int folder, const struct file_at_name *one)
{
	struct collect_entry e;
	struct mem m = {0};
	int stop = describe(w, &m, folder, one, &e) == 0 ? w->each(w->arg, &e) : 0;

	mem_free(&m);
	return stop;
}

int
collect_each(struct cache *c, const char *database, const char *table, int (*each)(void *arg, const struct collect_entry *e),
    void *arg, struct fail *f)
{
	struct walk w = {.cache = c, .entry = tell, .each = each, .arg = arg, .f = f};
	int folder = cache_folder(c, f), stop;

	if (folder >= 0 && database != NULL) {
		int v1 = folder;

		cache_name_folder(w.path, database, table);
		folder = file_at_folder(v1, strchr(w.path, '/') + 1, 0, f);
		stop = errno;
		close(v1);
		errno = stop;
	} else {
		snprintf(w.path, sizeof w.path, "%s", cache_name_layout);
	}
	if (folder < 0)
		return errno == ENOENT ? 0 : -1;
	w.head = mem_alloc(&w.mem, COLLECT_HEAD);
	stop = walk(&w, folder, (database != NULL) + (table != NULL));
	close(folder);
	mem_free(&w.mem);
	return stop == 0 && w.failed ? -1 : stop;
}

/* Collecting. */

static int
sum(struct walk *w, int folder, const struct file_at_name *one)
{
	(void)folder;
	w->k->left += one->bytes;
	return 0;
}

/* What cannot be read is not known to be forgotten, and goes where it is the least recently used. */
static int
weigh(struct walk *w, int folder, const struct file_at_name *one)
{
	struct collect_entry e;
	struct mem m = {0};
	int forgotten = describe(w, &m, folder, one, &e) == 0 && !e.live;

	mem_free(&m);
	if (forgotten) {
		drop(w, folder, one);
		return 0;
	}
	if (!w->lists)
		return 0;
	if (w->ncandidates == w->room) {
		w->room = w->room ? 2 * w->room : 1024;
		w->candidates = mem_resize(w->candidates, w->room * sizeof *w->candidates);
	}
	w->candidates[w->ncandidates] = (struct candidate){.used = one->modified, .bytes = one->bytes};
	memcpy(w->candidates[w->ncandidates++].path, w->path, sizeof w->path);
	return 0;
}

static int
by_use(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->used > y->used) - (x->used < y->used);
}

static void
evict(struct walk *w, int v1, const struct candidate *one)
{
	const struct file_at_name name = {.name = strchr(one->path, '/') + 1, .bytes = one->bytes, .modified = one->used};

	memcpy(w->path, one->path, sizeof w->path);
	drop(w, v1, &name);
}

static void
evict_oldest(struct walk *w, int v1)
{
	uint64_t low = w->k->limit - w->k->limit / 10;

	if (w->ncandidates > 0)
		qsort(w->candidates, w->ncandidates, sizeof *w->candidates, by_use);
	for (size_t i = 0; i < w->ncandidates && w->k->left > low; i++)
		evict(w, v1, &w->candidates[i]);
}

static int
collect(struct collect *k, int v1, struct fail *f)
{
	struct walk w = {.cache = k->cache, .entry = sum, .k = k, .f = f};

	k->entries = k->bytes = k->left = 0;
	snprintf(w.path, sizeof w.path, "%s", cache_name_layout);
	walk(&w, v1, OF_ALL);
	w.lists = k->left > k->limit;
	if (w.lists || k->thorough) {
		w.entry = weigh;
		w.tidies = !k->dry;
		w.head = mem_alloc(&w.mem, COLLECT_HEAD);
		walk(&w, v1, OF_ALL);
	}
	if (k->left > k->limit)
		evict_oldest(&w, v1);
	free(w.candidates);
	mem_free(&w.mem);
	trace_event("collect entries=%llu bytes=%llu left=%llu", (unsigned long long)k->entries, (unsigned long long)k->bytes,
	    (unsigned long long)k->left);
	return w.failed ? -1 : 0;
}

static const char stores[] = "stores";

int
collect_run(struct collect *k, struct fail *f)
{
	int v1 = cache_folder(k->cache, f), lock = -1, done = 0;
	enum flight how = FLIGHT_MINE;

	if (v1 < 0)
		return errno == ENOENT ? 0 : -1;
	if (!k->dry) {
		lock = cache_own_file(k->cache, NULL, stores);
		how = lock < 0 ? FLIGHT_NONE : flight_try(lock);
	}
	if (how == FLIGHT_NONE)
		done = fail_errno(f, errno, "cannot open or lock its file `%s`", stores);
	/* The count begins anew before the work does: where that breaks off, it is not tried again at once. */
	if (how == FLIGHT_MINE && lock >= 0 && ftruncate(lock, 0) < 0)
		done = fail_errno(f, errno, "cannot write");
	if (how == FLIGHT_MINE && done == 0)
		done = collect(k, v1, f);
	if (lock >= 0)
		close(lock);
	close(v1);
	return done;
}

void
collect_stored(struct cache *c)
{
	static const char dots[COLLECT_EVERY] = {0};
	struct collect k = {.cache = c, .limit = c->limit};
	size_t n = c->stored < COLLECT_EVERY ? c->stored : COLLECT_EVERY;
	int fd = n > 0 ? cache_own_file(c, NULL, stores) : -1;
	struct stat st;
	struct fail f;

	c->stored = 0;
	c->written = 0;
	if (fd < 0)
		return;
	if (fstat(fd, &st) < 0)
		n = 0;
	/* It stays that small where nobody can collect. */
	else if (st.st_size < COLLECT_EVERY)
		n = file_write(fd, dots, n, &f) < 0 ? 0 : (size_t)st.st_size + n;
	close(fd);
	if (n >= COLLECT_EVERY)
		collect_run(&k, &f);
}

void
collect_meanwhile(struct cache *c)
{
	if (c->stored >= COLLECT_EVERY && c->written + (uint64_t)c->stored * COLLECT_BESIDE >= c->limit / COLLECT_PART)
		collect_stored(c);
}

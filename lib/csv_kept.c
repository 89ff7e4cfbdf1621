#include "csv_kept.h"

#include <string.h>
#include <sys/stat.h>

#include "stamp.h"
#include "subject.h"
#include "trace.h"

/* What is stored, and under which name.  What follows the name in the key: delimiter and header. */
static const struct kind {
	const char *name, *rest;
} kinds[CSV_KEPT_KINDS] = {
    [CSV_KEPT_INDEX] = {"rowindex", ""},
    [CSV_KEPT_CONTINUATION] = {"count", "continuation"},
};

/* The key: 0, or -1 where the system does not tell where the file is. */
static int
name_of(const struct csv_kept *k, enum csv_kept_what what, const struct reader *r, struct mem *m, struct cache_name *name)
{
	struct buf rest = {0};
	struct subject s;

	if (subject_of_text(m, k->path, &s) < 0)
		return -1;
	buf_puts(&rest, kinds[what].rest);
	buf_byte(&rest, r != NULL ? r->dialect.delimiter : '\0');
	buf_byte(&rest, k->no_header != 0);
	*name = (struct cache_name){
	    .kind = kinds[what].name,
	    .database = s.database,
	    .table = s.table,
	    .rest = mem_copy(m, rest.bytes, rest.len),
	    .rest_len = rest.len,
	    .ref = subject_ref(m, &s),
	};
	buf_free(&rest);
	return 0;
}

void
csv_kept_start(struct csv_kept *k, int fd, int stores)
{
	struct mem m = {0};
	int64_t now = stamp_now();
	struct cache_name name;
	struct stat st;

	if (k->cache == NULL || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < CSV_KEPT_LEAST) {
		k->cache = NULL;
		return;
	}
	k->proof = proof_file(&st, now);
	k->size = (uint64_t)st.st_size;
	for (int what = 0; stores && what < CSV_KEPT_KINDS; what++) {
		k->begun[what] = name_of(k, (enum csv_kept_what)what, NULL, &m, &name) == 0 &&
				 cache_begin(k->cache, &name, k->generations[what]) == 0;
	}
	mem_free(&m);
}

/* True where the file is still as it was before it was read. */
static int
is_unchanged(const struct csv_kept *k, const struct reader *r)
{
	struct stat st;
	struct proof now;

	if (fstat(r->in.fd, &st) < 0)
		return 0;
	now = proof_file(&st, 0);
	return proof_same(&k->proof, &now);
}

/* To replace a file waits for the disk on some file systems; one that is right already may stay. */
static int
is_there(const struct csv_kept *k, struct mem *m, const struct cache_name *name, const struct buf *bytes)
{
	struct entry e;

	return cache_find(k->cache, m, name, &e) == NULL && proof_same(&e.proof, &k->proof) &&
	       e.proof.young == k->proof.young && e.len == bytes->len && memcmp(e.bytes, bytes->bytes, e.len) == 0;
}

void
csv_kept_put(const struct csv_kept *k, enum csv_kept_what what, const struct reader *r, const struct buf *bytes)
{
	struct cache_name name;
	struct entry e = {.read_at = stamp_now(), .proof = k->proof, .bytes = bytes->bytes, .len = bytes->len};
	struct mem m = {0};

	if (k->cache == NULL || !k->begun[what] || name_of(k, what, r, &m, &name) < 0)
		return;
	memcpy(e.generations, k->generations[what], ENTRY_GENERATIONS);
	if (!is_unchanged(k, r))
		trace_event("unstored kind=%s why=stamp", name.kind);
	else if (!is_there(k, &m, &name, bytes))
		cache_store(k->cache, &name, &e);
	mem_free(&m);
}

int
csv_kept_get(
    const struct csv_kept *k, enum csv_kept_what what, const struct reader *r, struct mem *m, const char **bytes, size_t *len)
{
	struct cache_name name;
	struct entry e;

	if (k->cache == NULL || k->refresh || name_of(k, what, r, m, &name) < 0)
		return 0;
	if (what == CSV_KEPT_INDEX ? cache_get(k->cache, m, &name, &k->proof, &e) != NULL
				   : cache_find(k->cache, m, &name, &e) != NULL)
		return 0;
	*bytes = e.bytes;
	*len = e.len;
	return 1;
}

int
csv_kept_why(const struct csv_kept *k, const struct reader *r, struct fail *f)
{
	if (k->proof.young || !is_unchanged(k, r))
		return fail_set(f, "the file is being written to");
	return cache_usable(k->cache, f) < 0 ? -1 : fail_set(f, "it cannot be written to the cache");
}

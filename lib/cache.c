#include "cache.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "file_at.h"
#include "frame.h"
#include "hash.h"
#include "trace.h"

enum {
	VERSION = 1,
	MAGIC = 8,                            /* bytes of it */
	CHECKED = MAGIC + 4 + 8,              /* where that begins which the checksum is of */
	HEAD = CHECKED + 8 + STAMP_BYTES + 4, /* where the key begins */
	HEX = 17,                             /* 16 digits and a NUL */
	FOLDERS = 4,
};

static const char magic[] = "dbm slot";
static const char tag_name[] = "CACHEDIR.TAG";
static const char tag[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
			  "# Answers of dbm, which it finds again without them.  https://bford.info/cachedir/\n";

struct head {
	uint64_t checksum, len; /* bytes of the answer */
	struct stamp stamp;
	size_t key_len;
};

static void
hex(char *to, uint64_t hash)
{
	snprintf(to, HEX, "%016" PRIx64, hash);
}

static void
slot_name(char *to, const struct cache_name *name)
{
	uint64_t kind = hash_bytes(name->kind, strlen(name->kind));

	hex(to, hash_more(kind, name->rest, name->rest_len));
}

static void
add_key(struct buf *b, const struct cache_name *name)
{
	buf_add(b, name->kind, strlen(name->kind) + 1);
	buf_add(b, name->database, strlen(name->database) + 1);
	buf_add(b, name->table, strlen(name->table) + 1);
	buf_add(b, name->rest, name->rest_len);
}

/* The folder in which all programs have their caches. */
static int
open_base(int make, struct fail *f)
{
	const char *given = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	struct buf path = {0};
	int fd;

	if (given != NULL && *given == '/')
		return file_at_base(given, make, f);
	if (home == NULL || *home != '/') {
		errno = EPERM;
		return fail_set(f, "neither XDG_CACHE_HOME nor HOME is an absolute path");
	}
	buf_printf(&path, "%s/.cache", home);
	fd = file_at_base(buf_string(&path), make, f);
	buf_free(&path);
	return fd;
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

/* The folder of the entries of a table; -1 with errno as file_at_folder() leaves it. */
static int
open_table(const struct cache_name *name, int make)
{
	char database[HEX], table[HEX];
	const char *const parts[FOLDERS] = {"dbm", "v1", database, table};
	struct fail f;
	int in = open_base(make, &f);

	hex(database, hash_bytes(name->database, strlen(name->database)));
	hex(table, hash_bytes(name->table, strlen(name->table)));
	for (int i = 0; i < FOLDERS && in >= 0; i++) {
		int fd = file_at_folder(in, parts[i], make, &f), error = errno;

		close(in);
		errno = error;
		in = fd;
		if (make && i == 1 && in >= 0)
			put_tag(in);
	}
	return in;
}

static const char *
why_not(const char *refused)
{
	return errno == ENOENT ? "absent" : refused;
}

/* Everything of an entry but the answer. */
static void
encode(struct buf *b, const struct cache_name *name, const struct stamp *stamp, const void *bytes, size_t len)
{
	struct buf key = {0}, checksum = {0};

	add_key(&key, name);
	buf_add(b, magic, MAGIC);
	frame_put_u32(b, VERSION);
	frame_put_u64(b, 0);
	frame_put_u64(b, len);
	stamp_encode(b, stamp);
	frame_put_text(b, key.bytes, key.len);
	frame_put_u64(&checksum, hash_more(hash_bytes(b->bytes + CHECKED, b->len - CHECKED), bytes, len));
	memcpy(b->bytes + CHECKED - checksum.len, checksum.bytes, checksum.len);
	buf_free(&checksum);
	buf_free(&key);
}

static const char *
decode(struct head *h, const char *bytes, size_t len)
{
	struct frame frame = {.p = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};
	const char *word;

	if (frame_bytes(&frame, MAGIC, &word) != MAGIC || memcmp(word, magic, MAGIC) != 0)
		return "damaged";
	if (frame_u32(&frame) != VERSION)
		return frame.bad ? "damaged" : "version";
	h->checksum = frame_u64(&frame);
	h->len = frame_u64(&frame);
	h->stamp = stamp_decode(&frame);
	h->key_len = frame_u32(&frame);
	return frame.bad ? "damaged" : NULL;
}

/* Writes an entry: NULL, or why not. */
static const char *
store(const struct cache_name *name, const struct stamp *stamp, const void *bytes, size_t len)
{
	struct buf head = {0};
	struct iovec parts[2] = {{NULL, 0}, {(void *)(uintptr_t)bytes, len}};
	const char *why = NULL;
	char slot[HEX];
	struct fail f;
	int folder;

	if (len > CACHE_LARGEST)
		return "large";
	encode(&head, name, stamp, bytes, len);
	parts[0] = (struct iovec){head.bytes, head.len};
	slot_name(slot, name);
	if (head.len > CACHE_LARGEST - len) {
		why = "large";
	} else if ((folder = open_table(name, 1)) < 0) {
		why = "folder";
	} else {
		if (file_at_replace(folder, slot, parts, 2, &f) < 0)
			why = "write";
		close(folder);
	}
	buf_free(&head);
	return why;
}

int
cache_put(const struct cache_name *name, const struct stamp *stamp, const void *bytes, size_t len)
{
	const char *why = store(name, stamp, bytes, len);

	if (why == NULL)
		trace_event("store kind=%s bytes=%zu", name->kind, len);
	else
		trace_event("unstored kind=%s why=%s", name->kind, why);
	return why == NULL ? 0 : -1;
}

static int
same_key(const struct cache_name *name, const char *key, size_t len)
{
	struct buf want = {0};
	int same;

	add_key(&want, name);
	same = want.len == len && memcmp(want.bytes, key, len) == 0;
	buf_free(&want);
	return same;
}

/* Only where the head promises a hit is the rest read: NULL, or why it is a miss. */
static const char *
read_entry(struct mem *m, int fd, size_t size, const struct cache_name *name, const struct stamp *stamp, const char **bytes,
    size_t *len)
{
	char first[HEAD], *all;
	struct head h;
	struct fail f;
	ssize_t got = file_peek(fd, first, HEAD, &f);
	const char *why = got < 0 ? "damaged" : decode(&h, first, (size_t)got);

	if (why != NULL)
		return why;
	if (size > CACHE_LARGEST || h.len > size || h.key_len > size || HEAD + h.key_len + h.len != size)
		return "damaged";
	if (!stamp_same(&h.stamp, stamp))
		return "stamp";
	if (h.stamp.young)
		return "young";
	all = mem_alloc(m, size + 1);
	if (file_peek(fd, all, size, &f) != (ssize_t)size || memcmp(all, first, HEAD) != 0)
		return "damaged";
	*bytes = all + HEAD + h.key_len;
	*len = (size_t)h.len;
	if (hash_more(hash_bytes(all + CHECKED, HEAD - CHECKED + h.key_len), *bytes, *len) != h.checksum)
		return "damaged";
	return same_key(name, all + HEAD, h.key_len) ? NULL : "key";
}

/* Finds and reads an entry: NULL, or why it is a miss. */
static const char *
look(struct mem *m, const struct cache_name *name, const struct stamp *stamp, const char **bytes, size_t *len)
{
	int folder = open_table(name, 0), fd, error;
	const char *why;
	char slot[HEX];
	struct stat st;
	struct fail f;

	if (folder < 0)
		return why_not("folder");
	slot_name(slot, name);
	fd = file_at_open(folder, slot, &st, &f);
	error = errno;
	close(folder);
	errno = error;
	if (fd < 0)
		return why_not("file");
	why = read_entry(m, fd, (size_t)st.st_size, name, stamp, bytes, len);
	close(fd);
	return why;
}

int
cache_get(struct mem *m, const struct cache_name *name, const struct stamp *stamp, const char **bytes, size_t *len)
{
	const char *why = look(m, name, stamp, bytes, len);

	if (why == NULL)
		trace_event("hit kind=%s", name->kind);
	else
		trace_event("miss kind=%s why=%s", name->kind, why);
	return why == NULL;
}

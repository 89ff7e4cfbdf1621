#include "schema_history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "file_at.h"
#include "hash.h"
#include "number.h"
#include "state.h"
#include "tsv.h"

enum {
	TRIES = 1000, /* to get the lock, with PAUSE between them */
	HEAD = 30,    /* bytes before a record's body */
	LENGTH = 12,  /* digits of its length */
	FIELDS = 4,   /* of its first line */
};

static const struct timespec PAUSE = {0, 10000000}; /* nanoseconds */
static const char name[] = "history", of_database[] = "database";

static void
hash_text(char hash[SCHEMA_HASH], const char *bytes, size_t len)
{
	snprintf(hash, SCHEMA_HASH, "%016" PRIx64, hash_bytes(bytes, len));
}

/* Reading records. */

struct record {
	struct buf bytes;              /* its body, with a NUL behind it */
	struct schema_version version; /* .version 0: it is that of the database */
	const char *database;
	const char *text; /* in `bytes` */
	size_t len;
};

/* The length of the body: 0 where that is no head of a record. */
static size_t
body_length(const char *head)
{
	char digits[LENGTH + 1];
	uint64_t length;
	struct fail f;

	memcpy(digits, &head[HEAD - 1 - LENGTH], LENGTH);
	digits[LENGTH] = '\0';
	if (head[HEAD - 1] != '\n' || head[16] != ' ')
		return 0;
	/* Its leading zeros are no sign of anything else. */
	return number_integer(digits, 1, UINT32_MAX, &length, &f) == 0 ? (size_t)length : 0;
}

static int
take_line(struct record *r, struct mem *m, const char *line, size_t len)
{
	const char *fields[FIELDS];
	long n = tsv_fields(m, line, len, fields, FIELDS);
	struct schema_version *v = &r->version;
	uint64_t time;
	struct fail f;

	if (n == 2 && fields[0] != NULL && strcmp(fields[0], of_database) == 0 && fields[1] != NULL) {
		r->database = fields[1];
		return 0;
	}
	if (n != FIELDS || fields[0] == NULL || fields[1] == NULL || fields[2] == NULL ||
	    number_integer(fields[1], 1, UINT64_MAX, &v->version, &f) < 0 ||
	    number_integer(fields[2], 0, INT64_MAX, &time, &f) < 0)
		return -1;
	v->table = fields[0];
	v->time = (int64_t)time;
	snprintf(v->hash, sizeof v->hash, "%s", fields[3] != NULL ? fields[3] : "");
	return 0;
}

/* The record at that offset, of a file of that size: 1; 0 where there is no whole one; -1 where it cannot be read. */
static int
read_record(const struct schema_history *h, struct mem *m, uint64_t at, uint64_t size, struct record *r, struct fail *f)
{
	char head[HEAD], hash[SCHEMA_HASH];
	const char *p, *line;
	size_t len, width;
	ssize_t n;

	r->bytes.len = 0;
	r->database = NULL;
	r->version = (struct schema_version){.offset = at};
	if (size < at || size - at <= HEAD)
		return 0;
	n = file_read_at(h->fd, head, HEAD, at, NULL, 0, f);
	if (n < 0)
		return fail_wrap(f, name);
	/* Whoever records may just have cut off what was not whole. */
	len = n == HEAD ? body_length(head) : 0;
	if (len == 0 || len > size - at - HEAD)
		return 0;
	n = file_read_at(h->fd, buf_room(&r->bytes, len), len, at + HEAD, NULL, 0, f);
	if (n < 0)
		return fail_wrap(f, name);
	r->bytes.len = (size_t)n;
	hash_text(hash, r->bytes.bytes, r->bytes.len);
	p = r->bytes.bytes;
	if (memcmp(hash, head, 16) != 0 || !tsv_line(&p, p + len, &line, &width) || take_line(r, m, line, width) < 0)
		return 0;
	r->version.length = HEAD + len;
	r->text = p;
	r->len = (size_t)(r->bytes.bytes + len - p);
	return 1;
}

/* True where a whole record follows behind what is none: something is damaged, not unfinished.  What `current` tells of is
 * whole. */
static int
is_damaged(const struct schema_history *h, uint64_t size)
{
	struct record r = {0};
	struct mem m = {0};
	struct fail f;
	int found = 0;

	for (uint64_t at = h->size + 1; h->current.covered == 0 && at < size && found == 0; at++)
		found = read_record(h, &m, at, size, &r, &f);
	buf_free(&r.bytes);
	mem_free(&m);
	return found != 0;
}

/* Takes over the records from `size` on that are whole. */
static int
read_on(struct schema_history *h, struct fail *f)
{
	struct record r = {0};
	struct stat st;
	int more = 1;

	if (fstat(h->fd, &st) < 0)
		return fail_errno(f, errno, "%s: cannot look at", name);
	while ((more = read_record(h, h->m, h->size, (uint64_t)st.st_size, &r, f)) > 0) {
		if (r.database != NULL)
			h->current.database = r.database;
		else
			schema_current_set(&h->current, h->m, &r.version);
		h->size += r.version.length;
		h->behind = 1;
	}
	buf_free(&r.bytes);
	if (more == 0 && is_damaged(h, (uint64_t)st.st_size))
		return fail_set(f, "%s is damaged at byte %" PRIu64, name, h->size);
	return more;
}

/* What is told of in `current`, and what is not yet. */
static int
load(struct schema_history *h, struct fail *f)
{
	struct fail ignored;

	if (schema_current_read(&h->current, h->m, h->folder, &ignored) < 0)
		h->behind = 1;
	h->size = h->current.covered;
	/* Of a file that has become shorter nothing is believed but what is there. */
	if (h->size > 0 && file_is_shorter(h->fd, h->size)) {
		h->current = (struct schema_current){0};
		h->size = 0;
		h->behind = 1;
	}
	return read_on(h, f);
}

int
schema_history_open_at(struct schema_history *h, struct mem *m, int folder, struct fail *f)
{
	struct stat st;
	int done;

	*h = (struct schema_history){.m = m, .folder = folder, .lock = -1};
	h->fd = file_at_open(folder, name, &st, f);
	if (h->fd < 0) {
		int absent = errno == ENOENT;

		close(folder);
		return absent ? 0 : fail_wrap(f, name);
	}
	done = load(h, f);
	if (done == 0 && h->current.database != NULL)
		return 1;
	/* Somebody is about to record, or was, for the first time. */
	schema_history_close(h);
	return done;
}

int
schema_history_open(struct schema_history *h, struct mem *m, const char *database, struct fail *f)
{
	int folder = state_of("schema", database, 0, f), found;

	if (folder < 0)
		return errno == ENOENT ? 0 : -1;
	found = schema_history_open_at(h, m, folder, f);
	if (found > 0 && schema_current_check(&h->current, database, f) < 0) {
		schema_history_close(h);
		return -1;
	}
	return found;
}

/* Waits for the lock of what is open to append. */
static int
wait_for_lock(int fd, struct fail *f)
{
	struct stat st;
	int r;

	for (int i = 0; (r = flock(fd, LOCK_EX | LOCK_NB)) < 0 && (errno == EWOULDBLOCK || errno == EINTR) && i < TRIES; i++)
		nanosleep(&PAUSE, NULL);
	if (r < 0 && errno == EWOULDBLOCK)
		return fail_set(f, "another process is recording");
	/* A file system without locks will do. */
	if (fstat(fd, &st) < 0)
		return fail_errno(f, errno, "cannot look at");
	return st.st_nlink > 0 ? 0 : fail_set(f, "was removed meanwhile");
}

/* What is behind the last whole record is what somebody has not finished. */
static int
cut_off(struct schema_history *h, struct fail *f)
{
	struct stat st;

	if (fstat(h->lock, &st) < 0)
		return fail_errno(f, errno, "%s: cannot look at", name);
	if ((uint64_t)st.st_size > h->size && ftruncate(h->lock, (off_t)h->size) < 0)
		return fail_errno(f, errno, "%s: cannot cut off what is not whole", name);
	return 0;
}

static int
lock_and_load(struct schema_history *h, const char *database, struct fail *f)
{
	struct stat st;

	h->lock = file_at_append(h->folder, name, 1, &st, f);
	if (h->lock < 0 || wait_for_lock(h->lock, f) < 0 || (h->fd = file_at_open(h->folder, name, &st, f)) < 0)
		return fail_wrap(f, name);
	if (load(h, f) < 0 || (h->current.database != NULL && schema_current_check(&h->current, database, f) < 0))
		return -1;
	return cut_off(h, f);
}

int
schema_history_lock(struct schema_history *h, struct mem *m, const char *database, struct fail *f)
{
	*h = (struct schema_history){.m = m, .fd = -1, .lock = -1};
	h->folder = state_of("schema", database, 1, f);
	if (h->folder < 0)
		return -1;
	if (lock_and_load(h, database, f) < 0) {
		schema_history_close(h);
		return -1;
	}
	if (h->current.database == NULL)
		h->current.database = mem_string(m, database);
	return 0;
}

/* Recording. */

static void
put_record(struct buf *b, const struct buf *body)
{
	char hash[SCHEMA_HASH];

	hash_text(hash, body->bytes, body->len);
	buf_printf(b, "%s %012zu\n", hash, body->len);
	buf_add(b, body->bytes, body->len);
}

static void
put_version(struct buf *b, const struct schema_version *v, const struct schema_new *x)
{
	struct buf body = {0};

	tsv_put(&body, v->table);
	buf_printf(&body, "\t%" PRIu64 "\t%" PRId64 "\t%s\n", v->version, v->time, v->hash[0] != '\0' ? v->hash : "\\N");
	if (x->text != NULL)
		buf_add(&body, x->text, x->len);
	put_record(b, &body);
	buf_free(&body);
}

/* All in one write, which is on the disk before anybody hears of it; or nothing of it. */
static int
write_records(struct schema_history *h, const struct buf *b, struct fail *f)
{
	const struct iovec part = {b->bytes, b->len};
	struct fail ignored;
	int done = file_at_write(h->lock, &part, 1, f);

	if (done == 0 && fsync(h->lock) < 0)
		done = fail_errno(f, errno, "cannot be synced");
	if (done == 0)
		return 0;
	cut_off(h, &ignored);
	return fail_wrap(f, name);
}

int
schema_history_append(struct schema_history *h, struct schema_new *versions, size_t n, struct fail *f)
{
	struct schema_version *made = mem_array(h->m, n, sizeof *made);
	struct buf b = {0}, body = {0};
	int done = 0;

	if (h->size == 0) {
		buf_printf(&body, "%s\t", of_database);
		tsv_put(&body, h->current.database);
		buf_byte(&body, '\n');
		put_record(&b, &body);
		buf_free(&body);
	}
	for (size_t i = 0; i < n; i++) {
		const struct schema_version *before = schema_current_find(&h->current, versions[i].table);
		uint64_t at = h->size + b.len;

		made[i] = (struct schema_version){.table = mem_string(h->m, versions[i].table),
		    .version = before != NULL ? before->version + 1 : 1,
		    .time = versions[i].time,
		    .offset = at};
		if (versions[i].text != NULL)
			hash_text(made[i].hash, versions[i].text, versions[i].len);
		versions[i].version = made[i].version;
		put_version(&b, &made[i], &versions[i]);
		made[i].length = h->size + b.len - at;
	}
	if (b.len > 0)
		done = write_records(h, &b, f);
	if (done == 0) {
		h->size += b.len;
		h->behind |= b.len > 0;
		for (size_t i = 0; i < n; i++)
			schema_current_set(&h->current, h->m, &made[i]);
		h->current.covered = h->size;
	}
	buf_free(&b);
	return done == 0 && h->behind ? schema_current_write(&h->current, h->folder, f) : done;
}

int
schema_history_read(struct schema_history *h, struct mem *m, const struct schema_version *v, struct schema *s, struct fail *f)
{
	struct record r = {0};
	int found = read_record(h, m, v->offset, v->offset + v->length, &r, f);

	if (found == 0 || (found > 0 && (r.version.version != v->version || strcmp(r.version.table, v->table) != 0)))
		found = fail_set(f, "%s is damaged at byte %" PRIu64, name, v->offset);
	if (found > 0 && schema_parse(s, m, v->table, r.text, r.len) < 0)
		found = fail_set(f, "%s is of another version of dbm, or damaged, at byte %" PRIu64, name, v->offset);
	buf_free(&r.bytes);
	return found < 0 ? -1 : 0;
}

int
schema_history_all(struct schema_history *h, struct mem *m, struct schema_version **versions, size_t *n, struct fail *f)
{
	struct record r = {0};
	uint64_t at = 0;
	int more = 1;

	*versions = NULL;
	*n = 0;
	while (at < h->size && (more = read_record(h, m, at, h->size, &r, f)) > 0) {
		at += r.version.length;
		if (r.database != NULL)
			continue;
		*versions = mem_more(m, *versions, *n, sizeof **versions);
		(*versions)[(*n)++] = r.version;
	}
	buf_free(&r.bytes);
	if (more == 0)
		return fail_set(f, "%s is damaged at byte %" PRIu64, name, at);
	return more < 0 ? -1 : 0;
}

void
schema_history_close(struct schema_history *h)
{
	if (h->fd >= 0)
		close(h->fd);
	/* Lets go the lock. */
	if (h->lock >= 0)
		close(h->lock);
	if (h->folder >= 0)
		close(h->folder);
	h->fd = h->lock = h->folder = -1;
}

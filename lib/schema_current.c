#include "schema_current.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "file_at.h"
#include "hash.h"
#include "number.h"
#include "state.h"
#include "tsv.h"

static const char file_name_of_it[] = "current", magic[] = "dbm-schema-current", last[] = "end";

enum { HEAD = 4, FIELDS = 6, END = 2 };

static int
by_table(const void *key, const void *version)
{
	return strcmp(key, ((const struct schema_version *)version)->table);
}

struct schema_version *
schema_current_find(const struct schema_current *c, const char *table)
{
	return c->n > 0 ? bsearch(table, c->versions, c->n, sizeof *c->versions, by_table) : NULL;
}

static void
insert(struct schema_current *c, struct mem *m, size_t at, const struct schema_version *v)
{
	if (c->n == c->room) {
		struct schema_version *more = mem_array(m, 2 * c->room + 16, sizeof *more);

		if (c->n > 0)
			memcpy(more, c->versions, c->n * sizeof *more);
		c->versions = more;
		c->room = 2 * c->room + 16;
	}
	memmove(c->versions + at + 1, c->versions + at, (c->n - at) * sizeof *c->versions);
	c->versions[at] = *v;
	c->n++;
}

void
schema_current_set(struct schema_current *c, struct mem *m, const struct schema_version *v)
{
	size_t low = 0, high = c->n;

	/* What is read is sorted already. */
	if (c->n > 0 && strcmp(c->versions[c->n - 1].table, v->table) < 0)
		low = c->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(c->versions[middle].table, v->table) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < c->n && strcmp(c->versions[low].table, v->table) == 0)
		c->versions[low] = *v;
	else
		insert(c, m, low, v);
}

/* One table's line. */
static int
take_version(struct schema_current *c, struct mem *m, const char *const *fields, struct fail *f)
{
	struct schema_version v = {.table = fields[0]};
	uint64_t time;

	for (int i = 0; i < FIELDS; i++) {
		if (fields[i] == NULL && i != 2)
			return -1;
	}
	if (number_integer(fields[1], 1, UINT64_MAX, &v.version, f) < 0 ||
	    number_integer(fields[3], 0, INT64_MAX, &time, f) < 0 ||
	    number_integer(fields[4], 0, UINT64_MAX, &v.offset, f) < 0 ||
	    number_integer(fields[5], 0, UINT64_MAX, &v.length, f) < 0)
		return -1;
	v.time = (int64_t)time;
	snprintf(v.hash, sizeof v.hash, "%s", fields[2] != NULL ? fields[2] : "");
	schema_current_set(c, m, &v);
	return 0;
}

/* The first line. */
static int
take_head(struct schema_current *c, const char *const *fields, long n, struct fail *f)
{
	if (n != HEAD || fields[0] == NULL || strcmp(fields[0], magic) != 0 || fields[1] == NULL ||
	    strcmp(fields[1], "1") != 0 || fields[2] == NULL || fields[3] == NULL)
		return -1;
	c->database = fields[3];
	return number_integer(fields[2], 0, UINT64_MAX, &c->covered, f);
}

/* True where it is the line that ends `text` before it. */
static int
is_end(const char *const *fields, long n, const char *text, const char *line)
{
	char hash[SCHEMA_HASH];

	snprintf(hash, sizeof hash, "%016" PRIx64, hash_bytes(text, (size_t)(line - text)));
	return n == END && fields[0] != NULL && strcmp(fields[0], last) == 0 && fields[1] != NULL &&
	       strcmp(fields[1], hash) == 0;
}

static int
parse(struct schema_current *c, struct mem *m, const char *text, size_t len, struct fail *f)
{
	const char *p = text, *line, *fields[FIELDS];
	size_t width;
	long n;

	while (tsv_line(&p, text + len, &line, &width)) {
		n = tsv_fields(m, line, width, fields, FIELDS);
		if (line == text ? take_head(c, fields, n, f) < 0 : n == FIELDS && take_version(c, m, fields, f) < 0)
			break;
		if (n == FIELDS || line == text)
			continue;
		if (p != text + len || !is_end(fields, n, text, line))
			break;
		return 0;
	}
	return fail_set(f, "%s is damaged", file_name_of_it);
}

int
schema_current_read(struct schema_current *c, struct mem *m, int folder, struct fail *f)
{
	struct stat st;
	int fd = file_at_open(folder, file_name_of_it, &st, f), done;
	ssize_t n;
	char *text;

	*c = (struct schema_current){0};
	if (fd < 0)
		return errno == ENOENT ? 0 : fail_wrap(f, file_name_of_it);
	text = mem_alloc(m, (size_t)st.st_size + 1);
	n = file_read_at(fd, text, (size_t)st.st_size, 0, NULL, 0, f);
	close(fd);
	if (n < 0)
		return fail_wrap(f, file_name_of_it);
	done = parse(c, m, text, (size_t)n, f);
	if (done < 0)
		*c = (struct schema_current){0};
	return done < 0 ? -1 : 1;
}

int
schema_current_check(const struct schema_current *c, const char *database, struct fail *f)
{
	if (strcmp(c->database, database) != 0)
		return fail_set(f, "what is kept there is another database's");
	return 0;
}

int
schema_current_of(struct schema_current *c, struct mem *m, const char *database, struct fail *f)
{
	int folder = state_of("schema", database, 0, f), found;

	*c = (struct schema_current){0};
	if (folder < 0)
		return errno == ENOENT ? 0 : -1;
	found = schema_current_read(c, m, folder, f);
	close(folder);
	return found > 0 && schema_current_check(c, database, f) < 0 ? -1 : found;
}

int
schema_current_where(struct fail *f)
{
	struct buf path = {0};

	if (state_path(&path) == 0) {
		buf_puts(&path, "/schema");
		fail_wrap(f, buf_string(&path));
	}
	buf_free(&path);
	return -1;
}

static void
put_number(struct buf *b, uint64_t value)
{
	buf_byte(b, '\t');
	buf_number(b, value, 1);
}

int
schema_current_write(const struct schema_current *c, int folder, struct fail *f)
{
	struct buf b = {0};
	struct iovec part;
	int done;

	buf_printf(&b, "%s\t1", magic);
	put_number(&b, c->covered);
	buf_byte(&b, '\t');
	tsv_put(&b, c->database);
	for (size_t i = 0; i < c->n; i++) {
		const struct schema_version *v = &c->versions[i];

		buf_byte(&b, '\n');
		tsv_put(&b, v->table);
		put_number(&b, v->version);
		buf_byte(&b, '\t');
		tsv_put(&b, v->hash[0] != '\0' ? v->hash : NULL);
		put_number(&b, (uint64_t)v->time);
		put_number(&b, v->offset);
		put_number(&b, v->length);
	}
	buf_byte(&b, '\n');
	buf_printf(&b, "%s\t%016" PRIx64 "\n", last, hash_bytes(b.bytes, b.len));
	part = (struct iovec){b.bytes, b.len};
	done = file_at_replace(folder, file_name_of_it, &part, 1, f);
	buf_free(&b);
	return done < 0 ? fail_wrap(f, file_name_of_it) : 0;
}

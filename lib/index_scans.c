#include "index_scans.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "file_at.h"
#include "infer.h"
#include "number.h"
#include "ref.h"
#include "state.h"

static const char NAME[] = "scans", HEAD[] = "dbm-index scans 1\n";

enum {
	HOUR = 3600,
	GAP = 25 * HOUR, /* who looks every night is a few minutes late now and then */
	FORGOTTEN = 400 * 24 * HOUR,
	LARGEST = 64 << 20, /* bytes of the file: 100,000 indexes with all their spans */
	FIELDS = 6
};

int64_t
index_scans_time(const char *text)
{
	double seconds;

	if (text == NULL || infer_value(text, strlen(text), &seconds) != ROWS_TIMESTAMP)
		return 0;
	return (int64_t)seconds;
}

static int
compare(const char *table, const char *name, const struct index_scans_index *x)
{
	int order = strcmp(table, x->table);

	return order != 0 ? order : strcmp(name, x->name);
}

static int
by_name(const void *a, const void *b)
{
	const struct index_scans_index *x = a;

	return compare(x->table, x->name, b);
}

static struct index_scans_index *
find(const struct index_scans *s, const char *table, const char *name)
{
	const struct index_scans_index wanted = {.table = table, .name = name};

	return s->n > 0 ? bsearch(&wanted, s->list, s->n, sizeof *s->list, by_name) : NULL;
}

/* The list is sorted later. */
static struct index_scans_index *
add(struct index_scans *s, struct mem *m, const char *table, const char *name)
{
	s->list = mem_more(m, s->list, s->n, sizeof *s->list);
	s->list[s->n] = (struct index_scans_index){.table = table, .name = name};
	return &s->list[s->n++];
}

static void
add_span(struct index_scans_index *x, const struct index_scans_span *span)
{
	if (x->n == INDEX_SCANS_SPANS)
		memmove(x->spans, x->spans + 1, --x->n * sizeof *x->spans);
	x->spans[x->n++] = *span;
}

/* Reading */

/* The fields of a line, which ends with a NUL: how many. */
static size_t
split(char *line, const char *fields[FIELDS])
{
	size_t n = 0;

	for (char *tab; n < FIELDS; line = tab + 1) {
		fields[n++] = line;
		tab = strchr(line, '\t');
		if (tab == NULL)
			break;
		*tab = '\0';
	}
	return n;
}

static int
time_field(const char *text, int64_t *t)
{
	struct fail ignored;
	uint64_t n;

	if (number_integer(text, 0, INT64_MAX, &n, &ignored) < 0)
		return -1;
	*t = (int64_t)n;
	return 0;
}

/* Adds a line, FIRST LAST SINCE SCANS TABLE INDEX, if it is one: spans of one index come one behind the other. */
static void
take_line(struct index_scans *s, struct mem *m, char *line, int64_t now)
{
	struct index_scans_index *x = s->n > 0 ? &s->list[s->n - 1] : NULL;
	struct index_scans_span span;
	const char *fields[FIELDS], *table, *name;
	struct fail ignored;

	if (split(line, fields) != FIELDS || time_field(fields[0], &span.first) < 0 || time_field(fields[1], &span.last) < 0 ||
	    time_field(fields[2], &span.since) < 0 || number_integer(fields[3], 0, UINT64_MAX - 1, &span.scans, &ignored) < 0)
		return;
	if (span.first > span.last || span.last > now || span.last < now - FORGOTTEN)
		return;
	table = ref_decoded(m, fields[4], strlen(fields[4]));
	name = ref_decoded(m, fields[5], strlen(fields[5]));
	if (x == NULL || compare(table, name, x) != 0)
		x = add(s, m, table, name);
	if (x->n == 0 || x->spans[x->n - 1].last <= span.first)
		add_span(x, &span);
}

/* The file's text; NULL. */
static char *
read_file(struct mem *m, int folder)
{
	struct fail ignored;
	struct stat st;
	int fd = file_at_open(folder, NAME, &st, &ignored);
	char *text = NULL;
	ssize_t n = -1;

	if (fd < 0)
		return NULL;
	if (st.st_size <= LARGEST) {
		text = mem_alloc(m, (size_t)st.st_size + 1);
		n = file_peek(fd, text, (size_t)st.st_size, &ignored);
	}
	close(fd);
	return n >= 0 ? text : NULL;
}

void
index_scans_read(struct index_scans *s, struct mem *m, int folder, int64_t now)
{
	char *text = read_file(m, folder), *end;

	*s = (struct index_scans){0};
	if (text == NULL || strncmp(text, HEAD, strlen(HEAD)) != 0)
		return;
	/* A last line without its end was not written so. */
	for (text += strlen(HEAD); (end = strchr(text, '\n')) != NULL; text = end + 1) {
		*end = '\0';
		take_line(s, m, text, now);
	}
	if (s->n > 0)
		qsort(s->list, s->n, sizeof *s->list, by_name);
}

/* Writing */

/* True where there is something new. */
static int
look(struct index_scans_index *x, uint64_t scans, int64_t since, int64_t now)
{
	struct index_scans_span *last = x->n > 0 ? &x->spans[x->n - 1] : NULL;
	const struct index_scans_span new = {now, now, since, scans};

	if (last == NULL || last->scans != scans || last->since != since) {
		/* Of a clock that went back, nothing is believed. */
		if (last != NULL && last->last > now)
			return 0;
		add_span(x, &new);
		return 1;
	}
	if (now - last->last < HOUR)
		return 0;
	last->last = now;
	return 1;
}

static int
by_table(const void *table, const void *b)
{
	return strcmp(table, ((const struct index_scans_index *)b)->table);
}

/* When the counter of an index began.  No server says when an index was made: since the last look, where it was not there when
 * others of its table were, or where its counter has gone back though all others have not begun anew. */
static int64_t
began(const struct index_scans *known, const struct index_scans_index *have, const struct catalog_index *x, int64_t now)
{
	const struct index_scans_span *last = have != NULL ? &have->spans[have->n - 1] : NULL;
	int64_t since = index_scans_time(x->since);

	if (last == NULL)
		return known->n > 0 && bsearch(x->table, known->list, known->n, sizeof *known->list, by_table) != NULL ? now
														       : since;
	if (last->since < since)
		return since;
	return x->scans < last->scans ? now : last->since;
}

int
index_scans_look(struct index_scans *s, struct mem *m, const struct catalog *c, int64_t now)
{
	size_t sorted = s->n;
	int new = 0;

	for (size_t i = 0; i < c->ntables; i++) {
		for (size_t k = 0; k < c->tables[i].nindexes; k++) {
			const struct catalog_index *x = &c->tables[i].indexes[k];
			const struct index_scans known = {s->list, sorted};
			struct index_scans_index *have;
			int64_t since;

			if (x->scans == CATALOG_UNKNOWN || x->name == NULL)
				continue;
			have = find(&known, x->table, x->name);
			since = began(&known, have, x, now);
			if (have == NULL)
				have = add(s, m, x->table, x->name);
			new |= look(have, x->scans, since, now);
		}
	}
	if (s->n > sorted)
		qsort(s->list, s->n, sizeof *s->list, by_name);
	return new;
}

static void
put_index(struct buf *b, const struct index_scans_index *x)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct index_scans_span *p = &x->spans[i];

		buf_printf(b, "%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRIu64 "\t", p->first, p->last, p->since, p->scans);
		ref_name(b, x->table, strlen(x->table));
		buf_byte(b, '\t');
		ref_name(b, x->name, strlen(x->name));
		buf_byte(b, '\n');
	}
}

int
index_scans_write(const struct index_scans *s, int folder, struct fail *f)
{
	struct buf b = {0};
	struct iovec part;
	int done;

	buf_puts(&b, HEAD);
	for (size_t i = 0; i < s->n && b.len < LARGEST / 2; i++)
		put_index(&b, &s->list[i]);
	part = (struct iovec){b.bytes, b.len};
	done = file_at_replace(folder, NAME, &part, 1, f);
	buf_free(&b);
	return done;
}

static int
fail_where(struct fail *f)
{
	struct buf path = {0};

	if (state_path(&path) == 0)
		fail_wrap(f, buf_string(&path));
	buf_free(&path);
	return -1;
}

int
index_scans_keep(
    struct index_scans *s, struct mem *m, const char *database, const struct catalog *c, int64_t now, struct fail *f)
{
	int folder, status = 0;

	*s = (struct index_scans){0};
	/* A file of SQLite has no counters, and gets no folder. */
	if (!index_scans_look(s, m, c, now))
		return 0;
	folder = state_of("index", database, 1, f);
	if (folder < 0)
		return fail_where(f);
	index_scans_read(s, m, folder, now);
	if (index_scans_look(s, m, c, now))
		status = index_scans_write(s, folder, f) < 0 ? fail_where(f) : 0;
	close(folder);
	return status;
}

/* Telling */

int64_t
index_scans_idle(const struct index_scans *s, const char *table, const char *name, int64_t since, int64_t now, int64_t *unseen)
{
	const struct index_scans_index *x = s != NULL ? find(s, table, name) : NULL;
	int64_t start, counting; /* when the counter began that `start` is about */
	uint64_t scans = 0;      /* and how it stood */

	if (x != NULL && x->spans[x->n - 1].since > since)
		since = x->spans[x->n - 1].since;
	start = since > 0 && since < now ? since : now;
	counting = since;
	*unseen = 0;
	for (size_t i = x != NULL ? x->n : 0; i-- > 0;) {
		const struct index_scans_span *p = &x->spans[i];

		if (p->since != counting) {
			/* Before the counter began anew.  Where that is not known, the first look at it is. */
			if (p->last > start || start - p->last > GAP)
				break;
			*unseen += start - p->last;
		} else if (p->scans != scans) {
			break;
		}
		start = p->first < start ? p->first : start;
		if (p->scans == 0 && p->since > 0 && p->since < start)
			start = p->since;
		counting = p->since;
		scans = p->scans;
	}
	return start;
}

int64_t
index_scans_seen(const struct index_scans *s, const char *table, const char *name)
{
	const struct index_scans_index *x = s != NULL ? find(s, table, name) : NULL;

	return x != NULL ? x->spans[0].first : INT64_MAX;
}

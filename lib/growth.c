#include "growth.h"

#include <stdlib.h>

#include "file.h"
#include "mem.h"
#include "vector.h"

/* A place in the text, and what lies before it. */
struct place {
	uint64_t offset, records;
	struct csv_scan scan;
};

struct tail {
	int fd;
	uint64_t to; /* where it ends */
	struct watch *watch;
	char *bytes; /* room for a block */
};

/* Reads the block at the place: its bytes, or -1. */
static ssize_t
read_block(const struct tail *t, const struct place *p, struct fail *f)
{
	size_t want = t->to - p->offset < GROWTH_BLOCK ? (size_t)(t->to - p->offset) : GROWTH_BLOCK;
	ssize_t n = file_read_at(t->fd, t->bytes, want, p->offset, t->watch, t->to, f);

	if (n >= 0 && (size_t)n < want)
		return fail_set(f, "was cut short while it was read");
	return n;
}

/* Counts from `p` to the end.  *last is where the block begins in which the last record ends. */
static int
count_blocks(const struct tail *t, struct place *p, struct place *last, struct fail *f)
{
	const struct vector_kernel *kernel = vector_for(t->to - p->offset);

	*last = *p;
	while (p->offset < t->to) {
		const struct place before = *p;
		ssize_t n = read_block(t, p, f);

		if (n < 0)
			return -1;
		p->records += vector_scan_count(&p->scan, kernel, t->bytes, (size_t)n);
		p->offset += (size_t)n;
		if (p->records > before.records)
			*last = before;
	}
	return 0;
}

/* Moves on to just behind the last record that ends in the block at `p`, which is read once more: counting by masks does not
 * say where that is. */
static int
find_end(const struct tail *t, struct place *p, struct fail *f)
{
	struct place at = *p;
	size_t len, done = 0;
	ssize_t n = read_block(t, p, f);

	if (n < 0)
		return -1;
	len = (size_t)n;
	while (done < len) {
		int ended;
		size_t used = csv_scan_record(&at.scan, t->bytes + done, len - done, &ended);

		done += used;
		at.offset += used;
		at.records += (uint64_t)ended;
		if (ended)
			*p = at;
	}
	return 0;
}

/* True where a record may begin there, whatever is appended to the text. */
static int
is_between(const struct place *p)
{
	return !csv_scan_pending(&p->scan) && !p->scan.open && p->offset > 0;
}

static int
count_tail(struct growth *g, const struct tail *t, struct place *p, struct fail *f)
{
	struct place last;

	if (count_blocks(t, p, &last, f) < 0)
		return -1;
	g->records = p->records + (uint64_t)csv_scan_pending(&p->scan);
	g->lines = csv_scan_lines(&p->scan);
	if (p->records > last.records && find_end(t, &last, f) < 0)
		return -1;
	g->unclosed = csv_scan_quoted(&p->scan) ? p->scan.opened : 0;
	g->next = (struct continuation){.delimiter = (unsigned char)p->scan.dialect->delimiter};
	if (is_between(&last)) {
		g->next.offset = last.offset;
		g->next.records = last.records;
		g->next.lines = last.scan.terminators;
		g->next.after_cr = last.scan.cr;
	}
	return continuation_take(&g->next, t->fd, t->watch, f);
}

int
growth_from(struct growth *g, const struct csv_scan *s, uint64_t offset, uint64_t records, int fd, uint64_t to, struct watch *w,
    struct fail *f)
{
	struct tail t = {.fd = fd, .to = to, .watch = w, .bytes = mem_resize(NULL, GROWTH_BLOCK)};
	struct place p = {.offset = offset, .records = records, .scan = *s};
	int r = count_tail(g, &t, &p, f);

	free(t.bytes);
	return r;
}

int
growth_count(struct growth *g, const struct continuation *c, int fd, const struct stat *st, struct watch *w, struct fail *f)
{
	struct csv_dialect dialect;
	struct csv_scan s;
	int holds = c->offset > 0 ? continuation_holds(c, fd, st, w, f) : 0;

	if (holds <= 0)
		return holds;
	csv_dialect_set(&dialect, (char)c->delimiter);
	csv_scan_start(&s, &dialect);
	s.terminators = c->lines;
	s.cr = c->after_cr;
	s.state = c->after_cr ? CSV_AFTER_CR : CSV_RECORD;
	return growth_from(g, &s, c->offset, c->records, fd, (uint64_t)st->st_size, w, f) < 0 ? -1 : 1;
}

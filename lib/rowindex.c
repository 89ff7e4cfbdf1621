#include "rowindex.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

enum { HEAD = 4 + 3 * 8, MARK = 8 + 8 + 1 }; /* bytes, encoded */

static const char MAGIC[4] = {'R', 'I', 'X', 1};

void
rowindex_start(struct rowindex *x, uint64_t size)
{
	*x = (struct rowindex){.stride = ROWINDEX_STRIDE, .size = size};
	while (size / x->stride > ROWINDEX_MARKS)
		x->stride *= 2;
}

void
rowindex_free(struct rowindex *x)
{
	free(x->marks);
	x->marks = NULL;
	x->n = x->room = 0;
}

static void
add_mark(struct rowindex *x, struct rowindex_mark mark)
{
	if (x->n == x->room) {
		x->room = x->room ? 2 * x->room : 256;
		x->marks = mem_resize(x->marks, x->room * sizeof *x->marks);
	}
	x->marks[x->n++] = mark;
}

void
rowindex_add(struct rowindex *x, uint64_t offset, uint64_t records, const struct csv_scan *s)
{
	if (offset != (x->n + 1) * x->stride)
		return;
	add_mark(x, (struct rowindex_mark){records, s->terminators, s->state, s->cr});
}

uint64_t
rowindex_find(const struct rowindex *x, uint64_t row, struct csv_scan *s, uint64_t *records)
{
	size_t low = 0, high = x->n;

	/* Behind `row` records the row begins, if there: a mark with as many may be inside it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct rowindex_mark *m = &x->marks[middle];

		if (m->records < row || (m->records == row && (m->state == CSV_RECORD || m->state == CSV_AFTER_CR)))
			low = middle + 1;
		else
			high = middle;
	}
	/* A mark before the first row cannot tell whether the header has been read. */
	if (low == 0 || x->marks[low - 1].records == 0)
		return 0;
	*records = x->marks[low - 1].records;
	s->terminators = x->marks[low - 1].terminators;
	s->state = x->marks[low - 1].state;
	s->cr = x->marks[low - 1].cr;
	return low * x->stride;
}

static void
put(struct buf *b, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		buf_byte(b, (char)(v >> 8 * i));
}

static uint64_t
get(const char *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

void
rowindex_encode(struct buf *b, const struct rowindex *x)
{
	buf_add(b, MAGIC, sizeof MAGIC);
	put(b, x->stride);
	put(b, x->size);
	put(b, x->records);
	for (size_t i = 0; i < x->n; i++) {
		put(b, x->marks[i].records);
		put(b, x->marks[i].terminators);
		buf_byte(b, (char)(x->marks[i].state << 1 | x->marks[i].cr));
	}
}

/* Marks must stand in order: what is found by halving relies on it. */
static int
decode_mark(struct rowindex *x, const char *p)
{
	unsigned char last = (unsigned char)p[16];
	struct rowindex_mark mark = {get(p), get(p + 8), last >> 1, last & 1};
	struct rowindex_mark before = {0, 0, 0, 0};

	if (x->n > 0)
		before = x->marks[x->n - 1];
	if (mark.state >= CSV_STATES || mark.records > x->records || mark.records < before.records ||
	    mark.terminators < before.terminators)
		return -1;
	x->marks[x->n++] = mark;
	return 0;
}

int
rowindex_decode(struct rowindex *x, const char *bytes, size_t len)
{
	*x = (struct rowindex){0};
	if (len < HEAD || (len - HEAD) % MARK != 0 || memcmp(bytes, MAGIC, sizeof MAGIC) != 0)
		return -1;
	x->stride = get(bytes + 4);
	x->size = get(bytes + 12);
	x->records = get(bytes + 20);
	if (x->stride < ROWINDEX_STRIDE || x->size / x->stride < (len - HEAD) / MARK)
		return -1;
	x->room = (len - HEAD) / MARK;
	x->marks = mem_resize(NULL, x->room * sizeof *x->marks);
	for (size_t i = HEAD; i < len; i += MARK) {
		if (decode_mark(x, bytes + i) < 0) {
			rowindex_free(x);
			return -1;
		}
	}
	return 0;
}

/* The encoded form of a record stream: see rows.h. */

#include "rows.h"

#include <string.h>

static const char magic[5] = {'D', 'B', 'M', 'R', ROWS_VERSION};

enum { FRAME_HEAD = 5, CELL_CUT = 8, CELL_TYPE = 7, CELL_SHIFT = 4 };

static void
put_u32(struct buf *b, size_t value)
{
	for (int i = 0; i < 4; i++)
		buf_byte(b, (char)(value >> (8 * i)));
}

static void
put_text(struct buf *b, const char *bytes, size_t len)
{
	put_u32(b, len);
	buf_add(b, bytes, len);
}

/* A frame begins with its kind and a length that close_frame() fills in. */
static size_t
open_frame(struct buf *b, char kind)
{
	buf_byte(b, kind);
	put_u32(b, 0);
	return b->len;
}

static void
close_frame(struct buf *b, size_t body)
{
	size_t len = b->len - body;

	for (int i = 0; i < 4; i++)
		b->bytes[body - 4 + (size_t)i] = (char)(len >> (8 * i));
}

void
rows_encode_columns(struct buf *b, const struct rows_column *columns, size_t n)
{
	size_t body;

	buf_add(b, magic, sizeof magic);
	body = open_frame(b, 'C');
	put_u32(b, n);
	for (size_t i = 0; i < n; i++) {
		buf_byte(b, (char)columns[i].type);
		put_text(b, columns[i].name, columns[i].len);
		put_text(b, columns[i].origin, strlen(columns[i].origin));
	}
	close_frame(b, body);
}

void
rows_encode_row(struct buf *b, const struct rows_cell *cells, size_t n)
{
	size_t body = open_frame(b, 'R');

	put_u32(b, n);
	for (size_t i = 0; i < n; i++) {
		size_t len = cells[i].type == ROWS_NULL ? 0 : cells[i].len;

		put_u32(b, len << CELL_SHIFT | (cells[i].cut ? CELL_CUT : 0u) | cells[i].type);
		buf_add(b, cells[i].bytes, len);
	}
	close_frame(b, body);
}

void
rows_encode_end(struct buf *b, const struct rows *r, const struct fail *failed)
{
	const char *sentence = failed != NULL ? failed->text : "";
	size_t body = open_frame(b, 'E');

	buf_byte(b, (char)(failed != NULL ? ROWS_FAILED : r->end));
	put_u32(b, r->faults);
	put_text(b, r->notes.bytes, r->notes.len);
	put_text(b, sentence, strlen(sentence));
	close_frame(b, body);
}

/* Reading: a cursor that never passes its end; `bad` is set once and stays. */
struct cursor {
	const unsigned char *p, *end;
	int bad;
};

static size_t
get_bytes(struct cursor *c, size_t len, const char **bytes)
{
	if (c->bad || (size_t)(c->end - c->p) < len) {
		c->bad = 1;
		*bytes = "";
		return 0;
	}
	*bytes = (const char *)c->p;
	c->p += len;
	return len;
}

static uint32_t
get_u32(struct cursor *c)
{
	const char *bytes;
	uint32_t v = 0;

	if (get_bytes(c, 4, &bytes) == 4) {
		for (int i = 3; i >= 0; i--)
			v = v << 8 | (unsigned char)bytes[i];
	}
	return v;
}

static unsigned
get_u8(struct cursor *c)
{
	const char *byte;

	return get_bytes(c, 1, &byte) == 1 ? (unsigned char)*byte : 0;
}

/* The next frame's body; its kind, or 0 where there is no whole frame within bounds. */
static unsigned
get_frame(struct cursor *c, struct cursor *body)
{
	unsigned kind = get_u8(c);
	size_t len = get_u32(c);
	const char *bytes;

	if (len > ROWS_FRAME || get_bytes(c, len, &bytes) != len || c->bad)
		return 0;
	*body = (struct cursor){.p = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};
	return kind;
}

struct decoding {
	struct mem *m;
	struct cursor at;
	struct rows_cell *cells;
	size_t room; /* cells there is memory for */
};

static int
broken(struct fail *f)
{
	return fail_set(f, "the record stream is damaged or cut short");
}

static int
decode_start(struct rows *r, struct fail *f)
{
	struct decoding *d = r->state;
	struct rows_column *columns;
	struct cursor body;
	const char *bytes;
	size_t n;

	if (get_bytes(&d->at, 4, &bytes) != 4 || memcmp(bytes, magic, 4) != 0)
		return broken(f);
	if (get_u8(&d->at) != ROWS_VERSION)
		return fail_set(f, "the record stream is of another version");
	if (get_frame(&d->at, &body) != 'C')
		return broken(f);
	n = get_u32(&body);
	/* A column takes nine bytes at least, so the count cannot ask for more memory than the bytes are worth. */
	if (n > ROWS_COLUMNS || n > (size_t)(body.end - body.p) / 9)
		return broken(f);
	columns = mem_array(d->m, n, sizeof *columns);
	for (size_t i = 0; i < n; i++) {
		unsigned type = get_u8(&body);
		size_t len;

		columns[i].type = type < ROWS_TYPES ? type : ROWS_TEXT;
		len = get_u32(&body);
		columns[i].len = get_bytes(&body, len, &columns[i].name);
		len = get_u32(&body);
		len = get_bytes(&body, len, &bytes);
		columns[i].origin = mem_copy(d->m, bytes, len);
	}
	if (body.bad || body.p != body.end)
		return broken(f);
	r->columns = columns;
	r->ncolumns = n;
	return 0;
}

/* How many cells a row's body holds; each takes four bytes at least. */
static long
cell_count(struct cursor *body)
{
	size_t n = get_u32(body);

	return n > ROWS_COLUMNS || n > (size_t)(body->end - body->p) / 4 ? -1 : (long)n;
}

static int
decode_cells(struct cursor *body, struct rows_cell *cells, long n)
{
	for (long i = 0; i < n; i++) {
		uint32_t head = get_u32(body);

		cells[i].type = head & CELL_TYPE;
		cells[i].cut = (head & CELL_CUT) != 0;
		cells[i].len = get_bytes(body, head >> CELL_SHIFT, &cells[i].bytes);
		if (cells[i].type == ROWS_NULL && cells[i].len > 0)
			return -1;
	}
	return body->bad || body->p != body->end ? -1 : 0;
}

long
rows_decode_row(const char *bytes, size_t len, struct rows_cell *cells, size_t room, struct fail *f)
{
	struct cursor c = {.p = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len}, body;
	long n;

	if (get_frame(&c, &body) != 'R' || (n = cell_count(&body)) < 0 || (size_t)n > room || decode_cells(&body, cells, n) < 0)
		return broken(f);
	return n;
}

static int
decode_row(struct rows *r, struct decoding *d, struct cursor *body, struct fail *f)
{
	long n = cell_count(body);

	if (n < 0)
		return broken(f);
	if ((size_t)n > d->room) {
		d->room = 2 * (size_t)n;
		d->cells = mem_array(d->m, d->room, sizeof *d->cells);
	}
	if (decode_cells(body, d->cells, n) < 0)
		return broken(f);
	r->cells = d->cells;
	r->ncells = (size_t)n;
	return 1;
}

static int
decode_end(struct rows *r, struct cursor *body, struct fail *f)
{
	unsigned how = get_u8(body);
	const char *notes, *sentence;
	size_t nnotes, nsentence;

	r->faults = get_u32(body);
	nnotes = get_u32(body);
	nnotes = get_bytes(body, nnotes, &notes);
	nsentence = get_u32(body);
	nsentence = get_bytes(body, nsentence, &sentence);
	if (body->bad || body->p != body->end || how < ROWS_COMPLETE || how > ROWS_FAILED)
		return broken(f);
	r->notes.len = 0;
	buf_add(&r->notes, notes, nnotes);
	if (how == ROWS_FAILED)
		return fail_set(f, "%.*s", (int)(nsentence < sizeof f->text ? nsentence : sizeof f->text), sentence);
	r->end = (enum rows_end)how;
	return 0;
}

static int
decode_next(struct rows *r, struct fail *f)
{
	struct decoding *d = r->state;
	struct cursor body;

	switch (get_frame(&d->at, &body)) {
	case 'R':
		return decode_row(r, d, &body, f);
	case 'E':
		return decode_end(r, &body, f);
	default:
		return broken(f);
	}
}

struct rows *
rows_decode(struct mem *m, const char *bytes, size_t len)
{
	static const struct rows_driver driver = {decode_start, decode_next, NULL};
	struct rows *r = mem_alloc(m, sizeof *r);
	struct decoding *d = mem_alloc(m, sizeof *d);

	d->m = m;
	d->at = (struct cursor){.p = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};
	r->driver = &driver;
	r->state = d;
	return r;
}

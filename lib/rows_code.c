/* The encoded form of a record stream: see rows.h. */

#include "rows.h"

#include <string.h>

static const char magic[5] = {'D', 'B', 'M', 'R', ROWS_VERSION};

enum { CELL_CUT = 8, CELL_TYPE = 7, CELL_SHIFT = 4 };

void
rows_encode_start(struct buf *b)
{
	buf_add(b, magic, sizeof magic);
}

void
rows_encode_columns(struct buf *b, const struct rows_column *columns, size_t n)
{
	size_t body = frame_open(b, 'C');

	frame_put_u32(b, n);
	for (size_t i = 0; i < n; i++) {
		buf_byte(b, (char)columns[i].type);
		frame_put_text(b, columns[i].name, columns[i].len);
		frame_put_text(b, columns[i].origin, strlen(columns[i].origin));
	}
	frame_close(b, body);
}

void
rows_encode_row(struct buf *b, const struct rows_cell *cells, size_t n)
{
	size_t body = frame_open(b, 'R');

	frame_put_u32(b, n);
	for (size_t i = 0; i < n; i++) {
		size_t len = cells[i].type == ROWS_NULL ? 0 : cells[i].len;

		frame_put_u32(b, len << CELL_SHIFT | (cells[i].cut && cells[i].type != ROWS_NULL ? CELL_CUT : 0u) |
				     cells[i].type); /* ROWS_JSON is CELL_CUT */
		buf_add(b, cells[i].bytes, len);
	}
	frame_close(b, body);
}

void
rows_encode_end(struct buf *b, const struct rows *r, const struct fail *failed)
{
	const char *sentence = failed != NULL ? failed->text : "";
	enum rows_end how = failed == NULL || r->end >= ROWS_REFUSED ? r->end : ROWS_FAILED;
	size_t body = frame_open(b, 'E');

	buf_byte(b, (char)how);
	frame_put_u32(b, r->faults);
	frame_put_text(b, r->notes.bytes, r->notes.len);
	frame_put_text(b, sentence, strlen(sentence));
	frame_close(b, body);
}

struct decoding {
	struct mem *m;
	const struct rows_frames *frames;
	void *arg;
	int own; /* what dbm has made itself */
	struct rows_cell *cells;
	size_t room; /* cells there is memory for */
};

static int
broken(struct fail *f)
{
	return fail_set(f, "the record stream is damaged or cut short");
}

static int
decode_columns(struct rows *r, struct decoding *d, struct frame *body, struct fail *f)
{
	struct rows_column *columns;
	size_t n = frame_u32(body);

	/* A column takes nine bytes at least, so the count cannot ask for more memory than the bytes are worth. */
	if (n > ROWS_COLUMNS || n > frame_left(body) / 9)
		return broken(f);
	columns = mem_array(d->m, n, sizeof *columns);
	for (size_t i = 0; i < n; i++) {
		unsigned type = frame_u8(body);
		const char *name, *origin;
		size_t len;

		columns[i].type = type < ROWS_TYPES || (d->own && type == ROWS_JSON) ? type : ROWS_TEXT;
		columns[i].len = frame_text(body, &name);
		columns[i].name = mem_copy(d->m, name, columns[i].len);
		len = frame_text(body, &origin);
		columns[i].origin = mem_copy(d->m, origin, len);
	}
	if (!frame_done(body))
		return broken(f);
	r->columns = columns;
	r->ncolumns = n;
	return 0;
}

/* How many cells a row's body holds; each takes four bytes at least. */
static long
cell_count(struct frame *body)
{
	size_t n = frame_u32(body);

	return n > ROWS_COLUMNS || n > frame_left(body) / 4 ? -1 : (long)n;
}

static int
decode_cells(struct frame *body, int own, struct rows_cell *cells, long n)
{
	for (long i = 0; i < n; i++) {
		uint32_t head = frame_u32(body);

		cells[i].type = head & CELL_TYPE;
		cells[i].cut = (head & CELL_CUT) != 0;
		cells[i].len = frame_bytes(body, head >> CELL_SHIFT, &cells[i].bytes);
		if (cells[i].type == ROWS_NULL && cells[i].cut && own)
			cells[i] = (struct rows_cell){.bytes = cells[i].bytes, .len = cells[i].len, .type = ROWS_JSON};
		else if (cells[i].type == ROWS_NULL && (cells[i].len > 0 || cells[i].cut))
			return -1;
	}
	return frame_done(body) ? 0 : -1;
}

long
rows_decode_row(const char *bytes, size_t len, struct rows_cell *cells, size_t room, struct fail *f)
{
	struct frame body;
	long n;

	if (frame_first(&body, bytes, len) <= 0 || body.kind != 'R' || (n = cell_count(&body)) < 0 || (size_t)n > room ||
	    decode_cells(&body, 1, cells, n) < 0)
		return broken(f);
	return n;
}

static int
decode_row(struct rows *r, struct decoding *d, struct frame *body, struct fail *f)
{
	long n = cell_count(body);

	if (n < 0)
		return broken(f);
	if ((size_t)n > d->room) {
		d->room = 2 * (size_t)n;
		d->cells = mem_array(d->m, d->room, sizeof *d->cells);
	}
	if (decode_cells(body, d->own, d->cells, n) < 0)
		return broken(f);
	r->cells = d->cells;
	r->ncells = (size_t)n;
	return 1;
}

static int
decode_end(struct rows *r, struct frame *body, struct fail *f)
{
	unsigned how = frame_u8(body);
	const char *notes, *sentence;
	size_t nnotes, nsentence;

	r->faults = frame_u32(body);
	nnotes = frame_text(body, &notes);
	nsentence = frame_text(body, &sentence);
	if (!frame_done(body) || how < ROWS_COMPLETE || how > ROWS_UNAVAILABLE)
		return broken(f);
	r->notes.len = 0;
	buf_add(&r->notes, notes, nnotes);
	r->end = (enum rows_end)how;
	if (how < ROWS_FAILED)
		return 0;
	fail_set(f, "%.*s", (int)(nsentence < sizeof f->text ? nsentence : sizeof f->text), sentence);
	return *f->text != '\0' ? -1 : fail_set(f, "it failed, and the record stream does not say why");
}

/* What a helper does not send is not there now; what is in memory is all there will ever be. */
static int
next_frame(struct rows *r, struct frame *frame, struct fail *f)
{
	const struct decoding *d = r->state;

	r->end = d->own ? ROWS_FAILED : ROWS_UNAVAILABLE;
	return d->frames->next(d->arg, frame, f);
}

static int
decode_start(struct rows *r, struct fail *f)
{
	struct decoding *d = r->state;
	struct frame frame;

	if (next_frame(r, &frame, f) < 0)
		return -1;
	if (frame.kind == 'C')
		return decode_columns(r, d, &frame, f);
	/* What fails at once has no columns. */
	return frame.kind == 'E' && decode_end(r, &frame, f) < 0 ? -1 : broken(f);
}

static int
decode_next(struct rows *r, struct fail *f)
{
	struct decoding *d = r->state;
	struct frame frame;

	if (next_frame(r, &frame, f) < 0)
		return -1;
	switch (frame.kind) {
	case 'R':
		return decode_row(r, d, &frame, f);
	case 'E':
		return decode_end(r, &frame, f);
	default:
		return broken(f);
	}
}

static void
decode_close(struct rows *r)
{
	struct decoding *d = r->state;

	if (d->frames->close != NULL)
		d->frames->close(d->arg);
}

struct rows *
rows_decode_frames(struct mem *m, const struct rows_frames *frames, void *arg)
{
	static const struct rows_driver driver = {decode_start, decode_next, decode_close};
	struct decoding *d = mem_alloc(m, sizeof *d);

	*d = (struct decoding){.m = m, .frames = frames, .arg = arg};
	return rows_new(m, &driver, d);
}

/* Frames in memory. */

struct stored {
	const char *p, *end;
	int begun;
};

static int
stored_next(void *arg, struct frame *frame, struct fail *f)
{
	struct stored *s = arg;
	size_t len = (size_t)(s->end - s->p);
	long used;

	if (!s->begun) {
		if (len < sizeof magic || memcmp(s->p, magic, sizeof magic - 1) != 0)
			return broken(f);
		if (s->p[sizeof magic - 1] != ROWS_VERSION)
			return fail_set(f, "the record stream is of another version");
		s->p += sizeof magic;
		len -= sizeof magic;
		s->begun = 1;
	}
	used = frame_first(frame, s->p, len);
	if (used <= 0)
		return broken(f);
	s->p += used;
	return 0;
}

struct rows *
rows_decode(struct mem *m, const char *bytes, size_t len)
{
	static const struct rows_frames frames = {stored_next, NULL};
	struct stored *s = mem_alloc(m, sizeof *s);
	struct rows *r = rows_decode_frames(m, &frames, s);

	*s = (struct stored){.p = bytes, .end = bytes + len};
	((struct decoding *)r->state)->own = 1;
	return r;
}

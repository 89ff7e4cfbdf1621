#include "record.h"

struct state {
	struct mem *m;
	struct rows *inner;
	struct record *record;
	int begun; /* 1: it has columns, -1: it will not */
	int settled;
	int more; /* what the other stream said last: 1, 0 at its end, -1 */
	struct fail why;
	size_t taken; /* bytes of what is kept that were handed out */
	size_t rows;  /* where its rows end */
	struct rows_cell *cells;
	size_t room;
};

static void
settle(struct state *s, int whole)
{
	if (s->settled)
		return;
	s->settled = 1;
	s->record->end = s->inner->end;
	s->record->faults = s->inner->faults;
	s->record->settled(s->record->arg, whole);
}

static void
begin(struct state *s)
{
	struct buf *kept = &s->record->kept;

	s->begun = s->more = s->record->begun = rows_columns(s->inner, &s->why) < 0 ? -1 : 1;
	if (s->begun < 0) {
		settle(s, 0);
		return;
	}
	rows_encode_start(kept);
	rows_encode_columns(kept, s->inner->columns, s->inner->ncolumns);
	s->taken = s->rows = kept->len;
}

static void
keep_row(struct state *s)
{
	const struct rows *inner = s->inner;
	struct record *r = s->record;

	for (size_t i = 0; i < inner->ncells; i++)
		r->cut |= inner->cells[i].cut;
	rows_encode_row(&r->kept, inner->cells, inner->ncells);
	s->rows = r->kept.len;
	if (r->kept.len > r->most)
		settle(s, 0);
}

/* Reads one row on, and keeps it for as long as that goes. */
static int
pull(struct state *s)
{
	s->more = rows_next(s->inner, &s->why);
	if (s->more > 0 && !s->settled)
		keep_row(s);
	if (s->more == 0 && !s->settled)
		rows_encode_end(&s->record->kept, s->inner, NULL);
	if (s->more <= 0)
		settle(s, s->more == 0);
	return s->more;
}

static int
record_start(struct rows *r, struct fail *f)
{
	struct state *s = r->state;

	if (s->begun == 0)
		begin(s);
	r->columns = s->inner->columns;
	r->ncolumns = s->inner->ncolumns;
	r->end = s->inner->end;
	*f = s->why;
	return s->begun > 0 ? 0 : -1;
}

/* One that came before it was asked for. */
static int
next_kept(struct rows *r, struct state *s, struct fail *f)
{
	const char *at = s->record->kept.bytes + s->taken;
	struct frame frame;
	long n, used = frame_first(&frame, at, s->rows - s->taken);

	if (s->room < frame_left(&frame) / 4) {
		s->room = frame_left(&frame) / 4;
		s->cells = mem_array(s->m, s->room, sizeof *s->cells);
	}
	n = rows_decode_row(at, (size_t)used, s->cells, s->room, f);
	s->taken += (size_t)used;
	r->cells = s->cells;
	r->ncells = (size_t)n;
	return n < 0 ? -1 : 1;
}

static int
record_next(struct rows *r, struct fail *f)
{
	struct state *s = r->state;

	if (s->taken < s->rows)
		return next_kept(r, s, f);
	if (s->more > 0 && pull(s) > 0) {
		s->taken = s->rows;
		r->cells = s->inner->cells;
		r->ncells = s->inner->ncells;
		return 1;
	}
	rows_take_end(r, s->inner);
	*f = s->why;
	return s->more;
}

static void
record_close(struct rows *r)
{
	struct state *s = r->state;

	settle(s, 0);
	rows_close(s->inner);
	buf_free(&s->record->kept);
}

void
record_drain(struct rows *rows)
{
	struct state *s = rows->state;

	if (s->begun == 0)
		begin(s);
	while (!s->settled)
		pull(s);
}

struct rows *
record_of(struct mem *m, struct rows *inner, struct record *r)
{
	static const struct rows_driver driver = {record_start, record_next, record_close};
	struct state *s = mem_alloc(m, sizeof *s);

	*s = (struct state){.m = m, .inner = inner, .record = r};
	return rows_new(m, &driver, s);
}

#include "excerpt.h"

#include <string.h>

#include "header.h"
#include "kept.h"

struct state {
	struct mem *m;
	struct rows *inner;
	struct excerpt wanted;
	size_t *picked; /* places of the columns; NULL: all */
	struct rows_cell *cells;
	size_t room;
	uint64_t given, passed;
	struct kept kept; /* the last ones */
	int collected;
};

static int
pick(struct rows *r, struct state *s, struct fail *f)
{
	const struct rows *inner = s->inner;
	struct rows_column *columns = mem_array(s->m, s->wanted.ncolumns, sizeof *columns);

	s->picked = mem_array(s->m, s->wanted.ncolumns, sizeof *s->picked);
	for (size_t i = 0; i < s->wanted.ncolumns; i++) {
		long at = header_find(inner->columns, inner->ncolumns, s->wanted.columns[i], f);

		if (at < 0)
			return -1;
		s->picked[i] = (size_t)at;
		columns[i] = inner->columns[at];
	}
	r->columns = columns;
	r->ncolumns = s->wanted.ncolumns;
	return 0;
}

static int
excerpt_start(struct rows *r, struct fail *f)
{
	struct state *s = r->state;

	if (rows_columns(s->inner, f) < 0) {
		r->end = s->inner->end;
		return -1;
	}
	r->columns = s->inner->columns;
	r->ncolumns = s->inner->ncolumns;
	kept_start(&s->kept, s->wanted.limit, 0, 0);
	return s->wanted.ncolumns > 0 ? pick(r, s, f) : 0;
}

static struct rows_cell
cut(const struct rows_cell *c, size_t width)
{
	struct rows_cell r = *c;

	if (c->type != ROWS_JSON)
		rows_cut(&r, width);
	return r;
}

/* The row of the other stream, as much of it as is wanted. */
static void
give(struct rows *r, struct state *s, const struct rows_cell *cells, size_t ncells)
{
	size_t n = s->picked != NULL ? r->ncolumns : ncells;

	if (n > s->room) {
		s->room = n;
		s->cells = mem_array(s->m, n, sizeof *s->cells);
	}
	for (size_t i = 0; i < n; i++) {
		size_t from = s->picked != NULL ? s->picked[i] : i;

		s->cells[i] = from < ncells ? cut(&cells[from], s->wanted.width) : rows_null();
	}
	s->given++;
	r->cells = s->cells;
	r->ncells = n;
}

/* The next row of the other stream that may be wanted. */
static int
read_row(struct state *s, struct fail *f)
{
	const char *first = s->wanted.first;
	const struct rows *inner = s->inner;
	int more;

	while ((more = rows_next(s->inner, f)) > 0 && first != NULL) {
		if (inner->ncells > 0 && inner->cells[0].len == strlen(first) &&
		    memcmp(inner->cells[0].bytes, first, inner->cells[0].len) == 0)
			break;
	}
	s->passed += more > 0;
	return more;
}

/* Reads what is left, for its end and its notes. */
static int
pass(struct rows *r, struct state *s, struct fail *f)
{
	int more;

	while ((more = read_row(s, f)) > 0) {
		if (s->wanted.last && kept_wants(&s->kept) && kept_row(&s->kept, s->inner->cells, s->inner->ncells, f) < 0)
			return -1;
	}
	rows_take_end(r, s->inner);
	return more;
}

static int
next_last(struct rows *r, struct state *s, struct fail *f)
{
	struct rows_cell *cells;
	size_t n;
	int more;

	if (!s->collected) {
		if (pass(r, s, f) < 0)
			return -1;
		kept_sort(&s->kept);
		s->collected = 1;
	}
	more = kept_next(&s->kept, &cells, &n, f);
	if (more > 0)
		give(r, s, cells, n);
	return more;
}

static int
next_first(struct rows *r, struct state *s, struct fail *f)
{
	int more = 1;

	if (s->given < s->wanted.limit && (more = read_row(s, f)) > 0) {
		give(r, s, s->inner->cells, s->inner->ncells);
		return 1;
	}
	/* What fails behind the last row that is wanted is nobody's loss. */
	if (more > 0 && pass(r, s, f) < 0)
		r->end = ROWS_CUT;
	if (more <= 0)
		rows_take_end(r, s->inner);
	return more > 0 ? 0 : more;
}

static int
excerpt_next(struct rows *r, struct fail *f)
{
	struct state *s = r->state;
	int more = s->wanted.last ? next_last(r, s, f) : next_first(r, s, f);

	if (more == 0 && r->end == ROWS_COMPLETE && s->passed > s->given)
		r->end = ROWS_CUT;
	return more;
}

static void
excerpt_close(struct rows *r)
{
	struct state *s = r->state;

	rows_close(s->inner);
	kept_free(&s->kept);
}

struct rows *
excerpt_of(struct mem *m, struct rows *inner, const struct excerpt *e)
{
	static const struct rows_driver driver = {excerpt_start, excerpt_next, excerpt_close};
	struct state *s = mem_alloc(m, sizeof *s);

	*s = (struct state){.m = m, .inner = inner, .wanted = *e};
	return rows_new(m, &driver, s);
}

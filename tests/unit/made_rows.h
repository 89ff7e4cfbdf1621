/* made_rows: a stream as a test wants it: so many rows, that end or fail in this way. */
#ifndef MADE_ROWS_H
#define MADE_ROWS_H

#include <stdio.h>
#include <string.h>

#include "rows.h"

struct made_rows {
	/* Set by the test. */
	unsigned count;
	enum rows_end end; /* ROWS_FAILED and above: it fails behind its rows */
	int no_columns;    /* it fails at once */
	int cut;           /* the text of the last row is */
	/* Set by the stream. */
	unsigned read;
	int ended, closed;
	char id[20], text[40];
	struct rows_cell cells[2];
};

static inline int
made_rows_start(struct rows *r, struct fail *f)
{
	static const struct rows_column columns[] = {{"id", 2, ROWS_INTEGER, "declared"}, {"text", 4, ROWS_TEXT, ""}};
	struct made_rows *s = r->state;

	r->columns = columns;
	r->ncolumns = 2;
	r->end = s->end;
	return s->no_columns ? fail_set(f, "no columns") : 0;
}

static inline int
made_rows_next(struct rows *r, struct fail *f)
{
	struct made_rows *s = r->state;

	/* What was handed out is borrowed until now. */
	memset(s->id, '?', sizeof s->id);
	memset(s->text, '?', sizeof s->text);
	if (s->read == s->count) {
		s->ended++;
		r->end = s->end;
		if (s->end >= ROWS_FAILED)
			return fail_set(f, "it broke off");
		rows_note(r, 1, "something is missing");
		return 0;
	}
	s->read++;
	s->cells[0] = (struct rows_cell){s->id, (size_t)snprintf(s->id, sizeof s->id, "%u", s->read), ROWS_INTEGER, 0};
	s->cells[1] = (struct rows_cell){s->text, (size_t)snprintf(s->text, sizeof s->text, "row %u", s->read), ROWS_TEXT, 0};
	s->cells[1].cut = s->cut && s->read == s->count;
	r->cells = s->cells;
	r->ncells = s->read % 5 == 0 ? 1 : 2;
	return 1;
}

static inline void
made_rows_close(struct rows *r)
{
	struct made_rows *s = r->state;

	s->closed++;
}

static inline struct rows *
made_rows(struct mem *m, struct made_rows *s)
{
	static const struct rows_driver driver = {made_rows_start, made_rows_next, made_rows_close};

	return rows_new(m, &driver, s);
}

/* The rest of a stream, encoded: what rows_next() said last. */
static inline int
encode_rest(struct buf *b, struct rows *rows)
{
	struct fail f = {""};
	int more;

	while ((more = rows_next(rows, &f)) > 0)
		rows_encode_row(b, rows->cells, rows->ncells);
	rows_encode_end(b, rows, more < 0 ? &f : NULL);
	return more;
}

/* All of it. */
static inline int
encode_rows(struct buf *b, struct rows *rows)
{
	struct fail f = {""};

	rows_encode_start(b);
	if (rows_columns(rows, &f) < 0) {
		rows_encode_end(b, rows, &f);
		return -1;
	}
	rows_encode_columns(b, rows->columns, rows->ncolumns);
	return encode_rest(b, rows);
}

#endif

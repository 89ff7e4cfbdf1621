#include "csv_columns.h"

#include "csv_head.h"
#include "fields.h"
#include "header.h"

enum { LONGEST = 16 << 20 /* bytes of a first record that are held to learn its width */ };

/* How many cells the first record has, without using it up; 0 where there is none, and 1 where it is too long to be held. */
static int
first_width(struct reader *r, size_t *width, struct fail *f)
{
	const struct input *in = &r->in;

	for (size_t want = 1; want < LONGEST; want *= 2) {
		struct reader_mark mark;
		int found, more = 1;

		while (more > 0 && in->end - in->start < want)
			more = input_fill(&r->in, f);
		if (more < 0)
			return -1;
		mark = reader_mark(r);
		found = reader_peek(r, 0);
		*width = found ? r->split.ncells : 0;
		reader_return(r, mark);
		if (found || in->ended)
			return 0;
		want = want < in->end - in->start ? in->end - in->start : want;
	}
	*width = 1;
	return 0;
}

/* Which columns go where. */
static int
pick(struct csv_columns *c, struct mem *m, const struct driver_request *q, struct fail *f)
{
	struct rows_column *picked;

	c->n = c->expected;
	if (q->ncolumns == 0)
		return 0;
	picked = mem_array(m, q->ncolumns, sizeof *picked);
	c->slot = mem_array(m, c->expected, sizeof *c->slot);
	for (size_t i = 0; i < c->expected; i++)
		c->slot[i] = FIELDS_SKIPPED;
	for (size_t i = 0; i < q->ncolumns; i++) {
		long at = header_find(c->columns, c->expected, q->columns[i], f);

		if (at < 0)
			return -1;
		if (c->slot[at] != FIELDS_SKIPPED)
			return fail_set(f, "the column %s is named twice", q->columns[i]);
		c->slot[at] = (long)i;
		picked[i] = c->columns[at];
	}
	c->columns = picked;
	c->n = q->ncolumns;
	return 0;
}

int
csv_columns_read(
    struct csv_columns *c, struct mem *m, struct reader *r, int no_header, const struct driver_request *q, struct fail *f)
{
	int got;

	*c = (struct csv_columns){0};
	if (no_header) {
		if (first_width(r, &c->expected, f) < 0)
			return -1;
		c->columns = header_extend(m, NULL, 0, c->expected);
	} else {
		got = reader_next(r, f);
		if (got < 0 || csv_head_check(r, f) < 0)
			return -1;
		c->expected = got ? r->split.ncells : 0;
		c->columns = header_names(m, r->split.cells, c->expected);
	}
	return pick(c, m, q, f);
}

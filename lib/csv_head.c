#include "csv_head.h"

#include <inttypes.h>

#include "header.h"
#include "infer.h"

enum {
	SAMPLE_ROWS = 100, /* rows looked at to tell the types of columns */
	NAME_WIDTH = 4096, /* bytes a column's name may have */
};

int
csv_head_check(const struct reader *r, struct fail *f)
{
	if (r->unclosed != 0)
		return fail_set(f, "the header's quote that opens on line %" PRIu64 " is never closed", r->unclosed);
	return 0;
}

static int
read_header(struct csv_head *h, struct fail *f)
{
	struct split *split = &h->reader->split;
	size_t width = split->width;
	int got;

	split->width = width < NAME_WIDTH ? NAME_WIDTH : width;
	got = reader_next(h->reader, f);
	split->width = width;
	if (got < 0 || csv_head_check(h->reader, f) < 0)
		return -1;
	h->n = h->expected = got ? split->ncells : 0;
	h->dropped = got ? split->dropped : 0;
	h->columns = header_names(h->m, split->cells, h->n);
	return 0;
}

struct sample {
	size_t rows, widest, first; /* rows seen, cells of the widest and of the first */
	struct buf types;           /* a byte a column: enum rows_type */
};

static void
add_to_sample(struct sample *sample, const struct split *split, int types)
{
	if (sample->rows++ == 0)
		sample->first = split->ncells;
	while (types && sample->types.len < split->ncells)
		buf_byte(&sample->types, ROWS_NULL);
	if (split->ncells > sample->widest)
		sample->widest = split->ncells;
	for (size_t i = 0; types && i < split->ncells; i++) {
		const struct rows_cell *c = &split->cells[i];
		enum rows_type seen = c->cut ? ROWS_TEXT : infer_type(c->bytes, c->len);

		sample->types.bytes[i] = (char)infer_join((enum rows_type)sample->types.bytes[i], seen);
	}
}

/* The first row is larger than what is looked at; it is needed all the same, and kept for when rows are asked for. */
static int
hold_first(struct csv_head *h, struct sample *sample, struct fail *f)
{
	h->held = reader_next(h->reader, f);
	if (h->held > 0)
		add_to_sample(sample, &h->reader->split, h->request->types);
	return h->held < 0 ? -1 : 0;
}

/* True where more text would make the sample better and is worth the wait: rows that are asked for are needed anyway, types
 * only look at what a file has close by. */
static int
worth_more(const struct csv_head *h, const struct sample *sample)
{
	const struct input *in = &h->reader->in;

	return !in->ended && in->end - in->start < INPUT_BLOCK - INPUT_FIRST &&
	       (in->total > 0 || sample->rows < h->request->limit);
}

static int
take_sample(struct csv_head *h, struct sample *sample, struct fail *f)
{
	struct reader *r = h->reader;
	uint64_t want = h->request->types || h->request->limit > SAMPLE_ROWS ? SAMPLE_ROWS : h->request->limit;
	struct reader_mark mark = reader_mark(r);

	/* Without a header the first row is what tells the columns. */
	if (want == 0 && h->no_header)
		want = 1;
	for (;;) {
		while (sample->rows < want && reader_peek(r, h->request->types))
			add_to_sample(sample, &r->split, h->request->types);
		reader_return(r, mark);
		if (sample->rows == want || !worth_more(h, sample))
			break;
		if (input_fill(&r->in, f) < 0)
			return -1;
		mark = reader_mark(r);
		sample->rows = sample->widest = sample->types.len = 0;
	}
	return want > 0 && sample->rows == 0 && h->no_header ? hold_first(h, sample, f) : 0;
}

/* What the rows say of the columns. */
static void
learn_columns(struct csv_head *h, const struct sample *sample)
{
	struct buf origin = {0};
	const char *text;

	if (h->no_header)
		h->expected = sample->first;
	if (sample->widest > h->n) {
		h->columns = header_extend(h->m, h->columns, h->n, sample->widest);
		h->n = sample->widest;
	}
	buf_printf(&origin, "sampled:%zu", sample->rows);
	text = buf_kept(h->m, &origin);
	for (size_t i = 0; i < h->n; i++) {
		enum rows_type type = i < sample->types.len ? (enum rows_type)sample->types.bytes[i] : ROWS_NULL;

		h->columns[i].type = type == ROWS_NULL ? ROWS_TEXT : type;
		h->columns[i].origin = text;
	}
}

int
csv_head_read(
    struct csv_head *h, struct mem *m, struct reader *r, const struct driver_request *request, int no_header, struct fail *f)
{
	struct sample sample = {0};
	int failed;

	*h = (struct csv_head){.m = m, .reader = r, .request = request, .no_header = no_header};
	failed = (!no_header && read_header(h, f) < 0) || take_sample(h, &sample, f) < 0;
	if (!failed)
		learn_columns(h, &sample);
	buf_free(&sample.types);
	/* Nothing can be said of what damaged data began with. */
	return failed || (h->n == 0 && input_sound(&r->in, f) < 0) ? -1 : 0;
}

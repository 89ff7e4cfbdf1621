#include "csv_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "estimate.h"
#include "file.h"
#include "header.h"
#include "infer.h"
#include "kept.h"
#include "threads.h"

enum {
	SAMPLE_ROWS = 100, /* rows looked at to tell the types of columns */
	NAME_WIDTH = 4096, /* bytes a column's name may have */
};

static const int64_t HEADER_GRACE = INT64_C(1000000000); /* nanoseconds */

struct scan {
	struct csv_table *table;
	struct mem *m;
	const struct driver_request *request;
	struct reader reader;
	int reading;             /* the reader is open */
	int held;                /* the next row is in the reader's split already */
	size_t expected;         /* cells a row should have: the header's, or the first row's */
	struct rows_column *all; /* every column, also those not asked for */
	size_t nall;
	size_t *picked;          /* places of the columns asked for; NULL: all */
	struct rows_cell *cells; /* the row handed out */
	size_t room;
	uint64_t given, read, looked, ragged, ragged_line;
	size_t ragged_cells, dropped;
	struct kept kept; /* --tail, --sample */
};

int
csv_table_open(struct csv_table *t, struct reader *r, size_t width, struct fail *f)
{
	int fd = t->fd;

	if (t->read)
		return fail_set(f, "its bytes have been read already");
	if (fd < 0 && (fd = file_open(t->name, &t->stat, t->watch, f)) < 0)
		return -1;
	t->fd = -1;
	t->read = 1;
	*r = (struct reader){0};
	if (input_open(&r->in, fd, t->program, t->options.encoding, S_ISREG(t->stat.st_mode) ? (uint64_t)t->stat.st_size : 0,
		t->watch, f) < 0 ||
	    reader_start(r, &t->options, width, f) < 0) {
		struct fail second;

		/* Where the filter gave up, its word says more. */
		if (reader_close(r, &second) < 0)
			*f = second;
		return -1;
	}
	return 0;
}

int
csv_table_check_header(const struct reader *r, struct fail *f)
{
	if (r->unclosed != 0)
		return fail_set(f, "the header's quote that opens on line %" PRIu64 " is never closed", r->unclosed);
	return 0;
}

static void
note_reader(struct rows *rows, const struct reader *r)
{
	if (r->unclosed != 0)
		rows_note(rows, 0, "a quote that opens on line %" PRIu64 " is never closed", r->unclosed);
	if (r->in.replaced > 0)
		rows_note(rows, 0, "%" PRIu64 " characters are not of that encoding: shown as U+FFFD", r->in.replaced);
}

/* All records from here on, or as many as are enough. */
static int
count_records(struct reader *r, const struct driver_request *q, struct csv_table_count *count, struct fail *f)
{
	uint64_t records = 0;
	int ended;

	if (q->at_least == 0 && reader_can_thread(r)) {
		if (reader_count_file(r, q->threads ? q->threads : threads_processors(), NULL, &records, f) < 0)
			return -1;
	} else if (reader_count(r, q->at_least ? q->at_least : UINT64_MAX, &records, f) < 0) {
		return -1;
	}
	ended = reader_at_end(r, f);
	*count = (struct csv_table_count){
	    .records = records,
	    .lines = csv_scan_lines(&r->scan),
	    .bytes = r->in.read,
	    .low = records,
	    .high = ended ? records : UINT64_MAX,
	    .method = ended ? "exact" : "at-least",
	};
	return ended < 0 ? -1 : 0;
}

static int
can_estimate(const struct reader *r)
{
	return input_is_plain(&r->in) && !estimate_is_vain(r->in.total - input_offset(&r->in));
}

static int
estimate_records(struct reader *r, const struct driver_request *q, struct csv_table_count *count, struct fail *f)
{
	uint64_t from = input_offset(&r->in), seed = q->seed ? q->seed : chance_seed();
	struct estimate e;

	if (estimate_run(&e, r->in.fd, from, r->in.total, &r->dialect, seed, f) < 0)
		return -1;
	*count = (struct csv_table_count){
	    .records = e.records,
	    .lines = csv_scan_lines(&r->scan) + e.lines,
	    .bytes = r->in.total,
	    .low = e.low,
	    .high = e.high,
	    .method = "estimate",
	};
	return 0;
}

/* The count is asked for with an estimate in case that time runs out; that is the case. */
static int
is_over(const struct csv_table *t, const struct driver_request *q)
{
	return q->effort == DRIVER_OR_ESTIMATE && watch_over(t->watch);
}

static int
count_or_estimate(struct rows *rows, struct csv_table *t, struct reader *r, const struct driver_request *q,
    struct csv_table_count *count, struct fail *f)
{
	const struct reader header = *r;

	if (can_estimate(r) && (q->effort == DRIVER_ESTIMATE || is_over(t, q))) {
		if (q->effort != DRIVER_ESTIMATE)
			rows_note(rows, 0, "no time was left to count it: estimated");
		return estimate_records(r, q, count, f);
	}
	if (count_records(r, q, count, f) == 0)
		return 0;
	if (!is_over(t, q) || !can_estimate(&header))
		return -1;
	rows_note(rows, 0, "%s: estimated", f->text);
	r->scan = header.scan;
	r->in.start = header.in.start;
	return estimate_records(r, q, count, f);
}

/* An estimate needs the header, and so a little more than the time there was: not forever, as it may be as long as the file. */
static struct watch
header_watch(const struct watch *w)
{
	struct watch late = *w;
	int64_t now = watch_now();

	if (late.deadline != 0)
		late.deadline = (now > late.deadline ? now : late.deadline) + HEADER_GRACE;
	return late;
}

int
csv_table_count(
    struct rows *rows, struct csv_table *t, const struct driver_request *q, struct csv_table_count *count, struct fail *f)
{
	struct watch *watch = t->watch, late;
	struct reader r;
	uint64_t header = 0;
	int opened;

	if (watch != NULL && q->effort == DRIVER_OR_ESTIMATE && S_ISREG(t->stat.st_mode) && t->program == NULL) {
		late = header_watch(watch);
		t->watch = &late;
	}
	opened = csv_table_open(t, &r, 0, f);
	t->watch = watch;
	if (opened < 0)
		return -1;
	if (!t->options.no_header && (reader_skip(&r, 1, &header, f) < 0 || csv_table_check_header(&r, f) < 0))
		goto failed;
	r.in.watch = watch;
	if (count_or_estimate(rows, t, &r, q, count, f) < 0)
		goto failed;
	note_reader(rows, &r);
	return reader_close(&r, f);
failed:;
	struct fail unused;

	reader_close(&r, &unused);
	return -1;
}

/* Columns: names from the header, the width and the types from the rows that are in memory anyway. */

static int
read_header(struct scan *s, struct fail *f)
{
	struct split *split = &s->reader.split;
	size_t width = split->width;
	int got;

	split->width = width < NAME_WIDTH ? NAME_WIDTH : width;
	got = reader_next(&s->reader, f);
	split->width = width;
	if (got < 0 || csv_table_check_header(&s->reader, f) < 0)
		return -1;
	s->nall = s->expected = got ? split->ncells : 0;
	s->dropped += got ? split->dropped : 0;
	s->all = header_names(s->m, split->cells, s->nall);
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
hold_first(struct scan *s, struct sample *sample, struct fail *f)
{
	s->held = reader_next(&s->reader, f);
	if (s->held > 0)
		add_to_sample(sample, &s->reader.split, s->request->types);
	return s->held < 0 ? -1 : 0;
}

/* True where more text would make the sample better and is worth the wait: rows that are asked for are needed anyway, types
 * only look at what a file has close by. */
static int
worth_more(const struct scan *s, const struct sample *sample)
{
	const struct input *in = &s->reader.in;

	return !in->ended && in->end - in->start < INPUT_BLOCK - INPUT_FIRST &&
	       (in->total > 0 || sample->rows < s->request->limit);
}

static int
take_sample(struct scan *s, struct sample *sample, struct fail *f)
{
	struct reader *r = &s->reader;
	uint64_t want = s->request->types || s->request->limit > SAMPLE_ROWS ? SAMPLE_ROWS : s->request->limit;
	struct reader_mark mark = reader_mark(r);

	/* Without a header the first row is what tells the columns. */
	if (want == 0 && s->table->options.no_header)
		want = 1;
	for (;;) {
		while (sample->rows < want && reader_peek(r, s->request->types))
			add_to_sample(sample, &r->split, s->request->types);
		reader_return(r, mark);
		if (sample->rows == want || !worth_more(s, sample))
			break;
		if (input_fill(&r->in, f) < 0)
			return -1;
		mark = reader_mark(r);
		sample->rows = sample->widest = sample->types.len = 0;
	}
	return want > 0 && sample->rows == 0 && s->table->options.no_header ? hold_first(s, sample, f) : 0;
}

/* What the rows say of the columns. */
static void
learn_columns(struct scan *s, const struct sample *sample)
{
	struct buf origin = {0};
	const char *text;

	if (s->table->options.no_header)
		s->expected = sample->first;
	if (sample->widest > s->nall) {
		s->all = header_extend(s->m, s->all, s->nall, sample->widest);
		s->nall = sample->widest;
	}
	buf_printf(&origin, "sampled:%zu", sample->rows);
	text = mem_copy(s->m, origin.bytes, origin.len);
	buf_free(&origin);
	for (size_t i = 0; i < s->nall; i++) {
		enum rows_type type = i < sample->types.len ? (enum rows_type)sample->types.bytes[i] : ROWS_NULL;

		s->all[i].type = type == ROWS_NULL ? ROWS_TEXT : type;
		s->all[i].origin = text;
	}
}

static int
pick_columns(struct rows *rows, struct scan *s, struct fail *f)
{
	const struct driver_request *q = s->request;
	struct rows_column *columns = s->all;

	rows->ncolumns = s->nall;
	if (q->ncolumns > 0) {
		rows->ncolumns = q->ncolumns;
		s->picked = mem_array(s->m, q->ncolumns, sizeof *s->picked);
		columns = mem_array(s->m, q->ncolumns, sizeof *columns);
		for (size_t i = 0; i < q->ncolumns; i++) {
			long at = header_find(s->all, s->nall, q->columns[i], f);

			if (at < 0)
				return -1;
			s->picked[i] = (size_t)at;
			columns[i] = s->all[at];
		}
	}
	rows->columns = columns;
	return 0;
}

/* Rows. */

/* The next row is in the reader's split: 1; 0 at the end; -1. */
static int
next_record(struct scan *s, struct fail *f)
{
	int held = s->held;

	s->held = 0;
	return held ? 1 : reader_next(&s->reader, f);
}

static int
skip_records(struct scan *s, uint64_t most, uint64_t *passed, struct fail *f)
{
	if (s->held && most > 0) {
		s->held = 0;
		++*passed;
		most--;
	}
	return reader_skip(&s->reader, most, passed, f);
}

static void
note_ragged(struct scan *s)
{
	const struct split *split = &s->reader.split;

	s->looked++;
	s->dropped += split->dropped;
	if (split->ncells == s->expected)
		return;
	if (s->ragged++ == 0) {
		s->ragged_line = s->reader.line;
		s->ragged_cells = split->ncells;
	}
}

/* The last record's cells as the row asked for: projected, short ones padded with NULL. */
static size_t
project(struct scan *s, size_t ncolumns, struct rows_cell **cells)
{
	const struct split *split = &s->reader.split;
	size_t n = s->picked || split->ncells < ncolumns ? ncolumns : split->ncells;

	if (!s->picked && n == split->ncells) {
		*cells = split->cells;
		return n;
	}
	if (n > s->room) {
		s->room = n;
		s->cells = mem_resize(s->cells, n * sizeof *s->cells);
	}
	for (size_t i = 0; i < n; i++) {
		size_t from = s->picked ? s->picked[i] : i;

		s->cells[i] = from < split->ncells ? split->cells[from] : rows_null();
	}
	*cells = s->cells;
	return n;
}

/* --tail and --sample: reads all rows and keeps those to give. */
static int
collect(struct rows *rows, struct scan *s, struct fail *f)
{
	const struct driver_request *q = s->request;

	kept_start(&s->kept, q->limit, q->which == DRIVER_SAMPLE, q->seed);
	for (;; s->read++) {
		struct rows_cell *cells;
		uint64_t passed = 0;
		size_t n;
		int got;

		if (!kept_wants(&s->kept)) {
			if (skip_records(s, 1, &passed, f) < 0)
				return -1;
			if (passed == 0)
				break;
			continue;
		}
		got = next_record(s, f);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		note_ragged(s);
		n = project(s, rows->ncolumns, &cells);
		if (kept_row(&s->kept, cells, n, f) < 0)
			return -1;
	}
	kept_sort(&s->kept);
	rows_note(rows, 0, "read whole (%" PRIu64 " bytes) to find the %s rows", s->reader.in.read,
	    q->which == DRIVER_TAIL ? "last" : "sampled");
	return 0;
}

static int
scan_start(struct rows *rows, struct fail *f)
{
	struct scan *s = rows->state;
	const struct driver_request *q = s->request;
	struct sample sample = {0};
	uint64_t passed = 0;

	if (csv_table_open(s->table, &s->reader, q->width > 0 && q->width < ROWS_CELL ? q->width : ROWS_CELL, f) < 0)
		return -1;
	s->reading = 1;
	if ((!s->table->options.no_header && read_header(s, f) < 0) || take_sample(s, &sample, f) < 0) {
		buf_free(&sample.types);
		return -1;
	}
	learn_columns(s, &sample);
	buf_free(&sample.types);
	if (pick_columns(rows, s, f) < 0)
		return -1;
	s->reader.split.lines = q->csv && s->picked == NULL && q->which == DRIVER_HEAD;
	return q->which == DRIVER_HEAD ? skip_records(s, q->offset, &passed, f) : collect(rows, s, f);
}

/* The end: what there is to say, and whether there would have been more. */
static int
finish(struct rows *rows, struct scan *s, int ended, struct fail *f)
{
	size_t noted;

	if (s->ragged > 0)
		rows_note(rows, 0,
		    "%" PRIu64 " of %" PRIu64 " rows do not have %zu cells (the first on line %" PRIu64 ", with %zu)",
		    s->ragged, s->looked, s->expected, s->ragged_line, s->ragged_cells);
	if (s->dropped > 0)
		rows_note(rows, 1, "%zu cells beyond the %d-th of their rows are left out", s->dropped, ROWS_COLUMNS);
	noted = rows->notes.len;
	note_reader(rows, &s->reader);
	rows->end = ended && !s->held && s->given == s->read ? ROWS_COMPLETE : ROWS_CUT;
	s->reading = 0;
	if (reader_close(&s->reader, f) < 0) {
		/* Damaged data explain whatever else is odd about their end. */
		rows->notes.len = noted;
		return -1;
	}
	return 0;
}

static int
next_kept(struct rows *rows, struct scan *s, struct fail *f)
{
	int got = kept_next(&s->kept, &rows->cells, &rows->ncells, f);

	s->given += got > 0;
	return got == 0 ? finish(rows, s, 1, f) : got;
}

static int
scan_next(struct rows *rows, struct fail *f)
{
	struct scan *s = rows->state;
	struct split *split;
	int got;

	if (s->request->which != DRIVER_HEAD)
		return next_kept(rows, s, f);
	if (s->given == s->request->limit) {
		got = reader_at_end(&s->reader, f);
		return got < 0 ? -1 : finish(rows, s, got, f);
	}
	got = next_record(s, f);
	if (got <= 0)
		return got < 0 ? -1 : finish(rows, s, 1, f);
	s->read++;
	s->given++;
	note_ragged(s);
	split = &s->reader.split;
	/* A row that must be filled up needs its cells. */
	if (split->line != NULL && split->ncells < rows->ncolumns)
		split_line(split);
	rows->csv = split->line;
	rows->csv_len = split->line_len;
	if (split->line == NULL)
		rows->ncells = project(s, rows->ncolumns, &rows->cells);
	return 1;
}

static void
scan_close(struct rows *rows)
{
	struct scan *s = rows->state;
	struct fail unused;

	if (s->reading)
		reader_close(&s->reader, &unused);
	kept_free(&s->kept);
	free(s->cells);
}

struct rows *
csv_table_scan(struct mem *m, struct csv_table *table, const struct driver_request *request)
{
	static const struct rows_driver driver = {scan_start, scan_next, scan_close};
	struct scan *s = mem_alloc(m, sizeof *s);

	s->table = table;
	s->m = m;
	s->request = request;
	return rows_new(m, &driver, s);
}

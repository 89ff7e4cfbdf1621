#include "csv_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csv_head.h"
#include "csv_index.h"
#include "file.h"
#include "header.h"
#include "kept.h"

/* Fewer rows are mostly in the block that the header came with. */
enum { WORTH_ROWS = 100 };

struct scan {
	struct csv_table *table;
	struct mem *m;
	const struct driver_request *request;
	struct reader reader;
	int reading; /* the reader is open */
	struct csv_head head;
	int indexed;             /* `index` leads to the rows; else the text is read from its start */
	struct rowindex index;   /* where it is */
	uint64_t next;           /* the number of the row that comes next; only right where the index is used */
	uint64_t *places;        /* the numbers of the rows of a sample, where the index leads to them; else NULL */
	uint64_t limit;          /* rows to give */
	size_t *picked;          /* places of the columns asked for; NULL: all */
	struct rows_cell *cells; /* the row handed out */
	size_t room;
	int collected; /* they are in `kept` */
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
	if (t->program != NULL)
		t->kept.cache = NULL;
	csv_kept_start(&t->kept, fd, t->counting);
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

void
csv_table_note(struct rows *rows, const struct reader *r)
{
	if (r->unclosed != 0)
		rows_note(rows, 0, "a quote that opens on line %" PRIu64 " is never closed", r->unclosed);
	if (r->in.replaced > 0)
		rows_note(rows, 0, "%" PRIu64 " characters are not of that encoding: shown as U+FFFD", r->in.replaced);
}

static int
pick_columns(struct rows *rows, struct scan *s, struct fail *f)
{
	const struct driver_request *q = s->request;
	struct rows_column *columns = s->head.columns;

	rows->ncolumns = s->head.n;
	if (q->ncolumns > 0) {
		rows->ncolumns = q->ncolumns;
		s->picked = mem_array(s->m, q->ncolumns, sizeof *s->picked);
		columns = mem_array(s->m, q->ncolumns, sizeof *columns);
		for (size_t i = 0; i < q->ncolumns; i++) {
			long at = header_find(s->head.columns, s->head.n, q->columns[i], f);

			if (at < 0)
				return -1;
			s->picked[i] = (size_t)at;
			columns[i] = s->head.columns[at];
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
	int held = s->head.held;

	s->head.held = 0;
	return held ? 1 : reader_next(&s->reader, f);
}

static int
skip_records(struct scan *s, uint64_t most, uint64_t *passed, struct fail *f)
{
	if (s->head.held && most > 0) {
		s->head.held = 0;
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
	if (split->ncells == s->head.expected)
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

static const char *
cost(const struct scan *s)
{
	struct buf text = {0};
	const char *copy;

	buf_printf(&text, "read whole (%" PRIu64 " bytes) to find the %s rows", s->reader.in.read,
	    s->request->which == DRIVER_TAIL ? "last" : "sampled");
	copy = mem_copy(s->m, text.bytes, text.len);
	buf_free(&text);
	return copy;
}

/* --tail and --sample: reads all rows and keeps those to give. */
static int
collect(struct rows *rows, struct scan *s, struct fail *f)
{
	const struct driver_request *q = s->request;

	s->collected = 1;
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
	/* Where the data are damaged nobody knows which rows would be the last. */
	if (input_sound(&s->reader.in, f) < 0)
		return -1;
	kept_sort(&s->kept);
	rows->cost = cost(s);
	return 0;
}

/* An index that is worth its use.  A sample of more rows than there are marks reads about everything anyway, and one of all
 * rows does. */
static int
find_index(struct scan *s)
{
	const struct driver_request *q = s->request;
	const struct input *in = &s->reader.in;

	if (s->table->kept.cache == NULL || !input_is_plain(in) || (q->which == DRIVER_HEAD && q->offset < WORTH_ROWS) ||
	    (q->which == DRIVER_SAMPLE && q->limit > in->total / ROWINDEX_STRIDE) ||
	    !csv_index_find(&s->table->kept, &s->reader, &s->index))
		return 0;
	return q->which != DRIVER_SAMPLE || (q->limit <= s->index.n && q->limit < s->index.records);
}

/* Moves on to row number `row`, from the nearest mark before it. */
static int
seek_row(struct scan *s, uint64_t row, struct fail *f)
{
	int moved = csv_index_seek(&s->index, &s->reader, row, &s->next, f);

	if (moved < 0)
		return -1;
	if (moved > 0)
		s->head.held = 0;
	return skip_records(s, row - s->next, &s->next, f);
}

/* The rows that the index leads to.  `read` counts those passed over too, but for an offset's: so it is known in the end
 * whether some were left out. */
static int
start_indexed(struct scan *s, struct fail *f)
{
	const struct driver_request *q = s->request;
	uint64_t rows = s->index.records, first = 0;

	s->indexed = 1;
	if (q->which == DRIVER_HEAD) {
		first = q->offset < rows ? q->offset : rows;
	} else if (q->which == DRIVER_TAIL) {
		s->read = first = rows > q->limit ? rows - q->limit : 0;
	} else {
		s->places = mem_array(s->m, q->limit, sizeof *s->places);
		kept_draw(s->places, q->limit, rows, q->seed);
		s->read = rows - q->limit;
	}
	if (s->limit > rows - first)
		s->limit = rows - first;
	if (s->limit > 0 && s->places == NULL)
		return seek_row(s, first, f);
	/* No row is to be read: where the reader stands does not matter. */
	s->next = first;
	s->head.held &= first == 0;
	return 0;
}

static int
scan_start(struct rows *rows, struct fail *f)
{
	struct scan *s = rows->state;
	const struct driver_request *q = s->request;
	uint64_t passed = 0;

	if (csv_table_open(s->table, &s->reader, q->width > 0 && q->width < ROWS_CELL ? q->width : ROWS_CELL, f) < 0)
		return -1;
	s->reading = 1;
	if (csv_head_read(&s->head, s->m, &s->reader, q, s->table->options.no_header, f) < 0)
		return -1;
	s->dropped = s->head.dropped;
	if (pick_columns(rows, s, f) < 0)
		return -1;
	s->reader.split.lines = q->csv && s->picked == NULL && q->which == DRIVER_HEAD;
	s->limit = q->limit;
	if (find_index(s))
		return start_indexed(s, f);
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
		    s->ragged, s->looked, s->head.expected, s->ragged_line, s->ragged_cells);
	if (s->dropped > 0)
		rows_note(rows, 1, "%zu cells beyond the %d-th of their rows are left out", s->dropped, ROWS_COLUMNS);
	noted = rows->notes.len;
	csv_table_note(rows, &s->reader);
	rows->end = ended && !s->head.held && s->given == s->read ? ROWS_COMPLETE : ROWS_CUT;
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

	if (s->collected)
		return next_kept(rows, s, f);
	if (s->given == s->limit) {
		got = s->indexed ? s->next >= s->index.records : reader_at_end(&s->reader, f);
		return got < 0 ? -1 : finish(rows, s, got, f);
	}
	if (s->places != NULL && seek_row(s, s->places[s->given], f) < 0)
		return -1;
	got = next_record(s, f);
	if (got <= 0)
		return got < 0 ? -1 : finish(rows, s, 1, f);
	s->next++;
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
	rowindex_free(&s->index);
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

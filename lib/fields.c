#include "fields.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

static void
make_cells(struct fields *x)
{
	x->stride = batch_rows(x->ncolumns);
	x->cells = mem_resize(x->cells, x->stride * (x->ncolumns > 0 ? x->ncolumns : 1) * sizeof *x->cells);
}

void
fields_start(struct fields *x, size_t expected, const long *slot, size_t ncolumns)
{
	x->expected = expected;
	x->slot = slot;
	x->ncolumns = ncolumns;
	make_cells(x);
	split_init(&x->split, x->dialect, SIZE_MAX);
}

void
fields_free(struct fields *x)
{
	free(x->cells);
	free(x->places);
	free(x->text);
	split_free(&x->split);
}

static void
flush(struct fields *x)
{
	const struct batch b = {.nrows = x->nrows, .ncolumns = x->ncolumns, .stride = x->stride, .cells = x->cells};

	if (x->nrows > 0)
		x->sink->take(x->sink->arg, x->thread, &b);
	x->nrows = 0;
}

/* Rows of more cells than there are columns: the rows so far go as they are, what follows has more columns. */
static void
widen(struct fields *x, size_t ncolumns)
{
	flush(x);
	x->ncolumns = ncolumns;
	make_cells(x);
}

static inline void
put(struct fields *x, size_t column, struct batch_cell cell)
{
	long slot = (long)column;

	if (x->slot != NULL)
		slot = column < x->expected ? x->slot[column] : FIELDS_SKIPPED;
	if (slot >= 0)
		x->cells[(size_t)slot * x->stride + x->nrows] = cell;
}

static void
fill_up(struct fields *x, size_t cells)
{
	const struct batch_cell null = {"", 0, ROWS_NULL};

	for (size_t c = cells; c < (x->slot != NULL ? x->expected : x->ncolumns); c++)
		put(x, c, null);
}

static inline void
end_row(struct fields *x, size_t cells)
{
	x->rows++;
	if (cells != x->expected)
		x->ragged++;
	if (cells < x->ncolumns || cells < x->expected)
		fill_up(x, cells);
	if (++x->nrows == x->stride)
		flush(x);
}

/* The text of a quoted field in order: without the quotes around it, and one for each pair inside. */
static struct batch_cell
unquote(struct fields *x, const char *from, const char *end, int closed)
{
	const char *quote;
	char *to;

	from++;
	end -= closed;
	quote = memchr(from, '"', (size_t)(end - from));
	if (quote == NULL)
		return (struct batch_cell){from, (uint32_t)(end - from), ROWS_TEXT};
	to = x->text + x->text_len;
	for (char *p = to;; from = quote + 2) {
		quote = memchr(from, '"', (size_t)(end - from));
		memcpy(p, from, (size_t)((quote ? quote + 1 : end) - from));
		p += (quote ? quote + 1 : end) - from;
		if (quote == NULL || quote + 2 > end) {
			x->text_len += (size_t)(p - to);
			return (struct batch_cell){to, (uint32_t)(p - to), ROWS_TEXT};
		}
	}
}

/* `open`: the text ends inside the field's quotes. */
static inline struct batch_cell
cell_of(struct fields *x, const char *from, const char *end, int open)
{
	if (from == end)
		return (struct batch_cell){"", 0, ROWS_NULL};
	if (*from == '"')
		return unquote(x, from, end, end - from > 1 && end[-1] == '"' && !open);
	return (struct batch_cell){from, (uint32_t)(end - from), ROWS_TEXT};
}

/* Makes room for the row that turned out wider than the batch. */
static int
widen_for(struct fields *x, const uint32_t *place, const uint32_t *end)
{
	size_t width = 1;

	for (; place < end && (*place & 1) == 0; place++)
		width++;
	if (width > ROWS_COLUMNS)
		width = ROWS_COLUMNS;
	if (width <= x->ncolumns)
		return 0;
	widen(x, width);
	return 1;
}

/* Records of well-formed quoting, which end at x->places.  `open`: the last place is the end of the text, inside quotes. */
static size_t
take_orderly(struct fields *x, const char *bytes, size_t n, size_t until, int open, int *reached)
{
	const uint32_t *places = x->places;
	size_t start = 0, row = 0, taken = 0, cells = 0;

	for (size_t i = 0; i < n; i++) {
		size_t end = places[i] >> 1;

		if (cells == 0) {
			if ((places[i] & 1) && start == end) {
				taken = ++start;
				continue;
			}
			if (start >= until) {
				*reached = 1;
				return start;
			}
			row = i;
		}
		if (x->slot == NULL && cells >= x->ncolumns && cells < ROWS_COLUMNS) {
			if (widen_for(x, places + row, places + n)) {
				start = taken;
				cells = 0;
				i = row - 1;
				continue;
			}
		}
		if (x->slot != NULL || cells < x->ncolumns)
			put(x, cells, cell_of(x, bytes + start, bytes + end, open && i + 1 == n));
		else
			x->dropped++;
		cells++;
		start = end + 1;
		if (places[i] & 1) {
			end_row(x, cells);
			cells = 0;
			taken = start;
		}
	}
	return taken;
}

/* Copies a cell whose bytes go. */
static struct batch_cell
keep(struct fields *x, const struct rows_cell *c)
{
	char *to = x->text + x->text_len;

	if (c->type == ROWS_NULL)
		return (struct batch_cell){"", 0, ROWS_NULL};
	memcpy(to, c->bytes, c->len);
	x->text_len += c->len;
	x->cut += c->cut;
	return (struct batch_cell){to, (uint32_t)c->len, c->type};
}

static void
take_cells(struct fields *x, const struct rows_cell *cells, size_t n)
{
	if (x->slot == NULL && n > x->ncolumns)
		widen(x, n);
	for (size_t c = 0; c < n; c++)
		put(x, c, keep(x, &cells[c]));
	end_row(x, n);
}

/* Records one by one, through the exact machine. */
static size_t
take_malformed(struct fields *x, const char *bytes, size_t len, size_t until, int last, int *reached)
{
	struct csv_scan scan;
	size_t at = 0, n;
	int ended;

	csv_scan_start(&scan, x->dialect);
	for (;;) {
		while (at < len && x->dialect->classes[(unsigned char)bytes[at]] >= CSV_BYTE_CR)
			at++;
		if (at == len)
			return at;
		if (at >= until) {
			*reached = 1;
			return at;
		}
		scan.quote = 0;
		scan.state = CSV_RECORD;
		n = csv_scan_record(&scan, bytes + at, len - at, &ended);
		if (!ended && !last)
			return at;
		split_record(&x->split, bytes + at, n, scan.quote);
		x->dropped += x->split.dropped;
		take_cells(x, x->split.cells, x->split.ncells);
		at += n;
	}
}

static void
make_room(struct fields *x, size_t len)
{
	/* A text without a byte has a place, its end. */
	if (len <= x->room && x->places != NULL)
		return;
	x->room = len;
	x->places = mem_resize(x->places, (len + 1 + VECTOR_SLACK) * sizeof *x->places);
	/* A row that turns out wide is taken twice. */
	x->text = mem_resize(x->text, 2 * len + BATCH_SLACK);
}

size_t
fields_take(struct fields *x, const char *bytes, size_t len, size_t until, int last, int *reached)
{
	struct vector_state v = {.ended = 1, .edge = 1};
	struct vector_count count;
	size_t n, taken;

	*reached = 0;
	make_room(x, len);
	x->text_len = 0;
	n = x->kernel->find(&v, bytes, len, x->dialect->delimiter, x->places, &count);
	/* The end of the text ends a record, if there is one to end. */
	if (last)
		x->places[n++] = (uint32_t)len << 1 | 1;
	if (count.malformed[0] == 0)
		taken = take_orderly(x, bytes, n, until, last && v.inside, reached);
	else
		taken = take_malformed(x, bytes, len, until, last, reached);
	flush(x);
	if (!last || *reached)
		return taken;
	x->unclosed |= count.malformed[0] == 0 ? v.inside : x->split.state == CSV_QUOTED;
	return len;
}

void
fields_take_cells(struct fields *x, const struct rows_cell *cells, size_t n)
{
	size_t len = 0;

	for (size_t c = 0; c < n; c++)
		len += cells[c].len;
	make_room(x, len);
	x->text_len = 0;
	take_cells(x, cells, n);
	flush(x);
}

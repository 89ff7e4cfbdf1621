#include "table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

enum {
	KEEP_ROWS = 1000,     /* rows kept back to learn widths from */
	KEEP_BYTES = 1 << 20, /* of text, and four times that of cells */
	NARROWEST = 8,        /* columns of a terminal that a column is narrowed to before the last ones are left out */
	GAP = 2,
};

static const char BOLD[] = "\033[1m", DIM[] = "\033[2m", PLAIN[] = "\033[m", NOTHING[] = "∅";

/* One cell as it is shown. */
struct shown {
	size_t at, len, columns; /* in the text; its width */
	unsigned char type;
};

void
table_begin(struct table *t, struct buf *out, const struct rows_column *columns, size_t n)
{
	t->out = out;
	t->columns = columns;
	t->ncolumns = n;
	t->across = n;
	t->rows = 0;
	t->laid_out = 0;
	t->hidden = 0;
	t->text.len = t->cells.len = 0;
}

/* A record begins with a reference, and that ends with the name of the table: there its end is shown. */
static int
is_reference(const struct table *t, size_t column)
{
	return column == 0 && !t->types && t->ncolumns > 0 && t->columns[0].len == 3 &&
	       memcmp(t->columns[0].name, "ref", 3) == 0;
}

static struct shown
show(struct table *t, const char *bytes, size_t len, int cut, unsigned char type, int reference)
{
	struct shown s = {.at = t->text.len, .type = type};
	size_t most = t->limit > 0 ? t->limit : SIZE_MAX;

	if (type == ROWS_NULL) {
		buf_puts(&t->text, NOTHING);
		s.columns = 1;
	} else {
		s.columns = (reference ? text_fit_end : text_fit)(&t->text, bytes, len, most);
		if (cut && s.columns < most) {
			buf_puts(&t->text, "…");
			s.columns++;
		}
	}
	s.len = t->text.len - s.at;
	return s;
}

static int
is_number(const struct table *t, size_t column)
{
	return column < t->ncolumns && (t->columns[column].type == ROWS_INTEGER || t->columns[column].type == ROWS_REAL);
}

static void
spaces(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_byte(b, ' ');
}

/* Writes text in its column, with the gap behind it unless it is the last. */
static void
put(struct table *t, size_t column, const char *text, size_t len, size_t columns, const char *style)
{
	size_t width = t->widths[column], start;
	struct buf fitted = {0};

	if (columns > width && t->limit > 0) {
		columns = (is_reference(t, column) ? text_fit_end : text_fit)(&fitted, text, len, width);
		text = fitted.bytes;
		len = fitted.len;
	}
	start = width > columns ? width - columns : 0;
	if (is_number(t, column))
		spaces(t->out, start);
	if (t->colour && style != NULL)
		buf_puts(t->out, style);
	buf_add(t->out, text, len);
	if (t->colour && style != NULL)
		buf_puts(t->out, PLAIN);
	if (column + 1 < t->shown_columns) {
		if (!is_number(t, column))
			spaces(t->out, start);
		spaces(t->out, GAP);
	}
	buf_free(&fitted);
}

/* The widest that columns may be so that all of them fit into `room`; 0 if not even NARROWEST does it. */
static size_t
narrow_to(const size_t *widths, size_t n, size_t room)
{
	size_t low = 0, high = room;

	while (low < high) {
		size_t mid = low + (high - low + 1) / 2, sum = 0;

		for (size_t i = 0; i < n && sum <= room; i++)
			sum += (widths[i] < mid ? widths[i] : mid) + (i > 0 ? GAP : 0);
		if (sum <= room)
			low = mid;
		else
			high = mid - 1;
	}
	return low < NARROWEST && n > 1 ? 0 : low;
}

static void
fit_widths(struct table *t)
{
	size_t most = 0;

	t->shown_columns = t->across;
	if (t->limit == 0)
		return;
	while (t->shown_columns > 0 && (most = narrow_to(t->widths, t->shown_columns, t->limit)) == 0) {
		size_t sum = 0, i;

		/* Narrowed as far as they may be, how many fit? */
		for (i = 0; i < t->shown_columns && sum <= t->limit; i++)
			sum += (t->widths[i] < NARROWEST ? t->widths[i] : NARROWEST) + (i > 0 ? GAP : 0);
		t->shown_columns = sum > t->limit ? (i > 1 ? i - 1 : 1) : i;
		if (narrow_to(t->widths, t->shown_columns, t->limit) == 0)
			t->shown_columns = t->shown_columns > 1 ? t->shown_columns - 1 : 1;
	}
	for (size_t i = 0; i < t->shown_columns; i++) {
		if (t->widths[i] > most)
			t->widths[i] = most;
	}
	t->hidden = t->across - t->shown_columns;
}

static void
widen(size_t *width, size_t columns)
{
	if (columns > *width)
		*width = columns;
}

static void
put_head(struct table *t, const struct shown *names)
{
	for (size_t i = 0; i < t->shown_columns; i++)
		put(t, i, t->text.bytes + names[i].at, names[i].len, names[i].columns, BOLD);
	buf_byte(t->out, '\n');
	for (size_t i = 0; t->types && i < t->shown_columns; i++) {
		const char *type = rows_type_name(i < t->ncolumns ? t->columns[i].type : ROWS_TEXT);
		struct shown s = show(t, type, strlen(type), 0, ROWS_TEXT, 0);

		put(t, i, t->text.bytes + s.at, s.len, s.columns, DIM);
	}
	if (t->types)
		buf_byte(t->out, '\n');
	for (size_t i = 0; i < t->shown_columns; i++) {
		for (size_t k = 0; k < t->widths[i]; k++)
			buf_puts(t->out, "─");
		if (i + 1 < t->shown_columns)
			spaces(t->out, GAP);
	}
	buf_byte(t->out, '\n');
}

static void
put_row(struct table *t, const struct shown *cells)
{
	for (size_t i = 0; i < t->shown_columns; i++)
		put(t, i, t->text.bytes + cells[i].at, cells[i].len, cells[i].columns, cells[i].type == ROWS_NULL ? DIM : NULL);
	buf_byte(t->out, '\n');
}

/* Tells the widths from the rows kept back, and writes them under the head. */
static void
lay_out(struct table *t)
{
	struct shown *names = mem_resize(NULL, t->across * sizeof *names), *cells = (struct shown *)(void *)t->cells.bytes;

	t->laid_out = 1;
	t->widths = mem_resize(NULL, t->across * sizeof *t->widths);
	for (size_t i = 0; i < t->across; i++) {
		char unnamed[32];
		const char *name = unnamed;
		size_t len;

		if (i < t->ncolumns) {
			name = t->columns[i].name;
			len = t->columns[i].len;
		} else {
			len = (size_t)snprintf(unnamed, sizeof unnamed, "column%zu", i + 1);
		}
		names[i] = show(t, name, len, 0, ROWS_TEXT, 0);
		t->widths[i] = names[i].columns > 0 ? names[i].columns : 1;
		if (t->types)
			widen(&t->widths[i], strlen(rows_type_name(i < t->ncolumns ? t->columns[i].type : ROWS_TEXT)));
	}
	for (size_t row = 0; row < t->rows; row++) {
		for (size_t i = 0; i < t->across; i++)
			widen(&t->widths[i], cells[row * t->across + i].columns);
	}
	fit_widths(t);
	put_head(t, names);
	for (size_t row = 0; row < t->rows; row++)
		put_row(t, cells + row * t->across);
	t->rows = 0;
	t->cells.len = t->text.len = 0;
	free(names);
}

/* Makes the rows kept back `across` cells wide: a row has come that is wider than all before. */
static void
widen_kept(struct table *t, size_t across)
{
	struct buf wider = {0};
	const struct shown nothing = {0};

	for (size_t row = 0; row < t->rows; row++) {
		buf_add(&wider, t->cells.bytes + row * t->across * sizeof nothing, t->across * sizeof nothing);
		for (size_t i = t->across; i < across; i++)
			buf_add(&wider, &nothing, sizeof nothing);
	}
	buf_free(&t->cells);
	t->cells = wider;
	t->across = across;
}

/* True where so many rows of so many cells would be too much to keep. */
static int
too_much(size_t rows, size_t across)
{
	return rows * across * sizeof(struct shown) > 4 * KEEP_BYTES;
}

/* Cells beyond the widths that were laid out: behind the others, or left out of a terminal. */
static void
put_extra(struct table *t, const struct rows_cell *cells, size_t n)
{
	if (t->limit > 0) {
		t->hidden = n - t->across > t->hidden ? n - t->across : t->hidden;
		return;
	}
	t->out->len--; /* the newline */
	for (size_t i = t->across; i < n; i++) {
		struct shown s = show(t, cells[i].bytes, cells[i].len, cells[i].cut, cells[i].type, is_reference(t, i));

		spaces(t->out, GAP);
		buf_add(t->out, t->text.bytes + s.at, s.len);
	}
	buf_byte(t->out, '\n');
}

void
table_row(struct table *t, const struct rows_cell *cells, size_t n)
{
	if (n > t->across && !t->laid_out) {
		if (t->rows > 0 && too_much(t->rows, n))
			lay_out(t);
		else
			widen_kept(t, n);
	}
	for (size_t i = 0; i < t->across; i++) {
		struct shown s = {0};

		if (i < n)
			s = show(t, cells[i].bytes, cells[i].len, cells[i].cut, cells[i].type, is_reference(t, i));
		buf_add(&t->cells, &s, sizeof s);
	}
	t->rows++;
	if (t->laid_out) {
		put_row(t, (const struct shown *)(const void *)t->cells.bytes);
		if (n > t->across)
			put_extra(t, cells, n);
		t->rows = 0;
		t->cells.len = t->text.len = 0;
	} else if (t->rows == KEEP_ROWS || t->text.len > KEEP_BYTES || too_much(t->rows, t->across)) {
		lay_out(t);
	}
}

void
table_end(struct table *t)
{
	if (!t->laid_out && t->across > 0)
		lay_out(t);
	buf_free(&t->text);
	buf_free(&t->cells);
	free(t->widths);
	t->widths = NULL;
}

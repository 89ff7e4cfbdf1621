#include "rows.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "utf8.h"

const char *const rows_caches[] = {"off", "miss", "hit", "old"};

const char *
rows_type_name(enum rows_type type)
{
	static const char *const names[ROWS_TYPES] = {
	    "null",
	    "text",
	    "integer",
	    "real",
	    "boolean",
	    "date",
	    "timestamp",
	    "bytes",
	};

	return type < ROWS_TYPES ? names[type] : "unknown";
}

struct rows *
rows_new(struct mem *m, const struct rows_driver *driver, void *state)
{
	struct rows *r = mem_alloc(m, sizeof *r);

	r->driver = driver;
	r->state = state;
	return r;
}

int
rows_columns(struct rows *r, struct fail *f)
{
	return r->driver->start(r, f);
}

int
rows_next(struct rows *r, struct fail *f)
{
	return r->driver->next(r, f);
}

void
rows_take_end(struct rows *r, const struct rows *other)
{
	r->end = other->end;
	r->faults = other->faults;
	r->cost = other->cost;
	r->notes.len = 0;
	buf_add(&r->notes, other->notes.bytes, other->notes.len);
}

void
rows_note(struct rows *r, int fault, const char *format, ...)
{
	size_t from = r->notes.len;
	va_list args;

	va_start(args, format);
	buf_vprintf(&r->notes, format, args);
	va_end(args);
	/* A sentence that a source has made may hold anything. */
	for (size_t i = from; i < r->notes.len; i++) {
		if (r->notes.bytes[i] == '\n')
			r->notes.bytes[i] = ' ';
	}
	buf_byte(&r->notes, '\n');
	r->faults += fault != 0;
}

void
rows_close(struct rows *r)
{
	if (r == NULL)
		return;
	if (r->driver->close != NULL)
		r->driver->close(r);
	buf_free(&r->notes);
}

struct rows_cell
rows_bytes(const char *bytes, size_t len)
{
	return (struct rows_cell){.bytes = bytes, .len = len, .type = ROWS_TEXT};
}

struct rows_cell
rows_text(const char *string)
{
	return rows_bytes(string, strlen(string));
}

/* What a buffer holds; frees it. */
static struct rows_cell
written(struct mem *m, struct buf *b, enum rows_type type)
{
	struct rows_cell c = {.bytes = mem_copy(m, b->bytes, b->len), .len = b->len, .type = type};

	buf_free(b);
	return c;
}

struct rows_cell
rows_integer(struct mem *m, uint64_t value)
{
	struct buf b = {0};

	buf_number(&b, value, 1);
	return written(m, &b, ROWS_INTEGER);
}

struct rows_cell
rows_real(struct mem *m, double value)
{
	char text[40];
	int n = 0;

	if (!isfinite(value))
		return rows_null();
	for (int digits = 15; digits <= 17; digits++) {
		n = snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return (struct rows_cell){.bytes = mem_copy(m, text, (size_t)n), .len = (size_t)n, .type = ROWS_REAL};
}

/* The years before 0 have a sign, which is one of the four places. */
static void
put_year(struct buf *b, int64_t year)
{
	if (year < 0)
		buf_byte(b, '-');
	buf_number(b, (uint64_t)(year < 0 ? -year : year), year < 0 ? 3 : 4);
}

/* A field of two digits, behind what separates it from the one before. */
static void
put_field(struct buf *b, char separator, int value)
{
	buf_byte(b, separator);
	buf_number(b, (uint64_t)value, 2);
}

struct rows_cell
rows_timestamp(struct mem *m, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct buf b = {0};
	struct tm u = {0};

	if (gmtime_r(&t, &u) == NULL)
		return rows_null();
	put_year(&b, u.tm_year + INT64_C(1900));
	put_field(&b, '-', u.tm_mon + 1);
	put_field(&b, '-', u.tm_mday);
	put_field(&b, 'T', u.tm_hour);
	put_field(&b, ':', u.tm_min);
	put_field(&b, ':', u.tm_sec);
	buf_byte(&b, 'Z');
	return written(m, &b, ROWS_TIMESTAMP);
}

struct rows_cell
rows_boolean(int value)
{
	return (struct rows_cell){.bytes = value ? "true" : "false", .len = value ? 4 : 5, .type = ROWS_BOOLEAN};
}

struct rows_cell
rows_null(void)
{
	return (struct rows_cell){.bytes = "", .type = ROWS_NULL};
}

struct rows_cell
rows_text_or_null(const char *string)
{
	return string != NULL ? rows_text(string) : rows_null();
}

void
rows_cut(struct rows_cell *cell, size_t width)
{
	size_t most = width == 0 || width > ROWS_CELL ? ROWS_CELL : width;

	if (cell->len <= most)
		return;
	cell->cut = 1;
	cell->len = cell->type == ROWS_BYTES ? most : utf8_cut(cell->bytes, cell->len, most);
}

/* Rows made at once. */

struct made {
	struct mem *m;
	int (*fill)(struct rows *r, void *arg, struct fail *f);
	void *arg;
	struct buf cells; /* struct rows_cell, row after row */
	size_t at;        /* bytes of `cells` handed out */
};

static int
made_start(struct rows *r, struct fail *f)
{
	struct made *s = r->state;

	return s->fill(r, s->arg, f);
}

static int
made_next(struct rows *r, struct fail *f)
{
	struct made *s = r->state;

	(void)f;
	if (s->at == s->cells.len) {
		r->end = ROWS_COMPLETE;
		return 0;
	}
	r->cells = (struct rows_cell *)(void *)(s->cells.bytes + s->at);
	r->ncells = r->ncolumns;
	s->at += r->ncolumns * sizeof *r->cells;
	return 1;
}

static void
made_close(struct rows *r)
{
	struct made *s = r->state;

	buf_free(&s->cells);
}

struct rows *
rows_made(struct mem *m, const struct rows_column *columns, size_t ncolumns,
    int (*fill)(struct rows *r, void *arg, struct fail *f), void *arg)
{
	static const struct rows_driver driver = {made_start, made_next, made_close};
	struct made *s = mem_alloc(m, sizeof *s);
	struct rows *r = rows_new(m, &driver, s);

	s->m = m;
	s->fill = fill;
	s->arg = arg;
	r->columns = columns;
	r->ncolumns = ncolumns;
	return r;
}

void
rows_made_add(struct rows *r, const struct rows_cell *cells)
{
	struct made *s = r->state;

	buf_add(&s->cells, cells, r->ncolumns * sizeof *cells);
}

/* Rows that there will be none of. */

static int
fail_start(struct rows *r, struct fail *f)
{
	return fail_set(f, "%s", (const char *)r->state);
}

struct rows *
rows_failed(struct mem *m, enum rows_end how, const char *sentence)
{
	static const struct rows_driver driver = {fail_start, fail_start, NULL};
	struct rows *r = rows_new(m, &driver, mem_string(m, sentence));

	r->end = how;
	return r;
}

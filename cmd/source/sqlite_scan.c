#include "sqlite_scan.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "header.h"
#include "sqlite_cells.h"
#include "sqlite_sample.h"
#include "sqlite_table.h"
#include "text.h"

enum {
	ROW = 8 << 20,   /* bytes of a row that may be held whole, before its cells are read one by one */
	LEAST = 8 << 10, /* bytes of a cell that may, at least */
};

struct scan {
	struct sqlite *s;
	struct mem *m;
	const struct driver_request *request;
	struct sqlite_table table;
	size_t *chosen; /* of the table's columns, in the order wanted */
	size_t n;
	sqlite3_stmt *statement;
	int by_cell;        /* large cells are not fetched with their row */
	const char *sample; /* the rowids, as a JSON array; NULL: the first in a random order, */
	int64_t order;      /* which is this one, also where the statement is prepared again */
	uint64_t given;
	struct rows_cell *cells;
	struct buf text; /* what cells hold that SQLite does not keep */
	size_t *places;  /* where in `text`; SIZE_MAX: not there */
};

/* Which columns are wanted. */
static int
choose(struct scan *c, struct rows *r, struct fail *f)
{
	const struct driver_request *q = c->request;
	struct rows_column *columns;

	c->n = q->ncolumns > 0 ? q->ncolumns : c->table.n;
	c->chosen = mem_array(c->m, c->n, sizeof *c->chosen);
	columns = mem_array(c->m, c->n, sizeof *columns);
	for (size_t i = 0; i < c->n; i++) {
		long at = q->ncolumns > 0 ? header_find(c->table.columns, c->table.n, q->columns[i], f) : (long)i;

		if (at < 0)
			return -1;
		c->chosen[i] = (size_t)at;
		columns[i] = c->table.columns[at];
	}
	c->cells = mem_array(c->m, c->n, sizeof *c->cells);
	c->places = mem_array(c->m, c->n, sizeof *c->places);
	r->columns = columns;
	r->ncolumns = c->n;
	return 0;
}

/* Bytes of a cell that may be fetched with its row: a row of many columns, all of them large, must fit too. */
static int
cell_limit(const struct scan *c)
{
	size_t limit = ROW / c->n;

	if (limit < LEAST)
		limit = LEAST;
	if (c->request->width == 0 || c->request->width >= ROWS_CELL)
		return ROWS_CELL;
	return (int)(limit > c->request->width ? limit : c->request->width + 1);
}

static void
put_column(struct buf *sql, const struct scan *c, size_t i)
{
	const struct rows_column *column = &c->table.columns[c->chosen[i]];

	/* typeof() does not fetch a cell; sqlite_cells.h then does. */
	if (c->by_cell) {
		buf_puts(sql, "CASE typeof(");
		text_quoted(sql, column->name, column->len);
		buf_puts(sql, ") WHEN 'text' THEN '' WHEN 'blob' THEN x'' ELSE ");
	}
	text_quoted(sql, column->name, column->len);
	if (c->by_cell)
		buf_puts(sql, " END");
}

/* A number as SQLite takes it for a LIMIT or an OFFSET: no table has as many rows as it can count. */
static int64_t
countable(uint64_t n)
{
	return n < INT64_MAX ? (int64_t)n : INT64_MAX;
}

/* Which rows: those whose rowid is among some. */
static void
put_rowids(struct buf *sql, const struct scan *c)
{
	const char *id = c->table.rowid;

	buf_printf(sql, " WHERE %s IN (", id);
	if (c->sample != NULL) {
		buf_puts(sql, "SELECT value FROM temp.json_each(?1)");
	} else {
		buf_printf(sql, "SELECT %s", id);
		sqlite_from(sql, &c->table, 1);
		if (c->request->which == DRIVER_TAIL)
			buf_printf(sql, " ORDER BY %s DESC", id);
		else
			buf_printf(sql, " ORDER BY dbm_order(%s, %" PRId64 ")", id, c->order);
		buf_printf(sql, " LIMIT %" PRId64, countable(c->request->limit));
	}
	buf_printf(sql, ") ORDER BY %s", id);
}

static int
put_select(struct buf *sql, const struct scan *c, struct fail *f)
{
	const struct driver_request *q = c->request;

	buf_puts(sql, "SELECT ");
	if (c->by_cell)
		buf_printf(sql, "%s, ", c->table.rowid);
	for (size_t i = 0; i < c->n; i++) {
		buf_puts(sql, i > 0 ? ", " : "");
		put_column(sql, c, i);
	}
	sqlite_from(sql, &c->table, q->nwhere == 0 && q->norder == 0);
	if (q->which != DRIVER_HEAD)
		put_rowids(sql, c);
	else if (sqlite_where(sql, &c->table, q, f) < 0)
		return -1;
	/* One row more than is wanted tells whether there is more. */
	if (q->limit < INT64_MAX)
		buf_printf(sql, " LIMIT %" PRIu64, q->limit + 1 - c->given);
	else
		buf_puts(sql, " LIMIT -1");
	buf_printf(sql, " OFFSET %" PRId64, countable(q->offset) + (int64_t)c->given);
	return 0;
}

static int
prepare(struct scan *c, struct fail *f)
{
	struct buf *sql = sqlite_sql(c->s);

	sqlite3_finalize(c->statement);
	c->statement = NULL;
	if (put_select(sql, c, f) == 0)
		c->statement = sqlite_prepare(c->s, buf_string(sql), f);
	if (c->statement == NULL)
		return -1;
	if (c->sample != NULL)
		sqlite3_bind_text(c->statement, 1, c->sample, -1, SQLITE_STATIC);
	else
		sqlite_bind_where(c->statement, c->request);
	return 0;
}

static int
scan_start(struct rows *r, struct fail *f)
{
	struct scan *c = r->state;
	const struct driver_request *q = c->request;

	if (sqlite_begin(c->s, f) < 0 || sqlite_table_find(c->s, c->m, q->table, &c->table, f) < 0 || choose(c, r, f) < 0)
		return -1;
	if (q->which != DRIVER_HEAD && (c->table.rowid == NULL || q->nwhere > 0 || q->norder > 0)) {
		r->end = ROWS_REFUSED;
		return fail_set(f, "has no rowid");
	}
	if (c->table.view)
		sqlite_computes(c->s);
	sqlite3_limit(c->s->db, SQLITE_LIMIT_LENGTH, cell_limit(c));
	sqlite3_randomness(sizeof c->order, &c->order);
	if (q->which == DRIVER_SAMPLE && sqlite_sample(c->m, c->s, &c->table, q->limit, &c->sample, f) < 0)
		return -1;
	return prepare(c, f);
}

/* A cell was too large to be fetched with its row: goes on from there, reading large cells one by one where that can be done.
 */
static int
go_on_by_cell(struct scan *c, struct fail *f)
{
	c->by_cell = c->request->width != 0 && sqlite_cells_can(c->s, &c->table, c->chosen, c->n);
	if (!c->by_cell)
		sqlite3_limit(c->s->db, SQLITE_LIMIT_LENGTH, ROWS_CELL);
	return prepare(c, f);
}

static int
step(struct scan *c, struct fail *f)
{
	int more = sqlite_step(c->s, c->statement, f);

	if (more >= 0 || sqlite3_errcode(c->s->db) != SQLITE_TOOBIG || c->by_cell ||
	    sqlite3_limit(c->s->db, SQLITE_LIMIT_LENGTH, -1) == ROWS_CELL)
		return more;
	return go_on_by_cell(c, f) < 0 ? -1 : sqlite_step(c->s, c->statement, f);
}

/* The shortest text that reads back as the number it is; never one that reads as an integer. */
static void
put_real(struct buf *b, double v)
{
	char text[40];

	if (isinf(v)) {
		buf_puts(b, v < 0 ? "-Infinity" : "Infinity");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	buf_puts(b, text);
	if (strpbrk(text, ".en") == NULL)
		buf_puts(b, ".0");
}

static int
take_cell(struct scan *c, size_t i, struct rows_cell *cell, struct fail *f)
{
	int at = (int)i + c->by_cell;

	*cell = (struct rows_cell){.bytes = ""};
	c->places[i] = SIZE_MAX;
	switch (sqlite3_column_type(c->statement, at)) {
	case SQLITE_NULL:
		cell->type = ROWS_NULL;
		return 0;
	case SQLITE_FLOAT:
		cell->type = ROWS_REAL;
		c->places[i] = c->text.len;
		put_real(&c->text, sqlite3_column_double(c->statement, at));
		cell->len = c->text.len - c->places[i];
		return 0;
	case SQLITE_BLOB:
		cell->type = ROWS_BYTES;
		cell->bytes = sqlite3_column_blob(c->statement, at);
		break;
	case SQLITE_INTEGER:
		cell->type = ROWS_INTEGER;
		c->places[i] = c->text.len;
		buf_printf(&c->text, "%lld", sqlite3_column_int64(c->statement, at));
		cell->len = c->text.len - c->places[i];
		return 0;
	default:
		cell->type = ROWS_TEXT;
		cell->bytes = (const char *)sqlite3_column_text(c->statement, at);
	}
	cell->len = (size_t)sqlite3_column_bytes(c->statement, at);
	/* To have text as UTF-8 may take memory. */
	if (cell->bytes == NULL && sqlite3_errcode(c->s->db) == SQLITE_NOMEM)
		return sqlite_fail(c->s, f);
	return 0;
}

static int
read_cells(struct scan *c, struct fail *f)
{
	const struct sqlite_cells cells = {
	    .s = c->s,
	    .table = &c->table,
	    .chosen = c->chosen,
	    .n = c->n,
	    .width = c->request->width,
	    .cells = c->cells,
	    .text = &c->text,
	    .places = c->places,
	};

	return sqlite_cells_read(&cells, sqlite3_column_int64(c->statement, 0), f);
}

static int
take_row(struct scan *c, struct fail *f)
{
	c->text.len = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (take_cell(c, i, &c->cells[i], f) < 0)
			return -1;
	}
	if (c->by_cell && read_cells(c, f) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		if (c->places[i] != SIZE_MAX)
			c->cells[i].bytes = c->text.bytes + c->places[i];
		else if (c->cells[i].bytes == NULL)
			c->cells[i].bytes = "";
		rows_cut(&c->cells[i], c->request->width);
	}
	return 1;
}

static int
scan_next(struct rows *r, struct fail *f)
{
	struct scan *c = r->state;
	int more;

	if (c->request->limit == 0) {
		r->end = ROWS_CUT;
		return 0;
	}
	more = step(c, f);
	if (more < 0)
		return -1;
	if (more == 0 || c->given == c->request->limit) {
		r->end = more == 0 ? ROWS_COMPLETE : ROWS_CUT;
		return 0;
	}
	if (take_row(c, f) < 0)
		return -1;
	c->given++;
	r->cells = c->cells;
	r->ncells = c->n;
	return 1;
}

static void
scan_close(struct rows *r)
{
	struct scan *c = r->state;

	sqlite3_finalize(c->statement);
	sqlite_end(c->s);
	sqlite3_limit(c->s->db, SQLITE_LIMIT_LENGTH, ROWS_CELL);
	buf_free(&c->text);
}

struct rows *
sqlite_scan(struct mem *m, struct sqlite *s, const struct driver_request *request)
{
	static const struct rows_driver driver = {scan_start, scan_next, scan_close};
	struct scan *c = mem_alloc(m, sizeof *c);

	c->s = s;
	c->m = m;
	c->request = request;
	return rows_new(m, &driver, c);
}

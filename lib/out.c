#include "out.h"

#include <stdio.h>
#include <string.h>

#include "file.h"
#include "jsonline.h"
#include "magic.h"
#include "table.h"
#include "text.h"
#include "watch.h"

enum { FULL = 16 * 1024 }; /* bytes kept back before they are written */

static const int64_t PATIENCE = 100000000; /* nanoseconds a finished stream may wait to be written */

const char *const out_formats[] = {"tsv", "csv", "json", "table", "md", NULL};

struct out {
	struct out_options options;
	int fd;
	int dropped;
	int failed;
	struct fail failure;
	struct buf text, cell;
	int shown;       /* something finished was written */
	int64_t written; /* when the last of what came behind it was */
	int streams;     /* that have printed something */
	int opened;      /* the current one has */
	/* the current stream */
	enum out_kind kind;
	const char *ref;
	const struct rows_column *columns;
	size_t ncolumns, cut;
	struct table table;
	struct jsonline json;
	/* of the facts that come now */
	enum rows_cache cache;
	char as_of[32]; /* "": that of the options */
};

struct out *
out_open(struct mem *m, int fd, const struct out_options *options)
{
	struct out *o = mem_alloc(m, sizeof *o);

	o->options = *options;
	o->fd = fd;
	return o;
}

static int
flush(struct out *o)
{
	if (o->dropped)
		o->text.len = 0;
	if (o->options.before != NULL && o->text.len > 0)
		o->options.before();
	if (!o->failed && o->text.len > 0 && file_write(o->fd, o->text.bytes, o->text.len, &o->failure) < 0)
		o->failed = 1;
	o->text.len = 0;
	return o->failed ? -1 : 0;
}

/* Writes what has waited for long enough.  What is finished first does not wait at all, so that a command with one answer never
 * looks at the clock. */
static int
flush_if_due(struct out *o)
{
	int64_t now;

	if (o->text.len == 0)
		return o->failed ? -1 : 0;
	if (!o->shown) {
		o->shown = 1;
		return flush(o);
	}
	now = watch_now();
	if (o->text.len < FULL && now - o->written <= PATIENCE)
		return o->failed ? -1 : 0;
	o->written = now;
	return flush(o);
}

/* The bytes of a cell as text formats print them: with the mark of a cut, and harmless on a terminal. */
static struct rows_cell
cell_text(struct out *o, const struct rows_cell *c)
{
	o->cell.len = 0;
	if (o->options.terminal && o->options.format == OUT_CSV)
		text_show(&o->cell, c->bytes, c->len);
	else
		buf_add(&o->cell, c->bytes, c->len);
	if (c->cut) {
		buf_puts(&o->cell, "…");
		o->cut++;
	}
	return rows_bytes(o->cell.bytes, o->cell.len);
}

/* Called before a stream's first byte: several tables are separated by an empty line. */
static void
open_stream(struct out *o)
{
	if (o->opened)
		return;
	o->opened = 1;
	if (o->streams++ > 0 && o->options.format != OUT_JSON)
		buf_byte(&o->text, '\n');
}

/* csv and tsv */

static void
put_separator(struct out *o, size_t i)
{
	if (i > 0)
		buf_byte(&o->text, o->options.format == OUT_CSV ? ',' : '\t');
}

static void
put_cell(struct out *o, const struct rows_cell *c, int alone, enum text_quoting quoting)
{
	struct rows_cell marked;

	if (c->type == ROWS_NULL) {
		/* A line with nothing on it is no record, so a lone NULL is written as an empty string. */
		buf_puts(&o->text, o->options.format == OUT_TSV ? "\\N" : alone ? "\"\"" : "");
		return;
	}
	if (c->cut || o->options.terminal) {
		marked = cell_text(o, c);
		c = &marked;
	}
	if (o->options.format == OUT_CSV)
		text_csv(&o->text, c->bytes, c->len, quoting);
	else
		text_tsv(&o->text, c->bytes, c->len);
}

static void
put_delimited(struct out *o, const struct rows_cell *cells, size_t n)
{
	int ref = o->kind == OUT_DATA && o->options.ref;

	if (ref) {
		const struct rows_cell c = rows_text(o->ref);

		put_cell(o, &c, 0, TEXT_CELL);
	}
	for (size_t i = 0; i < n; i++) {
		put_separator(o, i + (size_t)ref);
		put_cell(o, &cells[i], n + (size_t)ref == 1, TEXT_CELL);
	}
	buf_byte(&o->text, '\n');
}

/* How a column's name is quoted: it must not mislead who reads the output again, for another delimiter or, the first one, for a
 * byte order mark or another format's magic. */
static enum text_quoting
quoting_of(const struct rows_cell *name, int first)
{
	const char *what;

	if (first && name->len > 0 &&
	    ((unsigned char)*name->bytes >= 0xef || magic_of(name->bytes, name->len, &what) != MAGIC_TEXT))
		return TEXT_ALWAYS;
	return TEXT_NAME;
}

static void
put_names(struct out *o)
{
	if (o->ncolumns == 0)
		return;
	open_stream(o);
	if (o->kind == OUT_DATA && o->options.ref)
		buf_puts(&o->text, "ref");
	for (size_t i = 0; i < o->ncolumns; i++) {
		const struct rows_cell c = rows_bytes(o->columns[i].name, o->columns[i].len);

		put_separator(o, i + (o->kind == OUT_DATA && o->options.ref));
		put_cell(o, &c, 0, quoting_of(&c, i == 0));
	}
	buf_byte(&o->text, '\n');
}

/* json */

static void
put_json(struct out *o, const struct rows_cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		o->cut += cells[i].cut;
	if (o->kind == OUT_DATA) {
		jsonline_data(&o->json, &o->text, o->ref, cells, n);
		return;
	}
	jsonline_open(&o->json, &o->text, cells, n);
	if (!names_has(&o->json.names, "method", 6))
		buf_printf(&o->text, ",\"method\":\"%s\"", o->options.method);
	if (!names_has(&o->json.names, "as_of", 5))
		buf_printf(&o->text, ",\"as_of\":\"%s\"", *o->as_of != '\0' ? o->as_of : o->options.as_of);
	buf_printf(&o->text, ",\"cache\":\"%s\"}\n", rows_caches[o->cache]);
}

/* md */

static void
put_markdown(struct out *o, const struct rows_cell *cells, size_t n)
{
	buf_byte(&o->text, '|');
	for (size_t i = 0; i < n || i < o->ncolumns; i++) {
		buf_byte(&o->text, ' ');
		if (i < n && cells[i].type != ROWS_NULL) {
			struct rows_cell t = cell_text(o, &cells[i]);

			text_markdown(&o->text, t.bytes, t.len);
		}
		buf_puts(&o->text, " |");
	}
	buf_byte(&o->text, '\n');
}

static void
put_markdown_head(struct out *o)
{
	open_stream(o);
	if (o->ref != NULL) {
		buf_puts(&o->text, "### ");
		text_markdown(&o->text, o->ref, strlen(o->ref));
		buf_puts(&o->text, "\n\n");
	}
	if (o->ncolumns == 0)
		return;
	buf_byte(&o->text, '|');
	for (size_t i = 0; i < o->ncolumns; i++) {
		buf_byte(&o->text, ' ');
		text_markdown(&o->text, o->columns[i].name, o->columns[i].len);
		buf_puts(&o->text, " |");
	}
	buf_puts(&o->text, "\n|");
	for (size_t i = 0; i < o->ncolumns; i++) {
		enum rows_type type = o->columns[i].type;

		buf_puts(&o->text, type == ROWS_INTEGER || type == ROWS_REAL ? " ---: |" : " --- |");
	}
	buf_byte(&o->text, '\n');
}

/* Streams */

static void
begin_table(struct out *o)
{
	open_stream(o);
	if (o->ref != NULL) {
		if (o->options.colour)
			buf_puts(&o->text, "\033[1m");
		text_show(&o->text, o->ref, strlen(o->ref));
		if (o->options.colour)
			buf_puts(&o->text, "\033[m");
		buf_byte(&o->text, '\n');
	}
	o->table = (struct table){.limit = o->options.columns, .types = o->kind == OUT_DATA, .colour = o->options.colour};
	table_begin(&o->table, &o->text, o->columns, o->ncolumns);
}

void
out_method(struct out *o, const char *method)
{
	o->options.method = method;
}

void
out_known(struct out *o, const struct rows *rows)
{
	struct mem m = {0};

	o->cache = rows->cache;
	*o->as_of = '\0';
	if (rows->as_of != 0 && o->options.format == OUT_JSON)
		snprintf(o->as_of, sizeof o->as_of, "%s", rows_timestamp(&m, rows->as_of).bytes);
	mem_free(&m);
}

void
out_begin(struct out *o, enum out_kind kind, const char *ref, const struct rows_column *columns, size_t n)
{
	o->kind = kind;
	o->ref = ref;
	o->columns = columns;
	o->ncolumns = n;
	o->cut = 0;
	o->opened = 0;
	if (o->options.format == OUT_TABLE)
		begin_table(o);
	else if (o->options.format == OUT_JSON)
		jsonline_start(&o->json, columns, n);
	else if (o->options.format == OUT_MD)
		put_markdown_head(o);
	else if (o->options.format == OUT_CSV || (o->options.format == OUT_TSV && o->options.header))
		put_names(o);
}

/* A fact may be long in coming, and is shown when it has come; data wait for their end. */
static int
row_done(struct out *o)
{
	if (o->kind == OUT_FACTS)
		return flush_if_due(o);
	return o->text.len >= FULL ? flush(o) : o->failed ? -1 : 0;
}

int
out_row(struct out *o, const struct rows_cell *cells, size_t n)
{
	open_stream(o);
	switch (o->options.format) {
	case OUT_TABLE:
		for (size_t i = 0; i < n; i++)
			o->cut += cells[i].cut;
		table_row(&o->table, cells, n);
		break;
	case OUT_MD:
		put_markdown(o, cells, n);
		break;
	case OUT_JSON:
		put_json(o, cells, n);
		break;
	default:
		put_delimited(o, cells, n);
		break;
	}
	return row_done(o);
}

int
out_takes_csv(const struct out *o)
{
	return o->options.format == OUT_CSV && !o->options.terminal && !o->options.ref;
}

int
out_stream_row(struct out *o, const struct rows *rows)
{
	if (rows->csv == NULL)
		return out_row(o, rows->cells, rows->ncells);
	open_stream(o);
	buf_add(&o->text, rows->csv, rows->csv_len);
	buf_byte(&o->text, '\n');
	return row_done(o);
}

int
out_end(struct out *o)
{
	if (o->options.format == OUT_TABLE)
		table_end(&o->table);
	else if (o->options.format == OUT_JSON)
		jsonline_free(&o->json);
	return flush_if_due(o);
}

size_t
out_cut(const struct out *o)
{
	return o->cut;
}

size_t
out_hidden(const struct out *o)
{
	return o->options.format == OUT_TABLE && !o->dropped ? o->table.hidden : 0;
}

void
out_drop(struct out *o)
{
	o->dropped = 1;
}

void
out_show(struct out *o)
{
	if (o->options.terminal)
		flush(o);
}

int
out_line(struct out *o, const char *text)
{
	buf_puts(&o->text, text);
	buf_byte(&o->text, '\n');
	return flush_if_due(o);
}

int
out_close(struct out *o, struct fail *f)
{
	int r = flush(o);

	if (r < 0)
		*f = o->failure;
	buf_free(&o->text);
	buf_free(&o->cell);
	return r;
}

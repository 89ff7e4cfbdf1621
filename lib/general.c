#include "general.h"

#include <stdlib.h>
#include <string.h>

#include "kept.h"
#include "number.h"

/* A stream that passes another one on. */
struct general {
	struct driver_database *db;
	struct mem *m;
	const struct driver_request *request;
	struct rows *inner;
	struct kept kept;
	int keeps, passed;
	uint64_t given;
};

static struct rows *
ask(struct general *g, const struct driver_request *request)
{
	return g->db->driver->ask(g->db, g->m, request);
}

/* A count, by reading the rows: of one column, as little of it as will do. */
static int
fill_count(struct rows *r, void *arg, struct fail *f)
{
	struct general *g = arg;
	const char *column = g->request->lines_of != NULL ? g->request->lines_of : "1";
	const uint64_t enough = g->request->at_least > 0 ? g->request->at_least : UINT64_MAX;
	const struct driver_request scan = {.operation = DRIVER_SCAN,
	    .table = g->request->table,
	    .columns = &column,
	    .ncolumns = 1,
	    .limit = enough,
	    .width = g->request->lines_of == NULL};
	struct rows *rows = ask(g, &scan);
	uint64_t records = 0, lines = 0;
	int more = rows_columns(rows, f), all;

	if (more == 0) {
		while ((more = rows_next(rows, f)) > 0) {
			const char *p = rows->ncells > 0 ? rows->cells[0].bytes : "";
			const char *end = rows->ncells > 0 ? p + rows->cells[0].len : p;

			records++;
			while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL)
				lines++, p++;
		}
	}
	all = records < enough && rows->end == ROWS_COMPLETE && rows->faults == 0;
	if (more == 0)
		rows_take_end(r, rows);
	r->end = rows->end;
	rows_close(rows);
	if (more < 0)
		return -1;
	const struct rows_cell cells[DRIVER_COUNT_FIELDS] = {
	    rows_integer(g->m, records),
	    g->request->lines_of != NULL ? rows_integer(g->m, lines) : rows_null(),
	    rows_null(),
	    rows_text(all ? "exact" : "at-least"),
	    rows_integer(g->m, records),
	    all ? rows_integer(g->m, records) : rows_null(),
	    rows_null(),
	};
	rows_made_add(r, cells);
	return 0;
}

/* The columns of one table, as its rows have them. */
static int
add_columns(struct rows *r, struct general *g, const char *table, struct fail *f)
{
	const struct driver_request scan = {.operation = DRIVER_SCAN, .table = table, .types = 1};
	struct rows *rows = ask(g, &scan);
	int known = rows_columns(rows, f);

	for (size_t i = 0; known == 0 && i < rows->ncolumns; i++) {
		const struct rows_column *c = &rows->columns[i];
		const struct rows_cell cells[DRIVER_COLUMNS_FIELDS] = {
		    rows_text(table),
		    rows_bytes(mem_copy(g->m, c->name, c->len), c->len),
		    rows_integer(g->m, i + 1),
		    rows_text(rows_type_name(c->type)),
		    rows_null(),
		    rows_null(),
		    rows_null(),
		    rows_text(mem_string(g->m, c->origin)),
		};

		rows_made_add(r, cells);
	}
	rows_close(rows);
	return known;
}

/* A file of delimited text is all of its database, which has its name. */
static int
is_all(const struct rows *tables)
{
	static const char file[] = "file";
	const struct rows_cell *kind = &tables->cells[1];

	return kind->len == sizeof file - 1 && memcmp(kind->bytes, file, kind->len) == 0;
}

static int
fill_columns(struct rows *r, void *arg, struct fail *f)
{
	struct general *g = arg;
	const struct driver_request list = {.operation = DRIVER_TABLES, .table = g->request->table, .all = g->request->all};
	struct rows *tables = ask(g, &list);
	int more = rows_columns(tables, f);

	while (more >= 0 && (more = rows_next(tables, f)) > 0) {
		const char *name = mem_copy(g->m, tables->cells[0].bytes, tables->cells[0].len);
		struct fail why;

		if (add_columns(r, g, name, &why) == 0)
			continue;
		if (is_all(tables)) {
			*f = why;
			more = -1;
			break;
		}
		rows_note(r, 1, "%s: %s", name, why.text);
	}
	r->end = tables->end;
	rows_close(tables);
	return more;
}

/* All of the schema, out of what is said of columns, indexes and foreign keys. */

struct line {
	const char *table, *kind, *name, *definition; /* the name may be NULL */
	uint64_t position;                            /* 0: none */
};

struct lines {
	struct general *g;
	struct line *list;
	size_t n;
	const struct rows_cell *cells; /* of the row at hand */
	size_t ncells;
};

/* A field of the row: NULL where it is, or where there is none. */
static const char *
field(const struct lines *l, size_t i)
{
	return i < l->ncells && l->cells[i].type != ROWS_NULL ? mem_copy(l->g->m, l->cells[i].bytes, l->cells[i].len) : NULL;
}

static int
says(const struct lines *l, size_t i, const char *what)
{
	const char *text = field(l, i);

	return text != NULL && strcmp(text, what) == 0;
}

static void
add_line(struct lines *l, const char *kind, const char *name, uint64_t position, struct buf *definition)
{
	l->list = mem_more(l->g->m, l->list, l->n, sizeof *l->list);
	l->list[l->n++] = (struct line){
	    field(l, 0), kind, name, mem_copy(l->g->m, definition->bytes, definition->len), position};
	definition->len = 0;
}

/* In front of `text`, where there is some. */
static void
add_words(struct buf *b, const char *words, const char *text)
{
	if (text != NULL)
		buf_printf(b, "%s%s", words, text);
}

static void
take_table(struct lines *l, struct buf *b)
{
	add_words(b, "", field(l, 1));
	add_line(l, "table", NULL, 0, b);
}

/* The columns of a primary key come in any order: each is a line of its own. */
static void
take_column(struct lines *l, struct buf *b)
{
	const char *position = field(l, 2);
	struct fail ignored;
	uint64_t n = 0;

	if (position != NULL)
		(void)number_integer(position, 0, UINT64_MAX, &n, &ignored);
	add_words(b, "", field(l, 3));
	buf_puts(b, says(l, 4, "false") ? " NOT NULL" : "");
	add_words(b, " DEFAULT ", field(l, 5));
	add_words(b, " PRIMARY KEY ", field(l, 6));
	add_line(l, "column", field(l, 1), n, b);
}

static void
take_index(struct lines *l, struct buf *b)
{
	const char *origin = field(l, 4);

	buf_puts(b, says(l, 3, "true") ? "UNIQUE " : "");
	buf_printf(b, "(%s)", field(l, 2) != NULL ? field(l, 2) : "");
	add_words(b, " WHERE ", field(l, 8));
	add_line(l, origin != NULL && *origin != '\0' ? origin : "index", field(l, 1), 0, b);
}

static void
take_foreign_key(struct lines *l, struct buf *b)
{
	buf_printf(b, "(%s)", field(l, 2) != NULL ? field(l, 2) : "");
	add_words(b, " REFERENCES ", field(l, 3));
	if (field(l, 4) != NULL)
		buf_printf(b, " (%s)", field(l, 4));
	add_words(b, " ON UPDATE ", says(l, 5, "NO ACTION") ? NULL : field(l, 5));
	add_words(b, " ON DELETE ", says(l, 6, "NO ACTION") ? NULL : field(l, 6));
	add_line(l, "foreign key", field(l, 1), 0, b);
}

/* Reads the answer to one question; who does not know it knows of none. */
static int
take_all(struct rows *r, struct lines *l, struct rows *rows, void (*take)(struct lines *l, struct buf *b), struct fail *f)
{
	struct buf b = {0};
	int more = rows_columns(rows, f);

	while (more >= 0 && (more = rows_next(rows, f)) > 0) {
		l->cells = rows->cells;
		l->ncells = rows->ncells;
		if (field(l, 0) != NULL)
			take(l, &b);
	}
	/* Each part adds what it could not have. */
	if (more == 0) {
		r->end = rows->end;
		r->faults += rows->faults;
		buf_add(&r->notes, rows->notes.bytes, rows->notes.len);
	}
	if (more < 0 && rows->end == ROWS_REFUSED)
		more = 0;
	buf_free(&b);
	rows_close(rows);
	return more;
}

static int
compare_texts(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int
by_place(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = compare_texts(x->table, y->table);

	order = order != 0 ? order : strcmp(x->kind, y->kind);
	order = order != 0 ? order : compare_texts(x->name, y->name);
	return order != 0 ? order : strcmp(x->definition, y->definition);
}

static int
fill_schema(struct rows *r, void *arg, struct fail *f)
{
	static const struct {
		enum driver_operation operation;
		void (*take)(struct lines *l, struct buf *b);
	} parts[] = {{DRIVER_TABLES, take_table}, {DRIVER_COLUMNS, take_column}, {DRIVER_INDEXES, take_index},
	    {DRIVER_FOREIGN_KEYS, take_foreign_key}};
	struct general *g = arg;
	struct lines l = {.g = g};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct driver_request *part = mem_alloc(g->m, sizeof *part);

		*part = (struct driver_request){
		    .operation = parts[i].operation, .table = g->request->table, .all = g->request->all};
		if (take_all(r, &l, general_ask(g->db, g->m, part), parts[i].take, f) < 0)
			return -1;
	}
	if (l.n > 0)
		qsort(l.list, l.n, sizeof *l.list, by_place);
	for (size_t i = 0; i < l.n; i++) {
		const struct line *line = &l.list[i];
		const struct rows_cell cells[DRIVER_SCHEMA_FIELDS] = {
		    rows_text(line->table),
		    rows_text(line->kind),
		    rows_text_or_null(line->name),
		    line->position > 0 ? rows_integer(g->m, line->position) : rows_null(),
		    rows_text(line->definition),
		};

		rows_made_add(r, cells);
	}
	return 0;
}

/* The last rows, or any, out of all that there are. */
static struct rows *
scan_all(struct general *g)
{
	struct driver_request *scan = mem_alloc(g->m, sizeof *scan);

	*scan = *g->request;
	scan->which = DRIVER_HEAD;
	scan->limit = UINT64_MAX;
	kept_start(&g->kept, g->request->limit, g->request->which == DRIVER_SAMPLE, g->request->seed);
	g->keeps = 1;
	return ask(g, scan);
}

/* Who knows no sizes may still know tables. */
static struct rows *
ask_without_sizes(struct general *g)
{
	struct driver_request *list = mem_alloc(g->m, sizeof *list);

	*list = *g->request;
	list->sizes = 0;
	return ask(g, list);
}

static struct rows *
another_way(struct general *g)
{
	switch (g->request->operation) {
	case DRIVER_COUNT:
		return driver_made(g->m, DRIVER_COUNT, fill_count, g);
	case DRIVER_COLUMNS:
		return driver_made(g->m, DRIVER_COLUMNS, fill_columns, g);
	case DRIVER_SCHEMA:
		return driver_made(g->m, DRIVER_SCHEMA, fill_schema, g);
	case DRIVER_TABLES:
		return ask_without_sizes(g);
	default:
		return scan_all(g);
	}
}

static int
general_start(struct rows *r, struct fail *f)
{
	struct general *g = r->state;

	if (rows_columns(g->inner, f) < 0) {
		r->end = g->inner->end;
		if (r->end != ROWS_REFUSED)
			return -1;
		rows_close(g->inner);
		g->inner = another_way(g);
		if (rows_columns(g->inner, f) < 0) {
			r->end = g->inner->end;
			return -1;
		}
	}
	r->columns = g->inner->columns;
	r->ncolumns = g->inner->ncolumns;
	return 0;
}

static int
pass_all(struct general *g, struct fail *f)
{
	int more;

	while ((more = rows_next(g->inner, f)) > 0) {
		if (kept_wants(&g->kept) && kept_row(&g->kept, g->inner->cells, g->inner->ncells, f) < 0)
			return -1;
	}
	kept_sort(&g->kept);
	g->passed = 1;
	return more;
}

/* Of rows from the end, or any, as many as were wanted are not known to be all, whatever who was asked for no more says. */
static void
take_end(struct rows *r, const struct general *g)
{
	const struct driver_request *q = g->request;

	rows_take_end(r, g->inner);
	if (q->which != DRIVER_HEAD && g->given >= q->limit && r->end == ROWS_COMPLETE)
		r->end = ROWS_CUT;
}

static int
general_next(struct rows *r, struct fail *f)
{
	struct general *g = r->state;
	int more;

	if (g->keeps) {
		if (!g->passed && pass_all(g, f) < 0) {
			r->end = g->inner->end;
			return -1;
		}
		more = kept_next(&g->kept, &r->cells, &r->ncells, f);
	} else {
		more = rows_next(g->inner, f);
		r->cells = g->inner->cells;
		r->ncells = g->inner->ncells;
		r->csv = g->inner->csv;
		r->csv_len = g->inner->csv_len;
	}
	g->given += more > 0;
	if (more == 0)
		take_end(r, g);
	if (more < 0)
		r->end = g->inner->end;
	return more;
}

static void
general_close(struct rows *r)
{
	struct general *g = r->state;

	rows_close(g->inner);
	if (g->keeps)
		kept_free(&g->kept);
}

struct rows *
general_ask(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	static const struct rows_driver driver = {general_start, general_next, general_close};
	struct rows *inner = db->driver->ask(db, m, request);
	struct general *g;

	if (request->operation != DRIVER_COUNT && request->operation != DRIVER_COLUMNS && request->operation != DRIVER_SCHEMA &&
	    request->which == DRIVER_HEAD && !request->sizes)
		return inner;
	g = mem_alloc(m, sizeof *g);
	*g = (struct general){.db = db, .m = m, .request = request, .inner = inner};
	return rows_new(m, &driver, g);
}

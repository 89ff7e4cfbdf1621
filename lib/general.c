#include "general.h"

#include <string.h>

#include "kept.h"

/* A stream that passes another one on. */
struct general {
	struct driver_database *db;
	struct mem *m;
	const struct driver_request *request;
	struct rows *inner;
	struct kept kept;
	int keeps, passed;
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

		if (add_columns(r, g, name, &why) < 0)
			rows_note(r, 1, "%s: %s", name, why.text);
	}
	r->end = tables->end;
	rows_close(tables);
	return more;
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
	if (more == 0)
		rows_take_end(r, g->inner);
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

	if (request->operation != DRIVER_COUNT && request->operation != DRIVER_COLUMNS && request->which == DRIVER_HEAD &&
	    !request->sizes)
		return inner;
	g = mem_alloc(m, sizeof *g);
	*g = (struct general){.db = db, .m = m, .request = request, .inner = inner};
	return rows_new(m, &driver, g);
}

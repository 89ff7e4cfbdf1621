#include "schema_now.h"

#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "schema_key.h"
#include "stamp.h"
#include "tsv.h"

enum { TABLE, KIND, NAME, POSITION, DEFINITION }; /* of the answer */
enum { SECOND = 1000000000 };                     /* nanoseconds */

struct schema_asked {
	struct schema_asked *before;
	const struct source *source;
	int64_t at;
};

/* Folders. */

struct folder {
	struct source *source;
	struct mem *m;
	const struct source_options *options;
};

static void
add_row_of_file(struct rows *r, struct mem *m, const char *name, const struct rows *from)
{
	struct rows_cell cells[DRIVER_SCHEMA_FIELDS];

	for (size_t i = 0; i < DRIVER_SCHEMA_FIELDS; i++) {
		cells[i] = i < from->ncells ? from->cells[i] : rows_null();
		cells[i].bytes = mem_copy(m, cells[i].bytes, cells[i].len);
	}
	cells[TABLE] = rows_text(name);
	rows_made_add(r, cells);
}

/* One file's rows, under its own name; what it says becomes notes about it. */
static int
add_file(struct rows *r, const struct folder *x, const char *name, struct fail *f)
{
	const struct driver_request request = {.operation = DRIVER_SCHEMA};
	struct source file;
	struct rows *rows;
	int more;

	if (source_open_table(&file, x->m, x->source, name, x->options, f) < 0)
		return -1;
	rows = source_ask(&file, x->m, &request);
	more = rows_columns(rows, f);
	while (more >= 0 && (more = rows_next(rows, f)) > 0)
		add_row_of_file(r, x->m, name, rows);
	if (more >= 0 && rows->faults > 0)
		more = fail_set(f, "not all of its schema can be had: %.*s", (int)strcspn(buf_string(&rows->notes), "\n"),
		    rows->notes.bytes);
	rows_close(rows);
	source_close(&file);
	return more;
}

static int
fill_folder(struct rows *r, void *arg, struct fail *f)
{
	const struct driver_request list = {.operation = DRIVER_TABLES};
	const struct folder *x = arg;
	struct rows *tables = source_ask(x->source, x->m, &list);
	int more = rows_columns(tables, f);

	while (more >= 0 && (more = rows_next(tables, f)) > 0) {
		const char *name = mem_copy(x->m, tables->cells[0].bytes, tables->cells[0].len);
		struct fail why;

		if (add_file(r, x, name, &why) < 0)
			rows_note(r, 1, "%s: %s", name, why.text);
	}
	r->end = tables->end;
	r->faults += tables->faults;
	buf_add(&r->notes, tables->notes.bytes, tables->notes.len);
	rows_close(tables);
	return more;
}

static struct rows *
make_folder(struct source *s, struct mem *m, const void *arg)
{
	struct folder *x = mem_alloc(m, sizeof *x);

	*x = (struct folder){s, m, arg};
	return driver_made(m, DRIVER_SCHEMA, fill_folder, x);
}

/* Asking. */

static void
ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	struct schema_now *n = arg;
	struct schema_asked *asked = mem_alloc(&n->run->mem, sizeof *asked);

	(void)m;
	*asked = (struct schema_asked){n->asked, s, stamp_now()};
	n->asked = asked;
	question_default(&q[0], DRIVER_SCHEMA, s->table);
	if (s->folder) {
		q[0].kind = "schema";
		q[0].make = make_folder;
		q[0].arg = &n->options;
	}
	if (!n->whole)
		return;
	question_default(&q[1], DRIVER_TABLES, s->table);
	q[1].request.all = 1;
}

void
schema_now_start(struct schema_now *n, struct tool_run *run, int whole, struct operands *o)
{
	static struct pool helpers;

	*n = (struct schema_now){.run = run, .whole = whole, .options = {.watch = &run->watch, .helpers = &helpers}};
	o->run = run;
	o->standard_input = 1;
	o->ask = ask;
	o->questions = whole ? 2 : 1;
	if (whole) {
		run->settings.refresh = !run->settings.cached && !run->settings.no_cache;
		run->settings.strict = 1;
	}
}

static int64_t
asked_at(const struct schema_now *n, const struct source *s, const struct rows *rows)
{
	const struct schema_asked *a = n->asked;
	int64_t kept;

	while (a->source != s)
		a = a->before;
	/* Of what is kept only the second is known: its end, if that is over. */
	kept = rows->as_of * SECOND + SECOND - 1;
	return rows->cache == ROWS_HIT && rows->as_of > 0 && kept < a->at ? kept : a->at;
}

/* Reading. */

static const char *
text(struct mem *m, const struct rows_cell *c)
{
	return c->type != ROWS_NULL ? mem_copy(m, c->bytes, c->len) : NULL;
}

static void
add_row(struct schema_answer *a, struct mem *m, const struct source *s, const struct rows_cell *cells)
{
	const struct schema_item *last = a->schema.nitems > 0 ? &a->schema.items[a->schema.nitems - 1] : NULL;
	const char *table = schema_key_table(s, mem_copy(m, cells[TABLE].bytes, cells[TABLE].len));
	struct schema_item item = {.table = table, .kind = text(m, &cells[KIND])};

	item.name = text(m, &cells[NAME]);
	item.definition = text(m, &cells[DEFINITION]);
	if (cells[POSITION].type != ROWS_NULL)
		item.position = strtoull(mem_copy(m, cells[POSITION].bytes, cells[POSITION].len), NULL, 10);
	if (last != NULL && strcmp(last->table, table) == 0)
		item.ref = last->ref;
	else
		item.ref = source_ref(s, m, s->folder || s->shared ? table : NULL);
	schema_add(&a->schema, m, &item);
}

static int
read_schema(struct schema_answer *a, struct mem *m, const struct source *s, struct rows *rows, struct fail *f)
{
	int more = rows_columns(rows, f);

	while (more >= 0 && (more = rows_next(rows, f)) > 0) {
		if (rows->ncells < DRIVER_SCHEMA_FIELDS || rows->cells[TABLE].type == ROWS_NULL ||
		    rows->cells[KIND].type == ROWS_NULL)
			return fail_set(f, "a row of the schema without its table or its kind");
		add_row(a, m, s, rows->cells);
	}
	if (more == 0)
		schema_sort(&a->schema, m);
	return more;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
read_names(struct schema_answer *a, struct mem *m, struct rows *rows, struct fail *f)
{
	int more = rows_columns(rows, f);

	while (more >= 0 && (more = rows_next(rows, f)) > 0) {
		a->names = mem_more(m, a->names, a->nnames, sizeof *a->names);
		a->names[a->nnames++] = mem_copy(m, rows->cells[0].bytes, rows->cells[0].len);
	}
	if (a->nnames > 0)
		qsort(a->names, a->nnames, sizeof *a->names, by_bytes);
	return more;
}

static int
is_whole(const struct schema_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->items[i].definition == NULL)
			return 0;
	}
	return 1;
}

/* True where a note begins with the name of a table and a colon. */
static int
is_noted(const struct schema_answer *a, const char *table)
{
	const char *p = a->notes, *end = p + a->notes_len, *line;
	size_t len, n = strlen(table);

	while (a->notes_len > 0 && tsv_line(&p, end, &line, &len)) {
		if (len > n && memcmp(line, table, n) == 0 && line[n] == ':')
			return 1;
	}
	return 0;
}

int
schema_now_has(const struct schema_answer *a, const char *table)
{
	return a->table != NULL || is_noted(a, table) ||
	       (a->nnames > 0 && bsearch(&table, a->names, a->nnames, sizeof *a->names, by_bytes) != NULL);
}

/* Tables of which not everything could be had are no schema to compare with: they are left out, and said.  How many; -1 where
 * something could not be had, and nobody says of which table. */
static long
leave_out(const struct schema_now *n, const struct source *s, struct schema_answer *a, const struct rows *rows, struct fail *f)
{
	size_t whole = 0, all = a->schema.ntables, noted = 0;

	for (size_t i = 0; i < a->nnames; i++)
		noted += is_noted(a, a->names[i]) != 0;
	/* What is odd in a folder is noted by its name, and may be no table. */
	if (rows->faults > 0 && noted == 0 && !s->folder)
		return fail_set(f, "not all of the schema can be had");
	for (size_t i = 0; i < all; i++) {
		const struct schema_table *t = &a->schema.tables[i];

		if (is_noted(a, t->name))
			continue;
		if (is_whole(t))
			a->schema.tables[whole++] = *t;
		else
			tool_complain(n->run, t->ref, "not all of its schema can be had at present");
	}
	a->schema.ntables = whole;
	return (long)(all - whole);
}

enum operands_result
schema_now_read(struct schema_now *n, struct mem *m, struct source *s, const char *ref, struct rows *const *rows,
    struct schema_answer *a, struct fail *f)
{
	int all = s->folder || (s->shared && s->table == NULL);
	long left_out = 0;

	*a = (struct schema_answer){.database = schema_key(s, m)};
	if (read_schema(a, m, s, rows[0], f) < 0)
		return OPERANDS_FAILED;
	out_known(n->run->out, rows[0]);
	a->asked = asked_at(n, s, rows[0]);
	if (!all && a->schema.ntables != 1)
		return fail_set(f, a->schema.ntables == 0 ? "nothing is known of that table" : "is more than one table");
	if (!all)
		a->table = a->schema.tables[0].name;
	else if (n->whole && read_names(a, m, rows[1], f) < 0)
		return OPERANDS_FAILED;
	tool_notes(n->run, ref, rows[0]);
	if (rows[0]->faults > 0) {
		a->notes = mem_copy(m, rows[0]->notes.bytes, rows[0]->notes.len);
		a->notes_len = rows[0]->notes.len;
	}
	if (n->whole && (left_out = leave_out(n, s, a, rows[0], f)) < 0)
		return OPERANDS_FAILED;
	return rows[0]->faults > 0 || left_out > 0 ? OPERANDS_PARTLY : OPERANDS_DONE;
}

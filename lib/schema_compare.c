#include "schema_compare.h"

#include <string.h>

#include "operands.h"
#include "schema_diff.h"
#include "schema_now.h"
#include "schema_recorded.h"
#include "schema_saved.h"

enum { FIELDS = 6 };

static const struct rows_column columns[FIELDS] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"change", 6, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"before", 6, ROWS_TEXT, ""},
    {"after", 5, ROWS_TEXT, ""},
};

/* One of two schemas. */
struct side {
	struct schema schema;
	int one; /* it is that of a table which was named */
};

struct comparing {
	struct schema_now now;
	struct tool_run *run;
	int differ, full;
	int as_is; /* the second is a reference, also where it looks like that of a version */
	struct side sides[2];
	int waiting[2]; /* sides that are to be asked for, in the order of the operands */
	int nwaiting;
};

static void
print(void *arg, const struct schema_change *x)
{
	struct comparing *c = arg;
	const struct rows_cell cells[FIELDS] = {
	    rows_text_or_null(x->table->ref),
	    rows_bytes(&x->what, 1),
	    rows_text(x->kind),
	    rows_text_or_null(x->name),
	    rows_text_or_null(x->before),
	    rows_text_or_null(x->after),
	};

	c->differ = 1;
	c->full |= out_row(c->run->out, cells, FIELDS) < 0;
}

/* Of tables that were recorded those are left out that are there, but whose schema could not be had. */
static void
leave_out(struct schema *recorded, const struct schema_answer *now)
{
	size_t n = 0;

	for (size_t i = 0; i < recorded->ntables; i++) {
		const char *name = recorded->tables[i].name;

		if (schema_find(&now->schema, name) != NULL || !schema_now_has(now, name))
			recorded->tables[n++] = recorded->tables[i];
	}
	recorded->ntables = n;
}

/* What is recorded of what has been asked. */
static int
read_recorded(struct schema *s, struct mem *m, const struct source *source, const struct schema_answer *now, struct fail *f)
{
	struct schema_history h;
	int found = now->database != NULL ? schema_history_open(&h, m, now->database, f) : 0, done;

	if (found < 0)
		return schema_current_where(f);
	if (found == 0 || (now->table != NULL && schema_current_find(&h.current, now->table) == NULL)) {
		if (found > 0)
			schema_history_close(&h);
		return fail_set(f, "was never recorded");
	}
	done = schema_recorded_last(&h, m, now->table, s, f);
	schema_history_close(&h);
	leave_out(s, now);
	for (size_t i = 0; i < s->ntables && done == 0; i++)
		s->tables[i].ref = source_ref(source, m, source->folder || source->shared ? s->tables[i].name : NULL);
	return done;
}

static enum operands_result
check(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct comparing *c = arg;
	struct schema recorded = {0};
	struct schema_answer now;
	enum operands_result result = schema_now_read(&c->now, m, s, ref, rows, &now, f);

	if (result == OPERANDS_FAILED || read_recorded(&recorded, m, s, &now, f) < 0)
		return OPERANDS_FAILED;
	schema_diff(m, &recorded, &now.schema, print, c);
	return c->full ? OPERANDS_STOP : result;
}

/* Asks for the operands, and says what they make. */
static int
each(struct comparing *c, struct tool_run *run,
    enum operands_result (*worker)(
	void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f))
{
	struct operands o = {.worker = worker, .arg = c};

	schema_now_start(&c->now, run, 1, &o);
	return operands_each(&o);
}

int
schema_check(struct tool_run *run)
{
	struct comparing c = {.run = run};
	int status;

	out_begin(run->out, OUT_FACTS, NULL, columns, FIELDS);
	status = each(&c, run, check);
	tool_end(run, NULL);
	return status == TOOL_DONE && c.differ ? TOOL_NO : status;
}

/* A database that is one of the sides; its schema outlives its answer. */
static enum operands_result
keep(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct comparing *c = arg;
	struct side *side = &c->sides[c->waiting[c->nwaiting++]];
	struct schema_answer now;
	enum operands_result result = schema_now_read(&c->now, &c->run->mem, s, ref, rows, &now, f);

	(void)m;
	side->schema = now.schema;
	side->one = result != OPERANDS_FAILED && now.table != NULL;
	return result;
}

/* A side that is no database: 1; 0 for one; -1. */
static int
read_side(struct side *side, struct tool_run *run, const char *text, struct fail *f)
{
	struct schema_at at;

	if (schema_at_parse(&at, &run->mem, text))
		return schema_at_read(&at, &run->mem, &side->schema, &side->one, f) < 0 ? -1 : 1;
	return schema_saved_read(&side->schema, &run->mem, text, &run->watch, f);
}

/* Fills the sides: TOOL_DONE, or the status to end with. */
static int
read_sides(struct comparing *c, struct tool_run *run, const char *const *texts)
{
	const char **databases = mem_array(&run->mem, 2, sizeof *databases);
	struct fail f;
	int n = 0;

	for (int i = 0; i < 2; i++) {
		int found = i == 1 && c->as_is ? 0 : read_side(&c->sides[i], run, texts[i], &f);

		if (found < 0) {
			tool_complain(run, texts[i], f.text);
			return TOOL_NONE;
		}
		if (found == 0) {
			c->waiting[n] = i;
			databases[n++] = texts[i];
		}
	}
	if (n == 0)
		return TOOL_DONE;
	run->operands = databases;
	run->noperands = (size_t)n;
	return each(c, run, keep) == TOOL_DONE ? TOOL_DONE : TOOL_NONE;
}

static int
compare(struct comparing *c, struct tool_run *run, const char *const *texts)
{
	struct side *a = &c->sides[0], *b = &c->sides[1];
	int status;

	out_begin(run->out, OUT_FACTS, NULL, columns, FIELDS);
	status = read_sides(c, run, texts);
	/* Two tables are compared with each other, whatever they are called. */
	if (status == TOOL_DONE && a->one && b->one)
		schema_diff_table(&run->mem, a->schema.ntables > 0 ? a->schema.tables : NULL,
		    b->schema.ntables > 0 ? b->schema.tables : NULL, print, c);
	else if (status == TOOL_DONE)
		schema_diff(&run->mem, &a->schema, &b->schema, print, c);
	tool_end(run, NULL);
	return status == TOOL_DONE && c->differ ? TOOL_NO : status;
}

int
schema_compare_two(struct tool_run *run)
{
	struct comparing c = {.run = run};
	const char *texts[2];
	struct schema_at at;
	struct schema saved = {0};
	struct fail f;

	if (run->noperands == 0 || run->noperands > 2)
		return tool_misuse(run, "--diff wants two schemas, or one database");
	memcpy(texts, run->operands, run->noperands * sizeof *texts);
	if (run->noperands == 2)
		return compare(&c, run, texts);
	if (schema_at_parse(&at, &run->mem, texts[0])) {
		texts[1] = at.ref;
		c.as_is = 1;
		return compare(&c, run, texts);
	}
	if (schema_saved_read(&saved, &run->mem, texts[0], &run->watch, &f) != 0)
		return tool_misuse(run, "--diff wants something to compare that file with");
	return schema_check(run);
}

#include "index_explain.h"

#include <string.h>
#include <unistd.h>

#include "definition.h"
#include "explained.h"
#include "file.h"
#include "operands.h"
#include "want.h"

enum {
	AHEAD = 64, /* queries that are asked before the first is worked on */
	BLOCK = 64 << 10,
	LONGEST = 64 << 20, /* bytes of standard input */
};

static const struct rows_column record[] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"query", 5, ROWS_INTEGER, ""},
    {"step", 4, ROWS_INTEGER, ""},
    {"access", 6, ROWS_TEXT, ""},
    {"table", 5, ROWS_TEXT, ""},
    {"index", 5, ROWS_TEXT, ""},
    {"covering", 8, ROWS_BOOLEAN, ""},
    {"verdict", 7, ROWS_TEXT, ""},
    {"would", 5, ROWS_TEXT, ""},
    {"detail", 6, ROWS_TEXT, ""},
    {"advice", 6, ROWS_TEXT, ""},
};

enum { FIELDS = sizeof record / sizeof *record };

struct index_explaining {
	struct tool_run *run;
	const struct index_flags *flags;
	struct buf text; /* the queries */
	struct wants wants;
	int scans;       /* one of them does */
	struct buf said; /* notes about the database at work, a line each */
};

/* What is asked. */

static void
ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	(void)arg, (void)m;
	catalog_questions(s, 0, q);
}

/* An index of the want file that the database does not have: the statement that makes it, or NULL; -1 where it cannot be had.
 */
static int
statement_for(struct mem *m, const struct catalog *c, enum index_sql_dialect dialect, const struct want *want, const char **sql,
    struct fail *f)
{
	struct driver_index x = want->index;
	struct catalog_table *t = definition_table(c, dialect, want, f);
	struct buf b = {0};

	*sql = NULL;
	if (t == NULL || definition_check(m, dialect, t, &x, f) < 0)
		return -1;
	if (definition_find(dialect, t, &x) != NULL)
		return 0;
	if (x.name == NULL)
		x.name = definition_name(m, c, dialect, t, &x);
	/* Another one of that name would be in its way, but is none of this question. */
	if (definition_named(c, dialect, t, x.name).table != NULL)
		x.name = mem_join(m, x.name, " (wanted)");
	index_sql_create(&b, dialect, t->name, &x);
	*sql = buf_kept(m, &b);
	return 0;
}

/* Those that cannot be had are complained about: how many. */
static size_t
add_wanted(struct index_explaining *a, struct explaining *e, const char *ref)
{
	const char **with = mem_array(e->m, a->wants.n + 1, sizeof *with);
	size_t wrong = 0;

	for (size_t i = 0; i < a->wants.n; i++) {
		const struct want *want = &a->wants.list[i];
		struct fail why, told;

		if (statement_for(e->m, e->catalog, e->dialect, want, &with[e->nwith], &why) < 0) {
			fail_set(&told, "%.100s:%zu: %.300s", a->flags->want, want->line, why.text);
			tool_complain(a->run, ref, told.text);
			wrong++;
		} else {
			e->nwith += with[e->nwith] != NULL;
		}
	}
	e->with = with;
	return wrong;
}

/* What is said. */

/* Each note once, though every query has it. */
static void
say_notes(struct index_explaining *a, const char *ref, const struct rows *rows)
{
	const char *p = rows->notes.bytes, *end = p + rows->notes.len, *newline;

	if (rows->notes.len == 0 || a->run->settings.quiet)
		return;
	for (; p < end && (newline = memchr(p, '\n', (size_t)(end - p))) != NULL; p = newline + 1) {
		struct buf line = {0};

		buf_add(&line, p, (size_t)(newline - p) + 1);
		if (strstr(buf_string(&a->said), buf_string(&line)) == NULL) {
			buf_add(&a->said, line.bytes, line.len);
			line.len--;
			tool_complain(a->run, ref, buf_string(&line));
		}
		buf_free(&line);
	}
}

/* A table has no room for sentences: there they are notes. */
static size_t
fields(const struct tool_run *run)
{
	return run->format == OUT_TABLE ? FIELDS - 1 : FIELDS;
}

static void
say_advice(const struct index_explaining *a, const struct explained *x, size_t number, const char *ref)
{
	struct buf line = {0};

	if (a->run->format != OUT_TABLE || x->advice == NULL || a->run->settings.quiet)
		return;
	buf_printf(&line, "query %zu: %s", number, x->advice);
	tool_complain(a->run, ref, buf_string(&line));
	buf_free(&line);
}

/* A record a step, or one for a query that has none.  Advice stands in the first. */
static int
print(struct index_explaining *a, const struct explaining *e, const struct explained *x, size_t number)
{
	static const struct step none = {.access = STEPS_OTHER};
	const char *database = source_ref(e->source, e->m, NULL);
	int status = 0;

	out_known(a->run->out, x->rows);
	for (size_t i = 0; status == 0 && (i < x->steps.n || i == 0); i++) {
		const struct step *p = x->steps.n > 0 ? &x->steps.list[i] : &none;
		const struct rows_cell cells[FIELDS] = {
		    rows_text(database),
		    rows_integer(e->m, number),
		    x->steps.n > 0 ? rows_integer(e->m, p->number) : rows_null(),
		    x->steps.n > 0 ? rows_text(steps_access_names[p->access]) : rows_null(),
		    rows_text_or_null(p->table),
		    rows_text_or_null(p->index),
		    p->table != NULL ? rows_boolean(p->covering) : rows_null(),
		    rows_text(advice_verdicts[x->verdict]),
		    x->steps.n > 0 ? rows_text_or_null(explained_would(e, x, i)) : rows_null(),
		    rows_text_or_null(p->detail),
		    rows_text_or_null(i == 0 ? x->advice : NULL),
		};

		status = out_row(a->run->out, cells, fields(a->run));
	}
	return status;
}

/* Work. */

/* One that has been asked. */
static enum operands_result
do_query(struct index_explaining *a, struct explaining *e, struct explained *x, size_t number, const char *ref, struct fail *f)
{
	enum operands_result r = OPERANDS_FAILED;
	struct fail why;

	if (explained_read(e, x, &why) < 0) {
		fail_set(f, "query %zu: %.450s", number, why.text);
	} else {
		r = print(a, e, x, number) < 0 ? OPERANDS_STOP : OPERANDS_DONE;
		a->scans |= x->verdict == ADVICE_SCAN;
		say_advice(a, x, number, ref);
		say_notes(a, ref, x->rows);
		if (x->more != NULL)
			say_notes(a, ref, x->more);
	}
	rows_close(x->rows);
	rows_close(x->more);
	return r;
}

/* Where all of them have failed, *f is what is wrong with the last one. */
static enum operands_result
do_queries(struct index_explaining *a, struct explaining *e, const char *ref, int partly, struct fail *f)
{
	size_t n, failed = 0, asked = 0;
	struct explained *list = explained_queries(e, a->text.bytes, a->text.len, &n);
	int stop = 0;

	for (size_t i = 0; i < n; i++) {
		enum operands_result r;

		for (; asked < n && (asked < i + 1 || asked % AHEAD > 0); asked++)
			explained_ask(e, &list[asked]);
		r = do_query(a, e, &list[i], i + 1, ref, f);
		if (r == OPERANDS_STOP) {
			stop = 1;
			n = asked;
		}
		failed += r == OPERANDS_FAILED;
		if (failed == n)
			return OPERANDS_FAILED;
		if (r == OPERANDS_FAILED)
			tool_complain(a->run, ref, f->text);
	}
	return stop ? OPERANDS_STOP : failed > 0 || partly ? OPERANDS_PARTLY : OPERANDS_DONE;
}

static int
is_refused(struct rows *const *rows)
{
	for (size_t i = 0; i < CATALOG_QUESTIONS; i++) {
		if (rows[i]->end == ROWS_REFUSED)
			return 1;
	}
	return 0;
}

static enum operands_result
explain(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct index_explaining *a = arg;
	struct catalog catalog;
	struct explaining e = {
	    .source = s, .m = m, .catalog = &catalog, .dialect = definition_dialect(s), .wanted = a->flags->want != NULL};

	if (s->table != NULL) {
		fail_set(f, "is a table: queries are explained by the database that it is in");
		return OPERANDS_FAILED;
	}
	/* What a helper does not know makes less advice, and no other plan. */
	if (catalog_read(&catalog, m, rows, f) < 0 && !is_refused(rows))
		return OPERANDS_FAILED;
	a->said.len = 0;
	return do_queries(a, &e, ref, add_wanted(a, &e, ref) > 0, f);
}

static int
read_standard_input(struct index_explaining *a, struct fail *f)
{
	ssize_t n = 1;

	while (n > 0) {
		n = file_read(STDIN_FILENO, buf_room(&a->text, BLOCK), BLOCK, &a->run->watch, 0, 0, f);
		if (n < 0)
			return fail_wrap(f, "standard input");
		a->text.len += (size_t)n;
		if (a->text.len > LONGEST)
			return fail_set(f, "standard input: queries of more than %d MiB", LONGEST >> 20);
	}
	if (memchr(buf_string(&a->text), '\0', a->text.len) != NULL)
		return fail_set(f, "standard input: a NUL byte among queries");
	return 0;
}

static int
read_queries(struct index_explaining *a, struct fail *f)
{
	const char *behind, *text;
	size_t len;

	if (strcmp(a->flags->explain, "-") != 0)
		buf_puts(&a->text, a->flags->explain);
	else if (read_standard_input(a, f) < 0)
		return -1;
	text = buf_string(&a->text);
	if (sqltokens_statement(text, text + a->text.len, SQLTOKENS_SQLITE, &behind, &len) == NULL)
		return fail_set(f, "there is no query to explain");
	return 0;
}

static int
run_operands(struct index_explaining *a)
{
	struct tool_run *run = a->run;
	struct operands o = {.run = run,
	    .questions = CATALOG_QUESTIONS,
	    .ask = ask,
	    .worker = explain,
	    .arg = a,
	    .readers = *a->flags->explain == '-'};
	int status;

	out_method(run->out, "plan");
	out_begin(run->out, OUT_FACTS, NULL, record, fields(run));
	status = operands_each(&o);
	tool_end(run, NULL);
	return status == TOOL_DONE && a->scans ? TOOL_NO : status;
}

int
index_explain(struct tool_run *run, const struct index_flags *flags)
{
	struct index_explaining a = {.run = run, .flags = flags};
	struct fail f;
	int status = TOOL_MISUSE;

	if (run->noperands == 0)
		return tool_misuse(run, "name the database whose plan is asked for");
	if (run->settings.cached)
		return tool_misuse(run, "--explain asks the database, which --cached forbids");
	if (flags->want != NULL && strcmp(flags->want, "-") == 0 && strcmp(flags->explain, "-") == 0)
		return tool_misuse(run, "--want - and --explain -: standard input can be read only once");
	if (read_queries(&a, &f) < 0) {
		tool_misuse(run, f.text);
	} else if (flags->want != NULL && want_read(&run->mem, flags->want, &run->watch, &a.wants, &f) < 0) {
		tool_complain(run, NULL, f.text);
		status = TOOL_NONE;
	} else {
		status = run_operands(&a);
	}
	buf_free(&a.text);
	buf_free(&a.said);
	return status;
}

#include "pg_scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "header.h"
#include "pg_quote.h"
#include "pg_sql.h"
#include "ref.h"

enum {
	ENOUGH = 20,  /* times the rows that are wanted are taken, so that they are not all of the same page */
	LEAST = 5000, /* rows that are taken, */
	WORTH = 4,    /* where the table has so many times more; else it is read */
	SIGNED = 63,  /* bits of a LIMIT */
};

static const char sampled[] = "a sample by TABLESAMPLE SYSTEM: any pages of the table, and any rows of those";

struct scan {
	struct mem *m;
	PGconn *connection;
	const struct driver_request *request;
	const struct pg_table *table;
	const long *chosen; /* positions of the columns that are wanted */
	size_t n;
	struct buf sql;
};

/* `t."name"`. */
static int
add_column(struct scan *s, long i, struct fail *f)
{
	buf_puts(&s->sql, "t.");
	return pg_quote(&s->sql, s->connection, s->table->columns[i].name, f);
}

static int
add_number(struct scan *s, const char *before, long i, const char *after, struct fail *f)
{
	buf_puts(&s->sql, before);
	if (add_column(s, i, f) < 0)
		return -1;
	buf_puts(&s->sql, after);
	return 0;
}

/* The front of a value, and one character more to show that there is one. */
static int
add_value(struct scan *s, long i, struct fail *f)
{
	size_t width = s->request->width;
	int all = width == 0 || width >= ROWS_CELL;
	char end[40];

	snprintf(end, sizeof end, ", 1, %zu)", (all ? (size_t)ROWS_CELL : width) + 1);
	switch (s->table->types[i].form) {
	case PG_BYTES:
		return add_number(s, PG "substr(", i, end, f);
	case PG_TEXT:
		return all ? add_column(s, i, f) : add_number(s, PG "substr(", i, end, f);
	case PG_OTHER:
		if (all)
			return add_column(s, i, f);
		if (add_number(s, "CASE WHEN " PG "num_nulls(", i, ")" EQ "0 THEN ", f) < 0 ||
		    add_number(s, PG "substr(" PG "format('%s', ", i, ")", f) < 0)
			return -1;
		buf_printf(&s->sql, "%s END", end);
		return 0;
	default:
		return add_column(s, i, f);
	}
}

static int
add_values(struct scan *s, const char *names, struct fail *f)
{
	for (size_t i = 0; i < s->n; i++) {
		buf_puts(&s->sql, i > 0 ? ", " : " ");
		if (add_value(s, s->chosen[i], f) < 0)
			return -1;
		if (names != NULL)
			buf_printf(&s->sql, " %s%zu", names, i);
	}
	return 0;
}

static int
add_from(struct scan *s, const char *how, struct fail *f)
{
	buf_puts(&s->sql, " FROM ");
	if (pg_table_name(&s->sql, s->connection, s->table, f) < 0)
		return -1;
	buf_printf(&s->sql, " t%s", how);
	return 0;
}

/* An operator that compares with a text is one of those that are the server's own. */
static int
add_where(struct scan *s, struct pg_statement *st, struct fail *f)
{
	const struct driver_request *q = s->request;
	const char **values = mem_array(s->m, q->nwhere, sizeof *values);

	for (size_t i = 0; i < q->nwhere; i++) {
		const struct driver_predicate *p = &q->where[i];
		long column = header_find(s->table->columns, s->table->n, p->column, f);

		if (column < 0)
			return -1;
		buf_puts(&s->sql, i == 0 ? " WHERE " : " AND ");
		/* A row of NULLs IS NULL, but is a value. */
		if (p->value == NULL) {
			const char *nulls = strcmp(p->op, "is null") == 0 ? ")" EQ "1" : ")" EQ "0";

			if (add_number(s, PG "num_nulls(", column, nulls, f) < 0)
				return -1;
			continue;
		}
		if (add_column(s, column, f) < 0)
			return -1;
		values[st->nvalues++] = p->value;
		buf_printf(&s->sql, PG_OPERATOR("%s") "$%d", p->op, st->nvalues);
	}
	st->values = values;
	return 0;
}

static int
add_order(struct scan *s, struct fail *f)
{
	const struct driver_request *q = s->request;

	for (size_t i = 0; i < q->norder; i++) {
		long column = header_find(s->table->columns, s->table->n, q->order[i].column, f);

		if (column < 0 ||
		    add_number(s, i == 0 ? " ORDER BY " : ", ", column, q->order[i].descending ? " DESC" : "", f) < 0)
			return -1;
	}
	return 0;
}

static int
scan_head(struct scan *s, struct pg_plan *plan, struct fail *f)
{
	const struct driver_request *q = s->request;

	buf_puts(&s->sql, "SELECT");
	if (add_values(s, NULL, f) < 0 || add_from(s, "", f) < 0 || add_where(s, &plan->statement, f) < 0 ||
	    add_order(s, f) < 0)
		return -1;
	if (q->limit >> (SIGNED - 1) == 0)
		buf_printf(&s->sql, " LIMIT %" PRIu64, q->limit + 1);
	if (q->offset > 0)
		buf_printf(&s->sql, " OFFSET %" PRIu64, q->offset >> SIGNED == 0 ? q->offset : INT64_MAX);
	plan->limit = q->limit;
	plan->statement.in_place = 1;
	return 0;
}

/* The names that the values have in a subquery. */
static void
add_names(struct scan *s)
{
	buf_puts(&s->sql, "SELECT");
	for (size_t i = 0; i < s->n; i++)
		buf_printf(&s->sql, "%sv%zu", i > 0 ? ", " : " ", i);
}

/* Which column has this number in the catalog. */
static long
column_of(const struct pg_table *t, long number)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->types[i].number == number)
			return (long)i;
	}
	return -1;
}

/* The last rows by their key, from the back, and turned round. */
static int
scan_tail(struct scan *s, struct fail *f)
{
	const char *key = s->table->key;
	char *end;
	size_t n = 0;

	add_names(s);
	buf_puts(&s->sql, " FROM (SELECT");
	if (add_values(s, "v", f) < 0)
		return -1;
	for (long k; (k = strtol(key, &end, 10)) > 0; key = end) {
		buf_puts(&s->sql, s->n > 0 || n > 0 ? ", " : " ");
		if (add_column(s, column_of(s->table, k), f) < 0)
			return -1;
		buf_printf(&s->sql, " k%zu", n++);
	}
	if (add_from(s, "", f) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		buf_printf(&s->sql, "%sk%zu DESC", i > 0 ? ", " : " ORDER BY ", i);
	buf_printf(&s->sql, " LIMIT %" PRIu64 ") s", s->request->limit);
	for (size_t i = 0; i < n; i++)
		buf_printf(&s->sql, "%sk%zu", i > 0 ? ", " : " ORDER BY ", i);
	return 0;
}

/* Any rows, in the order in which they were read. */
static int
scan_sample(struct scan *s, struct pg_plan *plan, struct fail *f)
{
	uint64_t limit = s->request->limit, taken = limit < LEAST / ENOUGH ? LEAST : ENOUGH * limit;
	char how[64] = "";

	if ((s->table->kind == 'r' || s->table->kind == 'm') && s->table->rows > WORTH * (double)taken) {
		snprintf(how, sizeof how, " TABLESAMPLE " PG "system (%.12g)", 100 * (double)taken / s->table->rows);
		plan->note = sampled;
	}
	add_names(s);
	buf_puts(&s->sql, " FROM (SELECT * FROM (SELECT");
	if (add_values(s, "v", f) < 0)
		return -1;
	buf_printf(&s->sql, "%s" PG "row_number() OVER () place", s->n > 0 ? ", " : " ");
	if (add_from(s, how, f) < 0)
		return -1;
	buf_printf(&s->sql, ") s ORDER BY " PG "random() LIMIT %" PRIu64 ") s ORDER BY place", limit);
	return 0;
}

/* True where the server is no better at it than who reads all rows. */
static int
is_refused(const struct scan *s)
{
	const struct driver_request *q = s->request;

	if (q->which == DRIVER_HEAD)
		return 0;
	return q->offset > 0 || q->nwhere > 0 || q->norder > 0 || q->limit >> 32 != 0 ||
	       (q->which == DRIVER_TAIL && s->table->key == NULL);
}

static int
choose_columns(struct scan *s, struct pg_plan *plan, struct fail *f)
{
	const struct driver_request *q = s->request;
	struct rows_column *columns;
	long *chosen;

	s->n = q->ncolumns > 0 ? q->ncolumns : s->table->n;
	s->chosen = chosen = mem_array(s->m, s->n, sizeof *chosen);
	plan->columns = columns = mem_array(s->m, s->n, sizeof *columns);
	plan->ncolumns = s->n;
	for (size_t i = 0; i < s->n; i++) {
		chosen[i] = (long)i;
		if (q->ncolumns > 0)
			chosen[i] = header_find(s->table->columns, s->table->n, q->columns[i], f);
		if (chosen[i] < 0)
			return -1;
		columns[i] = s->table->columns[chosen[i]];
		columns[i].name = mem_copy(s->m, columns[i].name, columns[i].len);
	}
	return 0;
}

static int
make_sql(struct scan *s, struct pg_plan *plan, struct fail *f)
{
	switch (s->request->which) {
	case DRIVER_TAIL:
		return scan_tail(s, f);
	case DRIVER_SAMPLE:
		return scan_sample(s, plan, f);
	default:
		return scan_head(s, plan, f);
	}
}

int
pg_scan_plan(struct mem *m, PGconn *connection, const struct driver_request *request, const struct pg_table *t,
    struct pg_plan *plan, enum rows_end *how, struct fail *f)
{
	struct scan s = {.m = m, .connection = connection, .request = request, .table = t};
	int r;

	if (choose_columns(&s, plan, f) < 0)
		return -1;
	plan->width = request->width;
	if (request->limit == 0)
		return 0;
	if (is_refused(&s)) {
		*how = ROWS_REFUSED;
		return fail_set(f, "it has no order to take these rows by");
	}
	r = make_sql(&s, plan, f);
	plan->statement.sql = buf_kept(m, &s.sql);
	return r;
}

/* What is shown as text or as a real number may be of any type, and of any length. */
static enum pg_form
form_of(enum rows_type type)
{
	return type == ROWS_BYTES ? PG_BYTES : type == ROWS_TEXT || type == ROWS_REAL ? PG_OTHER : PG_BOUNDED;
}

int
pg_scan_guess(struct mem *m, PGconn *connection, const struct driver_request *request, struct pg_plan *plan)
{
	const char *dot = request->table != NULL ? strchr(request->table, '.') : NULL;
	struct pg_column *forms = mem_array(m, request->nknown, sizeof *forms);
	struct driver_request all = *request;
	struct pg_table t = {.types = forms, .n = request->nknown};
	enum rows_end how;
	struct fail f;

	if (request->nknown == 0 || request->which != DRIVER_HEAD || request->limit == 0 || request->nwhere > 0 ||
	    request->norder > 0 || dot == NULL || strchr(dot + 1, '.') != NULL)
		return 0;
	t.schema = ref_decoded(m, request->table, (size_t)(dot - request->table));
	t.name = ref_decoded(m, dot + 1, strlen(dot + 1));
	t.columns = mem_array(m, t.n, sizeof *t.columns);
	for (size_t i = 0; i < t.n; i++) {
		t.columns[i] = request->known[i];
		forms[i].form = form_of(t.columns[i].type);
	}
	all.ncolumns = 0;
	return pg_scan_plan(m, connection, &all, &t, plan, &how, &f) == 0;
}

int
pg_scan_guessed(const struct pg_plan *plan, const struct driver_request *request)
{
	if (plan->ncolumns != request->nknown)
		return 0;
	for (size_t i = 0; i < plan->ncolumns; i++) {
		const struct rows_column *is = &plan->columns[i], *was = &request->known[i];

		if (is->type != was->type || is->len != was->len || memcmp(is->name, was->name, is->len) != 0)
			return 0;
	}
	return 1;
}

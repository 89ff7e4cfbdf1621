#include "explained.h"

#include <string.h>

#include "number.h"

/* How many rows a table has, as far as that matters. */
struct explained_size {
	struct explained_size *next;
	const char *table;
	int small;
};

struct explained *
explained_queries(const struct explaining *e, const char *text, size_t len, size_t *n)
{
	const char *end = text + len, *p = text, *sql;
	struct explained *list;
	size_t count = 0;

	while (sqltokens_statement(p, end, index_sql_tokens(e->dialect), &p, &len) != NULL)
		count++;
	list = mem_array(e->m, count + 1, sizeof *list);
	*n = 0;
	while (*n < count && (sql = sqltokens_statement(text, end, index_sql_tokens(e->dialect), &text, &len)) != NULL)
		list[(*n)++].sql = mem_copy(e->m, sql, len);
	return list;
}

void
explained_ask(struct explaining *e, struct explained *x)
{
	x->request = (struct driver_request){.operation = DRIVER_EXPLAIN, .sql = x->sql};
	x->rows = source_ask(e->source, e->m, &x->request);
	if (e->nwith == 0)
		return;
	x->request_with = x->request;
	x->request_with.with = e->with;
	x->request_with.nwith = e->nwith;
	x->more = source_ask(e->source, e->m, &x->request_with);
}

/* Sizes. */

/* Where there are no statistics so many rows are counted, and no more. */
static int
counts_few(struct explaining *e, const char *table)
{
	const struct driver_request request = {.operation = DRIVER_COUNT, .table = table, .at_least = ADVICE_FEW + 1};
	struct rows *rows = source_ask(e->source, e->m, &request);
	struct fail ignored;
	uint64_t n = UINT64_MAX;

	if (rows_columns(rows, &ignored) == 0 && rows_next(rows, &ignored) > 0 && rows->ncells > 0 &&
	    number_integer(mem_copy(e->m, rows->cells[0].bytes, rows->cells[0].len), 0, UINT64_MAX, &n, &ignored) < 0)
		n = UINT64_MAX;
	rows_close(rows);
	return n <= ADVICE_FEW;
}

static int
is_small(void *arg, const char *table)
{
	struct explaining *e = arg;
	const struct catalog_table *t = catalog_table(e->catalog, table);
	struct explained_size *size = e->sizes;

	if (t != NULL && t->rows != CATALOG_UNKNOWN)
		return t->rows <= ADVICE_FEW;
	while (size != NULL && strcmp(size->table, table) != 0)
		size = size->next;
	if (size == NULL) {
		size = mem_alloc(e->m, sizeof *size);
		*size = (struct explained_size){e->sizes, table, counts_few(e, table)};
		e->sizes = size;
	}
	return size->small;
}

/* Reading. */

static int
try_it(void *arg, struct mem *m, const char *sql, const char *const *with, size_t nwith, struct steps *steps)
{
	struct explaining *e = arg;
	const struct driver_request request = {.operation = DRIVER_EXPLAIN, .sql = sql, .with = with, .nwith = nwith};
	struct rows *rows = source_ask(e->source, m, &request);
	struct fail ignored;
	int r = steps_read(steps, m, rows, &ignored);

	rows_close(rows);
	return r;
}

static void
advise(struct explaining *e, struct explained *x, const struct query *q)
{
	const struct trial t = {.m = e->m,
	    .dialect = e->dialect,
	    .sql = x->sql,
	    .query = q,
	    .steps = &x->steps,
	    .able = e->dialect == INDEX_SQL_SQLITE,
	    .explain = try_it,
	    .arg = e};

	x->advice = advice_of(&t, x->verdict);
}

/* A database that has all of the indexes does what it does; one that does not tell is none that has failed. */
static int
read_would(const struct explaining *e, struct explained *x, struct fail *f)
{
	x->known = e->wanted;
	x->would = x->steps;
	if (x->more == NULL)
		return 0;
	x->known = steps_read(&x->would, e->m, x->more, f) == 0;
	if (!x->known && x->more->end != ROWS_REFUSED)
		return fail_wrap(f, "with the indexes of --want");
	if (!x->known)
		rows_note(x->more, 0, "what it would do with the indexes of --want is not known: %s", f->text);
	return 0;
}

int
explained_read(struct explaining *e, struct explained *x, struct fail *f)
{
	struct query q;
	int shape;

	if (steps_read(&x->steps, e->m, x->rows, f) < 0 || read_would(e, x, f) < 0)
		return -1;
	shape = query_read(&q, e->m, x->sql, index_sql_tokens(e->dialect), e->catalog);
	x->verdict = advice_judge(&x->steps, shape ? &q : NULL, is_small, e);
	if (shape)
		advise(e, x, &q);
	return 0;
}

/* Would. */

static const char *
words_for(struct mem *m, const struct step *p)
{
	struct buf b = {0};

	buf_puts(&b, steps_access_names[p->access]);
	if (p->index != NULL)
		buf_printf(&b, " %s", p->index);
	buf_puts(&b, p->covering ? " (covering)" : "");
	return buf_kept(m, &b);
}

/* Steps come in another order with other indexes: the same table, the same time, is the same place. */
const char *
explained_would(const struct explaining *e, const struct explained *x, size_t step)
{
	const struct step *p = &x->steps.list[step], *q;
	size_t which = 0;

	if (!x->known)
		return NULL;
	for (size_t i = 0; i < step; i++) {
		const struct step *b = &x->steps.list[i];

		if (p->access == STEPS_SORT ? b->access == STEPS_SORT
					    : p->table != NULL && b->table != NULL && strcmp(p->table, b->table) == 0)
			which++;
	}
	if (p->access == STEPS_SORT)
		return which < steps_count(&x->would, STEPS_SORT) ? "sort" : "nothing";
	q = p->table != NULL ? steps_reading(&x->would, p->table, which) : NULL;
	return q != NULL ? words_for(e->m, q) : NULL;
}

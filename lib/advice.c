#include "advice.h"

#include <string.h>

#include "advice_index.h"
#include "advice_like.h"
#include "advice_term.h"
#include "number.h"

const char *const advice_verdicts[] = {"ok", "small", "limit", "covering", "scan"};

static int
has_clause(const struct query *q, enum query_clause clause)
{
	return q->clauses[clause].end > q->clauses[clause].first;
}

/* Verdict. */

/* True where the query gives a few rows as they come: nothing is left out, put together or sorted before. */
static int
stops(const struct steps *steps, const struct query *q)
{
	const struct query_part *select = &q->clauses[QUERY_SELECT], *limit = &q->clauses[QUERY_LIMIT];
	struct fail ignored;
	uint64_t n;

	if (!sqltoken_is(&q->tokens[0], "select") || q->nsources != 1 || steps_count(steps, STEPS_SORT) > 0 || q->nterms > 0 ||
	    has_clause(q, QUERY_WHERE) || has_clause(q, QUERY_GROUP) || has_clause(q, QUERY_HAVING) ||
	    has_clause(q, QUERY_OTHER) || limit->end - limit->first != 1 ||
	    steps_count(steps, STEPS_SCAN) + steps_count(steps, STEPS_SEARCH) != 1)
		return 0;
	for (size_t i = select->first; i < select->end; i++) {
		/* Any function may be an aggregate. */
		if (sqltoken_is(&q->tokens[i], "(") || sqltoken_is(&q->tokens[i], "distinct"))
			return 0;
	}
	return number_integer(
		   mem_copy(q->m, q->tokens[limit->first].at, q->tokens[limit->first].len), 0, UINT64_MAX, &n, &ignored) == 0 &&
	       n <= ADVICE_FEW;
}

enum advice_verdict
advice_judge(const struct steps *steps, const struct query *q, int (*small)(void *arg, const char *table), void *arg)
{
	enum advice_verdict worst = ADVICE_OK;

	for (size_t i = 0; i < steps->n; i++) {
		const struct step *p = &steps->list[i];
		enum advice_verdict v = ADVICE_OK;

		if (p->access == STEPS_SCAN && p->table != NULL)
			v = small(arg, p->table) ? ADVICE_SMALL : p->covering ? ADVICE_COVERING : ADVICE_SCAN;
		worst = v > worst ? v : worst;
	}
	return worst > ADVICE_LIMIT && q != NULL && stops(steps, q) ? ADVICE_LIMIT : worst;
}

/* What is read whole, with nothing to find rows by. */

enum { COLUMNS = 6 }; /* of an index that is read in place of a table: with more it is no smaller */

/* The columns of a part; -1 where they are too many, or all. */
static int
add_columns(const struct query *q, struct query_part part, struct driver_key *keys, size_t *n)
{
	struct query_column here;

	for (size_t i = part.first; i < part.end; i++) {
		if (sqltoken_is(&q->tokens[i], "*") && !(i > 0 && sqltoken_is(&q->tokens[i - 1], "(")))
			return -1;
		if (!query_column(q, i, part.end, &here))
			continue;
		if (advice_key(keys, n, COLUMNS, here.column->name, 0) < 0)
			return -1;
		i += here.tokens - 1;
	}
	return 0;
}

/* The columns that the query reads of its only table, those that rows are put together by first; 0: not to be told, or too
 * many. */
static size_t
whole_columns(const struct query *q, struct driver_key keys[COLUMNS])
{
	static const enum query_clause clauses[] = {QUERY_GROUP, QUERY_SELECT, QUERY_HAVING, QUERY_ORDER};
	size_t n = 0;

	if (q->nsources != 1 || q->sources[0].table == NULL || q->nterms > 0 || has_clause(q, QUERY_WHERE) ||
	    has_clause(q, QUERY_LIMIT))
		return 0;
	for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++) {
		if (add_columns(q, q->clauses[clauses[i]], keys, &n) < 0)
			return 0;
	}
	return n;
}

/* Of an aggregate of all rows, or of groups of them. */
static void
advise_whole(struct buf *b, const struct trial *t)
{
	const struct query *q = t->query;
	struct driver_key keys[COLUMNS];
	size_t n = whole_columns(q, keys);
	enum trial_result r = n > 0 ? trial_keys(t, NULL, q->sources[0].table, keys, n, NULL) : TRIAL_UNKNOWN;

	if (r != TRIAL_SCANNED && r != TRIAL_SEARCHED)
		return;
	advice_add(b);
	buf_puts(b, r == TRIAL_SCANNED ? "without a WHERE every row is read: an index that holds all that is asked for, "
				       : "an index ");
	trial_write(b, t, q->sources[0].table, keys, n);
	buf_puts(b, r == TRIAL_SCANNED ? ", would be read in place of the table" : " would be searched");
}

/* Tables. */

/* The source that a step reads; NULL where there are several of that table, or none is known. */
static const struct query_source *
source_of(const struct trial *t, const struct step *p)
{
	const struct query_source *found = NULL;

	for (size_t i = 0; i < t->query->nsources; i++) {
		const struct query_source *s = &t->query->sources[i];

		if (s->table == NULL || strcmp(s->table->name, p->table) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = s;
	}
	return found;
}

static void
advise_table(struct buf *b, const struct trial *t, const struct query_source *s)
{
	size_t before = b->len;

	advice_like(b, t, s);
	if (b->len == before)
		advice_or(b, t, s);
	if (b->len == before)
		advice_expression(b, t, s);
	if (b->len == before)
		advice_index(b, t, s);
	if (b->len == before)
		advice_types(b, t, s);
	if (b->len == before)
		advice_negation(b, t, s);
}

const char *
advice_of(const struct trial *t, enum advice_verdict verdict)
{
	struct buf b = {0};
	const char *text = NULL;

	if (verdict == ADVICE_LIMIT) {
		const struct sqltoken *limit = &t->query->tokens[t->query->clauses[QUERY_LIMIT].first];

		buf_printf(&b, "LIMIT %.*s stops there in any case: an index gains nothing", (int)limit->len, limit->at);
	}
	for (size_t i = 0; verdict > ADVICE_LIMIT && i < t->steps->n; i++) {
		const struct step *p = &t->steps->list[i];
		const struct query_source *s = p->access == STEPS_SCAN && p->table != NULL ? source_of(t, p) : NULL;

		if (s != NULL)
			advise_table(&b, t, s);
	}
	if (verdict == ADVICE_SCAN && b.len == 0)
		advise_whole(&b, t);
	if (verdict > ADVICE_LIMIT)
		advice_order(&b, t);
	if (b.len > 0)
		text = mem_copy(t->m, b.bytes, b.len);
	buf_free(&b);
	return text;
}

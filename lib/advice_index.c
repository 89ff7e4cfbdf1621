#include "advice_index.h"

#include <string.h>

#include "advice_term.h"

enum { KEYS = 4 }; /* of an index that is tried */

/* Comparisons of columns. */

/* The columns that are compared by `operator` with something that is not of the source. */
static void
add_compared(const struct query *q, const struct query_source *s, enum advice_operator operator, size_t room,
    struct driver_key *keys, size_t *n)
{
	for (size_t i = 0; i < q->nterms && *n < room; i++) {
		struct advice_term term;
		struct query_column column;
		struct query_part other;

		advice_term(q, q->terms[i], &term);
		if (term.operator== operator&& !term.negated && advice_compared(q, &term, s, &column, &other))
			advice_key(keys, n, room, column.column->name, 0);
	}
}

/* Says which index has the column only behind another one that is not asked for. */
static void
say_behind(struct buf *b, const struct query_source *s, const struct driver_key *keys, size_t n)
{
	const struct catalog_index *x = advice_indexed(s->table, keys[0].text, 0);

	if (x == NULL || x->keys[0].column == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(keys[i].text, x->keys[0].column) == 0)
			return;
	}
	buf_printf(b, "%s begins with %s, which is not given: ", x->name, x->keys[0].column);
}

void
advice_index(struct buf *b, const struct trial *t, const struct query_source *s)
{
	struct driver_key keys[KEYS];
	size_t n = 0;

	add_compared(t->query, s, ADVICE_EQUAL, KEYS - 1, keys, &n);
	add_compared(t->query, s, ADVICE_RANGE, n + 1, keys, &n);
	if (n == 0)
		add_compared(t->query, s, ADVICE_LIKE, 1, keys, &n);
	if (n == 0 || trial_keys(t, NULL, s->table, keys, n, NULL) != TRIAL_SEARCHED)
		return;
	advice_add(b);
	say_behind(b, s, keys, n);
	buf_puts(b, "an index ");
	trial_write(b, t, s->table, keys, n);
	buf_puts(b, " would be searched");
}

/* Expressions. */

static int
has_expressions(const struct catalog_table *t)
{
	for (size_t i = 0; i < t->nindexes; i++) {
		for (size_t k = 0; k < t->indexes[i].nkeys; k++) {
			if (t->indexes[i].keys[k].column == NULL)
				return 1;
		}
	}
	return 0;
}

static void
advise_side(struct buf *b, const struct trial *t, const struct query_source *s, struct query_part side, struct query_part other)
{
	struct query_part part = query_stripped(t->query, side);
	struct query_column column, whole;
	struct buf expression = {0};
	struct driver_key key = {.expression = 1}, plain = {0};

	if (!query_only_column(t->query, part, &column) || column.source != s || query_is_column(t->query, part, &whole) ||
	    query_mentions(t->query, other, s))
		return;
	query_write(&expression, t->query, part);
	key.text = mem_copy(t->m, expression.bytes, expression.len);
	plain.text = column.column->name;
	buf_free(&expression);
	if (t->able ? trial_keys(t, NULL, s->table, &key, 1, NULL) != TRIAL_SEARCHED ||
			  trial_keys(t, NULL, s->table, &plain, 1, NULL) == TRIAL_SEARCHED
		    : has_expressions(s->table))
		return;
	advice_add(b);
	buf_printf(b, "an index of %s is not sorted by %s: ", plain.text, key.text);
	if (t->able) {
		buf_puts(b, "an index ");
		trial_write(b, t, s->table, &key, 1);
		buf_puts(b, " would be searched");
	} else {
		buf_puts(b, "one of the expression itself can be searched, where that is immutable");
	}
}

void
advice_expression(struct buf *b, const struct trial *t, const struct query_source *s)
{
	size_t before = b->len;

	for (size_t i = 0; i < t->query->nterms && b->len == before; i++) {
		struct advice_term term;

		advice_term(t->query, t->query->terms[i], &term);
		if ((term.operator!= ADVICE_EQUAL && term.operator!= ADVICE_RANGE) || term.negated)
			continue;
		advise_side(b, t, s, term.left, term.right);
		if (b->len == before)
			advise_side(b, t, s, term.right, term.left);
	}
}

/* OR. */

/* The columns of the sides; 0 where one of them compares none. */
static size_t
columns_of_sides(const struct trial *t, const struct query_source *s, struct query_part part, struct driver_key *keys)
{
	size_t from = part.first, n = 0;

	while (from < part.end) {
		size_t at = query_find(t->query, part, from, "or");
		struct advice_term term;
		struct query_column column;
		struct query_part other;

		advice_term(t->query, query_stripped(t->query, (struct query_part){from, at}), &term);
		if ((term.operator!= ADVICE_EQUAL && term.operator!= ADVICE_RANGE) || term.negated ||
		    !advice_compared(t->query, &term, s, &column, &other) ||
		    advice_key(keys, &n, TRIAL_INDEXES, column.column->name, 0) < 0)
			return 0;
		from = at + 1;
	}
	return n;
}

/* One index would be enough for one column. */
void
advice_or(struct buf *b, const struct trial *t, const struct query_source *s)
{
	for (size_t i = 0; i < t->query->nterms; i++) {
		struct query_part part = t->query->terms[i];
		struct driver_key keys[TRIAL_INDEXES];
		struct driver_index indexes[TRIAL_INDEXES];
		size_t n;

		if (query_find(t->query, part, part.first, "or") == part.end)
			continue;
		n = columns_of_sides(t, s, part, keys);
		for (size_t k = 0; k < n; k++)
			indexes[k] = (struct driver_index){.keys = &keys[k], .nkeys = 1};
		if (n < 2 || trial_with(t, NULL, s->table, indexes, n, NULL) != TRIAL_SEARCHED)
			continue;
		advice_add(b);
		buf_puts(b, "OR is searched where each side of it has an index: ");
		for (size_t k = 0; k < n; k++) {
			buf_puts(b, k > 0 ? ", " : "");
			trial_write(b, t, s->table, &keys[k], 1);
		}
	}
}

/* Types. */

/* A column of text that is compared with one of numbers is taken for numbers, which its index is not sorted as (datatype3.html,
 * 4.2).  That it is so is seen where the other one, made a text, finds by that index. */
void
advice_types(struct buf *b, const struct trial *t, const struct query_source *s)
{
	for (size_t i = 0; i < t->query->nterms; i++) {
		struct advice_term term;
		struct query_column column, with;
		struct query_part other;
		struct driver_key key = {0};
		struct buf cast = {0};
		const char *sql;

		advice_term(t->query, t->query->terms[i], &term);
		if (term.operator!= ADVICE_EQUAL || term.negated || !advice_compared(t->query, &term, s, &column, &other) ||
		    !query_is_column(t->query, other, &with))
			continue;
		key.text = column.column->name;
		buf_puts(&cast, "CAST(");
		buf_add(&cast, t->query->tokens[other.first].at,
		    (size_t)(t->query->tokens[other.end - 1].at + t->query->tokens[other.end - 1].len -
			     t->query->tokens[other.first].at));
		buf_puts(&cast, " AS TEXT)");
		sql = advice_rewritten(t, other, buf_string(&cast));
		buf_free(&cast);
		if (trial_keys(t, NULL, s->table, &key, 1, NULL) != TRIAL_UNUSED ||
		    trial_keys(t, sql, s->table, &key, 1, NULL) != TRIAL_SEARCHED)
			continue;
		advice_add(b);
		buf_printf(b, "%s (%s) is compared with %s (%s) as a number, which an index of it is not sorted by", key.text,
		    column.column->type != NULL ? column.column->type : "no type", with.column->name,
		    with.column->type != NULL ? with.column->type : "no type");
		return;
	}
}

/* What no index finds. */

/* PostgreSQL makes two ranges of NOT BETWEEN. */
static const char *
negation(const struct trial *t, const struct advice_term *term)
{
	if (term->operator== ADVICE_UNEQUAL)
		return "<>";
	if (!term->negated)
		return NULL;
	if (sqltoken_is(&t->query->tokens[term->at], "in"))
		return "NOT IN";
	return term->operator== ADVICE_LIKE ? "NOT LIKE" : NULL;
}

void
advice_negation(struct buf *b, const struct trial *t, const struct query_source *s)
{
	const char *said = NULL;
	struct driver_key key = {0};

	for (size_t i = 0; i < t->query->nterms; i++) {
		struct advice_term term;
		struct query_column column;

		advice_term(t->query, t->query->terms[i], &term);
		if (!query_mentions(t->query, t->query->terms[i], s))
			continue;
		if (negation(t, &term) == NULL || !query_is_column(t->query, term.left, &column) || column.source != s)
			return;
		said = negation(t, &term);
		key.text = column.column->name;
	}
	if (said == NULL || (t->able && !trial_fails(trial_keys(t, NULL, s->table, &key, 1, NULL))))
		return;
	advice_add(b);
	buf_printf(b, "no index of %s is searched for %s", key.text, said);
}

/* Order. */

/* The columns that rows are ordered by; -1 where there is something else. */
static int
add_ordered(const struct query *q, const struct query_source *s, struct driver_key *keys, size_t *n)
{
	struct query_part part = q->clauses[QUERY_ORDER];
	size_t before = *n;

	while (part.first < part.end) {
		size_t comma = query_find(q, part, part.first, ",");
		struct query_column column;
		int descending;

		if (!query_column(q, part.first, comma, &column) || column.source != s)
			return -1;
		part.first += column.tokens;
		descending = part.first < comma && sqltoken_is(&q->tokens[part.first], "desc");
		part.first += descending || sqltoken_is(&q->tokens[part.first], "asc");
		if (part.first < comma || advice_key(keys, n, 2 * KEYS, column.column->name, descending) < 0)
			return -1;
		part.first = comma + 1;
	}
	return *n > before ? 0 : -1;
}

void
advice_order(struct buf *b, const struct trial *t)
{
	const struct query *q = t->query;
	struct driver_key keys[2 * KEYS];
	struct steps with;
	size_t n = 0;

	if (q->nsources != 1 || q->sources[0].table == NULL || steps_count(t->steps, STEPS_SORT) == 0 ||
	    q->clauses[QUERY_GROUP].first > 0)
		return;
	add_compared(q, &q->sources[0], ADVICE_EQUAL, KEYS, keys, &n);
	if (add_ordered(q, &q->sources[0], keys, &n) < 0 ||
	    trial_keys(t, NULL, q->sources[0].table, keys, n, &with) == TRIAL_UNKNOWN ||
	    steps_count(&with, STEPS_SORT) >= steps_count(t->steps, STEPS_SORT))
		return;
	advice_add(b);
	buf_puts(b, "the rows are sorted for ORDER BY: an index ");
	trial_write(b, t, q->sources[0].table, keys, n);
	buf_puts(b, " has them in that order");
}

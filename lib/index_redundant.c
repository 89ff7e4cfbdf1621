#include "index_redundant.h"

#include <stdlib.h>
#include <string.h>

enum { WIDER = 2, LARGER = 3 };

static int
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int
same_key(const struct catalog_key *a, const struct catalog_key *b)
{
	return same(a->column, b->column) && same(a->expression, b->expression) &&
	       (a->column != NULL || a->expression != NULL) && same(a->collation, b->collation) && same(a->class, b->class) &&
	       same(a->family, b->family) && a->descending == b->descending && a->nulls_first == b->nulls_first;
}

static int
holds(const struct catalog_index *x, const char *column)
{
	for (size_t i = 0; i < x->nkeys; i++) {
		if (column != NULL && same(x->keys[i].column, column))
			return 1;
	}
	return 0;
}

static const char *
method(const struct catalog_index *x)
{
	return x->method != NULL ? x->method : "btree";
}

/* What such an index finds, and how fast, is also told by settings of it and of its classes: what only its statement says.  A
 * name that has the word in it makes it another one. */
static int
same_settings(const struct catalog_index *a, const struct catalog_index *b)
{
	const char *x = a->sql != NULL ? strstr(a->sql, " USING ") : NULL,
		   *y = b->sql != NULL ? strstr(b->sql, " USING ") : NULL;

	return x == NULL || y == NULL || a->nkeys != b->nkeys || strcmp(x, y) == 0;
}

int
index_redundant_keys(const struct catalog_index *a, const struct catalog_index *b)
{
	size_t na = catalog_key_count(a), nb = catalog_key_count(b);

	if (a == b || na == 0 || na > nb || strcmp(method(a), method(b)) != 0 || a->partial != b->partial ||
	    !same(a->predicate, b->predicate))
		return -1;
	/* Which rows it has is not known. */
	if (a->partial && a->predicate == NULL)
		return -1;
	if (strcmp(method(a), "btree") != 0 && (na < nb || !same_settings(a, b)))
		return -1;
	for (size_t i = 0; i < na; i++) {
		if (!same_key(&a->keys[i], &b->keys[i]))
			return -1;
	}
	for (size_t i = na; i < a->nkeys; i++) {
		if (!holds(b, a->keys[i].column))
			return -1;
	}
	return (int)(nb - na);
}

int
index_redundant_may_go(const struct catalog_index *x)
{
	return x->name != NULL && !x->unique && !x->replica && !x->clustered && x->of == NULL && same(x->origin, "index");
}

/* The indexes of a table in the order in which they are judged: what is kept for another reason first, then what does more.  So
 * whatever one may be redundant given stands before it. */
static int
by_weight(const void *a, const void *b)
{
	const struct catalog_index *x = *(const struct catalog_index *const *)a, *y = *(const struct catalog_index *const *)b;
	size_t keys_x = catalog_key_count(x), keys_y = catalog_key_count(y);
	int go_x = index_redundant_may_go(x), go_y = index_redundant_may_go(y);

	if (go_x != go_y)
		return go_x - go_y;
	if (keys_x != keys_y)
		return keys_x < keys_y ? 1 : -1;
	if (x->nkeys != y->nkeys)
		return x->nkeys < y->nkeys ? 1 : -1;
	return strcmp(x->name != NULL ? x->name : "", y->name != NULL ? y->name : "");
}

/* What an index is redundant given. */
struct given {
	const struct catalog_index *by;
	int more; /* keys */
	int wide;
};

static int
is_wide(const struct catalog_index *a, const struct catalog_index *b, int more)
{
	return more > WIDER || (a->bytes != CATALOG_UNKNOWN && b->bytes != CATALOG_UNKNOWN && b->bytes > a->bytes &&
				   b->bytes - a->bytes > (LARGER - 1) * a->bytes);
}

/* Of several, one that is not too large; then the one with fewest keys; then the first. */
static void
consider(struct given *g, const struct catalog_index *a, const struct catalog_index *b)
{
	int more = b->invalid || b->building || !finding_is_index(b) ? -1 : index_redundant_keys(a, b), wide;

	if (more < 0)
		return;
	wide = is_wide(a, b, more);
	if (g->by == NULL || wide < g->wide || (wide == g->wide && more < g->more))
		*g = (struct given){b, more, wide};
}

static const char *
reason_of(struct findings *all, const struct given *g)
{
	const char *by = g->by->name != NULL ? g->by->name : "the table itself";

	return finding_text(all->m, "%s %s the same keys%s", by, g->more == 0 ? "has" : "begins with",
	    g->wide ? ", but is so much larger that this one may earn its keep" : "");
}

static void
add(struct findings *all, const struct catalog_table *t, const struct catalog_index *x, const struct given *g)
{
	const char *own = finding_evidence(all->m, t, x), *others = finding_evidence(all->m, NULL, g->by);
	int advised = !g->wide && !t->partitioned;
	const struct finding f = {
	    .table = t->name,
	    .check = "dup",
	    .verdict = g->wide          ? "wide"
		       : t->partitioned ? "partitioned"
		       : g->more > 0    ? "prefix"
					: "duplicate",
	    .severity = advised ? FINDING_WARNING : FINDING_NOTICE,
	    .columns = finding_keys(all->m, all->dialect, x),
	    .reason = reason_of(all, g),
	    .sql = advised ? finding_drop(all, t, x) : NULL,
	    .evidence = *others != '\0' ? finding_text(all->m, "%s kept: %s", own, others) : own,
	    .name = x->name,
	};

	findings_add(all, &f);
}

static void
judge_table(const struct catalog_table *t, struct findings *all)
{
	const struct catalog_index **list = mem_array(all->m, t->nindexes, sizeof(const struct catalog_index *));
	size_t kept = 0;

	for (size_t i = 0; i < t->nindexes; i++)
		list[i] = &t->indexes[i];
	qsort(list, t->nindexes, sizeof(const struct catalog_index *), by_weight);
	for (size_t i = 0; i < t->nindexes; i++) {
		const struct catalog_index *x = list[i];
		struct given g = {0};

		if (!x->invalid && !x->building && index_redundant_may_go(x)) {
			for (size_t k = 0; k < kept; k++)
				consider(&g, x, list[k]);
		}
		if (g.by != NULL)
			add(all, t, x, &g);
		if (g.by == NULL || g.wide)
			list[kept++] = x;
	}
}

void
index_redundant(const struct catalog *c, struct findings *all)
{
	for (size_t i = 0; i < c->ntables; i++) {
		if (c->tables[i].nindexes > 1)
			judge_table(&c->tables[i], all);
	}
}

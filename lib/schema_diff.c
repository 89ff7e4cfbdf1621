#include "schema_diff.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "ref.h"

struct differ {
	struct mem *m;
	const struct schema_table *table; /* to be named */
	schema_diff_take *take;
	void *arg;
};

static void
say(const struct differ *d, char what, const struct schema_item *before, const struct schema_item *after)
{
	const struct schema_item *x = after != NULL ? after : before;
	const struct schema_change c = {
	    .what = what,
	    .table = d->table,
	    .kind = x->kind,
	    .name = x->name,
	    .before = before != NULL ? before->definition : NULL,
	    .after = after != NULL ? after->definition : NULL,
	};

	d->take(d->arg, &c);
}

/* What tells things without a name apart: so many bytes of the definition. */
static size_t
thing(const struct schema_item *x)
{
	const char *end = x->definition != NULL ? strchr(x->definition, ')') : NULL;

	if (x->definition == NULL || strcmp(x->kind, "primary key") == 0 || schema_is_table(x))
		return 0;
	return end != NULL ? (size_t)(end - x->definition) + 1 : strlen(x->definition);
}

/* By what makes two things the same one. */
static int
by_thing(const struct schema_item *x, const struct schema_item *y)
{
	int r = strcmp(x->kind, y->kind);
	size_t n, k;

	if (r == 0)
		r = schema_compare(x->name, y->name);
	if (r != 0 || x->name != NULL)
		return r;
	n = thing(x);
	k = thing(y);
	r = n > 0 && k > 0 ? memcmp(x->definition, y->definition, n < k ? n : k) : 0;
	return r != 0 ? r : (n > k) - (n < k);
}

static int
by_all(const void *a, const void *b)
{
	const struct schema_item *x = *(const struct schema_item *const *)a, *y = *(const struct schema_item *const *)b;
	int r = by_thing(x, y);

	return r != 0 ? r : schema_compare(x->definition, y->definition);
}

static const struct schema_item **
sorted(struct mem *m, const struct schema_table *t)
{
	const struct schema_item **items = mem_array(m, t->n + 1, sizeof(struct schema_item *));

	for (size_t i = 0; i < t->n; i++)
		items[i] = &t->items[i];
	if (t->n > 0)
		qsort(items, t->n, sizeof(struct schema_item *), by_all);
	return items;
}

/* How many from the first on are the same thing as it. */
static size_t
run_of(const struct schema_item **items, size_t n, const struct schema_item *like)
{
	size_t k = 0;

	while (k < n && by_thing(items[k], like) == 0)
		k++;
	return k;
}

/* Leaves out of both what is in both, as they are sorted: how many are left of each. */
static void
leave_out(const struct schema_item **a, size_t *na, const struct schema_item **b, size_t *nb)
{
	size_t i = 0, j = 0, ka = 0, kb = 0;

	while (i < *na || j < *nb) {
		int r = i == *na ? 1 : j == *nb ? -1 : schema_compare(a[i]->definition, b[j]->definition);

		if (r < 0)
			a[ka++] = a[i++];
		else if (r > 0)
			b[kb++] = b[j++];
		else
			i++, j++;
	}
	*na = ka;
	*nb = kb;
}

/* Things that are the same one: mostly one of each. */
static void
diff_same(const struct differ *d, const struct schema_item **a, size_t na, const struct schema_item **b, size_t nb)
{
	leave_out(a, &na, b, &nb);
	for (size_t i = 0; i < na || i < nb; i++)
		say(d, i >= nb ? '-' : i >= na ? '+' : '~', i < na ? a[i] : NULL, i < nb ? b[i] : NULL);
}

static void
diff_items(const struct differ *d, const struct schema_table *ta, const struct schema_table *tb)
{
	const struct schema_item **a = sorted(d->m, ta), **b = sorted(d->m, tb);
	size_t i = 0, j = 0;

	while (i < ta->n || j < tb->n) {
		const struct schema_item *first = i == ta->n || (j < tb->n && by_thing(b[j], a[i]) < 0) ? b[j] : a[i];
		size_t na = run_of(a + i, ta->n - i, first), nb = run_of(b + j, tb->n - j, first);

		diff_same(d, a + i, na, b + j, nb);
		i += na;
		j += nb;
	}
}

static int
is_column(const struct schema_item *x)
{
	return strcmp(x->kind, "column") == 0 && x->name != NULL;
}

static const char *
column_list(struct mem *m, const struct schema_table *t)
{
	struct buf b = {0};

	for (size_t i = 0; i < t->n; i++) {
		if (!is_column(&t->items[i]))
			continue;
		if (b.len > 0)
			buf_byte(&b, ',');
		ref_name(&b, t->items[i].name, strlen(t->items[i].name));
	}
	return buf_kept(m, &b);
}

static int
by_column(const void *a, const void *b)
{
	return strcmp((*(const struct schema_item *const *)a)->name, (*(const struct schema_item *const *)b)->name);
}

/* True where the columns that both have are in the same order. */
static int
same_order(struct mem *m, const struct schema_table *a, const struct schema_table *b)
{
	const struct schema_item **names = mem_array(m, a->n + 1, sizeof(struct schema_item *));
	uint64_t last = 0;
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		if (is_column(&a->items[i]))
			names[n++] = &a->items[i];
	}
	qsort(names, n, sizeof(struct schema_item *), by_column);
	for (size_t i = 0; i < b->n && n > 0; i++) {
		const struct schema_item *x = &b->items[i], *const * found;

		if (!is_column(x) || (found = bsearch(&x, names, n, sizeof(struct schema_item *), by_column)) == NULL)
			continue;
		if ((*found)->position < last)
			return 0;
		last = (*found)->position;
	}
	return 1;
}

static const struct schema_item *
own_item(const struct schema_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (schema_is_table(&t->items[i]))
			return &t->items[i];
	}
	return NULL;
}

static void
diff_whole(const struct differ *d, char what)
{
	const struct schema_item *item = own_item(d->table), none = {.kind = "table"};

	if (item == NULL)
		item = &none;
	if (what == '-')
		say(d, what, item, NULL);
	else
		say(d, what, NULL, item);
}

void
schema_diff_table(struct mem *m, const struct schema_table *a, const struct schema_table *b, schema_diff_take *take, void *arg)
{
	const struct differ d = {m, b != NULL ? b : a, take, arg};

	if (a == NULL || b == NULL) {
		if (a != b)
			diff_whole(&d, a == NULL ? '+' : '-');
		return;
	}
	diff_items(&d, a, b);
	if (!same_order(m, a, b)) {
		const struct schema_change c = {'~', d.table, "order", NULL, column_list(m, a), column_list(m, b)};

		take(arg, &c);
	}
}

void
schema_diff(struct mem *m, const struct schema *a, const struct schema *b, schema_diff_take *take, void *arg)
{
	size_t i = 0, j = 0;

	while (i < a->ntables || j < b->ntables) {
		int r = i == a->ntables ? 1 : j == b->ntables ? -1 : strcmp(a->tables[i].name, b->tables[j].name);

		schema_diff_table(m, r <= 0 ? &a->tables[i] : NULL, r >= 0 ? &b->tables[j] : NULL, take, arg);
		i += r <= 0;
		j += r >= 0;
	}
}

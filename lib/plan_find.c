#include "plan_find.h"

#include <stdint.h>
#include <string.h>

#include "definition.h"
#include "index_fk.h"
#include "index_redundant.h"
#include "ref.h"
#include "token.h"

/* What a change is found in. */
struct finding_in {
	struct mem *m;
	const struct catalog *c;
	enum index_sql_dialect dialect;
	struct catalog_table *t;
	struct fail *f;
};

static int
nothing(struct fail *f, const char *sentence)
{
	fail_set(f, "%s", sentence);
	return 0;
}

/* True where an index of an unfinished creation may be replaced. */
static int
is_leftover(const struct catalog_index *x)
{
	return x->invalid && !x->building && plan_keeps(x) == NULL;
}

/* The name of what is to be made, and whether it is free. */
static int
name_it(const struct finding_in *in, struct driver_index *x, const struct catalog_index **victim)
{
	struct definition_holder holder;

	if (x->name == NULL)
		x->name = definition_name(in->m, in->c, in->dialect, in->t, x);
	holder = definition_named(in->c, in->dialect, in->t, x->name);
	if (holder.table == NULL)
		return 0;
	if (holder.index == NULL)
		return fail_set(in->f, "%.100s is the name of a table", x->name);
	/* The server will tell. */
	if (holder.table == in->t && definition_alike(in->dialect, in->t, holder.index, x))
		return 0;
	if (holder.table != in->t || !is_leftover(holder.index))
		return fail_set(in->f, "%.100s is the name of another index: %.350s", x->name,
		    plan_definition(in->m, in->dialect, holder.index));
	*victim = holder.index;
	return 0;
}

static int
create(const struct finding_in *in, const struct driver_index *x, const char *why, struct plan_change *change)
{
	const struct catalog_index *have;

	*change = (struct plan_change){.action = PLAN_CREATE, .table = in->t, .index = *x, .why = why};
	if (definition_check(in->m, in->dialect, in->t, &change->index, in->f) < 0)
		return -1;
	have = definition_find(in->dialect, in->t, &change->index);
	if (have != NULL && have->building)
		return fail_set(in->f, "somebody is making it now: %.200s", have->name);
	if (have != NULL && !have->invalid)
		return nothing(in->f, "");
	/* What was not finished is made again, under its name where no other one is wanted. */
	if (have != NULL && is_leftover(have) && change->index.name == NULL) {
		change->index.name = have->name;
		change->victim = have;
		change->action = PLAN_REBUILD;
		return 1;
	}
	return name_it(in, &change->index, &change->victim) < 0 ? -1 : 1;
}

int
plan_find_want(struct mem *m, const struct catalog *c, enum index_sql_dialect dialect, struct catalog_table *t,
    const struct want *want, struct plan_change *change, struct fail *f)
{
	const struct finding_in in = {m, c, dialect, t, f};

	return create(&in, &want->index, finding_text(m, "wanted: line %zu", want->line), change);
}

/* The foreign key that a finding is about, by its columns and its name. */
static const struct catalog_foreign_key *
find_key(const struct catalog_table *t, const char *const *columns, size_t n, const char *name)
{
	for (size_t i = 0; i < t->nkeys; i++) {
		const struct catalog_foreign_key *k = &t->keys[i];
		size_t same = 0;

		while (same < n && k->ncolumns == n && k->columns[same].column != NULL &&
		       strcmp(k->columns[same].column, columns[same]) == 0)
			same++;
		if (same == n && k->ncolumns == n && (name == NULL || k->name == NULL || strcmp(k->name, name) == 0))
			return k;
	}
	return NULL;
}

static int
from_fk(const struct finding_in *in, const char *const *v, struct plan_change *change)
{
	const struct catalog_index *by;
	const struct catalog_foreign_key *k;
	struct driver_index x = {0};
	struct driver_key *keys;
	size_t n = 0;
	const char *const *columns = ref_names(in->m, v[FINDING_COLUMNS] != NULL ? v[FINDING_COLUMNS] : "", &n);

	k = n > 0 ? find_key(in->t, columns, n, v[FINDING_NAME]) : NULL;
	if (k == NULL)
		return nothing(in->f, "there is no such foreign key any more");
	if (index_fk_of(in->dialect, in->t, k, &by) == INDEX_FK_COVERED)
		return nothing(in->f, "the foreign key has an index now");
	if (!index_fk_can_be_covered(k))
		return nothing(in->f,
		    "no index of the foreign key's columns finds what refers to a row: their values are converted first");
	keys = mem_array(in->m, n, sizeof *keys);
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct driver_key){
		    .text = columns[i], .collation = k->columns[i].collated ? k->columns[i].collation : NULL};
	x.keys = keys;
	x.nkeys = n;
	return create(in, &x, v[FINDING_REASON], change);
}

/* True for an index that does the work of another one, and may be asked to. */
static int
does_the_work(const struct catalog_index *instead, const struct catalog_index *of)
{
	return !instead->invalid && !instead->building && instead->name != NULL && index_redundant_keys(of, instead) >= 0;
}

/* True for one that may be dropped next, because a third does its work. */
static int
may_follow(const struct catalog_table *t, const struct catalog_index *x, const struct catalog_index *first)
{
	for (size_t i = 0; i < t->nindexes && plan_keeps(x) == NULL; i++) {
		const struct catalog_index *third = &t->indexes[i];

		if (third != first && does_the_work(third, x) &&
		    (!does_the_work(x, third) || plan_keeps(third) != NULL || strcmp(third->name, x->name) < 0))
			return 1;
	}
	return 0;
}

/* Of those that do the work of one: the first that will stay, with fewest keys. */
static const struct catalog_index *
find_instead(const struct catalog_table *t, const struct catalog_index *x)
{
	const struct catalog_index *best = NULL;
	size_t least = 0;

	for (size_t i = 0; i < t->nindexes; i++) {
		const struct catalog_index *other = &t->indexes[i];
		size_t cost;

		if (!does_the_work(other, x))
			continue;
		cost = 2 * other->nkeys + (may_follow(t, other, x) ? SIZE_MAX / 2 : 0);
		if (best == NULL || cost < least) {
			best = other;
			least = cost;
		}
	}
	return best;
}

static void
drop(const struct finding_in *in, const struct catalog_index *x, const char *why, struct plan_change *change)
{
	*change = (struct plan_change){.action = PLAN_DROP, .table = in->t, .victim = x, .why = why};
	definition_of(in->m, in->dialect, x, &change->index);
}

static int
from_dup(const struct finding_in *in, const struct catalog_index *x, const char *const *v, struct plan_change *change)
{
	(void)v;
	drop(in, x, NULL, change);
	change->instead = find_instead(in->t, x);
	if (change->instead == NULL)
		return nothing(in->f, "no other index does its work any more");
	change->why = finding_text(in->m, "%s does its work", change->instead->name);
	return 1;
}

static int
from_unused(const struct finding_in *in, const struct catalog_index *x, const char *const *v, struct plan_change *change)
{
	if (index_fk_needs(in->dialect, in->t, x))
		return nothing(in->f, "a foreign key needs it");
	drop(in, x, v[FINDING_REASON], change);
	return 1;
}

/* Another one that is the same, and valid. */
static int
has_twin(const struct finding_in *in, const struct catalog_index *x)
{
	struct driver_index definition;
	const struct catalog_index *same;

	definition_of(in->m, in->dialect, x, &definition);
	same = definition_find(in->dialect, in->t, &definition);
	return same != NULL && !same->invalid && !same->building;
}

/* True where the statement that made it says more than a definition has. */
static int
says_more(struct mem *m, const struct catalog_index *x)
{
	static const char *const more[] = {"with", "tablespace", "distinct"};
	struct tokens t;
	struct fail ignored;
	size_t at;

	if (x->sql == NULL)
		return 0;
	if (token_read(m, x->sql, strlen(x->sql), &t, &at, &ignored) < 0)
		return 1;
	for (size_t i = 0; i < t.n; i++) {
		for (size_t k = 0; k < sizeof more / sizeof *more; k++) {
			if (token_is(&t.list[i], more[k]))
				return 1;
		}
	}
	return 0;
}

/* A leftover goes where the rule says so, or where there is another one by now; else it is finished. */
static int
from_invalid(const struct finding_in *in, const struct catalog_index *x, const char *const *v, struct plan_change *change)
{
	const char *verdict = v[FINDING_VERDICT];

	if (!x->invalid)
		return nothing(in->f, "it is valid now");
	if (x->building)
		return nothing(in->f, "somebody is making it now");
	drop(in, x, v[FINDING_REASON], change);
	if ((verdict != NULL && strcmp(verdict, "leftover") == 0) || has_twin(in, x))
		return 1;
	change->action = PLAN_REBUILD;
	if (definition_check(in->m, in->dialect, in->t, &change->index, in->f) < 0)
		return -1;
	if (!definition_same(in->dialect, in->t, x, &change->index) || says_more(in->m, x))
		return fail_set(in->f, "%.200s is more than can be planned: REINDEX it", x->name);
	return 1;
}

static const struct kind {
	const char *check;
	int (*find)(
	    const struct finding_in *in, const struct catalog_index *x, const char *const *v, struct plan_change *change);
} kinds[] = {{"dup", from_dup}, {"unused", from_unused}, {"invalid", from_invalid}};

int
plan_find_finding(struct mem *m, const struct catalog *c, enum index_sql_dialect dialect, struct catalog_table *t,
    const struct recordline *finding, struct plan_change *change, struct fail *f)
{
	const struct finding_in in = {m, c, dialect, t, f};
	const char *const *v = (const char *const *)finding->values;
	const char *check = v[FINDING_CHECK] != NULL ? v[FINDING_CHECK] : "";
	const struct catalog_index *x = v[FINDING_NAME] != NULL ? catalog_index(t, v[FINDING_NAME]) : NULL;

	if (strcmp(check, "fk") == 0)
		return from_fk(&in, v, change);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(check, kinds[i].check) != 0)
			continue;
		if (x == NULL)
			return nothing(f, "there is no such index any more");
		if (plan_keeps(x) != NULL)
			return fail_set(f, "%.200s stays: %s", x->name, plan_keeps(x));
		return kinds[i].find(&in, x, v, change);
	}
	return fail_set(f, "nothing can be planned of a finding '%.100s'", check);
}

static int
is_part(const struct catalog_table *part, const struct catalog_table *of)
{
	for (size_t i = 0; i < part->nkeys; i++) {
		if (part->keys[i].root != NULL && strcmp(part->keys[i].root, of->name) == 0)
			return 1;
	}
	return 0;
}

size_t
plan_find_parts(
    struct mem *m, const struct catalog *c, struct catalog_table *t, struct recordline *finding, struct catalog_table ***parts)
{
	size_t n = 0;

	*parts = mem_array(m, c->ntables + 1, sizeof(struct catalog_table *));
	if (!t->partitioned || finding->values[FINDING_CHECK] == NULL || strcmp(finding->values[FINDING_CHECK], "fk") != 0) {
		(*parts)[0] = t;
		return 1;
	}
	/* Theirs may have another name. */
	finding->values[FINDING_NAME] = NULL;
	for (size_t i = 0; i < c->ntables; i++) {
		if (!c->tables[i].partitioned && is_part(&c->tables[i], t))
			(*parts)[n++] = &c->tables[i];
	}
	return n;
}

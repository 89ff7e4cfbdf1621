#include "index_unusable.h"

#include <string.h>

#include "index_redundant.h"
#include "index_words.h"

/* A table, and what in SQL is one of its columns. */
struct judging {
	struct findings *all;
	const struct catalog_table *t;
	const char **columns;
	size_t n;
};

static const char *const rowids[] = {"rowid", "oid", "_rowid_"};

static int
is_constant(const struct judging *j, const char *sql)
{
	return sql != NULL && index_words_constant(sql, j->all->dialect, j->columns, j->n);
}

/* What the table is sorted by: its rowid, under the name that it has as a column; NULL. */
static const char *
rowid_of(const struct catalog_table *t)
{
	for (size_t i = 0; i < t->nindexes; i++) {
		if (!finding_is_index(&t->indexes[i]) && t->indexes[i].nkeys > 0)
			return t->indexes[i].keys[0].column;
	}
	return NULL;
}

static void
add(const struct judging *j, const struct catalog_index *x, const char *verdict, enum finding_severity severity,
    const char *reason, int drop)
{
	const struct finding f = {
	    .table = j->t->name,
	    .check = "unusable",
	    .verdict = verdict,
	    .severity = severity,
	    .columns = finding_keys(j->all->m, j->all->dialect, x),
	    .reason = reason,
	    .sql = drop && index_redundant_may_go(x) ? finding_drop(j->all, j->t, x) : NULL,
	    .evidence = finding_evidence(j->all->m, j->t, x),
	    .name = x->name,
	};

	findings_add(j->all, &f);
}

/* Keys that are no column: the first of them is named. */
static int
judge_keys(const struct judging *j, const struct catalog_index *x)
{
	const char *first = NULL;
	size_t constants = 0;

	for (size_t i = 0; i < x->nkeys; i++) {
		if (x->keys[i].column != NULL || !is_constant(j, x->keys[i].expression))
			continue;
		first = first != NULL ? first : x->keys[i].expression;
		constants++;
	}
	if (constants == 0)
		return 0;
	add(j, x, "constant", FINDING_ERROR,
	    finding_text(j->all->m, "its key %s is the same for all rows: no column has that name", first),
	    constants == x->nkeys);
	return 1;
}

static void
judge_rowid(const struct judging *j, const struct catalog_index *x)
{
	const char *rowid = rowid_of(j->t), *first = x->nkeys > 0 ? x->keys[0].column : NULL;

	if (rowid == NULL || first == NULL || strcmp(first, rowid) != 0 || x->partial)
		return;
	if (x->nkeys == 1)
		add(j, x, "rowid", FINDING_WARNING,
		    finding_text(j->all->m, "%s is the rowid: the rows stand in its order without an index", rowid), 1);
	else
		add(j, x, "rowid-led", FINDING_NOTICE,
		    finding_text(j->all->m,
			"%s is the rowid, by which rows are found without an index: it serves only to be read in place of the table",
			rowid),
		    0);
}

static void
judge_table(const struct judging *j)
{
	for (size_t i = 0; i < j->t->nindexes; i++) {
		const struct catalog_index *x = &j->t->indexes[i];

		if (!finding_is_index(x) || judge_keys(j, x))
			continue;
		if (is_constant(j, x->predicate))
			add(j, x, "constant-where", FINDING_ERROR,
			    finding_text(
				j->all->m, "its condition is the same for all rows: no column is named in %s", x->predicate),
			    0);
		else
			judge_rowid(j, x);
	}
}

void
index_unusable(const struct catalog *c, struct findings *all)
{
	for (size_t i = 0; i < c->ntables && all->dialect == INDEX_SQL_SQLITE; i++) {
		struct judging j = {.all = all, .t = &c->tables[i]};

		j.columns = mem_array(all->m, j.t->ncolumns + sizeof rowids / sizeof *rowids, sizeof *j.columns);
		for (size_t n = 0; n < j.t->ncolumns; n++)
			j.columns[j.n++] = j.t->columns[n].name;
		for (size_t n = 0; n < sizeof rowids / sizeof *rowids; n++)
			j.columns[j.n++] = rowids[n];
		judge_table(&j);
	}
}

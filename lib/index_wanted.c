#include "index_wanted.h"

#include <string.h>

#include "buf.h"
#include "definition.h"

/* What is to be said of a line. */
struct judged {
	const struct catalog *c;
	struct findings *all;
	const struct want *want;
	const struct catalog_table *t; /* NULL: there is none */
};

static void
add(const struct judged *j, const char *verdict, const char *reason, const char *sql)
{
	const struct want *w = j->want;
	struct buf keys = {0}, line = {0};
	struct finding f = {
	    .table = j->t != NULL                          ? j->t->name
		     : j->all->dialect == INDEX_SQL_SQLITE ? w->table
							   : w->qualified,
	    .check = "want",
	    .verdict = verdict,
	    .severity = strcmp(verdict, "missing") == 0 ? FINDING_WARNING : FINDING_ERROR,
	    .reason = finding_text(j->all->m, "line %zu of the want file: %s", w->line, reason),
	    .sql = sql,
	    .evidence = finding_evidence(j->all->m, j->t, NULL),
	    .name = w->index.name,
	};

	want_write_keys(&keys, &w->index, ",");
	want_write(&line, 1, f.table, &w->index);
	f.columns = buf_kept(j->all->m, &keys);
	f.apart = buf_kept(j->all->m, &line);
	findings_add(j->all, &f);
}

/* There is no such index: what would make it, if it can be made. */
static void
miss(const struct judged *j, struct driver_index *x)
{
	struct definition_holder holder = {0};
	struct buf sql = {0};

	if (x->name == NULL)
		x->name = definition_name(j->all->m, j->c, j->all->dialect, j->t, x);
	else
		holder = definition_named(j->c, j->all->dialect, j->t, x->name);
	if (holder.table != NULL) {
		add(j, "name-taken",
		    finding_text(j->all->m, "there is no such index, and %s is %s of %s", x->name,
			holder.index != NULL ? "another one" : "the name", holder.table->name),
		    NULL);
		return;
	}
	index_sql_create(&sql, j->all->dialect, j->t->name, x);
	add(j, "missing", "there is no such index", buf_kept(j->all->m, &sql));
}

static void
judge(struct judged *j, int part)
{
	struct driver_index x = j->want->index;
	const struct catalog_index *have;
	struct fail f;

	j->t = definition_table(j->c, j->all->dialect, j->want, &f);
	if (j->t == NULL) {
		if (!part)
			add(j, "no-table", f.text, NULL);
		return;
	}
	if (definition_check(j->all->m, j->all->dialect, j->t, &x, &f) < 0) {
		add(j, "wrong", f.text, NULL);
		return;
	}
	have = definition_find(j->all->dialect, j->t, &x);
	if (have == NULL)
		miss(j, &x);
	else if (have->invalid && !have->building)
		add(j, "invalid-index", finding_text(j->all->m, "%s was not finished", have->name),
		    finding_rebuild(j->all, j->t, have));
}

void
index_wanted(const struct catalog *c, const struct wants *wants, int part, struct findings *all)
{
	for (size_t i = 0; i < wants->n; i++) {
		struct judged j = {.c = c, .all = all, .want = &wants->list[i]};

		judge(&j, part);
	}
}

#include "trial.h"

#include <stdio.h>
#include <string.h>

#include "want.h"

/* No index has such a name but for spite; then nothing is said. */
static const char name_of_trial[] = "dbm trial";

static enum trial_result
judge(const struct steps *steps, const char *table)
{
	enum trial_result best = TRIAL_UNUSED;
	const struct step *p;

	for (size_t i = 0; (p = steps_reading(steps, table, i)) != NULL; i++) {
		if (p->index == NULL || strncmp(p->index, name_of_trial, sizeof name_of_trial - 1) != 0)
			continue;
		if (p->access == STEPS_SEARCH)
			return TRIAL_SEARCHED;
		best = p->covering ? TRIAL_SCANNED : best;
	}
	return best;
}

enum trial_result
trial_with(const struct trial *t, const char *sql, const struct catalog_table *table, const struct driver_index *indexes,
    size_t n, struct steps *steps)
{
	const char *with[TRIAL_INDEXES] = {NULL};
	struct buf statement = {0};
	struct steps own = {0};
	int r;

	if (!t->able || n > TRIAL_INDEXES)
		return TRIAL_UNKNOWN;
	for (size_t i = 0; i < n; i++) {
		struct driver_index x = indexes[i];
		char name[32];

		snprintf(name, sizeof name, "%s %zu", name_of_trial, i + 1);
		x.name = name;
		statement.len = 0;
		index_sql_create(&statement, t->dialect, table->name, &x);
		with[i] = mem_copy(t->m, statement.bytes, statement.len);
	}
	buf_free(&statement);
	steps = steps != NULL ? steps : &own;
	r = t->explain(t->arg, t->m, sql != NULL ? sql : t->sql, with, n, steps);
	return r == 0 ? judge(steps, table->name) : TRIAL_UNKNOWN;
}

enum trial_result
trial_keys(const struct trial *t, const char *sql, const struct catalog_table *table, const struct driver_key *keys, size_t n,
    struct steps *steps)
{
	return trial_with(t, sql, table, &(struct driver_index){.keys = keys, .nkeys = n}, 1, steps);
}

int
trial_fails(enum trial_result r)
{
	return r == TRIAL_UNUSED || r == TRIAL_SCANNED;
}

void
trial_write(struct buf *b, const struct trial *t, const struct catalog_table *table, const struct driver_key *keys, size_t n)
{
	want_write(b, t->dialect == INDEX_SQL_POSTGRESQL, table->name, &(struct driver_index){.keys = keys, .nkeys = n});
}

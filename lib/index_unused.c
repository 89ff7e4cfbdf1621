#include "index_unused.h"

#include <inttypes.h>
#include <string.h>

#include "index_fk.h"
#include "index_redundant.h"
#include "number.h"

enum { DAY = 24 * 3600, LONG = 30 * DAY };

static const int64_t SECOND = 1000000000;

/* Since when an index is idle. */
struct idle {
	int64_t start, unseen;
	int supposed;   /* nobody has looked at the index before `start`: it may have been made later */
	uint64_t scans; /* on replicas */
};

static struct idle
idle_of(const struct index_counters *with, const struct catalog_index *x)
{
	struct idle idle = {0};

	idle.start = index_scans_idle(with->seen, x->table, x->name, index_scans_time(x->since), with->now, &idle.unseen);
	for (size_t i = 0; i < with->nreplicas; i++) {
		const struct catalog_table *t = catalog_table(&with->replicas[i], x->table);
		const struct catalog_index *other = t != NULL ? catalog_index(t, x->name) : NULL;
		int64_t since;

		/* It is not on that one. */
		if (other == NULL)
			continue;
		since = index_scans_time(other->since);
		if (other->scans == CATALOG_UNKNOWN || since == 0)
			since = with->now;
		else
			idle.scans += other->scans;
		idle.start = since > idle.start ? since : idle.start;
	}
	idle.supposed = idle.start < index_scans_seen(with->seen, x->table, x->name);
	return idle;
}

static const char *
reason_of(const struct findings *all, const struct idle *idle, int early)
{
	char age[NUMBER_AGE], unseen[NUMBER_AGE];
	int64_t span = all->counters->now - idle->start;

	number_age(age, span * SECOND);
	number_age(unseen, idle->unseen * SECOND);
	if (span <= 0)
		return "it has not been used, but that is not counted, or not known since when, or only since now";
	return finding_text(all->m, "it has not been used for %s%s%s%s", age, idle->unseen > 0 ? ", of which nobody saw " : "",
	    idle->unseen > 0 ? unseen : "",
	    early            ? ", which is too early to say"
	    : idle->supposed ? ", or since it was made"
			     : "");
}

static void
judge(const struct catalog_table *t, const struct catalog_index *x, struct findings *all)
{
	const struct idle idle = idle_of(all->counters, x);
	int early = all->counters->now - idle.start < LONG;
	int advised = !early && !t->partitioned;
	const struct finding f = {
	    .table = t->name,
	    .check = "unused",
	    .verdict = early     ? "too-early"
		       : advised ? "unused"
				 : "partitioned",
	    .severity = advised ? FINDING_WARNING : FINDING_NOTICE,
	    .columns = finding_keys(all->m, all->dialect, x),
	    .reason = reason_of(all, &idle, early),
	    .sql = advised ? finding_drop(all, t, x) : NULL,
	    .evidence = finding_evidence(all->m, t, x),
	    .name = x->name,
	};

	if (idle.scans == 0)
		findings_add(all, &f);
}

int
index_unused_is_early(const struct finding *f)
{
	return strcmp(f->check, "unused") == 0 && strcmp(f->verdict, "too-early") == 0;
}

void
index_unused_sum(struct mem *m, struct finding *f, const char *table, size_t n)
{
	*f = (struct finding){
	    .table = table,
	    .check = f->check,
	    .verdict = f->verdict,
	    .severity = f->severity,
	    .reason = finding_text(
		m, "%zu indexes have not been used, for less than 30 days as far as is known, which is too early to say", n),
	};
}

void
index_unused(const struct catalog *c, struct findings *all)
{
	for (size_t i = 0; i < c->ntables; i++) {
		const struct catalog_table *t = &c->tables[i];

		for (size_t n = 0; n < t->nindexes; n++) {
			const struct catalog_index *x = &t->indexes[n];

			if (x->scans == 0 && !x->invalid && !x->building && index_redundant_may_go(x) &&
			    !index_fk_needs(all->dialect, t, x))
				judge(t, x, all);
		}
	}
}

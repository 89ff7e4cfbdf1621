#include "index_invalid.h"

#include <string.h>

#include "index_redundant.h"

/* PostgreSQL 15, REINDEX, "Rebuilding Indexes Concurrently". */
static int
is_of_reindex(const char *name)
{
	size_t len = strlen(name);

	while (len > 0 && name[len - 1] >= '0' && name[len - 1] <= '9')
		len--;
	return len > 6 && (strncmp(name + len - 6, "_ccnew", 6) == 0 || strncmp(name + len - 6, "_ccold", 6) == 0);
}

/* Another one that does the same, and is whole. */
static const struct catalog_index *
twin(const struct catalog_table *t, const struct catalog_index *x)
{
	for (size_t i = 0; i < t->nindexes; i++) {
		const struct catalog_index *other = &t->indexes[i];

		if (!other->invalid && other->unique >= x->unique && index_redundant_keys(x, other) == 0 &&
		    index_redundant_keys(other, x) == 0)
			return other;
	}
	return NULL;
}

static void
add(struct findings *all, const struct catalog_table *t, const struct catalog_index *x)
{
	const struct catalog_index *same = twin(t, x);
	int leftover = same != NULL || is_of_reindex(x->name);
	struct finding f = {
	    .table = t->name,
	    .check = "invalid",
	    .severity = FINDING_ERROR,
	    .columns = finding_keys(all->m, all->dialect, x),
	    .evidence = finding_evidence(all->m, t, x),
	    .name = x->name,
	};

	if (t->partitioned) {
		f.verdict = "incomplete";
		f.reason = "some partitions have no part of it, and so it cannot be used for all rows";
	} else if (leftover && x->of == NULL) {
		f.verdict = "leftover";
		f.sql = finding_drop(all, t, x);
		f.reason = same != NULL ? finding_text(all->m, "it was not finished, and %s does the same", same->name)
					: "it is what a REINDEX CONCURRENTLY that failed has left";
	} else {
		f.verdict = "invalid";
		f.sql = finding_rebuild(all, t, x);
		f.reason = x->unique
			       ? "it was not finished: writes keep it up, and no query can use it; it cannot be finished while "
				 "there are rows with the same keys"
			       : "it was not finished: writes keep it up, and no query can use it";
	}
	findings_add(all, &f);
}

void
index_invalid(const struct catalog *c, struct findings *all)
{
	for (size_t i = 0; i < c->ntables; i++) {
		const struct catalog_table *t = &c->tables[i];

		for (size_t n = 0; n < t->nindexes; n++) {
			if (t->indexes[n].invalid && !t->indexes[n].building && t->indexes[n].name != NULL)
				add(all, t, &t->indexes[n]);
		}
	}
}

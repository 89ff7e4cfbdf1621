#include "site.h"

#include <string.h>

#include "definition.h"
#include "ref.h"

/* All requests are made before the first answer is read: they are one round trip. */
static int
ask(struct sites *all, struct mem *m, struct site *site, struct fail *f)
{
	struct question q[CATALOG_QUESTIONS];
	struct rows *rows[CATALOG_QUESTIONS];
	struct source s = site->source;
	int r;

	s.table = NULL;
	catalog_questions(&s, all->sizes && s.server != NULL, q);
	for (size_t i = 0; i < CATALOG_QUESTIONS; i++)
		rows[i] = source_ask(&s, m, &q[i].request);
	r = catalog_read(&site->catalog, m, rows, f);
	for (size_t i = 0; i < CATALOG_QUESTIONS; i++) {
		if (r == 0)
			tool_notes(all->run, site->ref, rows[i]);
		rows_close(rows[i]);
	}
	return r;
}

int
site_open(struct sites *all, struct mem *m, const char *reference, struct site *site, struct fail *f)
{
	const struct source_options options = {
	    .watch = &all->run->watch, .standard_input = &all->readers, .helpers = &all->helpers};
	struct ref ref;

	*site = (struct site){0};
	if (ref_parse(m, reference, 0, &ref, f) < 0 || source_open(&site->source, m, &ref, &options, f) < 0)
		return -1;
	if (pool_over(&all->helpers))
		pool_close_others(&all->helpers);
	site->ref = source_ref(&site->source, m, NULL);
	site->dialect = definition_dialect(&site->source);
	if (site->source.scheme == NULL)
		fail_set(f, "is no database that has indexes");
	else if (ask(all, m, site, f) == 0)
		return 0;
	site_close(site);
	return -1;
}

void
site_close(struct site *site)
{
	source_close(&site->source);
}

struct catalog_table *
site_table(const struct site *site, struct fail *f)
{
	const struct want want = {.table = site->source.table, .qualified = site->source.table};

	if (site->source.table == NULL) {
		fail_set(f, "names no table");
		return NULL;
	}
	return definition_table(&site->catalog, site->dialect, &want, f);
}

/* The length of a reference without its table. */
static size_t
database_of(const char *ref)
{
	const char *hash = strrchr(ref, '#');

	return hash != NULL ? (size_t)(hash - ref) : strlen(ref);
}

int
site_is_same(const char *a, const char *b)
{
	return database_of(a) == database_of(b) && strncmp(a, b, database_of(a)) == 0;
}

void
sites_end(struct sites *all)
{
	pool_close(&all->helpers);
}

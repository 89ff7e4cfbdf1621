#include "schema_recorded.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "infer.h"
#include "number.h"
#include "ref.h"
#include "schema_key.h"
#include "scope.h"

/* A table is named as it was recorded, or by its last part where there is one of these. */
static const char *
find_table(const struct schema_current *c, struct mem *m, const char *table)
{
	const char *found = NULL;
	size_t n = 0;

	if (schema_current_find(c, table) != NULL)
		return table;
	for (size_t i = 0; i < c->n; i++) {
		const char *name = c->versions[i].table, *dot = strrchr(name, '.');

		if (strcmp(ref_decoded(m, name, strlen(name)), table) == 0 || (dot != NULL && strcmp(dot + 1, table) == 0)) {
			found = name;
			n++;
		}
	}
	return n == 1 ? found : NULL;
}

/* What is kept under one of the keys that a subject may have. */
static int
open_subject(struct schema_recorded *r, struct mem *m, const struct subject *subject, int folder, struct fail *f)
{
	const char *table, *key = schema_key_subject(subject, folder, m, &table);
	int found = schema_history_open(&r->history, m, key, f);

	if (found <= 0)
		return found;
	r->table = table != NULL ? find_table(&r->history.current, m, table) : NULL;
	if (table == NULL || r->table != NULL)
		return 1;
	schema_history_close(&r->history);
	return 0;
}

int
schema_recorded_open(struct schema_recorded *r, struct mem *m, const char *text, int raw, struct fail *f)
{
	struct subject subjects[SCOPE_MOST];
	struct ref ref;
	int n = ref_parse(m, text, raw, &ref, f) < 0 ? -1 : scope_of(m, &ref, subjects, f), found = 0;

	for (int i = 0; i < n && found == 0; i++) {
		found = open_subject(r, m, &subjects[i], 0, f);
		if (found == 0)
			found = open_subject(r, m, &subjects[i], 1, f);
	}
	return n < 0 ? -1 : found < 0 ? schema_current_where(f) : found;
}

int
schema_recorded_last(struct schema_history *h, struct mem *m, const char *table, struct schema *s, struct fail *f)
{
	for (size_t i = 0; i < h->current.n; i++) {
		const struct schema_version *v = &h->current.versions[i];

		if ((table == NULL || strcmp(table, v->table) == 0) && schema_history_read(h, m, v, s, f) < 0)
			return schema_current_where(f);
	}
	schema_sort(s, m);
	return 0;
}

int
schema_at_parse(struct schema_at *at, struct mem *m, const char *text)
{
	const char *sign = strrchr(text, '@');
	double seconds;
	struct stat st;
	struct fail f;

	*at = (struct schema_at){0};
	if (sign == NULL || sign == text || stat(text, &st) == 0)
		return 0;
	at->ref = mem_copy(m, text, (size_t)(sign - text));
	switch (infer_value(sign + 1, strlen(sign + 1), &seconds)) {
	case ROWS_INTEGER:
		return number_integer(sign + 1, 1, UINT64_MAX, &at->version, &f) == 0;
	case ROWS_DATE:
	case ROWS_TIMESTAMP:
		at->time = (int64_t)seconds;
		return 1;
	default:
		return 0;
	}
}

static int
is_meant(const struct schema_at *at, const struct schema_recorded *r, const struct schema_version *v)
{
	if (r->table != NULL && strcmp(r->table, v->table) != 0)
		return 0;
	return at->version > 0 ? v->version == at->version : v->time / 1000000000 <= at->time;
}

/* The last of each table that is meant. */
static int
read_meant(const struct schema_at *at, struct schema_recorded *r, struct mem *m, struct schema *s, struct fail *f)
{
	struct schema_current then = {0};
	struct schema_version *all;
	size_t n;

	if (schema_history_all(&r->history, m, &all, &n, f) < 0)
		return schema_current_where(f);
	for (size_t i = 0; i < n; i++) {
		if (is_meant(at, r, &all[i]))
			schema_current_set(&then, m, &all[i]);
	}
	if (then.n == 0)
		return at->version > 0 ? fail_set(f, "has no such version") : fail_set(f, "was not recorded until then");
	then.database = r->history.current.database;
	r->history.current = then;
	return schema_recorded_last(&r->history, m, r->table, s, f);
}

int
schema_at_read(const struct schema_at *at, struct mem *m, struct schema *s, int *one, struct fail *f)
{
	struct schema_recorded r;
	int found = schema_recorded_open(&r, m, at->ref, 0, f);

	if (found < 0)
		return -1;
	if (found == 0)
		return fail_set(f, "was never recorded");
	*one = r.table != NULL;
	found = at->version > 0 && !*one ? fail_set(f, "names no table: only tables have numbers of versions")
					 : read_meant(at, &r, m, s, f);
	/* Printed as a reference that leads there from everywhere. */
	for (size_t i = 0; i < s->ntables && found == 0; i++)
		s->tables[i].ref = schema_key_ref(r.history.current.database, s->tables[i].name, m);
	schema_history_close(&r.history);
	return found;
}

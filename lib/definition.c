#include "definition.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "definition_sql.h"
#include "hash.h"
#include "ref.h"
#include "token.h"

enum { LONGEST = 63 }; /* bytes of a name (PostgreSQL, NAMEDATALEN) */

enum index_sql_dialect
definition_dialect(const struct source *s)
{
	return s->server != NULL ? INDEX_SQL_POSTGRESQL : INDEX_SQL_SQLITE;
}

/* As the engine compares names. */
static int
same_name(enum index_sql_dialect dialect, const char *a, const char *b)
{
	return (dialect == INDEX_SQL_SQLITE ? strcasecmp : strcmp)(a, b) == 0;
}

/* Tables. */

/* The last part of a qualified name. */
static const char *
last_part(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL ? dot + 1 : name;
}

static int
is_system(const struct catalog_table *t)
{
	return t->kind != NULL && strcmp(t->kind, "system") == 0;
}

/* How well a table is the one that was written: 0 not at all. */
static int
matches(enum index_sql_dialect dialect, const struct catalog_table *t, const struct want *want)
{
	if (dialect == INDEX_SQL_SQLITE)
		return strcmp(t->name, want->table) == 0 ? 2 : strcasecmp(t->name, want->table) == 0;
	if (strcmp(t->name, want->qualified) == 0)
		return 2;
	return strchr(want->qualified, '.') == NULL && !is_system(t) && strcmp(last_part(t->name), want->qualified) == 0;
}

static void
list_tables(struct buf *b, const struct catalog *c, enum index_sql_dialect dialect, const struct want *want)
{
	enum { SHOWN = 10 };
	size_t n = 0;

	for (size_t i = 0; i < c->ntables; i++) {
		const struct catalog_table *t = &c->tables[i];

		if (want != NULL ? !matches(dialect, t, want) : is_system(t))
			continue;
		if (n++ == SHOWN)
			buf_puts(b, ", …");
		if (n > SHOWN)
			continue;
		buf_puts(b, n > 1 ? ", " : "");
		(dialect == INDEX_SQL_SQLITE ? ref_name : ref_qualified)(b, t->name, strlen(t->name));
	}
}

static int
no_table(const struct catalog *c, enum index_sql_dialect dialect, const struct want *want, size_t n, struct fail *f)
{
	struct buf b = {0};

	list_tables(&b, c, dialect, n > 1 ? want : NULL);
	if (n > 1)
		fail_set(f, "%.100s may be %.350s", want->table, buf_string(&b));
	else if (b.len > 0)
		fail_set(f, "no such table: %.100s: it has %.350s", want->table, buf_string(&b));
	else
		fail_set(f, "no such table: %.100s", want->table);
	buf_free(&b);
	return -1;
}

struct catalog_table *
definition_table(const struct catalog *c, enum index_sql_dialect dialect, const struct want *want, struct fail *f)
{
	struct catalog_table *found = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->ntables; i++) {
		int how = matches(dialect, &c->tables[i], want);

		if (how == 0)
			continue;
		found = &c->tables[i];
		n++;
		if (how == 2)
			return found;
	}
	return n == 1 ? found : (no_table(c, dialect, want, n, f), NULL);
}

/* Indexes of the catalog. */

static int
usual_nulls_first(enum index_sql_dialect dialect, int descending)
{
	return dialect == INDEX_SQL_SQLITE ? !descending : descending;
}

static struct driver_key
key_of(enum index_sql_dialect dialect, const struct catalog_key *k)
{
	struct driver_key key = {.text = k->column != NULL       ? k->column
					 : k->expression != NULL ? k->expression
								 : "",
	    .expression = k->column == NULL,
	    .descending = k->descending,
	    .collation = k->collated ? k->collation : NULL,
	    .class = k->class};

	if (k->nulls_first != usual_nulls_first(dialect, k->descending))
		key.nulls = k->nulls_first ? DRIVER_NULLS_FIRST : DRIVER_NULLS_LAST;
	return key;
}

static int
is_btree(const char *method)
{
	return method == NULL || strcasecmp(method, "btree") == 0;
}

/* A method without an order knows nothing of directions. */
static int
is_sorted(const struct catalog_index *have)
{
	return is_btree(have->method);
}

void
definition_of(struct mem *m, enum index_sql_dialect dialect, const struct catalog_index *have, struct driver_index *x)
{
	size_t n = catalog_key_count(have);
	struct driver_key *keys = mem_array(m, n + 1, sizeof *keys);
	const char **include = mem_array(m, have->nkeys - n + 1, sizeof *include);

	for (size_t i = 0; i < n; i++) {
		keys[i] = key_of(dialect, &have->keys[i]);
		if (!is_sorted(have))
			keys[i].nulls = DRIVER_NULLS_USUAL;
	}
	for (size_t i = n; i < have->nkeys; i++)
		include[i - n] = have->keys[i].column != NULL ? have->keys[i].column : "";
	*x = (struct driver_index){.name = have->name,
	    .keys = keys,
	    .nkeys = n,
	    .include = include,
	    .ninclude = have->nkeys - n,
	    .unique = have->unique,
	    .method = is_btree(have->method) ? NULL : have->method,
	    .predicate = have->predicate};
}

void
definition_made(struct mem *m, enum index_sql_dialect dialect, const struct catalog_table *t, const struct driver_index *x,
    struct catalog_index *made)
{
	struct catalog_key *keys = mem_array(m, x->nkeys + x->ninclude + 1, sizeof *keys);

	for (size_t i = 0; i < x->nkeys; i++) {
		const struct driver_key *k = &x->keys[i];

		keys[i] = (struct catalog_key){.column = k->expression ? NULL : k->text,
		    .expression = k->expression ? k->text : NULL,
		    .descending = k->descending,
		    .nulls_first = k->nulls == DRIVER_NULLS_USUAL ? usual_nulls_first(dialect, k->descending)
								  : k->nulls == DRIVER_NULLS_FIRST,
		    .collation = k->collation,
		    .collated = k->collation != NULL,
		    .class = k->class};
	}
	for (size_t i = 0; i < x->ninclude; i++)
		keys[x->nkeys + i] = (struct catalog_key){.column = x->include[i],
		    .included = dialect == INDEX_SQL_POSTGRESQL,
		    .nulls_first = dialect == INDEX_SQL_SQLITE};
	*made = (struct catalog_index){.table = t->name,
	    .name = x->name,
	    .origin = "index",
	    .unique = x->unique,
	    .method = x->method,
	    .partial = x->predicate != NULL,
	    .predicate = x->predicate,
	    .bytes = CATALOG_UNKNOWN,
	    .scans = CATALOG_UNKNOWN,
	    .keys = keys,
	    .nkeys = x->nkeys + x->ninclude};
}

/* Comparing. */

/* Names with a schema in front, or without one, that may be the same. */
static int
same_qualified(enum index_sql_dialect dialect, const char *a, const char *b)
{
	if (same_name(dialect, a, b))
		return 1;
	if ((strchr(a, '.') == NULL) == (strchr(b, '.') == NULL))
		return 0;
	return same_name(dialect, last_part(a), last_part(b));
}

static int
same_collation(enum index_sql_dialect dialect, const struct catalog_key *have, const char *wanted)
{
	if (wanted == NULL)
		return !have->collated;
	return have->collation != NULL && same_qualified(dialect, have->collation, wanted);
}

static int
same_class(enum index_sql_dialect dialect, const struct catalog_key *have, const char *wanted)
{
	if (wanted == NULL || have->class == NULL)
		return wanted == have->class;
	return same_qualified(dialect, have->class, wanted);
}

static int
same_order(enum index_sql_dialect dialect, const struct catalog_key *have, const struct driver_key *k)
{
	int first = k->nulls == DRIVER_NULLS_USUAL ? usual_nulls_first(dialect, k->descending) : k->nulls == DRIVER_NULLS_FIRST;

	return have->descending == k->descending && have->nulls_first == first;
}

static int
same_key(enum index_sql_dialect dialect, const struct catalog_table *t, const struct catalog_index *in,
    const struct catalog_key *have, const struct driver_key *k)
{
	if (k->expression != (have->column == NULL))
		return 0;
	if (k->expression ? !definition_sql_same(dialect, t, have->expression, k->text)
			  : !same_name(dialect, have->column, k->text))
		return 0;
	return (!is_sorted(in) || same_order(dialect, have, k)) && same_collation(dialect, have, k->collation) &&
	       same_class(dialect, have, k->class);
}

/* PostgreSQL's may be in any order. */
static int
same_include(enum index_sql_dialect dialect, const struct catalog_index *have, size_t n, const struct driver_index *x)
{
	for (size_t i = 0; i < x->ninclude; i++) {
		size_t k = n;

		while (k < have->nkeys && (have->keys[k].column == NULL || strcmp(have->keys[k].column, x->include[i]) != 0))
			k++;
		if (dialect == INDEX_SQL_POSTGRESQL && k == have->nkeys)
			return 0;
	}
	return 1;
}

/* SQLite's are keys behind the others. */
static int
same_trailing(const struct catalog_index *have, const struct driver_index *x)
{
	for (size_t i = 0; i < x->ninclude; i++) {
		const struct driver_key k = {.text = x->include[i]};

		if (!same_key(INDEX_SQL_SQLITE, NULL, have, &have->keys[x->nkeys + i], &k))
			return 0;
	}
	return 1;
}

int
definition_same(enum index_sql_dialect dialect, const struct catalog_table *t, const struct catalog_index *have,
    const struct driver_index *x)
{
	size_t n = catalog_key_count(have), keys = dialect == INDEX_SQL_SQLITE ? x->nkeys + x->ninclude : x->nkeys;

	if (have->nkeys != x->nkeys + x->ninclude || n != keys || have->unique != x->unique)
		return 0;
	if (is_btree(have->method) != is_btree(x->method) || (!is_btree(x->method) && strcasecmp(have->method, x->method) != 0))
		return 0;
	if (have->partial != (x->predicate != NULL) || !definition_sql_same(dialect, t, have->predicate, x->predicate))
		return 0;
	for (size_t i = 0; i < x->nkeys; i++) {
		if (!same_key(dialect, t, have, &have->keys[i], &x->keys[i]))
			return 0;
	}
	return dialect == INDEX_SQL_SQLITE ? same_trailing(have, x) : same_include(dialect, have, n, x);
}

int
definition_alike(enum index_sql_dialect dialect, const struct catalog_table *t, const struct catalog_index *have,
    const struct driver_index *x)
{
	struct mem m = {0};
	struct driver_key *keys = mem_array(&m, x->nkeys + 1, sizeof *keys);
	struct driver_index loose = *x;
	int sql = x->predicate != NULL, alike;

	for (size_t i = 0; i < x->nkeys; i++) {
		keys[i] = x->keys[i];
		if (i < have->nkeys && keys[i].expression && have->keys[i].expression != NULL)
			keys[i].text = have->keys[i].expression;
		sql |= keys[i].expression;
	}
	loose.keys = keys;
	if (x->predicate != NULL)
		loose.predicate = have->predicate;
	alike = sql && dialect == INDEX_SQL_POSTGRESQL && definition_same(dialect, t, have, &loose);
	mem_free(&m);
	return alike;
}

/* How good an index that has the definition is: a valid one, and one of the name. */
static int
goodness(enum index_sql_dialect dialect, const struct catalog_index *have, const struct driver_index *x)
{
	return 1 + 2 * (!have->invalid && !have->building) +
	       (x->name != NULL && have->name != NULL && same_name(dialect, have->name, x->name));
}

struct catalog_index *
definition_find(enum index_sql_dialect dialect, const struct catalog_table *t, const struct driver_index *x)
{
	struct catalog_index *best = NULL;
	int most = 0;

	for (size_t i = 0; i < t->nindexes; i++) {
		struct catalog_index *have = &t->indexes[i];
		int good;

		if (have->nkeys == 0 || !definition_same(dialect, t, have, x))
			continue;
		good = goodness(dialect, have, x);
		if (good > most)
			best = have;
		most = good > most ? good : most;
	}
	return best;
}

/* Names. */

/* True where two tables are in one schema: where indexes of theirs cannot have the same name. */
static int
same_schema(enum index_sql_dialect dialect, const char *a, const char *b)
{
	size_t n = (size_t)(last_part(a) - a);

	return dialect == INDEX_SQL_SQLITE || (n == (size_t)(last_part(b) - b) && strncmp(a, b, n) == 0);
}

static int
is_named(enum index_sql_dialect dialect, const struct catalog_table *t, const char *name)
{
	struct mem m = {0};
	int same;

	if (dialect == INDEX_SQL_SQLITE)
		return strcasecmp(t->name, name) == 0;
	same = strcmp(ref_decoded(&m, last_part(t->name), strlen(last_part(t->name))), name) == 0;
	mem_free(&m);
	return same;
}

struct definition_holder
definition_named(const struct catalog *c, enum index_sql_dialect dialect, const struct catalog_table *of, const char *name)
{
	for (size_t i = 0; i < c->ntables; i++) {
		const struct catalog_table *t = &c->tables[i];

		if (!same_schema(dialect, t->name, of->name))
			continue;
		if (is_named(dialect, t, name))
			return (struct definition_holder){.table = t};
		for (size_t k = 0; k < t->nindexes; k++) {
			if (t->indexes[k].name != NULL && same_name(dialect, t->indexes[k].name, name))
				return (struct definition_holder){t, &t->indexes[k]};
		}
	}
	return (struct definition_holder){0};
}

/* The longest start of a name that leaves room, ending with a character. */
static size_t
room_for(const char *name, size_t len, size_t behind)
{
	size_t n = len + behind <= LONGEST ? len : LONGEST - behind;

	while (n > 0 && n < len && ((unsigned char)name[n] & 0xC0) == 0x80)
		n--;
	return n;
}

static const char *
named(struct mem *m, const struct buf *stem, uint64_t number)
{
	char end[32] = "_idx", behind[48];
	struct buf b = {0};
	size_t n;

	if (number > 1)
		snprintf(end, sizeof end, "_idx%llu", (unsigned long long)number);
	snprintf(behind, sizeof behind, "%s", end);
	if (stem->len + strlen(end) > LONGEST)
		snprintf(behind, sizeof behind, "_%08x%s", (unsigned)hash_bytes(stem->bytes, stem->len), end);
	n = room_for(stem->bytes, stem->len, strlen(behind));
	buf_add(&b, stem->bytes, n);
	buf_puts(&b, behind);
	return buf_kept(m, &b);
}

const char *
definition_name(struct mem *m, const struct catalog *c, enum index_sql_dialect dialect, const struct catalog_table *t,
    const struct driver_index *x)
{
	const char *table = dialect == INDEX_SQL_SQLITE ? t->name : last_part(t->name), *name;
	struct buf stem = {0};
	uint64_t number = 1;

	/* SQLite keeps what begins with sqlite_ for itself. */
	if (is_named(INDEX_SQL_SQLITE, t, "sqlite"))
		buf_byte(&stem, '_');
	buf_puts(&stem, dialect == INDEX_SQL_SQLITE ? table : ref_decoded(m, table, strlen(table)));
	for (size_t i = 0; i < x->nkeys; i++) {
		buf_byte(&stem, '_');
		buf_puts(&stem, x->keys[i].expression ? "expr" : x->keys[i].text);
	}
	do
		name = named(m, &stem, number++);
	while (definition_named(c, dialect, t, name).table != NULL);
	buf_free(&stem);
	return name;
}

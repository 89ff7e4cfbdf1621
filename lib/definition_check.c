/* Whether a table can have an index (definition.h). */

#include <string.h>
#include <strings.h>

#include "definition.h"
#include "token.h"

enum { LONGEST = 63 }; /* bytes of a name (PostgreSQL, NAMEDATALEN) */

struct checking {
	struct mem *m;
	enum index_sql_dialect dialect;
	const struct catalog_table *table;
	struct fail *f;
};

/* The column, as the engine finds it; NULL. */
static const struct catalog_column *
find_column(const struct checking *c, const char *name)
{
	const struct catalog_table *t = c->table;

	if (c->dialect == INDEX_SQL_POSTGRESQL)
		return catalog_column(t, name);
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (t->columns[i].name != NULL && strcasecmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	}
	return NULL;
}

static int
no_column(const struct checking *c, const char *name)
{
	const struct catalog_table *t = c->table;
	fail_set(c->f, "no such column: %.100s: it has ", name);
	for (size_t i = 0; i < t->ncolumns; i++) {
		const char *column = t->columns[i].name != NULL ? t->columns[i].name : "";

		if (!fail_list(c->f, i, column, strlen(column)))
			break;
	}
	return -1;
}

/* A name in quotes that is no column is one of something else where it is called, stands behind a dot, COLLATE, AS or ::, or in
 * front of a dot. */
static int
is_other_name(const struct tokens *t, size_t i)
{
	if (i + 1 < t->n && (token_is(&t->list[i + 1], "(") || token_is(&t->list[i + 1], ".")))
		return 1;
	return i > 0 && (token_is(&t->list[i - 1], ".") || token_is(&t->list[i - 1], "collate") ||
			    token_is(&t->list[i - 1], "as") || token_is(&t->list[i - 1], "::"));
}

/* SQLite takes a name in double quotes that is no column for a text. */
static int
check_sql(const struct checking *c, const char *sql, struct tokens *t)
{
	size_t at;

	if (token_read(c->m, sql, strlen(sql), t, &at, c->f) < 0)
		return fail_wrap(c->f, sql);
	for (size_t i = 0; i < t->n; i++) {
		if (t->list[i].kind == TOKEN_NAME && !is_other_name(t, i) && find_column(c, t->list[i].text) == NULL)
			return no_column(c, t->list[i].text);
	}
	return 0;
}

static int
check_key(const struct checking *c, struct driver_key *k)
{
	const struct catalog_column *column;
	struct tokens t;

	if (k->expression && check_sql(c, k->text, &t) < 0)
		return -1;
	/* A column in parentheses is no more than that. */
	if (k->expression && t.n == 1 && (t.list[0].kind == TOKEN_WORD || t.list[0].kind == TOKEN_NAME) &&
	    (column = find_column(c, t.list[0].text)) != NULL) {
		k->expression = 0;
		k->text = column->name;
	}
	if (!k->expression) {
		column = find_column(c, k->text);
		if (column == NULL)
			return no_column(c, k->text);
		k->text = column->name;
	}
	if (c->dialect == INDEX_SQL_SQLITE && k->class != NULL)
		return fail_set(c->f, "%.100s: SQLite has no classes of operators", k->class);
	if (c->dialect == INDEX_SQL_SQLITE && k->nulls == (k->descending ? DRIVER_NULLS_FIRST : DRIVER_NULLS_LAST))
		return fail_set(c->f, "%.100s: SQLite has NULLs first, and last where it descends", k->text);
	return 0;
}

static int
check_keys(const struct checking *c, struct driver_index *x)
{
	struct driver_key *keys = mem_array(c->m, x->nkeys + 1, sizeof *keys);
	const char **include = mem_array(c->m, x->ninclude + 1, sizeof *include);

	for (size_t i = 0; i < x->nkeys; i++) {
		keys[i] = x->keys[i];
		if (check_key(c, &keys[i]) < 0)
			return -1;
	}
	for (size_t i = 0; i < x->ninclude; i++) {
		const struct catalog_column *column = find_column(c, x->include[i]);

		if (column == NULL)
			return no_column(c, x->include[i]);
		include[i] = column->name;
	}
	x->keys = keys;
	x->include = include;
	return 0;
}

/* What is no table has no index (driver.h has the kinds). */
static int
check_kind(const struct checking *c)
{
	static const struct {
		const char *kind, *name;
	} without[] = {{"view", "view"}, {"virtual", "virtual table"}, {"foreign table", "foreign table"}};

	for (size_t i = 0; c->table->kind != NULL && i < sizeof without / sizeof *without; i++) {
		if (strcmp(c->table->kind, without[i].kind) == 0)
			return fail_set(c->f, "%.100s is a %s, which has no indexes", c->table->name, without[i].name);
	}
	return 0;
}

int
definition_check(
    struct mem *m, enum index_sql_dialect dialect, const struct catalog_table *t, struct driver_index *x, struct fail *f)
{
	const struct checking c = {m, dialect, t, f};
	struct tokens tokens;

	if (check_kind(&c) < 0)
		return -1;
	if (x->method != NULL && strcasecmp(x->method, "btree") == 0)
		x->method = NULL;
	if (dialect == INDEX_SQL_SQLITE && x->method != NULL)
		return fail_set(f, "using %.100s: SQLite has btree indexes only", x->method);
	if (dialect == INDEX_SQL_SQLITE && x->unique && x->ninclude > 0)
		return fail_set(f, "unique with included columns: SQLite would have them as keys, and more would be unique");
	if (dialect == INDEX_SQL_SQLITE && x->name != NULL && strncasecmp(x->name, "sqlite_", 7) == 0)
		return fail_set(f, "%.100s: SQLite keeps names that begin with sqlite_ for itself", x->name);
	if (dialect == INDEX_SQL_POSTGRESQL && x->name != NULL && strlen(x->name) > LONGEST)
		return fail_set(f, "the name %.100s has more than %d bytes", x->name, LONGEST);
	if (x->predicate != NULL && check_sql(&c, x->predicate, &tokens) < 0)
		return -1;
	return check_keys(&c, x);
}

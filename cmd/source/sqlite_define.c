#include "sqlite_define.h"

#include <string.h>

#include "ref.h"

static int
has_column(const struct sqlite_table *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (sqlite3_stricmp(t->columns[i].name, name) == 0)
			return 1;
	}
	return 0;
}

static int
no_such_column(const struct sqlite_table *t, const char *name, struct fail *f)
{
	struct buf text = {0};

	ref_name(&text, name, strlen(name));
	buf_puts(&text, ": it has ");
	for (size_t i = 0; i < t->n && text.len < 400; i++) {
		buf_puts(&text, i > 0 ? ", " : "");
		ref_name(&text, t->columns[i].name, t->columns[i].len);
	}
	fail_set(f, "no such column: %.400s", buf_string(&text));
	buf_free(&text);
	return -1;
}

static int
check_key(const struct sqlite *s, const struct sqlite_table *t, const struct driver_key *k, struct fail *f)
{
	enum driver_nulls usual = k->descending ? DRIVER_NULLS_LAST : DRIVER_NULLS_FIRST;

	if (!k->expression && !has_column(t, k->text))
		return no_such_column(t, k->text, f);
	if (k->descending && s->ascends)
		return fail_set(
		    f, "DESC means nothing in this file, which is in an old format: VACUUM writes it in the one of today");
	if (k->class != NULL)
		return fail_set(f, "SQLite has no classes of operators: %.200s", k->class);
	if (k->nulls != DRIVER_NULLS_USUAL && k->nulls != usual)
		return fail_set(f, "NULLs are smaller than all else in an index of SQLite: %s, they come %s",
		    k->descending ? "descending" : "ascending", k->descending ? "last" : "first");
	return 0;
}

int
sqlite_define_check(const struct sqlite *s, const struct sqlite_table *t, const struct driver_index *x, struct fail *f)
{
	if (x->name == NULL || *x->name == '\0' || x->nkeys == 0)
		return fail_set(f, "an index has a name and a column");
	if (x->method != NULL && strcmp(x->method, "btree") != 0)
		return fail_set(f, "an index of SQLite is a btree, never %.100s", x->method);
	if (x->unique && x->ninclude > 0)
		return fail_set(
		    f, "SQLite holds further columns as keys, and those of a unique index are part of what is unique");
	for (size_t i = 0; i < x->nkeys; i++) {
		if (check_key(s, t, &x->keys[i], f) < 0)
			return -1;
	}
	for (size_t i = 0; i < x->ninclude; i++) {
		if (!has_column(t, x->include[i]))
			return no_such_column(t, x->include[i], f);
	}
	return 0;
}

/* An index as the catalog has it: its table, whether SQL is part of it, the SQL. */
struct found {
	const char *table, *sql;
	int unique, partial;
	size_t keys;
};

/* 1; 0 where there is none of that name; -1. */
static int
find_index(struct sqlite *s, struct mem *m, const char *name, struct found *found, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(s,
	    "SELECT m.tbl_name, m.sql, l.\"unique\", l.partial,"
	    " (SELECT count(*) FROM temp.pragma_index_xinfo(m.name, 'main') WHERE key = 1)"
	    " FROM main.sqlite_schema m JOIN temp.pragma_index_list(m.tbl_name, 'main') l ON l.name = m.name"
	    " WHERE m.type = 'index' AND m.name = ?1 COLLATE NOCASE",
	    f);
	int r;

	if (statement == NULL)
		return -1;
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	r = sqlite_step(s, statement, f);
	if (r > 0)
		*found = (struct found){sqlite_string(m, statement, 0), sqlite_string(m, statement, 1),
		    sqlite3_column_int(statement, 2), sqlite3_column_int(statement, 3),
		    (size_t)sqlite3_column_int64(statement, 4)};
	sqlite3_finalize(statement);
	return r;
}

/* A key as the index has it. */
struct key {
	const char *column; /* NULL: an expression */
	int descending;
	const char *collation;
};

static int
is_key(struct sqlite *s, const struct sqlite_table *t, const struct driver_key *k, const struct key *have)
{
	const char *usual = "BINARY";

	if (k->expression != (have->column == NULL) || k->descending != have->descending)
		return 0;
	if (!k->expression && sqlite3_stricmp(k->text, have->column) != 0)
		return 0;
	if (!k->expression)
		sqlite3_table_column_metadata(s->db, "main", t->name, have->column, NULL, &usual, NULL, NULL, NULL);
	/* An expression may have its collation inside. */
	if (k->expression && k->collation == NULL)
		return 1;
	return sqlite3_stricmp(k->collation != NULL ? k->collation : usual, have->collation) == 0;
}

/* 1 where its keys are those of `x`, with the included columns behind them. */
static int
are_keys(struct sqlite *s, struct mem *m, const struct sqlite_table *t, const struct driver_index *x, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(
	    s, "SELECT name, \"desc\", coll FROM temp.pragma_index_xinfo(?1, 'main') WHERE key = 1 ORDER BY seqno", f);
	size_t n = 0;
	int more = statement != NULL, same = 1;

	if (statement == NULL)
		return -1;
	sqlite3_bind_text(statement, 1, x->name, -1, SQLITE_STATIC);
	for (; same && (more = sqlite_step(s, statement, f)) > 0 && n < x->nkeys + x->ninclude; n++) {
		struct driver_key included = {.text = n < x->nkeys ? NULL : x->include[n - x->nkeys]};
		struct key have = {.descending = sqlite3_column_int(statement, 1), .collation = sqlite_string(m, statement, 2)};

		if (sqlite3_column_type(statement, 0) != SQLITE_NULL)
			have.column = sqlite_string(m, statement, 0);
		same = is_key(s, t, n < x->nkeys ? &x->keys[n] : &included, &have);
	}
	sqlite3_finalize(statement);
	return more < 0 ? -1 : same;
}

static int
has_sql(const struct driver_index *x)
{
	int sql = x->predicate != NULL;

	for (size_t i = 0; i < x->nkeys; i++)
		sql |= x->keys[i].expression;
	return sql;
}

int
sqlite_define_there(struct sqlite *s, struct mem *m, const struct sqlite_table *t, const struct driver_index *x,
    const char *sql, struct fail *f)
{
	struct found found;
	int r = find_index(s, m, x->name, &found, f);

	if (r <= 0)
		return r;
	if (sqlite3_stricmp(found.table, t->name) != 0)
		return fail_set(f, "%.100s is an index of %.200s", x->name, found.table);
	r = found.unique == !!x->unique && found.partial == (x->predicate != NULL) && found.keys == x->nkeys + x->ninclude;
	if (r > 0)
		r = are_keys(s, m, t, x, f);
	if (r > 0 && has_sql(x))
		r = strcmp(found.sql, sql) == 0;
	if (r == 0)
		return fail_set(
		    f, "%.100s is another index: %.300s", x->name, *found.sql != '\0' ? found.sql : "that of a constraint");
	return r;
}

/* What making an index does (c3ref/c_alter_table.html), as a list: subqueries, for one, are not among it. */
static int
authorize(void *arg, int action, const char *first, const char *second, const char *database, const char *inside)
{
	const struct sqlite_define_limits *only = arg;
	int main = database == NULL || strcmp(database, "main") == 0;

	(void)inside;
	switch (action) {
	case SQLITE_CREATE_INDEX:
		return main && sqlite3_stricmp(first, only->index) == 0 && sqlite3_stricmp(second, only->table) == 0
			   ? SQLITE_OK
			   : SQLITE_DENY;
	case SQLITE_INSERT:
		return main && strcmp(first, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_READ:
	case SQLITE_FUNCTION:
	case SQLITE_REINDEX:
		return SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

void
sqlite_define_limit(struct sqlite *s, const struct sqlite_define_limits *only)
{
	sqlite3_set_authorizer(s->db, only != NULL ? authorize : NULL, (void *)(uintptr_t)only);
}

#include "index_sql.h"

#include <string.h>

#include "ref.h"
#include "text.h"

enum sqltokens_dialect
index_sql_tokens(enum index_sql_dialect dialect)
{
	return dialect == INDEX_SQL_POSTGRESQL ? SQLTOKENS_POSTGRESQL : SQLTOKENS_SQLITE;
}

static void
quote(struct buf *b, const char *name)
{
	text_quoted(b, name, strlen(name));
}

/* A part of a table's name, decoded (dbm-source.7). */
static void
quote_part(struct buf *b, const char *part, size_t len)
{
	struct mem m = {0};

	quote(b, ref_decoded(&m, part, len));
	mem_free(&m);
}

/* A name with the schema of a table. */
static void
quote_beside(struct buf *b, enum index_sql_dialect dialect, const char *table, const char *name)
{
	const char *dot = dialect == INDEX_SQL_POSTGRESQL ? strchr(table, '.') : NULL;

	if (dot != NULL) {
		quote_part(b, table, (size_t)(dot - table));
		buf_byte(b, '.');
	}
	quote(b, name);
}

void
index_sql_table(struct buf *b, enum index_sql_dialect dialect, const char *table)
{
	const char *dot;

	if (dialect == INDEX_SQL_SQLITE) {
		quote(b, table);
		return;
	}
	while ((dot = strchr(table, '.')) != NULL) {
		quote_part(b, table, (size_t)(dot - table));
		buf_byte(b, '.');
		table = dot + 1;
	}
	quote_part(b, table, strlen(table));
}

static void
add_key(struct buf *b, enum index_sql_dialect dialect, const struct driver_key *k)
{
	if (k->expression) {
		buf_byte(b, '(');
		buf_puts(b, k->text);
		buf_byte(b, ')');
	} else {
		quote(b, k->text);
	}
	if (k->collation != NULL) {
		buf_puts(b, " COLLATE ");
		index_sql_table(b, dialect, k->collation);
	}
	if (k->class != NULL && dialect == INDEX_SQL_POSTGRESQL) {
		buf_byte(b, ' ');
		index_sql_table(b, dialect, k->class);
	}
	buf_puts(b, k->descending ? " DESC" : "");
	if (k->nulls != DRIVER_NULLS_USUAL && dialect == INDEX_SQL_POSTGRESQL)
		buf_puts(b, k->nulls == DRIVER_NULLS_FIRST ? " NULLS FIRST" : " NULLS LAST");
}

/* Behind the parenthesis that opens the list, or behind keys. */
static void
add_names(struct buf *b, const char *const *names, size_t n, int behind)
{
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, i > 0 || behind ? ", " : "");
		quote(b, names[i]);
	}
}

/* `how` stands behind INDEX, `on` in front of the table. */
static void
create(struct buf *b, enum index_sql_dialect dialect, const char *how, const char *on, const char *table,
    const struct driver_index *x)
{
	int postgresql = dialect == INDEX_SQL_POSTGRESQL;

	buf_puts(b, x->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
	buf_puts(b, how);
	quote(b, x->name);
	buf_puts(b, on);
	index_sql_table(b, dialect, table);
	if (postgresql && x->method != NULL) {
		buf_puts(b, " USING ");
		quote(b, x->method);
	}
	buf_puts(b, " (");
	for (size_t i = 0; i < x->nkeys; i++) {
		buf_puts(b, i > 0 ? ", " : "");
		add_key(b, dialect, &x->keys[i]);
	}
	if (!postgresql)
		add_names(b, x->include, x->ninclude, 1);
	buf_byte(b, ')');
	if (postgresql && x->ninclude > 0) {
		buf_puts(b, " INCLUDE (");
		add_names(b, x->include, x->ninclude, 0);
		buf_byte(b, ')');
	}
	if (x->predicate != NULL) {
		buf_puts(b, " WHERE ");
		buf_puts(b, x->predicate);
	}
}

void
index_sql_create(struct buf *b, enum index_sql_dialect dialect, const char *table, const struct driver_index *x)
{
	create(b, dialect, dialect == INDEX_SQL_POSTGRESQL ? "CONCURRENTLY " : "", " ON ", table, x);
}

void
index_sql_create_only(struct buf *b, const char *table, const struct driver_index *x)
{
	create(b, INDEX_SQL_POSTGRESQL, "", " ON ONLY ", table, x);
}

void
index_sql_drop(struct buf *b, enum index_sql_dialect dialect, const char *table, const char *name)
{
	buf_puts(b, dialect == INDEX_SQL_POSTGRESQL ? "DROP INDEX CONCURRENTLY " : "DROP INDEX ");
	quote_beside(b, dialect, table, name);
}

void
index_sql_rebuild(struct buf *b, enum index_sql_dialect dialect, const char *table, const char *name)
{
	buf_puts(b, dialect == INDEX_SQL_POSTGRESQL ? "REINDEX INDEX CONCURRENTLY " : "REINDEX ");
	quote_beside(b, dialect, table, name);
}

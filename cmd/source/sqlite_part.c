#include "sqlite_part.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ref.h"
#include "sqlcreate.h"
#include "sqlite_table.h"

struct rows_cell
sqlite_text_or_null(struct mem *m, sqlite3_stmt *statement, int column)
{
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return rows_null();
	return rows_text(sqlite_string(m, statement, column));
}

void
sqlite_add_name(struct buf *list, const char *name)
{
	if (list->len > 0)
		buf_byte(list, ',');
	ref_name(list, name, strlen(name));
}

/* The rules of datatype3.html, 3.1, in their order. */
static const char *
family(const char *declared)
{
	static const struct {
		const char *word, *family;
	} rules[] = {{"INT", "numeric"}, {"CHAR", "text"}, {"CLOB", "text"}, {"TEXT", "text"}, {"BLOB", "blob"}};

	if (declared == NULL || *declared == '\0')
		return "blob";
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		if (sqlite_declares(declared, rules[i].word))
			return rules[i].family;
	}
	return "numeric";
}

sqlite3_stmt *
sqlite_about(struct sqlite_asked *a, const char *sql, const char *table, struct fail *f)
{
	size_t i = 0;

	while (a->about[i].sql != NULL && a->about[i].sql != sql)
		i++;
	if (a->about[i].statement == NULL)
		a->about[i].statement = sqlite_prepare(a->s, sql, f);
	if (a->about[i].statement == NULL)
		return NULL;
	a->about[i].sql = sql;
	sqlite3_reset(a->about[i].statement);
	sqlite3_bind_text(a->about[i].statement, 1, table, -1, SQLITE_TRANSIENT);
	return a->about[i].statement;
}

void
sqlite_about_end(struct sqlite_asked *a)
{
	for (size_t i = 0; i < SQLITE_ABOUT; i++)
		sqlite3_finalize(a->about[i].statement);
	memset(a->about, 0, sizeof a->about);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct sqlite_number *)a)->name, ((const struct sqlite_number *)b)->name);
}

int
sqlite_numbers_read(struct sqlite_asked *a, const char *sql, struct sqlite_numbers *n, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(a->s, sql, f);
	int more = statement != NULL ? 1 : -1;

	*n = (struct sqlite_numbers){0};
	while (more > 0 && (more = sqlite_step(a->s, statement, f)) > 0) {
		n->all = mem_more(a->m, n->all, n->n, sizeof *n->all);
		n->all[n->n++] = (struct sqlite_number){
		    sqlite_string(a->m, statement, 0), (uint64_t)sqlite3_column_int64(statement, 1)};
	}
	sqlite3_finalize(statement);
	if (n->n > 0)
		qsort(n->all, n->n, sizeof *n->all, by_name);
	return more;
}

struct rows_cell
sqlite_number(struct sqlite_asked *a, const struct sqlite_numbers *n, const char *name)
{
	const struct sqlite_number wanted = {.name = name};
	const struct sqlite_number *found = n->n > 0 ? bsearch(&wanted, n->all, n->n, sizeof wanted, by_name) : NULL;

	return found != NULL ? rows_integer(a->m, found->number) : rows_null();
}

/* Runs a statement about one table that has one row at most: 1 where it had, and its first column. */
static int
one_value(struct sqlite_asked *a, const char *sql, const char *table, const char **value, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_about(a, sql, table, f);
	int r = statement != NULL ? sqlite_step(a->s, statement, f) : -1;

	*value = r > 0 ? sqlite_string(a->m, statement, 0) : NULL;
	return r;
}

/* By its text: the pragma that tells resolves all views. */
static int
is_strict(struct sqlite_asked *a, const char *table)
{
	const struct sqlite_object *x = sqlite_objects_table(a->objects, table);
	struct sqlcreate_table created;
	struct fail ignored;

	return x != NULL && x->sql != NULL && sqlcreate_table(a->m, x->sql, &created, &ignored) == 0 && created.strict;
}

int
sqlite_column(struct sqlite_asked *a, const char *table, const char *column, struct sqlite_column *c, struct fail *f)
{
	const char *type, *collation;

	if (sqlite3_table_column_metadata(a->s->db, "main", table, column, &type, &collation, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fail(a->s, f);
	c->collation = sqlite_collation(a->m, collation != NULL ? collation : "BINARY");
	c->family = family(type);
	/* Of a strict table ANY is what it says; elsewhere it is a word like any other (stricttables.html, 3). */
	if (type != NULL && strcasecmp(type, "ANY") == 0 && is_strict(a, table))
		c->family = "blob";
	return 0;
}

const char *
sqlite_collation(struct mem *m, const char *name)
{
	char *capitals = mem_string(m, name);

	for (char *p = capitals; *p != '\0'; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p - ('a' - 'A')) : *p;
	return capitals;
}

int
sqlite_rowid_column(struct sqlite_asked *a, const char *table, const char **column, struct fail *f)
{
	/* Any other primary key has an index. */
	static const char sql[] = "SELECT name FROM temp.pragma_table_xinfo(?1, 'main') WHERE pk > 0 AND NOT EXISTS"
				  " (SELECT 1 FROM temp.pragma_index_list(?1, 'main') WHERE origin = 'pk')";

	return one_value(a, sql, table, column, f) < 0 ? -1 : 0;
}

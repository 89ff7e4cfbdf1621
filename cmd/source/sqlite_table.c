#include "sqlite_table.h"

#include <string.h>
#include <strings.h>

#include "header.h"
#include "ref.h"
#include "sqlite_objects.h"
#include "text.h"

void
sqlite_from(struct buf *sql, const struct sqlite_table *t, int stored)
{
	buf_puts(sql, " FROM \"main\".");
	text_quoted(sql, t->name, strlen(t->name));
	if (stored && !t->view)
		buf_puts(sql, " NOT INDEXED");
}

const char *
sqlite_string(struct mem *m, sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	if (text == NULL && sqlite3_column_type(statement, column) != SQLITE_NULL)
		mem_exhausted();
	return mem_copy(m, text != NULL ? text : "", text != NULL ? (size_t)sqlite3_column_bytes(statement, column) : 0);
}

int
sqlite_declares(const char *declared, const char *word)
{
	size_t n = strlen(word);

	for (; *declared != '\0'; declared++) {
		if (strncasecmp(declared, word, n) == 0)
			return 1;
	}
	return 0;
}

/* What a declared type makes of a column (datatype3.html, 3.1; dates and booleans by their usual names). */
static enum rows_type
type_of(const char *declared)
{
	static const struct {
		const char *word;
		enum rows_type type;
	} words[] = {
	    {"INT", ROWS_INTEGER},
	    {"CHAR", ROWS_TEXT},
	    {"CLOB", ROWS_TEXT},
	    {"TEXT", ROWS_TEXT},
	    {"BLOB", ROWS_BYTES},
	    {"REAL", ROWS_REAL},
	    {"FLOA", ROWS_REAL},
	    {"DOUB", ROWS_REAL},
	    {"BOOL", ROWS_BOOLEAN},
	    {"TIMESTAMP", ROWS_TIMESTAMP},
	    {"DATETIME", ROWS_TIMESTAMP},
	    {"DATE", ROWS_DATE},
	    {"DECIMAL", ROWS_REAL},
	    {"NUMERIC", ROWS_REAL},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (sqlite_declares(declared, words[i].word))
			return words[i].type;
	}
	/* Anything may be in it. */
	return ROWS_TEXT;
}

/* "no such table: it has …": always -1. */
static int
no_such_table(const struct sqlite_objects *o, int only, struct fail *f)
{
	struct buf name = {0};
	size_t listed = 0;
	int room = 1;

	fail_set(f, "%s: it has ", only ? "is a database, name one of its tables" : "no such table");
	for (size_t i = 0; i < o->ntables && room; i++) {
		if (sqlite_object_is_system(&o->tables[i]))
			continue;
		name.len = 0;
		ref_name(&name, o->tables[i].name, strlen(o->tables[i].name));
		room = fail_list(f, listed++, name.bytes, name.len);
	}
	if (listed == 0)
		fail_list(f, 0, "none", strlen("none"));
	buf_free(&name);
	return -1;
}

/* The only table, or NULL and a sentence. */
static const struct sqlite_object *
only_table(const struct sqlite_objects *o, struct fail *f)
{
	size_t n = 0, only = 0;

	for (size_t i = 0; i < o->ntables && n < 2; i++) {
		if (sqlite_object_is_system(&o->tables[i]))
			continue;
		only = i;
		n++;
	}
	if (n == 1)
		return &o->tables[only];
	no_such_table(o, 1, f);
	return NULL;
}

static int
has_column(const struct sqlite_table *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcasecmp(t->columns[i].name, name) == 0)
			return 1;
	}
	return 0;
}

/* A pragma about one table, by its name.  (The pragma as a function in a SELECT takes five times as long.) */
static sqlite3_stmt *
prepare_pragma(struct sqlite *s, const char *pragma, const char *name, struct fail *f)
{
	struct buf *sql = sqlite_sql(s);
	sqlite3_stmt *statement;

	buf_printf(sql, "PRAGMA main.%s(", pragma);
	text_quoted(sql, name, strlen(name));
	buf_byte(sql, ')');
	statement = sqlite_prepare(s, buf_string(sql), f);
	return statement;
}

/* The columns of PRAGMA table_xinfo (pragma.html), as far as they are looked at. */
enum { C_NAME = 1, C_TYPE, C_HIDDEN = 6 };
enum { HIDDEN_OF_VIRTUAL = 1, GENERATED_VIRTUAL = 2 };

/* 1 for a table WITHOUT ROWID: as an index, it has keys (pragma.html, index_info).  0, -1. */
static int
is_without_rowid(struct sqlite *s, const char *name, struct fail *f)
{
	sqlite3_stmt *statement = prepare_pragma(s, "index_info", name, f);
	int r = statement != NULL ? sqlite_step(s, statement, f) : -1;

	sqlite3_finalize(statement);
	return r;
}

static void
take_column(struct mem *m, sqlite3_stmt *statement, struct sqlite_table *t)
{
	const char *name = sqlite_string(m, statement, C_NAME);

	t->columns = mem_more(m, t->columns, t->n, sizeof *t->columns);
	t->computed = mem_more(m, t->computed, t->n, sizeof *t->computed);
	t->computed[t->n] = sqlite3_column_int(statement, C_HIDDEN) == GENERATED_VIRTUAL;
	t->columns[t->n++] = (struct rows_column){
	    .name = name, .len = strlen(name), .type = type_of(sqlite_string(m, statement, C_TYPE)), .origin = "declared"};
}

static int
find_columns(struct sqlite *s, struct mem *m, struct sqlite_table *t, struct fail *f)
{
	sqlite3_stmt *statement = prepare_pragma(s, "table_xinfo", t->name, f);
	int more = statement != NULL ? 1 : -1;

	while (more > 0 && (more = sqlite_step(s, statement, f)) > 0) {
		if (sqlite3_column_int(statement, C_HIDDEN) != HIDDEN_OF_VIRTUAL)
			take_column(m, statement, t);
	}
	sqlite3_finalize(statement);
	return more;
}

int
sqlite_table_find(struct sqlite *s, struct mem *m, const char *name, struct sqlite_table *t, struct fail *f)
{
	static const char *const rowids[] = {"rowid", "_rowid_", "oid"};
	const struct sqlite_objects *o = sqlite_objects(s, f);
	const struct sqlite_object *x;
	int without_rowid = 0;

	*t = (struct sqlite_table){0};
	if (o == NULL)
		return -1;
	x = name != NULL ? sqlite_objects_table(o, name) : only_table(o, f);
	if (x == NULL)
		return name != NULL ? no_such_table(o, 0, f) : -1;
	t->name = mem_string(m, x->name);
	t->view = x->kind == SQLITE_KIND_VIEW || x->kind == SQLITE_KIND_VIRTUAL;
	if (!t->view)
		without_rowid = is_without_rowid(s, t->name, f);
	if (without_rowid < 0 || find_columns(s, m, t, f) < 0)
		return -1;
	for (size_t i = 0; i < 3 && t->rowid == NULL && !t->view && !without_rowid; i++)
		t->rowid = has_column(t, rowids[i]) ? NULL : rowids[i];
	return 0;
}

static int
add_column(struct buf *sql, const struct sqlite_table *t, const char *name, struct fail *f)
{
	long i = header_find(t->columns, t->n, name, f);

	if (i < 0)
		return -1;
	text_quoted(sql, t->columns[i].name, t->columns[i].len);
	return 0;
}

int
sqlite_where(struct buf *sql, const struct sqlite_table *t, const struct driver_request *request, struct fail *f)
{
	for (size_t i = 0, values = 0; i < request->nwhere; i++) {
		const struct driver_predicate *p = &request->where[i];

		buf_puts(sql, i == 0 ? " WHERE " : " AND ");
		if (add_column(sql, t, p->column, f) < 0)
			return -1;
		/* The operator is one of a list (request.c). */
		buf_printf(sql, " %s", p->op);
		if (p->value != NULL)
			buf_printf(sql, " ?%zu", ++values);
	}
	for (size_t i = 0; i < request->norder; i++) {
		buf_puts(sql, i == 0 ? " ORDER BY " : ", ");
		if (add_column(sql, t, request->order[i].column, f) < 0)
			return -1;
		buf_puts(sql, request->order[i].descending ? " DESC" : "");
	}
	return 0;
}

void
sqlite_bind_where(sqlite3_stmt *statement, const struct driver_request *request)
{
	int n = 0;

	for (size_t i = 0; i < request->nwhere; i++) {
		if (request->where[i].value != NULL)
			sqlite3_bind_text(statement, ++n, request->where[i].value, -1, SQLITE_STATIC);
	}
}

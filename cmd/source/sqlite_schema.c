#include "sqlite_schema.h"

#include <stdlib.h>
#include <string.h>

#include "sqlcreate.h"
#include "sqlindex.h"
#include "sqlite_index.h"
#include "sqlite_table.h"
#include "sqlreading.h"
#include "sqltext.h"

/* A line of the answer. */
struct line {
	const char *kind, *name, *definition; /* the name may be NULL */
	uint64_t position;                    /* 0: none */
};

struct schema {
	struct sqlite_asked *a;
	const char *table;
	struct sqlcreate_table created;
	struct line *lines;
	size_t n;
	struct buf text;
};

static void
add(struct schema *s, const char *kind, const char *name, uint64_t position, const char *definition)
{
	s->lines = mem_more(s->a->m, s->lines, s->n, sizeof *s->lines);
	s->lines[s->n++] = (struct line){kind, name, definition, position};
}

/* What was written to `text`. */
static const char *
finish(struct schema *s)
{
	const char *text = mem_copy(s->a->m, s->text.bytes, s->text.len);

	s->text.len = 0;
	return text;
}

/* Types in capitals: SQLite does not tell them apart by case, and gives some of them in capitals from 3.37 on. */
static void
add_type(struct schema *s, const char *type)
{
	const char *plain = sqltext_made(s->a->m, type, SQLTEXT_PLAIN);

	buf_puts(&s->text, *plain != '\0' ? sqlite_collation(s->a->m, plain) : "no type");
}

enum { C_NAME, C_TYPE, C_DEFAULT, C_HIDDEN };
enum { HIDDEN_OF_VIRTUAL = 1, GENERATED_STORED = 3 };

static int
add_column(struct schema *s, sqlite3_stmt *statement, const struct sqlcreate_column *created, uint64_t position, struct fail *f)
{
	const char *name = sqlite_string(s->a->m, statement, C_NAME);
	struct sqlite_column c;

	if (sqlite_column(s->a, s->table, name, &c, f) < 0)
		return -1;
	add_type(s, sqlite_string(s->a->m, statement, C_TYPE));
	if (strcmp(c.collation, "BINARY") != 0) {
		buf_puts(&s->text, " COLLATE ");
		sqltext_name(&s->text, c.collation);
	}
	if (created != NULL && created->not_null)
		buf_puts(&s->text, " NOT NULL");
	if (created != NULL && created->conflict != NULL)
		buf_printf(&s->text, " ON CONFLICT %s", created->conflict);
	if (sqlite3_column_type(statement, C_DEFAULT) != SQLITE_NULL)
		buf_printf(&s->text, " DEFAULT %s",
		    sqltext_made(s->a->m, sqlite_string(s->a->m, statement, C_DEFAULT), SQLTEXT_NORMAL));
	if (created != NULL && created->generated != NULL)
		buf_printf(&s->text, " GENERATED ALWAYS AS %s %s", created->generated,
		    sqlite3_column_int(statement, C_HIDDEN) == GENERATED_STORED ? "STORED" : "VIRTUAL");
	add(s, "column", name, position, finish(s));
	return 0;
}

/* The columns, each with what its text says of it, which is in the same order. */
static int
add_columns(struct schema *s, struct fail *f)
{
	static const char sql[] = "SELECT name, type, dflt_value, hidden FROM temp.pragma_table_xinfo(?1, 'main') ORDER BY cid";
	sqlite3_stmt *statement = sqlite_about(s->a, sql, s->table, f);
	int more = statement != NULL ? 1 : -1;
	uint64_t position = 0;

	while (more > 0 && (more = sqlite_step(s->a->s, statement, f)) > 0) {
		const struct sqlcreate_column *c = position < s->created.ncolumns ? &s->created.columns[position] : NULL;

		more = add_column(s, statement, c, position + 1, f) == 0 ? 1 : -1;
		position++;
	}
	return more;
}

static void
add_constraints(struct schema *s)
{
	static const char *const kinds[] = {[SQLCREATE_PRIMARY_KEY] = "primary key",
	    [SQLCREATE_UNIQUE] = "unique",
	    [SQLCREATE_CHECK] = "check",
	    [SQLCREATE_FOREIGN_KEY] = "foreign key"};

	for (size_t i = 0; i < s->created.nconstraints; i++) {
		const struct sqlcreate_constraint *c = &s->created.constraints[i];

		add(s, kinds[c->kind], c->name, 0, c->definition);
	}
}

/* A stored table: its columns and constraints. */
static int
add_table(struct schema *s, struct rows *r, const char *sql, struct fail *f)
{
	struct fail why;

	if (sqlcreate_table(s->a->m, sql, &s->created, &why) < 0) {
		rows_note(r, 1, "%s: %s", s->table, why.text);
		s->created = (struct sqlcreate_table){0};
	}
	buf_puts(&s->text, "table");
	buf_puts(&s->text, s->created.without_rowid ? " without rowid" : "");
	buf_puts(&s->text, s->created.strict ? " strict" : "");
	add(s, "table", NULL, 0, finish(s));
	add_constraints(s);
	return add_columns(s, f);
}

static void
add_index(struct schema *s, const struct sqlite_index *x)
{
	const char *between = "(";

	buf_puts(&s->text, x->unique ? "UNIQUE " : "");
	for (size_t i = 0; i < x->n; i++, between = ", ") {
		const struct sqlite_index_key *k = &x->keys[i];

		buf_puts(&s->text, between);
		if (k->column != NULL)
			sqltext_name(&s->text, k->column);
		else if (k->expression != NULL)
			buf_puts(&s->text, sqltext_made(s->a->m, k->expression, SQLTEXT_NORMAL));
		if (k->collated) {
			buf_puts(&s->text, " COLLATE ");
			sqltext_name(&s->text, k->collation);
		}
		buf_puts(&s->text, k->descending ? " DESC" : "");
	}
	buf_byte(&s->text, ')');
	if (x->predicate != NULL)
		buf_printf(&s->text, " WHERE %s", sqltext_made(s->a->m, x->predicate, SQLTEXT_NORMAL));
	add(s, "index", x->name, 0, finish(s));
}

/* Those that nobody made by a constraint. */
static int
add_indexes(struct schema *s, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_about(s->a, sqlite_indexes.sql, s->table, f);
	struct sqlite_index x;
	int more = statement != NULL ? sqlite_step(s->a->s, statement, f) : -1;

	while (more > 0) {
		more = sqlite_index_read(s->a, s->table, statement, &x, f);
		if (more >= 0 && *x.origin == 'c')
			add_index(s, &x);
	}
	return more;
}

static int
compare_texts(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int
by_kind(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = strcmp(x->kind, y->kind);

	order = order != 0 ? order : compare_texts(x->name, y->name);
	return order != 0 ? order : strcmp(x->definition, y->definition);
}

static void
add_lines(struct rows *r, struct schema *s)
{
	if (s->n > 0)
		qsort(s->lines, s->n, sizeof *s->lines, by_kind);
	for (size_t i = 0; i < s->n; i++) {
		const struct line *l = &s->lines[i];
		const struct rows_cell cells[DRIVER_SCHEMA_FIELDS] = {
		    rows_text(s->table),
		    rows_text(l->kind),
		    rows_text_or_null(l->name),
		    l->position > 0 ? rows_integer(s->a->m, l->position) : rows_null(),
		    rows_text(l->definition),
		};

		rows_made_add(r, cells);
	}
}

/* What stands behind the name of a view, without AS where its columns have the names of the query. */
static const char *
query_of(const char *view)
{
	return strncmp(view, "AS ", 3) == 0 ? view + 3 : view;
}

/* What is written of the table in the schema: itself, and its triggers. */
static int
read_schema(struct rows *r, struct schema *s, struct fail *f)
{
	const struct sqlite_object *t = sqlite_objects_table(s->a->objects, s->table);
	size_t n = t != NULL ? sqlite_objects_of(s->a->objects, t) : 0;

	if (n > 0 && t->sql != NULL) {
		if (s->a->stored && add_table(s, r, t->sql, f) < 0)
			return -1;
		if (t->kind == SQLITE_KIND_VIEW)
			add(s, "view", NULL, 0, query_of(sqlreading_rest(s->a->m, t->sql)));
		else if (!s->a->stored)
			add(s, "table", NULL, 0, mem_join(s->a->m, "virtual ", sqlreading_rest(s->a->m, t->sql)));
	}
	for (size_t i = 1; i < n; i++) {
		if (t[i].kind == SQLITE_KIND_TRIGGER && t[i].sql != NULL)
			add(s, "trigger", t[i].name, 0, sqlreading_rest(s->a->m, t[i].sql));
	}
	return 0;
}

static int
fill_schema(struct rows *r, struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
{
	struct schema s = {.a = a, .table = table};
	int status = read_schema(r, &s, f);

	(void)statement;
	if (status == 0 && a->stored)
		status = add_indexes(&s, f);
	/* What there is of one that fails is no whole schema. */
	if (status == 0)
		add_lines(r, &s);
	buf_free(&s.text);
	return status;
}

const struct sqlite_part sqlite_schema = {NULL, fill_schema};

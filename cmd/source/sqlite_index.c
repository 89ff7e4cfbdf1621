#include "sqlite_index.h"

#include <string.h>
#include <strings.h>

#include "sqlindex.h"
#include "sqlite_table.h"

/* A row for each key of each index of a table. */
#define INDEXES                                                                                                                \
	"SELECT l.name, l.\"unique\", l.origin, l.partial, x.cid, x.name, x.\"desc\", x.coll"                                  \
	" FROM temp.pragma_index_list(?1, 'main') l JOIN temp.pragma_index_xinfo(l.name, 'main') x"                            \
	" WHERE x.key = 1 ORDER BY l.seq, x.seqno"
enum { X_NAME, X_UNIQUE, X_ORIGIN, X_PARTIAL, X_CID, X_COLUMN, X_DESC, X_COLLATION };

enum { EXPRESSION = -2 }; /* as the number of a column (pragma.html, index_info) */

/* Nobody can make an index of that name. */
static const char rowid_name[] = "sqlite_rowid";

static int
read_key(struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct sqlite_index_key *k, struct fail *f)
{
	struct sqlite_column c;
	int column = sqlite3_column_int(statement, X_CID);

	k->descending = sqlite3_column_int(statement, X_DESC);
	k->collation = sqlite_collation(a->m, sqlite_string(a->m, statement, X_COLLATION));
	k->family = column == EXPRESSION ? "" : "numeric";
	if (sqlite3_column_type(statement, X_COLUMN) == SQLITE_NULL) {
		/* The rowid itself, without a column. */
		k->expression = column == EXPRESSION ? NULL : "rowid";
		return 0;
	}
	k->column = sqlite_string(a->m, statement, X_COLUMN);
	if (sqlite_column(a, table, k->column, &c, f) < 0)
		return -1;
	k->family = c.family;
	k->collated = strcmp(k->collation, c.collation) != 0;
	return 0;
}

/* NULL: it was made by a constraint. */
static const char *
text_of(struct sqlite_asked *a, const char *table, const char *index)
{
	const struct sqlite_object *t = sqlite_objects_table(a->objects, table);
	size_t n = t != NULL ? sqlite_objects_of(a->objects, t) : 0;

	for (size_t i = 1; i < n; i++) {
		if (t[i].kind == SQLITE_KIND_INDEX && strcmp(t[i].name, index) == 0)
			return t[i].sql;
	}
	return NULL;
}

/* What its text says besides.  Text that cannot be read leaves it unsaid. */
static void
read_text(struct sqlite_asked *a, struct sqlite_index *x)
{
	struct sqlindex text;
	struct fail ignored;

	if (x->sql == NULL || sqlindex_read(a->m, x->sql, &text, &ignored) < 0 || text.n != x->n)
		return;
	x->predicate = text.predicate;
	for (size_t i = 0; i < x->n; i++) {
		struct sqlite_index_key *k = &x->keys[i];
		const struct sqlindex_key *t = &text.keys[i];

		if (k->column != NULL || k->expression != NULL)
			continue;
		k->expression = t->text;
		k->collated = strcmp(k->collation, "BINARY") != 0;
		/* It is that of a part of the expression. */
		if (t->collation != NULL && strcasecmp(t->collation, k->collation) != 0)
			k->expression = mem_join(a->m, mem_join(a->m, t->text, " COLLATE "), t->collation);
	}
}

int
sqlite_index_read(struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct sqlite_index *x, struct fail *f)
{
	int more;

	*x = (struct sqlite_index){.name = sqlite_string(a->m, statement, X_NAME),
	    .origin = sqlite_string(a->m, statement, X_ORIGIN),
	    .unique = sqlite3_column_int(statement, X_UNIQUE),
	    .partial = sqlite3_column_int(statement, X_PARTIAL)};
	x->sql = text_of(a, table, x->name);
	do {
		x->keys = mem_more(a->m, x->keys, x->n, sizeof *x->keys);
		if (read_key(a, table, statement, &x->keys[x->n++], f) < 0)
			return -1;
		more = sqlite_step(a->s, statement, f);
	} while (more > 0 && strcmp(x->name, (const char *)sqlite3_column_text(statement, X_NAME)) == 0);
	read_text(a, x);
	return more;
}

#define BYTES " FROM temp.dbstat WHERE schema = 'main' AND aggregate = 1"

/* One by one the pages of indexes are read, and for each of them the whole schema; together all pages of the file. */
static int
is_sooner_together(struct sqlite_asked *a)
{
	enum { OBJECTS = 16 }; /* of the schema, that take as long to pass over as a page takes to be read */
	size_t indexes = 0;
	sqlite3_stmt *statement;
	struct fail ignored;
	sqlite3_int64 pages = INT64_MAX;

	if (a->request->table != NULL)
		return 0;
	for (size_t i = 0; i < a->objects->n; i++)
		indexes += a->objects->all[i].kind == SQLITE_KIND_INDEX;
	statement = sqlite_prepare(a->s, "PRAGMA main.page_count", &ignored);
	if (statement != NULL && sqlite_step(a->s, statement, &ignored) > 0)
		pages = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return indexes * a->objects->n / OBJECTS > (uint64_t)pages;
}

static struct rows_cell
measure_one(struct sqlite_asked *a, const char *name)
{
	sqlite3_stmt *statement;
	struct fail ignored;

	if (a->measured)
		return sqlite_number(a, &a->bytes, name);
	statement = sqlite_about(a, "SELECT sum(pgsize)" BYTES " AND name = ?1", name, &ignored);
	if (statement == NULL)
		a->tired = 1;
	else if (sqlite_step(a->s, statement, &ignored) > 0 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
		return rows_integer(a->m, (uint64_t)sqlite3_column_int64(statement, 0));
	return rows_null();
}

/* The bytes of its pages.  They are all read for it: where that takes too long, or this SQLite has no dbstat, it is not known.
 */
static struct rows_cell
measure(struct sqlite_asked *a, const char *name)
{
	struct rows_cell bytes;
	struct fail ignored;

	if (!a->request->sizes || a->tired)
		return rows_null();
	if (a->s->budget == 0) {
		sqlite_computes(a->s);
		a->measured = is_sooner_together(a);
		if (a->measured && sqlite_numbers_read(a, "SELECT name, pgsize" BYTES, &a->bytes, &ignored) < 0)
			a->tired = 1;
	}
	bytes = measure_one(a, name);
	a->tired |= a->s->over;
	if (a->tired)
		a->s->budget = 0;
	return bytes;
}

static const char *
origin(const char *letter)
{
	return *letter == 'c' ? "index" : *letter == 'u' ? "unique" : "primary key";
}

static void
add_index(struct rows *r, struct sqlite_asked *a, const char *table, const struct sqlite_index *x)
{
	struct buf columns = {0};

	/* An expression has no name; the SQL shows it. */
	for (size_t i = 0; i < x->n; i++) {
		if (x->keys[i].column != NULL)
			sqlite_add_name(&columns, x->keys[i].column);
		else
			buf_puts(&columns, i > 0 ? ",()" : "()");
	}
	const struct rows_cell cells[DRIVER_INDEXES_FIELDS] = {
	    rows_text(table),
	    rows_text(x->name),
	    rows_text(mem_copy(a->m, columns.bytes, columns.len)),
	    rows_boolean(x->unique),
	    rows_text(x->origin),
	    rows_boolean(x->partial),
	    rows_text_or_null(x->sql),
	    rows_text("btree"),
	    rows_text_or_null(x->predicate),
	    rows_boolean(1),
	    rows_boolean(0),
	    rows_boolean(0),
	    rows_null(),
	    rows_null(),
	    strcmp(x->origin, "rowid") != 0 ? measure(a, x->name) : rows_null(),
	    rows_null(),
	    rows_null(),
	    rows_boolean(0),
	};
	buf_free(&columns);
	rows_made_add(r, cells);
}

/* The table itself, which is sorted by its rowid: whoever looks for an index finds it there. */
static int
rowid_index(struct sqlite_asked *a, const char *table, struct sqlite_index *x, struct fail *f)
{
	const char *column;

	*x = (struct sqlite_index){.name = rowid_name, .origin = "rowid", .unique = 1, .n = 1};
	if (!a->stored || !a->request->leaves)
		return 0;
	if (sqlite_rowid_column(a, table, &column, f) < 0)
		return -1;
	if (column == NULL)
		return 0;
	x->keys = mem_alloc(a->m, sizeof *x->keys);
	/* Integers have no collation. */
	*x->keys = (struct sqlite_index_key){.column = column, .family = "numeric"};
	return 1;
}

static int
fill_indexes(struct rows *r, struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
{
	struct sqlite_index x;
	int more = rowid_index(a, table, &x, f);

	if (more > 0)
		add_index(r, a, table, &x);
	if (more >= 0)
		more = sqlite_step(a->s, statement, f);
	while (more > 0) {
		more = sqlite_index_read(a, table, statement, &x, f);
		x.origin = origin(x.origin);
		if (more >= 0)
			add_index(r, a, table, &x);
	}
	return more;
}

static void
add_keys(struct rows *r, struct sqlite_asked *a, const char *table, const struct sqlite_index *x)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct sqlite_index_key *k = &x->keys[i];
		const struct rows_cell cells[DRIVER_INDEX_KEYS_FIELDS] = {
		    rows_text(table),
		    rows_text(x->name),
		    rows_integer(a->m, i + 1),
		    rows_text_or_null(k->column),
		    rows_text_or_null(k->expression),
		    rows_boolean(0),
		    rows_boolean(k->descending),
		    /* SQLite's NULLs are less than all else. */
		    rows_boolean(!k->descending),
		    rows_text_or_null(k->collation),
		    rows_boolean(k->collated),
		    rows_text(k->family),
		    rows_null(),
		};

		rows_made_add(r, cells);
	}
}

static int
fill_keys(struct rows *r, struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
{
	struct sqlite_index x;
	int more = rowid_index(a, table, &x, f);

	if (more > 0)
		add_keys(r, a, table, &x);
	if (more >= 0)
		more = sqlite_step(a->s, statement, f);
	while (more > 0) {
		more = sqlite_index_read(a, table, statement, &x, f);
		if (more >= 0)
			add_keys(r, a, table, &x);
	}
	return more;
}

const struct sqlite_part sqlite_indexes = {INDEXES, fill_indexes};
const struct sqlite_part sqlite_index_keys = {INDEXES, fill_keys};

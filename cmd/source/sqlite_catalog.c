#include "sqlite_catalog.h"

#include <string.h>

#include "buf.h"
#include "ref.h"
#include "sqlite_table.h"

struct asked {
	struct sqlite *s;
	struct mem *m;
	const struct driver_request *request;
};

static struct asked *
asked(struct mem *m, struct sqlite *s, const struct driver_request *request)
{
	struct asked *a = mem_alloc(m, sizeof *a);

	*a = (struct asked){s, m, request};
	return a;
}

static struct rows_cell
text_or_null(struct mem *m, sqlite3_stmt *statement, int column)
{
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return rows_null();
	return rows_text(sqlite_string(m, statement, column));
}

static struct rows_cell
boolean(int value)
{
	return (struct rows_cell){.bytes = value ? "true" : "false", .len = value ? 4 : 5, .type = ROWS_BOOLEAN};
}

/* Tables. */

/* 1 where ANALYZE has been run, 0 where not, -1. */
static int
has_statistics(struct sqlite *s, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(
	    s, "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1' AND type = 'table'", f);
	int r = statement != NULL ? sqlite_step(s, statement, f) : -1;

	sqlite3_finalize(statement);
	return r;
}

/* The first number of `stat` is how many rows the index has, or the table where there is no index (fileformat2.html, 2.6.3);
 * a partial index has fewer than its table, so the largest counts. */
#define ESTIMATES "(SELECT tbl, max(CAST(stat AS INTEGER)) n FROM main.sqlite_stat1 WHERE stat GLOB '[0-9]*' GROUP BY tbl)"
#define TABLES                                                                                                                 \
	"SELECT l.name, CASE WHEN l.type = 'shadow' OR l.name LIKE 'sqlite\\_%' ESCAPE '\\' THEN 'system' ELSE l.type END kind, "
#define FROM_TABLES " FROM temp.pragma_table_list l"
#define WHICH_TABLES " WHERE l.schema = 'main' AND (?1 IS NULL OR l.name = ?1 COLLATE NOCASE) ORDER BY l.name"

static int
fill_tables(struct rows *r, void *arg, struct fail *f)
{
	const struct asked *a = arg;
	const struct driver_request *q = a->request;
	int statistics = has_statistics(a->s, f), more = -1;
	sqlite3_stmt *statement = NULL;
	size_t n = 0;

	if (statistics >= 0)
		statement = sqlite_prepare(a->s,
		    statistics ? TABLES "s.n" FROM_TABLES " LEFT JOIN " ESTIMATES " s ON s.tbl = l.name" WHICH_TABLES
			       : TABLES "NULL" FROM_TABLES WHICH_TABLES,
		    f);
	if (statement == NULL)
		return -1;
	if (q->table != NULL)
		sqlite3_bind_text(statement, 1, q->table, -1, SQLITE_STATIC);
	while ((more = sqlite_step(a->s, statement, f)) > 0) {
		const struct rows_cell cells[DRIVER_TABLES_FIELDS] = {
		    rows_text(sqlite_string(a->m, statement, 0)),
		    rows_text(sqlite_string(a->m, statement, 1)),
		    sqlite3_column_type(statement, 2) == SQLITE_NULL
			? rows_null()
			: rows_integer(a->m, (uint64_t)sqlite3_column_int64(statement, 2)),
		    rows_null(),
		    rows_null(),
		    rows_text("sqlite"),
		    rows_null(),
		    rows_null(),
		};

		if (q->table == NULL && !q->all && strcmp(cells[1].bytes, "system") == 0)
			continue;
		rows_made_add(r, cells);
		n++;
	}
	sqlite3_finalize(statement);
	if (more == 0 && n == 0 && q->table != NULL) {
		struct sqlite_table t;

		return sqlite_table_find(a->s, a->m, q->table, &t, f);
	}
	return more;
}

/* Columns, indexes, foreign keys: one statement, run for each table. */

static void
add_name(struct buf *list, const char *name, size_t len)
{
	if (list->len > 0)
		buf_byte(list, ',');
	ref_name(list, name, len);
}

static int
fill_columns(struct rows *r, const struct asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
{
	uint64_t position = 0;
	int more;

	while ((more = sqlite_step(a->s, statement, f)) > 0) {
		int key = sqlite3_column_int(statement, 4);
		const char *type = sqlite_string(a->m, statement, 1);
		const struct rows_cell cells[DRIVER_COLUMNS_FIELDS] = {
		    rows_text(table),
		    rows_text(sqlite_string(a->m, statement, 0)),
		    rows_integer(a->m, ++position),
		    *type != '\0' ? rows_text(type) : rows_null(),
		    boolean(!sqlite3_column_int(statement, 2)),
		    text_or_null(a->m, statement, 3),
		    key > 0 ? rows_integer(a->m, (uint64_t)key) : rows_null(),
		    rows_text("declared"),
		};

		rows_made_add(r, cells);
	}
	return more;
}

static int
fill_indexes(struct rows *r, const struct asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
{
	struct buf columns = {0};
	int more = sqlite_step(a->s, statement, f);

	while (more > 0) {
		const char *name = sqlite_string(a->m, statement, 0), *origin = sqlite_string(a->m, statement, 2);
		struct rows_cell cells[DRIVER_INDEXES_FIELDS] = {
		    rows_text(table),
		    rows_text(name),
		    rows_null(),
		    boolean(sqlite3_column_int(statement, 1)),
		    rows_text(*origin == 'c'   ? "index"
			      : *origin == 'u' ? "unique"
					       : "primary key"),
		    boolean(sqlite3_column_int(statement, 3)),
		    text_or_null(a->m, statement, 5),
		};

		columns.len = 0;
		do {
			const char *column = sqlite_string(a->m, statement, 4);

			/* An expression has no name; the SQL shows it. */
			add_name(&columns, *column != '\0' ? column : "()", *column != '\0' ? strlen(column) : 2);
			more = sqlite_step(a->s, statement, f);
		} while (more > 0 && strcmp(name, (const char *)sqlite3_column_text(statement, 0)) == 0);
		cells[2] = rows_text(mem_copy(a->m, columns.bytes, columns.len));
		rows_made_add(r, cells);
	}
	buf_free(&columns);
	return more;
}

static int
fill_foreign_keys(struct rows *r, const struct asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
{
	struct buf columns = {0}, parents = {0};
	int more = sqlite_step(a->s, statement, f);

	while (more > 0) {
		int id = sqlite3_column_int(statement, 0);
		struct rows_cell cells[DRIVER_FOREIGN_KEYS_FIELDS] = {
		    rows_text(table),
		    rows_null(),
		    rows_null(),
		    rows_text(sqlite_string(a->m, statement, 1)),
		    rows_null(),
		    rows_text(sqlite_string(a->m, statement, 4)),
		    rows_text(sqlite_string(a->m, statement, 5)),
		};

		columns.len = parents.len = 0;
		do {
			const char *column = sqlite_string(a->m, statement, 2), *parent = sqlite_string(a->m, statement, 3);

			add_name(&columns, column, strlen(column));
			/* Without a name the key refers to the parent's primary key. */
			if (*parent != '\0')
				add_name(&parents, parent, strlen(parent));
			more = sqlite_step(a->s, statement, f);
		} while (more > 0 && id == sqlite3_column_int(statement, 0));
		cells[2] = rows_text(mem_copy(a->m, columns.bytes, columns.len));
		if (parents.len > 0)
			cells[4] = rows_text(mem_copy(a->m, parents.bytes, parents.len));
		rows_made_add(r, cells);
	}
	buf_free(&columns);
	buf_free(&parents);
	return more;
}

static const struct part {
	const char *sql;
	int (*fill)(struct rows *r, const struct asked *a, const char *table, sqlite3_stmt *statement, struct fail *f);
} parts[DRIVER_OPERATIONS] = {
    [DRIVER_COLUMNS] =
	{"SELECT name, type, \"notnull\", dflt_value, pk FROM temp.pragma_table_xinfo(?1, 'main') WHERE hidden <> 1"
	 " ORDER BY cid",
	    fill_columns},
    [DRIVER_INDEXES] = {"SELECT l.name, l.\"unique\", l.origin, l.partial, x.name, m.sql"
			" FROM temp.pragma_index_list(?1, 'main') l JOIN temp.pragma_index_xinfo(l.name, 'main') x"
			" LEFT JOIN main.sqlite_schema m ON m.type = 'index' AND m.name = l.name"
			" WHERE x.key = 1 ORDER BY l.seq, x.seqno",
	fill_indexes},
    [DRIVER_FOREIGN_KEYS] = {"SELECT id, \"table\", \"from\", \"to\", on_update, on_delete"
			     " FROM temp.pragma_foreign_key_list(?1, 'main') ORDER BY id, seq",
	fill_foreign_keys},
};

/* What the tables on a list have; one that fails is noted, since the others may be whole. */
static int
fill_listed(struct rows *r, const struct asked *a, sqlite3_stmt *list, sqlite3_stmt *statement, struct fail *f)
{
	const struct part *part = &parts[a->request->operation];
	int more;

	while ((more = sqlite_step(a->s, list, f)) > 0) {
		const char *table = sqlite_string(a->m, list, 0);
		struct fail why;

		sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
		if (part->fill(r, a, table, statement, &why) < 0)
			rows_note(r, 1, "%s: %s", table, why.text);
		sqlite3_reset(statement);
	}
	return more;
}

static int
fill_parts(struct rows *r, void *arg, struct fail *f)
{
	const struct asked *a = arg;
	const struct part *part = &parts[a->request->operation];
	sqlite3_stmt *list = NULL, *statement = sqlite_prepare(a->s, part->sql, f);
	struct sqlite_table t;
	int status = -1;

	if (statement == NULL)
		return -1;
	if (a->request->table == NULL) {
		list = sqlite_table_list(a->s, a->request->all, f);
		if (list != NULL)
			status = fill_listed(r, a, list, statement, f);
	} else if (sqlite_table_find(a->s, a->m, a->request->table, &t, f) == 0) {
		sqlite3_bind_text(statement, 1, t.name, -1, SQLITE_STATIC);
		status = part->fill(r, a, t.name, statement, f);
	}
	sqlite3_finalize(list);
	sqlite3_finalize(statement);
	return status;
}

/* All that is made at once is made in one transaction. */
static int
in_one_state(struct rows *r, const struct asked *a, int (*fill)(struct rows *, void *, struct fail *), struct fail *f)
{
	int status = sqlite_begin(a->s, f);

	if (status == 0)
		status = fill(r, (void *)(uintptr_t)a, f);
	sqlite_end(a->s);
	return status;
}

static int
make_tables(struct rows *r, void *arg, struct fail *f)
{
	return in_one_state(r, arg, fill_tables, f);
}

static int
make_parts(struct rows *r, void *arg, struct fail *f)
{
	return in_one_state(r, arg, fill_parts, f);
}

struct rows *
sqlite_tables(struct mem *m, struct sqlite *s, const struct driver_request *request)
{
	return driver_made(m, DRIVER_TABLES, make_tables, asked(m, s, request));
}

struct rows *
sqlite_parts(struct mem *m, struct sqlite *s, const struct driver_request *request)
{
	return driver_made(m, request->operation, make_parts, asked(m, s, request));
}

#include "sqlite_catalog.h"

#include <string.h>

#include "sqlite_index.h"
#include "sqlite_part.h"
#include "sqlite_reference.h"
#include "sqlite_schema.h"
#include "sqlite_table.h"

static struct sqlite_asked *
asked(struct mem *m, struct sqlite *s, const struct driver_request *request)
{
	struct sqlite_asked *a = mem_alloc(m, sizeof *a);

	*a = (struct sqlite_asked){.s = s, .m = m, .request = request};
	return a;
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
	struct sqlite_asked *a = arg;
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

/* Parts of tables: one statement, run for each table. */

static int
fill_columns(struct rows *r, struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
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
		    rows_boolean(!sqlite3_column_int(statement, 2)),
		    sqlite_text_or_null(a->m, statement, 3),
		    key > 0 ? rows_integer(a->m, (uint64_t)key) : rows_null(),
		    rows_text("declared"),
		};

		rows_made_add(r, cells);
	}
	return more;
}

static const struct sqlite_part columns = {
    "SELECT name, type, "
    "\"notnull\", dflt_value, pk FROM temp.pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 ORDER BY cid",
    fill_columns,
};

static const struct sqlite_part *const parts[DRIVER_OPERATIONS] = {
    [DRIVER_COLUMNS] = &columns,
    [DRIVER_INDEXES] = &sqlite_indexes,
    [DRIVER_INDEX_KEYS] = &sqlite_index_keys,
    [DRIVER_FOREIGN_KEYS] = &sqlite_foreign_keys,
    [DRIVER_FOREIGN_KEY_COLUMNS] = &sqlite_foreign_key_columns,
    [DRIVER_SCHEMA] = &sqlite_schema,
};

/* What the tables on a list have; one that fails is noted, since the others may be whole. */
static int
fill_listed(struct rows *r, struct sqlite_asked *a, sqlite3_stmt *list, sqlite3_stmt *statement, struct fail *f)
{
	const struct sqlite_part *part = parts[a->request->operation];
	int more;

	while ((more = sqlite_step(a->s, list, f)) > 0) {
		const char *table = sqlite_string(a->m, list, 0);
		const char *kind = sqlite_string(a->m, list, 1);
		struct fail why;

		a->stored = strcmp(kind, "view") != 0 && strcmp(kind, "virtual") != 0;
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
	struct sqlite_asked *a = arg;
	const struct sqlite_part *part = parts[a->request->operation];
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
		a->stored = !t.view;
		sqlite3_bind_text(statement, 1, t.name, -1, SQLITE_STATIC);
		status = part->fill(r, a, t.name, statement, f);
	}
	sqlite3_finalize(list);
	sqlite3_finalize(statement);
	sqlite_about_end(a);
	return status;
}

/* All that is made at once is made in one transaction. */
static int
in_one_state(struct rows *r, struct sqlite_asked *a, int (*fill)(struct rows *, void *, struct fail *), struct fail *f)
{
	int status = sqlite_begin(a->s, f);

	if (status == 0)
		status = fill(r, a, f);
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

#include "sqlite_catalog.h"

#include <strings.h>

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

/* True where ANALYZE has been run. */
static int
has_statistics(const struct sqlite_objects *o)
{
	const struct sqlite_object *x = sqlite_objects_table(o, "sqlite_stat1");

	return x != NULL && x->kind == SQLITE_KIND_TABLE;
}

/* The first number of `stat` is how many rows the index has, or the table where there is no index (fileformat2.html, 2.6.3);
 * a partial index has fewer than its table, so the largest counts. */
#define ESTIMATES "SELECT tbl, max(CAST(stat AS INTEGER)) FROM main.sqlite_stat1 WHERE stat GLOB '[0-9]*' GROUP BY tbl"

static void
add_table(struct rows *r, struct sqlite_asked *a, const struct sqlite_object *x, const struct sqlite_numbers *estimates)
{
	const struct rows_cell cells[DRIVER_TABLES_FIELDS] = {
	    rows_text(mem_string(a->m, x->name)),
	    rows_text(sqlite_object_kind(x)),
	    sqlite_number(a, estimates, x->name),
	    rows_null(),
	    rows_null(),
	    rows_text("sqlite"),
	    rows_null(),
	    rows_null(),
	};

	rows_made_add(r, cells);
}

/* True for a table that is asked about. */
static int
is_wanted(const struct driver_request *q, const struct sqlite_object *x)
{
	if (q->table == NULL)
		return q->all || !sqlite_object_is_system(x);
	/* Its old name finds the schema's table, too. */
	return strcasecmp(x->name, strcasecmp(q->table, "sqlite_master") == 0 ? "sqlite_schema" : q->table) == 0;
}

static int
fill_tables(struct rows *r, void *arg, struct fail *f)
{
	struct sqlite_asked *a = arg;
	const struct sqlite_objects *o = sqlite_objects(a->s, f);
	struct sqlite_numbers estimates = {0};
	int statistics = o != NULL ? has_statistics(o) : 0;
	size_t found = 0;

	if (o == NULL || (statistics && sqlite_numbers_read(a, ESTIMATES, &estimates, f) < 0))
		return -1;
	for (size_t i = 0; i < o->ntables; i++) {
		if (!is_wanted(a->request, &o->tables[i]))
			continue;
		add_table(r, a, &o->tables[i], &estimates);
		found++;
	}
	if (found == 0 && a->request->table != NULL) {
		struct sqlite_table t;

		return sqlite_table_find(a->s, a->m, a->request->table, &t, f);
	}
	return 0;
}

/* Parts of tables: one statement, run for each. */

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

/* What one table has.  Of a view it may take more than can be waited for. */
static int
fill_table(struct rows *r, struct sqlite_asked *a, const char *table, sqlite3_stmt *statement, struct fail *f)
{
	int status;

	if (statement != NULL)
		sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
	sqlite_bound(a->s, !a->stored);
	status = parts[a->request->operation]->fill(r, a, table, statement, f);
	sqlite_bound(a->s, 0);
	sqlite3_reset(statement);
	return status;
}

/* What the tables have that were asked for; one that fails is noted, since the others may be whole.  Who wants leaves asks
 * about indexes, which views do not have: one that fails is no part of that. */
static int
fill_listed(struct rows *r, struct sqlite_asked *a, sqlite3_stmt *statement, struct fail *f)
{
	for (size_t i = 0; i < a->objects->ntables; i++) {
		const struct sqlite_object *x = &a->objects->tables[i];
		struct fail why;

		if (!a->request->all && sqlite_object_is_system(x))
			continue;
		a->stored = x->kind != SQLITE_KIND_VIEW && x->kind != SQLITE_KIND_VIRTUAL;
		if (fill_table(r, a, mem_string(a->m, x->name), statement, &why) < 0 && (a->stored || !a->request->leaves))
			rows_note(r, 1, "%s: %s", x->name, why.text);
		/* Statements that end soon do not look at the clock. */
		if (a->s->watch != NULL && a->s->watch->deadline != 0 && watch_check(a->s->watch, 0, 0, f) < 0)
			return -1;
	}
	return 0;
}

static int
fill_parts(struct rows *r, void *arg, struct fail *f)
{
	struct sqlite_asked *a = arg;
	const struct sqlite_part *part = parts[a->request->operation];
	sqlite3_stmt *statement = NULL;
	struct sqlite_table t;
	int status = -1;

	a->objects = sqlite_objects(a->s, f);
	if (a->objects == NULL || (part->sql != NULL && (statement = sqlite_prepare(a->s, part->sql, f)) == NULL))
		return -1;
	if (a->request->table == NULL) {
		status = fill_listed(r, a, statement, f);
	} else if (sqlite_table_find(a->s, a->m, a->request->table, &t, f) == 0) {
		a->stored = !t.view;
		status = fill_table(r, a, t.name, statement, f);
	}
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

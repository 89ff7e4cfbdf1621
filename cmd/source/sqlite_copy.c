#include "sqlite_copy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sqlite_table.h"

int
sqlite_has_table(const struct sqlite *s, const char *name)
{
	return sqlite3_table_column_metadata(s->db, "main", name, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

int
sqlite_asks_only(int action, const char *first, const char *second)
{
	return action == SQLITE_PRAGMA && second == NULL &&
	       (strcasecmp(first, "page_size") == 0 || strcasecmp(first, "data_version") == 0);
}

/* What the statements of a schema do.  They come from the file, which may be hostile: they reach no other file. */
static int
allow_schema(void *arg, int action, const char *first, const char *second, const char *database, const char *trigger)
{
	static const int allowed[] = {SQLITE_CREATE_TABLE, SQLITE_CREATE_INDEX, SQLITE_CREATE_VIEW, SQLITE_CREATE_TRIGGER,
	    SQLITE_CREATE_VTABLE, SQLITE_REINDEX, SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_SELECT, SQLITE_READ,
	    SQLITE_FUNCTION, SQLITE_RECURSIVE};

	(void)arg, (void)database, (void)trigger;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
		if (action == allowed[i])
			return SQLITE_OK;
	}
	return sqlite_asks_only(action, first, second) ? SQLITE_OK : SQLITE_DENY;
}

static int
make_one(struct sqlite_copy *c, const char *sql, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(&c->s, sql, f);
	int r = statement != NULL ? sqlite_step(&c->s, statement, f) : -1;

	sqlite3_finalize(statement);
	return r < 0 ? -1 : 0;
}

/* Virtual tables come first, since they make the tables that they are made of. */
#define PARTS                                                                                                                  \
	"SELECT name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"            \
	" ORDER BY type = 'table' AND rootpage = 0 DESC, type = 'table' DESC, type = 'index' DESC, rowid"

/* `again`: what has failed before is said now; else it is left for that time. */
static int
make_parts(struct sqlite_copy *c, struct sqlite *from, struct mem *m, int again, int *left, struct fail *f)
{
	sqlite3_stmt *parts = sqlite_prepare(from, PARTS, f);
	int more = parts != NULL ? 1 : -1;

	*left = 0;
	while (more > 0 && (more = sqlite_step(from, parts, f)) > 0) {
		const char *name = sqlite_string(m, parts, 0);
		struct fail why;

		/* A virtual table has made it; or this is the second time. */
		if (sqlite_has_table(&c->s, name) || make_one(c, sqlite_string(m, parts, 1), &why) == 0 ||
		    strstr(why.text, "already exists") != NULL)
			continue;
		if (sqlite3_errcode(c->s.db) == SQLITE_NOMEM || sqlite3_errcode(c->s.db) == SQLITE_INTERRUPT) {
			*f = why;
			more = -1;
		}
		*left = 1;
		if (again)
			buf_printf(&c->notes, "%s could not be copied: %.300s\n", name, why.text);
	}
	sqlite3_finalize(parts);
	return more;
}

static int
copy_rows(struct sqlite_copy *c, struct sqlite *from, const char *select, const char *insert, struct fail *f)
{
	sqlite3_stmt *in = sqlite_prepare(from, select, f), *out = in != NULL ? sqlite_prepare(&c->s, insert, f) : NULL;
	int more = out != NULL ? 1 : -1;

	while (more > 0 && (more = sqlite_step(from, in, f)) > 0) {
		for (int i = 0; i < sqlite3_column_count(in); i++)
			sqlite3_bind_value(out, i + 1, sqlite3_column_value(in, i));
		if (sqlite_step(&c->s, out, f) < 0)
			more = -1;
		sqlite3_reset(out);
	}
	sqlite3_finalize(in);
	sqlite3_finalize(out);
	return more;
}

/* ANALYZE of the schema makes the tables of statistics, and reads them; it gathers none. */
static int
copy_statistics(struct sqlite_copy *c, struct sqlite *from, struct fail *f)
{
	static const struct {
		const char *table, *select, *insert;
	} tables[] = {
	    {"sqlite_stat1", "SELECT tbl, idx, stat FROM main.sqlite_stat1", "INSERT INTO main.sqlite_stat1 VALUES (?, ?, ?)"},
	    {"sqlite_stat4", "SELECT tbl, idx, neq, nlt, ndlt, sample FROM main.sqlite_stat4",
		"INSERT INTO main.sqlite_stat4 VALUES (?, ?, ?, ?, ?, ?)"},
	};

	if (sqlite_run(&c->s, "ANALYZE sqlite_schema", f) < 0)
		return -1;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		/* SQLite may be made without the second. */
		if (!sqlite_has_table(from, tables[i].table) || !sqlite_has_table(&c->s, tables[i].table))
			continue;
		c->has_statistics = 1;
		if (copy_rows(c, from, tables[i].select, tables[i].insert, f) < 0)
			return -1;
	}
	return sqlite_run(&c->s, "ANALYZE sqlite_schema", f);
}

static int
fill(struct sqlite_copy *c, struct sqlite *from, struct mem *m, struct fail *f)
{
	int left, r;

	if (sqlite_open_memory(&c->s, f) < 0)
		return -1;
	sqlite3_db_config(c->s.db, SQLITE_DBCONFIG_LEGACY_FILE_FORMAT, from->ascends, (int *)NULL);
	sqlite_computes(&c->s);
	sqlite3_set_authorizer(c->s.db, allow_schema, NULL);
	r = make_parts(c, from, m, 0, &left, f);
	/* One may need another that came behind it. */
	if (r == 0 && left)
		r = make_parts(c, from, m, 1, &left, f);
	sqlite3_set_authorizer(c->s.db, NULL, NULL);
	return r == 0 ? copy_statistics(c, from, f) : -1;
}

/* A number that is another one where the file has changed since it was opened. */
static int
state_of(struct sqlite *s, sqlite3_int64 *state, struct fail *f)
{
	sqlite3_stmt *statement = sqlite_prepare(s, "PRAGMA main.data_version", f);
	int r = statement != NULL ? sqlite_step(s, statement, f) : -1;

	if (r > 0)
		*state = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return r < 0 ? -1 : 0;
}

static void
close_copy(void *copy)
{
	struct sqlite_copy *c = copy;

	sqlite3_close_v2(c->s.db);
	buf_free(&c->s.sql);
	buf_free(&c->notes);
	free(c);
}

struct sqlite_copy *
sqlite_copy_of(struct sqlite *s, struct mem *m, struct fail *f)
{
	struct sqlite_copy *c = s->kept;
	sqlite3_int64 state = 0;

	if (state_of(s, &state, f) < 0)
		return NULL;
	if (c != NULL && c->of == state)
		return c;
	sqlite_keep(s, NULL, NULL);
	c = mem_resize(NULL, sizeof *c);
	*c = (struct sqlite_copy){.s = {.watch = s->watch, .lock = -1}, .of = state};
	if (fill(c, s, m, f) < 0) {
		close_copy(c);
		return NULL;
	}
	sqlite_keep(s, c, close_copy);
	return c;
}

#include "sqlite_objects.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sqlreading.h"

static const char *
text_of(struct mem *m, sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	if (text == NULL && sqlite3_column_type(statement, column) != SQLITE_NULL)
		mem_exhausted();
	return text != NULL ? mem_copy(m, text, (size_t)sqlite3_column_bytes(statement, column)) : NULL;
}

/* A new one, of nothing yet known. */
static struct sqlite_object *
add(struct sqlite_objects *o, const char *name, const char *table, const char *sql)
{
	o->all = mem_more(&o->mem, o->all, o->n, sizeof *o->all);
	o->all[o->n] = (struct sqlite_object){.name = name, .table = table, .sql = sql};
	return &o->all[o->n++];
}

enum { O_TYPE, O_NAME, O_TABLE, O_SQL, O_VIRTUAL };

/* What SQLite does not know it has refused before; this is for a row that is no object all the same. */
static void
take(struct sqlite_objects *o, sqlite3_stmt *statement)
{
	static const struct {
		const char *type;
		enum sqlite_kind kind;
	} kinds[] = {{"table", SQLITE_KIND_TABLE}, {"view", SQLITE_KIND_VIEW}, {"index", SQLITE_KIND_INDEX},
	    {"trigger", SQLITE_KIND_TRIGGER}};
	const char *type = text_of(&o->mem, statement, O_TYPE), *name = text_of(&o->mem, statement, O_NAME);
	const char *table = text_of(&o->mem, statement, O_TABLE);
	size_t i = 0;

	while (i < sizeof kinds / sizeof *kinds && (type == NULL || strcasecmp(type, kinds[i].type) != 0))
		i++;
	if (i == sizeof kinds / sizeof *kinds || name == NULL || table == NULL)
		return;
	struct sqlite_object *x = add(o, name, table, text_of(&o->mem, statement, O_SQL));
	x->kind = kinds[i].kind;
	if (x->kind == SQLITE_KIND_TABLE && sqlite3_column_int(statement, O_VIRTUAL))
		x->kind = SQLITE_KIND_VIRTUAL;
	if (x->kind == SQLITE_KIND_TABLE || x->kind == SQLITE_KIND_VIEW || x->kind == SQLITE_KIND_VIRTUAL)
		x->table = x->name;
}

/* Tables that a virtual one makes, by what stands behind its name and `_` (fts3.html, 9; fts5.html, 9; rtree.html, 6). */
static int
is_shadow_of(struct mem *m, const struct sqlite_object *virtual, const char *tail)
{
	static const struct {
		const char *module, *tails[6];
	} modules[] = {
	    {"fts3", {"content", "docsize", "segdir", "segments", "stat"}},
	    {"fts4", {"content", "docsize", "segdir", "segments", "stat"}},
	    {"fts5", {"config", "content", "data", "docsize", "idx"}},
	    {"rtree", {"node", "parent", "rowid"}},
	    {"rtree_i32", {"node", "parent", "rowid"}},
	    {"geopoly", {"node", "parent", "rowid"}},
	};
	struct fail ignored;
	struct sqlreading r = sqlreading_begin(m, virtual->sql != NULL ? virtual->sql : "", &ignored);
	const char *module;

	if (sqlreading_head(&r) < 0 || !sqlreading_take(&r, "USING") || (module = sqlreading_name(&r)) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
		if (strcasecmp(module, modules[i].module) != 0)
			continue;
		for (size_t k = 0; modules[i].tails[k] != NULL; k++) {
			if (strcasecmp(tail, modules[i].tails[k]) == 0)
				return 1;
		}
	}
	return 0;
}

static void
find_shadow(struct sqlite_objects *o, struct sqlite_object *x)
{
	const char *tail = strrchr(x->name, '_');
	const struct sqlite_object *of;

	if (x->kind != SQLITE_KIND_TABLE || tail == NULL)
		return;
	of = sqlite_objects_table(o, mem_copy(&o->mem, x->name, (size_t)(tail - x->name)));
	if (of != NULL && of->kind == SQLITE_KIND_VIRTUAL && is_shadow_of(&o->mem, of, tail + 1))
		x->kind = SQLITE_KIND_SHADOW;
}

static int
has_parts(const struct sqlite_object *x)
{
	return x->kind != SQLITE_KIND_INDEX && x->kind != SQLITE_KIND_TRIGGER;
}

static int
by_table(const void *a, const void *b)
{
	const struct sqlite_object *x = a, *y = b;
	int order = strcasecmp(x->table, y->table);

	if (order == 0)
		order = has_parts(y) - has_parts(x);
	return order != 0 ? order : strcmp(x->name, y->name);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct sqlite_object *)a)->name, ((const struct sqlite_object *)b)->name);
}

static void
sort(struct sqlite_objects *o)
{
	qsort(o->all, o->n, sizeof *o->all, by_table);
	o->tables = mem_array(&o->mem, o->n, sizeof *o->tables);
	for (size_t i = 0; i < o->n; i++) {
		find_shadow(o, &o->all[i]);
		if (has_parts(&o->all[i]))
			o->tables[o->ntables++] = o->all[i];
	}
	qsort(o->tables, o->ntables, sizeof *o->tables, by_name);
}

static int
read_all(struct sqlite *s, struct sqlite_objects *o, struct fail *f)
{
	static const char sql[] = "SELECT type, name, tbl_name, sql, coalesce(rootpage, 0) = 0 FROM main.sqlite_schema";
	sqlite3_stmt *statement = sqlite_prepare(s, sql, f);
	int more = statement != NULL ? 1 : -1;

	/* It does not list itself. */
	add(o, "sqlite_schema", "sqlite_schema", NULL);
	while (more > 0 && (more = sqlite_step(s, statement, f)) > 0)
		take(o, statement);
	sqlite3_finalize(statement);
	if (more == 0)
		sort(o);
	return more;
}

static void
drop(struct sqlite_objects *o)
{
	if (o == NULL)
		return;
	mem_free(&o->mem);
	free(o);
}

const struct sqlite_objects *
sqlite_objects(struct sqlite *s, struct fail *f)
{
	struct sqlite_objects *o = s->objects;
	sqlite3_int64 version;

	if (sqlite_schema_version(s, &version, f) < 0)
		return NULL;
	if (o != NULL && o->version == version)
		return o;
	drop(o);
	s->objects = NULL;
	s->drop_objects = drop;
	o = mem_resize(NULL, sizeof *o);
	*o = (struct sqlite_objects){.version = version};
	if (read_all(s, o, f) < 0) {
		drop(o);
		return NULL;
	}
	s->objects = o;
	return o;
}

const struct sqlite_object *
sqlite_objects_table(const struct sqlite_objects *o, const char *name)
{
	/* The name that it had first. */
	const char *wanted = strcasecmp(name, "sqlite_master") == 0 ? "sqlite_schema" : name;
	size_t from = 0, end = o->n;

	while (from < end) {
		size_t middle = from + (end - from) / 2;

		if (strcasecmp(o->all[middle].table, wanted) < 0)
			from = middle + 1;
		else
			end = middle;
	}
	return from < o->n && strcasecmp(o->all[from].table, wanted) == 0 && has_parts(&o->all[from]) ? &o->all[from] : NULL;
}

size_t
sqlite_objects_of(const struct sqlite_objects *o, const struct sqlite_object *table)
{
	size_t from = (size_t)(table - o->all), n = 1;

	while (from + n < o->n && strcasecmp(o->all[from + n].table, table->name) == 0)
		n++;
	return n;
}

int
sqlite_object_is_system(const struct sqlite_object *x)
{
	return x->kind == SQLITE_KIND_SHADOW || strncasecmp(x->name, "sqlite_", 7) == 0;
}

const char *
sqlite_object_kind(const struct sqlite_object *x)
{
	static const char *const kinds[] = {
	    [SQLITE_KIND_TABLE] = "table", [SQLITE_KIND_VIEW] = "view", [SQLITE_KIND_VIRTUAL] = "virtual"};

	return sqlite_object_is_system(x) || !has_parts(x) ? "system" : kinds[x->kind];
}

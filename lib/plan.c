#include "plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "definition.h"
#include "hash.h"
#include "want.h"

#define TEXT(name) (name), sizeof(name) - 1, ROWS_TEXT, ""

const struct rows_column plan_columns[PLAN_FIELDS] = {
    [PLAN_REF] = {TEXT("ref")},
    [PLAN_ACTION] = {TEXT("action")},
    [PLAN_NAME] = {TEXT("name")},
    [PLAN_DEFINITION] = {TEXT("definition")},
    [PLAN_SQL] = {TEXT("sql")},
    [PLAN_LOCK] = {TEXT("lock")},
    [PLAN_BLOCKS] = {TEXT("blocks")},
    [PLAN_BYTES] = {"bytes", 5, ROWS_INTEGER, ""},
    [PLAN_WHY] = {TEXT("why")},
    [PLAN_BASIS] = {TEXT("basis")},
    [PLAN_INSTEAD] = {TEXT("instead")},
};

const char *const plan_actions[PLAN_ACTIONS] = {"create", "drop", "rebuild"};

/* Basis. */

static uint64_t
hash_text(uint64_t before, const char *text)
{
	return text != NULL ? hash_more(before, text, strlen(text) + 1) : hash_more(before, "", 0);
}

static uint64_t
hash_definition(uint64_t before, enum index_sql_dialect dialect, const struct catalog_index *x)
{
	struct mem m = {0};
	uint64_t h = hash_text(before, plan_definition(&m, dialect, x));

	h = hash_text(h, x->origin);
	h = hash_text(h, x->replica ? "replica" : NULL);
	h = hash_text(h, x->of);
	mem_free(&m);
	return hash_text(h, x->invalid ? "invalid" : NULL);
}

static uint64_t
hash_columns(uint64_t before, const struct catalog_table *t)
{
	uint64_t h = hash_text(before, t->kind);

	for (size_t i = 0; i < t->ncolumns; i++)
		h = hash_text(hash_text(h, t->columns[i].name), t->columns[i].type);
	return h;
}

void
plan_basis(enum index_sql_dialect dialect, const struct plan_change *change, char basis[PLAN_BASIS_TEXT])
{
	uint64_t h = hash_text(0, change->table->name);

	if (change->action != PLAN_DROP)
		h = hash_columns(h, change->table);
	else if (change->victim != NULL)
		h = hash_definition(h, dialect, change->victim);
	if (change->instead != NULL)
		h = hash_definition(h, dialect, change->instead);
	snprintf(basis, PLAN_BASIS_TEXT, "%016" PRIx64, h);
}

const char *
plan_keeps(const struct catalog_index *x)
{
	if (x->origin == NULL || strcmp(x->origin, "index") != 0)
		return "it belongs to a constraint";
	if (x->unique && !x->invalid)
		return "it is unique: no value may come twice because of it";
	if (x->replica)
		return "it identifies rows for replication";
	if (x->clustered)
		return "CLUSTER sorts the table by it";
	if (x->of != NULL)
		return "it is part of the index of a partitioned table";
	return NULL;
}

/* Sizes. */

static const struct width {
	const char *type; /* what it begins with, in lower case */
	unsigned bytes;
} widths[] = {
    {"smallint", 2},
    {"int2", 2},
    {"bigint", 8},
    {"int8", 8},
    {"int", 4},
    {"boolean", 1},
    {"real", 4},
    {"float4", 4},
    {"double", 8},
    {"float8", 8},
    {"date", 4},
    {"time", 8},
    {"uuid", 16},
    {"numeric", 10},
    {"decimal", 10},
};

enum { USUAL_WIDTH = 16, ENTRY = 12 }; /* bytes of what is not known; and of an entry besides its values */

static uint64_t
width_of_column(const struct catalog_table *t, const char *name)
{
	const struct catalog_column *c = catalog_column(t, name);

	for (size_t i = 0; c != NULL && c->type != NULL && i < sizeof widths / sizeof *widths; i++) {
		if (strncasecmp(c->type, widths[i].type, strlen(widths[i].type)) == 0)
			return widths[i].bytes;
	}
	return USUAL_WIDTH;
}

/* About how many an index would have, by the catalog's estimate of the rows. */
static uint64_t
bytes_of(const struct catalog_table *t, const struct driver_index *x)
{
	uint64_t width = ENTRY;

	if (t->rows == CATALOG_UNKNOWN || x->predicate != NULL || t->rows > UINT64_MAX >> 16)
		return CATALOG_UNKNOWN;
	for (size_t i = 0; i < x->nkeys; i++)
		width += x->keys[i].expression ? USUAL_WIDTH : width_of_column(t, x->keys[i].text);
	for (size_t i = 0; i < x->ninclude; i++)
		width += width_of_column(t, x->include[i]);
	/* Pages are filled to nine tenths. */
	return t->rows * width * 10 / 9;
}

/* Records. */

static const char *
lock_of(enum index_sql_dialect dialect, const struct plan_change *change)
{
	if (dialect == INDEX_SQL_SQLITE)
		return "the write lock of the file: other writers wait until it is done; readers go on, but without write-ahead logging "
		       "wait at the end, while it is written";
	if (change->table->partitioned)
		return "on each partition in turn: reads and writes go on";
	return change->action == PLAN_DROP
		   ? "SHARE UPDATE EXCLUSIVE on the table: reads and writes go on; it waits for whoever still uses the index"
		   : "SHARE UPDATE EXCLUSIVE on the table: reads and writes go on; it waits for transactions that are older, and keeps "
		     "VACUUM and changes of the table out";
}

static const char *
blocks_of(const struct plan_change *change)
{
	const struct catalog_index *named = catalog_index(change->table, change->index.name);

	if (change->action == PLAN_CREATE && named != NULL && !named->invalid)
		return "an index of that name may be just this one: the server will tell";
	for (size_t i = 0; i < change->table->nindexes; i++) {
		if (change->table->indexes[i].building)
			return "somebody is making an index on the table";
	}
	return NULL;
}

static const char *
sql_of(struct mem *m, enum index_sql_dialect dialect, const struct plan_change *change)
{
	struct buf b = {0};

	if (change->action == PLAN_DROP)
		index_sql_drop(&b, dialect, change->table->name, change->index.name);
	else
		index_sql_create(&b, dialect, change->table->name, &change->index);
	return buf_kept(m, &b);
}

void
plan_record(struct mem *m, enum index_sql_dialect dialect, const struct plan_change *change, const char *ref,
    struct rows_cell cells[PLAN_FIELDS])
{
	uint64_t bytes = change->action == PLAN_DROP ? change->victim->bytes : bytes_of(change->table, &change->index);
	char *basis = mem_alloc(m, PLAN_BASIS_TEXT);
	struct buf definition = {0};

	want_write(&definition, dialect == INDEX_SQL_POSTGRESQL, change->table->name, &change->index);
	plan_basis(dialect, change, basis);
	cells[PLAN_REF] = rows_text(ref);
	cells[PLAN_ACTION] = rows_text(plan_actions[change->action]);
	cells[PLAN_NAME] = rows_text(change->index.name);
	cells[PLAN_DEFINITION] = rows_text(buf_kept(m, &definition));
	cells[PLAN_SQL] = rows_text(sql_of(m, dialect, change));
	cells[PLAN_LOCK] = rows_text(lock_of(dialect, change));
	cells[PLAN_BLOCKS] = rows_text_or_null(blocks_of(change));
	cells[PLAN_BYTES] = bytes != CATALOG_UNKNOWN ? rows_integer(m, bytes) : rows_null();
	cells[PLAN_WHY] = rows_text_or_null(change->why);
	cells[PLAN_BASIS] = rows_text(basis);
	cells[PLAN_INSTEAD] = rows_text_or_null(change->instead != NULL ? change->instead->name : NULL);
}

/* Reading. */

static int
read_action(const char *text, enum plan_action *action, struct fail *f)
{
	for (size_t i = 0; text != NULL && i < PLAN_ACTIONS; i++) {
		if (strcmp(text, plan_actions[i]) == 0) {
			*action = (enum plan_action)i;
			return 0;
		}
	}
	return fail_set(f, "the action is '%.100s', not create, drop or rebuild", text != NULL ? text : "");
}

/* The definition of what is to be made. */
static int
read_definition(struct mem *m, enum index_sql_dialect dialect, const char *text, struct plan_change *change, struct fail *f)
{
	const struct catalog one = {change->table, 1};
	const char *name = change->index.name;
	struct want want;

	if (want_parse(m, text, strlen(text), &want, f) < 0)
		return fail_wrap(f, "the definition");
	if (definition_table(&one, dialect, &want, f) == NULL)
		return fail_set(f, "the definition is of %.200s", want.table);
	if (want.index.name != NULL && strcmp(want.index.name, name) != 0)
		return fail_set(f, "the record is about %.200s, and its definition about %.200s", name, want.index.name);
	change->index = want.index;
	change->index.name = name;
	return definition_check(m, dialect, change->table, &change->index, f);
}

const char *
plan_definition(struct mem *m, enum index_sql_dialect dialect, const struct catalog_index *x)
{
	struct driver_index definition;
	struct buf b = {0};

	definition_of(m, dialect, x, &definition);
	want_write(&b, dialect == INDEX_SQL_POSTGRESQL, x->table, &definition);
	return buf_kept(m, &b);
}

int
plan_read(struct mem *m, enum index_sql_dialect dialect, struct catalog_table *t, const struct recordline *record,
    struct plan_change *change, struct fail *f)
{
	const char *const *v = (const char *const *)record->values, *name = v[PLAN_NAME], *text = v[PLAN_DEFINITION];

	*change = (struct plan_change){.table = t, .why = v[PLAN_WHY], .index.name = name};
	if (read_action(v[PLAN_ACTION], &change->action, f) < 0)
		return -1;
	if (name == NULL || *name == '\0')
		return fail_set(f, "the record has no name");
	if (text == NULL)
		return fail_set(f, "the record has no definition");
	if (change->action != PLAN_DROP && read_definition(m, dialect, text, change, f) < 0)
		return -1;
	change->victim = catalog_index(t, name);
	if (v[PLAN_INSTEAD] != NULL)
		change->instead = catalog_index(t, v[PLAN_INSTEAD]);
	return 0;
}

void
plan_take(struct mem *m, enum index_sql_dialect dialect, const struct plan_change *change)
{
	struct catalog_table *t = change->table;
	struct catalog_index *all = mem_array(m, t->nindexes + 1, sizeof *all);
	size_t n = 0;

	for (size_t i = 0; i < t->nindexes; i++) {
		if (&t->indexes[i] != change->victim)
			all[n++] = t->indexes[i];
	}
	if (change->action != PLAN_DROP)
		definition_made(m, dialect, t, &change->index, &all[n++]);
	t->indexes = all;
	t->nindexes = n;
}

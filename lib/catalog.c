#include "catalog.h"

#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "ref.h"

static const enum driver_operation asked[CATALOG_QUESTIONS] = {
    DRIVER_TABLES, DRIVER_COLUMNS, DRIVER_INDEXES, DRIVER_INDEX_KEYS, DRIVER_FOREIGN_KEYS, DRIVER_FOREIGN_KEY_COLUMNS};

void
catalog_questions(const struct source *s, int counters, struct question q[CATALOG_QUESTIONS])
{
	for (size_t i = 0; i < CATALOG_QUESTIONS; i++) {
		question_default(&q[i], asked[i], s->table);
		/* What is found is about partitions, too: also where the source is the one table that has them. */
		q[i].request.leaves = 1;
	}
	q[0].request.sizes = counters && s->server != NULL;
	q[2].request.sizes = counters;
}

/* A row of an answer, whose helper may have left out fields at the end. */
struct reading {
	struct catalog *c;
	struct mem *m;
	const struct rows_cell *cells;
	size_t n;
	struct catalog_table *table; /* the last one looked for */
};

static const struct rows_cell *
cell(const struct reading *g, size_t i)
{
	static const struct rows_cell null;

	return i < g->n ? &g->cells[i] : &null;
}

static const char *
text(const struct reading *g, size_t i)
{
	const struct rows_cell *c = cell(g, i);

	return c->type != ROWS_NULL ? mem_copy(g->m, c->bytes, c->len) : NULL;
}

static uint64_t
number(const struct reading *g, size_t i, uint64_t unknown)
{
	const char *digits = text(g, i);
	struct fail ignored;
	uint64_t n;

	return digits != NULL && number_integer(digits, 0, UINT64_MAX, &n, &ignored) == 0 ? n : unknown;
}

/* "true" and "false" differ in their length. */
static int
is(const struct reading *g, size_t i, int value)
{
	const struct rows_cell *c = cell(g, i);

	return c->type == ROWS_BOOLEAN && c->len == (value ? 4 : 5);
}

static struct catalog_table *
add_table(struct catalog *c, struct mem *m, const char *name)
{
	struct catalog_table *t;

	c->tables = mem_more(m, c->tables, c->ntables, sizeof *c->tables);
	t = &c->tables[c->ntables++];
	*t = (struct catalog_table){.name = name, .rows = CATALOG_UNKNOWN, .bytes = CATALOG_UNKNOWN};
	return t;
}

static void
take_table(struct reading *g)
{
	struct catalog_table *t = add_table(g->c, g->m, text(g, 0));

	t->kind = text(g, 1);
	t->rows = number(g, 2, CATALOG_UNKNOWN);
	t->bytes = number(g, 3, CATALOG_UNKNOWN);
	/* A partition is of the one kind and may be partitioned itself: then its rows are a sum of others. */
	t->partitioned = t->kind != NULL && (strcmp(t->kind, "partitioned table") == 0 ||
						(strcmp(t->kind, "partition") == 0 && cell(g, 7)->type != ROWS_NULL));
}

static void
take_column(struct reading *g)
{
	struct catalog_table *t = g->table;

	t->columns = mem_more(g->m, t->columns, t->ncolumns, sizeof *t->columns);
	t->columns[t->ncolumns++] = (struct catalog_column){.name = text(g, 1),
	    .position = number(g, 2, 0),
	    .type = text(g, 3),
	    .key = number(g, 6, 0),
	    .required = is(g, 4, 0)};
}

static void
take_index(struct reading *g)
{
	struct catalog_table *t = g->table;

	t->indexes = mem_more(g->m, t->indexes, t->nindexes, sizeof *t->indexes);
	t->indexes[t->nindexes++] = (struct catalog_index){
	    .table = t->name,
	    .name = text(g, 1),
	    .unique = is(g, 3, 1),
	    .origin = text(g, 4),
	    .partial = is(g, 5, 1),
	    .sql = text(g, 6),
	    .method = text(g, 7),
	    .predicate = text(g, 8),
	    .invalid = is(g, 9, 0),
	    .building = is(g, 10, 1),
	    .replica = is(g, 11, 1),
	    .of = text(g, 12),
	    .root = text(g, 13),
	    .bytes = number(g, 14, CATALOG_UNKNOWN),
	    .scans = number(g, 15, CATALOG_UNKNOWN),
	    .since = text(g, 16),
	    .clustered = is(g, 17, 1),
	};
}

static void
take_index_key(struct reading *g)
{
	const char *name = text(g, 1);
	struct catalog_index *x = name != NULL ? catalog_index(g->table, name) : NULL;

	/* Made since the indexes were asked for. */
	if (x == NULL)
		return;
	x->keys = mem_more(g->m, x->keys, x->nkeys, sizeof *x->keys);
	x->keys[x->nkeys++] = (struct catalog_key){
	    .column = text(g, 3),
	    .expression = text(g, 4),
	    .included = is(g, 5, 1),
	    .descending = is(g, 6, 1),
	    .nulls_first = is(g, 7, 1),
	    .collation = text(g, 8),
	    .collated = is(g, 9, 1),
	    .family = text(g, 10),
	    .class = text(g, 11),
	};
}

static void
take_foreign_key(struct reading *g)
{
	struct catalog_table *t = g->table;

	t->keys = mem_more(g->m, t->keys, t->nkeys, sizeof *t->keys);
	t->keys[t->nkeys++] = (struct catalog_foreign_key){
	    .table = t->name,
	    .name = text(g, 1),
	    .parent = text(g, 3),
	    .number = number(g, 7, 0),
	    .lost = is(g, 8, 0),
	    .unidentified = is(g, 9, 0),
	    .root = text(g, 11),
	};
}

static void
take_reference(struct reading *g)
{
	struct catalog_table *t = g->table;
	uint64_t wanted = number(g, 1, 0);
	const char *families = text(g, 6);
	const struct catalog_column *column;
	struct catalog_foreign_key *k = NULL;
	struct catalog_reference *r;

	for (size_t i = 0; i < t->nkeys; i++)
		k = t->keys[i].number == wanted ? &t->keys[i] : k;
	if (k == NULL)
		return;
	k->columns = mem_more(g->m, k->columns, k->ncolumns, sizeof *k->columns);
	r = &k->columns[k->ncolumns++];
	*r = (struct catalog_reference){.column = text(g, 3), .collation = text(g, 5), .collated = !is(g, 7, 0)};
	column = r->column != NULL ? catalog_column(t, r->column) : NULL;
	r->required = column != NULL && column->required;
	if (families != NULL)
		r->families = ref_names(g->m, families, &r->nfamilies);
}

static void (*const takes[CATALOG_QUESTIONS])(struct reading *g) = {
    take_table, take_column, take_index, take_index_key, take_foreign_key, take_reference};

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct catalog_table *)a)->name, ((const struct catalog_table *)b)->name);
}

/* Reads one answer.  Rows about a table that came since the tables were asked for are passed over. */
static int
read_answer(struct reading *g, struct rows *rows, size_t which, struct fail *f)
{
	int more = rows_columns(rows, f);

	while (more >= 0 && (more = rows_next(rows, f)) > 0) {
		g->cells = rows->cells;
		g->n = rows->ncells;
		if (cell(g, 0)->type == ROWS_NULL)
			continue;
		if (which > 0) {
			const char *name = text(g, 0);

			if (g->table == NULL || strcmp(g->table->name, name) != 0)
				g->table = catalog_table(g->c, name);
			if (g->table == NULL)
				continue;
		}
		takes[which](g);
	}
	return more;
}

int
catalog_read(struct catalog *c, struct mem *m, struct rows *const rows[CATALOG_QUESTIONS], struct fail *f)
{
	*c = (struct catalog){0};
	for (size_t i = 0; i < CATALOG_QUESTIONS; i++) {
		struct reading g = {.c = c, .m = m};

		if (read_answer(&g, rows[i], i, f) < 0)
			return -1;
		if (i == 0 && c->ntables > 0)
			qsort(c->tables, c->ntables, sizeof *c->tables, by_name);
	}
	return 0;
}

struct catalog_table *
catalog_table(const struct catalog *c, const char *name)
{
	const struct catalog_table wanted = {.name = name};

	return c->ntables > 0 ? bsearch(&wanted, c->tables, c->ntables, sizeof *c->tables, by_name) : NULL;
}

struct catalog_index *
catalog_index(const struct catalog_table *t, const char *name)
{
	for (size_t i = 0; i < t->nindexes; i++) {
		if (t->indexes[i].name != NULL && strcmp(t->indexes[i].name, name) == 0)
			return &t->indexes[i];
	}
	return NULL;
}

const struct catalog_column *
catalog_column(const struct catalog_table *t, const char *name)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (t->columns[i].name != NULL && strcmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	}
	return NULL;
}

size_t
catalog_key_count(const struct catalog_index *x)
{
	size_t n = 0;

	while (n < x->nkeys && !x->keys[n].included)
		n++;
	return n;
}

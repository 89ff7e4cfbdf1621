#include "schema.h"

#include <stdlib.h>
#include <string.h>

#include "tsv.h"

void
schema_add(struct schema *s, struct mem *m, const struct schema_item *item)
{
	s->items = mem_more(m, s->items, s->nitems, sizeof *s->items);
	s->items[s->nitems++] = *item;
}

int
schema_compare(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

int
schema_is_table(const struct schema_item *x)
{
	return strcmp(x->kind, "table") == 0 || strcmp(x->kind, "view") == 0 || strcmp(x->kind, "materialized view") == 0;
}

static int
by_order(const void *a, const void *b)
{
	const struct schema_item *x = a, *y = b;
	int r = strcmp(x->table, y->table);

	if (r == 0)
		r = strcmp(x->kind, y->kind);
	if (r == 0)
		r = (x->position > y->position) - (x->position < y->position);
	if (r == 0)
		r = schema_compare(x->name, y->name);
	return r != 0 ? r : schema_compare(x->definition, y->definition);
}

/* Without the gaps that dropped columns leave. */
static void
number_columns(struct schema_item *items, size_t n)
{
	uint64_t position = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(items[i].kind, "column") == 0)
			items[i].position = ++position;
	}
}

void
schema_sort(struct schema *s, struct mem *m)
{
	size_t n = 0;

	if (s->nitems > 0)
		qsort(s->items, s->nitems, sizeof *s->items, by_order);
	for (size_t i = 0; i < s->nitems; i++)
		n += i == 0 || strcmp(s->items[i].table, s->items[i - 1].table) != 0;
	s->tables = mem_array(m, n, sizeof *s->tables);
	s->ntables = 0;
	for (size_t i = 0; i < s->nitems; i++) {
		if (i == 0 || strcmp(s->items[i].table, s->items[i - 1].table) != 0)
			s->tables[s->ntables++] = (struct schema_table){s->items[i].table, s->items[i].ref, &s->items[i], 0};
		s->tables[s->ntables - 1].n++;
	}
	for (size_t i = 0, at = 0; i < s->ntables; at += s->tables[i++].n)
		number_columns(s->items + at, s->tables[i].n);
}

static int
by_name(const void *key, const void *table)
{
	return strcmp(key, ((const struct schema_table *)table)->name);
}

struct schema_table *
schema_find(const struct schema *s, const char *table)
{
	return s->ntables > 0 ? bsearch(table, s->tables, s->ntables, sizeof *s->tables, by_name) : NULL;
}

void
schema_text(struct buf *b, const struct schema_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		tsv_put(b, t->items[i].kind);
		buf_byte(b, '\t');
		tsv_put(b, t->items[i].name);
		buf_byte(b, '\t');
		tsv_put(b, t->items[i].definition);
		buf_byte(b, '\n');
	}
}

int
schema_parse(struct schema *s, struct mem *m, const char *table, const char *text, size_t len)
{
	const char *p = text, *line, *fields[3];
	const char *name = mem_string(m, table);
	uint64_t position = 0;
	size_t n;

	while (tsv_line(&p, text + len, &line, &n)) {
		struct schema_item item = {.table = name};

		if (tsv_fields(m, line, n, fields, 3) != 3 || fields[0] == NULL)
			return -1;
		item.kind = fields[0];
		item.name = fields[1];
		item.definition = fields[2];
		item.position = strcmp(item.kind, "column") == 0 ? ++position : 0;
		schema_add(s, m, &item);
	}
	return 0;
}

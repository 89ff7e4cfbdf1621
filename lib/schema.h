/*
 * schema: what a schema says of its tables, in memory: items, each a line.
 *
 * An item is a column, a key, an index … of a table (driver.h, DRIVER_SCHEMA).  Strings are borrowed, and have no NUL.  Items
 * are sorted by the bytes of table and kind, then by position, name (NULL first) and definition, all by bytes.  So columns are
 * in their order, which belongs to a schema, and nothing else depends on the order in which it was made.
 *
 * The text of a table is a line an item: kind, name, definition, with tabs between them (tsv.h), in the order of the items. Two
 * tables are the same where their texts are.  Positions are not in it: they are counted from 1, without the gaps that dropped
 * columns leave.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "mem.h"

struct schema_item {
	const char *table, *kind;
	const char *name;       /* NULL: it has none, or one that nobody gave */
	const char *definition; /* NULL: it could not be had, such as for a lock */
	uint64_t position;      /* of a column, from 1; else 0 */
	const char *ref;        /* of its table, to be printed; or NULL */
};

struct schema_table {
	const char *name;
	const char *ref; /* that of its first item */
	const struct schema_item *items;
	size_t n;
};

/* `struct schema s = {0}` is an empty one. */
struct schema {
	struct schema_item *items;
	size_t nitems;
	struct schema_table *tables; /* after schema_sort(), sorted by name */
	size_t ntables;
};

void schema_add(struct schema *s, struct mem *m, const struct schema_item *item);

/* To be called once all items are there. */
void schema_sort(struct schema *s, struct mem *m);

/* NULL where there is none of that name. */
struct schema_table *schema_find(const struct schema *s, const char *table);

/* Appends the text of a table. */
void schema_text(struct buf *b, const struct schema_table *t);

/* Adds the items of a text, which is copied: 0, or -1 where it is none. */
int schema_parse(struct schema *s, struct mem *m, const char *table, const char *text, size_t len);

/* True for what a table is itself, of which it has one: "table", "view" or "materialized view". */
int schema_is_table(const struct schema_item *x);

/* Strings or NULL, which is less than any. */
int schema_compare(const char *a, const char *b);

#endif

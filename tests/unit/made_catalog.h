/* made_catalog: a catalog of one line an index, for the tests of rules.
 *
 * An index is "KEYS;INCLUDED;WORDS".  A key is a column or (SQL), with words behind it: desc, nf (NULLs first), c=COLLATION,
 * o=CLASS, f=FAMILY.  Words of the index: unique, pk, constraint, exclusion, rowid, replica, clustered, part, invalid,
 * building, m=METHOD, b=BYTES, s=SCANS, t=SINCE, and behind all others w=PREDICATE. */
#ifndef MADE_CATALOG_H
#define MADE_CATALOG_H

#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "mem.h"

static inline char *
made_next(char **rest, char end)
{
	char *start = *rest, *at;
	int depth = 0;

	for (at = start; *at != '\0' && (*at != end || depth > 0); at++)
		depth += (*at == '(') - (*at == ')');
	*rest = *at != '\0' ? at + 1 : at;
	*at = '\0';
	return start;
}

static inline int
made_value(const char *word, const char *name, const char **value)
{
	size_t n = strlen(name);

	if (strncmp(word, name, n) != 0)
		return 0;
	*value = word + n;
	return 1;
}

static inline void
made_key(struct mem *m, struct catalog_index *x, char *text, int included)
{
	struct catalog_key *k = &x->keys[x->nkeys++];
	char *name = made_next(&text, ' '), *word;

	*k = (struct catalog_key){.included = included, .family = included ? NULL : "usual"};
	if (*name == '(')
		k->expression = mem_copy(m, name + 1, strlen(name) - 2);
	else
		k->column = name;
	while (*(word = made_next(&text, ' ')) != '\0') {
		k->descending |= strcmp(word, "desc") == 0;
		k->nulls_first |= strcmp(word, "nf") == 0;
		k->collated |= made_value(word, "c=", &k->collation);
		made_value(word, "o=", &k->class);
		made_value(word, "f=", &k->family);
	}
}

static inline void
made_words(struct catalog_index *x, char *text)
{
	const char *number;
	char *word;

	x->origin = "index";
	x->bytes = x->scans = CATALOG_UNKNOWN;
	while (*text != '\0') {
		if (made_value(text, "w=", &x->predicate)) {
			x->partial = 1;
			return;
		}
		word = made_next(&text, ' ');
		x->unique |= strcmp(word, "unique") == 0 || strcmp(word, "pk") == 0 || strcmp(word, "constraint") == 0;
		x->origin = strcmp(word, "pk") == 0           ? "primary key"
			    : strcmp(word, "constraint") == 0 ? "unique"
			    : strcmp(word, "exclusion") == 0  ? "exclusion"
			    : strcmp(word, "rowid") == 0      ? "rowid"
							      : x->origin;
		x->replica |= strcmp(word, "replica") == 0;
		x->clustered |= strcmp(word, "clustered") == 0;
		x->invalid |= strcmp(word, "invalid") == 0;
		x->building |= strcmp(word, "building") == 0;
		if (strcmp(word, "part") == 0) {
			x->of = "whole";
			x->root = "root";
		}
		made_value(word, "m=", &x->method);
		made_value(word, "t=", &x->since);
		if (made_value(word, "b=", &number))
			x->bytes = strtoull(number, NULL, 10);
		if (made_value(word, "s=", &number))
			x->scans = strtoull(number, NULL, 10);
	}
}

static inline struct catalog_index
made_index(struct mem *m, const char *table, const char *name, const char *spec)
{
	struct catalog_index x = {.table = table, .name = name, .method = "btree"};
	char *rest = mem_string(m, spec), *keys = made_next(&rest, ';'), *included = made_next(&rest, ';');

	x.keys = mem_array(m, strlen(spec) + 1, sizeof *x.keys);
	while (*keys != '\0')
		made_key(m, &x, made_next(&keys, ','), 0);
	while (*included != '\0')
		made_key(m, &x, made_next(&included, ','), 1);
	made_words(&x, rest);
	return x;
}

/* A table with indexes of these names and specs. */
static inline struct catalog_table
made_table(struct mem *m, const char *name, const char *const (*indexes)[2], size_t n)
{
	struct catalog_table t = {.name = name, .kind = "table", .rows = CATALOG_UNKNOWN, .bytes = CATALOG_UNKNOWN};

	t.indexes = mem_array(m, n + 1, sizeof *t.indexes);
	for (size_t i = 0; i < n; i++)
		t.indexes[t.nindexes++] = made_index(m, name, indexes[i][0], indexes[i][1]);
	return t;
}

/* A foreign key to "parent" with these columns, "a,b c=COLLATION f=FAMILY", whose family is "usual" unless it says another. */
static inline struct catalog_foreign_key
made_foreign_key(struct mem *m, const char *table, const char *columns)
{
	struct catalog_index x = made_index(m, table, "key", columns);
	struct catalog_foreign_key k = {.table = table, .name = "key", .parent = "parent", .number = 1};

	k.columns = mem_array(m, x.nkeys, sizeof *k.columns);
	for (size_t i = 0; i < x.nkeys; i++) {
		const char **families = mem_array(m, 1, sizeof *families);

		families[0] = x.keys[i].family;
		k.columns[k.ncolumns++] = (struct catalog_reference){
		    .column = x.keys[i].column, .collation = x.keys[i].collation, .families = families, .nfamilies = 1};
	}
	return k;
}

#endif

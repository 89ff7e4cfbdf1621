#include "header.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "number.h"
#include "watch.h"

/* The names there are, by hash: open addressing, at most half full.  Hashes are seeded, so that no header can be made whose
 * names all meet. */
struct names {
	struct name {
		uint32_t column; /* its place from 1; 0: free */
		uint32_t number; /* the last that was tried for another of this name */
	} * slots;
	size_t mask;
	XXH64_hash_t seed;
	const struct rows_column *columns;
};

static int
same(const struct rows_column *c, const char *name, size_t len)
{
	return c->len == len && memcmp(c->name, name, len) == 0;
}

/* The slot that holds the name, or the free one where it would go. */
static struct name *
slot(const struct names *names, const char *name, size_t len)
{
	size_t i = XXH3_64bits_withSeed(name, len, names->seed) & names->mask;

	while (names->slots[i].column != 0 && !same(&names->columns[names->slots[i].column - 1], name, len))
		i = (i + 1) & names->mask;
	return &names->slots[i];
}

static void
start_names(struct names *names, struct mem *m, const struct rows_column *columns, size_t n)
{
	size_t size = 16;

	while (size < 2 * n)
		size *= 2;
	names->slots = mem_array(m, size, sizeof *names->slots);
	names->mask = size - 1;
	names->columns = columns;
	names->seed = (XXH64_hash_t)(watch_now() ^ (int64_t)(intptr_t)names->slots);
}

static struct rows_column
unnamed(struct mem *m, size_t n)
{
	char *name = mem_alloc(m, 32);
	int len = snprintf(name, 32, "column%zu", n);

	return (struct rows_column){.name = name, .len = (size_t)len, .origin = ""};
}

/* Gives new names to all but the first of several equal ones.  Two of them never make the same new name: it ends in `_N`, so
 * only one base can make it, and that counts N up; and what stands in the header is passed over. */
static void
tell_apart(struct mem *m, struct rows_column *columns, size_t n)
{
	size_t *again = mem_array(m, n, sizeof *again), nagain = 0;
	struct names names;

	start_names(&names, m, columns, n);
	for (size_t i = 0; i < n; i++) {
		struct name *s = slot(&names, columns[i].name, columns[i].len);

		if (s->column != 0)
			again[nagain++] = i;
		else
			*s = (struct name){(uint32_t)i + 1, 1};
	}
	for (size_t k = 0; k < nagain; k++) {
		struct rows_column *c = &columns[again[k]];
		struct name *first = slot(&names, c->name, c->len);
		char *name = mem_alloc(m, c->len + 32);
		size_t len;

		memcpy(name, c->name, c->len);
		do
			len = c->len + (size_t)snprintf(name + c->len, 32, "_%u", (unsigned)++first->number);
		while (slot(&names, name, len)->column != 0);
		c->name = name;
		c->len = len;
	}
}

struct rows_column *
header_names(struct mem *m, const struct rows_cell *cells, size_t n)
{
	struct rows_column *columns = mem_array(m, n, sizeof *columns);
	size_t bytes = 0;
	char *text;

	for (size_t i = 0; i < n; i++)
		bytes += cells[i].len;
	text = mem_alloc(m, bytes);
	for (size_t i = 0; i < n; i++) {
		if (cells[i].len == 0) {
			columns[i] = unnamed(m, i + 1);
			continue;
		}
		memcpy(text, cells[i].bytes, cells[i].len);
		columns[i] = (struct rows_column){.name = text, .len = cells[i].len, .origin = ""};
		text += cells[i].len;
	}
	tell_apart(m, columns, n);
	return columns;
}

struct rows_column *
header_extend(struct mem *m, const struct rows_column *columns, size_t ncolumns, size_t n)
{
	struct rows_column *more = mem_array(m, n, sizeof *more);

	if (ncolumns > 0)
		memcpy(more, columns, ncolumns * sizeof *more);
	for (size_t i = ncolumns; i < n; i++)
		more[i] = unnamed(m, i + 1);
	tell_apart(m, more, n);
	return more;
}

long
header_find(const struct rows_column *columns, size_t n, const char *text, struct fail *f)
{
	size_t len = strlen(text), used;
	uint64_t place;

	for (size_t i = 0; i < n; i++) {
		if (same(&columns[i], text, len))
			return (long)i;
	}
	if (n > 0 && number_integer(text, 1, n, &place, f) == 0)
		return (long)place - 1;
	fail_set(f, "no such column: %s: it has %s", text, n == 0 ? "none" : "");
	for (size_t i = 0; i < n && (used = strlen(f->text)) < sizeof f->text - 1; i++)
		snprintf(
		    f->text + used, sizeof f->text - used, "%s%.*s", i > 0 ? ", " : "", (int)columns[i].len, columns[i].name);
	return -1;
}

#include "header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

static int
compare(const char *a, size_t na, const char *b, size_t nb)
{
	int c = memcmp(a, b, na < nb ? na : nb);

	return c != 0 ? c : (na > nb) - (na < nb);
}

static int
by_name_and_place(const void *a, const void *b)
{
	const struct rows_column *x = *(struct rows_column *const *)a, *y = *(struct rows_column *const *)b;
	int c = compare(x->name, x->len, y->name, y->len);

	return c != 0 ? c : (x > y) - (x < y);
}

static int
taken(struct rows_column *const *sorted, size_t n, const char *name, size_t len)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = compare(sorted[mid]->name, sorted[mid]->len, name, len);

		if (c == 0)
			return 1;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

struct rows_column
header_unnamed(struct mem *m, size_t n)
{
	char name[32];
	int len = snprintf(name, sizeof name, "column%zu", n);

	return (struct rows_column){.name = mem_copy(m, name, (size_t)len), .len = (size_t)len, .origin = ""};
}

/* Gives new names to all but the first of each run of equal ones.  A new name ends in `_N`, so that it could only meet one
 * made from the same base, and those have other numbers; it is compared with the names that stand in the header. */
static void
tell_apart(struct mem *m, struct rows_column *columns, size_t n)
{
	struct rows_column **sorted = mem_array(m, n, sizeof *sorted), *names = mem_array(m, n, sizeof *names);
	size_t number = 1;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &columns[i];
	qsort(sorted, n, sizeof *sorted, by_name_and_place);
	memcpy(names, columns, n * sizeof *names);
	for (size_t i = 1; i < n; i++) {
		struct rows_column *c = sorted[i];
		char suffix[32], *name;
		size_t len;

		if (compare(c->name, c->len, sorted[i - 1]->name, sorted[i - 1]->len) != 0) {
			number = 1;
			continue;
		}
		name = mem_alloc(m, c->len + sizeof suffix);
		memcpy(name, c->name, c->len);
		do
			len = c->len + (size_t)snprintf(name + c->len, sizeof suffix, "_%zu", ++number);
		while (taken(sorted, n, name, len));
		names[c - columns].name = name;
		names[c - columns].len = len;
	}
	memcpy(columns, names, n * sizeof *names);
}

struct rows_column *
header_names(struct mem *m, const struct rows_cell *cells, size_t ncells, size_t n)
{
	struct rows_column *columns = mem_array(m, n, sizeof *columns);

	for (size_t i = 0; i < n; i++) {
		if (i >= ncells || cells[i].len == 0)
			columns[i] = header_unnamed(m, i + 1);
		else
			columns[i] = (struct rows_column){
			    .name = mem_copy(m, cells[i].bytes, cells[i].len), .len = cells[i].len, .origin = ""};
	}
	if (n > 1)
		tell_apart(m, columns, n);
	return columns;
}

long
header_find(const struct rows_column *columns, size_t n, const char *text, struct fail *f)
{
	size_t len = strlen(text), used;
	uint64_t place;

	for (size_t i = 0; i < n; i++) {
		if (compare(columns[i].name, columns[i].len, text, len) == 0)
			return (long)i;
	}
	if (n > 0 && number_integer(text, 1, n, &place, f) == 0)
		return (long)place - 1;
	fail_set(f, "no such column: %s: it has %s", text, n == 0 ? "none" : "");
	for (size_t i = 0; i < n && (used = strlen(f->text)) < sizeof f->text - 1; i++)
		snprintf(f->text + used, sizeof f->text - used, "%s%.*s", i > 0 ? ", " : "", (int)columns[i].len, columns[i].name);
	return -1;
}

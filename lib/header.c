#include "header.h"

#include <stdio.h>
#include <string.h>

#include "names.h"
#include "number.h"

static int
same(const struct rows_column *c, const char *name, size_t len)
{
	return c->len == len && memcmp(c->name, name, len) == 0;
}

static struct rows_column
unnamed(struct mem *m, size_t n)
{
	char *name = mem_alloc(m, 32);
	int len = snprintf(name, 32, "column%zu", n);

	return (struct rows_column){.name = name, .len = (size_t)len, .origin = ""};
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
	names_tell_apart(m, columns, n);
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
	names_tell_apart(m, more, n);
	return more;
}

long
header_find(const struct rows_column *columns, size_t n, const char *text, struct fail *f)
{
	size_t len = strlen(text);
	uint64_t place;

	for (size_t i = 0; i < n; i++) {
		if (same(&columns[i], text, len))
			return (long)i;
	}
	if (n > 0 && number_integer(text, 1, n, &place, f) == 0)
		return (long)place - 1;
	fail_set(f, "no such column: %s: it has %s", text, n == 0 ? "none" : "");
	for (size_t i = 0; i < n && fail_list(f, i, columns[i].name, columns[i].len); i++)
		;
	return -1;
}

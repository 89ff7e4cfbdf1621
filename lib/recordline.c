#include "recordline.h"

#include <string.h>

#include "buf.h"
#include "json.h"
#include "number.h"

struct reading {
	struct mem *m;
	const struct rows_column *columns;
	size_t ncolumns;
	size_t *places; /* of a line's fields in tsv: which column they are; `ncolumns`: none */
	size_t nplaces;
	struct buf field;
	struct fail *f;
};

/* Appends what an escape says that begins at p, behind the backslash (PostgreSQL 15, COPY, "Text Format"); how long it is. */
static size_t
unescape(struct buf *b, const char *p, const char *end)
{
	static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
	const char *at = *p != '\0' ? strchr(from, *p) : NULL;
	int high, low;

	if (at != NULL) {
		buf_byte(b, to[at - from]);
		return 1;
	}
	if (*p == 'x' && end - p > 1 && (high = number_hex(p[1])) >= 0) {
		low = end - p > 2 ? number_hex(p[2]) : -1;
		buf_byte(b, (char)(low < 0 ? high : high << 4 | low));
		return low < 0 ? 2 : 3;
	}
	buf_byte(b, *p);
	return 1;
}

static const char *
tsv_field(struct reading *g, const char *p, const char *end)
{
	if (end - p == 2 && p[0] == '\\' && p[1] == 'N')
		return NULL;
	g->field.len = 0;
	while (p < end) {
		if (*p == '\\' && end - p > 1)
			p += 1 + unescape(&g->field, p + 1, end);
		else
			buf_byte(&g->field, *p++);
	}
	return mem_copy(g->m, g->field.bytes, g->field.len);
}

static size_t
column_named(const struct reading *g, const char *name, size_t len)
{
	size_t i = 0;

	while (i < g->ncolumns && (g->columns[i].len != len || memcmp(g->columns[i].name, name, len) != 0))
		i++;
	return i;
}

static const char *
field_end(const char *p, const char *end)
{
	const char *tab = p < end ? memchr(p, '\t', (size_t)(end - p)) : NULL;

	return tab != NULL ? tab : end;
}

/* A header says which field is which column. */
static void
take_header(struct reading *g, const char *p, const char *end)
{
	size_t n = 1;

	for (const char *c = p; c < end; c++)
		n += *c == '\t';
	g->places = mem_array(g->m, n, sizeof *g->places);
	for (g->nplaces = 0; g->nplaces < n; g->nplaces++) {
		const char *behind = field_end(p, end);

		g->places[g->nplaces] = column_named(g, p, (size_t)(behind - p));
		p = behind < end ? behind + 1 : end;
	}
}

static void
take_tsv(struct reading *g, const char *p, const char *end, const char **values)
{
	const char *behind = NULL;

	for (size_t i = 0; behind != end; i++) {
		size_t column = g->places == NULL ? i : i < g->nplaces ? g->places[i] : g->ncolumns;

		p = behind != NULL ? behind + 1 : p;
		behind = field_end(p, end);
		if (column < g->ncolumns)
			values[column] = tsv_field(g, p, behind);
	}
}

static int
take_json(struct reading *g, const char *p, const char *end, const char **values)
{
	for (size_t i = 0; i < g->ncolumns; i++) {
		int r;

		g->field.len = 0;
		r = json_member(p, (size_t)(end - p), g->columns[i].name, &g->field);
		if (r < 0)
			return fail_set(g->f, "is no JSON object");
		if (r > 0)
			values[i] = mem_copy(g->m, g->field.bytes, g->field.len);
	}
	return 0;
}

static int
is_header(const struct reading *g, const char *p, const char *end)
{
	const struct rows_column *first = &g->columns[0];

	return (size_t)(field_end(p, end) - p) == first->len && memcmp(p, first->name, first->len) == 0;
}

/* 1: a record; 0: nothing; -1. */
static int
take_line(struct reading *g, const char *p, const char *end, int first, struct recordline *record)
{
	if (end > p && end[-1] == '\r')
		end--;
	if (p == end)
		return 0;
	if (first && is_header(g, p, end)) {
		take_header(g, p, end);
		return 0;
	}
	record->values = mem_array(g->m, g->ncolumns, sizeof *record->values);
	if (*p == '{')
		return take_json(g, p, end, record->values) < 0 ? -1 : 1;
	take_tsv(g, p, end, record->values);
	return 1;
}

int
recordline_read(struct mem *m, const char *text, size_t len, const struct rows_column *columns, size_t ncolumns,
    struct recordlines *all, struct fail *f)
{
	struct reading g = {.m = m, .columns = columns, .ncolumns = ncolumns, .f = f};
	const char *p = text, *end = p + len;
	size_t lines = 1;
	int r = 0;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	*all = (struct recordlines){.list = mem_array(m, lines, sizeof *all->list)};
	for (size_t line = 1; p < end && r >= 0; line++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p)), *behind = newline != NULL ? newline : end;
		struct recordline *record = &all->list[all->n];

		r = take_line(&g, p, behind, line == 1, record);
		record->line = line;
		all->n += r > 0;
		if (r < 0) {
			g.field.len = 0;
			buf_printf(&g.field, "line %zu", line);
			fail_wrap(f, buf_string(&g.field));
		}
		p = newline != NULL ? newline + 1 : end;
	}
	buf_free(&g.field);
	return r < 0 ? -1 : 0;
}

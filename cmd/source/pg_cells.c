#include "pg_cells.h"

#include <string.h>

#include "number.h"
#include "pg_catalog.h"

enum { LISTS = sizeof(unsigned) * 8 };

/* `\x0a…`: the bytes. */
static void
take_bytes(struct buf *text, struct rows_cell *cell)
{
	const char *hex = cell->bytes + 2;
	size_t n = cell->len >= 2 ? (cell->len - 2) / 2 : 0;

	cell->bytes = text->bytes + text->len;
	cell->len = n;
	for (size_t i = 0; i < n; i++, hex += 2)
		buf_byte(text, (char)(number_hex(hex[0]) * 16 + number_hex(hex[1])));
}

static int
ends_with(const struct rows_cell *cell, const char *end)
{
	size_t n = strlen(end);

	return cell->len >= n && memcmp(cell->bytes + cell->len - n, end, n) == 0;
}

/* `2024-02-03 04:05:06+00`: as RFC 3339 has it.  What is no time of the calendar's (infinity, BC) is left as it is. */
static void
take_timestamp(struct buf *text, struct rows_cell *cell)
{
	int zone = ends_with(cell, "+00");
	const char *blank = memchr(cell->bytes, ' ', cell->len);
	size_t date = blank != NULL ? (size_t)(blank - cell->bytes) : 0, start = text->len;

	if (date == 0 || ends_with(cell, "BC"))
		return;
	buf_add(text, cell->bytes, date);
	buf_byte(text, 'T');
	buf_add(text, blank + 1, cell->len - date - 1 - (zone ? 3 : 0));
	if (zone)
		buf_byte(text, 'Z');
	cell->bytes = text->bytes + start;
	cell->len = text->len - start;
}

static void
take_boolean(struct rows_cell *cell)
{
	int value = cell->len == 1 && cell->bytes[0] == 't';

	cell->bytes = value ? "true" : "false";
	cell->len = value ? 4 : 5;
}

/* Room for whatever the cells of the row become, so that it does not move. */
static void
make_room(const struct pg_plan *plan, const PGresult *result, int row, struct buf *text)
{
	size_t len = 0;

	text->len = 0;
	for (size_t i = 0; i < plan->ncolumns; i++)
		len += 3 * (size_t)PQgetlength(result, row, (int)i) + 8;
	buf_room(text, len);
}

static void
take_list(struct buf *text, struct rows_cell *cell)
{
	struct buf list = {0};

	pg_catalog_list(&list, cell->bytes);
	cell->bytes = text->bytes + text->len;
	cell->len = list.len;
	buf_add(text, list.bytes, list.len);
	buf_free(&list);
}

void
pg_cells_take(const struct pg_plan *plan, const PGresult *result, int row, struct buf *text, struct rows_cell *cells)
{
	make_room(plan, result, row, text);
	for (size_t i = 0; i < plan->ncolumns; i++) {
		struct rows_cell *cell = &cells[i];

		*cell = rows_null();
		if (PQgetisnull(result, row, (int)i))
			continue;
		*cell = (struct rows_cell){.bytes = PQgetvalue(result, row, (int)i),
		    .len = (size_t)PQgetlength(result, row, (int)i),
		    .type = (unsigned char)plan->columns[i].type};
		if (cell->type == ROWS_BOOLEAN)
			take_boolean(cell);
		else if (cell->type == ROWS_BYTES)
			take_bytes(text, cell);
		else if (cell->type == ROWS_TIMESTAMP)
			take_timestamp(text, cell);
		else if (i < LISTS && (plan->statement.lists >> i & 1) != 0)
			take_list(text, cell);
		rows_cut(cell, plan->width);
	}
}

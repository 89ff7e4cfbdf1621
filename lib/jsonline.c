#include "jsonline.h"

#include <string.h>

#include "json.h"
#include "ref.h"
#include "text.h"
#include "utf8.h"

static void
put_string(struct buf *b, const char *bytes, size_t len, int cut)
{
	buf_byte(b, '"');
	json_escape(b, bytes, len);
	if (cut)
		buf_puts(b, "…");
	buf_byte(b, '"');
}

static void
put_key(struct buf *b, const struct rows_column *columns, size_t ncolumns, size_t i)
{
	struct buf name = {0};

	if (i >= ncolumns) {
		/* Rows wider than all that the columns were made from: a name that is not taken. */
		buf_printf(&name, "column%zu", i + 1);
		for (unsigned k = 2; jsonline_has(columns, ncolumns, buf_string(&name)); k++) {
			name.len = 0;
			buf_printf(&name, "column%zu_%u", i + 1, k);
		}
		put_string(b, name.bytes, name.len, 0);
	} else if (utf8_valid(columns[i].name, columns[i].len)) {
		put_string(b, columns[i].name, columns[i].len, 0);
	} else {
		ref_name(&name, columns[i].name, columns[i].len);
		put_string(b, name.bytes, name.len, 0);
	}
	buf_free(&name);
}

static void
put_value(struct buf *b, const struct rows_cell *c)
{
	int bare = c->type == ROWS_INTEGER || c->type == ROWS_REAL || c->type == ROWS_BOOLEAN;

	if (c->type == ROWS_NULL) {
		buf_puts(b, "null");
	} else if (bare && json_bare(c->bytes, c->len)) {
		buf_add(b, c->bytes, c->len);
	} else if (c->type == ROWS_BYTES || !utf8_valid(c->bytes, c->len)) {
		buf_puts(b, "{\"b64\":\"");
		text_base64(b, c->bytes, c->len);
		buf_puts(b, "\"}");
	} else {
		put_string(b, c->bytes, c->len, c->cut);
	}
}

void
jsonline_open(struct buf *b, const struct rows_column *columns, size_t ncolumns, const struct rows_cell *cells, size_t n)
{
	buf_byte(b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_byte(b, ',');
		put_key(b, columns, ncolumns, i);
		buf_byte(b, ':');
		put_value(b, &cells[i]);
	}
}

void
jsonline_data(
    struct buf *b, const char *ref, const struct rows_column *columns, size_t ncolumns, const struct rows_cell *cells, size_t n)
{
	int cut = 0;

	buf_puts(b, "{\"ref\":");
	put_string(b, ref, strlen(ref), 0);
	buf_puts(b, ",\"row\":");
	jsonline_open(b, columns, ncolumns, cells, n);
	buf_byte(b, '}');
	for (size_t i = 0; i < n; i++) {
		if (!cells[i].cut)
			continue;
		buf_puts(b, cut++ ? "," : ",\"cut\":[");
		put_key(b, columns, ncolumns, i);
	}
	buf_puts(b, cut ? "]}\n" : "}\n");
}

int
jsonline_has(const struct rows_column *columns, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (columns[i].len == strlen(name) && memcmp(columns[i].name, name, columns[i].len) == 0)
			return 1;
	}
	return 0;
}

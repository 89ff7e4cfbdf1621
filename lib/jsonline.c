#include "jsonline.h"

#include <stdio.h>
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

/* The name as a key may be made of: UTF-8. */
static void
make_utf8(struct mem *m, struct rows_column *column)
{
	struct buf name = {0};

	if (utf8_valid(column->name, column->len))
		return;
	ref_name(&name, column->name, column->len);
	column->name = mem_copy(m, name.bytes, name.len);
	column->len = name.len;
	buf_free(&name);
}

void
jsonline_start(struct jsonline *j, const struct rows_column *columns, size_t n)
{
	struct rows_column *own;
	struct buf key = {0};

	*j = (struct jsonline){.n = n};
	own = mem_array(&j->m, n, sizeof *own);
	j->keys = mem_array(&j->m, n, sizeof *j->keys);
	for (size_t i = 0; i < n; i++) {
		own[i] = columns[i];
		make_utf8(&j->m, &own[i]);
	}
	names_tell_apart(&j->m, own, n);
	names_start(&j->names, &j->m, own, n);
	for (size_t i = 0; i < n; i++) {
		key.len = 0;
		put_string(&key, own[i].name, own[i].len, 0);
		j->keys[i] = mem_copy(&j->m, key.bytes, key.len);
	}
	buf_free(&key);
}

void
jsonline_free(struct jsonline *j)
{
	mem_free(&j->m);
}

static void
put_key(struct jsonline *j, struct buf *b, size_t i)
{
	char name[48];
	int len;

	if (i < j->n) {
		buf_puts(b, j->keys[i]);
		return;
	}
	/* The row is wider than all that the columns were made from: a name that is not taken. */
	len = snprintf(name, sizeof name, "column%zu", i + 1);
	for (unsigned k = 2; names_has(&j->names, name, (size_t)len); k++)
		len = snprintf(name, sizeof name, "column%zu_%u", i + 1, k);
	put_string(b, name, (size_t)len, 0);
}

void
jsonline_value(struct buf *b, const struct rows_cell *c)
{
	/* The front of a number is another number. */
	int bare = !c->cut && (c->type == ROWS_INTEGER || c->type == ROWS_REAL || c->type == ROWS_BOOLEAN);

	if (c->type == ROWS_NULL) {
		buf_puts(b, "null");
	} else if (c->type == ROWS_JSON || (bare && json_bare(c->bytes, c->len))) {
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
jsonline_open(struct jsonline *j, struct buf *b, const struct rows_cell *cells, size_t n)
{
	buf_byte(b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_byte(b, ',');
		put_key(j, b, i);
		buf_byte(b, ':');
		jsonline_value(b, &cells[i]);
	}
}

void
jsonline_data(struct jsonline *j, struct buf *b, const char *ref, const struct rows_cell *cells, size_t n)
{
	int cut = 0;

	buf_puts(b, "{\"ref\":");
	put_string(b, ref, strlen(ref), 0);
	buf_puts(b, ",\"row\":");
	jsonline_open(j, b, cells, n);
	buf_byte(b, '}');
	for (size_t i = 0; i < n; i++) {
		if (!cells[i].cut)
			continue;
		buf_puts(b, cut++ ? "," : ",\"cut\":[");
		put_key(j, b, i);
	}
	buf_puts(b, cut ? "]}\n" : "}\n");
}

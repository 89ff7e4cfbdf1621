#include "profile_points.h"

#include <math.h>
#include <string.h>

#include "buf.h"
#include "infer.h"
#include "json.h"
#include "profile_shape.h"

enum rows_type
points_type(const struct rows_cell *name)
{
	static const struct {
		const char *word;
		enum rows_type type;
	} words[] = {
	    {"smallint", ROWS_INTEGER},
	    {"integer", ROWS_INTEGER},
	    {"bigint", ROWS_INTEGER},
	    {"real", ROWS_REAL},
	    {"double", ROWS_REAL},
	    {"numeric", ROWS_REAL},
	    {"decimal", ROWS_REAL},
	    {"boolean", ROWS_BOOLEAN},
	    {"date", ROWS_DATE},
	    {"timestamp", ROWS_TIMESTAMP},
	    {"bytea", ROWS_BYTES},
	    {"bytes", ROWS_BYTES},
	};
	size_t len = 0;

	while (len < name->len && name->bytes[len] >= 'a' && name->bytes[len] <= 'z')
		len++;
	if (name->len > 0 && name->bytes[name->len - 1] == ']')
		return ROWS_TEXT;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strlen(words[i].word) == len && memcmp(words[i].word, name->bytes, len) == 0)
			return words[i].type;
	}
	return ROWS_TEXT;
}

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes that are written as `\x00ff`; 0: they are not. */
static int
decode_hex(char *bytes, size_t *len)
{
	size_t n = *len;

	if (n < 2 || n % 2 != 0 || memcmp(bytes, "\\x", 2) != 0)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if (digit(bytes[i]) < 0)
			return 0;
	}
	for (size_t i = 2; i < n; i += 2)
		bytes[i / 2 - 1] = (char)(digit(bytes[i]) << 4 | digit(bytes[i + 1]));
	*len = n / 2 - 1;
	return 1;
}

struct rows_cell
points_cell(struct mem *m, enum rows_type of, const char *bytes, size_t len)
{
	char *copy = mem_copy(m, bytes, len);

	if (of == ROWS_BOOLEAN && len == 1)
		return shape_cell(m, ROWS_BOOLEAN, *copy == 't' ? "true" : "false", *copy == 't' ? 4 : 5);
	if (of == ROWS_BYTES)
		decode_hex(copy, &len);
	if (of == ROWS_TIMESTAMP && len >= 16) {
		if (copy[10] == ' ')
			copy[10] = 'T';
		if (memcmp(copy + len - 3, "+00", 3) == 0) {
			copy[len - 3] = 'Z';
			len -= 2;
		}
	}
	return (struct rows_cell){.bytes = copy, .len = len, .type = (unsigned char)of};
}

/* What a number or a time is worth. */
static double
worth(enum rows_type of, const struct rows_cell *c)
{
	struct json t = {c->bytes, c->bytes + c->len};
	double v = NAN;
	enum rows_type type;

	if (of == ROWS_INTEGER || of == ROWS_REAL)
		return json_number(&t, &v) == 0 && t.p == t.end && isfinite(v) ? v : NAN;
	if (of != ROWS_DATE && of != ROWS_TIMESTAMP)
		return NAN;
	type = infer_value(c->bytes, c->len, &v);
	return type == ROWS_DATE || type == ROWS_TIMESTAMP ? v : NAN;
}

/* A value, or of a list of pairs one with its share. */
static int
read_point(struct point *p, struct mem *m, enum rows_type of, struct json *t, int pair, struct buf *text)
{
	text->len = 0;
	if ((pair && !json_take(t, '[')) || json_string(t, text) < 0)
		return -1;
	*p = (struct point){.cell = points_cell(m, of, buf_string(text), text->len)};
	p->number = worth(of, &p->cell);
	if (!pair)
		return 0;
	return json_take(t, ',') && json_number(t, &p->share) == 0 && p->share >= 0 && p->share <= 1 && json_take(t, ']') ? 0
															  : -1;
}

int
points_read(struct points *to, struct mem *m, enum rows_type of, const struct rows_cell *c, int pairs)
{
	struct json t = {c->bytes, c->bytes + c->len};
	struct buf text = {0}, list = {0};
	struct point p;
	int good;

	*to = (struct points){0};
	if (c->type == ROWS_NULL)
		return 0;
	good = json_take(&t, '[');
	if (good && !json_take(&t, ']')) {
		do {
			good = read_point(&p, m, of, &t, pairs, &text) == 0;
			buf_add(&list, &p, sizeof p);
		} while (good && json_take(&t, ','));
		good = good && json_take(&t, ']');
	}
	to->n = list.len / sizeof p;
	to->list = mem_array(m, to->n + 1, sizeof p);
	if (to->n > 0)
		memcpy(to->list, list.bytes, list.len);
	buf_free(&text);
	buf_free(&list);
	return good && t.p == t.end ? 0 : -1;
}

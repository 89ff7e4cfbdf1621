#include "profile_shape.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "jsonline.h"
#include "utf8.h"

#define LAST_DAY 253402214400.0 /* 9999-12-31, in seconds since 1970 */

struct rows_cell
shape_cell(struct mem *m, enum rows_type type, const char *bytes, size_t len)
{
	return (struct rows_cell){.bytes = mem_copy(m, bytes, len), .len = len, .type = (unsigned char)type};
}

struct rows_cell
shape_taken(struct buf *b, struct mem *m, enum rows_type type)
{
	struct rows_cell c = shape_cell(m, type, b->bytes, b->len);

	buf_free(b);
	return c;
}

/* Seconds since 1970 as a date or a timestamp, with a fraction to the microsecond where there is one. */
static struct rows_cell
instant(struct mem *m, enum rows_type type, double v)
{
	double seconds = floor(v + 5e-7), fraction = v - seconds;
	struct rows_cell c = rows_timestamp(m, (int64_t)seconds);
	char text[64];
	int n;

	if (c.type == ROWS_NULL)
		return c;
	if (type == ROWS_DATE)
		return shape_cell(m, ROWS_DATE, c.bytes, c.len - sizeof "T00:00:00Z" + 1);
	if (fraction < 5e-7)
		return c;
	n = snprintf(text, sizeof text, "%.*s.%06.0fZ", (int)c.len - 1, c.bytes, fraction * 1e6);
	while (text[n - 2] == '0') {
		text[n - 2] = 'Z';
		text[--n] = '\0';
	}
	return shape_cell(m, ROWS_TIMESTAMP, text, (size_t)n);
}

struct rows_cell
shape_value(struct mem *m, enum rows_type type, double v)
{
	char text[64];
	int n;

	if (type == ROWS_DATE || type == ROWS_TIMESTAMP)
		return instant(m, type, v);
	if (type != ROWS_INTEGER || fabs(v) >= 1e19)
		return rows_real(m, v);
	n = snprintf(text, sizeof text, "%.0f", v == 0 ? 0 : v);
	return shape_cell(m, ROWS_INTEGER, text, (size_t)n);
}

size_t
shape_edges(enum rows_type type, double low, double high, double *edges)
{
	/* The difference of two numbers may be beyond what a double holds. */
	double width = high / SHAPE_BINS - low / SHAPE_BINS;
	double unit = type == ROWS_INTEGER ? 1 : type == ROWS_DATE ? 86400 : 0;
	size_t n = SHAPE_BINS, half;

	if (low == high) {
		edges[0] = edges[1] = low;
		return 1;
	}
	if (unit > 0 && high - low < 1e15) {
		width = ceil(((high - low) / unit + 1) / SHAPE_BINS) * unit;
		n = (size_t)ceil((high - low + unit) / width);
	}
	/* In two steps, since all of it may be beyond a double, too. */
	half = n / 2;
	for (size_t i = 0; i <= n; i++)
		edges[i] = i <= half ? low + (double)i * width : low + (double)half * width + (double)(i - half) * width;
	/* Behind the last day that there is, there is none to end a bin. */
	if (unit == 0 || edges[n] < high || (type == ROWS_DATE && edges[n] > LAST_DAY))
		edges[n] = high;
	return n;
}

struct rows_cell
shape_histogram(struct mem *m, enum rows_type type, const double *edges, size_t n, const uint64_t *counts)
{
	struct buf b = {0};

	buf_byte(&b, '[');
	for (size_t i = 0; i < n; i++) {
		struct rows_cell low = shape_value(m, type, edges[i]), high = shape_value(m, type, edges[i + 1]);

		buf_puts(&b, i > 0 ? ",{\"low\":" : "{\"low\":");
		jsonline_value(&b, &low);
		buf_puts(&b, ",\"high\":");
		jsonline_value(&b, &high);
		buf_printf(&b, ",\"count\":%" PRIu64 "}", counts[i]);
	}
	buf_byte(&b, ']');
	return shape_taken(&b, m, ROWS_JSON);
}

void
shape_top_add(struct buf *b, const struct rows_cell *value, uint64_t count, const uint64_t *high)
{
	struct rows_cell whole = *value;

	/* That it is cut is said beside it, not in it. */
	whole.cut = 0;
	buf_puts(b, b->len > 1 ? ",{\"value\":" : "{\"value\":");
	jsonline_value(b, &whole);
	buf_puts(b, value->cut ? ",\"cut\":true" : "");
	buf_printf(b, ",\"count\":%" PRIu64, count);
	if (high != NULL)
		buf_printf(b, ",\"high\":%" PRIu64 "}", *high);
	else
		buf_puts(b, ",\"high\":null}");
}

size_t
shape_whole_characters(const char *bytes, size_t kept, int cut)
{
	return cut ? utf8_cut(bytes, kept, kept - 3) : kept;
}

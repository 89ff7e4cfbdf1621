/* column: parts that are merged say what one says that has taken all; figures of cells that are awkward. */

#include "column.h"

#include <math.h>
#include <stdlib.h>

#include "mem.h"
#include "random.h"
#include "tap.h"

enum { SLOTS = 256, MOST = 3000 };

/* Cells whose bytes lie in blocks of their own, with nothing behind what may be read. */
struct cells {
	struct batch_cell cells[MOST];
	size_t n;
};

static void
add(struct cells *c, const char *bytes, size_t len, enum rows_type type)
{
	char *copy = mem_resize(NULL, len + BATCH_SLACK);

	if (len > 0)
		memcpy(copy, bytes, len);
	memset(copy + len, '9', BATCH_SLACK);
	c->cells[c->n++] = (struct batch_cell){copy, (uint32_t)len, (unsigned char)type};
}

static void
add_text(struct cells *c, const char *text)
{
	add(c, text, strlen(text), ROWS_TEXT);
}

static void
forget(struct cells *c)
{
	for (size_t i = 0; i < c->n; i++)
		free((void *)(uintptr_t)c->cells[i].bytes);
	free(c);
}

static struct cells *
no_cells(void)
{
	struct cells *c = mem_resize(NULL, sizeof *c);

	c->n = 0;
	return c;
}

static struct column *
take_all(const struct batch_cell *cells, size_t n)
{
	struct column *c = column_new(SLOTS, 1);

	for (size_t at = 0; at < n; at += 100)
		column_take(c, cells + at, n - at < 100 ? n - at : 100);
	return c;
}

/* In parts of any size, some of them empty. */
static struct column *
take_parts(const struct batch_cell *cells, size_t n)
{
	struct column *all = column_new(SLOTS, 1);

	for (size_t at = 0, len; at < n; at += len) {
		struct column *part;

		len = next_random(4) ? next_random(300) : 0;
		len = len < n - at ? len : n - at;
		part = take_all(cells + at, len);
		column_merge(all, part);
		column_free(part);
	}
	return all;
}

static int
same_text(const struct column_text *a, const struct column_text *b)
{
	return (a->bytes == NULL) == (b->bytes == NULL) &&
	       (a->bytes == NULL ||
		   (a->len == b->len && a->whole == b->whole && a->head == b->head && memcmp(a->bytes, b->bytes, a->len) == 0));
}

static int
same_number(const struct column_number *a, const struct column_number *b)
{
	return a->value == b->value && a->len == b->len && (isinf(a->value) || memcmp(a->text, b->text, a->len) == 0);
}

static int
is_near(double a, double b)
{
	return a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * fabs(a);
}

static int
same_figures(const struct column *a, const struct column *b)
{
	int times_or_numbers = a->kll != NULL && !a->mixed;

	if (a->nulls != b->nulls || a->empties != b->empties || memcmp(a->types, b->types, sizeof a->types) != 0 ||
	    a->lengths != b->lengths || a->shortest != b->shortest || a->longest != b->longest ||
	    !same_text(&a->least, &b->least) || !same_text(&a->greatest, &b->greatest) || column_type(a) != column_type(b) ||
	    column_confidence(a) != column_confidence(b) || hll_estimate(&a->hll) != hll_estimate(&b->hll))
		return 0;
	if (a->mixed != b->mixed || times_or_numbers != (b->kll != NULL && !b->mixed))
		return 0;
	if (frequent_exact(&a->frequent) && (!frequent_exact(&b->frequent) || a->frequent.used != b->frequent.used))
		return 0;
	if (!times_or_numbers)
		return 1;
	return same_number(&a->low, &b->low) && same_number(&a->high, &b->high) && a->kll->n == b->kll->n &&
	       a->moments.n == b->moments.n && is_near(moments_mean(&a->moments), moments_mean(&b->moments)) &&
	       is_near(moments_deviation(&a->moments), moments_deviation(&b->moments));
}

static void
add_any(struct cells *c, unsigned kind)
{
	static const char *const words[] = {"", "x", "2024-02-29", "2024-02-29T10:00Z", "true", "9007199254740993",
	    "9007199254740992", "-9007199254740993", "-9007199254740994", "1.5", "-0", "zzzzzzzz", "zzzzzzzzz"};
	char text[6000];

	switch (kind) {
	case 0:
		snprintf(text, sizeof text, "%d", (int)next_random(1000) - 500);
		break;
	case 1:
		snprintf(text, sizeof text, "%u.%02u", next_random(100), next_random(100));
		break;
	case 2:
		snprintf(text, sizeof text, "20%02u-%02u-%02u", next_random(100), 1 + next_random(12), 1 + next_random(28));
		break;
	case 3:
		snprintf(text, sizeof text, "%s", words[next_random(13)]);
		break;
	case 4:
		snprintf(text, sizeof text, "%0*u", (int)(4090 + next_random(10)), next_random(3));
		break;
	default:
		snprintf(text, sizeof text, "%.*s", (int)next_random(12), "aaaaaaaaaaaa");
		break;
	}
	if (next_random(10) == 0)
		add(c, "", 0, ROWS_NULL);
	else
		add_text(c, text);
}

static void
test_merging(void)
{
	int same = 1;

	for (int i = 0; i < 60 && same; i++) {
		struct cells *cells = no_cells();
		struct column *all, *parts;
		unsigned n = next_random(i % 3 ? 300 : MOST);

		for (unsigned k = 0; k < n; k++)
			add_any(cells, i % 7 < 6 ? (unsigned)i % 7 : next_random(3));
		/* The last cell may change what all are. */
		if (cells->n < MOST && i % 5 == 0)
			add_text(cells, "x");
		all = take_all(cells->cells, cells->n);
		parts = take_parts(cells->cells, cells->n);
		same = same_figures(all, parts);
		if (!same)
			printf("# %d: %u cells\n", i, n);
		column_free(all);
		column_free(parts);
		forget(cells);
	}
	CHECK(same, "parts that are merged have the exact figures of the whole");
}

/* The least and the greatest of some cells, in every order. */
static int
range_is(const char *const *texts, size_t n, const char *low, const char *high)
{
	int same = 1;

	for (size_t first = 0; first < n; first++) {
		struct cells *cells = no_cells();
		struct column *c;

		for (size_t i = 0; i < n; i++)
			add_text(cells, texts[(first + i) % n]);
		c = take_parts(cells->cells, cells->n);
		same &= c->low.len == strlen(low) && memcmp(c->low.text, low, c->low.len) == 0;
		same &= c->high.len == strlen(high) && memcmp(c->high.text, high, c->high.len) == 0;
		column_free(c);
		forget(cells);
	}
	return same;
}

static void
test_range(void)
{
	static const char *const large[] = {"9007199254740993", "9007199254740992", "9007199254740995", "9007199254740994"};
	static const char *const negative[] = {
	    "-9007199254740993", "-9007199254740992", "-100000000000000001", "-100000000000000000", "-100000000000000002"};
	static const char *const both[] = {"5", "-5", "0", "10", "-10", "9"};

	CHECK(range_is(large, 4, "9007199254740992", "9007199254740995"), "integers beyond 2^53 that are the same double");
	CHECK(range_is(negative, 5, "-100000000000000002", "-9007199254740992"), "and negative ones");
	CHECK(range_is(both, 6, "-10", "10"), "numbers are in the order of numbers");
}

static void
test_types(void)
{
	struct cells *cells = no_cells();
	struct column *c;

	add_text(cells, "7");
	add(cells, "7", 1, ROWS_REAL);
	add(cells, "9223372036854775807", 19, ROWS_INTEGER);
	add(cells, "\0\1", 2, ROWS_BYTES);
	add(cells, "5", 1, ROWS_BYTES);
	add(cells, "", 0, ROWS_NULL);
	add(cells, "", 0, ROWS_TEXT);
	c = take_all(cells->cells, cells->n);
	CHECK(c->types[ROWS_INTEGER] == 2 && c->types[ROWS_REAL] == 1 && c->types[ROWS_BYTES] == 2 && c->nulls == 1 &&
		  c->empties == 1 && column_values(c) == 6,
	    "what the source knows of a cell's type counts");
	column_free(c);
	forget(cells);
	c = column_new(SLOTS, 1);
	CHECK(column_type(c) == ROWS_NULL && column_values(c) == 0 && column_confidence(c) == 0.5,
	    "nothing is known of no cells");
	column_free(c);
}

static void
test_confidence(void)
{
	struct cells *cells = no_cells();
	struct column *c;

	for (int i = 0; i < 8; i++)
		add_text(cells, i < 6 ? "12" : "x");
	c = take_all(cells->cells, 6);
	CHECK(column_type(c) == ROWS_INTEGER && column_confidence(c) == 7.0 / 8, "six of six: (6 + 1) / (6 + 2)");
	column_free(c);
	c = take_all(cells->cells, 8);
	CHECK(column_type(c) == ROWS_TEXT && column_confidence(c) == 3.0 / 10, "two words among six numbers: text, not surely");
	column_free(c);
	forget(cells);
}

int
main(void)
{
	test_merging();
	test_range();
	test_types();
	test_confidence();
	return tap_end();
}

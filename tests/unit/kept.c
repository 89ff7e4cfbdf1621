/* Samples: the rows that are drawn are different ones, in order, any as likely as another; by a seed those that a pass keeps.
 */

#include <stdlib.h>

#include "kept.h"
#include "mem.h"
#include "tap.h"

enum { MOST = 70000 };

static uint64_t places[MOST];

static int
is_sample(uint64_t limit, uint64_t rows)
{
	for (uint64_t i = 0; i < limit; i++) {
		if (places[i] >= rows || (i > 0 && places[i] <= places[i - 1]))
			return 0;
	}
	return 1;
}

/* What a pass over the rows keeps, compared with what is drawn. */
static int
is_pass(uint64_t limit, uint64_t rows, uint64_t seed)
{
	struct rows_cell *cells, number;
	struct kept k;
	struct fail f;
	struct mem m = {0};
	uint64_t i = 0;
	size_t n;
	int same = 1;

	kept_start(&k, limit, 1, seed);
	for (uint64_t row = 0; row < rows; row++) {
		if (!kept_wants(&k))
			continue;
		number = rows_integer(&m, row);
		if (kept_row(&k, &number, 1, &f) < 0)
			abort();
	}
	kept_sort(&k);
	kept_draw(places, limit, rows, seed);
	for (; kept_next(&k, &cells, &n, &f) > 0; i++) {
		number = rows_integer(&m, places[i]);
		same &= number.len == cells[0].len && memcmp(number.bytes, cells[0].bytes, number.len) == 0;
	}
	kept_free(&k);
	mem_free(&m);
	return same && i == limit;
}

static void
test_passes(void)
{
	int wrong = 0;

	for (uint64_t seed = 1; seed < 20; seed++) {
		for (uint64_t limit = 1; limit < 40; limit += seed)
			wrong += !is_pass(limit, limit + 1 + seed * 7, seed);
	}
	CHECK(wrong == 0, "with a seed: the rows that a pass keeps");
	CHECK(is_pass(100, 20000, 3), "of many too");
}

static void
test_draws(void)
{
	static const uint64_t sizes[][2] = {{0, 1}, {1, 2}, {1, UINT64_C(1) << 40}, {5, 6}, {1000, 1001}, {1000, 2000},
	    {MOST, MOST + 1}, {MOST, UINT64_MAX / 2}};
	int wrong = 0;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		kept_draw(places, sizes[i][0], sizes[i][1], 0);
		wrong += !is_sample(sizes[i][0], sizes[i][1]);
	}
	CHECK(wrong == 0, "different ones, in order, below the number of rows");
}

/* Each of 10 is in 3 of 10 samples: 30000 of 100000, with a standard deviation of 145. */
static void
test_likely(void)
{
	unsigned often[10] = {0};
	int wrong = 0;

	for (int i = 0; i < 100000; i++) {
		kept_draw(places, 3, 10, 0);
		for (int k = 0; k < 3; k++)
			often[places[k]]++;
	}
	for (int i = 0; i < 10; i++)
		wrong += often[i] < 29000 || often[i] > 31000;
	CHECK(wrong == 0, "any as likely as another");
}

int
main(void)
{
	test_passes();
	test_draws();
	test_likely();
	return tap_end();
}

/* The number of distinct values: as near as stated, whatever the number, the order and the parts. */

#include <math.h>
#include <stdint.h>

#include "hll.h"
#include "tap.h"

/* splitmix64: what a good hash gives for the numbers from 0. */
static uint64_t
hash(uint64_t seed, uint64_t i)
{
	uint64_t z = (seed << 40) + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static struct hll
seen(uint64_t seed, uint64_t from, uint64_t to)
{
	struct hll h = {0};

	for (uint64_t i = from; i < to; i++)
		hll_add(&h, hash(seed, i));
	return h;
}

/* The mean error and its square's root over sketches of n values, as shares of n. */
static int
near(uint64_t n, int sketches)
{
	double sum = 0, squares = 0, root, worst = 0;

	for (int seed = 1; seed <= sketches; seed++) {
		struct hll h = seen((uint64_t)seed, 0, n);
		double error = hll_estimate(&h) / (double)n - 1;

		sum += error;
		squares += error * error;
		worst = fabs(error) > worst ? fabs(error) : worst;
	}
	root = sqrt(squares / sketches);
	printf(
	    "# n %llu: mean error %.4f, standard error %.4f, worst %.4f\n", (unsigned long long)n, sum / sketches, root, worst);
	return root < HLL_ERROR * (1 + 3 / sqrt(2.0 * sketches)) && worst < HLL_ERROR * 4.5 &&
	       fabs(sum / sketches) < HLL_ERROR * 4 / sqrt(sketches);
}

static void
test_few(void)
{
	struct hll h = {0};
	int same = 1;

	CHECK(hll_estimate(&h) == 0, "nothing: 0");
	for (uint64_t n = 1; n <= 100; n++) {
		h = seen(7, 0, n);
		same = same && fabs(hll_estimate(&h) - (double)n) < 0.5 + (double)n * 0.03;
	}
	CHECK(same, "up to a hundred: about exact");
}

static void
test_many(void)
{
	static const uint64_t numbers[] = {100, 1000, 3000, 8000, 10000, 12000, 20000, 50000, 200000};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		CHECK(near(numbers[i], 200), "as near as stated");
	CHECK(near(3000000, 8), "millions");
}

/* The far end, which no stream reaches: registers as so many values would leave them. */
static void
test_far(void)
{
	struct hll h;

	memset(h.rarest, HLL_LAST, sizeof h.rarest);
	CHECK(isinf(hll_estimate(&h)), "no register can count further: infinite");
	for (int i = 0; i < HLL_REGISTERS; i++)
		h.rarest[i] = (unsigned char)(i % 2 ? HLL_LAST : HLL_LAST - 1);
	CHECK(hll_estimate(&h) > 1e18 && hll_estimate(&h) < 1e20, "half of them can: about 2^64");
	h = (struct hll){0};
	hll_add(&h, 0);
	CHECK(h.rarest[0] == HLL_LAST, "a hash of zeros is the rarest");
	hll_add(&h, ~UINT64_C(0));
	CHECK(h.rarest[HLL_REGISTERS - 1] == 1, "a hash of ones is the commonest");
}

static void
test_merge(void)
{
	struct hll all = seen(3, 0, 100000), parts = {0}, again = all;

	for (int i = 0; i < 10; i++) {
		struct hll part = seen(3, (uint64_t)i * 9000, (uint64_t)i * 9000 + 19000);

		hll_merge(&parts, &part);
	}
	CHECK(memcmp(&parts, &all, sizeof all) == 0, "parts that overlap: the same sketch");
	for (uint64_t i = 100000; i-- > 0;)
		hll_add(&again, hash(3, i));
	CHECK(memcmp(&again, &all, sizeof all) == 0, "again, backwards: the same sketch");
}

int
main(void)
{
	test_few();
	test_many();
	test_far();
	test_merge();
	return tap_end();
}

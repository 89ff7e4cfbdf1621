/* The histogram: its quantiles are those of the sorted values but for the stated error, and its buckets leave nothing out. */

#include <math.h>
#include <stdlib.h>

#include "histogram.h"
#include "random.h"
#include "tap.h"

enum { VALUES = 100000 };

static uint64_t values[VALUES];

/* Above 0, at most 1. */
static double
random_share(void)
{
	return (1 + next_random(32768) * 32768.0 + next_random(32768)) / (32768.0 * 32768.0);
}

static uint64_t
uniform(void)
{
	return (uint64_t)(random_share() * 1e9);
}

static uint64_t
exponential(void)
{
	return (uint64_t)(-log(random_share()) * 2e6);
}

/* Hits of a tenth of a millisecond, one in twenty a miss of seconds. */
static uint64_t
two_hills(void)
{
	return next_random(20) ? 90000 + next_random(20000) : 2000000000 + uniform();
}

/* Pareto's: from 50 microseconds up to hours. */
static uint64_t
heavy_tail(void)
{
	return (uint64_t)(50000 / pow(random_share(), 1.1));
}

static uint64_t
small(void)
{
	return next_random(100);
}

static uint64_t
constant(void)
{
	return 1234567;
}

static uint64_t
huge(void)
{
	return HISTOGRAM_MOST - 1 - next_random(1000) * (HISTOGRAM_MOST / 1000);
}

static int
by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* True where every quantile is as near the value of that rank as it is said to be. */
static int
near(const struct histogram *h, size_t n)
{
	static const double ranks[] = {0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};

	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
		size_t place = (size_t)ceil(ranks[i] * (double)n - 1e-9);
		double right = (double)values[place > 0 ? place - 1 : 0], got = histogram_quantile(h, ranks[i]);

		if (fabs(got - right) > right * HISTOGRAM_ERROR) {
			printf("# rank %g of %zu: %.1f, not %.1f\n", ranks[i], n, got, right);
			return 0;
		}
	}
	return 1;
}

/* Also in two parts that are merged. */
static void
check_shape(uint64_t (*shape)(void), const char *name)
{
	static const size_t sizes[] = {1, 2, 3, 100, VALUES};
	int wrong = 0;

	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		struct histogram whole = {0}, parts[2] = {{0}, {0}};
		struct mem m = {0};
		uint64_t sum = 0;

		for (size_t i = 0; i < sizes[s]; i++) {
			values[i] = shape();
			sum = histogram_sum(sum, values[i]);
			histogram_add(&m, &whole, values[i]);
			histogram_add(&m, &parts[i % 2], values[i]);
		}
		qsort(values, sizes[s], sizeof *values, by_value);
		histogram_merge(&m, &parts[0], &parts[1]);
		wrong += !near(&whole, sizes[s]) + !near(&parts[0], sizes[s]);
		wrong += whole.count != sizes[s] || whole.sum != sum || whole.greatest != values[sizes[s] - 1];
		wrong += parts[0].count != sizes[s] || parts[0].sum != sum || parts[0].greatest != values[sizes[s] - 1];
		mem_free(&m);
	}
	CHECK(wrong == 0, name);
}

static void
test_buckets(void)
{
	int wrong = 0, wide = 0;

	for (unsigned b = 0; b < HISTOGRAM_BUCKETS; b++) {
		uint64_t least = histogram_least(b), next = histogram_least(b + 1);

		wrong += next <= least || histogram_bucket(least) != b || histogram_bucket(next - 1) != b;
		wide += b >= HISTOGRAM_PART && (next - least) * HISTOGRAM_PART > least;
	}
	CHECK(wrong == 0, "each bucket begins where the one before ends");
	CHECK(wide == 0, "none is wider than a 32nd of its least value");
	CHECK(histogram_least(0) == 0 && histogram_least(HISTOGRAM_BUCKETS) == HISTOGRAM_MOST, "they are all values");
	CHECK(histogram_bucket(UINT64_MAX) == HISTOGRAM_BUCKETS - 1, "what is too large is in the last one");
}

static void
test_limits(void)
{
	struct histogram h = {0};
	struct mem m = {0};

	CHECK(isnan(histogram_quantile(&h, 0.5)), "no values, no quantile");
	CHECK(histogram_get(&h, 77) == 0, "and nothing in a bucket");
	histogram_add(&m, &h, UINT64_MAX);
	CHECK(h.count == 1 && h.sum == HISTOGRAM_MOST - 1 && h.greatest == HISTOGRAM_MOST - 1, "a value that is too large");
	histogram_put(&m, &h, 5, UINT64_MAX);
	histogram_put(&m, &h, 6, UINT64_MAX);
	CHECK(h.count == HISTOGRAM_MOST - 1 && histogram_get(&h, 5) == HISTOGRAM_MOST - 1, "counts stop, and never begin anew");
	CHECK(histogram_quantile(&h, 1) >= 5, "and there still are quantiles");
	mem_free(&m);
}

int
main(void)
{
	test_buckets();
	test_limits();
	check_shape(uniform, "uniform");
	check_shape(exponential, "exponential");
	check_shape(two_hills, "two hills");
	check_shape(heavy_tail, "a heavy tail");
	check_shape(small, "small values");
	check_shape(constant, "one value");
	check_shape(huge, "the largest values");
	return tap_end();
}

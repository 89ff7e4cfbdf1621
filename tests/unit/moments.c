/* Mean and deviation beside those of long doubles, where sums of squares would lose them. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "moments.h"
#include "tap.h"

enum { N = 100003 };

static double values[N];
static uint64_t seed = 1;

/* From 0 to 1. */
static double
uniform(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static int
close_to(double got, long double want, double scale, double error)
{
	if (isnan(got) || fabsl(got - want) > scale * error) {
		printf("# got %.17g, want %.17Lg\n", got, want);
		return 0;
	}
	return 1;
}

/* Whether it is what long doubles say: the deviation to nine digits, the mean to as many as the spread allows. */
static int
right(const struct moments *m, const double *v, size_t n)
{
	long double mean = v[0], off = 0, squares = 0, deviation;
	double min = v[0], max = v[0];

	for (size_t i = 0; i < n; i++)
		off += v[i] - mean;
	mean += off / n;
	off = 0;
	for (size_t i = 0; i < n; i++)
		off += v[i] - mean;
	mean += off / n;
	for (size_t i = 0; i < n; i++) {
		squares += (v[i] - mean) * (v[i] - mean);
		min = v[i] < min ? v[i] : min;
		max = v[i] > max ? v[i] : max;
	}
	deviation = sqrtl(squares / (n - 1));
	return m->n == n && m->min == min && m->max == max &&
	       close_to(moments_mean(m), mean, fabs((double)mean) + (double)deviation, 4e-16) &&
	       close_to(moments_deviation(m), deviation, (double)deviation, 1e-9);
}

/* In one go; in batches of any length; in parts that are merged. */
static int
every_way(const double *v, size_t n)
{
	struct moments one = MOMENTS_NONE, batches, parts = MOMENTS_NONE, part;
	size_t step;

	moments_add(&one, v, n);
	moments_start(&batches);
	for (size_t i = 0; i < n; i += step) {
		step = (size_t)(uniform() * 40) * (size_t)(uniform() * 100);
		step = step < n - i ? step : n - i;
		moments_add(&batches, v + i, step);
	}
	for (size_t i = 0; i < 8; i++) {
		moments_start(&part);
		moments_add(&part, v + n * i / 8, n * (i + 1) / 8 - n * i / 8);
		moments_merge(&parts, &part);
	}
	return right(&one, v, n) && right(&batches, v, n) && right(&parts, v, n);
}

static void
test_hard(void)
{
	for (size_t i = 0; i < N; i++)
		values[i] = uniform();
	CHECK(every_way(values, N), "from 0 to 1");
	for (size_t i = 0; i < N; i++)
		values[i] = 1e9 + uniform();
	CHECK(every_way(values, N), "1e9 and a little");
	for (size_t i = 0; i < N; i++)
		values[i] = -1e12 + 0.001 * uniform() + (double)i * 1e-6;
	CHECK(every_way(values, N), "-1e12 and less, rising");
	for (size_t i = 0; i < N; i++)
		values[i] = pow(10, uniform() * 280 - 140) * (i % 3 == 0 ? -1 : 1);
	CHECK(every_way(values, N), "from 1e-140 to 1e140, of both signs");
	for (size_t i = 0; i < N; i++)
		values[i] = i % 2 ? 1e-200 : 3e-200;
	values[0] = 1e100;
	CHECK(every_way(values, N), "one that is large, the rest next to nothing");
	for (size_t i = 0; i < N; i++)
		values[i] = -5;
	CHECK(every_way(values, N), "all the same");
}

static void
test_few(void)
{
	static const double v[] = {3, 5};
	struct moments m = MOMENTS_NONE, none = MOMENTS_NONE;

	CHECK(m.n == 0 && isnan(moments_mean(&m)) && isnan(moments_deviation(&m)), "nothing");
	moments_add(&m, v, 0);
	moments_merge(&m, &none);
	CHECK(m.n == 0 && isinf(m.min) && isinf(m.max), "still nothing");
	moments_add(&m, v, 1);
	CHECK(m.n == 1 && moments_mean(&m) == 3 && isnan(moments_deviation(&m)) && m.min == 3 && m.max == 3, "one");
	moments_merge(&m, &none);
	moments_add(&m, v + 1, 1);
	CHECK(m.n == 2 && moments_mean(&m) == 4 && moments_deviation(&m) == sqrt(2) && m.min == 3 && m.max == 5, "two");
	for (size_t n = 2; n < 40; n++) {
		for (size_t i = 0; i < n; i++)
			values[i] = 1e9 + (double)(i * i % 17);
		if (!CHECK(every_way(values, n), "a few"))
			break;
	}
}

static void
test_infinite(void)
{
	double v[] = {1, INFINITY, -2}, large[] = {1e300, -1e300, 1e300};
	struct moments m = MOMENTS_NONE, l = MOMENTS_NONE;

	moments_add(&m, v, 3);
	CHECK(m.min == -2 && isinf(m.max) && !isfinite(moments_mean(&m)), "an infinite one");
	moments_add(&l, large, 3);
	CHECK(l.min == -1e300 && l.max == 1e300 && fabs(moments_mean(&l) / 1e300 - 1.0 / 3) < 1e-15, "the largest: the mean");
	CHECK(!isfinite(moments_deviation(&l)), "the largest: no deviation");
}

int
main(void)
{
	test_hard();
	test_few();
	test_infinite();
	return tap_end();
}

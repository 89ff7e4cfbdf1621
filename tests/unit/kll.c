/* Quantiles: exact while all is kept, and afterwards as near as stated, whatever the order, the number and the parts. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "kll.h"
#include "tap.h"

enum { MOST = 2000000, RANKS = 19, PARTS = 8 };

static double values[MOST], sorted[MOST];
static uint64_t seed = 1;

static uint64_t
below(uint64_t n)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* --- numbers of which the order is known --- */

static double
logistic(double share)
{
	return log(share / (1 - share));
}

static double
duplicates(double share)
{
	return floor(share * share * 30);
}

static double
same(double share)
{
	return share * 0 + 5;
}

static double
even(double share)
{
	return share;
}

static void
shuffled(size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = below(i);
		double v = values[i - 1];

		values[i - 1] = values[j];
		values[j] = v;
	}
}

static void
ascending(size_t n)
{
	(void)n;
}

static void
descending(size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = sorted[n - 1 - i];
}

/* The least, the greatest, the second least … */
static void
inwards(size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = i % 2 ? sorted[n - 1 - i / 2] : sorted[i / 2];
}

/* Ascending over and over, each time with others. */
static void
saw(size_t n)
{
	size_t step = n / 1000 + 1, k = 0;

	for (size_t i = 0; i < step; i++)
		for (size_t j = i; j < n; j += step)
			values[k++] = sorted[j];
}

static const struct kind {
	const char *name;
	double (*value)(double share);
	void (*order)(size_t n);
} kinds[] = {
    {"uniform", even, shuffled},
    {"logistic", logistic, shuffled},
    {"ascending", even, ascending},
    {"descending", even, descending},
    {"inwards", even, inwards},
    {"saw", even, saw},
    {"duplicates", duplicates, shuffled},
    {"duplicates, ascending", duplicates, ascending},
    {"all the same", same, ascending},
};

static void
make(const struct kind *kind, size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = sorted[i] = kind->value(((double)i + 0.5) / (double)n);
	kind->order(n);
}

/* --- how far an answer is off --- */

/* How many are less than `value`, or with `also` at most. */
static size_t
before(double value, size_t n, int also)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (sorted[middle] < value || (also && sorted[middle] == value))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A number has all ranks between the share of those that are less and the share of those that are at most it. */
static double
error_of(double value, double rank, size_t n)
{
	double least = (double)before(value, n, 0) / (double)n, most = (double)before(value, n, 1) / (double)n;

	return rank < least ? least - rank : rank > most ? rank - most : 0;
}

static double
worst_error(const struct kll *s, size_t n)
{
	double ranks[RANKS], quantiles[RANKS], worst = 0;

	for (int i = 0; i < RANKS; i++)
		ranks[i] = (i + 1.0) / (RANKS + 1);
	kll_quantiles(s, ranks, RANKS, quantiles);
	for (int i = 0; i < RANKS; i++) {
		double x = sorted[(size_t)(ranks[i] * (double)n)];
		double error = error_of(quantiles[i], ranks[i], n);
		double other = fabs(kll_rank(s, x) - (double)before(x, n, 1) / (double)n);

		worst = error > worst ? error : worst;
		worst = other > worst ? other : worst;
	}
	return worst;
}

/* --- sketches --- */

static void
add_in_batches(struct kll *s, const double *v, size_t n)
{
	size_t step;

	for (size_t i = 0; i < n; i += step) {
		step = 1 + below(1 + below(8000));
		step = step < n - i ? step : n - i;
		kll_add(s, v + i, step);
	}
}

/* Of parts of any lengths, merged one after another. */
static struct kll
sketch(size_t n, unsigned parts, uint64_t own)
{
	struct kll s, part;
	size_t at = 0;

	kll_init(&s, own);
	for (unsigned i = 1; i < parts; i++) {
		size_t end = at + below(n - at + 1);

		kll_init(&part, own + i * 1000003);
		add_in_batches(&part, values + at, end - at);
		kll_merge(&s, &part);
		at = end;
	}
	if (parts == 1)
		add_in_batches(&s, values, n);
	else {
		kll_init(&part, own + 999);
		add_in_batches(&part, values + at, n - at);
		kll_merge(&part, &s);
		s = part;
	}
	return s;
}

static int
ascends(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
test_error(size_t n, unsigned runs)
{
	double worst[10000];
	unsigned count = 0, bad = 0, odd = 0;

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		make(&kinds[k], n);
		for (unsigned run = 0; run < runs; run++) {
			struct kll s = sketch(n, run % 2 ? 1 : 1 + run / 2 % PARTS, n + run * 77);

			worst[count] = worst_error(&s, n);
			if (worst[count] >= KLL_ERROR)
				printf("# %s: run %u is off by %.4f\n", kinds[k].name, run, worst[count]);
			bad += worst[count++] >= KLL_ERROR;
			odd += s.n != n || kll_rank(&s, INFINITY) != 1 || kll_rank(&s, -INFINITY) != 0;
			odd += kll_exact(&s) != (n <= KLL_ROOM) || (kll_exact(&s) && worst[count - 1] > 1e-12);
		}
	}
	qsort(worst, count, sizeof *worst, ascends);
	printf("# n %zu: %u runs, half within %.4f, 99%% within %.4f, all within %.4f\n", n, count, worst[count / 2],
	    worst[count * 99 / 100], worst[count - 1]);
	CHECK(bad * 100 <= count, "as near as stated in 99 % of runs");
	CHECK(odd == 0, "what is kept stands for all, and answers are exact where they are said to be");
}

static void
test_errors(void)
{
	test_error(10, 40);
	test_error(1000, 40);
	test_error(KLL_ROOM, 20);
	test_error(KLL_ROOM + 1, 40);
	test_error(5000, 60);
	test_error(30000, 60);
	test_error(KLL_PLENTY, 40);
	test_error(200000, 24);
	test_error(700000, 12);
	test_error(MOST, 8);
}

static void
test_exact(void)
{
	static const double ranks[] = {0, 0.07, 0.5, 0.501, 0.99, 1}, want[] = {1, 7, 50, 51, 99, 100};
	double out[6], v[100];
	struct kll s, empty;
	int right = 1;

	kll_init(&s, 1);
	kll_init(&empty, 1);
	kll_quantiles(&s, ranks, 6, out);
	CHECK(isnan(out[0]) && isnan(out[5]) && isnan(kll_rank(&s, 1)) && kll_exact(&s), "nothing");
	kll_merge(&s, &empty);
	CHECK(s.n == 0 && kll_exact(&s), "nothing and nothing");
	for (int i = 0; i < 100; i++)
		v[i] = 100 - i;
	kll_add(&s, v, 100);
	kll_quantiles(&s, ranks, 6, out);
	for (int i = 0; i < 6; i++)
		right = right && out[i] == want[i];
	CHECK(right, "the nearest rank");
	CHECK(kll_rank(&s, 7) == 0.07 && kll_rank(&s, 7.5) == 0.07 && kll_rank(&s, 0) == 0 && kll_rank(&s, 100) == 1, "ranks");
	v[0] = -INFINITY;
	v[1] = INFINITY;
	kll_add(&s, v, 2);
	kll_quantiles(&s, ranks, 6, out);
	CHECK(isinf(out[0]) && isinf(out[5]) && out[2] == 50, "infinite ones");
}

/* Many sketches of little, or of little and much: bases differ. */
static void
test_merges(void)
{
	struct kll s, part;
	size_t n = 1000000, at = 0;

	make(&kinds[0], n);
	kll_init(&s, 5);
	for (uint64_t i = 0; at < n; i++) {
		size_t step = 1 + below(i % 50 == 0 ? 200000 : 2000);

		step = step < n - at ? step : n - at;
		kll_init(&part, i);
		kll_add(&part, values + at, step);
		if (i % 2)
			kll_merge(&s, &part);
		else {
			kll_merge(&part, &s);
			s = part;
		}
		at += step;
	}
	CHECK(s.n == n && kll_rank(&s, INFINITY) == 1, "many merges: all are counted");
	CHECK(worst_error(&s, n) < KLL_ERROR, "many merges: as near as stated");
	part = s;
	for (int i = 0; i < 20; i++)
		kll_merge(&s, &s);
	CHECK(s.n == (uint64_t)n << 20 && kll_rank(&s, INFINITY) == 1, "with itself, until there are a million times as many");
	CHECK(worst_error(&s, n) < 2 * KLL_ERROR, "with itself: the error is that of one, and of the merges");
}

static void
test_same(void)
{
	struct kll a, b;

	make(&kinds[0], 300000);
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	kll_init(&a, 7);
	kll_init(&b, 7);
	kll_add(&a, values, 300000);
	kll_add(&b, values, 300000);
	CHECK(memcmp(a.items, b.items, sizeof a.items) == 0 && a.random == b.random, "the same seed: the same sketch");
	CHECK(sizeof a <= 12288, "not over 12 KiB");
}

int
main(void)
{
	test_exact();
	test_errors();
	test_merges();
	test_same();
	return tap_end();
}

/*
 * moments: the number, the mean, the deviation, the least and the greatest of numbers that come in batches.
 *
 * Each batch is gone over twice while it is in the cache: its mean first, then the squared distances from it, so that
 * nothing is lost where the numbers are large and differ little.  Batches and parts are joined with the formula of Chan, Golub
 * and LeVeque (Algorithms for computing the sample variance: analysis and recommendations, 1983).
 *
 * Numbers are never NaN.  With an infinite one, the mean and the deviation are infinite or NaN, and so they may be where
 * magnitudes beyond 1e305 are summed (the mean) or beyond 1e150 are squared (the deviation); the least and the greatest are
 * always right.
 *
 * moments_start() or MOMENTS_NONE makes one that has seen nothing.  No pointers: a copy is another one.
 */
#ifndef MOMENTS_H
#define MOMENTS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct moments {
	uint64_t n;
	double min, max; /* +infinity and -infinity where n is 0 */
	/* private */
	double mean, rest; /* their sum is the mean: the double next to it, and what that is off by */
	double squares;    /* the squared distances from the mean, summed */
};

#define MOMENTS_NONE ((struct moments){.min = INFINITY, .max = -INFINITY})

static inline void
moments_start(struct moments *m)
{
	*m = MOMENTS_NONE;
}

/* Batches of some hundred numbers or more are what it is fast for. */
void moments_add(struct moments *m, const double *values, size_t n);

/* `into` as if it had seen what `from` has seen, too. */
void moments_merge(struct moments *into, const struct moments *from);

/* NaN where n is 0. */
double moments_mean(const struct moments *m);

/* The standard deviation of a sample (the divisor is n - 1); NaN where n is less than 2. */
double moments_deviation(const struct moments *m);

#endif

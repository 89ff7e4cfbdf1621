#include "moments.h"

enum {
	BATCH = 1024, /* numbers gone over twice: 8 KiB, which the nearest cache holds */
	LANES = 8 /* sums that do not wait for each other, so that the compiler may use vectors and keep every sum's order */
};

static double
sum(const double *v, size_t n)
{
	double sums[LANES] = {0};
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int l = 0; l < LANES; l++)
			sums[l] += v[i + l];
	for (int l = 0; i < n; i++, l++)
		sums[l] += v[i];
	for (int l = 1; l < LANES; l++)
		sums[0] += sums[l];
	return sums[0];
}

/* In a loop of its own: compilers make vectors of sums, but not of these without being allowed more than C allows. */
static void
extremes(struct moments *m, const double *v, size_t n)
{
	double min[4] = {v[0], v[0], v[0], v[0]}, max[4] = {v[0], v[0], v[0], v[0]};
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		for (int l = 0; l < 4; l++) {
			min[l] = v[i + l] < min[l] ? v[i + l] : min[l];
			max[l] = v[i + l] > max[l] ? v[i + l] : max[l];
		}
	for (; i < n; i++) {
		min[0] = v[i] < min[0] ? v[i] : min[0];
		max[0] = v[i] > max[0] ? v[i] : max[0];
	}
	for (int l = 1; l < 4; l++) {
		min[0] = min[l] < min[0] ? min[l] : min[0];
		max[0] = max[l] > max[0] ? max[l] : max[0];
	}
	m->min = min[0];
	m->max = max[0];
}

/* The sum of the distances from `centre`, and of their squares. */
static double
distances(double *squares, double centre, const double *v, size_t n)
{
	double sums[LANES] = {0}, squared[LANES] = {0};
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int l = 0; l < LANES; l++) {
			double d = v[i + l] - centre;

			sums[l] += d;
			squared[l] += d * d;
		}
	for (int l = 0; i < n; i++, l++) {
		double d = v[i] - centre;

		sums[l] += d;
		squared[l] += d * d;
	}
	for (int l = 1; l < LANES; l++) {
		sums[0] += sums[l];
		squared[0] += squared[l];
	}
	*squares = squared[0];
	return sums[0];
}

/* What the rounded mean is off by is what the distances from it sum up to; their squares are put right by that, too. */
static void
batch(struct moments *m, const double *v, size_t n)
{
	struct moments b = {.n = n};

	extremes(&b, v, n);
	b.mean = sum(v, n) / (double)n;
	b.rest = distances(&b.squares, b.mean, v, n) / (double)n;
	b.squares -= b.rest * b.rest * (double)n;
	b.squares = b.squares < 0 ? 0 : b.squares;
	moments_merge(m, &b);
}

void
moments_add(struct moments *m, const double *values, size_t n)
{
	for (size_t i = 0; i < n; i += BATCH)
		batch(m, values + i, n - i < BATCH ? n - i : BATCH);
}

/* Moves the mean; what the sum of two doubles is off by is a double itself (Knuth: The art of computer programming, volume 2,
 * 4.2.2, theorem B).  Without the rest, many small moves would round a large mean away from where it is. */
static void
move(struct moments *m, double by)
{
	double low = m->rest + by, high = m->mean + low, added = high - m->mean;

	m->rest = (m->mean - (high - added)) + (low - added);
	m->mean = high;
}

void
moments_merge(struct moments *into, const struct moments *from)
{
	double all = (double)(into->n + from->n), share, apart;

	if (from->n == 0)
		return;
	if (into->n == 0) {
		*into = *from;
		return;
	}
	share = (double)from->n / all;
	apart = (from->mean - into->mean) + (from->rest - into->rest);
	move(into, apart * share);
	into->squares += from->squares + apart * apart * share * (double)into->n;
	into->n += from->n;
	into->min = from->min < into->min ? from->min : into->min;
	into->max = from->max > into->max ? from->max : into->max;
}

double
moments_mean(const struct moments *m)
{
	return m->n == 0 ? NAN : m->mean + m->rest;
}

double
moments_deviation(const struct moments *m)
{
	return m->n < 2 ? NAN : sqrt(m->squares / (double)(m->n - 1));
}

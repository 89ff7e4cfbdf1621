#include "histogram.h"

#include <float.h>
#include <math.h>

enum { PART_BITS = 5 };

uint64_t
histogram_sum(uint64_t a, uint64_t b)
{
	return a < HISTOGRAM_MOST && b < HISTOGRAM_MOST - a ? a + b : HISTOGRAM_MOST - 1;
}

unsigned
histogram_bucket(uint64_t value)
{
	unsigned shift;

	if (value < HISTOGRAM_PART)
		return (unsigned)value;
	if (value >= HISTOGRAM_MOST)
		return HISTOGRAM_BUCKETS - 1;
	shift = 63 - (unsigned)__builtin_clzll(value) - PART_BITS;
	return shift * HISTOGRAM_PART + (unsigned)(value >> shift);
}

uint64_t
histogram_least(unsigned bucket)
{
	unsigned octave = bucket / HISTOGRAM_PART;

	return octave == 0 ? bucket : (uint64_t)(HISTOGRAM_PART + bucket % HISTOGRAM_PART) << (octave - 1);
}

void
histogram_put(struct mem *m, struct histogram *h, unsigned bucket, uint64_t count)
{
	uint64_t **octave, *place;

	if (h->octaves == NULL)
		h->octaves = mem_array(m, HISTOGRAM_OCTAVES, sizeof *h->octaves);
	octave = &h->octaves[bucket / HISTOGRAM_PART];
	if (*octave == NULL)
		*octave = mem_array(m, HISTOGRAM_PART, sizeof **octave);
	place = &(*octave)[bucket % HISTOGRAM_PART];
	*place = histogram_sum(*place, count);
	h->count = histogram_sum(h->count, count);
}

/* The counts of 32 buckets, or NULL where all are 0. */
static const uint64_t *
octave_at(const struct histogram *h, unsigned octave)
{
	return h->octaves != NULL ? h->octaves[octave] : NULL;
}

uint64_t
histogram_get(const struct histogram *h, unsigned bucket)
{
	const uint64_t *octave = octave_at(h, bucket / HISTOGRAM_PART);

	return octave != NULL ? octave[bucket % HISTOGRAM_PART] : 0;
}

void
histogram_add(struct mem *m, struct histogram *h, uint64_t value)
{
	histogram_put(m, h, histogram_bucket(value), 1);
	value = histogram_sum(value, 0);
	h->sum = histogram_sum(h->sum, value);
	h->greatest = value > h->greatest ? value : h->greatest;
}

unsigned
histogram_next(const struct histogram *h, unsigned bucket)
{
	while (bucket < HISTOGRAM_BUCKETS && histogram_get(h, bucket) == 0)
		bucket = octave_at(h, bucket / HISTOGRAM_PART) != NULL ? bucket + 1
								       : (bucket / HISTOGRAM_PART + 1) * HISTOGRAM_PART;
	return bucket;
}

void
histogram_merge(struct mem *m, struct histogram *into, const struct histogram *from)
{
	for (unsigned i = 0; i < HISTOGRAM_OCTAVES; i++) {
		const uint64_t *octave = octave_at(from, i);

		for (unsigned k = 0; octave != NULL && k < HISTOGRAM_PART; k++) {
			if (octave[k] > 0)
				histogram_put(m, into, i * HISTOGRAM_PART + k, octave[k]);
		}
	}
	into->sum = histogram_sum(into->sum, from->sum);
	into->greatest = from->greatest > into->greatest ? from->greatest : into->greatest;
}

/* The middle of a bucket, or the greatest of all values where that is below it. */
static double
middle(const struct histogram *h, unsigned bucket)
{
	double low = (double)histogram_least(bucket), high = (double)(histogram_least(bucket + 1) - 1);
	double v = (low + high) / 2, greatest = (double)h->greatest;

	return v > greatest && greatest >= low ? greatest : v;
}

double
histogram_quantile(const struct histogram *h, double rank)
{
	/* 0.07 of 100 is 7.000000000000001 to a double, and the seventh is meant. */
	double wanted = ceil(rank * (double)h->count * (1 - 4 * DBL_EPSILON)), passed = 0;
	unsigned last = 0;

	if (h->count == 0)
		return NAN;
	if (wanted >= (double)h->count)
		return (double)h->greatest;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS && (passed < wanted || passed == 0); i++) {
		uint64_t count = histogram_get(h, i);

		passed += (double)count;
		last = count > 0 ? i : last;
	}
	return middle(h, last);
}

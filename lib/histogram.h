/*
 * histogram: how often values came, in buckets whose width grows with the value, and from that any quantile.
 *
 * Values below 32 have a bucket each.  From there on each power of two is divided into 32 buckets of the same width, as in
 * Tene's HdrHistogram (hdrhistogram.org): a bucket is at most a 32nd as wide as its least value.  A quantile is answered by the
 * middle of its bucket, so it is off by half of that at most.  The number, the sum and the greatest of the values are exact
 * (sums stop at HISTOGRAM_MOST).
 *
 * `struct histogram h = {0}` is empty.  Buckets come 32 at a time, with the first value that needs one; a histogram of
 * latencies over three powers of ten takes 3 KiB.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "mem.h"

#define HISTOGRAM_ERROR (1.0 / 64) /* of a quantile, relative: what half a bucket is at most */

enum {
	HISTOGRAM_PART = 32,    /* buckets of a power of two */
	HISTOGRAM_OCTAVES = 56, /* the values below 32 and the powers of two from there on */
	HISTOGRAM_BUCKETS = HISTOGRAM_OCTAVES * HISTOGRAM_PART
};

#define HISTOGRAM_MOST                                                                                                         \
	(UINT64_C(1) << 60) /* values, counts and sums are below it, and what is more is taken for it less one                 \
			     */

struct histogram {
	uint64_t count, sum, greatest;
	uint64_t **octaves; /* private: HISTOGRAM_OCTAVES of them, or NULL where there is no value */
};

/* The bucket of a value; the least value in a bucket, which for HISTOGRAM_BUCKETS is HISTOGRAM_MOST. */
unsigned histogram_bucket(uint64_t value);
uint64_t histogram_least(unsigned bucket);

/* A value came once. */
void histogram_add(struct mem *m, struct histogram *h, uint64_t value);

/* `count` values came into a bucket; their sum and greatest one are the caller's to see to. */
void histogram_put(struct mem *m, struct histogram *h, unsigned bucket, uint64_t count);
uint64_t histogram_get(const struct histogram *h, unsigned bucket);

/* The first bucket from this one on that something came into; HISTOGRAM_BUCKETS where there is none. */
unsigned histogram_next(const struct histogram *h, unsigned bucket);

/* `into` as if it had seen what `from` has seen, too. */
void histogram_merge(struct mem *m, struct histogram *into, const struct histogram *from);

/* The value which has, with all that are less, at least that share (0 to 1) of all: the nearest rank.  That of the greatest one
 * is exact.  NaN where there is none. */
double histogram_quantile(const struct histogram *h, double rank);

/* a + b, or HISTOGRAM_MOST - 1 where that is less. */
uint64_t histogram_sum(uint64_t a, uint64_t b);

#endif

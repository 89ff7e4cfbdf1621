/*
 * hll: about how many values are distinct (HyperLogLog: Flajolet, Fusy, Gandouet, Meunier, 2007).
 *
 * A value is a 64-bit hash of which every bit is as good as any other (XXH3 is; the value itself is not).  Twelve bits choose
 * one of 4096 registers, which keeps how rare the others were at most: the place of the lowest bit that is set.  The sketch
 * depends on the set of values alone, not on their order, how often they came or in which parts they were merged.
 *
 * 4 KiB and no pointers: `struct hll h = {0}` has seen nothing, and a copy is another sketch.
 */
#ifndef HLL_H
#define HLL_H

#include <stdint.h>

enum {
	HLL_BITS = 12, /* of the hash that choose a register: its highest */
	HLL_REGISTERS = 1 << HLL_BITS,
	HLL_LAST = 64 - HLL_BITS + 1 /* what a register holds at most */
};

/* The relative standard error of the estimate, 1.04 / sqrt(4096) (Flajolet and others, theorem 1); it is smaller below some
 * ten thousand values. */
#define HLL_ERROR 0.01625

struct hll {
	unsigned char rarest[HLL_REGISTERS]; /* 0: no value came here */
};

/* The store is behind a branch that is not taken but some thousand times, however long the column is. */
static inline void
hll_add(struct hll *h, uint64_t hash)
{
	unsigned char *at = &h->rarest[hash >> (64 - HLL_BITS)];
	int place = __builtin_ctzll(hash | UINT64_C(1) << (64 - HLL_BITS)) + 1;

	if (place > *at)
		*at = (unsigned char)place;
}

/* `into` as if it had seen what `from` has seen, too. */
void hll_merge(struct hll *into, const struct hll *from);

/* The number of distinct values, not rounded: 0 where nothing was added, and good over the whole range without tables or a
 * switch between two estimators (Ertl: New cardinality estimation algorithms for HyperLogLog sketches, 2017, section 2.4). */
double hll_estimate(const struct hll *h);

#endif

/*
 * kll: the quantiles of numbers that pass once (Karnin, Lang, Liberty: Optimal quantile approximation in streams, 2016).
 *
 * Numbers are put by in levels; one of level i stands for 2^i that passed, or more once the sampler works.  Where there is no
 * room, a level is sorted and every other of its numbers goes one level up, a coin says which.  A level keeps two thirds of
 * what the one above it keeps.  Coins are thrown every second time only, and turned over in between, which halves what they
 * add to the error (Ivkin, Liberty, Lang, Karnin, Braverman: Streaming quantiles algorithms with small space and update time,
 * 2019).  After each doubling past KLL_PLENTY numbers, the lowest level is given up: of each two (four, eight …) numbers one at
 * random is kept (the paper's sampler), so that a doubling costs KLL_PLENTY / 2 insertions however many numbers it has.
 *
 * Answers are in ranks: the share of the numbers that are at most a number.  Numbers are never NaN; infinite ones are numbers
 * like others.  The least and the greatest number are not kept for sure.
 *
 * Below 12 KiB and no pointers: a copy is another sketch.  Adding takes as much of the stack, and merging twice that.  The same
 * seed, numbers, batches and merges give the same sketch.
 */
#ifndef KLL_H
#define KLL_H

#include <stddef.h>
#include <stdint.h>

/* How far the rank of an answer is off at most, with 99 % confidence for all of 19 ranks at once, however many numbers there
 * are.  Measured by tests/unit/kll.c: numbers in a random order are the worst and 0.0053 is what 99 % of sketches of them stay
 * within, most of it the sampler's share; while it does not work, below KLL_PLENTY numbers, that is 0.0025.  (For comparison,
 * sketches of this k without its sampler, coins and room have 0.0068 for one rank and 0.0086 for the share between any two
 * numbers: 2.296 / k^0.9723 and 2.446 / k^0.9433, fits by the authors of Apache DataSketches.) */
#define KLL_ERROR 0.0065

enum {
	KLL_CAPACITY = 400,   /* k: what the highest level keeps at least */
	KLL_LEAST = 8,        /* what any level keeps at least */
	KLL_BUFFER = 128,     /* what the lowest keeps at least, so that sorting it is worth while */
	KLL_ROOM = 1500,      /* over all levels */
	KLL_LEVELS = 14,      /* more than there ever are, see kll.c */
	KLL_PLENTY = 1 << 16, /* numbers that are let in one by one */
};

struct kll {
	uint64_t n; /* numbers that passed */
	/* private */
	uint64_t random; /* splitmix64's state */
	uint64_t filled; /* numbers of the sampler's group that passed */
	double held;     /* one of those at random */
	unsigned base;   /* a number of level i stands for 2^(base + i); the sampler's groups have 2^base */
	unsigned levels; /* in use */
	unsigned short start[KLL_LEVELS + 1]; /* level i is items[start[i]..start[i + 1]); in order, but for level 0 */
	unsigned short thrown, coins;         /* a bit for each level: whether there is a coin to be turned over, and which */
	double items[KLL_ROOM];
};

/* A sketch that has seen nothing. */
void kll_init(struct kll *s, uint64_t seed);

/* Batches of some hundred numbers or more are what it is fast for. */
void kll_add(struct kll *s, const double *values, size_t n);

/* `into` as if it had seen what `from` has seen, too: its error stays what is stated above. */
void kll_merge(struct kll *into, const struct kll *from);

/* True while every number is kept, which is up to KLL_ROOM of them: answers are exact. */
int kll_exact(const struct kll *s);

/* For each rank from 0 to 1 the number that has it: the first of those in order which, with all before it, are at least that
 * share of all (the nearest rank; 0.5 of an even number is the lower of the two in the middle).  NaN where n is 0.  Takes 24
 * KiB of stack. */
void kll_quantiles(const struct kll *s, const double *ranks, size_t n, double *out);

/* The share of numbers that are at most `value`; NaN where n is 0. */
double kll_rank(const struct kll *s, double value);

#endif

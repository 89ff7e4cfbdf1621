/*
 * estimate: about how many records a plain delimited file has, from a few megabytes of it.
 *
 * The file is cut into ESTIMATE_STRATA parts of as many blocks each, or one more, and of each part one block, any with the same
 * chance, is read whole: a stratified sample (Cochran, "Sampling Techniques", 3rd ed. 1977, chapter 5).  The record ends in a
 * block, times the blocks of its part, are an unbiased estimate of those in the part, however record lengths change along the
 * file.  What is left behind the last whole block is read too: it is like no other.  With one block a part, the variance is
 * estimated from the differences of blocks in neighbouring parts, which errs towards too much where they differ.  Each part is
 * compared with both of its neighbours ("overlapping differences", Wolter, "Introduction to Variance Estimation", 2nd ed. 2007,
 * section 8.2), not with one alone: where the length of records changes once, inside a part, one of the two shows it wherever
 * the block was taken.  The interval is Student's t at 95 %.
 *
 * Whether a block begins inside quotes is told by its quoting, which mostly is well-formed under one supposition alone
 * (vector.h); where it is under both, more of the block is taken to be records than to be in quotes.  So a block without a
 * quote is outside: what lies in quoted fields longer than a block is counted as if it did not.
 */
#ifndef ESTIMATE_H
#define ESTIMATE_H

#include <stdint.h>

#include "csv.h"
#include "fail.h"

enum {
	ESTIMATE_BLOCK = 16 * 1024, /* bytes */
	ESTIMATE_STRATA = 240,      /* so 3.75 MiB and up to a block are read */
};

struct estimate {
	uint64_t records, lines;
	uint64_t low, high; /* of the records: holds them 95 times in 100 */
};

/* True where reading all of so many bytes costs no more. */
int estimate_is_vain(uint64_t bytes);

/* Estimates what is in file[from..to): `from` is where a record begins.  The same seed reads the same blocks. */
int estimate_run(
    struct estimate *e, int fd, uint64_t from, uint64_t to, const struct csv_dialect *d, uint64_t seed, struct fail *f);

#endif

/*
 * advice: why an index does not help a query, or which one would, as sentences.
 *
 * What is said of SQLite has been tried: the same query with that index, or written that way, on a copy of the schema
 * (trial.h). Of a server nothing can be tried, and only what is so of any such query is said.  Where nothing is sure there is
 * no advice.
 */
#ifndef ADVICE_H
#define ADVICE_H

#include "mem.h"
#include "trial.h"

/* A query that reads no more rows than these is not looked at: they are as soon read as found. */
enum { ADVICE_FEW = 1000 };

/* How much a query reads, from the least to the most. */
enum advice_verdict {
	ADVICE_OK,       /* it reads no table from one end to the other */
	ADVICE_SMALL,    /* only such of a few rows */
	ADVICE_LIMIT,    /* it stops behind a few rows */
	ADVICE_COVERING, /* an index in place of the table */
	ADVICE_SCAN,     /* a table */
};

extern const char *const advice_verdicts[];

/* `small`: says whether a table has a few rows. */
enum advice_verdict advice_judge(
    const struct steps *steps, const struct query *q, int (*small)(void *arg, const char *table), void *arg);

/* The sentences, with semicolons between them, in the arena; NULL: there is nothing to say. */
const char *advice_of(const struct trial *t, enum advice_verdict verdict);

#endif

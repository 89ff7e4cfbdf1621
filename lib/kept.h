/*
 * kept: some rows out of many that pass once: the last ones, or any.
 *
 * For each row that passes: kept_wants(), and where that says yes, kept_row().  Then kept_sort() and kept_next().
 */
#ifndef KEPT_H
#define KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fail.h"
#include "rows.h"

struct kept_slot {
	uint64_t place; /* the row's number among those that passed, from 0 */
	struct buf row; /* encoded (rows.h) */
};

struct kept {
	uint64_t limit; /* rows to keep */
	int any;        /* a sample: each row is as likely as any other; else the last ones */
	/* private */
	uint64_t passed, seed;
	struct kept_slot *slots;
	size_t nslots, room, next; /* `next`: the slot for the row that is wanted, then the one to hand out */
	struct rows_cell *cells;
	size_t widest;
};

/* `seed`: of a sample; 0: another one each time. */
void kept_start(struct kept *k, uint64_t limit, int any, uint64_t seed);
void kept_free(struct kept *k);

/* True where the next row is to be kept, for now. */
int kept_wants(struct kept *k);

/* -1 for a row of more than FRAME_LONGEST bytes. */
int kept_row(struct kept *k, const struct rows_cell *cells, size_t n, struct fail *f);

/* All have passed: those kept are put into their order. */
void kept_sort(struct kept *k);

/* The next one's cells, borrowed until the next call: 1, or 0 at the end; -1 never happens to a row that was kept. */
int kept_next(struct kept *k, struct rows_cell **cells, size_t *n, struct fail *f);

/* Which rows a sample of `limit` out of `rows` keeps, where it need not see those that it does not keep: their numbers from 0,
 * in order, to places[0..limit).  `limit` is below `rows`.  With a seed they are those that kept_wants() would keep, found by
 * drawing once a row; without, the draws are as many as the places. */
void kept_draw(uint64_t *places, uint64_t limit, uint64_t rows, uint64_t seed);

#endif

/*
 * column: what there is to know of one column, from cells that pass once.
 *
 * Memory is bounded: some 5 KiB, 12 more for numbers and times, 80 bytes a slot for frequent values, and what the least and
 * the greatest text take.  A column is filled by one thread; parts are merged.
 */
#ifndef COLUMN_H
#define COLUMN_H

#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "frequent.h"
#include "hll.h"
#include "infer.h"
#include "kll.h"
#include "moments.h"

enum {
	COLUMN_TEXT = 4096, /* bytes kept of the least and of the greatest text */
	COLUMN_NUMBER = 64, /* and of the least and the greatest number, as they are written */
};

/* The least or the greatest text, by its bytes. */
struct column_text {
	uint64_t head; /* the first eight bytes, the first one highest */
	char *bytes;   /* NULL: none yet */
	size_t len, room;
	uint64_t whole; /* its length; `len` bytes of it are kept */
};

/* The least or the greatest number or time, and how it is written. */
struct column_number {
	double value;
	char text[COLUMN_NUMBER];
	size_t len;
};

struct column {
	uint64_t nulls, empties;
	uint64_t types[ROWS_TYPES]; /* cells of each type, by themselves; empty text is none */
	uint64_t lengths;           /* bytes of all cells that are not NULL */
	uint64_t shortest, longest; /* of one of them */
	struct column_text least, greatest;
	/* As long as all cells are numbers, or all are times. */
	struct moments moments;
	struct kll *kll; /* NULL: not needed yet */
	struct column_number low, high;
	/* Of all cells that are not NULL. */
	struct hll hll;
	struct frequent frequent;
	/* private */
	uint64_t seed;
	int mixed; /* not all cells are of one kind: numbers and times are nothing special */
	void *memory;
};

/* `slots`: as in frequent.h. */
struct column *column_new(size_t slots, uint64_t seed);
void column_free(struct column *c); /* NULL: nothing happens */

/* Takes the cells of a batch: at most BATCH_ROWS. */
void column_take(struct column *c, const struct batch_cell *cells, size_t n);

/* `into` as if it had taken what `from` has, which is of no use afterwards. */
void column_merge(struct column *into, struct column *from);

/* What all cells are that are not empty: ROWS_NULL where there is none. */
enum rows_type column_type(const struct column *c);

/* Cells that are not NULL. */
uint64_t column_values(const struct column *c);

/* How sure the type is: the chance that the next cell is of it, by Laplace's rule of succession, (s + 1) / (n + 2).  For text,
 * s are the cells that are nothing else: some numbers among words make it less sure. */
double column_confidence(const struct column *c);

#endif

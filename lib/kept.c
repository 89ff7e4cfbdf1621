#include "kept.h"

#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "mem.h"

void
kept_start(struct kept *k, uint64_t limit, int any, uint64_t seed)
{
	*k = (struct kept){.limit = limit, .any = any, .seed = any && seed == 0 ? chance_seed() : seed};
}

void
kept_free(struct kept *k)
{
	for (size_t i = 0; i < k->nslots; i++)
		buf_free(&k->slots[i].row);
	free(k->slots);
	free(k->cells);
	*k = (struct kept){0};
}

/* The last ones go round a ring; a sample is a reservoir (Vitter: Random sampling with a reservoir, 1985, Algorithm R). */
int
kept_wants(struct kept *k)
{
	uint64_t place = k->passed++, slot = place;

	if (k->limit == 0)
		return 0;
	if (place >= k->limit)
		slot = k->any ? chance_below(&k->seed, place + 1) : place % k->limit;
	k->next = (size_t)slot;
	return slot < k->limit;
}

int
kept_row(struct kept *k, const struct rows_cell *cells, size_t n, struct fail *f)
{
	struct kept_slot *s;
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += cells[i].len + 4;
	if (bytes > FRAME_LONGEST - 4)
		return fail_set(f, "a row of %zu bytes is too large to be put by", bytes);

	if (k->next == k->nslots) {
		if (k->nslots == k->room) {
			k->room = k->room ? 2 * k->room : 16;
			k->slots = mem_resize(k->slots, k->room * sizeof *k->slots);
		}
		k->slots[k->nslots++] = (struct kept_slot){0};
	}
	s = &k->slots[k->next];
	s->place = k->passed - 1;
	s->row.len = 0;
	rows_encode_row(&s->row, cells, n);
	k->widest = n > k->widest ? n : k->widest;
	return 0;
}

/* A set of numbers: a table with free slots (0) between its entries, each a number plus 1. */
struct set {
	uint64_t *slots, mask;
};

/* Adds a number: 1, or 0 where it was in there.  Multiplying spreads the numbers over the high bits (Knuth: The art of computer
 * programming 3, 6.4, Fibonacci hashing). */
static int
add_number(struct set *s, uint64_t number)
{
	uint64_t at = (number * UINT64_C(0x9e3779b97f4a7c15) >> 32) & s->mask;

	for (; s->slots[at] != 0; at = (at + 1) & s->mask) {
		if (s->slots[at] == number + 1)
			return 0;
	}
	s->slots[at] = number + 1;
	return 1;
}

/* Any `limit` numbers below `rows`: Bentley and Floyd: A sample of brilliance, 1987, Algorithm F2. */
static void
draw_set(uint64_t *places, uint64_t limit, uint64_t rows, uint64_t seed)
{
	struct set s = {NULL, 1};

	while (s.mask < 2 * limit)
		s.mask = 2 * s.mask + 1;
	s.slots = mem_resize(NULL, (s.mask + 1) * sizeof *s.slots);
	memset(s.slots, 0, (s.mask + 1) * sizeof *s.slots);
	for (uint64_t i = 0; i < limit; i++) {
		uint64_t last = rows - limit + i, number = chance_below(&seed, last + 1);

		if (!add_number(&s, number)) {
			number = last;
			add_number(&s, number);
		}
		places[i] = number;
	}
	free(s.slots);
}

/* What happens to the slots of a reservoir. */
static void
draw_reservoir(uint64_t *places, uint64_t limit, uint64_t rows, uint64_t seed)
{
	for (uint64_t place = 0; place < rows; place++) {
		uint64_t slot = place < limit ? place : chance_below(&seed, place + 1);

		if (slot < limit)
			places[slot] = place;
	}
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
kept_draw(uint64_t *places, uint64_t limit, uint64_t rows, uint64_t seed)
{
	if (limit == 0)
		return;
	if (seed != 0)
		draw_reservoir(places, limit, rows, seed);
	else
		draw_set(places, limit, rows, chance_seed());
	qsort(places, limit, sizeof *places, by_number);
}

static int
by_place(const void *a, const void *b)
{
	const struct kept_slot *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

void
kept_sort(struct kept *k)
{
	if (k->nslots > 0)
		qsort(k->slots, k->nslots, sizeof *k->slots, by_place);
	k->cells = mem_resize(k->cells, k->widest * sizeof *k->cells);
	k->next = 0;
}

int
kept_next(struct kept *k, struct rows_cell **cells, size_t *n, struct fail *f)
{
	const struct kept_slot *s;
	long count;

	if (k->next == k->nslots)
		return 0;
	s = &k->slots[k->next++];
	count = rows_decode_row(s->row.bytes, s->row.len, k->cells, k->widest, f);
	if (count < 0)
		return -1;
	*cells = k->cells;
	*n = (size_t)count;
	return 1;
}

#include "kept.h"

#include <stdlib.h>

#include "chance.h"
#include "mem.h"

void
kept_start(struct kept *k, uint64_t limit, int any, uint64_t seed)
{
	*k = (struct kept){.limit = limit, .any = any, .seed = seed ? seed : chance_seed()};
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

/*
 * vector_steps: what a step does with its masks; included by each kernel, which defines before:
 *
 *     STEP_TARGET            an attribute for functions that use the processor's extensions
 *     struct step_bytes      64 bytes, loaded
 *     step_load(p)           loads them
 *     step_equal(bytes, c)   a bit for each that is c
 *     step_parity(quotes)    bit n: the parity of bits 0..n
 */
#ifndef VECTOR_STEPS_H
#define VECTOR_STEPS_H

#include <string.h>

#include "vector.h"

enum { STEP = 64, AHEAD = 1024 /* bytes: how far ahead memory is asked for */ };

/* x moved up by one byte, with `first` moved in. */
static inline uint64_t
step_behind(uint64_t x, unsigned first)
{
	return x << 1 | first;
}

/* Counts one step, of which the first `n` bytes are the text's. */
STEP_TARGET static inline void
step_count(struct vector_state *s, struct step_bytes bytes, unsigned n, char delimiter, struct vector_count *c)
{
	const uint64_t text = ~UINT64_C(0) >> (STEP - n);
	const unsigned last = n - 1;
	uint64_t quotes = step_equal(bytes, '"') & text, lf = step_equal(bytes, '\n') & text;
	uint64_t cr = step_equal(bytes, '\r') & text, terminators = lf | cr;
	uint64_t ends = terminators & ~step_behind(terminators, s->ended), inside = (uint64_t) - (int64_t)s->inside;
	uint64_t found = (uint64_t)__builtin_popcountll(ends);

	c->terminators += (uint64_t)__builtin_popcountll(terminators);
	if ((cr | s->cr) != 0) {
		c->terminators -= (uint64_t)__builtin_popcountll(lf & step_behind(cr, s->cr));
		s->cr = cr >> last & 1;
	}
	s->ended = terminators >> last & 1;
	if ((quotes | s->quote) != 0) {
		uint64_t edges = quotes | terminators | (step_equal(bytes, delimiter) & text), before, behind;

		inside ^= step_parity(quotes);
		before = quotes & ~step_behind(edges, s->edge);
		behind = step_behind(quotes, s->quote) & ~edges & text;
		c->malformed[0] |= behind ^ ((before ^ behind) & inside);
		c->malformed[1] |= before ^ ((before ^ behind) & inside);
		s->edge = edges >> last & 1;
		s->quote = quotes >> last & 1;
		s->inside = inside >> last & 1;
	} else {
		s->edge = s->ended | (step_equal(bytes, delimiter) >> last & 1);
	}
	ends = (uint64_t)__builtin_popcountll(ends & ~inside);
	c->records[0] += ends;
	c->records[1] += found - ends;
}

STEP_TARGET static void
step_count_all(struct vector_state *state, const char *bytes, size_t len, char delimiter, struct vector_count *count)
{
	struct vector_state s = *state;
	struct vector_count c = {{0, 0}, 0, {0, 0}};
	char rest[STEP] = {0};
	size_t i = 0;

	for (; i + STEP <= len; i += STEP) {
		__builtin_prefetch(bytes + i + AHEAD);
		step_count(&s, step_load(bytes + i), STEP, delimiter, &c);
	}
	if (i < len) {
		memcpy(rest, bytes + i, len - i);
		step_count(&s, step_load(rest), (unsigned)(len - i), delimiter, &c);
	}
	*state = s;
	*count = c;
}

#endif

/*
 * vector_steps: what a step does with its masks; included by each kernel, which defines before:
 *
 *     STEP_TARGET            an attribute for functions that use the processor's extensions
 *     struct step_bytes      64 bytes, loaded
 *     step_load(p)           loads them
 *     step_equal(bytes, c)   a bit for each that is c, the first byte's lowest
 *     step_parity(quotes)    bit n: the parity of bits 0..n
 *     STEP_GROUPS            if it has a faster way for many steps, step_groups() below
 */
#ifndef VECTOR_STEPS_H
#define VECTOR_STEPS_H

#include <string.h>

#include "vector.h"

enum {
	STEP = 64,
	STEP_RUN = 4096, /* bytes read with an eye on quotes once one has been met */
};

#define STEP_RARELY(condition) __builtin_expect((condition) != 0, 0)

/* What goes from step to step.  All of it is meant to stay in registers. */
struct step_state {
	uint64_t inside;                 /* all ones inside quotes */
	uint64_t ended, cr, edge, quote; /* 0 or 1, as in struct vector_state */
	uint64_t ends, outside;          /* terminators; those outside quotes that end a record */
	uint64_t skipped, pairs;         /* terminators behind another one; CRLFs */
	uint64_t odd[2];                 /* malformed quoting, as in struct vector_count */
};

/* Counts terminators, of which the last byte is bit `last`; returns those that end a record, if they are outside quotes. */
STEP_TARGET static inline uint64_t
step_terminators(struct step_state *s, uint64_t lf, uint64_t cr, unsigned last)
{
	uint64_t terminators = lf | cr, behind = terminators & (terminators << 1 | s->ended);

	s->ends += (uint64_t)__builtin_popcountll(terminators);
	s->ended = terminators >> last & 1;
	if (STEP_RARELY(behind | (lf & s->cr))) {
		s->skipped += (uint64_t)__builtin_popcountll(behind);
		if ((cr | s->cr) != 0)
			s->pairs += (uint64_t)__builtin_popcountll(lf & (cr << 1 | s->cr));
	}
	s->cr = cr >> last & 1;
	return terminators & ~behind;
}

/* What lies outside quotes: delimiters and terminators, and the terminators alone. */
struct step_places {
	uint64_t all, terminators;
};

/* One step, of which the first n bytes are the text's. */
STEP_TARGET static inline struct step_places
step_full(struct step_state *s, struct step_bytes bytes, unsigned n, char delimiter)
{
	const uint64_t text = ~UINT64_C(0) >> (STEP - n);
	const unsigned last = n - 1;
	uint64_t lf = step_equal(bytes, '\n') & text, cr = step_equal(bytes, '\r') & text;
	uint64_t quotes = step_equal(bytes, '"') & text, edges = quotes | lf | cr | (step_equal(bytes, delimiter) & text);
	uint64_t inside = step_parity(quotes) ^ s->inside;
	uint64_t before = quotes & ~(edges << 1 | s->edge), behind = (quotes << 1 | s->quote) & ~edges & text;
	uint64_t either = (before ^ behind) & inside;

	s->odd[0] |= behind ^ either;
	s->odd[1] |= before ^ either;
	s->inside = (uint64_t) - (int64_t)(inside >> last & 1);
	s->edge = edges >> last & 1;
	s->quote = quotes >> last & 1;
	s->outside += (uint64_t)__builtin_popcountll(step_terminators(s, lf, cr, last) & ~inside);
	return (struct step_places){edges & ~quotes & ~inside, (lf | cr) & ~inside};
}

#ifdef STEP_GROUPS
/* Counts p[0..) in groups of steps, as step_full() does, as long as a group lies before `end`, which is at most STEP_RUN away;
 * returns where that ends. */
static const char *step_groups(struct step_state *s, const char *p, const char *end, char delimiter);
#endif

/* Passes steps, four at a time, up to those with a quote in them; returns where that is. */
STEP_TARGET static inline const char *
step_plain(struct step_state *s, const char *p, const char *end, char delimiter)
{
	const char *from = p;

	while (end - p >= 4 * STEP) {
		const struct step_bytes a = step_load(p), b = step_load(p + STEP);
		const struct step_bytes c = step_load(p + 2 * STEP), d = step_load(p + 3 * STEP);
		uint64_t ends = 0;

		if ((step_equal(a, '"') | step_equal(b, '"') | step_equal(c, '"') | step_equal(d, '"')) != 0)
			break;
		for (int i = 0; i < 4; i++, p += STEP) {
			const struct step_bytes bytes = step_load(p);
			uint64_t found = step_terminators(s, step_equal(bytes, '\n'), step_equal(bytes, '\r'), STEP - 1);

			ends += (uint64_t)__builtin_popcountll(found);
		}
		s->outside += ends & ~s->inside;
	}
	if (p > from)
		s->edge = s->ended | (p[-1] == delimiter);
	return p;
}

static inline struct step_state
step_begin(const struct vector_state *v)
{
	return (struct step_state){
	    .inside = (uint64_t) - (int64_t)v->inside, .ended = v->ended, .cr = v->cr, .edge = v->edge, .quote = v->quote};
}

static inline void
step_end(const struct step_state *s, struct vector_state *v, struct vector_count *count)
{
	*v = (struct vector_state){
	    .inside = s->inside & 1,
	    .ended = (unsigned char)s->ended,
	    .cr = (unsigned char)s->cr,
	    .edge = (unsigned char)s->edge,
	    .quote = (unsigned char)s->quote,
	};
	*count = (struct vector_count){
	    .records = {s->outside, s->ends - s->skipped - s->outside},
	    .terminators = s->ends - s->pairs,
	    .malformed = {s->odd[0], s->odd[1]},
	};
}

STEP_TARGET static void
step_count(struct vector_state *v, const char *bytes, size_t len, char delimiter, struct vector_count *count)
{
	struct step_state s = step_begin(v);
	const char *p = bytes, *end = bytes + len;
	char rest[STEP] = {0};

	while (end - p >= STEP) {
		const char *run;

		if (!s.quote)
			p = step_plain(&s, p, end, delimiter);
		run = (end - p < STEP_RUN ? end : p + STEP_RUN) - STEP;
#ifdef STEP_GROUPS
		p = step_groups(&s, p, run + STEP, delimiter);
#endif
		for (; p <= run; p += STEP)
			step_full(&s, step_load(p), STEP, delimiter);
	}
	if (p < end) {
		memcpy(rest, p, (size_t)(end - p));
		step_full(&s, step_load(rest), (unsigned)(end - p), delimiter);
	}
	step_end(&s, v, count);
}

/* Writes places, four at a time whether or not there are so many: a loop that ends when it must is slower to foresee. */
STEP_TARGET static inline uint32_t *
step_write(uint32_t *to, struct step_places places, size_t at)
{
	uint32_t *end = to + __builtin_popcountll(places.all);

	while (to < end) {
		for (int i = 0; i < 4; i++) {
			/* Of no bits left, any place will do. */
			unsigned bit = (unsigned)__builtin_ctzll(places.all | UINT64_C(1) << (STEP - 1));

			*to++ = (uint32_t)(at + bit) << 1 | (uint32_t)(places.terminators >> bit & 1);
			places.all &= places.all - 1;
		}
	}
	return end;
}

STEP_TARGET static size_t
step_find(struct vector_state *v, const char *bytes, size_t len, char delimiter, uint32_t *places, struct vector_count *count)
{
	struct step_state s = step_begin(v);
	uint32_t *to = places;
	char rest[STEP] = {0};
	size_t i = 0;

	for (; i + STEP <= len; i += STEP)
		to = step_write(to, step_full(&s, step_load(bytes + i), STEP, delimiter), i);
	if (i < len) {
		memcpy(rest, bytes + i, len - i);
		to = step_write(to, step_full(&s, step_load(rest), (unsigned)(len - i), delimiter), i);
	}
	step_end(&s, v, count);
	return (size_t)(to - places);
}

#endif

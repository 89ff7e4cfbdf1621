#include "kll.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"

/*
 * How many levels there are: level i + 1 is made of a level i which had at least KLL_CAPACITY numbers, so n was at least
 * KLL_CAPACITY * 2^(base + i); n is at most KLL_PLENTY * 2^base, so i is at most 7, and levels are nine at most.  All of them
 * keep 400 + 267 + 178 + … < 1200 and KLL_BUFFER at most before one has too much, and KLL_ROOM is more: where there is no room,
 * one has too much.
 */

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static inline uint64_t
next_random(struct kll *s)
{
	uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void
kll_init(struct kll *s, uint64_t seed)
{
	*s = (struct kll){.random = seed, .levels = 1};
	for (int i = 0; i <= KLL_LEVELS; i++)
		s->start[i] = KLL_ROOM;
}

static size_t
population(const struct kll *s, unsigned level)
{
	return (size_t)(s->start[level + 1] - s->start[level]);
}

/* 0 or 1; every second time the other one than last time on that level. */
static unsigned
coin(struct kll *s, unsigned level)
{
	unsigned bit = 1u << level;

	if (s->thrown & bit)
		s->coins ^= (unsigned short)bit;
	else
		s->coins = (unsigned short)((s->coins & ~bit) | (next_random(s) >> 63) << level);
	s->thrown ^= (unsigned short)bit;
	return s->coins >> level & 1;
}

/* Every other number of a level goes one up, and the lower ones move into the place of the rest; the least one stays where
 * their number is odd. */
static void
compact(struct kll *s, unsigned level)
{
	size_t from = s->start[level], odd = population(s, level) % 2, half = population(s, level) / 2;
	size_t above = population(s, level + 1), choice;
	double *pairs = s->items + from + odd, room[KLL_ROOM];

	if (level == 0)
		order_sort(s->items + from, room, odd + 2 * half);
	choice = coin(s, level);
	for (size_t i = 0; i < half; i++)
		pairs[i] = pairs[2 * i + choice];
	order_merge(pairs + half, pairs, half, above);
	memmove(s->items + s->start[0] + half, s->items + s->start[0], (from + odd - s->start[0]) * sizeof *s->items);
	for (unsigned i = 0; i <= level; i++)
		s->start[i] = (unsigned short)(s->start[i] + half);
	s->start[level + 1] = (unsigned short)(s->start[level] + odd);
	if (level + 1 == s->levels)
		s->levels++;
}

/* Makes room: the lowest level that has too much is compacted. */
static void
compress(struct kll *s)
{
	double capacity = KLL_CAPACITY;
	unsigned lowest = 0;

	for (unsigned i = s->levels; i-- > 0; capacity = capacity * 2 / 3) {
		size_t least = i == 0 ? KLL_BUFFER : KLL_LEAST;

		if (population(s, i) >= (capacity > (double)least ? (size_t)capacity : least))
			lowest = i;
	}
	compact(s, lowest);
}

static inline void
insert(struct kll *s, double value)
{
	if (s->start[0] == 0)
		compress(s);
	s->items[--s->start[0]] = value;
}

/* 0..n - 1; some are more likely than others by n / 2^64. */
static uint64_t
random_below(struct kll *s, uint64_t n)
{
	return next_random(s) % n;
}

/* One number `times` times into the sampler, where as many may begin another group: each of a group is as likely to be held. */
static void
sample(struct kll *s, double value, uint64_t times)
{
	uint64_t group = UINT64_C(1) << s->base;

	while (times > 0) {
		uint64_t m = times < group - s->filled ? times : group - s->filled;

		if (random_below(s, s->filled + m) < m)
			s->held = value;
		s->filled += m;
		times -= m;
		if (s->filled == group) {
			insert(s, s->held);
			s->filled = 0;
		}
	}
}

/* Numbers of one group that is not full then. */
static void
sample_some(struct kll *s, const double *values, size_t n)
{
	uint64_t place;

	if (n == 0)
		return;
	place = random_below(s, s->filled + n);
	if (place < n)
		s->held = values[place];
	s->filled += n;
}

/* Gives up the lowest level, and doubles the sampler's groups. */
static void
raise_base(struct kll *s)
{
	double odd = 0;
	int left;

	compact(s, 0);
	left = population(s, 0) == 1;
	if (left)
		odd = s->items[s->start[0]];
	for (unsigned i = 0; i < KLL_LEVELS; i++)
		s->start[i] = s->start[i + 1];
	s->levels--;
	s->thrown >>= 1;
	s->coins >>= 1;
	s->base++;
	if (left)
		sample(s, odd, UINT64_C(1) << (s->base - 1));
}

static uint64_t
plenty(const struct kll *s)
{
	return (uint64_t)KLL_PLENTY << s->base;
}

static void
add_all(struct kll *s, const double *values, size_t n)
{
	while (n > 0) {
		size_t m;

		if (s->start[0] == 0)
			compress(s);
		m = n < s->start[0] ? n : s->start[0];
		s->start[0] = (unsigned short)(s->start[0] - m);
		memcpy(s->items + s->start[0], values, m * sizeof *values);
		values += m;
		n -= m;
	}
}

/* The end of a group, whole groups, the beginning of another. */
static void
add_sampled(struct kll *s, const double *values, size_t n)
{
	uint64_t group = UINT64_C(1) << s->base;

	if (s->filled > 0) {
		size_t m = n < group - s->filled ? n : (size_t)(group - s->filled);

		sample_some(s, values, m);
		values += m;
		n -= m;
		if (s->filled < group)
			return;
		insert(s, s->held);
		s->filled = 0;
	}
	for (; n >= group; n -= group, values += group)
		insert(s, values[next_random(s) & (group - 1)]);
	sample_some(s, values, n);
}

void
kll_add(struct kll *s, const double *values, size_t n)
{
	while (n > 0) {
		size_t m;

		if (s->n == plenty(s))
			raise_base(s);
		m = n < plenty(s) - s->n ? n : (size_t)(plenty(s) - s->n);
		if (s->base == 0)
			add_all(s, values, m);
		else
			add_sampled(s, values, m);
		s->n += m;
		values += m;
		n -= m;
	}
}

/* Numbers in order, or for level 0 in any, to a level: as many at a time as there is room for. */
static void
put(struct kll *s, unsigned level, const double *values, size_t n)
{
	while (n > 0) {
		size_t m, from;

		if (s->start[0] == 0)
			compress(s);
		m = n < s->start[0] ? n : s->start[0];
		from = s->start[level];
		memmove(s->items + s->start[0] - m, s->items + s->start[0], (from - s->start[0]) * sizeof *values);
		for (unsigned i = 0; i <= level; i++)
			s->start[i] = (unsigned short)(s->start[i] - m);
		if (level == 0)
			memcpy(s->items + from - m, values, m * sizeof *values);
		else
			order_merge(s->items + from - m, values, m, s->start[level + 1] - from);
		values += m;
		n -= m;
	}
}

void
kll_merge(struct kll *into, const struct kll *from)
{
	struct kll other = *from;
	uint64_t n = into->n + from->n;

	while (n > plenty(into) || into->base < other.base)
		raise_base(into);
	while (other.base < into->base)
		raise_base(&other);
	if (into->levels < other.levels)
		into->levels = other.levels;
	for (unsigned i = other.levels; i-- > 0;)
		put(into, i, other.items + other.start[i], population(&other, i));
	sample(into, other.held, other.filled);
	into->n = n;
}

int
kll_exact(const struct kll *s)
{
	return s->base == 0 && s->levels == 1;
}

struct weighted {
	double value;
	uint64_t weight; /* then: with all before it */
};

static int
by_value(const void *a, const void *b)
{
	const struct weighted *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

/* All that is kept, in order; the weights sum up to n. */
static size_t
in_order(const struct kll *s, struct weighted *w)
{
	size_t count = 0;

	for (unsigned level = 0; level < s->levels; level++)
		for (size_t i = s->start[level]; i < s->start[level + 1]; i++)
			w[count++] = (struct weighted){s->items[i], UINT64_C(1) << (s->base + level)};
	if (s->filled > 0)
		w[count++] = (struct weighted){s->held, s->filled};
	qsort(w, count, sizeof *w, by_value);
	for (size_t i = 1; i < count; i++)
		w[i].weight += w[i - 1].weight;
	return count;
}

/* 0.07 of 100 is 7.000000000000001 to a double, and the seventh is meant. */
static double
nearest_rank(double rank, uint64_t n)
{
	return ceil(rank * (double)n * (1 - 4 * DBL_EPSILON));
}

void
kll_quantiles(const struct kll *s, const double *ranks, size_t n, double *out)
{
	struct weighted w[KLL_ROOM + 1];
	size_t count = in_order(s, w);

	for (size_t i = 0; i < n; i++) {
		double rank = nearest_rank(ranks[i], s->n);
		size_t low = 0, high = count;

		while (low < high) {
			size_t middle = (low + high) / 2;

			if ((double)w[middle].weight < rank)
				low = middle + 1;
			else
				high = middle;
		}
		out[i] = count == 0 ? NAN : w[low < count ? low : count - 1].value;
	}
}

double
kll_rank(const struct kll *s, double value)
{
	uint64_t below = s->filled > 0 && s->held <= value ? s->filled : 0;

	if (s->n == 0)
		return NAN;
	for (unsigned level = 0; level < s->levels; level++)
		for (size_t i = s->start[level]; i < s->start[level + 1]; i++)
			below += s->items[i] <= value ? UINT64_C(1) << (s->base + level) : 0;
	return (double)below / (double)s->n;
}

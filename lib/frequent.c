#include "frequent.h"

#include <string.h>

enum {
	SAMPLE = 32, /* counters looked at for the median: a fraction of what is swept */
	GROUP = 4    /* slots that are searched at once: a line of the cache */
};

/* Makes a slot free.  Its hash belongs elsewhere: in slot 0 into slot 1, in others into slot 0. */
static void
clear(struct frequent *f, size_t i)
{
	f->slots[i] = (struct frequent_slot){.hash = i == 0};
}

void
frequent_init(struct frequent *f, void *memory, size_t slots)
{
	*f = (struct frequent){.mask = slots - 1, .most = slots / 4 * 3, .slots = memory};
	f->values = (struct frequent_value *)(f->slots + slots);
	for (size_t i = 0; i < slots; i++)
		clear(f, i);
}

/* Some counters in use, in order; others each time.  Returns how many. */
static size_t
take_sample(const struct frequent *f, uint64_t *sample)
{
	size_t n = 0, step = (f->mask + 1) / (SAMPLE * 3 / 2);

	for (size_t i = f->error % step; i <= f->mask && n < SAMPLE; i += step) {
		uint64_t count = f->slots[i].count;
		size_t j = n;

		if (count == 0)
			continue;
		for (; j > 0 && sample[j - 1] > count; j--)
			sample[j] = sample[j - 1];
		sample[j] = count;
		n++;
	}
	return n;
}

/* How many counters hold `count` or more. */
static size_t
holding(const struct frequent *f, uint64_t count)
{
	size_t n = 0;

	for (size_t i = 0; i <= f->mask; i++)
		n += f->slots[i].count >= count;
	return n;
}

static uint64_t
least(const struct frequent *f)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i <= f->mask; i++)
		if (f->slots[i].count != 0 && f->slots[i].count < least)
			least = f->slots[i].count;
	return least;
}

/* What is subtracted: somewhat below the median of a sample, and lower as long as less than half of all hold that much, which
 * the stated bound of the error rests on.  It is what some counter holds, so that one is free at least. */
static uint64_t
choose(const struct frequent *f)
{
	uint64_t sample[SAMPLE];
	size_t n = take_sample(f, sample);

	for (size_t i = n * 7 / 16 + 1; i > 0; i--)
		if (i <= n && holding(f, sample[i - 1]) * 2 >= f->most)
			return sample[i - 1];
	return least(f);
}

/* Where a hash is, or the free slot where it would be put: in the group that its own slot is in, that slot before others, or in
 * the first group behind it that is not full.  A group is looked at as a whole, as how far to look cannot be guessed. */
static inline size_t
find(const struct frequent *f, uint64_t hash)
{
	size_t own = hash % GROUP;

	for (size_t group = (hash & f->mask) - own;; group = (group + GROUP) & f->mask) {
		const struct frequent_slot *s = f->slots + group;
		unsigned same = 0, unused = 0;

		for (unsigned i = 0; i < GROUP; i++) {
			unused |= (unsigned)(s[i].count == 0) << i;
			same |= (unsigned)(s[i].hash == hash) << i;
		}
		same &= ~unused;
		if (same != 0)
			return group + (unsigned)__builtin_ctz(same);
		if (unused != 0)
			return group + (unused >> own & 1 ? own : (unsigned)__builtin_ctz(unused));
	}
}

static int
is_full(const struct frequent *f, size_t group)
{
	int full = 1;

	for (size_t i = group; i < group + GROUP; i++)
		full = full && f->slots[i].count != 0;
	return full;
}

/* Moves values to where a search finds them, after others were dropped.  From behind a group that was not full on, all that may
 * be before a value is in its place already. */
static void
close_up(struct frequent *f, size_t start)
{
	for (size_t k = GROUP; k <= f->mask + GROUP; k++) {
		size_t i = (start + k) & f->mask, to;
		struct frequent_slot s = f->slots[i];

		if (s.count == 0 || (s.hash & f->mask) == i)
			continue;
		clear(f, i);
		to = find(f, s.hash);
		f->slots[to] = s;
		if (to != i)
			f->values[to] = f->values[i];
	}
}

/* Subtracts, and drops what is left with nothing.  Kept out of its caller, which would save registers for it each time. */
static __attribute__((noinline)) void
purge(struct frequent *f)
{
	uint64_t less = choose(f);
	size_t start = 0;

	while (is_full(f, start))
		start += GROUP;
	for (size_t i = 0; i <= f->mask; i++)
		if (f->slots[i].count > less)
			f->slots[i].count -= less;
		else {
			f->used -= f->slots[i].count != 0;
			clear(f, i);
		}
	if (f->used > 0)
		close_up(f, start);
	f->error += less;
}

/* memcpy() in a few moves of lengths that are known, which may overlap; a call would take longer than all the rest. */
static inline void
copy(char *to, const char *from, size_t n)
{
	if (n >= 16) {
		memcpy(to, from, 16);
		if (n > 32)
			memcpy(to + 16, from + 16, 16);
		memcpy(to + n - 16, from + n - 16, 16);
	} else if (n >= 8) {
		memcpy(to, from, 8);
		memcpy(to + n - 8, from + n - 8, 8);
	} else if (n >= 4) {
		memcpy(to, from, 4);
		memcpy(to + n - 4, from + n - 4, 4);
	} else
		for (size_t i = 0; i < n; i++)
			to[i] = from[i];
}

static size_t
kept(size_t len)
{
	return len < FREQUENT_WIDTH ? len : FREQUENT_WIDTH;
}

void
frequent_seek(struct frequent *f, uint64_t hash, const char *bytes, size_t len, unsigned char kind, uint64_t count)
{
	size_t i = find(f, hash);

	if (f->slots[i].count != 0) {
		f->slots[i].count += count;
		return;
	}
	if (f->used == f->most) {
		purge(f);
		i = find(f, hash);
	}
	f->used++;
	f->slots[i] = (struct frequent_slot){hash, count};
	f->values[i].len = len;
	f->values[i].kind = kind;
	copy(f->values[i].bytes, bytes, kept(len));
}

/* What is listed on one side only may have come on the other as often as that side's error says: errors add up. */
void
frequent_merge(struct frequent *into, const struct frequent *from)
{
	for (size_t i = 0; i <= from->mask; i++) {
		const struct frequent_slot *s = &from->slots[i];
		const struct frequent_value *v = &from->values[i];

		if (s->count != 0)
			frequent_add_many(into, s->hash, v->bytes, v->len, v->kind, s->count);
	}
	into->error += from->error;
}

/* The order of frequent_top(); where all else is equal, as of values that are cut, kind and hash make it certain. */
static int
compare(const struct frequent_item *x, const struct frequent_item *y)
{
	int c;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	c = memcmp(x->bytes, y->bytes, x->kept < y->kept ? x->kept : y->kept);
	if (c != 0)
		return c;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

static struct frequent_item
item(const struct frequent *f, size_t i)
{
	const struct frequent_slot *s = &f->slots[i];
	const struct frequent_value *v = &f->values[i];

	return (struct frequent_item){
	    .bytes = v->bytes,
	    .kept = kept(v->len),
	    .len = v->len,
	    .count = s->count,
	    .high = s->count + f->error,
	    .hash = s->hash,
	    .kind = v->kind,
	};
}

/* Puts an item where it belongs among n that are in order; the last one falls out where there is no room. */
static void
place(struct frequent_item *items, size_t n, size_t k, const struct frequent_item *new)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare(&items[middle], new) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == k)
		return;
	memmove(items + low + 1, items + low, ((n < k ? n : k - 1) - low) * sizeof *items);
	items[low] = *new;
}

size_t
frequent_top(const struct frequent *f, size_t k, struct frequent_item *items)
{
	size_t n = 0;

	for (size_t i = 0; i <= f->mask && k > 0; i++)
		if (f->slots[i].count != 0) {
			struct frequent_item new = item(f, i);

			place(items, n, k, &new);
			n += n < k;
		}
	return n;
}

/* The most frequent values beside exact counts: the bounds hold, whatever the values, their order and the parts. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "frequent.h"
#include "tap.h"

enum { MOST = 300000, KINDS = 300000, PARTS = 8 };

static uint32_t stream[MOST]; /* which values come */
static uint64_t counts[KINDS];
static uint64_t seed = 1;

static uint64_t
mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t
below(uint64_t n)
{
	return mix(seed += UINT64_C(0x9e3779b97f4a7c15)) % n;
}

/* --- streams --- */

static void
one(size_t n)
{
	for (size_t i = 0; i < n; i++)
		stream[i] = 7;
}

static void
few(size_t n)
{
	for (size_t i = 0; i < n; i++)
		stream[i] = (uint32_t)below(40);
}

static void
uniform(size_t n)
{
	for (size_t i = 0; i < n; i++)
		stream[i] = (uint32_t)below(5000);
}

static void
distinct(size_t n)
{
	for (size_t i = 0; i < n; i++)
		stream[i] = (uint32_t)i;
}

/* About Zipf's: a value of place r comes as often as 1 / r says. */
static void
zipf(size_t n)
{
	for (size_t i = 0; i < n; i++)
		stream[i] = (uint32_t)exp(log(100000) * (double)below(1u << 30) / (1u << 30));
}

/* Frequent ones first, and then many that come once, to drive them out. */
static void
driven_out(size_t n)
{
	for (size_t i = 0; i < n; i++)
		stream[i] = i < n / 4 ? (uint32_t)i % 300 : (uint32_t)i;
}

/* As many values as there are counters and one, in turn: what is dropped comes next. */
static void
in_turn(size_t n)
{
	for (size_t i = 0; i < n; i++)
		stream[i] = (uint32_t)(i % 49);
}

/* One comes at last, and between any two of it others that never come again. */
static void
at_last(size_t n)
{
	for (size_t i = 0; i < n; i++)
		stream[i] = i > n / 2 && i % 16 == 0 ? 0 : (uint32_t)i;
}

/* Each value twice as often as the next: counters of all sizes. */
static void
halves(size_t n)
{
	for (size_t i = 0; i < n; i++)
		stream[i] = i % 2 ? (uint32_t)i : (uint32_t)__builtin_ctzll(below(1 << 20) | 1 << 20);
}

static const struct source {
	const char *name;
	void (*make)(size_t n);
} sources[] = {
    {"one", one},
    {"few", few},
    {"uniform", uniform},
    {"distinct", distinct},
    {"zipf", zipf},
    {"driven out", driven_out},
    {"in turn", in_turn},
    {"at last", at_last},
    {"halves", halves},
};

/* --- sketches of them --- */

static uint64_t
hash(uint32_t value)
{
	return mix((value + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15));
}

/* The text of a value is of any length up to 70; its end is what tells short ones apart. */
static size_t
text(char *to, uint32_t value)
{
	size_t len = 6 + value % 65;

	memset(to, '.', len);
	for (size_t i = 0; i < 6; i++, value /= 10)
		to[i] = (char)('0' + value % 10);
	return len;
}

/* One that sees stream[from..to). */
static struct frequent
sketch(size_t slots, size_t from, size_t to)
{
	struct frequent f;

	frequent_init(&f, malloc(frequent_size(slots)), slots);
	for (size_t i = from; i < to; i++) {
		char t[80];
		size_t len = text(t, stream[i]), times = 1;

		for (; i + 1 < to && stream[i + 1] == stream[i] && times < 5; i++)
			times++;
		if (times == 1)
			frequent_add(&f, hash(stream[i]), t, len, stream[i] % 3);
		else
			frequent_add_many(&f, hash(stream[i]), t, len, stream[i] % 3, times);
	}
	return f;
}

static struct frequent
merged(size_t slots, size_t n, unsigned parts)
{
	struct frequent all = sketch(slots, 0, n / parts);

	for (unsigned i = 1; i < parts; i++) {
		struct frequent part = sketch(slots, n * i / parts, n * (i + 1) / parts);

		if (i % 2) {
			frequent_merge(&all, &part);
			free(part.slots);
		} else {
			frequent_merge(&part, &all);
			free(all.slots);
			all = part;
		}
	}
	return all;
}

/* --- what must hold --- */

static uint32_t
number_of(const struct frequent_item *item)
{
	uint32_t value = 0;

	for (int i = 5; i >= 0; i--)
		value = value * 10 + (uint32_t)(item->bytes[i] - '0');
	return value;
}

static int
item_holds(const struct frequent *f, const struct frequent_item *item)
{
	uint32_t value = number_of(item);
	char t[80];
	size_t len = text(t, value);

	return item->len == len && item->kept == (len < FREQUENT_WIDTH ? len : FREQUENT_WIDTH) &&
	       memcmp(item->bytes, t, item->kept) == 0 && item->kind == value % 3 && item->hash == hash(value) &&
	       item->high == item->count + f->error && item->count > 0 && item->count <= counts[value] &&
	       counts[value] <= item->high;
}

static int
in_order(const struct frequent_item *a, const struct frequent_item *b)
{
	int c = memcmp(a->bytes, b->bytes, a->kept < b->kept ? a->kept : b->kept);

	return a->count > b->count || (a->count == b->count && (c < 0 || (c == 0 && a->len < b->len)));
}

static int
holds(const struct frequent *f, size_t n, size_t slots)
{
	static struct frequent_item items[FREQUENT_MOST], top[10];
	static unsigned char listed[KINDS];
	size_t number = frequent_top(f, FREQUENT_MOST, items), ten = frequent_top(f, 10, top), kinds = 0;
	uint64_t sum = 0;
	int right = number == f->used && ten == (number < 10 ? number : 10) && f->used <= slots / 4 * 3;

	memset(counts, 0, sizeof counts);
	memset(listed, 0, sizeof listed);
	for (size_t i = 0; i < n; i++)
		kinds += counts[stream[i]]++ == 0;
	for (size_t i = 0; i < number && right; i++) {
		right = item_holds(f, &items[i]) && (i == 0 || in_order(&items[i - 1], &items[i])) &&
			(i >= 10 || top[i].hash == items[i].hash);
		right = right && !listed[number_of(&items[i])]++;
		sum += items[i].count;
	}
	for (size_t i = 0; i < KINDS && right; i++)
		right = listed[i] || counts[i] <= f->error;
	return right && f->error * (slots * 3 / 8) + sum <= n && (!frequent_exact(f) || (number == kinds && sum == n)) &&
	       (kinds > slots / 4 * 3 || frequent_exact(f));
}

static void
test_bounds(void)
{
	static const size_t lengths[] = {0, 1, 30, 1000, 60000, MOST}, widths[] = {64, 256, 1024, 2048};

	for (size_t s = 0; s < sizeof sources / sizeof *sources; s++) {
		int right = 1;

		for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
			for (unsigned w = 0; w < 4; w++) {
				unsigned parts = 1 + (unsigned)(l + w * 3 + s) % PARTS;
				struct frequent single, several;

				sources[s].make(lengths[l]);
				single = sketch(widths[w], 0, lengths[l]);
				several = merged(widths[w], lengths[l], parts);
				right = right && holds(&single, lengths[l], widths[w]) &&
					holds(&several, lengths[l], widths[w]);
				free(single.slots);
				free(several.slots);
			}
		CHECK(right, sources[s].name);
	}
}

/* Hashes that belong into one slot, or look like those of free ones. */
static void
test_hashes(void)
{
	struct frequent f;
	struct frequent_item items[64];
	int right = 1;

	frequent_init(&f, malloc(frequent_size(64)), 64);
	CHECK(frequent_top(&f, 64, items) == 0 && frequent_exact(&f) && f.used == 0, "nothing");
	for (uint64_t h = 0; h < 3; h++)
		frequent_add_many(&f, h, "abc", (size_t)h, 1, 10 - h);
	for (uint64_t i = 1; i <= 40; i++)
		for (int k = 0; k < 2; k++)
			frequent_add(&f, i << 32 | 63, "x", 1, 2);
	CHECK(f.used == 43 && frequent_top(&f, 2, items) == 2, "all meet");
	CHECK(items[0].hash == 0 && items[0].count == 10 && items[0].len == 0 && items[1].hash == 1 && items[1].count == 9,
	    "hashes of 0 and 1");
	CHECK(frequent_top(&f, 0, items) == 0, "none of them");
	for (uint64_t i = 41; i <= 4000; i++)
		frequent_add(&f, i << 32 | 63, "x", 1, 2);
	for (size_t i = 0, n = frequent_top(&f, 64, items); i < n; i++)
		right = right && items[i].count <= 10 && f.used == n && !frequent_exact(&f);
	CHECK(right, "all meet, and are driven out");
	free(f.slots);
}

int
main(void)
{
	test_bounds();
	test_hashes();
	return tap_end();
}

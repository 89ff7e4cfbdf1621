/*
 * frequent: which values come most often, with bounds that always hold (Misra, Gries: Finding repeated elements, 1982).
 *
 * There are counters for so many values.  Where another value comes and all counters are taken, as much is subtracted from
 * every counter that about half of them are free: the median of a sample (Anderson, Bevin, Lang, Liberty, Rhodes, Thaler: A
 * high-performance algorithm for identifying frequent items in data streams, 2017), or less, so that at least half of all
 * counters held that much.  What was subtracted, summed up, is `error`:
 *
 *   - a value that is listed came at least `count` times, and at most `count + error` times;
 *   - a value that is not listed came at most `error` times;
 *   - `error` is at most n / (slots * 3 / 8), n being how many values came in all (of all parts that were merged, where those
 *     have as many slots or more): a value that came more often is listed.
 *
 * Values are told apart by a 64-bit hash of which every bit is as good as any other; the hash should have a secret seed where
 * somebody may choose values that meet.
 *
 * The memory is the caller's, of a size that is known before; nothing is allocated.
 */
#ifndef FREQUENT_H
#define FREQUENT_H

#include <stddef.h>
#include <stdint.h>

enum {
	FREQUENT_WIDTH = 48, /* bytes kept of a value */
	FREQUENT_LEAST = 64,
	FREQUENT_MOST = 2048 /* slots */
};

struct frequent {
	uint64_t error; /* what a count may be too low by; 0: nothing was ever dropped */
	size_t used;    /* values that are listed */
	/* private */
	size_t mask, most; /* slots - 1; slots that may be in use */
	struct frequent_slot {
		uint64_t hash;  /* in a free slot, one that belongs into another slot: a hit is found without asking for more */
		uint64_t count; /* 0: free */
	} * slots;
	struct frequent_value {
		size_t len;
		unsigned char kind;
		char bytes[FREQUENT_WIDTH];
	} * values;
};

/* A value that is listed. */
struct frequent_item {
	const char *bytes;    /* the first `kept` bytes, without a NUL; borrowed until the next call but frequent_top() */
	size_t kept, len;     /* at most FREQUENT_WIDTH; of the whole value */
	uint64_t count, high; /* it came at least, and at most, so many times */
	uint64_t hash;
	unsigned char kind;
};

/* What frequent_init() needs for so many slots, which are a power of two from FREQUENT_LEAST to FREQUENT_MOST. */
static inline size_t
frequent_size(size_t slots)
{
	return slots * (sizeof(struct frequent_slot) + sizeof(struct frequent_value));
}

/* One that has seen nothing, in memory[0..frequent_size(slots)), which is aligned for any type and lives as long.  Three
 * quarters of the slots are used. */
void frequent_init(struct frequent *f, void *memory, size_t slots);

/* frequent_add_many() for what is not in its own slot. */
void frequent_seek(struct frequent *f, uint64_t hash, const char *bytes, size_t len, unsigned char kind, uint64_t count);

/* A value came `count` times, which is not 0.  `kind` is the caller's, and kept from the first time it is listed. */
static inline void
frequent_add_many(struct frequent *f, uint64_t hash, const char *bytes, size_t len, unsigned char kind, uint64_t count)
{
	struct frequent_slot *slot = &f->slots[hash & f->mask];

	if (slot->hash == hash)
		slot->count += count;
	else
		frequent_seek(f, hash, bytes, len, kind, count);
}

static inline void
frequent_add(struct frequent *f, uint64_t hash, const char *bytes, size_t len, unsigned char kind)
{
	frequent_add_many(f, hash, bytes, len, kind, 1);
}

/* True where no value was ever dropped: counts are exact, and `used` is the number of distinct values. */
static inline int
frequent_exact(const struct frequent *f)
{
	return f->error == 0;
}

/* `into` as if it had seen what `from` has seen, too; `error` may grow by more than that of `from`.  They are not the same. */
void frequent_merge(struct frequent *into, const struct frequent *from);

/* Up to `k` values with the highest counts, the highest first, and equal ones in the order of their bytes, then of their
 * length; returns how many. */
size_t frequent_top(const struct frequent *f, size_t k, struct frequent_item *items);

#endif

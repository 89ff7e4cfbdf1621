#include "column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "mem.h"

struct column *
column_new(size_t slots, uint64_t seed)
{
	struct column *c = mem_resize(NULL, sizeof *c);

	memset(c, 0, sizeof *c);
	c->shortest = UINT64_MAX;
	c->seed = seed;
	c->low.value = INFINITY;
	c->high.value = -INFINITY;
	moments_start(&c->moments);
	c->memory = mem_resize(NULL, frequent_size(slots));
	frequent_init(&c->frequent, c->memory, slots);
	return c;
}

void
column_free(struct column *c)
{
	if (c == NULL)
		return;
	free(c->least.bytes);
	free(c->greatest.bytes);
	free(c->kll);
	free(c->memory);
	free(c);
}

/* The first eight bytes as a number that is in the order of the bytes; eight can be read. */
static inline uint64_t
head_of(const char *bytes, size_t len)
{
	uint64_t v;

	if (len == 0)
		return 0;
	memcpy(&v, bytes, sizeof v);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return len < 8 ? v & ~UINT64_C(0) << 8 * (8 - len) : v;
}

static void
keep_text(struct column_text *t, uint64_t head, const char *bytes, size_t len, uint64_t whole)
{
	t->head = head;
	t->whole = whole;
	t->len = len < COLUMN_TEXT ? len : COLUMN_TEXT;
	if (t->bytes == NULL || t->len > t->room) {
		t->room = t->len < 64 ? 64 : t->len;
		t->bytes = mem_resize(t->bytes, t->room);
	}
	memcpy(t->bytes, bytes, t->len);
}

/* Below 0 where the text of `whole` bytes that begins with bytes[0..len) comes before `t`, above 0 where it comes after it;
 * what is alike as far as texts are kept goes by the length. */
static int
compare_text(const struct column_text *t, const char *bytes, size_t len, uint64_t whole)
{
	size_t n = len < t->len ? len : t->len;
	int r = memcmp(bytes, t->bytes, n);

	return r != 0 ? r : whole < t->whole ? -1 : whole > t->whole;
}

/* Of the text, len bytes are at hand: all of it, or COLUMN_TEXT or more. */
static inline void
take_text(struct column *c, const char *bytes, size_t len, uint64_t whole)
{
	uint64_t head = head_of(bytes, len);

	if (head <= c->least.head || c->least.bytes == NULL) {
		if (c->least.bytes == NULL || head < c->least.head || compare_text(&c->least, bytes, len, whole) < 0)
			keep_text(&c->least, head, bytes, len, whole);
	}
	if (head >= c->greatest.head || c->greatest.bytes == NULL) {
		if (c->greatest.bytes == NULL || head > c->greatest.head || compare_text(&c->greatest, bytes, len, whole) > 0)
			keep_text(&c->greatest, head, bytes, len, whole);
	}
}

static void
keep_number(struct column_number *to, double value, const char *bytes, size_t len)
{
	to->value = value;
	to->len = len < COLUMN_NUMBER ? len : COLUMN_NUMBER;
	memcpy(to->text, bytes, to->len);
}

/* Integers beyond 2^53 may differ and be the same double: their digits tell. */
static int
is_less(const char *a, size_t alen, const char *b, size_t blen)
{
	int negative = *a == '-';

	if (alen != blen)
		return (alen < blen) != negative;
	return memcmp(a, b, alen) < 0 ? !negative : memcmp(a, b, alen) > 0 && negative;
}

static inline void
take_number(struct column *c, double value, const char *bytes, size_t len)
{
	int large = fabs(value) >= 9007199254740992.0 && len < COLUMN_NUMBER;

	if (value < c->low.value || (large && value == c->low.value && is_less(bytes, len, c->low.text, c->low.len)))
		keep_number(&c->low, value, bytes, len);
	if (value > c->high.value || (large && value == c->high.value && is_less(c->high.text, c->high.len, bytes, len)))
		keep_number(&c->high, value, bytes, len);
}

static inline void
take_length(struct column *c, uint64_t len)
{
	c->lengths += len;
	c->shortest = len < c->shortest ? len : c->shortest;
	c->longest = len > c->longest ? len : c->longest;
}

/* An integer by its source, of more digits than a text may have that is to be called one. */
static enum rows_type
large_integer(const struct batch_cell *cell, double *value)
{
	char text[24];

	if (cell->len >= sizeof text)
		return ROWS_TEXT;
	memcpy(text, cell->bytes, cell->len);
	text[cell->len] = '\0';
	*value = strtod(text, NULL);
	return ROWS_INTEGER;
}

/* The type of a cell; what a number or a time is worth is added to values. */
static inline enum rows_type
type_of(const struct batch_cell *cell, double *value)
{
	enum rows_type t = cell->type;

	/* A source that knows its types has numbers as text all the same. */
	if (t != ROWS_BYTES)
		t = infer_value(cell->bytes, cell->len, value);
	if (cell->type == ROWS_REAL && t == ROWS_INTEGER)
		t = ROWS_REAL;
	else if (cell->type == ROWS_INTEGER && t == ROWS_TEXT)
		t = large_integer(cell, value);
	return t;
}

static int
is_mixed(const struct column *c)
{
	uint64_t numbers = c->types[ROWS_INTEGER] + c->types[ROWS_REAL], times = c->types[ROWS_DATE] + c->types[ROWS_TIMESTAMP];

	return c->types[ROWS_TEXT] + c->types[ROWS_BYTES] + c->types[ROWS_BOOLEAN] > 0 || (numbers > 0 && times > 0);
}

static void
take_values(struct column *c, const double *values, size_t n)
{
	c->mixed |= is_mixed(c);
	if (n == 0 || c->mixed)
		return;
	if (c->kll == NULL) {
		c->kll = mem_resize(NULL, sizeof *c->kll);
		kll_init(c->kll, c->seed);
	}
	kll_add(c->kll, values, n);
	moments_add(&c->moments, values, n);
}

void
column_take(struct column *c, const struct batch_cell *cells, size_t n)
{
	double values[BATCH_ROWS];
	size_t nvalues = 0;

	for (size_t i = 0; i < n; i++) {
		const struct batch_cell *cell = &cells[i];
		double *value = &values[nvalues];
		enum rows_type t;
		uint64_t hash;

		if (cell->type == ROWS_NULL) {
			c->nulls++;
			continue;
		}
		hash = hash_bytes(cell->bytes, cell->len);
		hll_add(&c->hll, hash);
		frequent_add(&c->frequent, hash, cell->bytes, cell->len, cell->type);
		take_length(c, cell->len);
		take_text(c, cell->bytes, cell->len, cell->len);
		if (cell->len == 0) {
			c->empties++;
			continue;
		}
		t = type_of(cell, value);
		c->types[t]++;
		if (t == ROWS_INTEGER || t == ROWS_REAL || t == ROWS_DATE || t == ROWS_TIMESTAMP) {
			take_number(c, *value, cell->bytes, cell->len);
			nvalues++;
		}
	}
	take_values(c, values, nvalues);
}

static void
merge_numbers(struct column *into, struct column *from)
{
	if (from->low.len > 0)
		take_number(into, from->low.value, from->low.text, from->low.len);
	if (from->high.len > 0)
		take_number(into, from->high.value, from->high.text, from->high.len);
	into->mixed |= from->mixed || is_mixed(into);
	if (into->mixed || from->kll == NULL)
		return;
	moments_merge(&into->moments, &from->moments);
	if (into->kll != NULL) {
		kll_merge(into->kll, from->kll);
	} else {
		into->kll = from->kll;
		from->kll = NULL;
	}
}

/* A text that was kept may end where reading on is not allowed. */
static void
merge_text(struct column *into, const struct column_text *t)
{
	char bytes[COLUMN_TEXT + BATCH_SLACK];

	if (t->bytes == NULL)
		return;
	memcpy(bytes, t->bytes, t->len);
	take_text(into, bytes, t->len, t->whole);
}

void
column_merge(struct column *into, struct column *from)
{
	into->nulls += from->nulls;
	into->empties += from->empties;
	for (int t = 0; t < ROWS_TYPES; t++)
		into->types[t] += from->types[t];
	into->lengths += from->lengths;
	if (from->shortest < into->shortest)
		into->shortest = from->shortest;
	if (from->longest > into->longest)
		into->longest = from->longest;
	merge_text(into, &from->least);
	merge_text(into, &from->greatest);
	merge_numbers(into, from);
	hll_merge(&into->hll, &from->hll);
	frequent_merge(&into->frequent, &from->frequent);
}

enum rows_type
column_type(const struct column *c)
{
	enum rows_type type = ROWS_NULL;

	for (int t = ROWS_TEXT; t < ROWS_TYPES; t++) {
		if (c->types[t] > 0)
			type = infer_join(type, (enum rows_type)t);
	}
	return type == ROWS_NULL && c->empties > 0 ? ROWS_TEXT : type;
}

uint64_t
column_values(const struct column *c)
{
	uint64_t n = c->empties;

	for (int t = ROWS_TEXT; t < ROWS_TYPES; t++)
		n += c->types[t];
	return n;
}

double
column_confidence(const struct column *c)
{
	uint64_t n = column_values(c) - c->empties, speaking = column_type(c) == ROWS_TEXT ? c->types[ROWS_TEXT] : n;

	return ((double)speaking + 1) / ((double)n + 2);
}

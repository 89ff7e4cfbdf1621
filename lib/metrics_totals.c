#include "metrics_totals.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "utf8.h"
#include "width.h"

enum {
	DIGITS = 19,      /* of a number at most: of HISTOGRAM_MOST */
	TIME_DIGITS = 10, /* always: until 2286, and what is left of a line that broke off cannot stand before another one */
	SLOTS = 4,        /* at first */
};

const char *const metrics_outcomes[METRICS_OUTCOMES] = {"hit", "miss", "old", "off"};
const char *const metrics_events[METRICS_EVENTS] = {"stored", "waited", "refreshed", "refresh_failed", "corrupt", "failed"};

/* Pairs */

/* The slot that the pair has or, free as it is, would get. */
static uint32_t *
slot_of(const struct metrics_totals *t, const char *program, const char *database)
{
	uint64_t hash = hash_more(hash_bytes(program, strlen(program)), database, strlen(database));
	size_t at = (size_t)hash & (t->nslots - 1);

	for (; t->slots[at] != 0; at = (at + 1) & (t->nslots - 1)) {
		const struct metrics_pair *pair = t->pairs[t->slots[at] - 1];

		if (strcmp(pair->database, database) == 0 && strcmp(pair->program, program) == 0)
			break;
	}
	return &t->slots[at];
}

struct metrics_pair *
metrics_totals_find(const struct metrics_totals *t, const char *program, const char *database)
{
	uint32_t place = t->nslots > 0 ? *slot_of(t, program, database) : 0;

	return place > 0 ? t->pairs[place - 1] : NULL;
}

static void
fill_slots(struct metrics_totals *t)
{
	memset(t->slots, 0, t->nslots * sizeof *t->slots);
	for (size_t i = 0; i < t->n; i++)
		*slot_of(t, t->pairs[i]->program, t->pairs[i]->database) = (uint32_t)i + 1;
}

/* Twice the slots; half of them are for use. */
static void
grow(struct mem *m, struct metrics_totals *t)
{
	struct metrics_pair **pairs = t->pairs;

	t->nslots = t->nslots > 0 ? 2 * t->nslots : SLOTS;
	t->slots = mem_array(m, t->nslots, sizeof *t->slots);
	t->pairs = mem_array(m, t->nslots / 2, sizeof(struct metrics_pair *));
	for (size_t i = 0; i < t->n; i++)
		t->pairs[i] = pairs[i];
	fill_slots(t);
}

struct metrics_pair *
metrics_totals_pair(struct mem *m, struct metrics_totals *t, const char *program, const char *database)
{
	struct metrics_pair *pair = metrics_totals_find(t, program, database);

	if (pair != NULL)
		return pair;
	if (t->n == t->nslots / 2)
		grow(m, t);
	pair = mem_alloc(m, sizeof *pair);
	pair->program = mem_string(m, program);
	pair->database = mem_string(m, database);
	*slot_of(t, program, database) = (uint32_t)t->n + 1;
	t->pairs[t->n++] = pair;
	return pair;
}

uint64_t
metrics_totals_event(const struct metrics_pair *pair, enum metrics_event event)
{
	return pair->events[__builtin_ctz(event)];
}

/* As references are printed: nothing that could act on a terminal (ref.h). */
int
metrics_totals_nameable(const char *database)
{
	size_t len = strnlen(database, METRICS_NAME + 1), step;
	uint32_t code;

	for (size_t i = 0; i < len; i += step) {
		step = utf8_decode(database + i, len - i, &code);
		if (step == 0 || width_of(code) < 0)
			return 0;
	}
	return len > 0 && len <= METRICS_NAME;
}

static void
count_event(struct metrics_pair *pair, size_t event, uint64_t n)
{
	pair->events[event] = histogram_sum(pair->events[event], n);
}

/* `into` as if what is in `from` had been counted there, too. */
static void
add_pair(struct mem *m, struct metrics_pair *into, const struct metrics_pair *from)
{
	for (size_t o = 0; o < METRICS_OUTCOMES; o++)
		histogram_merge(m, &into->outcomes[o], &from->outcomes[o]);
	for (size_t e = 0; e < METRICS_EVENTS; e++)
		count_event(into, e, from->events[e]);
	into->seen = from->seen > into->seen ? from->seen : into->seen;
}

static int
by_time(const void *a, const void *b)
{
	const struct metrics_pair *x = *(struct metrics_pair *const *)a, *y = *(struct metrics_pair *const *)b;

	return (x->seen < y->seen) - (x->seen > y->seen);
}

static int
by_name(const void *a, const void *b)
{
	const struct metrics_pair *x = *(struct metrics_pair *const *)a, *y = *(struct metrics_pair *const *)b;
	int order = strcmp(x->database, y->database);

	return order != 0 ? order : strcmp(x->program, y->program);
}

void
metrics_totals_limit(struct mem *m, struct metrics_totals *t, size_t most)
{
	struct metrics_totals kept = {0};

	if (t->n <= most)
		return;
	qsort(t->pairs, t->n, sizeof(struct metrics_pair *), by_time);
	for (size_t i = 0; i < t->n; i++) {
		const struct metrics_pair *pair = t->pairs[i];
		const char *database = i < most ? pair->database : METRICS_OTHER;

		add_pair(m, metrics_totals_pair(m, &kept, pair->program, database), pair);
	}
	*t = kept;
}

void
metrics_totals_sort(struct metrics_totals *t)
{
	if (t->n == 0)
		return;
	qsort(t->pairs, t->n, sizeof(struct metrics_pair *), by_name);
	fill_slots(t);
}

/* Lines */

static void
put_number(struct buf *b, char before, uint64_t value)
{
	buf_byte(b, before);
	buf_number(b, value, 1);
}

static void
put_field(struct buf *b, const char *name, uint64_t value)
{
	buf_byte(b, '\t');
	buf_puts(b, name);
	put_number(b, '=', value);
}

static void
encode_pair(struct buf *b, const struct metrics_pair *pair)
{
	buf_number(b, pair->seen > 0 ? (uint64_t)pair->seen : 0, TIME_DIGITS);
	buf_byte(b, '\t');
	buf_puts(b, pair->program);
	buf_byte(b, '\t');
	buf_puts(b, pair->database);
	for (size_t o = 0; o < METRICS_OUTCOMES; o++) {
		const struct histogram *h = &pair->outcomes[o];

		if (h->count == 0)
			continue;
		put_field(b, metrics_outcomes[o], h->sum);
		put_number(b, ',', h->greatest);
		for (unsigned i = 0; (i = histogram_next(h, i)) < HISTOGRAM_BUCKETS; i++) {
			put_number(b, ',', i);
			put_number(b, ':', histogram_get(h, i));
		}
	}
	for (size_t e = 0; e < METRICS_EVENTS; e++) {
		if (pair->events[e] > 0)
			put_field(b, metrics_events[e], pair->events[e]);
	}
	buf_byte(b, '\n');
}

void
metrics_totals_encode(struct buf *b, const struct metrics_totals *t)
{
	for (size_t i = 0; i < t->n; i++)
		encode_pair(b, t->pairs[i]);
}

/* What is left of a line. */
struct span {
	const char *p, *end;
};

static int
take_byte(struct span *s, char byte)
{
	if (s->p == s->end || *s->p != byte)
		return -1;
	s->p++;
	return 0;
}

/* A number below `limit`. */
static int
take_number(struct span *s, uint64_t limit, uint64_t *value)
{
	const char *start = s->p;

	for (*value = 0; s->p < s->end && *s->p >= '0' && *s->p <= '9' && s->p - start < DIGITS; s->p++)
		*value = *value * 10 + (uint64_t)(*s->p - '0');
	return s->p > start && *value < limit ? 0 : -1;
}

/* SUM,LONGEST,BUCKET:N... into a histogram, or nowhere. */
static int
take_latencies(struct mem *m, struct histogram *h, struct span s)
{
	uint64_t sum, greatest, bucket, n;

	if (take_number(&s, HISTOGRAM_MOST, &sum) < 0 || take_byte(&s, ',') < 0 ||
	    take_number(&s, HISTOGRAM_MOST, &greatest) < 0)
		return -1;
	do {
		if (take_byte(&s, ',') < 0 || take_number(&s, HISTOGRAM_BUCKETS, &bucket) < 0 || take_byte(&s, ':') < 0 ||
		    take_number(&s, HISTOGRAM_MOST, &n) < 0)
			return -1;
		if (h != NULL)
			histogram_put(m, h, (unsigned)bucket, n);
	} while (s.p < s.end);
	if (h != NULL) {
		h->sum = histogram_sum(h->sum, sum);
		h->greatest = greatest > h->greatest ? greatest : h->greatest;
	}
	return 0;
}

/* The place of a name that stands before a `=`; the number of names where it is none. */
static size_t
place_of(const char *const *names, size_t n, struct span name)
{
	size_t len = (size_t)(name.end - name.p), i = 0;

	while (i < n && (strlen(names[i]) != len || memcmp(names[i], name.p, len) != 0))
		i++;
	return i;
}

/* NAME=VALUE into a pair, or nowhere.  A name that is not known is passed over: another version may have it. */
static int
take_field(struct mem *m, struct metrics_pair *pair, struct span s)
{
	const char *equals = memchr(s.p, '=', (size_t)(s.end - s.p));
	size_t outcome, event;
	uint64_t n;

	if (equals == NULL)
		return -1;
	outcome = place_of(metrics_outcomes, METRICS_OUTCOMES, (struct span){s.p, equals});
	event = place_of(metrics_events, METRICS_EVENTS, (struct span){s.p, equals});
	s.p = equals + 1;
	if (outcome < METRICS_OUTCOMES)
		return take_latencies(m, pair != NULL ? &pair->outcomes[outcome] : NULL, s);
	if (event == METRICS_EVENTS)
		return 0;
	if (take_number(&s, HISTOGRAM_MOST, &n) < 0 || s.p < s.end)
		return -1;
	if (pair != NULL)
		count_event(pair, event, n);
	return 0;
}

/* Takes the field before the next tab, or the last one, off a line. */
static struct span
next_field(struct span *line)
{
	const char *tab = memchr(line->p, '\t', (size_t)(line->end - line->p));
	struct span field = {line->p, tab != NULL ? tab : line->end};

	line->p = tab != NULL ? tab + 1 : line->end;
	return field;
}

static int
take_fields(struct mem *m, struct metrics_pair *pair, struct span line)
{
	while (line.p < line.end) {
		if (take_field(m, pair, next_field(&line)) < 0)
			return -1;
	}
	return 0;
}

/* The field as a string of fewer than `size` bytes. */
static int
take_name(struct span *line, char *name, size_t size)
{
	struct span field = next_field(line);
	size_t len = (size_t)(field.end - field.p);

	if (len >= size || memchr(field.p, '\0', len) != NULL)
		return -1;
	memcpy(name, field.p, len);
	name[len] = '\0';
	return 0;
}

static int
is_program(const char *name)
{
	size_t head = strlen("dbm-"), letters = strspn(name, "abcdefghijklmnopqrstuvwxyz-");

	return strncmp(name, "dbm-", head) == 0 && letters > head && name[letters] == '\0';
}

/* All of a line, or nothing. */
static void
decode_line(struct mem *m, struct metrics_totals *t, struct span line)
{
	char program[METRICS_PROGRAM + 1], database[METRICS_NAME + 1];
	struct metrics_pair *pair;
	struct span time = next_field(&line);
	uint64_t seen;

	if (time.end - time.p != TIME_DIGITS || take_number(&time, HISTOGRAM_MOST, &seen) < 0 || time.p < time.end)
		return;
	if (take_name(&line, program, sizeof program) < 0 || take_name(&line, database, sizeof database) < 0)
		return;
	if (!is_program(program) || !metrics_totals_nameable(database) || take_fields(NULL, NULL, line) < 0)
		return;
	pair = metrics_totals_pair(m, t, program, database);
	pair->seen = (int64_t)seen > pair->seen ? (int64_t)seen : pair->seen;
	take_fields(m, pair, line);
}

void
metrics_totals_decode(struct mem *m, struct metrics_totals *t, const char *bytes, size_t len)
{
	const char *newline;

	while (len > 0 && (newline = memchr(bytes, '\n', len)) != NULL) {
		decode_line(m, t, (struct span){bytes, newline});
		len -= (size_t)(newline + 1 - bytes);
		bytes = newline + 1;
	}
}

#include "prometheus.h"

#include <inttypes.h>

enum {
	LOWEST = 15,  /* of the bounds: 2^15 ns, 33 microseconds */
	HIGHEST = 37, /* 137 seconds */
};

/* The inside of a label's value. */
static void
put_escaped(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '"')
			buf_byte(b, '\\');
		if (*text == '\n')
			buf_puts(b, "\\n");
		else
			buf_byte(b, *text);
	}
}

/* The labels that all have, and one more. */
static void
put_labels(struct buf *b, const struct metrics_pair *pair, const char *name, const char *value)
{
	buf_printf(b, "{program=\"%s\",database=\"", pair->program);
	put_escaped(b, pair->database);
	buf_printf(b, "\",%s=\"%s\"", name, value);
}

static void
put_head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put_seconds(struct buf *b, uint64_t nanoseconds)
{
	buf_printf(b, "%" PRIu64 ".%09" PRIu64, nanoseconds / 1000000000, nanoseconds % 1000000000);
}

static void
put_counter(struct buf *b, const char *name, const struct metrics_pair *pair, const char *label, const char *value, uint64_t n)
{
	buf_puts(b, name);
	put_labels(b, pair, label, value);
	buf_printf(b, "} %" PRIu64 "\n", n);
}

static void
put_bucket(struct buf *b, const struct metrics_pair *pair, const char *outcome, unsigned power, uint64_t n)
{
	buf_puts(b, "dbm_latency_seconds_bucket");
	put_labels(b, pair, "outcome", outcome);
	buf_puts(b, ",le=\"");
	if (power <= HIGHEST)
		put_seconds(b, UINT64_C(1) << power);
	else
		buf_puts(b, "+Inf");
	buf_printf(b, "\"} %" PRIu64 "\n", n);
}

static void
put_latency(struct buf *b, const struct metrics_pair *pair, const char *outcome, const struct histogram *h)
{
	uint64_t below = 0;
	unsigned bucket = 0;

	for (unsigned power = LOWEST; power <= HIGHEST; power += 2) {
		for (; bucket < histogram_bucket(UINT64_C(1) << power); bucket++)
			below += histogram_get(h, bucket);
		put_bucket(b, pair, outcome, power, below);
	}
	put_bucket(b, pair, outcome, HIGHEST + 1, h->count);
	buf_puts(b, "dbm_latency_seconds_sum");
	put_labels(b, pair, "outcome", outcome);
	buf_puts(b, "} ");
	put_seconds(b, h->sum);
	buf_puts(b, "\ndbm_latency_seconds_count");
	put_labels(b, pair, "outcome", outcome);
	buf_printf(b, "} %" PRIu64 "\n", h->count);
}

void
prometheus_encode(struct buf *b, const struct metrics_totals *t)
{
	put_head(b, "dbm_answers_total", "counter", "Answers, by how they came about.");
	for (size_t i = 0; i < t->n; i++) {
		for (size_t o = 0; o < METRICS_OUTCOMES; o++)
			put_counter(b, "dbm_answers_total", t->pairs[i], "outcome", metrics_outcomes[o],
			    t->pairs[i]->outcomes[o].count);
	}
	put_head(b, "dbm_events_total", "counter", "What happened on the way to answers.");
	for (size_t i = 0; i < t->n; i++) {
		for (size_t e = 0; e < METRICS_EVENTS; e++)
			put_counter(b, "dbm_events_total", t->pairs[i], "event", metrics_events[e], t->pairs[i]->events[e]);
	}
	put_head(b, "dbm_latency_seconds", "histogram", "How long answers took.");
	for (size_t i = 0; i < t->n; i++) {
		for (size_t o = 0; o < METRICS_OUTCOMES; o++) {
			if (t->pairs[i]->outcomes[o].count > 0)
				put_latency(b, t->pairs[i], metrics_outcomes[o], &t->pairs[i]->outcomes[o]);
		}
	}
}

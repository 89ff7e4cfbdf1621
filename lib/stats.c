#include "stats.h"

#include <math.h>

#define FIELD(name, type)                                                                                                      \
	{                                                                                                                      \
		name, sizeof(name) - 1, type, ""                                                                               \
	}

const struct rows_column stats_pair_fields[STATS_PAIR] = {
    FIELD("ref", ROWS_TEXT),
    FIELD("program", ROWS_TEXT),
    FIELD("answers", ROWS_INTEGER),
    FIELD("hits", ROWS_INTEGER),
    FIELD("misses", ROWS_INTEGER),
    FIELD("old", ROWS_INTEGER),
    FIELD("off", ROWS_INTEGER),
    FIELD("hit_rate", ROWS_REAL),
    FIELD("stored", ROWS_INTEGER),
    FIELD("waited", ROWS_INTEGER),
    FIELD("refreshes", ROWS_INTEGER),
    FIELD("refresh_failures", ROWS_INTEGER),
    FIELD("corrupt", ROWS_INTEGER),
    FIELD("failures", ROWS_INTEGER),
};

const struct rows_column stats_latency_fields[STATS_LATENCY] = {
    FIELD("ref", ROWS_TEXT),
    FIELD("program", ROWS_TEXT),
    FIELD("outcome", ROWS_TEXT),
    FIELD("answers", ROWS_INTEGER),
    FIELD("p50", ROWS_REAL),
    FIELD("p95", ROWS_REAL),
    FIELD("p99", ROWS_REAL),
    FIELD("max", ROWS_REAL),
    FIELD("error", ROWS_REAL),
};

const struct rows_column stats_entry_fields[STATS_ENTRY] = {
    FIELD("ref", ROWS_TEXT),
    FIELD("kind", ROWS_TEXT),
    FIELD("age", ROWS_INTEGER),
    FIELD("expires_in", ROWS_INTEGER),
    FIELD("bytes", ROWS_INTEGER),
    FIELD("validator", ROWS_TEXT),
    FIELD("used", ROWS_TIMESTAMP),
};

const struct rows_column stats_setting_fields[STATS_SETTING] = {
    FIELD("setting", ROWS_TEXT),
    FIELD("value", ROWS_TEXT),
    FIELD("from", ROWS_TEXT),
};

uint64_t
stats_answers(const struct histogram outcomes[METRICS_OUTCOMES])
{
	uint64_t n = 0;

	for (size_t o = 0; o < METRICS_OUTCOMES; o++)
		n = histogram_sum(n, outcomes[o].count);
	return n;
}

double
stats_hit_rate(const struct histogram outcomes[METRICS_OUTCOMES])
{
	double hits = (double)outcomes[METRICS_HIT].count;
	double asked = hits + (double)outcomes[METRICS_MISS].count + (double)outcomes[METRICS_OLD].count;

	return asked > 0 ? hits / asked : NAN;
}

void
stats_pair(struct mem *m, struct rows_cell *cells, const struct metrics_pair *pair)
{
	struct rows_cell *next = cells;

	*next++ = rows_text(pair->database);
	*next++ = rows_text(pair->program);
	*next++ = rows_integer(m, stats_answers(pair->outcomes));
	for (size_t o = 0; o < METRICS_OUTCOMES; o++)
		*next++ = rows_integer(m, pair->outcomes[o].count);
	*next++ = rows_real(m, stats_hit_rate(pair->outcomes));
	for (size_t e = 0; e < METRICS_EVENTS; e++)
		*next++ = rows_integer(m, pair->events[e]);
}

/* To the nanosecond. */
static struct rows_cell
milliseconds(struct mem *m, double nanoseconds)
{
	return rows_real(m, round(nanoseconds) / 1e6);
}

void
stats_latency(struct mem *m, struct rows_cell *cells, const struct metrics_pair *pair, enum metrics_outcome outcome)
{
	const struct histogram *h = &pair->outcomes[outcome];
	struct rows_cell *next = cells;

	*next++ = rows_text(pair->database);
	*next++ = rows_text(pair->program);
	*next++ = rows_text(metrics_outcomes[outcome]);
	*next++ = rows_integer(m, h->count);
	*next++ = milliseconds(m, histogram_quantile(h, 0.5));
	*next++ = milliseconds(m, histogram_quantile(h, 0.95));
	*next++ = milliseconds(m, histogram_quantile(h, 0.99));
	*next++ = milliseconds(m, (double)h->greatest);
	*next++ = rows_real(m, HISTOGRAM_ERROR);
}

/* Seconds; what lies behind is 0. */
static struct rows_cell
seconds(struct mem *m, int64_t nanoseconds)
{
	return rows_integer(m, nanoseconds > 0 ? (uint64_t)nanoseconds / 1000000000 : 0);
}

void
stats_entry(struct mem *m, struct rows_cell *cells, const struct collect_entry *e, int64_t now, int64_t ttl)
{
	/* A local file's answer is proven, and does not expire. */
	int local = e->proof == PROOF_FILE || e->proof == PROOF_SQLITE;
	struct rows_cell *next = cells;

	*next++ = rows_text(mem_string(m, e->ref));
	*next++ = rows_text(mem_string(m, e->kind));
	*next++ = seconds(m, now - e->read_at);
	*next++ = local ? rows_null() : seconds(m, e->read_at + ttl - now);
	*next++ = rows_integer(m, e->bytes);
	*next++ = rows_text(proof_name(e->proof));
	*next++ = rows_timestamp(m, e->used / 1000000000);
}

void
stats_setting(struct rows_cell *cells, const struct settings *s, size_t i)
{
	const struct settings_from *from = &s->from[i];

	cells[0] = rows_text(settings_table[i].value.name);
	cells[1] = rows_text_or_null(from->text);
	cells[2] = rows_text(from->where);
}

/*
 * stats: the toolkit's own figures as records (dbm-stats(1)): the metrics, the entries of the cache, the settings.
 */
#ifndef STATS_H
#define STATS_H

#include "collect.h"
#include "mem.h"
#include "metrics_totals.h"
#include "rows.h"
#include "settings.h"

enum {
	STATS_PAIR = 14,   /* fields of the record of a program and database */
	STATS_LATENCY = 9, /* of a program, database and outcome */
	STATS_ENTRY = 7,   /* of an entry of the cache */
	STATS_SETTING = 3,
};

extern const struct rows_column stats_pair_fields[STATS_PAIR], stats_latency_fields[STATS_LATENCY];
extern const struct rows_column stats_entry_fields[STATS_ENTRY], stats_setting_fields[STATS_SETTING];

/* Fill cells[0..STATS_PAIR) or cells[0..STATS_LATENCY), in the arena or borrowed from the pair. */
void stats_pair(struct mem *m, struct rows_cell *cells, const struct metrics_pair *pair);
void stats_latency(struct mem *m, struct rows_cell *cells, const struct metrics_pair *pair, enum metrics_outcome outcome);

/* Of an entry as it is at `now` (nanoseconds since 1970), where a server's is fresh for `ttl`. */
void stats_entry(struct mem *m, struct rows_cell *cells, const struct collect_entry *e, int64_t now, int64_t ttl);

/* Of the setting at place `i` of settings_table. */
void stats_setting(struct rows_cell *cells, const struct settings *s, size_t i);

/* The share of hits among the answers that the cache was asked for, from 0 to 1; NaN where it was never asked. */
double stats_hit_rate(const struct histogram outcomes[METRICS_OUTCOMES]);

/* What all outcomes have: of counts, not of times. */
uint64_t stats_answers(const struct histogram outcomes[METRICS_OUTCOMES]);

#endif

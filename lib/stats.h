/*
 * stats: the metrics as records (dbm-stats(1)).
 */
#ifndef STATS_H
#define STATS_H

#include "mem.h"
#include "metrics_totals.h"
#include "rows.h"

enum {
	STATS_PAIR = 14,   /* fields of the record of a program and database */
	STATS_LATENCY = 9, /* of a program, database and outcome */
};

extern const struct rows_column stats_pair_fields[STATS_PAIR], stats_latency_fields[STATS_LATENCY];

/* Fill cells[0..STATS_PAIR) or cells[0..STATS_LATENCY), in the arena or borrowed from the pair. */
void stats_pair(struct mem *m, struct rows_cell *cells, const struct metrics_pair *pair);
void stats_latency(struct mem *m, struct rows_cell *cells, const struct metrics_pair *pair, enum metrics_outcome outcome);

/* The share of hits among the answers that the cache was asked for, from 0 to 1; NaN where it was never asked. */
double stats_hit_rate(const struct histogram outcomes[METRICS_OUTCOMES]);

/* What all outcomes have: of counts, not of times. */
uint64_t stats_answers(const struct histogram outcomes[METRICS_OUTCOMES]);

#endif

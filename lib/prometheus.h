/*
 * prometheus: the metrics as text that Prometheus reads (prometheus.io, Exposition formats, text format 0.0.4).
 *
 *     dbm_answers_total{program,database,outcome}                counter
 *     dbm_events_total{program,database,event}                   counter
 *     dbm_latency_seconds{program,database,outcome}              histogram
 *
 * The histogram's bounds are powers of four, in nanoseconds: they are edges of buckets (histogram.h), so that no answer is
 * counted on the wrong side.  Histograms of several machines add up, and their quantiles may be those of the last hour, which
 * ready-made quantiles cannot give.  A pair has all its counters, also those that are 0, so that the first answer is an
 * increase; it has a histogram for the outcomes that it had.
 */
#ifndef PROMETHEUS_H
#define PROMETHEUS_H

#include "buf.h"
#include "metrics_totals.h"

void prometheus_encode(struct buf *b, const struct metrics_totals *t);

#endif

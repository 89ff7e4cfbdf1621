/*
 * stats_screen: the metrics for a person to look at: a summary, and a table below it.
 *
 * Latencies are drawn with a bar for each power of two, and all of a screen on the same scale, which the head of the column
 * tells.
 */
#ifndef STATS_SCREEN_H
#define STATS_SCREEN_H

#include "metrics_totals.h"
#include "tool.h"

/* Prints it; the table has a row for each program and database or, for `latency`, for each outcome of them, too.  There is
 * something to show. */
void stats_screen(struct tool_run *run, const struct metrics_totals *t, int latency);

#endif

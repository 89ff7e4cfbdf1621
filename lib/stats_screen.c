#include "stats_screen.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bars.h"
#include "stats.h"

enum {
	BARS = 20, /* at most */
	SUMMARY = 8,
	PAIR = 10,
	LATENCY = 9,
};

struct screen {
	struct tool_run *run;
	struct mem *m;
	struct histogram all[METRICS_OUTCOMES];
	unsigned first, octaves; /* that the bars are of */
	const char *axis;        /* what they say of it */
};

static struct rows_cell
formatted(struct mem *m, enum rows_type type, const char *format, double value)
{
	char text[40];
	int n = snprintf(text, sizeof text, format, value);

	return isnan(value) ? rows_null() : (struct rows_cell){mem_copy(m, text, (size_t)n), (size_t)n, (unsigned char)type, 0};
}

/* Three digits are enough to look at. */
static struct rows_cell
milliseconds(struct mem *m, double nanoseconds)
{
	return formatted(m, ROWS_REAL, nanoseconds < 1e9 ? "%.3g" : "%.0f", nanoseconds / 1e6);
}

static struct rows_cell
percent(struct mem *m, double share)
{
	return formatted(m, ROWS_REAL, "%.1f", 100 * share);
}

/* A time span with its unit. */
static void
put_span(struct buf *b, double nanoseconds)
{
	static const struct {
		double nanoseconds;
		const char *name;
	} units[] = {{86400e9, "d"}, {3600e9, "h"}, {60e9, "min"}, {1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}};
	size_t i = 0;

	while (i + 1 < sizeof units / sizeof *units && nanoseconds < units[i].nanoseconds)
		i++;
	buf_printf(b, "%.3g %s", nanoseconds / units[i].nanoseconds, units[i].name);
}

static const char *
taken(struct mem *m, struct buf *b)
{
	const char *text = mem_string(m, buf_string(b));

	buf_free(b);
	return text;
}

static uint64_t
in_octave(const struct histogram *h, unsigned octave)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < HISTOGRAM_PART; i++)
		n = histogram_sum(n, histogram_get(h, octave * HISTOGRAM_PART + i));
	return n;
}

/* From the shortest to the longest latency of all; where that is too much, the shortest are in the first bar. */
static void
find_scale(struct screen *s)
{
	unsigned first = HISTOGRAM_OCTAVES, end = 0;
	struct buf axis = {0};

	for (unsigned octave = 0; octave < HISTOGRAM_OCTAVES; octave++) {
		for (size_t o = 0; o < METRICS_OUTCOMES; o++) {
			if (in_octave(&s->all[o], octave) > 0) {
				first = octave < first ? octave : first;
				end = octave + 1;
			}
		}
	}
	if (end == 0) {
		s->axis = "latency";
		return;
	}
	s->first = end > first + BARS ? end - BARS : first;
	s->octaves = end - s->first;
	put_span(&axis, (double)histogram_least(s->first * HISTOGRAM_PART));
	buf_puts(&axis, " … ");
	put_span(&axis, (double)histogram_least(end * HISTOGRAM_PART));
	s->axis = taken(s->m, &axis);
}

static struct rows_cell
bars(const struct screen *s, const struct histogram *h)
{
	uint64_t counts[BARS] = {0};
	struct buf b = {0};

	for (unsigned octave = 0; octave < s->first + s->octaves; octave++) {
		uint64_t *count = &counts[octave > s->first ? octave - s->first : 0];

		*count = histogram_sum(*count, in_octave(h, octave));
	}
	bars_add(&b, counts, s->octaves);
	return rows_text(taken(s->m, &b));
}

static void
begin(const struct screen *s, const char *title, struct rows_column *columns, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *name = names[i] != NULL ? names[i] : s->axis;
		int text = names[i] == NULL || strcmp(name, "ref") == 0 || strcmp(name, "program") == 0 ||
			   strcmp(name, "outcome") == 0;

		columns[i] = (struct rows_column){name, strlen(name), text ? ROWS_TEXT : ROWS_REAL, ""};
	}
	out_begin(s->run->out, OUT_FACTS, title, columns, n);
}

/* What the hits would have taken more, had each been a miss of the same program and database. */
static double
saved(const struct metrics_totals *t)
{
	double sum = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct histogram *hit = &t->pairs[i]->outcomes[METRICS_HIT], *miss = &t->pairs[i]->outcomes[METRICS_MISS];

		if (miss->count > 0)
			sum += (double)hit->count * (double)miss->sum / (double)miss->count - (double)hit->sum;
	}
	return sum;
}

static const char *
title(const struct screen *s, const struct metrics_totals *t)
{
	double rate = stats_hit_rate(s->all), time = saved(t);
	uint64_t answers = stats_answers(s->all);
	struct buf b = {0};

	buf_printf(&b, "%" PRIu64 " answer%s", answers, answers == 1 ? "" : "s");
	if (!isnan(rate))
		buf_printf(&b, ", %.1f %% hits", 100 * rate);
	if (time > 0) {
		buf_puts(&b, ", about ");
		put_span(&b, time);
		buf_puts(&b, " saved");
	}
	return taken(s->m, &b);
}

/* p50, p95, p99 and the longest. */
static void
fill_latency(struct mem *m, struct rows_cell *cells, const struct histogram *h)
{
	cells[0] = milliseconds(m, histogram_quantile(h, 0.5));
	cells[1] = milliseconds(m, histogram_quantile(h, 0.95));
	cells[2] = milliseconds(m, histogram_quantile(h, 0.99));
	cells[3] = milliseconds(m, (double)h->greatest);
}

static void
print_summary(struct screen *s, const struct metrics_totals *t)
{
	static const char *const names[SUMMARY] = {"outcome", "answers", "%", NULL, "p50 ms", "p95 ms", "p99 ms", "max ms"};
	double answers = (double)stats_answers(s->all);
	struct rows_column columns[SUMMARY];
	struct rows_cell cells[SUMMARY];

	begin(s, title(s, t), columns, names, SUMMARY);
	for (size_t o = 0; o < METRICS_OUTCOMES; o++) {
		const struct histogram *h = &s->all[o];

		if (h->count == 0)
			continue;
		cells[0] = rows_text(metrics_outcomes[o]);
		cells[1] = rows_integer(s->m, h->count);
		cells[2] = percent(s->m, (double)h->count / answers);
		cells[3] = bars(s, h);
		fill_latency(s->m, cells + 4, h);
		out_row(s->run->out, cells, SUMMARY);
	}
	tool_end(s->run, NULL);
}

static void
print_pairs(struct screen *s, const struct metrics_totals *t)
{
	static const char *const names[PAIR] = {
	    "ref", "program", "answers", "hits %", NULL, "hit p50 ms", "miss p50 ms", "p99 ms", "stored", "failed"};
	struct rows_column columns[PAIR];
	struct rows_cell cells[PAIR];

	begin(s, NULL, columns, names, PAIR);
	for (size_t i = 0; i < t->n; i++) {
		const struct metrics_pair *pair = t->pairs[i];
		struct histogram whole = {0};

		for (size_t o = 0; o < METRICS_OUTCOMES; o++)
			histogram_merge(s->m, &whole, &pair->outcomes[o]);
		cells[0] = rows_text(pair->database);
		cells[1] = rows_text(pair->program);
		cells[2] = rows_integer(s->m, whole.count);
		cells[3] = percent(s->m, stats_hit_rate(pair->outcomes));
		cells[4] = bars(s, &whole);
		cells[5] = milliseconds(s->m, histogram_quantile(&pair->outcomes[METRICS_HIT], 0.5));
		cells[6] = milliseconds(s->m, histogram_quantile(&pair->outcomes[METRICS_MISS], 0.5));
		cells[7] = milliseconds(s->m, histogram_quantile(&whole, 0.99));
		cells[8] = rows_integer(s->m, metrics_totals_event(pair, METRICS_STORED));
		cells[9] = rows_integer(s->m, metrics_totals_event(pair, METRICS_FAILED));
		out_row(s->run->out, cells, PAIR);
	}
	tool_end(s->run, NULL);
}

static void
print_latencies(struct screen *s, const struct metrics_totals *t)
{
	static const char *const names[LATENCY] = {
	    "ref", "program", "outcome", "answers", NULL, "p50 ms", "p95 ms", "p99 ms", "max ms"};
	struct rows_column columns[LATENCY];
	struct rows_cell cells[LATENCY];

	begin(s, NULL, columns, names, LATENCY);
	for (size_t i = 0; i < t->n * METRICS_OUTCOMES; i++) {
		const struct metrics_pair *pair = t->pairs[i / METRICS_OUTCOMES];
		const struct histogram *h = &pair->outcomes[i % METRICS_OUTCOMES];

		if (h->count == 0)
			continue;
		cells[0] = rows_text(pair->database);
		cells[1] = rows_text(pair->program);
		cells[2] = rows_text(metrics_outcomes[i % METRICS_OUTCOMES]);
		cells[3] = rows_integer(s->m, h->count);
		cells[4] = bars(s, h);
		fill_latency(s->m, cells + 5, h);
		out_row(s->run->out, cells, LATENCY);
	}
	tool_end(s->run, NULL);
}

void
stats_screen(struct tool_run *run, const struct metrics_totals *t, int latency)
{
	struct screen s = {.run = run, .m = &run->mem};

	for (size_t i = 0; i < t->n; i++) {
		for (size_t o = 0; o < METRICS_OUTCOMES; o++)
			histogram_merge(s.m, &s.all[o], &t->pairs[i]->outcomes[o]);
	}
	find_scale(&s);
	print_summary(&s, t);
	if (latency)
		print_latencies(&s, t);
	else
		print_pairs(&s, t);
}

/* dbm-stats: how the answers of dbm's programs came about, and how long they took. */

#include <string.h>

#include "collect.h"
#include "file_at.h"
#include "metrics.h"
#include "prometheus.h"
#include "stamp.h"
#include "stats.h"
#include "stats_screen.h"
#include "tool.h"

struct flags {
	int latency, zero, entries, config;
	const char *output;
};

static struct flags flags;

static const struct opt own_flags[] = {
    {0, "latency", OPT_FLAG, NULL, "how long answers took, by how they came about", offsetof(struct flags, latency), 1, 0, 0,
	NULL},
    {0, "entries", OPT_FLAG, NULL, "what is kept in the cache", offsetof(struct flags, entries), 1, 0, 0, NULL},
    {0, "config", OPT_FLAG, NULL, "the settings, and where each comes from", offsetof(struct flags, config), 1, 0, 0, NULL},
    {0, "zero", OPT_FLAG, NULL, "count from zero", offsetof(struct flags, zero), 1, 0, 0, NULL},
    {'o', "output", OPT_TEXT, "FILE", "with -f prom: write to FILE, whole or not at all", offsetof(struct flags, output), 1, 0,
	0, NULL},
};

/* The formats that all have, and one more. */
enum { PROMETHEUS = OUT_FORMATS };

static const char *const formats[] = {"tsv", "csv", "json", "table", "md", "prom", NULL};
static const struct opt format_flag = {'f', "format", OPT_CHOICE, "FORMAT", "tsv, csv, json, table, md or prom",
    offsetof(struct tool_settings, format), 0, 0, 0, formats};

static int
print_prometheus(struct tool_run *run, const struct metrics_totals *t)
{
	struct buf text = {0};
	struct fail f;
	int status = TOOL_DONE;

	prometheus_encode(&text, t);
	if (flags.output == NULL) {
		text.len--; /* the last newline comes with the line */
		out_line(run->out, buf_string(&text));
	} else {
		const struct iovec part = {text.bytes, text.len};

		if (file_at_publish(flags.output, &part, 1, &f) < 0) {
			tool_complain(run, flags.output, f.text);
			status = TOOL_NONE;
		}
	}
	buf_free(&text);
	return status;
}

static void
print_pairs(struct tool_run *run, const struct metrics_totals *t)
{
	struct rows_cell cells[STATS_PAIR];

	out_begin(run->out, OUT_FACTS, NULL, stats_pair_fields, STATS_PAIR);
	for (size_t i = 0; i < t->n; i++) {
		stats_pair(&run->mem, cells, t->pairs[i]);
		out_row(run->out, cells, STATS_PAIR);
	}
	tool_end(run, NULL);
}

static void
print_latencies(struct tool_run *run, const struct metrics_totals *t)
{
	struct rows_cell cells[STATS_LATENCY];

	out_begin(run->out, OUT_FACTS, NULL, stats_latency_fields, STATS_LATENCY);
	for (size_t i = 0; i < t->n; i++) {
		for (int o = 0; o < METRICS_OUTCOMES; o++) {
			if (t->pairs[i]->outcomes[o].count == 0)
				continue;
			stats_latency(&run->mem, cells, t->pairs[i], (enum metrics_outcome)o);
			out_row(run->out, cells, STATS_LATENCY);
		}
	}
	tool_end(run, NULL);
}

struct listing {
	struct tool_run *run;
	int64_t now;
	size_t printed;
};

static int
print_entry(void *arg, const struct collect_entry *e)
{
	struct listing *l = arg;
	struct rows_cell cells[STATS_ENTRY];
	struct mem m = {0};
	int full;

	if (!e->live)
		return 0;
	stats_entry(&m, cells, e, l->now, l->run->settings.ttl);
	full = out_row(l->run->out, cells, STATS_ENTRY) < 0;
	l->printed++;
	mem_free(&m);
	return full;
}

static int
print_entries(struct tool_run *run)
{
	struct listing l = {.run = run, .now = stamp_now()};
	struct cache cache = {0};
	struct fail f;
	int looked;

	out_begin(run->out, OUT_FACTS, NULL, stats_entry_fields, STATS_ENTRY);
	looked = collect_each(&cache, NULL, NULL, print_entry, &l, &f);
	tool_end(run, NULL);
	cache_close(&cache);
	if (looked < 0)
		tool_complain(run, NULL, f.text);
	return looked >= 0 ? TOOL_DONE : l.printed > 0 ? TOOL_SOME : TOOL_NONE;
}

static int
print_settings(struct tool_run *run)
{
	struct rows_cell cells[STATS_SETTING];

	out_begin(run->out, OUT_FACTS, NULL, stats_setting_fields, STATS_SETTING);
	for (size_t i = 0; i < SETTINGS; i++) {
		stats_setting(cells, &run->config, i);
		out_row(run->out, cells, STATS_SETTING);
	}
	tool_end(run, NULL);
	return TOOL_DONE;
}

static int
print(struct tool_run *run, const struct metrics_totals *t)
{
	if ((int)run->format == PROMETHEUS)
		return print_prometheus(run, t);
	if (run->format != OUT_TABLE && run->format != OUT_MD)
		(flags.latency ? print_latencies : print_pairs)(run, t);
	else if (t->n > 0)
		stats_screen(run, t, flags.latency);
	else if (!run->settings.quiet)
		tool_complain(run, NULL, "nothing has been counted yet");
	return TOOL_DONE;
}

static int
run_stats(struct tool_run *run)
{
	struct metrics_totals t = {0};
	struct fail f;

	if (run->noperands > 0) {
		fail_set(&f, "no operand is wanted, and '%s' is one", run->operands[0]);
		return tool_misuse(run, f.text);
	}
	if (flags.output != NULL && (int)run->format != PROMETHEUS)
		return tool_misuse(run, "--output is for -f prom");
	if ((flags.entries || flags.config) && (int)run->format == PROMETHEUS)
		return tool_misuse(run, "-f prom is for what was counted");
	if (flags.entries || flags.config)
		return flags.entries ? print_entries(run) : print_settings(run);
	if (flags.zero ? metrics_zero(&f) < 0 : metrics_read(&run->mem, &t, &f) < 0) {
		tool_complain(run, NULL, f.text);
		return TOOL_NONE;
	}
	return flags.zero ? TOOL_DONE : print(run, &t);
}

int
main(int argc, char *argv[])
{
	static const struct opt_table table = {own_flags, sizeof own_flags / sizeof *own_flags, &flags};
	static const struct tool tool = {
	    .name = "dbm-stats",
	    .synopsis = "[--latency | --entries | --config | --zero] [-f FORMAT] | -f prom [-o FILE]",
	    .summary = "Shows how the answers of dbm's programs came about: from the cache or not, and how long they took.",
	    .flags = &table,
	    .nflags = 1,
	    .format = &format_flag,
	    .kind = OUT_FACTS,
	    .method = "counted",
	    .run = run_stats,
	};

	return tool_main(&tool, argc, argv);
}

/* dbm-warm: answers made sure of before somebody asks. */

#include <time.h>

#include "chance.h"
#include "crew.h"
#include "csvflags.h"
#include "operands.h"
#include "tool.h"
#include "trace.h"
#include "usual.h"
#include "warmups.h"

struct flags {
	const char *kinds;
	int64_t expiring, budget, jitter;
	uint64_t processes;
};

static struct flags flags = {.kinds = "list,preview,count", .processes = 1};
static struct csvflags csv;

static const struct opt own_flags[] = {
    {0, "for", OPT_TEXT, "KINDS", "what of: list, preview, count, profile, schema (list,preview,count)",
	offsetof(struct flags, kinds), 0, 0, 0, NULL},
    {0, "expiring", OPT_DURATION, "TIME", "also what of servers expires within TIME", offsetof(struct flags, expiring), 0, 0, 0,
	NULL},
    {'P', "processes", OPT_NUMBER, "N", "how many work in parallel (1)", offsetof(struct flags, processes), 0, 1, CREW_MOST,
	NULL},
    {0, "budget", OPT_DURATION, "TIME", "begin nothing new after TIME", offsetof(struct flags, budget), 0, 0, 0, NULL},
    {0, "jitter", OPT_DURATION, "TIME", "wait a random part of TIME first", offsetof(struct flags, jitter), 0, 0, 0, NULL},
};

static const struct rows_column record[] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"warmed", 6, ROWS_INTEGER, ""},
    {"fresh", 5, ROWS_INTEGER, ""},
    {"not_kept", 8, ROWS_INTEGER, ""},
    {"failed", 6, ROWS_INTEGER, ""},
    {"skipped", 7, ROWS_INTEGER, ""},
    {"ms", 2, ROWS_INTEGER, ""},
};

enum { FIELDS = sizeof record / sizeof *record };

struct warmer {
	struct tool_run *run;
	struct warmups all;
	size_t done, failed, left; /* references of which something was kept, failed, was not done */
};

static enum operands_result
collect(void *arg, const char *text, int raw, struct fail *f)
{
	struct warmer *w = arg;

	(void)f;
	warmups_add(&w->all, text, raw);
	return OPERANDS_DONE;
}

static void
print(void *arg, const struct warmup_reference *r)
{
	struct warmer *w = arg;
	const struct warmup_tally *t = &r->tally;
	struct mem m = {0};
	const struct rows_cell cells[FIELDS] = {
	    rows_text(r->ref),
	    rows_integer(&m, t->warmed),
	    rows_integer(&m, t->fresh),
	    rows_integer(&m, t->not_kept),
	    rows_integer(&m, t->failed),
	    rows_integer(&m, t->skipped),
	    rows_integer(&m, (uint64_t)t->time / 1000000),
	};

	out_row(w->run->out, cells, FIELDS);
	w->done += t->warmed + t->fresh + t->not_kept > 0;
	w->failed += t->failed > 0;
	w->left += t->skipped > 0;
	mem_free(&m);
}

/* Where many machines begin at the same minute. */
static void
wait_at_random(void)
{
	uint64_t state = chance_seed();
	int64_t t = flags.jitter > 0 ? (int64_t)chance_below(&state, (uint64_t)flags.jitter) : 0;

	if (t == 0)
		return;
	trace_event("jitter ms=%lld", (long long)t / 1000000);
	nanosleep(&(struct timespec){.tv_sec = t / 1000000000, .tv_nsec = t % 1000000000}, NULL);
}

static void
do_all(struct warmer *w)
{
	struct fail f;

	if (warmups_run(&w->all, &f) < 0)
		tool_complain(w->run, NULL, f.text);
	if (w->left > 0) {
		fail_set(
		    &f, "the time is up (--budget): %zu of %zu references are not done, or not all of them", w->left, w->all.n);
		tool_complain(w->run, NULL, f.text);
	}
}

static int
warm(struct warmer *w, struct operands *o)
{
	int status;

	wait_at_random();
	/* The clocks run from here. */
	watch_start(&w->run->watch, w->run->settings.timeout, w->run->watch.progress);
	w->all.each.until = flags.budget > 0 ? watch_now() + flags.budget : 0;
	status = operands_each(o);
	if (status == TOOL_MISUSE)
		return status;
	do_all(w);
	if (status == TOOL_DONE && w->failed == 0 && w->left == 0)
		return TOOL_DONE;
	return w->done > 0 || w->left > 0 ? TOOL_SOME : TOOL_NONE;
}

/* Without a cache there is nothing to warm. */
static int
refuse(struct tool_run *run)
{
	struct cache c = {0};
	struct fail why, f;
	int usable = cache_usable(&c, &why) == 0;

	if (!usable) {
		fail_set(&f, "there is no place for the cache: %.400s", why.text);
		tool_complain(run, NULL, f.text);
	}
	cache_close(&c);
	return !usable;
}

static int
run_warm(struct tool_run *run)
{
	struct warmer w = {.run = run, .all = {.run = run, .processes = (unsigned)flags.processes, .done = print}};
	struct operands o = {.run = run, .standard_input = 1, .take = collect, .arg = &w};
	struct fail f;
	int status;

	w.all.arg = &w;
	w.all.each.expiring = flags.expiring;
	if (csvflags_options(&csv, &w.all.each.reader, &f) < 0)
		return tool_misuse(run, f.text);
	if (usual_kinds(flags.kinds, &w.all.each.kinds, &f) < 0) {
		fail_wrap(&f, "--for");
		return tool_misuse(run, f.text);
	}
	if (run->settings.no_cache || run->settings.cached)
		return tool_misuse(run, "--no-cache and --cached leave nothing to warm");
	if (refuse(run))
		return TOOL_NONE;
	out_begin(run->out, OUT_FACTS, NULL, record, FIELDS);
	status = warm(&w, &o);
	tool_end(run, NULL);
	warmups_free(&w.all);
	return status;
}

int
main(int argc, char *argv[])
{
	static struct opt_table tables[] = {
	    {own_flags, sizeof own_flags / sizeof *own_flags, &flags}, {csvflags_table, 0, &csv}};
	static const struct tool tool = {
	    .name = "dbm-warm",
	    .synopsis = "[--for KINDS] [--expiring TIME] [-P N] [--budget TIME] [--jitter TIME] [-f FORMAT] [TABLE ...]",
	    .summary = "Makes sure of answers before somebody asks: of those that are not kept, or soon expire.",
	    .flags = tables,
	    .nflags = 2,
	    .kind = OUT_FACTS,
	    .method = "exact",
	    .run = run_warm,
	};

	tables[1].n = csvflags_count;
	return tool_main(&tool, argc, argv);
}

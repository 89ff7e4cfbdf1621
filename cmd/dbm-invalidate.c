/* dbm-invalidate: forgets what is kept of databases and tables, and collects. */

#include <string.h>

#include "collect.h"
#include "forget.h"
#include "operands.h"
#include "ref.h"
#include "scope.h"
#include "stamp.h"
#include "tool.h"

struct flags {
	const char *kind;
	int64_t older_than; /* nanoseconds */
	uint64_t max_size;
	int all, gc, dry, verbose;
};

/* What no --older-than and no --max-size are. */
static const int64_t NEVER = -1;
static const uint64_t UNSET = UINT64_MAX;

static struct flags flags;

static const struct opt own_flags[] = {
    {'k', "kind", OPT_TEXT, "KINDS", "only list, schema, preview, count, profile, rowindex", offsetof(struct flags, kind), 0, 0,
	0, NULL},
    {0, "older-than", OPT_DURATION, "TIME", "only what was read longer ago", offsetof(struct flags, older_than), 1, 0, 0, NULL},
    {0, "all", OPT_FLAG, NULL, "everything", offsetof(struct flags, all), 1, 0, 0, NULL},
    {0, "gc", OPT_FLAG, NULL, "take away what was forgotten, was left over, or is too much", offsetof(struct flags, gc), 0, 0,
	0, NULL},
    {0, "max-size", OPT_SIZE, "SIZE", "how much --gc leaves, such as 500M (cache-limit)", offsetof(struct flags, max_size), 0,
	0, 0, NULL},
    {'n', "dry-run", OPT_FLAG, NULL, "print what would go, and change nothing", offsetof(struct flags, dry), 0, 0, 0, NULL},
    {'v', "verbose", OPT_FLAG, NULL, "print what goes", offsetof(struct flags, verbose), 0, 0, 0, NULL},
};

enum { FIELDS = 4 };

static const struct rows_column record[FIELDS] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"bytes", 5, ROWS_INTEGER, ""},
    {"read", 4, ROWS_TIMESTAMP, ""},
};

struct work {
	struct tool_run *run;
	struct cache cache;
	struct forget forget;
	int full; /* stdout takes nothing more */
};

static void
tell(void *arg, const struct collect_entry *e)
{
	struct work *w = arg;
	struct mem m = {0};
	const struct rows_cell cells[FIELDS] = {
	    rows_text(e->ref),
	    rows_text(e->kind),
	    rows_integer(&m, e->bytes),
	    rows_timestamp(&m, e->read_at / 1000000000),
	};

	w->full |= out_row(w->run->out, cells, FIELDS) < 0;
	mem_free(&m);
}

/* What is too old has been told, and in a dry run is still there. */
static void
tell_collected(void *arg, const struct collect_entry *e)
{
	struct work *w = arg;

	if (!w->forget.by_age || !e->live || !forget_means(&w->forget, e))
		tell(w, e);
}

static int
forget(struct work *w, const char *database, const char *table, struct fail *f)
{
	return forget_run(&w->forget, database, table, f) < 0 ? fail_wrap(f, "the cache") : 0;
}

static enum operands_result
forget_reference(void *arg, const char *text, int raw, struct fail *f)
{
	struct subject subjects[SCOPE_MOST];
	struct work *w = arg;
	struct mem m = {0};
	struct ref ref;
	int n = ref_parse(&m, text, raw, &ref, f) < 0 ? -1 : scope_of(&m, &ref, subjects, f), done = n < 0 ? -1 : 0;

	for (int i = 0; i < n && done == 0; i++)
		done = forget(w, subjects[i].database, subjects[i].table, f);
	mem_free(&m);
	return done < 0 ? OPERANDS_FAILED : w->full ? OPERANDS_STOP : OPERANDS_DONE;
}

/* What --all forgets has been told. */
static int
collect(struct work *w, struct fail *f)
{
	struct collect k = {.cache = &w->cache,
	    .limit = flags.max_size != UNSET ? flags.max_size : w->run->settings.cache_limit,
	    .thorough = 1,
	    .dry = flags.dry,
	    .gone = w->forget.gone != NULL && !flags.all ? tell_collected : NULL,
	    .arg = w};

	return collect_run(&k, f) < 0 ? fail_wrap(f, "the cache") : 0;
}

/* -1 and a sentence for flags that do not go together. */
static int
read_flags(struct work *w, struct fail *f)
{
	static const char *const kinds[] = {"list", "schema", "preview", "count", "profile", "rowindex"};
	struct tool_run *run = w->run;
	struct forget *o = &w->forget;

	*o = (struct forget){.cache = &w->cache,
	    .by_age = flags.older_than != NEVER,
	    .before = stamp_now() - flags.older_than,
	    .dry = flags.dry,
	    .gone = flags.verbose || flags.dry ? tell : NULL,
	    .arg = w};
	if ((flags.all || flags.gc) && run->noperands > 0)
		return fail_set(f, "--all and --gc take no references");
	if (flags.max_size != UNSET && !flags.gc)
		return fail_set(f, "--max-size is for --gc");
	if (flags.kind == NULL)
		return 0;
	if (flags.gc && !flags.all && !o->by_age)
		return fail_set(f, "--gc knows no kinds");
	o->kinds = ref_names(&run->mem, flags.kind, &o->nkinds);
	for (size_t i = 0, k; i < o->nkinds; i++) {
		for (k = 0; k < sizeof kinds / sizeof *kinds && strcmp(o->kinds[i], kinds[k]) != 0; k++)
			continue;
		if (k == sizeof kinds / sizeof *kinds)
			return fail_set(
			    f, "--kind: not '%.100s' but list, schema, preview, count, profile or rowindex", o->kinds[i]);
	}
	return 0;
}

static int
run_invalidate(struct tool_run *run)
{
	struct work w = {.run = run};
	struct operands o = {.run = run, .take = forget_reference, .arg = &w};
	int status, done = 0, whole;
	struct fail f;

	if (read_flags(&w, &f) < 0)
		return tool_misuse(run, f.text);
	whole = flags.all || (w.forget.by_age && run->noperands == 0);
	o.standard_input = !whole && !flags.gc;
	if (w.forget.gone != NULL)
		out_begin(run->out, OUT_FACTS, NULL, record, FIELDS);
	status = operands_each(&o);
	if (whole)
		done = forget(&w, NULL, NULL, &f);
	if (done == 0 && (flags.gc || flags.all) && !(flags.all && flags.dry))
		done = collect(&w, &f);
	if (done < 0) {
		tool_complain(run, NULL, f.text);
		status = TOOL_NONE;
	}
	if (w.forget.gone != NULL)
		tool_end(run, NULL);
	cache_close(&w.cache);
	return status;
}

int
main(int argc, char *argv[])
{
	static const struct opt_table own[] = {{own_flags, sizeof own_flags / sizeof *own_flags, &flags}};
	static const struct tool tool = {
	    .name = "dbm-invalidate",
	    .synopsis = "[-nv] [-k KINDS] [--older-than TIME | --all] [--gc [--max-size SIZE]] [-f FORMAT] [REFERENCE ...]",
	    .summary = "Forgets what is kept of databases and tables, at once and for good.",
	    .flags = own,
	    .nflags = 1,
	    .kind = OUT_FACTS,
	    .method = "cache",
	    .run = run_invalidate,
	};

	flags.older_than = NEVER;
	flags.max_size = UNSET;
	return tool_main(&tool, argc, argv);
}

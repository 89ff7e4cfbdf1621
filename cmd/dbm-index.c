/* dbm-index: the indexes of databases: lists and checks them, plans and makes them, and tells who uses them. */

#include "index_apply.h"
#include "index_check.h"
#include "index_explain.h"
#include "index_file.h"
#include "index_list.h"
#include "index_plan.h"
#include "tool.h"

static struct index_flags flags = {.analyze = INDEX_ANALYZE_AUTO, .wait = 600000000000, .lock_timeout = 1000000000};

static const char *const analyze_names[] = {"auto", "never", "always", NULL};

#define AT(field) offsetof(struct index_flags, field)

static const struct opt own_flags[] = {
    {0, "check", OPT_MAYBE, "KINDS", "findings: fk, dup, unused, invalid, unusable", AT(check), 1, 0, 0, NULL},
    {0, "want", OPT_TEXT, "FILE", "the indexes that there should be", AT(want), 0, 0, 0, NULL},
    {0, "plan", OPT_FLAG, NULL, "what would be changed: of --want, or findings piped in", AT(plan), 1, 0, 0, NULL},
    {0, "apply", OPT_TEXT, "FILE", "changes what a plan says; - is standard input", AT(apply), 1, 0, 0, NULL},
    {0, "dry-run", OPT_FLAG, NULL, "only says what it would do", AT(dry_run), 0, 0, 0, NULL},
    {0, "wait", OPT_DURATION, "TIME", "for whoever is in the way of a change (10m)", AT(wait), 0, 0, 0, NULL},
    {0, "lock-timeout", OPT_DURATION, "TIME", "for a lock behind which others wait (1s)", AT(lock_timeout), 0, 0, 0, NULL},
    {0, "analyze", OPT_CHOICE, "WHEN", "statistics behind a change (auto)", AT(analyze), 0, 0, 0, analyze_names},
    {0, "explain", OPT_TEXT, "SQL", "which indexes a query would use; - reads queries", AT(explain), 1, 0, 0, NULL},
    {0, "baseline", OPT_TEXT, "FILE", "findings that have been accepted", AT(baseline), 0, 0, 0, NULL},
    {0, "also", OPT_TEXT, "REF", "a replica, whose scans count too", AT(also), 0, 0, 0, NULL},
    {0, "wal", OPT_FLAG, NULL, "SQLite: switches to write-ahead logging", AT(wal), 1, 0, 0, NULL},
    {0, "build", OPT_FLAG, NULL, "CSV: makes the index of its rows now", AT(build), 1, 0, 0, NULL},
};

/* What was said beside a mode that does not look at it: whoever takes it for obeyed would be wrong. */
static const char *
odd_call(void)
{
	int checks = !flags.plan && flags.apply == NULL && flags.explain == NULL && (flags.check != NULL || flags.want != NULL);

	if (flags.dry_run && flags.apply == NULL && !flags.wal && !flags.build)
		return "--dry-run goes with --apply FILE; --plan changes nothing";
	if (flags.want != NULL && flags.apply != NULL)
		return "--want goes with --plan, which writes what --apply carries out";
	if (flags.baseline != NULL && !checks)
		return "--baseline goes with --check, or with --want alone";
	return flags.also != NULL && flags.check == NULL ? "--also goes with --check" : NULL;
}

static int
run_index(struct tool_run *run)
{
	const char *odd = odd_call();

	if (odd != NULL)
		return tool_misuse(run, odd);
	if (flags.plan)
		return index_plan(run, &flags);
	if (flags.apply != NULL)
		return index_apply(run, &flags);
	if (flags.explain != NULL)
		return index_explain(run, &flags);
	if (flags.wal)
		return index_file_wal(run, &flags);
	if (flags.build)
		return index_file_build(run, &flags);
	return flags.check != NULL || flags.want != NULL ? index_check(run, &flags) : index_list(run, &flags);
}

int
main(int argc, char *argv[])
{
	static const struct opt_table own[] = {{own_flags, sizeof own_flags / sizeof *own_flags, &flags}};
	static const struct tool tool = {
	    .name = "dbm-index",
	    .synopsis =
		"[--check[=KINDS] | --plan | --apply FILE | --explain SQL | --wal | --build] [--want FILE] [DATABASE ...]",
	    .summary = "Lists, checks, plans and makes indexes, and tells which ones queries use.",
	    .flags = own,
	    .nflags = 1,
	    .kind = OUT_FACTS,
	    .method = "catalog",
	    .asks = 1,
	    .run = run_index,
	};

	return tool_main(&tool, argc, argv);
}

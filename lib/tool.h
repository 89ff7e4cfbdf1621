/*
 * tool: what every program is: `main`, the flags that all share, complaints, the end of stdout.
 *
 * A program is a `struct tool`: its name, its flags, its run().  Its main() is `return tool_main(&tool, argc, argv);`.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "mem.h"
#include "opt.h"
#include "out.h"
#include "rows.h"
#include "settings.h"
#include "watch.h"

/* Exit statuses (dbm.7). */
enum { TOOL_DONE = 0, TOOL_NO = 1, TOOL_MISUSE = 2, TOOL_SOME = 3, TOOL_NONE = 4 };

enum { TOOL_PARALLEL = 8 }; /* as many databases as are asked at a time, at most */

/* The flags that all programs share, and the settings (settings.h), wherever they come from. */
struct tool_settings {
	int format; /* enum out_format + 1; 0: the default */
	int header, quiet, nul;
	int64_t timeout; /* nanoseconds */
	const char *trace;
	/* Of the cache (answer.h), for all that read. */
	int refresh, no_cache, cached, strict, background;
	int64_t ttl, swr, sie; /* nanoseconds */
	int metrics;
	uint64_t cache_limit; /* bytes */
	uint64_t parallel;    /* databases that are asked at a time; 0: as many as there may be */
	int help, version, describe;
};

struct tool;

/* One run of a program. */
struct tool_run {
	const struct tool *tool;
	struct mem mem;
	struct tool_settings settings;
	struct settings config; /* where the settings come from; not for --help and the like */
	struct watch watch;
	struct out *out;        /* its stdout, in the format asked for; tool_main() closes it */
	enum out_format format; /* from OUT_FORMATS on: one of the program's own, which it writes by out_line() */
	const char **operands;
	size_t noperands;
	void (*behind)(void *arg); /* set by run(): what is left to do once the output is written; NULL: nothing */
	void *behind_arg;
};

struct tool {
	const char *name, *synopsis, *summary; /* synopsis: what stands behind the name */
	const struct opt_table *flags;         /* its own */
	size_t nflags;                         /* how many tables of them */
	const struct opt *format;              /* its -f, where it has formats behind the shared ones; or NULL */
	enum out_kind kind;                    /* what it prints: csv is the default for data, tsv for facts */
	const char *method;                    /* how it knows, for JSON facts that have no such column */
	const int *ref;                        /* its --ref, or NULL */
	int asks;                              /* it asks databases: has -P */
	const int *facts;                      /* set where it prints facts this time, or NULL */
	int (*run)(struct tool_run *run);      /* returns the exit status */
};

int tool_main(const struct tool *tool, int argc, char *const argv[]);

/* "dbm-list: ref: sentence" on stderr; `ref` may be NULL.  Control characters are shown, not sent. */
void tool_complain(const struct tool_run *run, const char *ref, const char *sentence);

/* Shows how far it is: the same line in one place, on a terminal alone, and not with --quiet. */
void tool_progress(const struct tool_run *run, const char *ref, const char *sentence);

/* Complains about a wrong call, with where to look; TOOL_MISUSE. */
int tool_misuse(const struct tool_run *run, const char *sentence);

/* Ends a stream of the output, and says what of it did not fit the terminal.  -1 where no more can be written. */
int tool_end(const struct tool_run *run, const char *ref);

/* Says a stream's notes, each with `ref` in front; those that are no faults only if not --quiet. */
void tool_notes(const struct tool_run *run, const char *ref, const struct rows *rows);

#endif

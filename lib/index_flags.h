/*
 * index_flags: what dbm-index was asked to do, and what files of its modes begin with.
 */
#ifndef INDEX_FLAGS_H
#define INDEX_FLAGS_H

#include <stdint.h>

/* When statistics are gathered behind a change. */
enum index_analyze { INDEX_ANALYZE_AUTO = 1, INDEX_ANALYZE_NEVER, INDEX_ANALYZE_ALWAYS };

struct index_flags {
	const char *check;   /* a list of kinds, "": all; NULL: not asked */
	const char *want;    /* a file (want.h) */
	const char *apply;   /* a file of plan records (plan.h); "-": standard input */
	const char *explain; /* SQL; "-": standard input has statements */
	const char *baseline, *also;
	int plan, wal, build, dry_run;
	int analyze;                /* enum index_analyze */
	int64_t wait, lock_timeout; /* nanoseconds */
};

#endif

/*
 * index_baseline: findings that somebody has accepted, so that a check fails for new ones only.
 *
 * A line for each (dbm-index.1, BASELINE), with tabs between the three fields:
 *
 *     FINGERPRINT    until YYYY-MM-DD | -    REASON
 *
 * Empty lines and those that begin with # mean nothing.  A finding is accepted up to the end of that day in UTC, or for good.
 */
#ifndef INDEX_BASELINE_H
#define INDEX_BASELINE_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "finding.h"
#include "mem.h"
#include "watch.h"

struct index_baseline_line {
	char fingerprint[FINDING_PRINT];
	char until[11];     /* "2026-11-22"; "": for good */
	const char *reason; /* may be empty */
	size_t line;        /* of the file, from 1 */
	int expired;        /* it is later than that */
	int met;            /* there was such a finding */
};

struct index_baseline {
	struct index_baseline_line *list;
	size_t n;
	size_t accepted; /* findings so far */
};

/* Reads a file, in the arena.  `now`: seconds since 1970.  -1 "FILE:3: …" at the first line that is none. */
int index_baseline_read(
    struct index_baseline *b, struct mem *m, const char *path, int64_t now, struct watch *w, struct fail *f);

/* True where the finding is accepted, which is counted. */
int index_baseline_accepts(struct index_baseline *b, const struct finding *f);

#endif

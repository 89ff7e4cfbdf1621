/*
 * index_unused: indexes that no query has used for long.
 *
 * An index may be unused that only finds rows (index_redundant.h), covers no foreign key of its table (the look for rows that
 * refer to a deleted one may be rare, and is slow without), is valid, and has not been scanned, here or on any replica that was
 * asked, since all their counters began.  How long that is known is told by the counters' beginning and by what was seen before
 * (index_scans.h).  Of a partitioned index drivers give the scans of all its parts; the parts are not judged.
 *
 * Verdicts:
 *
 *     unused       for 30 days or more; a warning
 *     partitioned  the same, of an index of a partitioned table; a notice, because to drop one keeps everybody out
 *     too-early    for less: a notice
 *
 * When an index was made no server tells (index_scans.h): of one that nobody had looked at before, the reason says that.
 *
 * Where nothing counts, as in SQLite, nothing is found.
 */
#ifndef INDEX_UNUSED_H
#define INDEX_UNUSED_H

#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "finding.h"
#include "index_scans.h"

struct index_counters {
	int64_t now;                    /* seconds since 1970 */
	const struct index_scans *seen; /* before; NULL: nothing */
	const struct catalog *replicas; /* whose indexes of the same names count too */
	size_t nreplicas;
};

/* By findings.counters. */
void index_unused(const struct catalog *c, struct findings *all);

/* True of a finding that is too early to say.  Of a server whose counters began lately each index may be one. */
int index_unused_is_early(const struct finding *f);

/* Makes of the first of several such findings, `n`, one that says how many they are, without their names; of `table`, or NULL:
 * of the database.  Its fingerprint is the same whatever their number is. */
void index_unused_sum(struct mem *m, struct finding *f, const char *table, size_t n);

#endif

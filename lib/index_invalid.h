/*
 * index_invalid: indexes that were not finished and that nobody is making now: they cost every write and find nothing.
 *
 * Verdicts, all errors:
 *
 *     invalid      to be made anew
 *     leftover     a whole index does the same, or PostgreSQL made it for a REINDEX CONCURRENTLY that failed (its name ends in
 *                  _ccnew or _ccold, and perhaps a number): to be removed
 *     incomplete   it is of a partitioned table, and partitions have no part of it; how to make these is not said
 */
#ifndef INDEX_INVALID_H
#define INDEX_INVALID_H

#include "catalog.h"
#include "finding.h"

void index_invalid(const struct catalog *c, struct findings *all);

#endif

/*
 * pg_drop: an index is dropped (DRIVER_DROP_INDEX), and a table analyzed (DRIVER_ANALYZE).
 *
 * What backs a constraint, identifies rows for replication or is a part of a partitioned index is not dropped.  Whoever has
 * the table open is waited for before, since a DROP INDEX CONCURRENTLY that is given up half way leaves an index that is not
 * valid; the next time drops it.  That of a partitioned table can only be dropped at once: for a moment, and with a short
 * lock_timeout.
 */
#ifndef PG_DROP_H
#define PG_DROP_H

#include "pg_change.h"

/* The first steps. */
int pg_drop(struct pg_change *c, struct fail *f);
int pg_analyze(struct pg_change *c, struct fail *f);

#endif

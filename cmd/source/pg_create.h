/*
 * pg_create: an index is made (DRIVER_CREATE_INDEX).
 *
 * Columns are looked up first, and transactions that are in the way are waited for before anything is made, not behind: so
 * that somebody who keeps one open for hours leaves nothing half made.  An index of the name that nobody finished and nobody
 * makes is removed; a finished one is left where it is what was asked for, which the server is asked: it makes the same on
 * an empty temporary table and takes it back.  Then CREATE INDEX CONCURRENTLY, which keeps no writer waiting; and where that
 * fails, what it has made is dropped.
 *
 * Of a partitioned table the index is made on the table alone (a matter of a moment, which is tried again with a short
 * lock_timeout), then concurrently on each partition, called TABLE_NAME there, and attached.  What was finished of it
 * stays, whatever happens behind: the next time goes on from there.
 */
#ifndef PG_CREATE_H
#define PG_CREATE_H

#include "pg_change.h"

/* The first step. */
int pg_create(struct pg_change *c, struct fail *f);

#endif

/*
 * pg_replication: what a PostgreSQL server publishes, and who takes it, as SQL.
 */
#ifndef PG_REPLICATION_H
#define PG_REPLICATION_H

#include "buf.h"
#include "driver.h"
#include "fail.h"

/* The statement for publications, published (of the publication $1; the server fails where there is none) or slots.  Bits are
 * set in *lists for columns that are arrays of names.  -1: there is none. */
int pg_add_replication(struct buf *b, const struct driver_request *q, int version, unsigned *lists, struct fail *f);

#endif

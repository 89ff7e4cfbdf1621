/*
 * pg_schema: all that a schema says of tables, as SQL.
 *
 * A line is the same for the same schema on every server, in whatever order and by whatever names of settings it was made. What
 * a table only has because a table has it that it is a partition of, or inherits from, is that one's line, but for columns.
 * What backs a constraint is no index of its own.  A definition is NULL where it cannot be had without waiting for a lock.
 */
#ifndef PG_SCHEMA_H
#define PG_SCHEMA_H

#include <stdint.h>

#include "buf.h"
#include "driver.h"

/* The statement for DRIVER_SCHEMA, about the tables of pg_which(). */
void pg_schema_add(struct buf *b, const struct driver_request *q, uint32_t oid, int version);

#endif

/*
 * pg_stamp: the statements that tell whether a table has changed, and whether a server is the one it was (DRIVER_STAMP,
 * DRIVER_IDENTITY).
 */
#ifndef PG_STAMP_H
#define PG_STAMP_H

#include "driver.h"
#include "mem.h"
#include "pg_plan.h"

/* Of the table that the request names, or of all.  The statement finds the table by itself: there is no lookup before it. */
void pg_stamp_plan(struct mem *m, const struct driver_request *request, struct pg_plan *plan);

/* Of the server, the database and the role. */
void pg_stamp_identity(struct pg_plan *plan);

#endif

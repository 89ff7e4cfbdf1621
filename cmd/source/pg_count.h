/*
 * pg_count: the statements that count the rows of a table, and tell whether they have changed.
 */
#ifndef PG_COUNT_H
#define PG_COUNT_H

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "pg_cells.h"
#include "pg_table.h"

/* Fills the plan, in the arena. */
int pg_count_plan(struct mem *m, PGconn *connection, const struct driver_request *request, const struct pg_table *t,
    struct pg_plan *plan, struct fail *f);

/* Of the table that the request names, or of all.  The statement finds the table by itself: there is no lookup before it. */
void pg_count_stamp(struct mem *m, const struct driver_request *request, struct pg_plan *plan);

/* Of the server, the database and the role. */
void pg_count_identity(struct pg_plan *plan);

#endif

/*
 * pg_count: the statement that counts the rows of a table, or says about how many there are.
 */
#ifndef PG_COUNT_H
#define PG_COUNT_H

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "pg_plan.h"
#include "pg_table.h"

/* Fills the plan, in the arena. */
int pg_count_plan(struct mem *m, PGconn *connection, const struct driver_request *request, const struct pg_table *t,
    struct pg_plan *plan, struct fail *f);

#endif

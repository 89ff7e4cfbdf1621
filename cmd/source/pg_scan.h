/*
 * pg_scan: the statement that reads rows of a table: the columns that are wanted, each cell's front, and one row more than
 * wanted, so that nothing is sent that is not shown.
 */
#ifndef PG_SCAN_H
#define PG_SCAN_H

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "pg_cells.h"
#include "pg_table.h"

/* Fills the plan, in the arena.  -1 and how the answer ends. */
int pg_scan_plan(struct mem *m, PGconn *connection, const struct driver_request *request, const struct pg_table *t,
    struct pg_plan *plan, enum rows_end *how, struct fail *f);

#endif

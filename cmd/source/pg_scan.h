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

/* The same from what the request says is known of the columns, without a look at the catalog: 1, or 0 where that cannot be.  In
 * it every type is read in a way that is right for all that would be shown as the same. */
int pg_scan_guess(struct mem *m, PGconn *connection, const struct driver_request *request, struct pg_plan *plan);

/* True where the plan has the columns that the guess had. */
int pg_scan_guessed(const struct pg_plan *plan, const struct driver_request *request);

#endif

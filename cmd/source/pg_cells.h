/*
 * pg_cells: the cells of a row that the server has sent.
 */
#ifndef PG_CELLS_H
#define PG_CELLS_H

#include "buf.h"
#include "pg_conninfo.h"
#include "pg_plan.h"
#include "rows.h"

/* The cells of a row: there is one for each column of the plan.  They last as long as the result, and until `text`, which may
 * hold some, is used again. */
void pg_cells_take(const struct pg_plan *plan, const PGresult *result, int row, struct buf *text, struct rows_cell *cells);

#endif

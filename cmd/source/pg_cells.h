/*
 * pg_cells: how a request is answered by one statement, and the cells of its result.
 */
#ifndef PG_CELLS_H
#define PG_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "mem.h"
#include "pg_catalog.h"
#include "pg_conninfo.h"
#include "rows.h"

struct pg_plan {
	struct pg_statement statement; /* sql is NULL: nothing is asked, there are columns alone */
	const struct rows_column *columns;
	size_t ncolumns;
	uint64_t limit;   /* rows; of one more it is only known that there is one */
	size_t width;     /* bytes of a cell; 0: as many as there can be */
	const char *note; /* a warning that goes with the answer, or NULL */
};

/* The cells of a row: there is one for each column of the plan.  They last as long as the result, and until `text`, which may
 * hold some, is used again. */
void pg_cells_take(const struct pg_plan *plan, const PGresult *result, int row, struct buf *text, struct rows_cell *cells);

#endif

/*
 * profile_figures: what is known of a column, as cells to print; the part of profile that writes.
 */
#ifndef PROFILE_FIGURES_H
#define PROFILE_FIGURES_H

#include "column.h"
#include "mem.h"
#include "rows.h"

/* Fills cells[0..PROFILE_FIELDS) of profile.h, in the arena.  `rows`: of the table. */
void figures_fill(struct rows_cell *cells, struct mem *m, const struct rows_column *column, size_t position,
    const struct column *c, uint64_t rows, size_t top);

#endif

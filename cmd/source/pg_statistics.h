/*
 * pg_statistics: what PostgreSQL's planner knows of tables and columns, as SQL.
 */
#ifndef PG_STATISTICS_H
#define PG_STATISTICS_H

#include <stdint.h>

#include "buf.h"

/* Begins a statement with WITH RECURSIVE tree (root, oid): each table that others are parts of, as partitions or because they
 * inherit from it, with itself and all of those.  Only that of $1 where oid is not 0. */
void pg_add_tree(struct buf *b, uint32_t oid, int version);

/* How many rows the relation c had when it was last analysed, an int8; NULL: it never was. */
const char *pg_rows(int version);

/* The statement for DRIVER_STATISTICS, of the table $1. */
void pg_add_statistics(struct buf *b, uint32_t oid, int version);

#endif

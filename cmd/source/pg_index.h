/*
 * pg_index: indexes and foreign keys, as SQL.
 */
#ifndef PG_INDEX_H
#define PG_INDEX_H

#include <stdint.h>

#include "buf.h"
#include "driver.h"

/* The statement for DRIVER_INDEXES, DRIVER_INDEX_KEYS, DRIVER_FOREIGN_KEYS or DRIVER_FOREIGN_KEY_COLUMNS, about the tables of
 * pg_which(); `lists` as in struct pg_statement. */
void pg_index_add(struct buf *b, const struct driver_request *q, uint32_t oid, unsigned *lists);

#endif

/*
 * pg_indexes: indexes and foreign keys, as SQL.
 */
#ifndef PG_INDEXES_H
#define PG_INDEXES_H

#include <stdint.h>

#include "buf.h"
#include "driver.h"

/* The statement for DRIVER_INDEXES, DRIVER_INDEX_KEYS, DRIVER_FOREIGN_KEYS or DRIVER_FOREIGN_KEY_COLUMNS, about the tables of
 * pg_which(); `lists` as in struct pg_statement. */
void pg_indexes_add(struct buf *b, const struct driver_request *q, uint32_t oid, unsigned *lists);

#endif

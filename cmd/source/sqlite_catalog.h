/*
 * sqlite_catalog: the tables of an SQLite database, and the parts of them: columns, indexes, foreign keys, all of the schema.
 */
#ifndef SQLITE_CATALOG_H
#define SQLITE_CATALOG_H

#include "driver.h"
#include "mem.h"
#include "sqlite_open.h"

/* Streams in the arena, as driver.h describes them.  A table that fails is a note, and the others are still told of. */
struct rows *sqlite_tables(struct mem *m, struct sqlite *s, const struct driver_request *request);
struct rows *sqlite_parts(struct mem *m, struct sqlite *s, const struct driver_request *request);

#endif

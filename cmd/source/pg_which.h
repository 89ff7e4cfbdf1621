/*
 * pg_which: which tables a request for facts is about, as SQL: those that c is, in pg_class, and n, in pg_namespace.
 */
#ifndef PG_WHICH_H
#define PG_WHICH_H

#include <stdint.h>

#include "buf.h"
#include "driver.h"

/* Begins a statement with WITH RECURSIVE, PG_BLOCKED in it, and what pg_which() looks at. */
void pg_which_with(struct buf *b);

/* The condition: the table $1 where `oid` is not 0, with `leaves` its partitions too; or all, but for what is the system's and
 * what is a part, unless the request asks for them. */
const char *pg_which(const struct driver_request *q, uint32_t oid);

/* Schemas that are the system's, an array of names. */
#define PG_WHICH_SYSTEM "('{pg_catalog,information_schema}'::pg_catalog.name[])"

#endif

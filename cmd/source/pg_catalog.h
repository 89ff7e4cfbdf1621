/*
 * pg_catalog: what PostgreSQL's catalog says, as one statement a request.
 *
 * The columns of its result are those of driver_fields[operation], in their order, as text: booleans are t and f, integers
 * digits, times RFC 3339, and what is not known is NULL.  The statements need no rights but to connect, wait for nobody's locks
 * (what needs one is NULL of a table that nobody may read now), and run on servers from version 12.
 */
#ifndef PG_CATALOG_H
#define PG_CATALOG_H

#include <stdint.h>

#include "buf.h"
#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "pg_plan.h"

/* The statement, in the arena, that answers a request for facts of the catalog.  `oid` is that of request->table, 0 for all
 * tables; `version` is server_version_num.  -1: there is none, the request is to be refused. */
int pg_catalog_statement(
    struct mem *m, const struct driver_request *request, uint32_t oid, int version, struct pg_statement *st, struct fail *f);

/* Appends the names in an array as the server writes it ({a,"b c",NULL}) as a list: commas between, as ref_name() writes them,
 * `()` for NULL, which is an expression. */
void pg_catalog_list(struct buf *b, const char *array);

#endif

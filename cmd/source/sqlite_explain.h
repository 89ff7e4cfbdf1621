/*
 * sqlite_explain: how SQLite would answer a statement: EXPLAIN QUERY PLAN, which runs nothing of it (eqp.html).
 */
#ifndef SQLITE_EXPLAIN_H
#define SQLITE_EXPLAIN_H

#include "driver.h"
#include "mem.h"
#include "sqlite_open.h"

struct rows *sqlite_explain(struct mem *m, struct sqlite *s, const struct driver_request *request);

#endif

/*
 * sqlite_explain: how SQLite would answer a statement: EXPLAIN QUERY PLAN, which runs nothing of it (eqp.html).
 *
 * The words of a plan are for people, and names in them are not quoted (where.c, wherecode.c of SQLite 3.40).  What they mean
 * is found by what is known from elsewhere: the tables that are read, as the statement was prepared; the names that it gives
 * them; the names of indexes.
 */
#ifndef SQLITE_EXPLAIN_H
#define SQLITE_EXPLAIN_H

#include "driver.h"
#include "mem.h"
#include "sqlite_open.h"

struct rows *sqlite_explain(struct mem *m, struct sqlite *s, const struct driver_request *request);

#endif

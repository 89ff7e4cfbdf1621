/*
 * pg_explain: how PostgreSQL would answer a statement: EXPLAIN, which runs nothing of it.
 *
 * Whatever the statement is, it is one (the extended protocol takes no more), behind EXPLAIN's own parentheses, where nothing
 * that it begins with can have it run.  Names in it are what the role would find by them; parameters may stand in it from
 * version 16 on.
 */
#ifndef PG_EXPLAIN_H
#define PG_EXPLAIN_H

#include "driver.h"
#include "fail.h"
#include "mem.h"
#include "pg_plan.h"
#include "rows.h"

/* The plan: its answer is one text, JSON.  -1: none, and how the answer ends. */
int pg_explain_plan(
    struct mem *m, const struct driver_request *request, int version, struct pg_plan *plan, enum rows_end *how, struct fail *f);

/* The steps (DRIVER_EXPLAIN) that such an answer holds; it is closed with them. */
struct rows *pg_explain_steps(struct mem *m, struct rows *answer);

#endif

/*
 * plan_find: what is to be changed because of a wish or a finding.
 *
 * A finding is taken as a hint where to look: what is to be done is told by the catalog as it is now and by the rules that
 * made the finding, never by the statement in it.  What is no longer so gives nothing.  A foreign key of a partitioned table is
 * that of each partition (plan_find_parts()).
 */
#ifndef PLAN_FIND_H
#define PLAN_FIND_H

#include "finding.h"
#include "plan.h"
#include "recordline.h"
#include "want.h"

/* Both: 1 and the change; 0 and a sentence for why there is nothing to do (an empty one: all is well); -1 and a sentence.
 * A finding without a statement is for people, and nothing to look for. */
int plan_find_want(struct mem *m, const struct catalog *c, enum index_sql_dialect dialect, struct catalog_table *t,
    const struct want *want, struct plan_change *change, struct fail *f);
int plan_find_finding(struct mem *m, const struct catalog *c, enum index_sql_dialect dialect, struct catalog_table *t,
    const struct recordline *finding, struct plan_change *change, struct fail *f);

/* The tables that a finding of `t` is about, in the arena: `t` itself, or its partitions. */
size_t plan_find_parts(
    struct mem *m, const struct catalog *c, struct catalog_table *t, struct recordline *finding, struct catalog_table ***parts);

#endif

/*
 * index_plan: what is to be changed, as records (dbm-index.1).
 */
#ifndef INDEX_PLAN_H
#define INDEX_PLAN_H

#include "index_flags.h"
#include "tool.h"

/* Does it for the operands; the exit status. */
int index_plan(struct tool_run *run, const struct index_flags *flags);

#endif

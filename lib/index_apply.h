/*
 * index_apply: carries a plan out (dbm-index.1).
 */
#ifndef INDEX_APPLY_H
#define INDEX_APPLY_H

#include "index_flags.h"
#include "tool.h"

/* Does it for the operands; the exit status. */
int index_apply(struct tool_run *run, const struct index_flags *flags);

#endif

/*
 * index_explain: which indexes statements would use (dbm-index.1).
 */
#ifndef INDEX_EXPLAIN_H
#define INDEX_EXPLAIN_H

#include "index_flags.h"
#include "tool.h"

/* Does it for the operands; the exit status. */
int index_explain(struct tool_run *run, const struct index_flags *flags);

#endif

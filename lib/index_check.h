/*
 * index_check: findings about the indexes of databases, and whether they have those of a want file (dbm-index.1).
 */
#ifndef INDEX_CHECK_H
#define INDEX_CHECK_H

#include "index_flags.h"
#include "tool.h"

/* Does it for the operands; the exit status. */
int index_check(struct tool_run *run, const struct index_flags *flags);

#endif

/*
 * schema_compare: dbm-schema --diff and --check: what is different between schemas, a record a change.
 */
#ifndef SCHEMA_COMPARE_H
#define SCHEMA_COMPARE_H

#include "tool.h"

/* What was recorded last of each operand, and what it is now.  The exit status: 1 where they differ; an operand that was never
 * recorded has failed. */
int schema_check(struct tool_run *run);

/* The two operands, or what was recorded last of the one and what it is now.  The exit status is diff(1)'s. */
int schema_compare_two(struct tool_run *run);

#endif

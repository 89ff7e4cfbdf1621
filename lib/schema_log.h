/*
 * schema_log: dbm-schema --log: the versions that were recorded, in their order, and what changed from each to the next.
 */
#ifndef SCHEMA_LOG_H
#define SCHEMA_LOG_H

#include "tool.h"

/* Of the operands, or of all that is recorded where there are none; the exit status. */
int schema_log(struct tool_run *run);

#endif

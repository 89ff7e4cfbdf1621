/*
 * schema_record: dbm-schema --record: appends a version of each table that is another than when it was recorded last.
 *
 * What was asked before another process recorded a table is not recorded behind that.  A table is gone where all of its
 * database was asked and it is not among its tables; one whose schema could not be had is not.
 */
#ifndef SCHEMA_RECORD_H
#define SCHEMA_RECORD_H

#include "tool.h"

/* Does all operands; the exit status. */
int schema_record(struct tool_run *run);

#endif

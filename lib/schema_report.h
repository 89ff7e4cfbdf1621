/*
 * schema_report: the record of a recorded version: which, when, and what has changed since the one before.
 */
#ifndef SCHEMA_REPORT_H
#define SCHEMA_REPORT_H

#include <stdint.h>

#include "mem.h"
#include "rows.h"
#include "schema.h"
#include "tool.h"

/* Of the record: ref, version, time, added, removed, changed (how many lines), summary. */
enum { SCHEMA_REPORT_FIELDS = 7 };
extern const struct rows_column schema_report_columns[SCHEMA_REPORT_FIELDS];

struct schema_report {
	const char *ref;
	uint64_t version;
	int64_t time;                              /* nanoseconds since 1970 */
	const struct schema_table *before, *after; /* NULL: the table was not there */
};

/* Prints it; what is made for it is in the arena.  -1 where no more can be written. */
int schema_report_print(const struct tool_run *run, struct mem *m, const struct schema_report *r);

#endif

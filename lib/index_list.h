/*
 * index_list: lists the indexes of databases (dbm-index.1): a record for each, of the catalog alone.
 */
#ifndef INDEX_LIST_H
#define INDEX_LIST_H

#include "index_flags.h"
#include "tool.h"

/* Does it for the operands; the exit status. */
int index_list(struct tool_run *run, const struct index_flags *flags);

#endif

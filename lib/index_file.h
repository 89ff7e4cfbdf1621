/*
 * index_file: what dbm-index does to files: write-ahead logging of SQLite's, the row index of delimited text (dbm-index.1).
 */
#ifndef INDEX_FILE_H
#define INDEX_FILE_H

#include "index_flags.h"
#include "tool.h"

/* Each does it for the operands; the exit status. */
int index_file_wal(struct tool_run *run, const struct index_flags *flags);
int index_file_build(struct tool_run *run, const struct index_flags *flags);

#endif

/*
 * sqlite_scan: the rows of a table of an SQLite database.
 */
#ifndef SQLITE_SCAN_H
#define SQLITE_SCAN_H

#include "driver.h"
#include "mem.h"
#include "sqlite_open.h"

/* A stream over its rows, in the arena.  What has no rowid refuses the last rows and a sample. */
struct rows *sqlite_scan(struct mem *m, struct sqlite *s, const struct driver_request *request);

#endif

/*
 * sqlite_change: what changes an SQLite file: indexes, statistics, its journal mode.
 *
 * The stream does what it was asked for when its first row is asked for, and sends rows of its own before that one
 * (serve_row()).  The journal mode of the file is changed by DRIVER_WAL alone, and nothing else of its header but what SQLite
 * counts there.
 */
#ifndef SQLITE_CHANGE_H
#define SQLITE_CHANGE_H

#include "driver.h"
#include "mem.h"
#include "sqlite_open.h"

/* A stream in the arena, as driver.h describes it.  The file must not be open for reading: it is closed for this. */
struct rows *sqlite_change(struct mem *m, struct sqlite *s, const struct driver_request *request);

#endif

/*
 * sqlite_sample: rows from anywhere in a table, without reading the table.
 *
 * Rowids are drawn between the first and the last until enough of them are there.  Every row is as likely as any other, and
 * no more rows are looked at than rowids are drawn.
 */
#ifndef SQLITE_SAMPLE_H
#define SQLITE_SAMPLE_H

#include <stdint.h>

#include "fail.h"
#include "mem.h"
#include "sqlite_open.h"
#include "sqlite_table.h"

/* The rowids of `n` rows, as a JSON array in the arena; *rowids stays NULL where too many would have to be drawn, because the
 * table has fewer rows or most rowids are not taken. */
int sqlite_sample(
    struct mem *m, struct sqlite *s, const struct sqlite_table *t, uint64_t n, const char **rowids, struct fail *f);

/* The function dbm_order(ROWID, N): where a row comes in a random order, which for the same N is the same one again. */
int sqlite_add_order(sqlite3 *db);

#endif

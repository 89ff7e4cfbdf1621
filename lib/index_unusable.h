/*
 * index_unusable: indexes of SQLite that its planner can do nothing with, or hardly anything.
 *
 * Verdicts:
 *
 *     constant        a key is the same for all rows: a name in double quotes that is no column is a string (an error; where no
 *                     key is a column, the index is for nothing, and is to be removed)
 *     constant-where  so is the condition of a partial index: it has all rows or none (an error)
 *     rowid           its one key is the rowid, by which the rows stand in order without it (a warning)
 *     rowid-led       its first key is: what finds by it uses the rowid instead, but it may be read in place of the table
 *                     where it has all that is asked for (a notice)
 *
 * PostgreSQL refuses what the first two are about, and has no rowid.
 */
#ifndef INDEX_UNUSABLE_H
#define INDEX_UNUSABLE_H

#include "catalog.h"
#include "finding.h"

void index_unusable(const struct catalog *c, struct findings *all);

#endif

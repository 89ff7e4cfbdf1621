/*
 * sqlite_reference: the foreign keys of an SQLite database, and what an index must be to find the rows that refer to one of the
 * parent (foreignkeys.html).
 *
 * SQLite finds the children of a row by comparing the parent's value with the child's column: by the parent's collation, and by
 * the affinity that comes of both columns.  What that means for an index on the child's column was asked of 3.40.1, by EXPLAIN
 * QUERY PLAN of a DELETE from the parent, for all pairs of types (y: it is searched; -: it is scanned):
 *
 *     parent      child  INTEGER  REAL  NUMERIC  TEXT  BLOB
 *     INTEGER, REAL, NUMERIC
 *     and the rowid        y       y      y       -     -
 *     TEXT, BLOB           y       y      y       y     y
 *
 * and for all pairs of BINARY, NOCASE and RTRIM: it is searched where the index is sorted by the collation of the parent's
 * column, whatever that of the child's column is, and whatever its type.  A parent's rowid has no collation: there it is that
 * of the child's column.  The child's own rowid has none either, and is always searched.  tests/index_truth.py asks the SQLite
 * at hand.
 */
#ifndef SQLITE_REFERENCE_H
#define SQLITE_REFERENCE_H

#include "sqlite_part.h"

/* The operations foreign_keys and foreign_key_columns, as driver.h describes them. */
extern const struct sqlite_part sqlite_foreign_keys, sqlite_foreign_key_columns;

#endif

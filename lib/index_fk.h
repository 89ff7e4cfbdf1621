/*
 * index_fk: whether a foreign key has an index that finds the rows that refer to a row of the parent.
 *
 * Without one, a delete or an update of a row of the parent reads all of the table.  Covered is a key of n columns by an index
 * whose first n keys, included columns not counted, are just these columns in any order; which is a btree, or a hash of one
 * column; which is valid; which has all rows, or all but those where columns of the key are NULL; and which compares as the
 * key does, by its family of operators and its collation.  In SQLite also by a unique index of just some of its columns.  (Each
 * held to what the engines do by tests.)
 *
 * Else the verdict is that of the index that comes nearest, in this order.  An index that has several things wrong with it is
 * what comes last of them: to mend the others would not help.
 */
#ifndef INDEX_FK_H
#define INDEX_FK_H

#include "catalog.h"
#include "finding.h"
#include "index_sql.h"

enum index_fk {
	INDEX_FK_COVERED,
	INDEX_FK_INVALID,  /* "invalid-index": it was not finished */
	INDEX_FK_MISMATCH, /* "operator-or-collation-mismatch" */
	INDEX_FK_PARTIAL,  /* "partial-index": it has some rows only */
	INDEX_FK_METHOD,   /* "access-method": neither a btree nor a hash of one column */
	INDEX_FK_PREFIX,   /* "prefix-only": it begins with some of the columns, and other ones stand between */
	INDEX_FK_MISSING,  /* "missing" */
	INDEX_FK_VERDICTS
};

/* By the best index of the table: `*by`, NULL where none comes near. */
enum index_fk index_fk_of(enum index_sql_dialect dialect, const struct catalog_table *t, const struct catalog_foreign_key *k,
    const struct catalog_index **by);

/* True where an index of its columns can cover it: not where they are of other types than the parent's that compare otherwise.
 */
int index_fk_can_be_covered(const struct catalog_foreign_key *k);

/* True where an index covers a foreign key of its table. */
int index_fk_needs(enum index_sql_dialect dialect, const struct catalog_table *t, const struct catalog_index *x);

/* The findings of all tables.  A key of a partitioned table is one finding, made of what its partitions have, if the table
 * itself is in the catalog.  Where the parent, or a key of it, is missing (SQLite allows both), the verdict is
 * "parent-missing" or "parent-not-unique", an error, and of indexes nothing is said: no statement gets as far. */
void index_fk(const struct catalog *c, struct findings *all);

#endif

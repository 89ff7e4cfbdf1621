/*
 * index_redundant: indexes whose work another one of the same table does.
 *
 * A is redundant given B where both are valid and of the same kind, the keys of A with their classes of operators, collations
 * and order are the first of B's (of a kind other than btree: all of them, with the same settings), their predicates are the
 * same, and B holds what A includes.  A is never what makes something so, or what a constraint, replication or a partitioned
 * index has made: unique, primary key, exclusion, replica identity, part of another; nor what CLUSTER sorts the table by, which
 * does so no more once that index is gone.  What A finds, B finds, so a foreign key that A covers stays covered.  (An index of
 * SQLite's rowid is index_unusable.h's.)
 *
 * Of two that are the same, the one with the later name is redundant.  Nothing is redundant given what is itself advised away:
 * whoever follows all advice at once keeps what does the work.
 *
 * Verdicts:
 *
 *     duplicate     B has the same keys; a warning
 *     prefix        B has more of them; a warning
 *     wide          B has over 2 more keys, or over 3 times the bytes: it does the work, but at a price; a notice
 *     partitioned   one of the first two, of indexes of a partitioned table: a notice, because to drop one keeps everybody out
 */
#ifndef INDEX_REDUNDANT_H
#define INDEX_REDUNDANT_H

#include "catalog.h"
#include "finding.h"

/* How many more keys `b` has than `a`, whose keys, predicate and included columns it has as said above; -1: it has not.  What
 * made the two, and whether they are valid, does not count. */
int index_redundant_keys(const struct catalog_index *a, const struct catalog_index *b);

/* True for an index that only finds rows: nothing but queries would miss it. */
int index_redundant_may_go(const struct catalog_index *x);

void index_redundant(const struct catalog *c, struct findings *all);

#endif

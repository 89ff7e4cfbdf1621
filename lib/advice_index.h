/*
 * advice_index: which index the terms of a query, and its order, want.
 */
#ifndef ADVICE_INDEX_H
#define ADVICE_INDEX_H

#include "trial.h"

/* Each appends what there is to say of the terms about a source: of plain comparisons, of expressions where a column might
 * stand, of OR, of types that are compared as another one, of what no index finds. */
void advice_index(struct buf *b, const struct trial *t, const struct query_source *s);
void advice_expression(struct buf *b, const struct trial *t, const struct query_source *s);
void advice_or(struct buf *b, const struct trial *t, const struct query_source *s);
void advice_types(struct buf *b, const struct trial *t, const struct query_source *s);
void advice_negation(struct buf *b, const struct trial *t, const struct query_source *s);

/* Of ORDER BY. */
void advice_order(struct buf *b, const struct trial *t);

#endif

/*
 * advice_like: what LIKE wants of an index.
 *
 * SQLite: "The LIKE Optimization" in optoverview.html, "The Trigram Tokenizer" in fts5.html; PostgreSQL: "Operator Classes and
 * Operator Families", "pg_trgm" in its manual.
 */
#ifndef ADVICE_LIKE_H
#define ADVICE_LIKE_H

#include "trial.h"

/* Appends what there is to say of LIKE in the terms about a source. */
void advice_like(struct buf *b, const struct trial *t, const struct query_source *s);

#endif

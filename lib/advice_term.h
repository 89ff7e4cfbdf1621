/*
 * advice_term: a term of a query as a comparison, and the index that it would want.
 */
#ifndef ADVICE_TERM_H
#define ADVICE_TERM_H

#include "query.h"
#include "trial.h"

enum advice_operator {
	ADVICE_OTHER, /* no comparison, or several */
	ADVICE_EQUAL, /* =, IS, IN */
	ADVICE_RANGE, /* <, BETWEEN … */
	ADVICE_LIKE,  /* LIKE, ILIKE */
	ADVICE_UNEQUAL,
};

struct advice_term {
	enum advice_operator operator;
	int negated; /* by NOT */
	size_t at;   /* the token of the operator */
	struct query_part left, right;
};

void advice_term(const struct query *q, struct query_part part, struct advice_term *term);

/* The column of the source that a term compares with what is none of its; *other is that.  0: it is no such term. */
int advice_compared(const struct query *q, const struct advice_term *term, const struct query_source *s,
    struct query_column *column, struct query_part *other);

/* Adds a key, once; -1 where there is no room. */
int advice_key(struct driver_key *keys, size_t *n, size_t room, const char *column, int descending);

/* What stands between two sentences. */
void advice_add(struct buf *b);

/* The index of a table that has the column, as its first key (`first`) or behind another one; NULL. */
const struct catalog_index *advice_indexed(const struct catalog_table *t, const char *column, int first);

/* The query with other text in place of a part, in the arena. */
const char *advice_rewritten(const struct trial *t, struct query_part part, const char *text);

#endif

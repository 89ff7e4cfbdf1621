/*
 * explained: the queries of a text, as one database would answer them: their steps, a verdict, what would be done if it had
 * other indexes, and advice.
 */
#ifndef EXPLAINED_H
#define EXPLAINED_H

#include "advice.h"
#include "catalog.h"
#include "fail.h"
#include "index_sql.h"
#include "mem.h"
#include "rows.h"
#include "source.h"
#include "sqltokens.h"
#include "steps.h"

/* One database, and what it is asked. */
struct explaining {
	struct source *source;
	struct mem *m;
	const struct catalog *catalog;
	enum index_sql_dialect dialect;
	const char *const *with; /* statements that make the indexes that it does not have */
	size_t nwith;
	int wanted; /* that is asked about, though it may have all of them */
	/* private */
	struct explained_size *sizes;
};

struct explained {
	const char *sql;
	struct steps steps, would;
	int known; /* that is what it would do */
	enum advice_verdict verdict;
	const char *advice; /* NULL: none */
	struct rows *rows;  /* its answer: notes; the caller closes it */
	struct rows *more;  /* the one with the other indexes, or NULL */
	/* private */
	struct driver_request request, request_with;
};

/* The queries of a text, in the arena. */
struct explained *explained_queries(const struct explaining *e, const char *text, size_t len, size_t *n);

/* Asks; answers are read by the next call, and several may be asked before. */
void explained_ask(struct explaining *e, struct explained *x);

/* -1 and a sentence where the database does not take the query, or one of the indexes.  That it does not tell what it would do
 * is a note in `more`. */
int explained_read(struct explaining *e, struct explained *x, struct fail *f);

/* What would be done in the place of a step, in the arena; NULL where that is not known. */
const char *explained_would(const struct explaining *e, const struct explained *x, size_t step);

#endif

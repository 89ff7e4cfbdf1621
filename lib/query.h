/*
 * query: the shape of a SELECT, DELETE or UPDATE of one level, as far as something can be said of it: what it reads, its
 * clauses, and the terms that must all hold.  Whatever is more than that (WITH, UNION, a table that the catalog does not know)
 * is left alone: then there is no shape, or a source without a table.
 */
#ifndef QUERY_H
#define QUERY_H

#include <stddef.h>

#include "buf.h"
#include "catalog.h"
#include "mem.h"
#include "sqltokens.h"

/* From one token up to another one. */
struct query_part {
	size_t first, end;
};

struct query_source {
	const char *name;                  /* that it has in the query */
	const struct catalog_table *table; /* NULL: it is none, or not known */
};

enum query_clause {
	QUERY_SELECT, /* what is selected */
	QUERY_FROM,
	QUERY_WHERE,
	QUERY_GROUP,
	QUERY_HAVING,
	QUERY_ORDER,
	QUERY_LIMIT,
	QUERY_OTHER, /* one that is not looked at, such as OFFSET */
	QUERY_CLAUSES
};

struct query {
	struct mem *m;
	enum sqltokens_dialect dialect;
	const struct catalog *catalog;
	const struct sqltoken *tokens;
	size_t n;
	struct query_part clauses[QUERY_CLAUSES]; /* without their key words */
	struct query_source *sources;
	size_t nsources;
	struct query_part *terms; /* of WHERE and of the ON of joins: without parentheses around them */
	size_t nterms;
};

/* A column where it stands in a query. */
struct query_column {
	const struct query_source *source;
	const struct catalog_column *column;
	size_t tokens; /* that name it */
};

/* Reads the shape, into the arena; 0 where there is none. */
int query_read(struct query *q, struct mem *m, const char *sql, enum sqltokens_dialect dialect, const struct catalog *c);

/* True where a column is named at a token; with what stands before `end` only. */
int query_column(const struct query *q, size_t at, size_t end, struct query_column *column);

/* The one column that a part is; or that is the only one in it, as often as it may be there. */
int query_is_column(const struct query *q, struct query_part part, struct query_column *column);
int query_only_column(const struct query *q, struct query_part part, struct query_column *column);

/* True where a column of the source is in the part. */
int query_mentions(const struct query *q, struct query_part part, const struct query_source *source);

/* Without parentheses around all of it. */
struct query_part query_stripped(const struct query *q, struct query_part part);

/* The first token of the part with that text, outside of parentheses, from `from` on; the part's end where there is none. */
size_t query_find(const struct query *q, struct query_part part, size_t from, const char *text);

/* Appends a part as it was written, without comments, and its columns without what says whose they are. */
void query_write(struct buf *b, const struct query *q, struct query_part part);

#endif

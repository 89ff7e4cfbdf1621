/*
 * excerpt: a stream of fewer rows, fewer columns and fewer bytes than the one it is made from.
 *
 * What is kept is often more than what is asked for: 50 rows where 5 are wanted, all columns where two are.
 */
#ifndef EXCERPT_H
#define EXCERPT_H

#include <stddef.h>
#include <stdint.h>

#include "mem.h"
#include "rows.h"

struct excerpt {
	uint64_t limit;             /* rows */
	int last;                   /* the last ones; else the first */
	size_t width;               /* bytes of a cell; 0: all */
	const char *const *columns; /* names or numbers from 1; all where there are none */
	size_t ncolumns;
	const char *first; /* only rows whose first cell this is; NULL: any */
};

/* The stream, in the arena; it owns `inner`, and reads it to its end.  A column that `inner` has not is a failure of
 * rows_columns(). */
struct rows *excerpt_of(struct mem *m, struct rows *inner, const struct excerpt *e);

#endif

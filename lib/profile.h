/*
 * profile: the columns of a table, from one pass over all its rows, or from what a server's statistics say of them
 * (profile_statistics.h), or from a sample of the rows.
 *
 * Exact: rows, nulls, empties, types, min, max, mean, deviation, lengths.  Estimated once a column has many values, with the
 * error in the record: distinct values (hll.h), quantiles and the histogram made of them (kll.h), the most frequent values
 * (frequent.h, which bounds what it says).
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "mem.h"
#include "rows.h"
#include "question.h"

enum { PROFILE_TOP = 10, PROFILE_TOP_MOST = 1000, PROFILE_QUANTILES = 5 };

struct profile_options {
	const char *const *columns; /* as in a request */
	size_t ncolumns;
	size_t top;      /* frequent values to list */
	int exact;       /* a server's table is read, too; else its statistics will do, where there are any */
	uint64_t sample; /* that many rows, taken at random; 0: all */
	unsigned threads;
};

/* Asks for one row a column of the table of the source; its columns are profile_fields.  The options last as long as the
 * command. */
void profile_question(struct question *q, struct mem *m, const struct source *s, const struct profile_options *o);

enum profile_field {
	PROFILE_POSITION,
	PROFILE_COLUMN,
	PROFILE_TYPE,
	PROFILE_CONFIDENCE,
	PROFILE_ROWS,
	PROFILE_NULLS,
	PROFILE_EMPTIES,
	PROFILE_DISTINCT,
	PROFILE_DISTINCT_METHOD,
	PROFILE_DISTINCT_ERROR,
	PROFILE_MIN,
	PROFILE_MAX,
	PROFILE_MEAN,
	PROFILE_DEVIATION,
	PROFILE_QUANTILE, /* the first of PROFILE_QUANTILES */
	PROFILE_RANK_ERROR = PROFILE_QUANTILE + PROFILE_QUANTILES,
	PROFILE_LENGTH_MIN,
	PROFILE_LENGTH_MEAN,
	PROFILE_LENGTH_MAX,
	PROFILE_TYPES,
	PROFILE_TOP_VALUES,
	PROFILE_HISTOGRAM,
	PROFILE_METHOD,
	PROFILE_BARS,  /* a picture of the histogram, or of the most frequent values */
	PROFILE_AS_OF, /* of statistics: when they were gathered */
	PROFILE_FIELDS
};

extern const struct rows_column profile_fields[PROFILE_FIELDS];

#endif

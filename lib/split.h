/*
 * split: one record into cells.
 *
 * A record that is at hand whole goes through libcsv, strict, if there is a quote in it; without one it is cut at its
 * delimiters, where it lies.  What libcsv refuses, and what is too large to be at hand, goes
 * through the exact state machine (csv.h).  Cells are cut to a width, so that the memory taken is bounded by the number of
 * cells, not by their size.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include <stddef.h>

#include "buf.h"
#include "csv.h"
#include "rows.h"

struct split_parser; /* libcsv's state */

struct split {
	const struct csv_dialect *dialect;
	size_t width;            /* bytes a cell may have; SIZE_MAX: all */
	struct rows_cell *cells; /* after a record: NULL (unquoted and empty) apart from empty (`""`) */
	size_t ncells, room;
	struct buf text; /* what the cells point into, unless they point into the record itself */
	struct split_parser *parser;
	/* the exact machine's, between split_feed()s */
	unsigned char state, quoted;
	size_t field, length; /* where the field begins in `text`; its bytes, those left out too */
	size_t dropped;       /* cells over ROWS_COLUMNS */
	int lines;            /* set by the caller: a line of CSV will do (see split_record()) */
	const char *line;     /* such a line, without its end; NULL: the record is in cells */
	size_t line_len;
};

void split_init(struct split *s, const struct csv_dialect *d, size_t width);
void split_free(struct split *s);

/* Splits a whole record, with or without its terminator; `quote`: there is one in it.  The cells are borrowed from it and from
 * the split. */
void split_record(struct split *s, const char *bytes, size_t len, int quote);

/* With `lines` set, a record between commas without a quote in it, of which nothing is to be cut, is left as it lies: `line`
 * says where, `ncells` how many cells it has.  This makes them after all. */
void split_line(struct split *s);

/* The same in pieces, by the exact machine alone: begin, feed as often as needed, end. */
void split_begin(struct split *s);
void split_feed(struct split *s, const char *bytes, size_t len);
void split_end(struct split *s);

#endif

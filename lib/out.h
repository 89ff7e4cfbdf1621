/*
 * out: record streams as text: csv, tsv, json, table, md (dbm.7, OUTPUT).
 *
 * Facts are records about tables (their first column is `ref`); data are the rows of one table.  One writer takes any number
 * of streams, one after another: out_begin(), out_row() for each row, out_end().
 */
#ifndef OUT_H
#define OUT_H

#include <stddef.h>

#include "fail.h"
#include "mem.h"
#include "rows.h"

enum out_format { OUT_TSV, OUT_CSV, OUT_JSON, OUT_TABLE, OUT_MD, OUT_FORMATS };

extern const char *const out_formats[]; /* their names, in that order, and a NULL */

enum out_kind { OUT_FACTS, OUT_DATA };

struct out_options {
	enum out_format format;
	int header;                 /* tsv: column names first */
	int ref;                    /* data in csv and tsv: the reference as the first column */
	int terminal;               /* the output is one: no byte of data may act on it */
	int colour;                 /* and it wants colour */
	size_t columns;             /* its width; 0: no limit */
	const char *method, *as_of; /* JSON facts that have no such column get these; not wanted for other formats */
	void (*before)(void);       /* called before anything is written, or NULL */
};

struct out;

/* Writes to `fd`, which stays the caller's.  In the arena; out_close() gives back the rest. */
struct out *out_open(struct mem *m, int fd, const struct out_options *o);

/* How the facts that follow are known, from now on: by which method; and from the cache or not, of when. */
void out_method(struct out *o, const char *method);
void out_known(struct out *o, const struct rows *rows);

/* A stream.  `ref` is the table's reference for data, NULL for facts.  Columns must live until out_end(). */
void out_begin(struct out *o, enum out_kind kind, const char *ref, const struct rows_column *columns, size_t n);

/* -1 where an earlier write has failed: the caller may stop.  The failure itself is told by out_close(). */
int out_row(struct out *o, const struct rows_cell *cells, size_t n);

/* The same for the current row of a stream, which may have come as a line of CSV where out_takes_csv() said yes. */
int out_stream_row(struct out *o, const struct rows *rows);
int out_takes_csv(const struct out *o);

int out_end(struct out *o);

/* Cells of the current stream that were cut at their width; columns that did not fit the terminal. */
size_t out_cut(const struct out *o);
size_t out_hidden(const struct out *o);

/* Writes what is kept back, if a terminal shows it: before something is said on stderr. */
void out_show(struct out *o);

/* Nothing of what was put is written, nor of what still will be: a command that was called wrongly prints no heading. */
void out_drop(struct out *o);

/* A line as it stands. */
int out_line(struct out *o, const char *text);

/* Writes what is left; -1 if any write has failed. */
int out_close(struct out *o, struct fail *f);

#endif

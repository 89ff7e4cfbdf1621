/*
 * reader: the records of a delimited text, one after another.
 */
#ifndef READER_H
#define READER_H

#include <stddef.h>
#include <stdint.h>

#include "csv.h"
#include "fail.h"
#include "input.h"
#include "rowindex.h"
#include "split.h"
#include "vector.h"

/* tests/fuzz/scan.c has it small. */
#ifndef READER_RECORD
enum { READER_RECORD = 1 << 20 }; /* a record of more bytes than this is split as it comes, never held whole */
#endif

/* How a delimited text is to be read: all zero is the default. */
struct reader_options {
	char delimiter; /* 0: found by sniffing */
	char hint;      /* what to sniff for first; 0: a comma */
	int no_header;
	const char *encoding; /* NULL: UTF-8, or UTF-16 by its byte order mark */
};

struct reader {
	struct input in; /* opened by the caller, closed by reader_close() */
	struct csv_dialect dialect;
	struct csv_scan scan;
	const struct vector_kernel *kernel; /* set when there is more to count than to look at */
	struct split split;                 /* the cells of the last record read */
	uint64_t line;                      /* on which it began, from 1 */
	uint64_t unclosed;                  /* the line of the quote that was still open at the end of the text; 0: none was */
};

/* Finds the dialect.  `width`: bytes a cell may have. */
int reader_start(struct reader *r, const struct reader_options *o, size_t width, struct fail *f);

/* The next record's cells are in r->split: 1; 0 at the end; -1. */
int reader_next(struct reader *r, struct fail *f);

/* Passes over up to `most` records; how many there were is added to *passed.  -1 on failure. */
int reader_skip(struct reader *r, uint64_t most, uint64_t *passed, struct fail *f);

/* The same to the end, by whole blocks: stops soon after *passed has reached `enough`. */
int reader_count(struct reader *r, uint64_t enough, uint64_t *passed, struct fail *f);

/* True where reader_count_file() may do that: what is left is a plain file's, as it stands, and much. */
int reader_can_thread(const struct reader *r);

/* The same as reader_count() to the end, by threads.  `index` is made, for rowindex_free(), or NULL; *passed is then to be
 * 0 before the first row. */
int reader_count_file(struct reader *r, unsigned threads, struct rowindex *index, uint64_t *passed, struct fail *f);

/* The next record, like reader_next(), but only if it is in memory already: 1 or 0.  With `cells` 0 it is not split, only
 * r->split.ncells is set. */
int reader_peek(struct reader *r, int cells);

/* Where a reader stands, to come back to after peeking. */
struct reader_mark {
	size_t start;
	uint64_t unclosed;
	struct csv_scan scan;
};

struct reader_mark reader_mark(const struct reader *r);
void reader_return(struct reader *r, struct reader_mark mark);

/* True where no record is left.  May read a block of a plain file to know; a pipe might keep it waiting, so there what has not
 * been read counts as more. */
int reader_at_end(struct reader *r, struct fail *f);

/* Frees and closes; -1 where the input's filter complained (see input_close()). */
int reader_close(struct reader *r, struct fail *f);

#endif

/*
 * rows: the record stream, the one thing that flows through dbm.
 *
 * A stream is: columns; then rows of cells; then an end record.  A source makes one, a writer turns one into text, and
 * what helpers send and cache files hold is one, encoded.
 *
 * Reading is by pulling: rows_columns() once, then rows_next() until it says 0 or -1, then rows_close().  Nothing is read
 * from a source before rows_columns().  What a stream hands out is borrowed until the next call on it.
 *
 * The encoded form is "DBMR", u8 version (1), then frames (frame.h):
 *
 *     'C'  columns: u32 count; each: u8 type, text name, text origin
 *     'R'  row: u32 count; each: u32 head = length << 4 | cut << 3 | type, then the bytes (none for NULL).  Cut and of type
 * NULL at once is a value of JSON, which only dbm keeps for itself: from a helper it is damage 'E'  end, the last frame: u8 how
 * (enum rows_end), u32 faults, text notes, text sentence
 *
 * A cell is at most ROWS_CELL bytes, a frame FRAME_LONGEST; a stream has at most ROWS_COLUMNS columns, a row at most as many
 * cells.  The decoder takes any bytes: what is short, over a bound or of another version is a failure, never a crash, and
 * nothing is allocated on the word of a length that the bytes do not bear out.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fail.h"
#include "frame.h"
#include "mem.h"

enum {
	ROWS_VERSION = 1,
	ROWS_CELL = (1 << 28) - 1, /* bytes of a cell: its length must fit 28 bits */
	ROWS_COLUMNS = 1 << 17,    /* SQLite allows 32,767, PostgreSQL 1,600; a CSV file anything */
};

/* The type of a cell; of a column, what most of its cells are.  Numbers and times travel as their text. */
enum rows_type {
	ROWS_NULL,
	ROWS_TEXT,
	ROWS_INTEGER,
	ROWS_REAL,
	ROWS_BOOLEAN,
	ROWS_DATE,
	ROWS_TIMESTAMP,
	ROWS_BYTES,
	ROWS_TYPES,             /* those that helpers may send */
	ROWS_JSON = ROWS_TYPES, /* a value of JSON, made by dbm itself: what helpers send is not believed to be one */
};

/* "text", "integer" …: what is printed. */
const char *rows_type_name(enum rows_type type);

struct rows_column {
	const char *name; /* UTF-8 or not: data */
	size_t len;
	enum rows_type type;
	const char *origin; /* how the type is known: "declared", "sampled:100", or "" */
};

struct rows_cell {
	const char *bytes;
	size_t len;
	unsigned char type; /* enum rows_type */
	unsigned char cut;  /* there was more than `bytes` */
};

enum rows_end {
	ROWS_COMPLETE = 1, /* there is no more than this */
	ROWS_CUT,          /* the limit was reached before the end */
	ROWS_FAILED,       /* it broke off: what came is right, but not all */
	ROWS_REFUSED,      /* nothing was done: this is not known here */
	ROWS_UNAVAILABLE,  /* as ROWS_FAILED, but only now: the source is locked, does not answer, cannot be reached */
};

/* How an answer is known to be one. */
enum rows_cache {
	ROWS_OFF,  /* the source was asked, past the cache */
	ROWS_MISS, /* the source was asked, and the cache had no such answer */
	ROWS_HIT,  /* kept, and proven or fresh */
	ROWS_OLD,  /* kept, and no more than that: it may be so no longer */
};

extern const char *const rows_caches[]; /* "off", "miss", "hit", "old" */

struct rows;

struct rows_driver {
	int (*start)(struct rows *r, struct fail *f); /* fills columns and ncolumns */
	int (*next)(struct rows *r, struct fail *f);  /* 1: fills cells and ncells; 0: fills end; -1 */
	void (*close)(struct rows *r);                /* may be NULL */
};

/* A stream being read.  Its makers keep theirs behind `state`. */
struct rows {
	const struct rows_driver *driver;
	void *state;
	const struct rows_column *columns; /* after rows_columns() */
	size_t ncolumns;
	struct rows_cell *cells; /* after a rows_next() of 1; more than ncolumns of them if the row has more cells */
	size_t ncells;
	const char *csv; /* the row as a line of CSV without its end, instead of cells; NULL: there are cells */
	size_t csv_len;
	enum rows_end end;     /* after a rows_next() of 0; ROWS_REFUSED and ROWS_UNAVAILABLE may come with a -1 */
	enum rows_cache cache; /* after rows_columns() */
	int64_t as_of;         /* when the source was asked, in seconds since 1970; 0: just now */
	unsigned faults;       /* parts that could not be had, each with a note */
	struct buf notes;      /* warnings, a line each, complete once the end is reached */
	const char *cost; /* what it took to find the answer out, once the end is reached, in the arena; NULL: as it should.
			   * It is never kept: who is given the answer again has not paid it. */
};

int rows_columns(struct rows *r, struct fail *f);
int rows_next(struct rows *r, struct fail *f);

/* The end of another stream, its faults, its notes and its cost become those of this one. */
void rows_take_end(struct rows *r, const struct rows *other);

/* Adds a warning; `fault` says that something is missing because of it. */
void rows_note(struct rows *r, int fault, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Closing NULL does nothing.  The stream itself lives in its maker's arena. */
void rows_close(struct rows *r);

/* A stream as its maker's functions make it, in the arena. */
struct rows *rows_new(struct mem *m, const struct rows_driver *driver, void *state);

/* A stream of rows that are made at once: `fill`, called when the columns are first asked for, adds them. */
struct rows *rows_made(struct mem *m, const struct rows_column *columns, size_t ncolumns,
    int (*fill)(struct rows *r, void *arg, struct fail *f), void *arg);
void rows_made_add(struct rows *r, const struct rows_cell *cells);

/* Cells from values, for those who make rows; text is copied into the arena where `m` is given. */
struct rows_cell rows_text(const char *string);
struct rows_cell rows_bytes(const char *bytes, size_t len);
struct rows_cell rows_integer(struct mem *m, uint64_t value);
struct rows_cell rows_real(struct mem *m, double value); /* the shortest decimal that reads back as it; NULL if not finite */
struct rows_cell rows_timestamp(struct mem *m, int64_t seconds); /* since 1970; in UTC, RFC 3339; NULL beyond the calendar */
struct rows_cell rows_boolean(int value);
struct rows_cell rows_null(void);
struct rows_cell rows_text_or_null(const char *string); /* NULL is NULL */

/* Cuts a cell to `width` bytes, 0 for as many as a cell may have, and text at a character. */
void rows_cut(struct rows_cell *cell, size_t width);

/* A stream that fails as soon as it is asked for: ROWS_FAILED or ROWS_REFUSED. */
struct rows *rows_failed(struct mem *m, enum rows_end how, const char *sentence);

/* The encoded form, piece by piece. */
void rows_encode_start(struct buf *b);
void rows_encode_columns(struct buf *b, const struct rows_column *columns, size_t n);
void rows_encode_row(struct buf *b, const struct rows_cell *cells, size_t n);
void rows_encode_end(struct buf *b, const struct rows *r, const struct fail *failed);

/* A stream over encoded bytes, which must outlive it.  A failed end makes rows_next() fail with the sentence it carries;
 * bytes that break off before an end do too. */
struct rows *rows_decode(struct mem *m, const char *bytes, size_t len);

/* The same, but the frames from 'C' to 'E' come one by one. */
struct rows_frames {
	int (*next)(void *arg, struct frame *frame, struct fail *f); /* 0 or -1; the body is borrowed until the next call */
	void (*close)(void *arg);                                    /* may be NULL */
};
struct rows *rows_decode_frames(struct mem *m, const struct rows_frames *frames, void *arg);

/* One row frame, as rows_encode_row() makes it: its cells, borrowed from `bytes`; the count, or -1.  At most `room`. */
long rows_decode_row(const char *bytes, size_t len, struct rows_cell *cells, size_t room, struct fail *f);

#endif

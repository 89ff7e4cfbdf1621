/*
 * infer: what type a text looks like.
 *
 * A column is a number only if every cell that is not empty is one: `5885E9` among hexadecimal ids makes no column of
 * numbers, and what would lose something as a number (`007`, `+1`) is text.
 */
#ifndef INFER_H
#define INFER_H

#include <stddef.h>

#include "rows.h"

/* integer: -?(0|[1-9][0-9]*), at most 18 digits; real: such an integer with a fraction, an exponent behind a fraction or a
 * signed exponent, at most 400 bytes, and within a double's range; boolean: true, false (any case); date: YYYY-MM-DD that the
 * calendar has; timestamp: a date, `T` or a blank, HH:MM[:SS[.frac]] and perhaps Z or +HH:MM (ISO 8601, RFC 3339); else text.
 * ROWS_NULL where len is 0. */
enum rows_type infer_type(const char *text, size_t len);

/* The same, and what a number or a time is: *value is the nearest double of a number; of a date or timestamp the seconds since
 * 1970, in UTC where it says its offset, else as if it were.  Untouched for other types. */
enum rows_type infer_value(const char *text, size_t len, double *value);

/* The type of a column of which `a` is known and a cell of type `b` is seen. */
enum rows_type infer_join(enum rows_type a, enum rows_type b);

#endif

/*
 * number: the one checked number parser, the one duration parser and the one size parser; and how an age is told.
 *
 * The whole string must be the number: no blanks, no sign where none is meant, nothing behind it.  A failure's sentence
 * says what was wanted and quotes what was given.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdint.h>

#include "fail.h"

/* A decimal integer in [min, max]. */
int number_integer(const char *text, uint64_t min, uint64_t max, uint64_t *value, struct fail *f);

/* The value of a hexadecimal digit; -1 where it is none. */
int number_hex(char c);

/* A time span in nanoseconds: a decimal number with an optional fraction and a unit ms, s (the default), m, h or d.
 * At most 10,000 days. */
int number_duration(const char *text, int64_t *nanoseconds, struct fail *f);

/* A size in bytes: a whole number with an optional unit K, M, G or T, in either case: powers of 1024.  It must fit. */
int number_size(const char *text, uint64_t *bytes, struct fail *f);

/* "12 s", "5 min", "3 h", "2 days", of nanoseconds. */
enum { NUMBER_AGE = 32 };
void number_age(char text[NUMBER_AGE], int64_t age);

#endif

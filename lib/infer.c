#include "infer.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	INTEGER_DIGITS = 18, /* all such integers fit 64 bits */
	EXACT_POWER = 22,    /* the largest power of ten that a double holds exactly */
	NUMBER_LENGTH = 400, /* bytes of a number that are looked at; more digits are no number that anybody wrote */
};

static inline int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number as it is read: digits[0..n) without leading zeros make the mantissa as long as they fit. */
struct decimal {
	uint64_t mantissa;
	int digits;   /* in the mantissa */
	int exponent; /* the mantissa is to be multiplied by ten to this */
};

static inline const char *
read_digits(struct decimal *d, const char *p, const char *end, int fraction)
{
	for (; p < end && is_digit(*p); p++) {
		d->mantissa = d->mantissa * 10 + (uint64_t)(*p - '0');
		d->digits += d->mantissa != 0;
		d->exponent -= fraction;
	}
	return p;
}

/* Slow, and right for any number: correctly rounded. */
static double
read_slowly(const char *text, size_t len)
{
	char copy[NUMBER_LENGTH + 1];

	memcpy(copy, text, len);
	copy[len] = '\0';
	return strtod(copy, NULL);
}

/* Both the mantissa and the power are exact, so that one rounding is all there is (Clinger 1990, "How to read floating point
 * numbers accurately"). */
static inline double
scale(const struct decimal *d)
{
	static const double powers[EXACT_POWER + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
	    1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

	return d->exponent < 0 ? (double)d->mantissa / powers[-d->exponent] : (double)d->mantissa * powers[d->exponent];
}

/* [eE][+-]?digits, where a sign is needed unless there is a fraction; NULL where that is not what stands there. */
static const char *
read_exponent(struct decimal *d, const char *p, const char *end, int fraction)
{
	int negative = ++p < end && *p == '-', sign = negative || (p < end && *p == '+'), e = 0;
	const char *digits = p + sign;

	for (p = digits; p < end && is_digit(*p); p++)
		e = e < 10000 ? e * 10 + (*p - '0') : e;
	if (p == digits || (!fraction && !sign))
		return NULL;
	d->exponent += negative ? -e : e;
	return p;
}

static enum rows_type
number(const char *text, const char *end, double *value)
{
	const char *p = *text == '-' ? text + 1 : text, *start = p;
	struct decimal d = {0};
	enum rows_type type = ROWS_INTEGER;
	double v;

	p = read_digits(&d, p, end, 0);
	if (p == start || (*start == '0' && p - start > 1) || p - start > INTEGER_DIGITS)
		return ROWS_TEXT;
	if (p < end && *p == '.') {
		start = p + 1;
		p = read_digits(&d, start, end, 1);
		if (p == start)
			return ROWS_TEXT;
		type = ROWS_REAL;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p = read_exponent(&d, p, end, type == ROWS_REAL);
		type = ROWS_REAL;
	}
	if (p != end || end - text > NUMBER_LENGTH)
		return ROWS_TEXT;
	if (d.digits < 20 && d.mantissa <= UINT64_C(1) << 53 && d.exponent >= -EXACT_POWER && d.exponent <= EXACT_POWER) {
		v = *text == '-' ? -scale(&d) : scale(&d);
	} else {
		v = read_slowly(text, (size_t)(end - text));
		if (isinf(v))
			return ROWS_TEXT;
	}
	*value = v;
	return type;
}

/* Two digits that are there, in [least, most]: the number, or -1. */
static int
two(const char *p, int least, int most)
{
	int n;

	if (!is_digit(p[0]) || !is_digit(p[1]))
		return -1;
	n = (p[0] - '0') * 10 + (p[1] - '0');
	return n >= least && n <= most ? n : -1;
}

/* Days since 1970 in the proleptic Gregorian calendar: years are taken to begin in March, so that a leap day ends one. */
static int64_t
days_since_1970(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static int
days_of(int year, int month)
{
	if (month == 2)
		return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Z, +HH:MM, -HH:MM or nothing, up to the end: its seconds are taken off. */
static int
zone(const char *p, const char *end, double *value)
{
	int hours, minutes;

	if (p == end || (*p == 'Z' && p + 1 == end))
		return 1;
	if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':' || (hours = two(p + 1, 0, 23)) < 0 ||
	    (minutes = two(p + 4, 0, 59)) < 0)
		return 0;
	*value -= (*p == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return 1;
}

/* Digits behind a point, rounded once: those that no double could tell apart are passed over. */
static const char *
read_fraction(const char *p, const char *end, double *fraction)
{
	double whole = 0, unit = 1;

	for (; p < end && is_digit(*p); p++) {
		if (unit < 1e15) {
			whole = whole * 10 + (*p - '0');
			unit *= 10;
		}
	}
	*fraction = whole / unit;
	return p;
}

/* HH:MM[:SS[.frac]] and a zone, added to the seconds of the day. */
static enum rows_type
time_of_day(const char *p, const char *end, double *value)
{
	int hours, minutes, seconds = 0;
	double v, fraction = 0;

	if (end - p < 5 || p[2] != ':' || (hours = two(p, 0, 23)) < 0 || (minutes = two(p + 3, 0, 59)) < 0)
		return ROWS_TEXT;
	p += 5;
	if (end - p >= 3 && *p == ':') {
		/* 60: a leap second. */
		if ((seconds = two(p + 1, 0, 60)) < 0)
			return ROWS_TEXT;
		p += 3;
		if (end - p >= 2 && *p == '.' && is_digit(p[1]))
			p = read_fraction(p + 1, end, &fraction);
	}
	v = *value + hours * 3600 + minutes * 60 + seconds + fraction;
	if (!zone(p, end, &v))
		return ROWS_TEXT;
	*value = v;
	return ROWS_TIMESTAMP;
}

static enum rows_type
date(const char *p, const char *end, double *value)
{
	int century, year, month, day;
	enum rows_type type = ROWS_DATE;
	double v;

	if (end - p < 10 || p[4] != '-' || p[7] != '-' || (century = two(p, 0, 99)) < 0 || (year = two(p + 2, 0, 99)) < 0 ||
	    (month = two(p + 5, 1, 12)) < 0 || (day = two(p + 8, 1, 31)) < 0)
		return ROWS_TEXT;
	year += century * 100;
	if (year == 0 || day > days_of(year, month))
		return ROWS_TEXT;
	v = (double)days_since_1970(year, month, day) * 86400;
	if (end - p > 10) {
		type = p[10] == 'T' || p[10] == ' ' ? time_of_day(p + 11, end, &v) : ROWS_TEXT;
		if (type == ROWS_TEXT)
			return ROWS_TEXT;
	}
	*value = v;
	return type;
}

enum rows_type
infer_value(const char *text, size_t len, double *value)
{
	enum rows_type t;

	if (len == 0)
		return ROWS_NULL;
	if (!is_digit(*text) && *text != '-') {
		if ((len == 4 && strncasecmp(text, "true", 4) == 0) || (len == 5 && strncasecmp(text, "false", 5) == 0))
			return ROWS_BOOLEAN;
		return ROWS_TEXT;
	}
	t = number(text, text + len, value);
	return t == ROWS_TEXT && len >= 10 ? date(text, text + len, value) : t;
}

enum rows_type
infer_type(const char *text, size_t len)
{
	double unused;

	return infer_value(text, len, &unused);
}

enum rows_type
infer_join(enum rows_type a, enum rows_type b)
{
	if (a == b || b == ROWS_NULL)
		return a;
	if (a == ROWS_NULL)
		return b;
	if ((a == ROWS_INTEGER && b == ROWS_REAL) || (a == ROWS_REAL && b == ROWS_INTEGER))
		return ROWS_REAL;
	if ((a == ROWS_DATE && b == ROWS_TIMESTAMP) || (a == ROWS_TIMESTAMP && b == ROWS_DATE))
		return ROWS_TIMESTAMP;
	return ROWS_TEXT;
}

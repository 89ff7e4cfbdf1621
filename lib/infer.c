#include "infer.h"

#include <string.h>
#include <strings.h>

/* Matches text against a pattern in which `d` is a digit; returns what is behind it, or NULL. */
static const char *
match(const char *p, const char *end, const char *pattern)
{
	for (; *pattern != '\0'; pattern++, p++) {
		if (p == end)
			return NULL;
		if (*pattern == 'd' ? *p < '0' || *p > '9' : *p != *pattern)
			return NULL;
	}
	return p;
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static enum rows_type
number(const char *p, const char *end)
{
	const char *start = *p == '-' ? ++p : p, *q = digits(p, end);
	int fraction = 0;

	if (q == start || (*start == '0' && q - start > 1) || q - start > 18)
		return ROWS_TEXT;
	if (q == end)
		return ROWS_INTEGER;
	if (*q == '.') {
		const char *behind = digits(q + 1, end);

		if (behind == q + 1)
			return ROWS_TEXT;
		fraction = 1;
		q = behind;
	}
	if (q < end && (*q == 'e' || *q == 'E')) {
		int sign = ++q < end && (*q == '-' || *q == '+');
		const char *exponent = q + sign;

		q = digits(exponent, end);
		if (q == exponent || (!fraction && !sign))
			return ROWS_TEXT;
	}
	return q == end ? ROWS_REAL : ROWS_TEXT;
}

static enum rows_type
date(const char *p, const char *end)
{
	const char *q = match(p, end, "dddd-dd-dd"), *more;

	if (q == NULL || p[5] > '1' || p[8] > '3')
		return ROWS_TEXT;
	if (q == end)
		return ROWS_DATE;
	if (*q != ' ' && *q != 'T')
		return ROWS_TEXT;
	q = match(q + 1, end, "dd:dd");
	if (q == NULL)
		return ROWS_TEXT;
	more = match(q, end, ":dd");
	if (more != NULL) {
		q = more;
		more = match(q, end, ".d");
		if (more != NULL)
			q = digits(more, end);
	}
	if (q < end && *q == 'Z')
		q++;
	else if ((more = match(q, end, "+dd:dd")) != NULL || (more = match(q, end, "-dd:dd")) != NULL)
		q = more;
	return q == end ? ROWS_TIMESTAMP : ROWS_TEXT;
}

enum rows_type
infer_type(const char *text, size_t len)
{
	enum rows_type t;

	if (len == 0)
		return ROWS_NULL;
	if ((*text < '0' || *text > '9') && *text != '-') {
		if ((len == 4 && strncasecmp(text, "true", 4) == 0) || (len == 5 && strncasecmp(text, "false", 5) == 0))
			return ROWS_BOOLEAN;
		return ROWS_TEXT;
	}
	t = number(text, text + len);
	return t == ROWS_TEXT ? date(text, text + len) : t;
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

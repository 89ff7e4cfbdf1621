#include "number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct unit {
	const char *name;
	double nanoseconds;
} units[] = {
    {"ms", 1e6},
    {"s", 1e9},
    {"", 1e9},
    {"m", 60e9},
    {"h", 3600e9},
    {"d", 86400e9},
};

static int
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number that `text` begins with: what stands behind it, or NULL where there is none or it does not fit. */
static const char *
take_digits(const char *text, uint64_t *value)
{
	const char *p = text;
	uint64_t v = 0;

	for (; digit(*p); p++) {
		uint64_t d = (uint64_t)(*p - '0');

		if (v > (UINT64_MAX - d) / 10)
			return NULL;
		v = v * 10 + d;
	}
	*value = v;
	return p > text ? p : NULL;
}

int
number_integer(const char *text, uint64_t min, uint64_t max, uint64_t *value, struct fail *f)
{
	uint64_t v;
	const char *end = take_digits(text, &v);

	if (end != NULL && *end == '\0' && v >= min && v <= max) {
		*value = v;
		return 0;
	}
	if (max == UINT64_MAX)
		return fail_set(f, "a whole number of at least %" PRIu64 " is wanted, not '%s'", min, text);
	return fail_set(f, "a whole number from %" PRIu64 " to %" PRIu64 " is wanted, not '%s'", min, max, text);
}

int
number_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
number_duration(const char *text, int64_t *nanoseconds, struct fail *f)
{
	const double limit = 10000.0 * 86400e9;
	double v = 0, place = 1;
	const char *p = text;

	if (!digit(*p))
		goto bad;
	for (; digit(*p); p++)
		v = v * 10 + (*p - '0');
	if (*p == '.') {
		if (!digit(*++p))
			goto bad;
		for (; digit(*p); p++)
			v += (*p - '0') * (place /= 10);
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (strcmp(p, units[i].name) == 0 && v * units[i].nanoseconds <= limit) {
			*nanoseconds = (int64_t)(v * units[i].nanoseconds);
			return 0;
		}
	}
bad:
	return fail_set(f, "a time such as 200ms, 1.5s, 2m, 1h or 1d is wanted, not '%s'", text);
}

int
number_size(const char *text, uint64_t *bytes, struct fail *f)
{
	static const char names[] = "KkMmGgTt";
	uint64_t v;
	const char *end = take_digits(text, &v), *unit;
	int shift = 0;

	if (end != NULL && *end != '\0' && (unit = strchr(names, *end)) != NULL) {
		shift = 10 * (int)((unit - names) / 2 + 1);
		end++;
	}
	if (end == NULL || *end != '\0' || v > UINT64_MAX >> shift)
		return fail_set(f, "a size such as 4096, 64K, 100M or 1G is wanted, not '%s'", text);
	*bytes = v << shift;
	return 0;
}

void
number_age(char text[NUMBER_AGE], int64_t age)
{
	long long s = age / 1000000000;

	if (s < 120)
		snprintf(text, NUMBER_AGE, "%lld s", s);
	else if (s < 7200)
		snprintf(text, NUMBER_AGE, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(text, NUMBER_AGE, "%lld h", s / 3600);
	else
		snprintf(text, NUMBER_AGE, "%lld days", s / 86400);
}

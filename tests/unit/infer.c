/* infer: what a text is and what it is worth, held to strtod(3), to a calendar that is counted day by day, and to a table. */

#include "infer.h"

#include <math.h>
#include <stdlib.h>

#include "random.h"
#include "tap.h"

static int
is(const char *text, enum rows_type type)
{
	double v = 0.5;
	enum rows_type got = infer_value(text, strlen(text), &v);
	int has_value = type == ROWS_INTEGER || type == ROWS_REAL || type == ROWS_DATE || type == ROWS_TIMESTAMP;

	if (got != type || infer_type(text, strlen(text)) != type || (!has_value && v != 0.5))
		return printf("# %s is %s\n", text, rows_type_name(got)), 0;
	return 1;
}

static int
all_are(const char *const *texts, size_t n, enum rows_type type)
{
	int same = 1;

	for (size_t i = 0; i < n; i++)
		same &= is(texts[i], type);
	return same;
}

#define ALL(type, name, ...)                                                                                                   \
	do {                                                                                                                   \
		static const char *const texts[] = {__VA_ARGS__};                                                              \
		CHECK(all_are(texts, sizeof texts / sizeof *texts, type), name);                                               \
	} while (0)

static void
test_types(void)
{
	ALL(ROWS_INTEGER, "integers", "0", "-0", "7", "-1", "123456789012345678", "-999999999999999999");
	ALL(ROWS_REAL, "reals", "0.0", "-0.0", "1.5e3", "1e+5", "1E-5", "0.00", "1.7976931348623157e308", "4.9e-324",
	    "1.0e-999999999999", "123456789012345678.5");
	ALL(ROWS_TEXT, "what would lose something as a number, or is none, is text", "007", "+1", "5885E9", "1e5", ".5", "1.",
	    "1.e5", "-", "--1", "1 ", " 1", "1,5", "0x10", "1e", "1e+", "1.5e", "1.5e-", "NaN", "inf", "-inf",
	    "1234567890123456789", "1.8e308", "-1e+400", "1.0e99999999999999999999");
	ALL(ROWS_BOOLEAN, "booleans in any case", "true", "false", "TRUE", "False");
	ALL(ROWS_DATE, "dates that the calendar has", "2024-02-29", "2000-02-29", "2023-12-31", "0001-01-01", "9999-12-31");
	ALL(ROWS_TEXT, "dates that it has not", "2023-02-29", "1900-02-29", "2021-02-30", "2021-04-31", "2021-13-01",
	    "2021-00-01", "2021-01-00", "2021-01-32", "0000-01-01", "2021-1-01", "2021/01/01", "2021-01-01x", "-2021-01-01",
	    "12021-01-01");
	ALL(ROWS_TIMESTAMP, "times of a day", "2024-02-03T00:00", "2024-02-03 23:59", "2024-02-03T23:59:60Z",
	    "2024-02-03T01:02:03.4567890123456789", "2024-02-03T01:02+00:00", "2024-02-03 01:02:03.4-23:59");
	ALL(ROWS_TEXT, "times that no day has", "2024-02-03T24:00", "2024-02-03T25:00", "2024-02-03T00:60",
	    "2024-02-03T00:00:61", "2024-02-03T", "2024-02-03T1:00", "2024-02-03T01:00:0", "2024-02-03T01:00:00.",
	    "2024-02-03T01:00z", "2024-02-03T01:00+24:00", "2024-02-03T01:00+01", "2024-02-03T01:00+0100", "2024-02-03T01:00Z ",
	    "2024-02-03t01:00", "2023-02-29T01:00");
	CHECK(infer_type("", 0) == ROWS_NULL, "nothing is NULL");
}

static int
is_worth(const char *text, double want)
{
	double v = 0;
	enum rows_type t = infer_value(text, strlen(text), &v);

	/* The sign of a zero is part of it. */
	if ((t != ROWS_INTEGER && t != ROWS_REAL) || memcmp(&v, &want, sizeof v) != 0)
		return printf("# %s is %.17g, not %.17g\n", text, v, want), 0;
	return 1;
}

static size_t
digits(char *to, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		to[i] = (char)('0' + next_random(10));
	return n;
}

/* Numbers of any shape; a zero in front would make them text. */
static void
make_number(char *text, int i)
{
	size_t n = next_random(2);

	memset(text, '-', n);
	n += digits(text + n, 1 + next_random(18));
	text[text[0] == '-'] = (char)('1' + next_random(9));
	if (i % 3) {
		text[n++] = '.';
		n += digits(text + n, 1 + next_random(i % 2 ? 6 : 30));
	}
	if (i % 3 == 0 || next_random(2))
		n += (size_t)sprintf(text + n, "e%c%u", next_random(2) ? '+' : '-', next_random(i % 2 ? 25 : 280));
	text[n] = '\0';
}

static void
test_numbers(void)
{
	static const char *const hard[] = {"9007199254740993", "9007199254740992.9", "0.1", "2.2250738585072011e-308",
	    "2.2250738585072014e-308", "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
	    "1.7976931348623157e308", "1.7976931348623158e308", "8.5e22", "9.999999999999999e22", "123456789012345678", "-0",
	    "0.000000000000000000000000000000000000000000001", "900719925474099.3", "1448997445238699.0e-22",
	    "9007199254740991e-22", "9007199254740993e+22"};
	char text[600];
	int same = 1;

	for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
		same &= is_worth(hard[i], strtod(hard[i], NULL));
	CHECK(same, "numbers that are hard to round are worth what strtod() says");
	for (int i = 0; i < 200000 && same; i++) {
		make_number(text, i);
		same = is_worth(text, strtod(text, NULL));
	}
	CHECK(same, "200,000 numbers are worth what strtod() says");
	text[0] = '1';
	text[1] = '.';
	memset(text + 2, '0', 500);
	text[400] = '\0';
	CHECK(is_worth(text, 1), "a number may have 400 bytes");
	text[400] = '0';
	text[401] = '\0';
	CHECK(is(text, ROWS_TEXT), "one with more is text");
}

static double
instant(const char *text)
{
	double v = NAN;

	infer_value(text, strlen(text), &v);
	return v;
}

static int
days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && (year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)));
}

/* Every day from the year 1 to 9999, the proleptic Gregorian calendar. */
static void
test_calendar(void)
{
	double at = -62135596800.0;
	char text[40];
	int same = 1;

	for (int year = 1; year <= 9999 && same; year++) {
		for (int month = 1; month <= 12; month++) {
			for (int day = 1; day <= 32; day++) {
				snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
				if (day > days_in(year, month)) {
					same &= infer_type(text, strlen(text)) == ROWS_TEXT;
				} else {
					same &= instant(text) == at;
					at += 86400;
				}
			}
		}
	}
	CHECK(same && at == 253402300800.0, "each day of the years 1 to 9999, and none that there is not");
}

static void
test_times(void)
{
	/* By Python's datetime. */
	static const struct {
		const char *text;
		double seconds;
	} times[] = {
	    {"0001-01-01", -62135596800},
	    {"1582-10-04", -12220243200},
	    {"1582-10-15", -12219292800},
	    {"1600-02-29", -11670998400},
	    {"1899-12-31", -2209075200},
	    {"1900-03-01", -2203891200},
	    {"1969-12-31", -86400},
	    {"1970-01-01", 0},
	    {"2000-02-29", 951782400},
	    {"2004-02-29", 1078012800},
	    {"2038-01-19", 2147472000},
	    {"2100-03-01", 4107542400},
	    {"2400-02-29", 13574563200},
	    {"9999-12-31", 253402214400},
	    {"1970-01-01T00:00", 0},
	    {"1970-01-01 00:00:01", 1},
	    {"1969-12-31T23:59:59Z", -1},
	    {"2024-02-29T12:34:56Z", 1709210096},
	    {"2024-02-29 12:34:56+02:00", 1709202896},
	    {"2024-02-29T00:30:00+05:45", 1709145900},
	    {"2024-12-31T23:59-11:30", 1735730940},
	    {"2000-01-01T00:00:00-23:59", 946771140},
	    {"2038-01-19T03:14:07Z", 2147483647},
	    {"1600-12-31T23:59:59+14:00", -11644524001},
	    {"9999-12-31T23:59:59Z", 253402300799},
	};
	int same = 1;

	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		if (instant(times[i].text) != times[i].seconds) {
			same = 0;
			printf("# %s is %.17g\n", times[i].text, instant(times[i].text));
		}
	}
	CHECK(same, "dates, times and offsets as Python's datetime has them");
	CHECK(instant("1970-01-01T00:00:60Z") == 60, "a leap second is the first of the next minute");
	CHECK(instant("1970-01-01T00:00:00.5") == 0.5 && instant("1969-12-31T23:59:59.75Z") == -0.25, "fractions of seconds");
	CHECK(fabs(instant("2024-02-29T12:34:56.123456Z") - 1709210096.123456) < 5e-7, "to the microsecond");
}

static void
test_join(void)
{
	int same = 1;

	for (int a = ROWS_NULL; a <= ROWS_BYTES; a++) {
		same &= infer_join((enum rows_type)a, ROWS_NULL) == (enum rows_type)a;
		for (int b = ROWS_NULL; b <= ROWS_BYTES; b++)
			same &= infer_join((enum rows_type)a, (enum rows_type)b) ==
				infer_join((enum rows_type)b, (enum rows_type)a);
	}
	CHECK(same, "columns are joined in any order, and NULL says nothing");
	CHECK(infer_join(ROWS_INTEGER, ROWS_REAL) == ROWS_REAL && infer_join(ROWS_DATE, ROWS_TIMESTAMP) == ROWS_TIMESTAMP &&
		  infer_join(ROWS_INTEGER, ROWS_DATE) == ROWS_TEXT && infer_join(ROWS_BOOLEAN, ROWS_INTEGER) == ROWS_TEXT,
	    "numbers are joined to numbers, times to times");
}

int
main(void)
{
	test_types();
	test_numbers();
	test_calendar();
	test_times();
	test_join();
	return tap_end();
}

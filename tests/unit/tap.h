/* tap: a test is a check with a name; prints TAP. */
#ifndef TAP_H
#define TAP_H

#include <stdio.h>
#include <string.h>

static int tap_number, tap_failed;

static inline int
tap_check(int ok, const char *name, const char *file, int line)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++tap_number, name);
	if (!ok) {
		printf("# at %s:%d\n", file, line);
		tap_failed = 1;
	}
	return ok;
}

#define CHECK(condition, name) tap_check((condition) != 0, name, __FILE__, __LINE__)
#define CHECK_TEXT(got, want, name)                                                                                            \
	tap_check(strcmp(got, want) == 0 || (printf("# got: %s\n", got), 0), name, __FILE__, __LINE__)

static inline int
tap_end(void)
{
	printf("1..%d\n", tap_number);
	return tap_failed;
}

#endif

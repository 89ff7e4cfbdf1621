#include "width.h"

#include <stddef.h>

struct range {
	uint32_t first, last;
};

#include "width_table.h"

#define IN(table, code) in_table(table, sizeof(table) / sizeof *(table), code)

static int
in_table(const struct range *t, size_t n, uint32_t code)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (code > t[mid].last)
			low = mid + 1;
		else if (code < t[mid].first)
			high = mid;
		else
			return 1;
	}
	return 0;
}

int
width_of(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return 1;
	if (IN(hidden, code))
		return -1;
	if (IN(zero, code))
		return 0;
	return IN(wide, code) ? 2 : 1;
}

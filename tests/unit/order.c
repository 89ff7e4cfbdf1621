/* Numbers of any count come into their order, and none is lost. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "order.h"
#include "random.h"
#include "tap.h"

enum { MOST = 2100 };

static int
ascends(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of `kinds` numbers. */
static int
sorts(size_t n, unsigned kinds)
{
	double *v = malloc((n + 1) * sizeof *v), *want = malloc((n + 1) * sizeof *v), *room = malloc((n + 1) * sizeof *v);
	int same;

	for (size_t i = 0; i < n; i++)
		want[i] = v[i] = i % 50 == 7 ? -INFINITY : i % 50 == 9 ? INFINITY : (double)next_random(kinds) - 100;
	qsort(want, n, sizeof *want, ascends);
	order_sort(v, room, n);
	same = memcmp(v, want, n * sizeof *v) == 0;
	order_sort(v, room, n);
	same = same && memcmp(v, want, n * sizeof *v) == 0;
	free(v);
	free(want);
	free(room);
	return same;
}

static int
merges(size_t na, size_t nb)
{
	double all[64], a[64], want[64];

	for (size_t i = 0; i < na + nb; i++)
		want[i] = all[i] = next_random(20);
	qsort(want, na + nb, sizeof *want, ascends);
	qsort(all, na, sizeof *all, ascends);
	qsort(all + na, nb, sizeof *all, ascends);
	memcpy(a, all, sizeof a);
	order_merge(all, a, na, nb);
	return memcmp(all, want, (na + nb) * sizeof *all) == 0;
}

int
main(void)
{
	int right = 1;

	for (size_t n = 0; n < MOST; n += 1 + n / 100)
		right = right && sorts(n, 10000) && sorts(n, 3);
	CHECK(right, "sorted");
	right = 1;
	for (size_t na = 0; na < 30; na++)
		for (size_t nb = 0; nb < 30; nb++)
			right = right && merges(na, nb);
	CHECK(right, "merged");
	return tap_end();
}

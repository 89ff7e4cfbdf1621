#include "order.h"

#include <string.h>

/* Which is next is added up, not branched on. */
void
order_merge(double *to, const double *a, size_t na, size_t nb)
{
	const double *b = to + na;
	size_t i = 0, j = 0;

	while (i < na && j < nb) {
		double x = a[i], y = b[j];

		to[i + j] = y < x ? y : x;
		i += !(y < x);
		j = j + (y < x);
	}
	memmove(to + i + j, a + i, (na - i) * sizeof *to);
}

static inline void
exchange(double *a, double *b)
{
	double x = *a, y = *b;

	*a = x < y ? x : y;
	*b = x < y ? y : x;
}

/* A network of 19 exchanges, the fewest there are (Knuth: The art of computer programming, volume 3, 5.3.4): which of two is
 * less is not to be guessed, so nothing branches on it.  Written out, as a loop over a table stays one with some compilers. */
static inline void
sort_eight(double *v)
{
	double a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];

	exchange(&a, &c), exchange(&b, &d), exchange(&e, &g), exchange(&f, &h);
	exchange(&a, &e), exchange(&b, &f), exchange(&c, &g), exchange(&d, &h);
	exchange(&a, &b), exchange(&c, &d), exchange(&e, &f), exchange(&g, &h);
	exchange(&c, &e), exchange(&d, &f);
	exchange(&b, &e), exchange(&d, &g);
	exchange(&b, &c), exchange(&d, &e), exchange(&f, &g);
	v[0] = a, v[1] = b, v[2] = c, v[3] = d, v[4] = e, v[5] = f, v[6] = g, v[7] = h;
}

/* Merges two runs of one length from both ends: neither can be used up before the halves meet, so no end is looked for. */
static void
merge_runs(double *to, const double *v, size_t run)
{
	size_t a = 0, b = run, c = run - 1, d = 2 * run - 1;

	for (size_t i = 0; i < run; i++) {
		double x = v[a], y = v[b], z = v[c], w = v[d];

		to[i] = y < x ? y : x;
		b += y < x;
		a = i + 1 + run - b;
		to[2 * run - 1 - i] = w < z ? z : w;
		c -= w < z;
		d = 3 * run - 3 - i - c;
	}
}

/* Runs of eight, then runs of twice the length until there is one. */
void
order_sort(double *v, double *room, size_t n)
{
	double *from = v, *to = room, *swap;
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		sort_eight(v + i);
	for (size_t k = i; i < n; i++)
		for (size_t j = i; j > k; j--)
			exchange(v + j - 1, v + j);
	for (size_t run = 8; run < n; run *= 2) {
		for (i = 0; i + 2 * run <= n; i += 2 * run)
			merge_runs(to + i, from + i, run);
		memcpy(to + i, from + i, (n - i) * sizeof *to);
		if (i + run < n)
			order_merge(to + i, from + i, run, n - i - run);
		swap = from;
		from = to;
		to = swap;
	}
	if (from != v)
		memcpy(v, from, n * sizeof *v);
}

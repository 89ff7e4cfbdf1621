#include "hll.h"

#include <math.h>

void
hll_merge(struct hll *into, const struct hll *from)
{
	for (int i = 0; i < HLL_REGISTERS; i++)
		into->rarest[i] = into->rarest[i] > from->rarest[i] ? into->rarest[i] : from->rarest[i];
}

/* x + sum of x^(2^k) 2^(k-1) over k from 1 (Ertl, 2017): what the registers that are empty stand for. */
static double
sigma(double x)
{
	double sum = x, before;

	if (x == 1)
		return INFINITY;
	for (double y = 1;; y += y) {
		x *= x;
		before = sum;
		sum += x * y;
		if (sum == before)
			return sum;
	}
}

/* (1 - x - sum of (1 - x^(2^-k))^2 2^-k over k from 1) / 3 (Ertl, 2017): for registers that cannot count further. */
static double
tau(double x)
{
	double sum = 1 - x, before;

	if (x == 0 || x == 1)
		return 0;
	for (double y = 0.5;; y /= 2) {
		x = sqrt(x);
		before = sum;
		sum -= (1 - x) * (1 - x) * y;
		if (sum == before)
			return sum / 3;
	}
}

double
hll_estimate(const struct hll *h)
{
	const double m = HLL_REGISTERS, alpha = 0.72134752044448170368; /* 1 / (2 ln 2) */
	int count[HLL_LAST + 1] = {0};
	double z;

	for (int i = 0; i < HLL_REGISTERS; i++)
		count[h->rarest[i]]++;
	z = m * tau(1 - count[HLL_LAST] / m);
	for (int k = HLL_LAST - 1; k >= 1; k--)
		z = (z + count[k]) / 2;
	z += m * sigma(count[0] / m);
	return alpha * m * m / z;
}

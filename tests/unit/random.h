/* random: numbers that are the same in every run (a linear congruential generator, with the constants of POSIX's example of
 * rand(3)). */
#ifndef RANDOM_H
#define RANDOM_H

static unsigned seed = 1;

/* Any of 0..n - 1. */
static inline unsigned
next_random(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

#endif

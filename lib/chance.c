#include "chance.h"

#include <string.h>
#include <sys/auxv.h>

#include "clock.h"

/* The kernel gives each program some random bytes (getauxval(3)); without them the clock has to do. */
uint64_t
chance_seed(void)
{
	static uint64_t calls;
	const void *random = (const void *)getauxval(AT_RANDOM);
	uint64_t seed = 0;
	if (random != NULL)
		memcpy(&seed, random, sizeof seed);
	return (seed ^ (uint64_t)clock_read(CLOCK_REALTIME) * UINT64_C(0x9e3779b97f4a7c15)) + calls++;
}

uint64_t
chance_below(uint64_t *state, uint64_t n)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* The processors that this process may run on. */
#define _GNU_SOURCE /* sched_setaffinity() */

#include <sched.h>

#include "tap.h"
#include "threads.h"

int
main(void)
{
	cpu_set_t all, one;
	int cpu = 0;

	CHECK(sched_getaffinity(0, sizeof all, &all) == 0, "the system tells");
	CHECK(threads_processors() >= 1 && threads_processors() <= (unsigned)CPU_COUNT(&all), "no more than it has");
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	CHECK(sched_setaffinity(0, sizeof one, &one) == 0 && threads_processors() == 1, "one where it has one");
	return tap_end();
}

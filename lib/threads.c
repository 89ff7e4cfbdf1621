#define _GNU_SOURCE /* sched_setaffinity() */
#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

enum { MOST = 64, STACK = 256 * 1024 /* bytes; musl's default of 128 KiB is little */ };

/* Those that are online, as glibc counts them, may be more than this process has (taskset(1), a container). */
static long
count(void)
{
#ifdef __linux__
	cpu_set_t all;

	if (sched_getaffinity(0, sizeof all, &all) == 0)
		return CPU_COUNT(&all);
#endif
	return sysconf(_SC_NPROCESSORS_ONLN);
}

unsigned
threads_processors(void)
{
	long n = count();

	return n < 1 ? 1 : n > MOST ? MOST : (unsigned)n;
}

struct worker {
	pthread_t thread;
	int runs;
	unsigned number;
	void (*work)(void *arg, unsigned worker);
	void *arg;
};

/* A new thread starts on the processor of its maker and may stay there, beside an idle one, for longer than all the work
 * takes.  Being sent elsewhere once is enough; after that the system does with it as it likes. */
static void
move_away(unsigned number)
{
#ifdef __linux__
	cpu_set_t all, one;
	unsigned place;

	if (sched_getaffinity(0, sizeof all, &all) < 0 || CPU_COUNT(&all) < 2)
		return;
	place = number % (unsigned)CPU_COUNT(&all);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &all) && place-- == 0) {
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof one, &one);
			sched_setaffinity(0, sizeof all, &all);
			return;
		}
	}
#else
	(void)number;
#endif
}

static void *
start(void *arg)
{
	struct worker *w = arg;

	move_away(w->number);
	w->work(w->arg, w->number);
	return NULL;
}

void
threads_run(unsigned n, void (*work)(void *arg, unsigned worker), void *arg)
{
	struct worker workers[MOST];
	pthread_attr_t attributes;

	if (n > MOST)
		n = MOST;
	if (n > 1) {
		pthread_attr_init(&attributes);
		pthread_attr_setstacksize(&attributes, STACK);
		for (unsigned i = 1; i < n; i++) {
			workers[i] = (struct worker){.number = i, .work = work, .arg = arg};
			workers[i].runs = pthread_create(&workers[i].thread, &attributes, start, &workers[i]) == 0;
		}
		pthread_attr_destroy(&attributes);
		move_away(0);
	}
	work(arg, 0);
	for (unsigned i = 1; i < n; i++) {
		if (workers[i].runs)
			pthread_join(workers[i].thread, NULL);
	}
}

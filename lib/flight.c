#define _GNU_SOURCE /* F_OFD_SETLK, which glibc and musl have */
#include "flight.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

enum { LONGEST_NAP = 20 }; /* milliseconds */

static int
open_lock(struct cache *c, const struct cache_name *name)
{
	char file[3];

	snprintf(file, sizeof file, "%02x", (unsigned)(cache_name_hash(name) & 0xff));
	return cache_own_file(c, "locks", file);
}

enum flight
flight_try(int fd)
{
	int r;

	while ((r = flock(fd, LOCK_EX | LOCK_NB)) < 0 && errno == EINTR)
		continue;
	if (r == 0)
		return FLIGHT_MINE;
	return errno == EWOULDBLOCK ? FLIGHT_ANOTHERS : FLIGHT_NONE;
}

/* Locks the byte of an answer. */
static enum flight
try_byte(int fd, const struct cache_name *name)
{
	const struct flock byte = {
	    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)(cache_name_hash(name) >> 2), .l_len = 1};
	int r;

	while ((r = fcntl(fd, F_OFD_SETLK, &byte)) < 0 && errno == EINTR)
		continue;
	if (r == 0)
		return FLIGHT_MINE;
	return errno == EAGAIN || errno == EACCES ? FLIGHT_ANOTHERS : FLIGHT_NONE;
}

static enum flight
keep_if_mine(enum flight how, int fd, int *lock)
{
	*lock = how == FLIGHT_MINE ? fd : -1;
	if (how != FLIGHT_MINE)
		close(fd);
	return how;
}

enum flight
flight_take(struct cache *c, const struct cache_name *name, int *lock)
{
	int fd = open_lock(c, name);

	*lock = -1;
	return fd < 0 ? FLIGHT_NONE : keep_if_mine(try_byte(fd, name), fd, lock);
}

/* A lock that one may wait for has no way to stop waiting but a signal: so it is looked at now and then. */
enum flight
flight_wait(struct cache *c, const struct cache_name *name, struct watch *w, int *lock)
{
	int fd = open_lock(c, name);
	int64_t until = watch_now() + INT64_C(1000000000) * FLIGHT_WAIT;
	enum flight how;

	*lock = -1;
	if (fd < 0)
		return FLIGHT_NONE;
	if (w != NULL && w->deadline != 0)
		until = w->deadline;
	trace_event("wait kind=%s", name->kind);
	for (int ms = 1; (how = try_byte(fd, name)) == FLIGHT_ANOTHERS && watch_now() < until;
	     ms = ms < LONGEST_NAP ? 2 * ms : ms)
		nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
	return keep_if_mine(how, fd, lock);
}

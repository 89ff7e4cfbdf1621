/*
 * flight: of the processes that miss the same answer together one asks, and the others wait for what it keeps.
 *
 * Who asks holds a lock on a byte of one of the cache's 256 files v1/locks/00 ... ff, by a hash of the key: a lock of an open
 * file (F_OFD_SETLK, fcntl(2)), which has 2^62 bytes to lock even where it is empty, so that two answers hardly ever share one.
 * That would cost a wait, and what waits for a server has a round trip of its own.  The kernel takes the lock back from a
 * process that is killed.  It only saves work: what is found is right or wrong without it (cache.h).
 *
 * Nobody waits while he holds a lock: two batches in different order would wait for each other.
 */
#ifndef FLIGHT_H
#define FLIGHT_H

#include "cache.h"
#include "watch.h"

enum flight { FLIGHT_MINE, FLIGHT_ANOTHERS, FLIGHT_NONE };

/* Locks an open file for this process alone, until it is closed, where no other has it. */
enum flight flight_try(int fd);

/* FLIGHT_MINE and the lock's descriptor, to be closed; FLIGHT_ANOTHERS: another process holds it, or this one does, having
 * been asked for the same twice; FLIGHT_NONE: there can be no lock here. */
enum flight flight_take(struct cache *c, const struct cache_name *name, int *lock);

/* The same, but waits until the other is done: to the deadline, else FLIGHT_WAIT seconds; FLIGHT_ANOTHERS where he is not. */
enum { FLIGHT_WAIT = 10 };
enum flight flight_wait(struct cache *c, const struct cache_name *name, struct watch *w, int *lock);

#endif

/*
 * metrics_totals: what the answers of each program from each database came to, and the lines that say so.
 *
 * One line a program and database, its fields separated by tabs:
 *
 *     TIME PROGRAM DATABASE [OUTCOME=SUM,LONGEST,BUCKET:N...]... [EVENT=N]...
 *
 * TIME      when it was last used: seconds since 1970, ten digits
 * PROGRAM   its name, `dbm-` and small letters
 * DATABASE  its reference as it is printed, without a password: at most METRICS_NAME bytes of UTF-8 without control and
 * invisible formatting characters OUTCOME   hit, miss, old or off; SUM and LONGEST are nanoseconds, and N answers are in each
 * BUCKET (histogram.h) EVENT     stored, waited, refreshed, refresh_failed, corrupt or failed, and how often
 *
 * A number is below HISTOGRAM_MOST.  Lines of the same program and database add up, so one line is as good as several: what a
 * command appends to the log and what many of them came to has the same form.  Example of one answer in 1.5 ms:
 *
 *     1784000000 dbm-preview shop.db miss=1500000,1500000,525:1 stored=1
 */
#ifndef METRICS_TOTALS_H
#define METRICS_TOTALS_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "histogram.h"
#include "mem.h"

enum {
	METRICS_NAME = 1000,  /* bytes of a database's reference; a longer one counts for METRICS_OTHER */
	METRICS_PROGRAM = 32, /* bytes of a program's name */
};

#define METRICS_OTHER "(other)" /* stands for the databases that there is no room for */

enum metrics_outcome {
	METRICS_HIT,     /* from the cache */
	METRICS_MISS,    /* from the source, since the cache had no answer */
	METRICS_OLD,     /* from the cache, where it was out of date */
	METRICS_OFF,     /* past the cache */
	METRICS_OUTCOMES /* how many there are; of a sample: there was no answer, only events */
};

enum metrics_event {
	METRICS_STORED = 1 << 0,         /* the answer was put into the cache */
	METRICS_WAITED = 1 << 1,         /* another process was finding it out */
	METRICS_REFRESHED = 1 << 2,      /* it was found out again in the background */
	METRICS_REFRESH_FAILED = 1 << 3, /* or could not be */
	METRICS_CORRUPT = 1 << 4,        /* an entry of the cache was damaged */
	METRICS_FAILED = 1 << 5,         /* there was no answer */
};

enum { METRICS_EVENTS = 6 };

/* As the lines have them, in the order above. */
extern const char *const metrics_outcomes[METRICS_OUTCOMES], *const metrics_events[METRICS_EVENTS];

struct metrics_pair {
	const char *program, *database;
	int64_t seen;                                /* seconds since 1970 */
	struct histogram outcomes[METRICS_OUTCOMES]; /* nanoseconds */
	uint64_t events[METRICS_EVENTS];             /* in the order of their bits */
};

/* All of it in the arena.  `struct metrics_totals t = {0}` is empty. */
struct metrics_totals {
	struct metrics_pair **pairs;
	size_t n;
	/* private */
	uint32_t *slots; /* of a hash table: the place in `pairs` plus 1, 0: free */
	size_t nslots;   /* a power of two, or 0 */
};

/* The pair; NULL where there is none yet; one that is added where there is none. */
struct metrics_pair *metrics_totals_find(const struct metrics_totals *t, const char *program, const char *database);
struct metrics_pair *metrics_totals_pair(struct mem *m, struct metrics_totals *t, const char *program, const char *database);

/* How often it happened. */
uint64_t metrics_totals_event(const struct metrics_pair *pair, enum metrics_event event);

/* True where a line can have that name of a database. */
int metrics_totals_nameable(const char *database);

/* The `most` pairs seen last stay, and those of METRICS_OTHER; what the rest have goes to the METRICS_OTHER of their program.
 */
void metrics_totals_limit(struct mem *m, struct metrics_totals *t, size_t most);

/* Into the order of databases, then programs. */
void metrics_totals_sort(struct metrics_totals *t);

/* The lines. */
void metrics_totals_encode(struct buf *b, const struct metrics_totals *t);

/* Adds what lines say, of any bytes: a line that is none, and one without its end, is left out as a whole. */
void metrics_totals_decode(struct mem *m, struct metrics_totals *t, const char *bytes, size_t len);

#endif

/*
 * index_scans: how often indexes were used when dbm-index last looked, kept in the state (state.h), so that what was not used
 * for long is known also where the server's counters began anew meanwhile.
 *
 * Of each index there are spans of time between whose first and last look its counter stood still.  A look makes the last span
 * longer, at most once an hour, or begins a new one; the last INDEX_SCANS_SPANS are kept, and an index that nobody has seen for
 * 400 days is forgotten.
 *
 * No server says when an index was made.  One that was not there when others of its table were looked at, or whose counter
 * alone has gone back, counts as made at the first look at it; what is kept of it says that its counter began then.
 *
 * The file `scans` in the folder of the database is replaced as a whole: of two who write at once, one look is lost.  A line of
 * it that cannot be read is passed over, and so is a span that is not over by now.
 */
#ifndef INDEX_SCANS_H
#define INDEX_SCANS_H

#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "fail.h"
#include "mem.h"

enum { INDEX_SCANS_SPANS = 8 };

/* Times are seconds since 1970. */
struct index_scans_span {
	int64_t first, last; /* looks */
	int64_t since;       /* when the counter began, not before the index was made as far as that is known; 0: not known */
	uint64_t scans;
};

struct index_scans_index {
	const char *table, *name;
	struct index_scans_span spans[INDEX_SCANS_SPANS]; /* one after another */
	size_t n;
};

struct index_scans {
	struct index_scans_index *list; /* by table and name */
	size_t n;
};

/* Reads what is kept of a database in an open folder, in the arena; nothing where there is none, or nothing that can be read.
 */
void index_scans_read(struct index_scans *s, struct mem *m, int folder, int64_t now);

/* Adds a look at all indexes of the catalog whose counters are known.  True where it is worth being kept. */
int index_scans_look(struct index_scans *s, struct mem *m, const struct catalog *c, int64_t now);

int index_scans_write(const struct index_scans *s, int folder, struct fail *f);

/* The two and a look at `now`, for the database of that key (subject.h).  `s` is what was known before or with the look.  -1
 * where it could not be kept, which is no more than a warning. */
int index_scans_keep(
    struct index_scans *s, struct mem *m, const char *database, const struct catalog *c, int64_t now, struct fail *f);

/* Since when an index, whose counter is 0 and has been running since `since` (0: not known), has not been used, as far back as
 * is known: seconds since 1970, `now` where nothing is.  Between the last look at a counter and its new beginning it may have
 * been used unseen: such gaps are bridged up to a day and an hour each, and added to *unseen. */
int64_t index_scans_idle(
    const struct index_scans *s, const char *table, const char *name, int64_t since, int64_t now, int64_t *unseen);

/* The first look at an index that is kept; INT64_MAX: none.  Before it, the index may not have been there. */
int64_t index_scans_seen(const struct index_scans *s, const char *table, const char *name);

/* The seconds since 1970 of a time as drivers write it; 0: none. */
int64_t index_scans_time(const char *text);

#endif

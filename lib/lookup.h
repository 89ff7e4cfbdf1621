/*
 * lookup: a question looked for in the cache, and what is found judged.
 *
 * A local file's answer is good while the file is the same (proof.h), and never ages; a server's for `ttl`.  What is older is
 * given out while it is refreshed, for `swr` more; where the source does not answer, for `sie`; and for --cached, always.
 * What is kept of the whole database is never more than an old answer about one of its tables, since what was forgotten of that
 * table may still be there.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include <stdint.h>

#include "cache.h"
#include "mem.h"
#include "question.h"
#include "rows.h"
#include "source.h"
#include "tool.h"

/* What is found is good for. */
enum lookup_use {
	LOOKUP_NOTHING,
	LOOKUP_OLD,   /* where there is nothing better */
	LOOKUP_STALE, /* to be given out while it is refreshed */
	LOOKUP_HIT,
};

struct lookup {
	const struct question *question;
	const struct source *source;
	const struct tool_settings *settings;
	struct cache_name names[QUESTION_NAMES];
	int nnames;  /* 0: it is not kept */
	int64_t now; /* when it was looked for, by stamp_now() */
	/* What was found. */
	enum lookup_use use;
	const char *why; /* it is no hit: as cache.h says, and short (fewer rows or bytes are kept), stamp (the source has
			  * changed), young, expired, future (from a time to come) */
	int there;       /* an entry was found under the first name, whatever it is good for */
	int place;       /* under which name */
	struct entry entry;
};

/* Looks under each name.  `now`: stamp_now(), or when the file was looked at.  Event: hit or miss, but for LOOKUP_STALE. */
void lookup_find(struct lookup *l, struct cache *c, struct mem *m, int64_t now);

/* Looks once more, for who has missed and may ask now: another process may have stored it between.  1 for a hit, with its
 * event. */
int lookup_again(struct lookup *l, struct cache *c, struct mem *m);

/* Only how much is kept under the first name, and since when. */
void lookup_extent(struct lookup *l, struct cache *c, struct mem *m);

/* What was found, as much of it as is asked for, as a stream in the arena. */
struct rows *lookup_replay(const struct lookup *l, struct mem *m);

/* True where the question is for rows of a table, of which more may be kept than are asked for. */
int lookup_is_rows(const struct question *q);

/* Nanoseconds since the source was asked. */
int64_t lookup_age(const struct entry *e);

#endif

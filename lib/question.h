/*
 * question: what a program asks of a source, and under which names the answer is kept.
 */
#ifndef QUESTION_H
#define QUESTION_H

#include <stddef.h>

#include "cache.h"
#include "driver.h"
#include "mem.h"
#include "reader.h"
#include "source.h"
#include "subject.h"

struct question {
	struct driver_request request;
	/* How it is answered, where it takes more than the driver's answer to the request; else NULL.  `arg` lasts as long as
	 * the command. */
	const char *kind; /* what dbm-invalidate --kind calls it */
	struct rows *(*make)(struct source *s, struct mem *m, const void *arg);
	const void *arg;
	const char *rest; /* what of it changes the answer, any bytes */
	size_t rest_len;
};

/* What a program asks that is given no flags: of a preview that many rows, and bytes of a cell. */
enum { QUESTION_ROWS = 5, QUESTION_WIDTH = 4096 };
void question_default(struct question *q, enum driver_operation operation, const char *table);

/* "list", "schema", "preview", "count" …: what the answer is called. */
const char *question_kind(const struct question *q);

/* The names that the answer may be kept under, in the arena: how many, 0 where it is not worth keeping (it costs no more than
 * the proof that it still holds) or cannot be kept.  The first is the one to store it under; under the second stands an answer
 * that tells this one too: all columns for some, an exact count for an estimate; or, with another table in its name, what all
 * tables of the database are and have for what one of them is and has. */
enum { QUESTION_NAMES = 2 };
int question_names(const struct question *q, const struct source *s, const struct reader_options *o, struct mem *m,
    struct cache_name names[QUESTION_NAMES]);

/* True where the second name is that of what is kept of the whole database. */
int question_is_of_part(const struct question *q);

/* What a source is, as the cache and the state name it: 0, or -1 where that cannot be told. */
int question_subject(const struct source *s, struct mem *m, struct subject *subject);

/* The reference of the database that a source belongs to, to be printed; of a delimited text that of its folder. */
const char *question_database(const struct source *s, struct mem *m);

#endif

/*
 * schema_recorded: what is recorded of what a reference names; nothing is opened, so that it may be gone.
 */
#ifndef SCHEMA_RECORDED_H
#define SCHEMA_RECORDED_H

#include <stdint.h>

#include "fail.h"
#include "mem.h"
#include "schema.h"
#include "schema_history.h"

struct schema_recorded {
	struct schema_history history; /* open */
	const char *table;             /* as it was recorded; NULL: all of the database is meant */
};

/* Opens it: 1; 0 where nothing was recorded; -1.  `raw` as in ref.h. */
int schema_recorded_open(struct schema_recorded *r, struct mem *m, const char *ref, int raw, struct fail *f);

/* Adds what is recorded of the database in its last versions, or of `table` alone, and sorts it; in the arena. */
int schema_recorded_last(struct schema_history *h, struct mem *m, const char *table, struct schema *s, struct fail *f);

/* A recorded version as people write it: REF@N, that number of a table, or REF@TIME, what was recorded last until then. */
struct schema_at {
	const char *ref;
	uint64_t version; /* 0: it is a time */
	int64_t time;     /* seconds since 1970 */
};

/* True where the text is one, and no file has that name; in the arena. */
int schema_at_parse(struct schema_at *at, struct mem *m, const char *text);

/* The schema that it was, sorted; *one says that it is that of one table. */
int schema_at_read(const struct schema_at *at, struct mem *m, struct schema *s, int *one, struct fail *f);

#endif

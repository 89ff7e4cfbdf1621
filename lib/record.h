/*
 * record: a stream that is kept, in its encoded form (rows.h), while it passes.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>

#include "buf.h"
#include "mem.h"
#include "rows.h"

struct record {
	/* Set by the caller. */
	size_t most; /* bytes that are kept */
	/* Called once: where the stream has come to its end and is kept (`whole`), or will not be: it was too long, failed, or
	 * was closed before. */
	void (*settled)(void *arg, int whole);
	void *arg;
	/* Set here. */
	struct buf kept; /* the encoded form, all of it once it is whole */
	enum rows_end end;
	unsigned faults;
	int cut;   /* some cell was */
	int begun; /* its beginning has been waited for: 1 where it has come, -1 where it failed */
};

/* The stream, in the arena; it owns `inner`, whose rows have cells, and frees what is kept when it is closed. */
struct rows *record_of(struct mem *m, struct rows *inner, struct record *r);

/* Reads such a stream on for as long as it is kept, so that it settles; what came is handed out when it is asked for. */
void record_drain(struct rows *rows);

#endif

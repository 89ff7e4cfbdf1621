/*
 * schema_history: every version of every table of a database that dbm-schema has recorded, with its text.
 *
 * The file `history` (schema_current.h says where it is) is only ever appended to.  It is records one behind the other:
 *
 *     HASH LENGTH\n     of the rest of the record: 16 hexadecimal digits, a blank, 12 decimal digits
 *     a line of text_tsv()'s form: `database` and the key, in the first record; in each other one
 *                       TABLE, VERSION, TIME, HASH of the text or NULL where the table is gone
 *     the text (schema.h)
 *
 * Who records takes the lock of the file, appends, syncs it to the disk, and then replaces `current`.  A version is recorded
 * once its record is whole: what `current` does not tell yet, because somebody was killed in between, is taken over from the
 * history by whoever reads it, but for those who only want numbers; what is not whole is cut off by the next who records.  So
 * is what a full disk has left, at once.  Without `current`, or where that is damaged, all of it is read.
 */
#ifndef SCHEMA_HISTORY_H
#define SCHEMA_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fail.h"
#include "mem.h"
#include "schema.h"
#include "schema_current.h"

struct schema_history {
	struct schema_current current;
	/* private */
	struct mem *m;
	int folder, fd; /* fd: to read */
	int lock;       /* to append; -1: not locked */
	uint64_t size;  /* of the whole records */
	int behind;     /* `current` is */
};

/* Opens what is kept of a database: 1; 0 where there is nothing; -1.  To be closed after a 1 only. */
int schema_history_open(struct schema_history *h, struct mem *m, const char *database, struct fail *f);

/* The same by the name of its folder in state, for who goes through all of them. */
int schema_history_open_at(struct schema_history *h, struct mem *m, int folder, struct fail *f);

/* Opens it to record: waits for the lock, 10 s at most, and makes what is missing: 0 or -1.  The folder is made only then. */
int schema_history_lock(struct schema_history *h, struct mem *m, const char *database, struct fail *f);

/* A version to be appended: its number follows from that of the table; `text` is NULL where the table is gone. */
struct schema_new {
	const char *table;
	const char *text;
	size_t len;
	int64_t time;
	uint64_t version; /* filled in */
};

/* Appends all of them, or none, and writes `current` where it is behind. */
int schema_history_append(struct schema_history *h, struct schema_new *versions, size_t n, struct fail *f);

/* Adds the items of a version, in the arena; none where the table is gone. */
int schema_history_read(
    struct schema_history *h, struct mem *m, const struct schema_version *v, struct schema *s, struct fail *f);

/* All versions in the order in which they were recorded, in the arena.  -1 where the history is damaged. */
int schema_history_all(struct schema_history *h, struct mem *m, struct schema_version **versions, size_t *n, struct fail *f);

void schema_history_close(struct schema_history *h);

#endif

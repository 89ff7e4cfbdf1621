/*
 * schema_current: which versions the tables of a database are at: the small file of what dbm-schema has recorded.
 *
 * In the folder of state.h of the kind "schema", that of a database, are two files:
 *
 *     current   the last version of each table, replaced as a whole by renaming: what a reader needs who only wants numbers
 *     history   every version with its text, appended to (schema_history.h): the truth, of which `current` is an excerpt
 *
 * `current` is lines of text_tsv()'s form:
 *
 *     dbm-schema-current  1  COVERED  DATABASE            so many bytes of the history are told of here; the database's key
 *     TABLE  VERSION  HASH  TIME  OFFSET  LENGTH          one a table, sorted by its name
 *     end  HASH                                           of all bytes before this line
 *
 * HASH of a table is that of its text (schema.h), NULL in a version that says that the table is gone.  TIME is when the
 * database was asked, in nanoseconds since 1970.  OFFSET and LENGTH are the record's in the history.  A hash is 16 hexadecimal
 * digits.
 */
#ifndef SCHEMA_CURRENT_H
#define SCHEMA_CURRENT_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "mem.h"

enum { SCHEMA_HASH = 17 }; /* bytes of a hash as text, with a NUL */

struct schema_version {
	const char *table;
	uint64_t version;       /* from 1 */
	char hash[SCHEMA_HASH]; /* "": the table is gone */
	int64_t time;           /* nanoseconds since 1970 */
	uint64_t offset, length;
};

/* `struct schema_current c = {0}` has no tables. */
struct schema_current {
	const char *database; /* its key (subject.h); NULL: not known */
	uint64_t covered;
	struct schema_version *versions; /* sorted by table */
	size_t n, room;
};

/* Fills it from the file in an open folder, in the arena: 1; 0 where there is none; -1 where it is none, or cannot be read. */
int schema_current_read(struct schema_current *c, struct mem *m, int folder, struct fail *f);

/* -1 and a sentence where what was read is another database's than that of the key `database`. */
int schema_current_check(const struct schema_current *c, const char *database, struct fail *f);

/* Reads that of the database of this key, as schema_current_read() and schema_current_check() do. */
int schema_current_of(struct schema_current *c, struct mem *m, const char *database, struct fail *f);

int schema_current_write(const struct schema_current *c, int folder, struct fail *f);

/* Puts the folder of all that is recorded in front of a sentence about a file in it.  -1. */
int schema_current_where(struct fail *f);

/* NULL where there is none of that table. */
struct schema_version *schema_current_find(const struct schema_current *c, const char *table);

/* Takes a version over in place of the one of its table. */
void schema_current_set(struct schema_current *c, struct mem *m, const struct schema_version *v);

#endif

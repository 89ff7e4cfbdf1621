/*
 * schema_key: what a database is called in what is remembered of it: versions of its schema, counters of its indexes.
 *
 * It is the key of the cache (subject.h), of a server what lasts of it (server_key.h); that of a folder of delimited texts ends
 * in a slash, and its tables are the names of their files.
 */
#ifndef SCHEMA_KEY_H
#define SCHEMA_KEY_H

#include "mem.h"
#include "source.h"
#include "subject.h"

/* The key of the database that a source is, or is in, in the arena; NULL: nothing can be recorded of it. */
const char *schema_key(const struct source *s, struct mem *m);

/* The name of a table there: what a driver calls `name`. */
const char *schema_key_table(const struct source *s, const char *name);

/* The key that a subject may have, of which a table is said to be in *table, or NULL; `folder`: as that of a folder. */
const char *schema_key_subject(const struct subject *subject, int folder, struct mem *m, const char **table);

/* The reference of a table, that leads to it from everywhere, in the arena. */
const char *schema_key_ref(const char *key, const char *table, struct mem *m);

#endif

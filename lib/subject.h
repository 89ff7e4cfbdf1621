/*
 * subject: what an answer is about, as the cache names it: a database, or a table of one.
 *
 * A delimited text is a table of the folder it is in, and both are known by their absolute path (file_absolute()); a table in
 * an SQLite file by its own name, and a server by its key (server_key.h).
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "mem.h"

/* Both in the arena, or as long as what they were made of. */
struct subject {
	const char *database;
	const char *table; /* "": what is about the database as a whole */
};

/* The delimited text at `path`: 0, or -1 where the system does not tell where that is. */
int subject_of_text(struct mem *m, const char *path, struct subject *s);

/* The table of that name in the file at `path`. */
int subject_of_file(struct mem *m, const char *path, const char *table, struct subject *s);

/* The table of that name on a server. */
void subject_of_server(struct mem *m, const char *server, const char *table, struct subject *s);

/* The reference that leads to it from everywhere, in the arena. */
const char *subject_ref(struct mem *m, const struct subject *s);

#endif

/*
 * generation: what all that is kept of a database, a table or a kind stands and falls with (cache.h, GENERATIONS).
 *
 * It is a symbolic link that leads nowhere and says ENTRY_GENERATION digits (file_at.h): `generation` in the folder of the
 * database or the table, `generation.KIND` in that of the table.  None is ever made twice.
 */
#ifndef GENERATION_H
#define GENERATION_H

#include "entry.h"
#include "fail.h"

/* The mark (file_at.h) in the folder of a server's database that says which server it was, and goes with the generation. */
extern const char generation_identity[];

/* Reads that of the folder `path` below `in`, or of a kind there where `kind` is not NULL: 0, or -1 where there is none.  One
 * of a kind of which nothing was ever forgotten is not there, and reads as zeros. */
int generation_read(int in, const char *path, const char *kind, char to[ENTRY_GENERATION]);

/* Makes sure that a folder has one; where another process is faster, his stays.  Of a kind there may be none, but nothing odd
 * in its place. */
int generation_ensure(int folder, const char *kind);

/* Makes another one.  0 also where the folder is gone meanwhile. */
int generation_renew(int folder, const char *kind, struct fail *f);

/* Removes all of these of a folder that is left otherwise empty, that of the folder first: what carries it is then not found
 * any more, whatever those of the kinds are.  So one process at a time may do this: where a second one takes away a generation
 * of a kind that was made meanwhile, what it has just forgotten is found again.  0, or -1 where there is more in the folder. */
int generation_remove(int folder);

#endif

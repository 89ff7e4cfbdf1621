/*
 * cache: answers kept from one run to the next, in files.
 *
 *     $XDG_CACHE_HOME/dbm/v1/CACHEDIR.TAG            tells backups to pass over it (bford.info/cachedir)
 *     .../locks/00 ... ff                            who asks for what (flight.h)
 *     .../stores                                     a byte for each store, to tell when to collect (collect.h)
 *     .../DATABASE/generation                        made anew by whoever forgets all of the database
 *     .../DATABASE/TABLE/generation                  the same for a table, and
 *     .../DATABASE/TABLE/generation.KIND             for what is kept of a kind of it
 *     .../DATABASE/TABLE/SLOT                        an entry (entry.h)
 *     .../DATABASE/identity                          which server it was (identity.h)
 *     tmp.* anywhere                                 what is being written, or was left by a killed process
 *
 * Without XDG_CACHE_HOME, or where it is no absolute path (XDG Base Directory Specification 0.8), it is $HOME/.cache; without
 * HOME either, or in a cache of somebody else, there is no cache.  DATABASE, TABLE and SLOT are hashes in 16 hexadecimal
 * digits (cache_name.h); the key itself stands in the entry and is compared in full, so that two keys of one hash only displace
 * each other.
 *
 * Nothing here makes a command fail: what is odd is a miss, what cannot be stored is not.  Reading takes no lock and maps
 * nothing: an entry is replaced by renaming, and what was opened stays whole.  Nothing is synced to the disk; the checksum
 * finds what a crash of the machine leaves.
 *
 * GENERATIONS.  An entry carries the three generations as they were before its source was read, and is only found while they
 * are still those.  So what is forgotten stays forgotten, however late a slow reader stores what he read before.  A generation
 * is a symbolic link that leads nowhere and says 16 random bytes in hexadecimal (file_at.h: it is read and made by one system
 * call).  That of a kind may be missing, which is a generation of its own.  Those of the database and the table are made by who
 * is about to store, and an entry without them is not found: so they may go together with their folder, since what is made
 * later is never what was before.
 *
 * Why an entry is not found:
 *     absent      there is none
 *     folder      there is no place for a cache, or its folder cannot be opened, is another user's or may be written by others
 *     file        the entry cannot be opened, is no plain file, is another user's or may be written by others
 *     damaged     it is not what was written
 *     version     it is of another version of dbm
 *     key         it is of another key with the same hash
 *     generation  it has been forgotten
 */
#ifndef CACHE_H
#define CACHE_H

#include <stddef.h>

#include "cache_name.h"
#include "entry.h"
#include "fail.h"
#include "mem.h"
#include "proof.h"

enum {
	CACHE_LARGEST = 64 << 20, /* bytes of an entry */
};

/* One a command.  All zero is a cache that has not been looked for yet. */
struct cache {
	/* Set by the caller. */
	uint64_t limit; /* bytes of all entries together (collect.h), for who stores */
	int64_t now;    /* stamp_now() of late, for the entries that are found: they were used then; 0: not known */
	/* private */
	unsigned stored;  /* answers since the collector was told, */
	uint64_t written; /* and their bytes */
	int looked;
	int folder; /* that of the entries, v1 inside it; where it was looked for and is not there -1 */
	int absent; /* it is only not there: the first who stores makes it */
	/* That it is another user's, may be written by others or not be opened, for the command to tell once; else NULL. */
	const char *warning;
	struct fail why;
};

void cache_close(struct cache *c);

/* Finds an entry: NULL, or why not.  What it points to is in the arena. */
const char *cache_find(struct cache *c, struct mem *m, const struct cache_name *name, struct entry *e);

/* The same where nothing but its proof matters, with its event: `hit kind=K`, or `miss kind=K why=W`, where W may also be
 * `stamp` (the source has changed) and `young` (its proof proves nothing).  NULL for a hit. */
const char *cache_get(
    struct cache *c, struct mem *m, const struct cache_name *name, const struct proof *proof, struct entry *e);

/* To be called before the source is read whose answer is to be stored: reads the three generations, and makes those that are
 * missing.  -1 where nothing can be kept. */
int cache_begin(struct cache *c, const struct cache_name *name, char generations[ENTRY_GENERATIONS]);

/* Stores an entry, in place of what was there; reference and key are taken from `name`.  Event: `store kind=K bytes=N` (of the
 * answer), or `unstored kind=K why=W` and -1, W one of: large (over CACHE_LARGEST), folder, write. */
int cache_store(struct cache *c, const struct cache_name *name, struct entry *e);

/* Forgets what is kept of all databases (`database` NULL), of a database (`table` NULL) or of a table of it; with `kind`, only
 * of that kind, in each table there is.  0 also where there is nothing; -1 where it could not be made sure of all.  Event for
 * each generation made: `invalidate database=HASH table=HASH kind=K`, without those that are NULL. */
int cache_forget(struct cache *c, const char *database, const char *table, const char *kind, struct fail *f);

/* The folder of all programs' caches, $XDG_CACHE_HOME/dbm/v1, opened for who goes through it; -1 with errno ENOENT where there
 * is none. */
int cache_folder(struct cache *c, struct fail *f);

/* A file of the cache's own, v1/`name` or v1/`in`/`name`, to lock and to append to; -1 where it cannot be made. */
int cache_own_file(struct cache *c, const char *in, const char *name);

/* True where an entry that lies at `path` (cache_name_entry()) would be found by who looks for what it is the answer to: it has
 * not been forgotten. */
int cache_stands(struct cache *c, const char *path, const struct entry *e);

/* -1 and why where nothing can be kept: for who is useless without. */
int cache_usable(struct cache *c, struct fail *f);

#endif

/*
 * cache: answers kept from one run to the next, in files.
 *
 *     $XDG_CACHE_HOME/dbm/v1/CACHEDIR.TAG          tells backups to pass over it (bford.info/cachedir)
 *     .../DATABASE/TABLE/SLOT                      an entry; tmp.* beside it: one being written, or left by a killed process
 *
 * Without XDG_CACHE_HOME, or where it is no absolute path (XDG Base Directory Specification 0.8), it is $HOME/.cache; without
 * HOME either, or in a cache of somebody else, there is no cache.  DATABASE, TABLE and SLOT are hashes in 16 hexadecimal
 * digits; the key itself stands in the entry and is compared in full, so that two keys of one hash only displace each other.
 *
 * An entry, its integers little-endian:
 *
 *     8 bytes "dbm slot"; u32 version; u64 checksum of all that follows (hash.h: of the rest up to the key, then with the
 *     answer behind it); u64 bytes of the answer; the stamp (stamp.h); u32 bytes of the key; the key: kind, NUL, database, NUL,
 *     table, NUL, rest; the answer
 *
 * Nothing here makes a command fail: what is odd is a miss, what cannot be stored is not.  No lock is taken and nothing is
 * mapped: an entry is replaced by renaming, and what was opened stays whole.  Nothing is synced to the disk; the checksum finds
 * what a crash of the machine leaves.
 *
 * Trace events: `hit kind=K`, `store kind=K bytes=N` (of the answer), `miss kind=K why=W` and `unstored kind=K why=W`, where W
 * is one of
 *     absent   there is no such entry
 *     folder   there is no place for a cache, or one of its folders cannot be opened, is another user's or may be written by
 *              others
 *     file     the entry cannot be opened, is no plain file, is another user's or may be written by others
 *     damaged  it is not what was written
 *     version  it is of another version of dbm
 *     key      it is of another key with the same hash
 *     stamp    the file has changed since
 *     young    the file had changed so shortly before that the entry proves nothing (stamp.h)
 *     large    it would be over CACHE_LARGEST
 *     write    it could not be written
 */
#ifndef CACHE_H
#define CACHE_H

#include <stddef.h>

#include "mem.h"
#include "stamp.h"

enum {
	CACHE_LARGEST = 64 << 20, /* bytes of an entry */
};

/* What an answer is the answer to. */
struct cache_name {
	const char *kind;     /* what sort of answer: a word */
	const char *database; /* a local CSV file: the absolute path of its folder */
	const char *table;    /* the absolute path of the file */
	const char *rest;     /* whatever else changes the answer, any bytes */
	size_t rest_len;
};

/* Stores bytes[0..len) as the answer, in place of what was there: 0, or -1 where that did not work.  `stamp` is of the file as
 * it was both before and after it was read, and the caller has made sure of that.  One that is young is stored and never a hit.
 */
int cache_put(const struct cache_name *name, const struct stamp *stamp, const void *bytes, size_t len);

/* 1 and the answer, in the arena, with a NUL behind it that `len` does not count and at any alignment; or 0. */
int cache_get(struct mem *m, const struct cache_name *name, const struct stamp *stamp, const char **bytes, size_t *len);

#endif

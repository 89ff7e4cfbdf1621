/*
 * cache_name: what a kept answer is the answer to, as a key, and where in the cache that is.
 *
 * The key is kind, database and table, each with a NUL behind it, and the rest.  DATABASE, TABLE and SLOT of a path are hashes
 * in 16 hexadecimal digits: SLOT is one of kind, rest and version of entries, so that versions do not displace each other's.
 */
#ifndef CACHE_NAME_H
#define CACHE_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct cache_name {
	const char *kind;     /* what sort of answer: a word */
	const char *database; /* a local file: its absolute path, of a delimited text that of its folder; a server: its key
				 (server_key.h) */
	const char *table;    /* of a delimited text its absolute path; "" for what is about the database */
	const char *rest;     /* whatever else changes the answer, any bytes */
	size_t rest_len;
	const char *ref; /* the reference that is printed for it; no part of the key */
};

enum {
	CACHE_NAME_HEX = 17,  /* bytes of a hash in hexadecimal, with a NUL */
	CACHE_NAME_PATH = 96, /* bytes of a path inside the cache, with a NUL */
};

/* The folder that all paths begin with. */
extern const char cache_name_layout[];

/* A number for a key. */
uint64_t cache_name_hash(const struct cache_name *name);

/* The path of a database's folder, or of a table's where `table` is not NULL: v1/DATABASE, v1/DATABASE/TABLE. */
void cache_name_folder(char path[CACHE_NAME_PATH], const char *database, const char *table);

/* The path of an entry: v1/DATABASE/TABLE/SLOT. */
void cache_name_entry(char path[CACHE_NAME_PATH], const struct cache_name *name);

/* The slot alone. */
void cache_name_slot(char slot[CACHE_NAME_HEX], const struct cache_name *name);

/* True for what reads like a hash. */
int cache_name_is_hash(const char *text);

/* Appends the key. */
void cache_name_key(struct buf *b, const struct cache_name *name);

/* Takes a key of `len` bytes apart, which must outlive the name: 0, or -1 where it is none. */
int cache_name_parse(struct cache_name *name, const char *key, size_t len);

#endif

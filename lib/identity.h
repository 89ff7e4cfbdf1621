/*
 * identity: whether a server is still the one whose answers are kept.
 *
 * A reference may come to lead to another server, database or user without a change of its key (server_key.h).  So whoever asks
 * a server for an answer to be kept asks it for its identity (driver.h) too, once a connection and in the same batch.  What it
 * said last stands beside the generation of its database, as a hash; where it says something else, all that is kept of the
 * database is forgotten (cache.h, GENERATIONS), and so is what is read of it meanwhile.  It is a file of its own and part of no
 * entry: it is there for as long as any entry is that it tells about, since the collector takes it with the generation.
 *
 * Events: `identity`, with changed=1 or 0, where it was read and there is such a thing; those of cache_forget().
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "cache.h"
#include "mem.h"
#include "source.h"

/* Asks, where nobody has on this connection: 1, and who has asked closes it, before the arena.  To be called behind
 * cache_begin(), and before what is to be kept is asked for. */
int identity_ask(struct source *s, struct mem *m);

/* True where it has been asked for, and not been read yet. */
int identity_awaited(const struct source *s);

/* Reads it, where it is awaited: true where it is what it was before, so that what was asked for since then may be kept.
 * `database` is the key of the server. */
int identity_holds(const struct source *s, struct cache *c, const char *database);

/* True where this connection has shown that what was kept before was another's. */
int identity_changed(const struct source *s);

/* Where it has not been read, it will not be. */
void identity_close(const struct source *s);

#endif

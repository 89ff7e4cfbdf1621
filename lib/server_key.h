/*
 * server_key: what the answers of a server are kept under (cache_name.h, `database`).
 *
 * It has to be known without asking the server.  So it is the reference as it was given, without a password; and where the
 * scheme is one of PostgreSQL, a newline, which no reference has, and what else leads libpq to a server, a database and a user:
 * those of its environment variables that are set, the stamps (stamp.h) of the files of services, where one may be meant, and
 * the effective user, whose name is the default.  What that does not tell apart, such as another server that has come to stand
 * behind a name, the server says itself (identity.h).
 */
#ifndef SERVER_KEY_H
#define SERVER_KEY_H

#include "buf.h"

/* Appends the key for `server`, SCHEME:…, as it was given. */
void server_key(struct buf *b, const char *server);

/* Appends what of a key, of a server or a file, names what is to be remembered for long (state.h): without what may change
 * while the database is the same, the stamps of services and the user, who has a state of his own, and without options. */
void server_key_lasting(struct buf *b, const char *key);

/* Appends what of a key is the reference, to be printed. */
void server_key_ref(struct buf *b, const char *key);

#endif

/*
 * magic: what a file is by its first bytes.
 *
 * The signatures are those of the formats' own specifications (as collected in file(1)'s database and the PRONOM registry).
 */
#ifndef MAGIC_H
#define MAGIC_H

#include <stddef.h>

enum { MAGIC_BYTES = 16 }; /* how many of a file's first bytes are looked at */

enum magic_kind { MAGIC_TEXT, MAGIC_GZIP, MAGIC_ZSTD, MAGIC_SQLITE, MAGIC_REFUSED };

/* What head[0..len) begins; *name is a phrase such as "a JPEG image" where it is not MAGIC_TEXT. */
enum magic_kind magic_of(const char *head, size_t len, const char **name);

#endif

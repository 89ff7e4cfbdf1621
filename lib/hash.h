/*
 * hash: a number for bytes.
 *
 * XXH3 with 64 bits (Collet: xxHash fast digest algorithm; the values are fixed since xxHash 0.8 and the same on every
 * machine).  It tells accidents apart, not malice: whoever wants two texts with one hash can make them.  So a hash may name a
 * file or say that bytes are whole, but where it matters whose bytes they are, they are compared.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t len);

/* A hash of what `before` is the hash of, with bytes[0..len) behind it; not the one hash_bytes() has for both in one piece. */
uint64_t hash_more(uint64_t before, const void *bytes, size_t len);

#endif

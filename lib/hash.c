#include "hash.h"

#define XXH_INLINE_ALL /* the header is all of it: no library to link */
#include <xxhash.h>

uint64_t
hash_bytes(const void *bytes, size_t len)
{
	return XXH3_64bits(bytes, len);
}

uint64_t
hash_more(uint64_t before, const void *bytes, size_t len)
{
	return XXH3_64bits_withSeed(bytes, len, before);
}

/* Steps of 64-bit words, for any processor. */
#include "vector_kernels.h"

#include <string.h>

#define STEP_TARGET

enum { WORDS = 8 };

struct step_bytes {
	uint64_t words[WORDS]; /* the first byte lowest, whatever the byte order of the machine */
};

static inline struct step_bytes
step_load(const char *p)
{
	struct step_bytes b;

	memcpy(b.words, p, sizeof b.words);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (int i = 0; i < WORDS; i++)
		b.words[i] = __builtin_bswap64(b.words[i]);
#endif
	return b;
}

/* The top bit of each byte of x that is zero.  (x & 127) + 127 carries into the top bit unless all low bits are zero, and never
 * out of the byte: Bit Twiddling Hacks, "Determine if a word has a zero byte", the exact form. */
static inline uint64_t
zero_bytes(uint64_t x)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);

	return ~(((x & low) + low) | x | low);
}

/* Gathers the top bits of eight bytes: the multiplication adds each of them, moved to a place of its own, into the top byte. */
static inline uint64_t
gather(uint64_t tops)
{
	return (tops >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t
step_equal(struct step_bytes bytes, char c)
{
	const uint64_t all = UINT64_C(0x0101010101010101) * (unsigned char)c;
	uint64_t mask = 0;

	for (int i = 0; i < WORDS; i++)
		mask |= gather(zero_bytes(bytes.words[i] ^ all)) << 8 * i;
	return mask;
}

static inline uint64_t
step_parity(uint64_t quotes)
{
	for (int i = 1; i < 64; i *= 2)
		quotes ^= quotes << i;
	return quotes;
}

#include "vector_steps.h"

const struct vector_kernel vector_portable = {"portable", step_count, step_find};

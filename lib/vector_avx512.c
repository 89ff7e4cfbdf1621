/* Steps of AVX-512 and a carry-less multiplication. */
#include "vector_kernels.h"

#ifdef __x86_64__

#include <immintrin.h>

#define STEP_TARGET __attribute__((target("avx512f,avx512bw,pclmul,popcnt,bmi,bmi2")))

struct step_bytes {
	__m512i all;
};

STEP_TARGET static inline struct step_bytes
step_load(const char *p)
{
	return (struct step_bytes){_mm512_loadu_si512(p)};
}

STEP_TARGET static inline uint64_t
step_equal(struct step_bytes bytes, char c)
{
	return _mm512_cmpeq_epi8_mask(bytes.all, _mm512_set1_epi8(c));
}

/* Multiplying by all ones without carries adds up, modulo 2, every bit below. */
STEP_TARGET static inline uint64_t
step_parity(uint64_t quotes)
{
	__m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)quotes), _mm_set1_epi8(-1), 0);

	return (uint64_t)_mm_cvtsi128_si64(product);
}

#include "vector_steps.h"

const struct vector_kernel vector_avx512 = {"avx512", step_count, step_find};

#endif

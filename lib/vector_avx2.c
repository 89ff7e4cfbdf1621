/* Steps of AVX2 and a carry-less multiplication. */
#include "vector_kernels.h"

#ifdef __x86_64__

#include <immintrin.h>

#define STEP_TARGET __attribute__((target("avx2,pclmul,popcnt,bmi,bmi2")))

struct step_bytes {
	__m256i low, high;
};

STEP_TARGET static inline struct step_bytes
step_load(const char *p)
{
	return (struct step_bytes){
	    _mm256_loadu_si256((const __m256i *)(const void *)p), _mm256_loadu_si256((const __m256i *)(const void *)(p + 32))};
}

STEP_TARGET static inline uint64_t
step_equal(struct step_bytes bytes, char c)
{
	const __m256i all = _mm256_set1_epi8(c);
	uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes.low, all));
	uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes.high, all));

	return (uint64_t)high << 32 | low;
}

/* Multiplying by all ones without carries adds up, modulo 2, every bit below. */
STEP_TARGET static inline uint64_t
step_parity(uint64_t quotes)
{
	__m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)quotes), _mm_set1_epi8(-1), 0);

	return (uint64_t)_mm_cvtsi128_si64(product);
}

#include "vector_steps.h"

const struct vector_kernel vector_avx2 = {"avx2", step_count, step_find};

#endif

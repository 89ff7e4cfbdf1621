/* Steps of AVX2 and a carry-less multiplication. */
#include "vector_kernels.h"

#ifdef __x86_64__

#define STEP_TARGET __attribute__((target("avx2,pclmul,popcnt,bmi,bmi2")))

#include "vector_x86.h"

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

#include "vector_steps.h"

const struct vector_kernel vector_avx2 = {"avx2", step_count, step_find};

#endif

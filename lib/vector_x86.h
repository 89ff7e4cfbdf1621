/* vector_x86: what kernels for x86-64 share; included behind their STEP_TARGET. */
#ifndef VECTOR_X86_H
#define VECTOR_X86_H

#include <immintrin.h>
#include <stdint.h>

/* Multiplying by all ones without carries adds up, modulo 2, every bit below. */
STEP_TARGET static inline uint64_t
step_parity(uint64_t quotes)
{
	__m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)quotes), _mm_set1_epi8(-1), 0);

	return (uint64_t)_mm_cvtsi128_si64(product);
}

#endif

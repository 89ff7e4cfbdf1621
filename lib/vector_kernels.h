/* vector_kernels: the ways to make steps there are. */
#ifndef VECTOR_KERNELS_H
#define VECTOR_KERNELS_H

#include "vector.h"

extern const struct vector_kernel vector_portable;
#ifdef __x86_64__
extern const struct vector_kernel vector_avx2, vector_avx512;
#endif

#endif

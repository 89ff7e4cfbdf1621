/* Steps of AVX-512 and a carry-less multiplication; and groups of eight steps, whose masks are worked on at once: then what a
 * step costs is little more than its comparisons. */
#include "vector_kernels.h"

#ifdef __x86_64__

#define STEP_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vpopcntdq,pclmul,popcnt,bmi,bmi2")))

#include "vector_x86.h"

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

#define STEP_GROUPS
#include "vector_steps.h"

enum {
	GROUP = 8, /* steps */
	/* Groups whose masks are found before the first is looked at: a load of what several stores have just left would wait
	 * for them. */
	GROUPS = STEP_RUN / STEP / GROUP,
};

/* The masks of groups, a step each; `edges` are quotes, delimiters and terminators. */
struct masks {
	_Alignas(64) uint64_t quotes[GROUPS][GROUP];
	_Alignas(64) uint64_t terminators[GROUPS][GROUP];
	_Alignas(64) uint64_t edges[GROUPS][GROUP];
	uint64_t cr[GROUPS]; /* of any step */
};

STEP_TARGET static inline void
find_masks(struct masks *m, size_t group, const char *p, char delimiter)
{
	__mmask64 any = 0;

	for (int i = 0; i < GROUP; i++) {
		struct step_bytes bytes = step_load(p + i * STEP);
		__mmask64 quotes = step_equal(bytes, '"'), cr = step_equal(bytes, '\r');
		__mmask64 terminators = cr | step_equal(bytes, '\n');

		any |= cr;
		m->quotes[group][i] = quotes;
		m->terminators[group][i] = terminators;
		m->edges[group][i] = quotes | terminators | step_equal(bytes, delimiter);
	}
	m->cr[group] = any;
}

/* All masks moved up by one byte; the lowest byte is bit 0 of `first`. */
STEP_TARGET static inline __m512i
behind_all(__m512i masks, uint64_t first)
{
	__m512i before = _mm512_alignr_epi64(masks, _mm512_set1_epi64((long long)(first << 63)), GROUP - 1);

	return _mm512_or_si512(_mm512_slli_epi64(masks, 1), _mm512_srli_epi64(before, 63));
}

/* The parity of quotes up to each byte, over all steps. */
STEP_TARGET static inline __m512i
parity_all(struct step_state *s, __m512i quotes)
{
	__m512i each = quotes;
	unsigned steps;

	each = _mm512_xor_si512(each, _mm512_slli_epi64(each, 1));
	each = _mm512_xor_si512(each, _mm512_slli_epi64(each, 2));
	each = _mm512_xor_si512(each, _mm512_slli_epi64(each, 4));
	each = _mm512_xor_si512(each, _mm512_slli_epi64(each, 8));
	each = _mm512_xor_si512(each, _mm512_slli_epi64(each, 16));
	each = _mm512_xor_si512(each, _mm512_slli_epi64(each, 32));
	/* A bit for each step: whether an odd number of quotes is in it; then in it and all before it. */
	steps = _mm512_movepi64_mask(each);
	steps ^= steps << 1;
	steps ^= steps << 2;
	steps ^= steps << 4;
	steps = steps << 1 ^ ((unsigned)s->inside & 0x1ff);
	s->inside = (uint64_t) - (int64_t)(steps >> GROUP & 1);
	return _mm512_mask_xor_epi64(each, (__mmask8)steps, each, _mm512_set1_epi64(-1));
}

/* What groups add up to. */
struct sums {
	__m512i ends, outside, odd[2];
};

STEP_TARGET static inline void
count_group(struct step_state *s, struct sums *sums, const struct masks *m, size_t group)
{
	__m512i quotes = _mm512_load_si512(m->quotes[group]), edges = _mm512_load_si512(m->edges[group]);
	__m512i terminators = _mm512_load_si512(m->terminators[group]), inside = parity_all(s, quotes);
	__m512i before = _mm512_andnot_si512(behind_all(edges, s->edge), quotes);
	__m512i behind = _mm512_andnot_si512(edges, behind_all(quotes, s->quote));
	__m512i either = _mm512_and_si512(_mm512_xor_si512(before, behind), inside);

	sums->odd[0] = _mm512_or_si512(sums->odd[0], _mm512_xor_si512(behind, either));
	sums->odd[1] = _mm512_or_si512(sums->odd[1], _mm512_xor_si512(before, either));
	sums->ends = _mm512_add_epi64(sums->ends, _mm512_popcnt_epi64(terminators));
	sums->outside = _mm512_add_epi64(sums->outside, _mm512_popcnt_epi64(_mm512_andnot_si512(inside, terminators)));
	s->ended = m->terminators[group][GROUP - 1] >> (STEP - 1);
	s->edge = m->edges[group][GROUP - 1] >> (STEP - 1);
	s->quote = m->quotes[group][GROUP - 1] >> (STEP - 1);
}

/* CR and blank lines are for single steps. */
STEP_TARGET static inline int
is_simple(const struct step_state *s, const struct masks *m, size_t group)
{
	__m512i terminators = _mm512_load_si512(m->terminators[group]);

	return (m->cr[group] | s->cr) == 0 && _mm512_test_epi64_mask(terminators, behind_all(terminators, s->ended)) == 0;
}

STEP_TARGET static const char *
step_groups(struct step_state *s, const char *p, const char *end, char delimiter)
{
	const __m512i zero = _mm512_setzero_si512();
	struct sums sums = {zero, zero, {zero, zero}};
	size_t n = (size_t)(end - p) / (GROUP * STEP);
	struct masks m;

	for (size_t i = 0; i < n; i++)
		find_masks(&m, i, p + i * GROUP * STEP, delimiter);
	for (size_t i = 0; i < n; i++, p += GROUP * STEP) {
		if (is_simple(s, &m, i)) {
			count_group(s, &sums, &m, i);
			continue;
		}
		for (size_t step = 0; step < GROUP; step++)
			step_full(s, step_load(p + step * STEP), STEP, delimiter);
	}
	s->ends += (uint64_t)_mm512_reduce_add_epi64(sums.ends);
	s->outside += (uint64_t)_mm512_reduce_add_epi64(sums.outside);
	s->odd[0] |= (uint64_t)_mm512_reduce_or_epi64(sums.odd[0]);
	s->odd[1] |= (uint64_t)_mm512_reduce_or_epi64(sums.odd[1]);
	return p;
}

const struct vector_kernel vector_avx512 = {"avx512", step_count, step_find};

#endif

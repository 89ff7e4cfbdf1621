#include "vector.h"

#include <stdlib.h>
#include <string.h>

#include "vector_kernels.h"

#ifdef __x86_64__
#include <cpuid.h>

enum { OSXSAVE = 1 << 27, AVX2 = 1 << 5, AVX512 = 1 << 16 | 1 << 17 | 1 << 30, VPOPCNTDQ = 1 << 14 }; /* F, DQ and BW */
enum { PCLMUL_POPCNT = 1 << 1 | 1 << 23, BMI = 1 << 3 | 1 << 8 };
enum { YMM = 0x06, ZMM = 0xe6 }; /* the registers that the system keeps for each process (XCR0) */

/* XGETBV of XCR0 (Intel SDM, 2: "Detection of AVX2", "Detection of AVX-512 Foundation"). */
static unsigned
kept_registers(void)
{
	unsigned low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

/* Three CPUIDs.  The compiler's __builtin_cpu_supports() makes a dozen, each of which a hypervisor traps. */
static const struct vector_kernel *
best_kernel(void)
{
	unsigned a, b, c, d, ignored;

	if (__get_cpuid_max(0, NULL) < 7)
		return &vector_portable;
	__cpuid(1, a, ignored, c, d);
	if ((c & OSXSAVE) == 0 || (c & PCLMUL_POPCNT) != PCLMUL_POPCNT || (kept_registers() & YMM) != YMM)
		return &vector_portable;
	__cpuid_count(7, 0, a, b, c, d);
	if ((b & AVX2) == 0 || (b & BMI) != BMI)
		return &vector_portable;
	if ((b & AVX512) == AVX512 && (c & VPOPCNTDQ) != 0 && (kept_registers() & ZMM) == ZMM)
		return &vector_avx512;
	return &vector_avx2;
}
#else
static const struct vector_kernel *
best_kernel(void)
{
	return &vector_portable;
}
#endif

const struct vector_kernel *
vector_for(uint64_t bytes)
{
	static const struct vector_kernel *best;
	const char *most = getenv("DBM_KERNEL");

	if (most != NULL && strcmp(most, vector_portable.name) == 0)
		return &vector_portable;
	if (best == NULL && bytes < VECTOR_PROBE)
		return &vector_portable;
	if (best == NULL)
		best = best_kernel();
#ifdef __x86_64__
	if (most != NULL && strcmp(most, vector_avx2.name) == 0 && best == &vector_avx512)
		return &vector_avx2;
#endif
	return best;
}

struct vector_state
vector_of_scan(const struct csv_scan *s)
{
	return (struct vector_state){
	    .inside = s->state == CSV_QUOTED,
	    .ended = s->state == CSV_RECORD || s->state == CSV_AFTER_CR,
	    .cr = s->cr,
	    .edge = s->state != CSV_PLAIN && s->state != CSV_QUOTED,
	    .quote = s->state == CSV_CLOSING,
	};
}

struct vector_state
vector_behind(const struct csv_dialect *d, char last)
{
	unsigned char class = d->classes[(unsigned char)last];

	return (struct vector_state){
	    .ended = class >= CSV_BYTE_CR,
	    .cr = class == CSV_BYTE_CR,
	    .edge = class != CSV_BYTE_OTHER,
	    .quote = class == CSV_BYTE_QUOTE,
	};
}

int
vector_agrees(const struct vector_state *v, int other, const struct csv_scan *s)
{
	struct vector_state is = vector_of_scan(s);

	if ((v->inside ^ other) != is.inside || v->cr != is.cr)
		return 0;
	/* Inside quotes no byte but a quote means anything. */
	return is.inside || (v->ended == is.ended && v->edge == is.edge && v->quote == is.quote);
}

void
vector_move_scan(struct csv_scan *s, const struct vector_state *v, int other, uint64_t terminators)
{
	s->terminators += terminators;
	s->cr = v->cr;
	s->open = !v->ended;
	if (v->inside ^ other)
		s->state = CSV_QUOTED;
	else if (v->ended)
		s->state = v->cr ? CSV_AFTER_CR : CSV_RECORD;
	else if (v->edge)
		s->state = v->quote ? CSV_CLOSING : CSV_FIELD;
	else
		s->state = CSV_PLAIN;
}

/* Where the quoted field began that goes on behind a well-formed text: at the last quote, or at the first of a run of them,
 * that is no pair of quotes inside.  `paired`: a quote right before the text makes a pair with one that begins it.  NULL:
 * before the text. */
static const char *
opening_quote(const char *bytes, size_t len, int paired)
{
	size_t end = len;

	while (end > 0) {
		size_t start;

		if (bytes[end - 1] != '"') {
			end--;
			continue;
		}
		for (start = end; start > 0 && bytes[start - 1] == '"'; start--)
			continue;
		if ((end - start) % 2 == 1)
			return start == 0 && paired ? NULL : bytes + start;
		end = start;
	}
	return NULL;
}

/* Notes the line of the quote that is open at the end of the block, or may be if another quote follows. */
static void
note_opened(struct csv_scan *s, const struct vector_kernel *k, const char *bytes, size_t len, int paired)
{
	const char *quote = opening_quote(bytes, len - (s->state == CSV_CLOSING), paired);
	struct vector_state none = {0};
	struct vector_count behind;

	if (quote == NULL)
		return;
	k->count(&none, quote, (size_t)(bytes + len - quote), s->dialect->delimiter, &behind);
	s->opened = s->terminators - behind.terminators + 1;
}

static uint64_t
count_block(struct csv_scan *s, const struct vector_kernel *k, const char *bytes, size_t len)
{
	struct vector_state v = vector_of_scan(s);
	struct vector_count c;
	int paired;

	k->count(&v, bytes, len, s->dialect->delimiter, &c);
	if (c.malformed[0] != 0)
		return csv_scan_count(s, bytes, len);
	paired = s->state == CSV_CLOSING;
	vector_move_scan(s, &v, 0, c.terminators);
	if (s->state == CSV_QUOTED || s->state == CSV_CLOSING)
		note_opened(s, k, bytes, len, paired);
	return c.records[0];
}

uint64_t
vector_scan_count(struct csv_scan *s, const struct vector_kernel *k, const char *bytes, size_t len)
{
	uint64_t records = 0;

	for (size_t i = 0; i < len; i += VECTOR_BLOCK)
		records += count_block(s, k, bytes + i, len - i < VECTOR_BLOCK ? len - i : VECTOR_BLOCK);
	return records;
}

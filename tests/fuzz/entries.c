/* entries: any bytes are no entry of the cache, or one that is encoded and decoded again the same; an entry of which one byte
 * was changed is none.  And any bytes are no continuation, or exactly the encoding of what they are decoded to. */

#include "continuation.h"
#include "entry.h"
#include "frame.h"
#include "fuzz.h"
#include "hash.h"

enum {
	SUM = 12,
	CHECKED = 20
}; /* where the checksum stands, and what it is of begins with the length of the answer (entry.h) */

static int
same(const char *a, size_t alen, const char *b, size_t blen)
{
	return alen == blen && (alen == 0 || memcmp(a, b, alen) == 0);
}

static int
same_entry(const struct entry *a, const struct entry *b)
{
	return memcmp(a->generations, b->generations, ENTRY_GENERATIONS) == 0 && a->read_at == b->read_at &&
	       proof_same(&a->proof, &b->proof) && a->proof.young == b->proof.young && a->rows == b->rows &&
	       a->width == b->width && a->whole == b->whole && a->failures == b->failures && a->failed_at == b->failed_at &&
	       strcmp(a->ref, b->ref) == 0 && same(a->key, a->key_len, b->key, b->key_len) &&
	       same(a->bytes, a->len, b->bytes, b->len);
}

static void
encode(struct buf *b, const struct entry *e)
{
	entry_encode(b, e);
	buf_add(b, e->bytes, e->len);
}

/* An entry whose numbers, proof, reference and key are made of what its answer begins with. */
static struct entry
make_entry(const char *answer, size_t len, char *ref, char *key)
{
	struct fuzz z = {answer, len};
	struct entry e = {.ref = ref, .key = key, .bytes = answer, .len = len};

	for (size_t i = 0; i < ENTRY_GENERATIONS; i++)
		e.generations[i] = (char)("0123456789abcdef"[(i + fuzz_byte(&z)) & 15]);
	e.read_at = (int64_t)((uint64_t)fuzz_byte(&z) << 56);
	e.proof = (struct proof){
	    .kind = fuzz_byte(&z) % (PROOF_SOURCE + 1), .young = fuzz_byte(&z) & 1, .len = fuzz_byte(&z) % (PROOF_MOST + 1)};
	if (e.proof.kind == PROOF_NONE)
		e.proof.len = 0;
	memset(e.proof.bytes, (int)fuzz_byte(&z), e.proof.len);
	e.rows = fuzz_byte(&z), e.width = fuzz_byte(&z);
	e.whole = fuzz_byte(&z) & (ENTRY_ALL_ROWS | ENTRY_ALL_BYTES);
	e.failures = fuzz_byte(&z), e.failed_at = (int64_t)((uint64_t)fuzz_byte(&z) << 56);
	memset(ref, 'r', fuzz_byte(&z));
	e.key_len = fuzz_byte(&z);
	memset(key, (int)fuzz_byte(&z), e.key_len);
	return e;
}

/* The entry of an answer, then with one byte changed: `place` says which, `change` how. */
static void
check_stored(const char *answer, size_t len, size_t place, unsigned change)
{
	char ref[256] = "", key[256];
	struct entry e = make_entry(answer, len, ref, key), got;
	struct buf b = {0};

	encode(&b, &e);
	MUST(entry_decode(&got, b.bytes, b.len) == NULL && same_entry(&e, &got));
	b.bytes[place % b.len] ^= (char)change;
	MUST((entry_decode(&got, b.bytes, b.len) == NULL) == (change == 0));
	buf_free(&b);
}

static void
check_any(const char *bytes, size_t len)
{
	struct entry e, again;
	struct buf b = {0};
	const char *why = entry_decode(&e, bytes, len);

	if (why != NULL) {
		MUST(strcmp(why, "damaged") == 0 || strcmp(why, "version") == 0);
		return;
	}
	encode(&b, &e);
	MUST(entry_decode(&again, b.bytes, b.len) == NULL && same_entry(&e, &again));
	MUST(b.len != len || memcmp(b.bytes, bytes, len) == 0);
	buf_free(&b);
}

/* The same bytes with the checksum that they ask for. */
static void
check_summed(const char *bytes, size_t len)
{
	struct frame frame = {.p = (const unsigned char *)bytes + CHECKED, .end = (const unsigned char *)bytes + len};
	uint64_t answer, sum;
	size_t head;
	char *exact;

	if (len < CHECKED + sizeof answer || (answer = frame_u64(&frame)) > len - CHECKED)
		return;
	head = len - (size_t)answer;
	sum = hash_more(hash_bytes(bytes + CHECKED, head - CHECKED), bytes + head, (size_t)answer);
	exact = malloc(len);
	if (exact == NULL)
		abort();
	memcpy(exact, bytes, len);
	for (size_t i = 0; i < sizeof sum; i++)
		exact[SUM + i] = (char)(sum >> (8 * i));
	check_any(exact, len);
	free(exact);
}

static void
check_continuation(const char *bytes, size_t len)
{
	struct continuation c;
	struct buf b = {0};

	if (continuation_decode(&c, bytes, len) == 0) {
		continuation_encode(&b, &c);
		MUST(b.len == len && memcmp(b.bytes, bytes, len) == 0);
	}
	buf_free(&b);
}

/* The input: a place (two bytes), a change, the rest. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	size_t place = fuzz_byte(&z) << 8;
	unsigned change;

	place |= fuzz_byte(&z);
	change = fuzz_byte(&z);
	check_stored(z.bytes, z.len, place, change);
	check_any(z.bytes, z.len);
	check_summed(z.bytes, z.len);
	check_continuation(z.bytes, z.len);
	return 0;
}

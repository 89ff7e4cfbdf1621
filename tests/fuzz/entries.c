/* entries: any file in the place of an entry of the cache is a miss, or exactly what storing its answer writes; and any bytes
 * are no continuation, or exactly the encoding of what they are decoded to. */

#include "file.h"

/* cache.c, whose entry is the input. */
#define file_peek fake_peek
static ssize_t fake_peek(int fd, void *bytes, size_t size, struct fail *f);

#include "cache.c"

#include "continuation.h"
#include "fuzz.h"

static const struct cache_name name = {"k", "/d", "/d/t", "r", 1};
static const struct stamp stamp = {.device = 1, .size = 2};
static const char *input;
static size_t input_len;

static ssize_t
fake_peek(int fd, void *bytes, size_t size, struct fail *f)
{
	size_t n = size < input_len ? size : input_len;

	(void)fd, (void)f;
	if (n > 0)
		memcpy(bytes, input, n);
	return (ssize_t)n;
}

static const char *
find(struct mem *m, const char **bytes, size_t *len)
{
	return read_entry(m, 0, input_len, &name, &stamp, bytes, len);
}

/* The entry of an answer, then with one byte changed: `place` says which, `change` how. */
static void
check_stored(const char *answer, size_t len, size_t place, unsigned change)
{
	struct buf b = {0};
	struct mem m = {0};
	const char *bytes;
	size_t got;

	encode(&b, &name, &stamp, answer, len);
	buf_add(&b, answer, len);
	input = b.bytes, input_len = b.len;
	MUST(find(&m, &bytes, &got) == NULL && got == len && (len == 0 || memcmp(bytes, answer, len) == 0));
	b.bytes[place % b.len] ^= (char)change;
	MUST((find(&m, &bytes, &got) == NULL) == (change == 0));
	mem_free(&m);
	buf_free(&b);
}

static void
check_any(const char *text, size_t len)
{
	struct buf b = {0};
	struct mem m = {0};
	const char *bytes;
	size_t got;

	input = text, input_len = len;
	if (find(&m, &bytes, &got) == NULL) {
		encode(&b, &name, &stamp, bytes, got);
		buf_add(&b, bytes, got);
		MUST(b.len == len && memcmp(b.bytes, text, len) == 0);
	}
	mem_free(&m);
	buf_free(&b);
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
	check_continuation(z.bytes, z.len);
	return 0;
}

/* Continuations: hold for a file that has grown, not for one that was changed or replaced; their bytes; what is read. */

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "continuation.h"
#include "tap.h"
#include "trace.h"

enum { LARGE = 2000003, BLOCK = CONTINUATION_BLOCK };

static char folder[] = "/tmp/dbm-continuation.XXXXXX";
static char path[64], other[64], traced[64];
static char text[LARGE];

static void
write_file(const char *name, const char *bytes, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		abort();
}

static void
append(const char *bytes)
{
	int fd = open(path, O_WRONLY | O_APPEND);

	if (fd < 0 || write(fd, bytes, strlen(bytes)) != (ssize_t)strlen(bytes) || close(fd) < 0)
		abort();
}

static void
overwrite(uint64_t at)
{
	int fd = open(path, O_RDWR);
	char byte;

	if (fd < 0 || pread(fd, &byte, 1, (off_t)at) != 1)
		abort();
	byte ^= 1;
	if (pwrite(fd, &byte, 1, (off_t)at) != 1 || close(fd) < 0)
		abort();
}

static struct continuation
taken(uint64_t offset)
{
	struct continuation c = {.offset = offset, .delimiter = ','};
	int fd = open(path, O_RDONLY);
	struct fail f;

	if (continuation_take(&c, fd, NULL, &f) < 0)
		c.offset = UINT64_MAX;
	close(fd);
	return c;
}

static int
holds(const struct continuation *c)
{
	int fd = open(path, O_RDONLY), same;
	struct stat st;
	struct fail f;

	if (fd < 0 || fstat(fd, &st) < 0)
		abort();
	same = continuation_holds(c, fd, &st, NULL, &f);
	close(fd);
	return same;
}

/* Bytes read since the last call, by the trace; the number of events too. */
static uint64_t
bytes_read(unsigned *events)
{
	static long before;
	FILE *trace = fopen(traced, "r");
	uint64_t sum = 0, n;

	*events = 0;
	if (trace == NULL || fseek(trace, before, SEEK_SET) != 0)
		abort();
	while (fscanf(trace, "read bytes=%" SCNu64 "\n", &n) == 1) {
		sum += n;
		++*events;
	}
	before = ftell(trace);
	fclose(trace);
	return sum;
}

/* Every way to change a file of which `offset` bytes were counted. */
static void
test_changes(size_t size, uint64_t offset, const char *name)
{
	struct continuation c;

	printf("# %s\n", name);
	write_file(path, text, size);
	c = taken(offset);
	CHECK(c.offset == offset && c.size == size, "taken");
	CHECK(holds(&c) == 0, "a file that has not grown");
	append("x");
	CHECK(holds(&c) == 1, "a byte more");
	append("y\nz\n");
	CHECK(holds(&c) == 1, "more of them");
	if (size > offset) {
		overwrite(offset);
		CHECK(holds(&c) == 1, "what lies behind the offset does not matter");
	}
	if (offset > 0) {
		overwrite(offset - 1);
		CHECK(holds(&c) == 0, "the last byte before the offset does");
		overwrite(offset - 1);
		overwrite(0);
		CHECK(holds(&c) == 0, "and the first byte");
		overwrite(0);
		CHECK(holds(&c) == 1, "put back");
	}
	write_file(other, text, size);
	rename(other, path);
	append("x");
	CHECK(holds(&c) == 0, "another inode with the same bytes");
	write_file(path, text, size);
	c = taken(offset);
	if (offset > 0) {
		CHECK(truncate(path, (off_t)offset - 1) == 0 && holds(&c) == 0, "truncated before the offset");
		write_file(path, text, size);
		overwrite(offset / 2);
		CHECK(holds(&c) == 0, "rewritten with the same size");
	}
	CHECK(truncate(path, 0) == 0 && holds(&c) == 0, "emptied");
}

/* A file of any size up to ten blocks is hashed whole. */
static void
test_small(void)
{
	static const size_t sizes[] = {1, 2, 9, 10, 11, 19, 100};
	int missed = 0;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct continuation c;

		write_file(path, text, sizes[i]);
		c = taken(sizes[i]);
		append("x");
		missed += holds(&c) != 1;
		for (uint64_t at = 0; at < sizes[i]; at++) {
			overwrite(at);
			missed += holds(&c) != 0;
			overwrite(at);
		}
	}
	CHECK(missed == 0, "any byte of a tiny file");
}

static void
test_spread(void)
{
	const uint64_t whole = (uint64_t)CONTINUATION_BLOCKS * BLOCK;
	struct continuation c;
	int missed = 0;

	write_file(path, text, LARGE);
	c = taken(LARGE);
	append("x");
	for (uint64_t i = 0; i < CONTINUATION_BLOCKS; i++) {
		uint64_t start = (LARGE - BLOCK) * i / (CONTINUATION_BLOCKS - 1);
		/* Where the distance is no whole number, the blocks may begin a byte earlier. */
		const uint64_t places[] = {start, start + BLOCK / 2, start + BLOCK - 2};

		for (size_t j = 0; j < 3; j++) {
			overwrite(places[j]);
			missed += holds(&c) != 0;
			overwrite(places[j]);
		}
	}
	CHECK(missed == 0, "a byte in each of the ten blocks");
	overwrite(BLOCK + 1000);
	CHECK(holds(&c) == 1, "between them nothing is seen: that is why a count is said to be continued");
	write_file(path, text, whole);
	c = taken(whole);
	append("x");
	for (uint64_t at = 0; at < whole; at += BLOCK / 3) {
		overwrite(at);
		missed += holds(&c) != 0;
		overwrite(at);
	}
	CHECK(missed == 0, "up to ten blocks any byte is");
}

static void
test_bytes_read(void)
{
	struct continuation c;
	unsigned events;

	write_file(path, text, LARGE);
	bytes_read(&events);
	c = taken(LARGE - 5);
	CHECK(bytes_read(&events) == (uint64_t)CONTINUATION_BLOCKS * BLOCK && events == 10, "taking reads ten blocks");
	append("x");
	CHECK(holds(&c) == 1 && bytes_read(&events) == (uint64_t)CONTINUATION_BLOCKS * BLOCK, "holding too");
	overwrite(LARGE - 6);
	CHECK(holds(&c) == 0 && bytes_read(&events) == BLOCK && events == 1, "the last block is the first that is looked at");
	CHECK(truncate(path, 100) == 0 && holds(&c) == 0 && bytes_read(&events) == 0, "a shorter file is not read");
	write_file(path, text, 1000);
	taken(999);
	CHECK(bytes_read(&events) == 999 && events == 10, "no byte of a small file is read twice");
	taken(0);
	CHECK(bytes_read(&events) == 0 && events == 0, "nothing before offset 0");
}

static void
test_failures(void)
{
	struct continuation c = {.offset = 11};
	struct watch over = {.timeout = 1, .deadline = 1};
	struct stat st;
	struct fail f;
	int ends[2], fd;

	write_file(path, text, 10);
	fd = open(path, O_RDONLY);
	CHECK(continuation_take(&c, fd, NULL, &f) == -1, "an offset behind the end");
	CHECK_TEXT(f.text, "became shorter while it was read", "its sentence");
	c.offset = 10;
	CHECK(continuation_take(&c, fd, &over, &f) == -1 && strncmp(f.text, "timed out", 9) == 0, "the deadline");
	CHECK(continuation_take(&c, fd, NULL, &f) == 0 && lseek(fd, 0, SEEK_CUR) == 0, "the offset of the file stays");
	append("x");
	CHECK(fstat(fd, &st) == 0 && truncate(path, 5) == 0 && continuation_holds(&c, fd, &st, NULL, &f) == 0,
	    "truncated since it was looked at");
	close(fd);
	st.st_size = 100;
	CHECK(continuation_holds(&c, fd, &st, NULL, &f) == -1, "a descriptor that cannot be read");
	if (pipe(ends) == 0) {
		CHECK(continuation_take(&c, ends[0], NULL, &f) == -1, "a pipe");
		close(ends[0]);
		close(ends[1]);
	}
}

static int
same(const struct continuation *a, const struct continuation *b)
{
	return a->offset == b->offset && a->records == b->records && a->lines == b->lines && a->delimiter == b->delimiter &&
	       a->after_cr == b->after_cr && a->size == b->size && a->device == b->device && a->inode == b->inode &&
	       memcmp(a->hashes, b->hashes, sizeof a->hashes) == 0;
}

static void
test_encoded(void)
{
	struct continuation c, back;
	struct buf b = {0};
	int wrong = 0, refused = 0;
	char *copy;

	write_file(path, text, 1000);
	c = taken(997);
	c.records = 40, c.lines = 41, c.delimiter = ';', c.after_cr = 1;
	continuation_encode(&b, &c);
	CHECK(b.len == CONTINUATION_BYTES, "its bytes");
	CHECK(continuation_decode(&back, b.bytes, b.len) == 0 && same(&c, &back), "encoded and decoded");
	/* In memory of its own, so that a sanitizer sees its end. */
	for (size_t len = 0; len < b.len; len++) {
		copy = malloc(len + 1);
		memcpy(copy + 1, b.bytes, len);
		wrong += continuation_decode(&back, copy + 1, len) != -1;
		free(copy);
	}
	buf_byte(&b, 0);
	CHECK(wrong == 0 && continuation_decode(&back, b.bytes, b.len) == -1, "of any other length it is none");
	b.len--;
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		b.bytes[bit / 8] ^= (char)(1 << bit % 8);
		if (continuation_decode(&back, b.bytes, b.len) == 0)
			wrong += same(&c, &back);
		else
			refused++;
		b.bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
	CHECK(wrong == 0 && refused > 8 + 7, "each bit matters; another version is refused");
	c.offset = 0, c.records = 0, c.lines = 0;
	b.len = 0;
	continuation_encode(&b, &c);
	CHECK(continuation_decode(&back, b.bytes, b.len) == -1, "no CR is before offset 0");
	buf_free(&b);
}

int
main(void)
{
	const uint64_t whole = (uint64_t)CONTINUATION_BLOCKS * BLOCK;
	struct fail f;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/t.csv", folder);
	snprintf(other, sizeof other, "%s/new.csv", folder);
	snprintf(traced, sizeof traced, "%s/trace", folder);
	if (trace_open(traced, &f) < 0)
		return 1;
	/* No two blocks alike. */
	for (unsigned i = 0; i < LARGE; i++)
		text[i] = i % 40 == 39 ? '\n' : (char)('a' + i * 2654435761u % 4294967291u / 1000 % 26);
	test_changes(50, 0, "nothing counted");
	test_changes(1, 1, "one byte");
	test_changes(11, 7, "a few bytes");
	test_changes(BLOCK, BLOCK, "a block");
	test_changes(whole - 1, whole - 1, "ten blocks but a byte");
	test_changes(whole, whole, "ten blocks");
	test_changes(whole + 1, whole + 1, "ten blocks and a byte");
	test_changes(LARGE, LARGE - 7, "many blocks");
	test_small();
	test_spread();
	test_bytes_read();
	test_failures();
	test_encoded();
	unlink(path);
	unlink(traced);
	rmdir(folder);
	return tap_end();
}

/* Buffers: each keeps its bytes, however many there are, however they grow, and whichever thread has them. */

#include <stdint.h>
#include <stdlib.h>

#include "buf.h"
#include "tap.h"
#include "threads.h"

enum { MANY = 70, WORKERS = 8, ROUNDS = 3000, HELD = 7 };

/* Makes the buffer `len` of this byte. */
static void
fill(struct buf *b, int byte, size_t len)
{
	b->len = 0;
	memset(buf_room(b, len), byte, len);
	b->len = len;
}

/* How many bytes are others. */
static int
others(const struct buf *b, int byte)
{
	int n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->bytes[i] != (char)byte;
	return n;
}

/* More at once than there is memory of the program's own for; twice, since what is given back is taken again. */
static void
test_many(void)
{
	static const size_t sizes[] = {1, 1024, 1025, 100000, 2000};
	struct buf b[MANY] = {{0}};
	int wrong = 0;

	for (int round = 0; round < 2; round++) {
		for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++) {
			for (int i = 0; i < MANY; i++) {
				wrong += others(&b[i], 'A' + i);
				fill(&b[i], 'A' + i, sizes[size]);
			}
		}
		for (int i = 0; i < MANY; i++) {
			wrong += others(&b[i], 'A' + i) + (b[i].len != 2000);
			/* Some first, the others the next time. */
			if (round == 1 || i % 3 == 0)
				buf_free(&b[i]);
		}
	}
	CHECK(wrong == 0, "many at once keep their bytes");
}

static void
test_growth(void)
{
	struct buf b = {0};
	int wrong = 0;

	for (int i = 0; i < 5000; i++)
		buf_byte(&b, (char)(i % 251));
	for (int i = 0; i < 5000; i++)
		wrong += b.bytes[i] != (char)(i % 251);
	CHECK(b.len == 5000 && wrong == 0, "byte by byte");
	buf_free(&b);
	CHECK(b.bytes == NULL && b.len == 0 && b.size == 0, "freed, it is empty");
	buf_free(&b);
	CHECK(strcmp(buf_string(&b), "") == 0 && b.len == 0, "an empty string");
	buf_printf(&b, "%s-%d", "a", 1);
	buf_add(&b, NULL, 0);
	buf_puts(&b, "!");
	CHECK_TEXT(buf_string(&b), "a-1!", "text");
	b.len = 0;
	buf_printf(&b, "%2000d", 7);
	CHECK(b.len == 2000 && b.bytes[1999] == '7' && b.bytes[1998] == ' ', "a long one");
	buf_free(&b);
}

/* Each takes, grows and gives back its own. */
static void
work(void *arg, unsigned worker)
{
	int *wrong = arg, byte = 'a' + (int)worker;
	struct buf b[HELD] = {{0}};

	for (int round = 0; round < ROUNDS; round++) {
		struct buf *one = &b[round % HELD];

		wrong[worker] += others(one, byte);
		if (round % 5 == 0)
			buf_free(one);
		fill(one, byte, round % 3 == 0 ? 3000 : 64);
	}
	for (int i = 0; i < HELD; i++) {
		wrong[worker] += others(&b[i], byte);
		buf_free(&b[i]);
	}
}

static void
test_threads(void)
{
	int wrong[WORKERS] = {0}, sum = 0;

	threads_run(WORKERS, work, wrong);
	for (int i = 0; i < WORKERS; i++)
		sum += wrong[i];
	CHECK(sum == 0, "no two threads have the same one");
}

int
main(void)
{
	test_growth();
	test_many();
	test_threads();
	/* Nothing of it was lost on the way. */
	test_many();
	return tap_end();
}

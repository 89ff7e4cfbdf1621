/* The vector scanner: every kernel counts what the exact machine counts, wherever a text or a block begins and ends. */

#include <stdlib.h>

#include "random.h"
#include "tap.h"
#include "vector_kernels.h"

/* Well-formed text now and then, else whatever bytes matter. */
static size_t
make_text(char *text, size_t size, char delimiter)
{
	static const char alphabet[] = ",,,\"\"\"\r\n\nab \xc3\xa9;\t";
	size_t want = next_random((unsigned)size - 100), n = 0;
	int orderly = next_random(3) > 0;

	while (n < want) {
		if (!orderly) {
			text[n++] = alphabet[next_random(sizeof alphabet)];
		} else if (next_random(2)) {
			unsigned len = next_random(next_random(8) ? 6 : 70);

			text[n++] = '"';
			for (unsigned i = 0; i < len; i++) {
				char c = alphabet[next_random(sizeof alphabet)];

				text[n++] = c;
				if (c == '"')
					text[n++] = '"';
				if (n > size - 60)
					break;
			}
			text[n++] = '"';
		} else {
			for (unsigned len = next_random(10); len > 0; len--)
				text[n++] = "xy 1"[next_random(4)];
		}
		if (orderly) {
			if (next_random(3))
				text[n++] = delimiter;
			else if (next_random(3))
				text[n++] = '\n';
			else
				text[n++] = next_random(2) ? '\r' : '\n', text[n++] = '\n';
		}
	}
	return n;
}

static int
same_scan(const struct csv_scan *a, const struct csv_scan *b)
{
	return a->state == b->state && a->cr == b->cr && a->open == b->open && a->terminators == b->terminators &&
	       (a->state != CSV_QUOTED || a->opened == b->opened);
}

/* In pieces of `piece` bytes. */
static int
agrees(const struct vector_kernel *k, const struct csv_dialect *d, const char *text, size_t n, size_t piece)
{
	struct csv_scan exact, fast;
	uint64_t want = 0, got = 0;

	csv_scan_start(&exact, d);
	csv_scan_start(&fast, d);
	for (size_t i = 0; i < n; i += piece) {
		size_t len = n - i < piece ? n - i : piece;

		want += csv_scan_count(&exact, text + i, len);
		got += vector_scan_count(&fast, k, text + i, len);
		if (want != got || !same_scan(&exact, &fast)) {
			printf(
			    "# %s, pieces of %zu: at %zu of %zu: %llu records for %llu, state %d for %d, lines %llu for %llu, "
			    "opened %llu for %llu\n",
			    k->name, piece, i + len, n, (unsigned long long)got, (unsigned long long)want, fast.state,
			    exact.state, (unsigned long long)fast.terminators, (unsigned long long)exact.terminators,
			    (unsigned long long)fast.opened, (unsigned long long)exact.opened);
			return 0;
		}
	}
	return 1;
}

/* Counted under both suppositions from any place, where the exact machine stands as one of them supposes: the count is its. */
static int
joins(const struct vector_kernel *k, const struct csv_dialect *d, const char *text, size_t n)
{
	size_t cut = n > 0 ? next_random((unsigned)n) : 0;
	struct csv_scan s;
	struct vector_state v;
	struct vector_count c;

	if (cut == 0)
		return 1;
	csv_scan_start(&s, d);
	csv_scan_count(&s, text, cut);
	v = vector_behind(d, text[cut - 1]);
	for (int other = 0; other < 2; other++) {
		struct vector_state at = v;
		struct csv_scan exact = s, moved = s;

		if (!vector_agrees(&at, other, &s))
			continue;
		k->count(&at, text + cut, n - cut, d->delimiter, &c);
		if (c.malformed[other] != 0)
			continue;
		if (csv_scan_count(&exact, text + cut, n - cut) != c.records[other])
			return 0;
		vector_move_scan(&moved, &at, other, c.terminators);
		exact.opened = moved.opened;
		if (!same_scan(&exact, &moved))
			return 0;
	}
	return 1;
}

static void
check_kernel(const struct vector_kernel *k)
{
	static const char delimiters[] = ",;\t|";
	static char text[2000];
	int same = 1, joined = 1;
	char name[100];

	for (int round = 0; same && joined && round < 60000; round++) {
		struct csv_dialect d;
		char delimiter = delimiters[next_random(4)];
		size_t n = make_text(text, round % 3 ? 300 : sizeof text, delimiter);

		csv_dialect_set(&d, delimiter);
		same &= agrees(k, &d, text, n, 1 + next_random(200)) && agrees(k, &d, text, n, sizeof text);
		joined &= joins(k, &d, text, n);
	}
	snprintf(name, sizeof name, "%s: as the exact machine counts, in pieces of any length", k->name);
	CHECK(same, name);
	snprintf(name, sizeof name, "%s: from any place under both suppositions", k->name);
	CHECK(joined, name);
}

/* Parity alone would be wrong here: the check must notice each. */
static void
check_malformed(const struct vector_kernel *k)
{
	static const char *const odd[] = {"a\"b,c\n", "a,b\"\n", "\"a\"b,c\n", "\"a\" ,b\n", " \"a\",b\n", "a\"\"b\n",
	    "\"a\"\"\"b\n", "a,\"b\"c\"\n", "\"\"a,b\n", "x\"\"\n"};
	int noticed = 1;
	char name[100];

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		for (size_t before = 0; before < 130; before++) {
			char text[200];
			struct vector_state v = {.ended = 1, .edge = 1};
			struct vector_count c;

			memset(text, 'x', before);
			if (before > 0)
				text[before - 1] = '\n';
			strcpy(text + before, odd[i]);
			k->count(&v, text, strlen(odd[i]) + before, ',', &c);
			noticed &= c.malformed[0] != 0;
		}
	}
	snprintf(name, sizeof name, "%s: malformed quoting is noticed wherever it stands", k->name);
	CHECK(noticed, name);
}

/* The byte behind a quote counts, even where a run of steps ends between them and 256 plain bytes are then passed at once. */
static void
check_long_run(const struct vector_kernel *k)
{
	static char text[4096 + 400];
	int noticed = 1;
	char name[100];

	memset(text, 'x', sizeof text);
	text[0] = text[4095] = '"';
	for (size_t behind = 4096 + 256; behind < sizeof text; behind++) {
		struct vector_state v = {.ended = 1, .edge = 1};
		struct vector_count c;

		text[behind] = ',';
		k->count(&v, text, sizeof text, ',', &c);
		noticed &= c.malformed[0] != 0;
		text[behind] = 'x';
	}
	snprintf(name, sizeof name, "%s: text behind a closing quote is noticed however long it is", k->name);
	CHECK(noticed, name);
}

int
main(void)
{
	const struct vector_kernel *best = vector_for(UINT64_MAX);

	check_kernel(&vector_portable);
	check_malformed(&vector_portable);
	check_long_run(&vector_portable);
#ifdef __x86_64__
	if (best != &vector_portable) {
		check_kernel(&vector_avx2);
		check_malformed(&vector_avx2);
		check_long_run(&vector_avx2);
	}
	if (best == &vector_avx512) {
		check_kernel(&vector_avx512);
		check_malformed(&vector_avx512);
		check_long_run(&vector_avx512);
	}
#endif
	CHECK(vector_for(100) == &vector_portable || best == vector_for(100), "a short text asks for nothing");
	setenv("DBM_KERNEL", "portable", 1);
	CHECK(vector_for(UINT64_MAX) == &vector_portable, "DBM_KERNEL=portable is obeyed");
	return tap_end();
}

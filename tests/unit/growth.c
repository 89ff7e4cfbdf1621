/* Growth: what is counted of a file that has grown is what counting it anew gives, and little of it is read; what has not only
 * grown is noticed.  `growth MIB` does the first part with a file of another size than 64 MiB. */

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "growth.h"
#include "reader.h"
#include "random.h"
#include "tap.h"
#include "trace.h"

enum { MIB = 1 << 20, STEPS = 100, SHORT = 3 * MIB };

static char folder[] = "/tmp/dbm-growth.XXXXXX";
static char path[64], other[64], traced[64];
static void
add(const char *name, int flags, const void *bytes, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | flags, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		abort();
}

static void
put(const void *bytes, size_t len)
{
	add(path, O_TRUNC, bytes, len);
}

static void
append(const void *bytes, size_t len)
{
	add(path, O_APPEND, bytes, len);
}

/* A MiB of rows, no two alike: some with a newline, a pair of quotes or a CRLF in them. */
static void
make_rows(struct buf *b, unsigned part)
{
	size_t want = b->len + MIB;

	for (unsigned i = 0; b->len < want - 100; i++) {
		buf_printf(b, "%u,%u,", part, i);
		if (i % 7 == 0)
			buf_puts(b, "\"a\nb, \"\"c\"\"\"");
		buf_puts(b, i % 5 == 0 ? "\r\n" : i % 11 == 0 ? "\n\n" : "\n");
	}
	while (b->len < want - 1)
		buf_byte(b, 'x');
	buf_byte(b, '\n');
}

/* What a reader finds, from the start of the file to its end. */
struct whole {
	uint64_t records, lines;
	struct growth first; /* the continuation of it */
};

static struct whole
count_whole(int first)
{
	const struct reader_options options = {.delimiter = ','};
	struct reader r = {.line = 0};
	struct whole w = {0};
	uint64_t header = 0;
	struct stat st;
	struct fail f;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) < 0 || input_open(&r.in, fd, NULL, NULL, (uint64_t)st.st_size, NULL, &f) < 0 ||
	    reader_start(&r, &options, 100, &f) < 0 || reader_skip(&r, 1, &header, &f) < 0)
		abort();
	if (first && growth_from(&w.first, &r.scan, input_offset(&r.in), 0, fd, (uint64_t)st.st_size, NULL, &f) < 0)
		abort();
	if (reader_count(&r, UINT64_MAX, &w.records, &f) < 0)
		abort();
	w.lines = csv_scan_lines(&r.scan);
	reader_close(&r, &f);
	return w;
}

static int
go_on(struct growth *g, const struct continuation *c)
{
	int fd = open(path, O_RDONLY), r;
	struct stat st;
	struct fail f;

	if (fd < 0 || fstat(fd, &st) < 0)
		abort();
	r = growth_count(g, c, fd, &st, NULL, &f);
	close(fd);
	return r;
}

/* True where going on from `c` gives what counting anew does. */
static int
is_right(const struct continuation *c, struct growth *g)
{
	struct whole w = count_whole(0);

	return go_on(g, c) == 1 && g->records == w.records && g->lines == w.lines;
}

/* Bytes read since the last call, by the trace. */
static uint64_t
bytes_read(void)
{
	static long before;
	FILE *trace = fopen(traced, "r");
	uint64_t sum = 0, n;

	if (trace == NULL || fseek(trace, before, SEEK_SET) != 0)
		abort();
	while (fscanf(trace, "read bytes=%" SCNu64 "\n", &n) == 1)
		sum += n;
	before = ftell(trace);
	fclose(trace);
	return sum;
}

static void
test_large(unsigned mib)
{
	struct buf rows = {0};
	struct growth g;
	struct whole w;
	uint64_t n;

	put("id,name,text\n", 13);
	for (unsigned i = 0; i < mib; i++) {
		rows.len = 0;
		make_rows(&rows, i);
		append(rows.bytes, rows.len);
	}
	w = count_whole(1);
	CHECK(w.first.records == w.records && w.first.lines == w.lines, "the first count");
	CHECK(w.first.next.records == w.records && w.first.next.offset == 13 + (uint64_t)mib * MIB,
	    "left behind its last record");
	rows.len = 0;
	make_rows(&rows, mib);
	append(rows.bytes, rows.len);
	bytes_read();
	CHECK(go_on(&g, &w.first.next) == 1, "a MiB more: it goes on");
	n = bytes_read();
	printf("# %" PRIu64 " bytes read\n", n);
	CHECK(n < 3 * MIB && n > MIB, "and reads less than 3 MiB");
	w = count_whole(0);
	CHECK(g.records == w.records && g.lines == w.lines, "with the result of counting all of it");
	buf_free(&rows);
}

/* What else than growing can happen to a file. */
static void
test_changed(void)
{
	static const char head[] = "id,name,text\n", end[] = "1,2,3\n";
	struct buf text = {0};
	struct growth g;
	struct whole w;

	buf_puts(&text, head);
	for (unsigned i = 0; i < SHORT / MIB; i++)
		make_rows(&text, i);
	put(text.bytes, text.len);
	w = count_whole(1);
	CHECK(go_on(&g, &w.first.next) == 0, "not grown");
	text.bytes[text.len / 2 + 1000] ^= 1;
	add(path, 0, text.bytes, text.len);
	CHECK(go_on(&g, &w.first.next) == 0, "rewritten in place with the same size");
	text.bytes[text.len / 2 + 1000] ^= 1;

	add(path, 0, text.bytes, text.len);
	append(end, sizeof end - 1);
	CHECK(is_right(&w.first.next, &g), "grown");
	text.bytes[text.len - 10] ^= 1;
	put(text.bytes, text.len);
	append(end, sizeof end - 1);
	CHECK(go_on(&g, &w.first.next) == 0, "rewritten and longer, with the same head");
	text.bytes[text.len - 10] ^= 1;
	text.bytes[20] ^= 1;
	put(text.bytes, text.len);
	append(end, sizeof end - 1);
	CHECK(go_on(&g, &w.first.next) == 0, "rewritten and longer, with the same tail");
	text.bytes[20] ^= 1;
	put(head, sizeof head - 1);
	append("0\n", 2);
	append(text.bytes + sizeof head - 1, text.len - (sizeof head - 1));
	CHECK(go_on(&g, &w.first.next) == 0, "a row put in at the top");
	add(other, O_TRUNC, text.bytes, text.len);
	add(other, O_APPEND, end, sizeof end - 1);
	CHECK(rename(other, path) == 0 && go_on(&g, &w.first.next) == 0, "another file renamed over it");
	buf_free(&text);
}

/* Counted, then grown, then right; `offset` is where the first count leaves it. */
static void
check_pair(const char *before, const char *behind, uint64_t offset, const char *name)
{
	struct growth g = {0};
	struct whole w;

	put(before, strlen(before));
	w = count_whole(1);
	if (!CHECK(w.first.next.offset == offset, name))
		printf("# offset %" PRIu64 "\n", w.first.next.offset);
	append(behind, strlen(behind));
	if (offset == 0)
		CHECK(go_on(&g, &w.first.next) == 0, "there is nothing to go on from");
	else
		CHECK(is_right(&w.first.next, &g), "grown");
}

static void
test_ends(void)
{
	check_pair("a,b\n1,2\n3,", "4\n5,6\n", 8, "a record without its newline is counted once it has one");
	check_pair("a,b\r\n1,2\r", "\n3,4\r\n", 9, "between CR and LF");
	check_pair("a,b\r\n1,2\r", "3,4\r", 9, "a CR alone after all");
	check_pair("a,b\n1,2\n3,\"x\n", "y\"\n5,6\n", 8, "inside quotes");
	check_pair("a,b\n1,2\n3,\"x\"", "\"y\"\n5,6\n", 8, "between a pair of quotes");
	check_pair("a,b\n", "1,2\n", 4, "a header alone");
	check_pair("a,b", "c\n1,2\n", 0, "half of a header");
	check_pair("a,b\n1,2\n\n\n", "\n\n3,4\n", 8, "blank lines");
	check_pair("\xef\xbb\xbf"
		   "a,b\n1,2\n",
	    "3,4\n", 11, "a byte order mark");
}

static const char
    piece[] = "1,two\n3,\"fo\"\"ur\"\r\n\"fi\nve\",6\r7,8\n\n\n9,\"\"\r\n\"a\r\nb\",\"c\rd\"\r\nx\"y,z\n\"q\"r,s\n,\n\"\"\n";

/* A text cut in two at every place. */
static void
test_cuts(void)
{
	int wrong = 0, none = 0;

	for (size_t cut = 1; cut < sizeof piece - 1; cut++) {
		struct growth g = {0};
		struct whole w;

		put("a,b\n", 4);
		append(piece, cut);
		w = count_whole(1);
		wrong += w.first.records != w.records || w.first.lines != w.lines;
		append(piece + cut, sizeof piece - 1 - cut);
		wrong += !is_right(&w.first.next, &g);
		none += w.first.next.offset < 4;
	}
	CHECK(wrong == 0 && none == 0, "cut at every byte");
}

/* In steps of any size, each going on from the one before. */
static void
test_steps(size_t longest, const char *name)
{
	struct continuation c;
	struct buf text = {0};
	int wrong = 0;

	put("a,b\n1,2\n", 8);
	c = count_whole(1).first.next;
	for (int i = 0; i < STEPS; i++) {
		struct growth g = {0};
		size_t len = 1 + next_random((unsigned)longest);

		while (text.len < len)
			buf_add(&text, piece, sizeof piece - 1);
		append(text.bytes + text.len - len, len);
		text.len = next_random((unsigned)text.len);
		wrong += !is_right(&c, &g);
		c = g.next;
	}
	CHECK(wrong == 0, name);
	buf_free(&text);
}

static void
test_failures(void)
{
	struct watch over = {.timeout = 1, .deadline = 1};
	struct csv_dialect d;
	struct growth g;
	struct csv_scan s;
	struct fail f;
	int fd;

	put("a,b\n1,2\n", 8);
	fd = open(path, O_RDONLY);
	csv_dialect_set(&d, ',');
	csv_scan_start(&s, &d);
	CHECK(growth_from(&g, &s, 0, 0, fd, 9, NULL, &f) == -1, "a file that is shorter than it was");
	CHECK_TEXT(f.text, "was cut short while it was read", "its sentence");
	CHECK(growth_from(&g, &s, 0, 0, fd, 8, &over, &f) == -1 && strncmp(f.text, "timed out", 9) == 0, "the deadline");
	CHECK(growth_from(&g, &s, 0, 0, fd, 8, NULL, &f) == 0 && g.records == 2 && g.next.records == 2, "without a header");
	close(fd);
	put("a\n1\n\"2\n3", 8);
	fd = open(path, O_RDONLY);
	CHECK(growth_from(&g, &s, 0, 0, fd, 8, NULL, &f) == 0 && g.unclosed == 3 && g.next.offset == 4, "a quote never closed");
	close(fd);
}

int
main(int argc, char *argv[])
{
	struct fail f;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/t.csv", folder);
	snprintf(other, sizeof other, "%s/other.csv", folder);
	snprintf(traced, sizeof traced, "%s/trace", folder);
	if (trace_open(traced, &f) < 0)
		return 1;
	test_large(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 64);
	test_changed();
	test_ends();
	test_cuts();
	test_steps(20, "a hundred small steps");
	test_steps(3 * GROWTH_BLOCK, "a hundred large ones");
	test_failures();
	unlink(path);
	unlink(traced);
	rmdir(folder);
	return tap_end();
}

/* The scanner, the splitter and the sniffer: the fast ways agree with the table, wherever blocks end. */

#include <stdlib.h>

#include "csv.h"
#include "sniff.h"
#include "split.h"
#include "random.h"
#include "tap.h"

/* Text from bytes that matter, now and then in long runs. */
static size_t
make_text(char *text, size_t size)
{
	static const char alphabet[] = ",,,\"\"\"\r\n\nab \xc3\xa9;\t";
	size_t n = next_random((unsigned)size);

	for (size_t i = 0; i < n; i++) {
		text[i] = alphabet[next_random(sizeof alphabet)];
		if (next_random(40) == 0)
			for (unsigned run = next_random(30); run > 0 && i + 1 < n; run--, i++)
				text[i + 1] = 'x';
	}
	return n;
}

/* Records by the table alone. */
static uint64_t
count_slowly(const struct csv_dialect *d, const char *text, size_t n)
{
	unsigned state = CSV_RECORD;
	uint64_t records = 0;

	for (size_t i = 0; i < n; i++) {
		struct csv_step step = csv_steps[state][d->classes[(unsigned char)text[i]]];

		state = step.state;
		records += step.action == CSV_FINISH;
	}
	return records + (state != CSV_RECORD && state != CSV_AFTER_CR);
}

static uint64_t
count_lines(const char *text, size_t n)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\r' || (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'));
	return lines + (n > 0 && text[n - 1] != '\n' && text[n - 1] != '\r');
}

static int
same_cells(const struct split *a, const struct split *b)
{
	if (a->ncells != b->ncells)
		return 0;
	for (size_t i = 0; i < a->ncells; i++) {
		const struct rows_cell *x = &a->cells[i], *y = &b->cells[i];

		if (x->len != y->len || x->type != y->type || x->cut != y->cut ||
		    (x->len > 0 && memcmp(x->bytes, y->bytes, x->len) != 0))
			return 0;
	}
	return 1;
}

/* Cuts the text into records block by block, and each record into cells in both ways. */
static int
agree(const char *text, size_t n, size_t block, size_t width)
{
	struct csv_dialect d;
	struct csv_scan s;
	struct split fast, exact;
	uint64_t records = 0, quotes = 0;
	size_t start = 0, at = 0;
	int ended, same = 1;

	csv_dialect_set(&d, ',');
	csv_scan_start(&s, &d);
	split_init(&fast, &d, width);
	split_init(&exact, &d, width);
	while (at < n) {
		at += csv_scan_record(&s, text + at, block < n - at ? block : n - at, &ended);
		if (ended || (at == n && csv_scan_pending(&s))) {
			char *record = malloc(at - start + 1);

			records++;
			quotes += s.quote == (memchr(text + start, '"', at - start) != NULL);
			memcpy(record, text + start, at - start);
			split_record(&fast, record, at - start, s.quote);
			split_begin(&exact);
			split_feed(&exact, record, (at - start) / 2);
			split_feed(&exact, record + (at - start) / 2, at - start - (at - start) / 2);
			split_end(&exact);
			same = same && same_cells(&fast, &exact) && csv_fields(&d, record, at - start, s.quote) == exact.ncells;
			s.quote = 0;
			free(record);
			start = at;
		}
	}
	split_free(&fast);
	split_free(&exact);
	return same && quotes == records && records == count_slowly(&d, text, n) && csv_scan_lines(&s) == count_lines(text, n);
}

static void
test_agreement(void)
{
	char text[200];
	int same = 1;

	for (int i = 0; i < 20000 && same; i++) {
		size_t n = make_text(text, sizeof text);

		for (size_t block = 1; block < 20 && same; block += 3)
			same = agree(text, n, block, (size_t)-1);
		same = same && agree(text, n, sizeof text, i % 7);
	}
	CHECK(same, "20,000 texts, blocks of many sizes: scanner, libcsv and the exact machine agree");
}

static void
test_cells(void)
{
	static const char record[] = "a,,\"\",\"x\"\"y\", z ,\"q\"w,e\"e\r\n";
	static const char *const want[] = {"a", "", "", "x\"y", " z ", "qw", "e\"e"};
	struct csv_dialect d;
	struct split s;
	int same;

	csv_dialect_set(&d, ',');
	split_init(&s, &d, (size_t)-1);
	split_record(&s, record, sizeof record - 1, 1);
	same = s.ncells == 7;
	for (size_t i = 0; same && i < 7; i++)
		same = s.cells[i].len == strlen(want[i]) && memcmp(s.cells[i].bytes, want[i], s.cells[i].len) == 0;
	CHECK(same, "quotes, pairs of them, blanks, text behind a closing quote, a quote inside a field");
	CHECK(s.cells[1].type == ROWS_NULL && s.cells[2].type == ROWS_TEXT, "unquoted empty is NULL, \"\" is empty");
	split_free(&s);
}

static void
test_sniff(void)
{
	static const struct {
		const char *text;
		char want;
	} cases[] = {
	    {"a,b\n1,2\n", ','},
	    {"a;b\n1,5;2\n1,7;3\n", ';'},
	    {"a\tb\n1\t2\n", '\t'},
	    {"a|b\n1|2\n", '|'},
	    {"c0\nv0\na;b\n", ','},
	    {"\"a\";\"b,c\"\n\"1\";\"2\"\n", ';'},
	    {"", ','},
	    {"one\ntwo\n", ','},
	    {"a,b,c\n1;2,3,4\n5;6,7,8\n", ','},
	    {"a\n1;2\n3;4\n", ','},
	    {"t,\"x|y\nz|w\"\n1,\"|\"\n", ','},
	};
	static char blank[SNIFF_BYTES];
	int enough;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK(sniff_delimiter(cases[i].text, strlen(cases[i].text), 1, ',') == cases[i].want, "a delimiter is found");
	CHECK(sniff_header("\na,b\n1;2", 8, 0, ',') == 1, "most headers decide");
	CHECK(sniff_header("a;b\n", 4, 1, ',') == 0 && sniff_header("\"a\"\n", 4, 1, ',') == 0, "others and quotes do not");
	CHECK(sniff_header("a,b", 3, 0, ',') == -1 && sniff_header("a,b", 3, 1, ',') == 1, "a header must be whole");
	memset(blank, '\n', sizeof blank);
	CHECK(
	    sniff_header(blank, sizeof blank, 0, ',') == 0 && sniff_header(blank, 5, 0, ',') == -1, "blank lines have an end");
	CHECK(sniff_prefix("a\r\nb\r\n", 6, &enough) == 6 && !enough, "a short text is looked at whole");
	CHECK(sniff_delimiter("a,b\tc\n1,2\t3\n", 12, 1, '\t') == '\t', "the hint wins a tie");
}

int
main(void)
{
	test_agreement();
	test_cells();
	test_sniff();
	return tap_end();
}

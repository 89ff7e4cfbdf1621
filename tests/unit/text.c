/* References, numbers, JSON, widths, types, names: small modules, each by its edges. */

#include <stdint.h>
#include <string.h>

#include "fail.h"
#include "header.h"
#include "infer.h"
#include "json.h"
#include "number.h"
#include "ref.h"
#include "tap.h"
#include "text.h"
#include "utf8.h"
#include "width.h"

static struct buf b;

static const char *
path(const char *p)
{
	b.len = 0;
	ref_path(&b, p);
	return buf_string(&b);
}

static void
test_ref(void)
{
	struct mem m = {0};
	struct ref r;
	struct fail f;

	CHECK_TEXT(path("a b.csv"), "a b.csv", "a blank in a path stays");
	CHECK_TEXT(path("50%#\\"), "50%25%23%5C", "percent, hash and backslash are encoded");
	CHECK_TEXT(path("\n\x7f\xff\xc2\x9b"), "%0A%7F%FF%C2%9B", "control characters and bytes that are not UTF-8 too");
	CHECK_TEXT(path("-x"), "./-x", "a path that reads as a flag gets ./ in front");
	CHECK_TEXT(path("pg:x"), "./pg:x", "one that reads as a scheme too");
	CHECK_TEXT(path("日本.csv"), "日本.csv", "UTF-8 stays");
	b.len = 0;
	ref_name(&b, "a.b c,d", 7);
	CHECK_TEXT(buf_string(&b), "a%2Eb%20c%2Cd", "dots, blanks and commas in names are encoded");
	CHECK_TEXT(ref_decoded(&m, "%41%zz%4", 8), "A%zz%4", "what is no %HH stays");
	CHECK_TEXT(ref_decoded(&m, "x%00y", 5), "x%00y", "%00 stays");
	CHECK(ref_parse(&m, "a#b%23#c%2E", 0, &r, &f) == 0, "a reference");
	CHECK_TEXT(r.database, "a#b#", "the last # splits");
	CHECK_TEXT(r.table, "c.", "and the table is decoded");
	CHECK(ref_parse(&m, "postgresql://h/d", 0, &r, &f) == 0 && r.scheme != NULL, "a scheme");
	CHECK(ref_parse(&m, "C:x", 0, &r, &f) == 0 && r.scheme == NULL, "no scheme");
	CHECK(ref_parse(&m, "", 0, &r, &f) == -1, "an empty text is none");
	mem_free(&m);
}

/* A server's reference, and how it is printed; NULL: it is refused. */
static void
test_passwords(void)
{
	static const struct {
		const char *given, *printed;
	} cases[] = {
	    {"pg://u:S3CRET@h:5/d?a=b", "pg://u@h:5/d?a=b"},
	    {"pg://u:@h/d", "pg://u@h/d"},
	    {"pg://u@h/d", "pg://u@h/d"},
	    {"pg://u:pa%zzS3CRET@h/d", "pg://u@h/d"},
	    {"pg://u:S3CRET@[::1/d", "pg://u@[::1/d"},
	    {"pg://[::1]:5432/d?user=a@b", "pg://[::1]:5432/d?user=a@b"},
	    {"pg://h:1,g:2/d?user=a@b", "pg://h:1,g:2/d?user=a@b"},
	    {"pg://h/d?password=S3CRET&user=u", "pg://h/d?user=u"},
	    {"pg://h/d?user=u&pass%77ord=S3CRET", "pg://h/d?user=u&"},
	    {"pg://u:x@h/d?sslpassword=S3CRET&password=y", "pg://u@h/d?"},
	    {"pg://u:S3/CRET@h/d", NULL},
	    {"pg://u:12/S3@h/d", NULL},
	    {"pg://u:S3?CRET@h/d", NULL},
	    {"pg://u:S3#CRET@h/d", NULL},
	    {"pg://u:S3@CRET@h/d", NULL},
	    {"pg://h:5432/d#a@b", "pg://h:5432/d#a@b"},
	    {"pg:host=h password=S3CRET dbname=d", "pg:host=h  dbname=d"},
	    {"pg:host=h PASSWORD = 'S3 \\' CRET' dbname=d", "pg:host=h  dbname=d"},
	    {"pg:password='S3 CRET", "pg:"},
	    {"pg:password=S3\\ CRET dbname=d", "pg: dbname=d"},
	    {"pg:password=%27S3 CRET%27 dbname=d", "pg: dbname=d"},
	    {"pg:password%20=%20%27S3%27%20dbname=d", "pg:%20dbname=d"},
	    {"pg:host=h%20sslpassword=S3\\%20CRET", "pg:host=h%20"},
	    {"pg:passfile=f", "pg:passfile=f"},
	    {"pg:dbname=pg://u:S3CRET@h/d", "pg:dbname=pg://u@h/d"},
	    {"pg:password=S3CRET dbname=pg://u:S3@h/d", "pg: dbname=pg://u@h/d"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf server = {0};
		struct mem m = {0};
		struct ref r;
		struct fail f;
		int refused = ref_parse(&m, cases[i].given, 0, &r, &f) < 0;

		CHECK(refused == (cases[i].printed == NULL), cases[i].given);
		CHECK(!refused || strstr(f.text, "S3") == NULL, "the sentence holds nothing of it");
		ref_server(&server, cases[i].given);
		if (!refused) {
			CHECK_TEXT(buf_string(&server), cases[i].printed, cases[i].given);
			CHECK(ref_has_password(cases[i].given) == (strcmp(cases[i].given, cases[i].printed) != 0),
			    "it has a password");
		}
		buf_free(&server);
		mem_free(&m);
	}
	CHECK(!ref_has_password("./a:password=x") && !ref_has_password("password=x"), "what is no server's has none");
}

static void
test_number(void)
{
	uint64_t n;
	int64_t t;
	struct fail f;

	CHECK(number_integer("18446744073709551615", 0, UINT64_MAX, &n, &f) == 0 && n == UINT64_MAX, "the largest number");
	CHECK(number_integer("18446744073709551616", 0, UINT64_MAX, &n, &f) == -1, "one more");
	CHECK(number_integer("+1", 0, 9, &n, &f) == -1 && number_integer("", 0, 9, &n, &f) == -1, "a sign, nothing");
	CHECK(number_integer("10", 0, 9, &n, &f) == -1 && number_integer("9", 0, 9, &n, &f) == 0, "a range");
	CHECK(number_duration("1.5s", &t, &f) == 0 && t == 1500000000, "seconds with a fraction");
	CHECK(number_duration("2m", &t, &f) == 0 && t == INT64_C(120000000000), "minutes");
	CHECK(number_duration("250ms", &t, &f) == 0 && t == 250000000, "milliseconds");
	CHECK(number_duration("1.", &t, &f) == -1 && number_duration("-1s", &t, &f) == -1, "no fraction, a sign");
	CHECK(number_duration("99999999999d", &t, &f) == -1, "too long");
}

static void
test_size(void)
{
	uint64_t n;
	struct fail f;

	CHECK(number_size("0", &n, &f) == 0 && n == 0, "no bytes");
	CHECK(number_size("4096", &n, &f) == 0 && n == 4096, "bytes");
	CHECK(number_size("64K", &n, &f) == 0 && n == 65536, "a unit");
	CHECK(number_size("3m", &n, &f) == 0 && n == 3 << 20, "a lower-case unit");
	CHECK(number_size("1G", &n, &f) == 0 && n == 1 << 30, "1 GiB");
	CHECK(number_size("16777215T", &n, &f) == 0 && n == UINT64_C(16777215) << 40, "the largest with a unit");
	CHECK(number_size("16777216T", &n, &f) == -1 && number_size("18446744073709551616", &n, &f) == -1, "too large");
	CHECK(number_size("", &n, &f) == -1 && number_size("K", &n, &f) == -1, "no number");
	CHECK(number_size("1KB", &n, &f) == -1 && number_size("1.5G", &n, &f) == -1, "another unit, a fraction");
	CHECK(number_size("-1", &n, &f) == -1 && number_size(" 1", &n, &f) == -1, "a sign, a blank");
	CHECK_TEXT(f.text, "a size such as 4096, 64K, 100M or 1G is wanted, not ' 1'", "what is wanted");
}

static int
member(const char *line)
{
	b.len = 0;
	return json_member(line, strlen(line), "ref", &b);
}

static void
test_json(void)
{
	char deep[400];

	CHECK(member("{\"ref\" : { \"b64\" : \"6XgA\" } }") == 1 && b.len == 3 && memcmp(b.bytes, "\351x\0", 3) == 0,
	    "bytes are found");
	CHECK(member("{\"ref\":{\"b64\":\"6Q==\"},\"ref\":\"x\"}") == 1 && b.len == 1, "with the equals signs behind them");
	CHECK(member("{\"ref\":{\"b64\":\"6*==\"}}") == 0 && member("{\"ref\":{\"b64\":\"6Q==\",\"x\":1}}") == 0 && b.len == 0,
	    "any other object is no text");

	CHECK(member("{\"ref\":\"a\\u00e9\\ud83d\\ude00\\n\"}") == 1, "a member with escapes");
	CHECK_TEXT(buf_string(&b), "aé😀\n", "unescaped");
	CHECK(member("{\"x\":{\"ref\":1},\"y\":[{},[]],\"ref\":\"b\" } ") == 1, "only the outermost level counts");
	CHECK_TEXT(buf_string(&b), "b", "and it is found behind others");
	CHECK(member("{\"ref\":5}") == 0 && member("{}") == 0, "no string, no member");
	CHECK(member("{\"ref\":\"x\"") == -1 && member("[1]") == -1 && member("") == -1, "no whole object");
	CHECK(member("{\"ref\":\"\\ud800\"}") == -1 && member("{\"ref\":\"\\x\"}") == -1, "bad escapes");
	memset(deep, '[', sizeof deep);
	memcpy(deep, "{\"a\":", 5);
	deep[sizeof deep - 1] = '\0';
	CHECK(member(deep) == -1, "too deep");
	CHECK(json_bare("-0.5e+10", 8) && json_bare("0", 1) && json_bare("true", 4), "bare numbers");
	CHECK(!json_bare("01", 2) && !json_bare("1.", 2) && !json_bare("", 0) && !json_bare("-", 1) && !json_bare("1e", 2),
	    "and what is none");
	b.len = 0;
	json_escape(&b, "\x1b\"\\\xe2\x80\xae", 6);
	CHECK_TEXT(buf_string(&b), "\\u001b\\\"\\\\\\u202e", "nothing that acts on a terminal is written");
}

static const char *
fit(const char *text, size_t columns)
{
	b.len = 0;
	text_fit(&b, text, strlen(text), columns);
	return buf_string(&b);
}

static const char *
fit_end(const char *text, size_t columns)
{
	size_t used;

	b.len = 0;
	used = text_fit_end(&b, text, strlen(text), columns);
	CHECK(used <= columns, "it is as wide as it may be");
	return buf_string(&b);
}

static void
test_fit_end(void)
{
	CHECK_TEXT(fit_end("abc", 3), "abc", "what fits is not cut");
	CHECK_TEXT(fit_end("shop.db#orders", 8), "…#orders", "the end is left");
	CHECK_TEXT(fit_end("日本語", 4), "…語", "a wide character is not halved");
	CHECK_TEXT(fit_end("aae\xcc\x81"
			   "bc",
		       3),
	    "…bc", "a combining mark goes with its letter");
	CHECK_TEXT(fit_end("a\x1b[2J", 7), "…[2J", "what is shown otherwise is shown whole or not");
	CHECK_TEXT(fit_end("abc", 1), "…", "nothing else fits");
	CHECK_TEXT(fit_end("abc", 0), "", "nothing fits");
}

static void
test_width(void)
{
	uint32_t c;

	CHECK(width_of('a') == 1 && width_of(0x65e5) == 2 && width_of(0x301) == 0, "narrow, wide, combining");
	CHECK(width_of(0x1b) == -1 && width_of(0x9b) == -1 && width_of(0x202e) == -1, "what may not be sent");
	CHECK_TEXT(fit("日本語", 4), "日…", "a wide character is not halved");
	CHECK_TEXT(fit("abc", 3), "abc", "what fits is not cut");
	CHECK_TEXT(fit("e\xcc\x81"
		       "abc",
		       3),
	    "e\xcc\x81"
	    "a…",
	    "a combining mark stays with its letter");
	CHECK_TEXT(fit("\x1b[2J\xff", 100), "\\x1b[2J\\xff", "control characters and odd bytes are shown");
	CHECK(utf8_cut("éé", 4, 3) == 2 && utf8_cut("é", 2, 1) == 0 && utf8_cut("ab", 2, 1) == 1, "cut at a character");
	CHECK(utf8_cut("\x80\x80\x80\x80", 4, 3) == 3, "bytes that are not UTF-8 are cut anywhere");
	CHECK(utf8_decode("\xc0\x80", 2, &c) == 0 && utf8_decode("\xed\xa0\x80", 3, &c) == 0, "overlong, surrogate");
	CHECK(utf8_decode("\xf4\x90\x80\x80", 4, &c) == 0 && utf8_decode("\xe2\x82", 2, &c) == 0, "too high, cut short");
}

static enum rows_type
type(const char *t)
{
	return infer_type(t, strlen(t));
}

static void
test_infer(void)
{
	CHECK(type("0") == ROWS_INTEGER && type("-12") == ROWS_INTEGER && type("007") == ROWS_TEXT, "integers");
	CHECK(type("1.5") == ROWS_REAL && type("1e5") == ROWS_TEXT && type("1.0e5") == ROWS_REAL && type("1e-5") == ROWS_REAL,
	    "reals");
	CHECK(type("5885E9") == ROWS_TEXT && type("-") == ROWS_TEXT && type("1,5") == ROWS_TEXT, "what only looks like one");
	CHECK(type("2024-01-31") == ROWS_DATE && type("2024-31-01") == ROWS_TEXT, "dates");
	CHECK(
	    type("2024-01-31T10:20:30.5+02:00") == ROWS_TIMESTAMP && type("2024-01-31 10:20Z") == ROWS_TIMESTAMP, "timestamps");
	CHECK(type("True") == ROWS_BOOLEAN && type("yes") == ROWS_TEXT, "booleans");
	CHECK(infer_join(ROWS_INTEGER, ROWS_REAL) == ROWS_REAL && infer_join(ROWS_NULL, ROWS_DATE) == ROWS_DATE &&
		  infer_join(ROWS_INTEGER, ROWS_TEXT) == ROWS_TEXT && infer_join(ROWS_BOOLEAN, ROWS_INTEGER) == ROWS_TEXT,
	    "columns");
}

static void
test_header(void)
{
	const struct rows_cell cells[] = {
	    rows_text("a"), rows_text("a"), rows_null(), rows_text("a_2"), rows_text("a"), rows_text("column3")};
	static const char *const want[] = {"a", "a_3", "column3", "a_2", "a_4", "column3_2"};
	struct mem m = {0};
	struct rows_column *c = header_names(&m, cells, 6);
	struct fail f;
	int same = 1;

	for (size_t i = 0; i < 6; i++)
		same = same && c[i].len == strlen(want[i]) && memcmp(c[i].name, want[i], c[i].len) == 0;
	CHECK(same, "names are told apart");
	c = header_extend(&m, c, 6, 7);
	CHECK(c[6].len == 7 && memcmp(c[6].name, "column7", 7) == 0, "extra cells have names");
	CHECK(header_find(c, 7, "a_4", &f) == 4 && header_find(c, 7, "2", &f) == 1, "by name, by number");
	CHECK(header_find(c, 7, "8", &f) == -1 && header_find(c, 7, "0", &f) == -1, "no such column");
	mem_free(&m);
}

/* However long the sentence and the names are: a list has whole names, and says where there are more. */
static void
test_list(void)
{
	static const char names[] = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
	struct fail f;
	int good = 1;

	for (size_t before = 0; before < sizeof f.text; before++) {
		for (size_t len = 1; len < sizeof names; len++) {
			size_t n = 0;

			fail_set(&f, "%*s", (int)before, "");
			while (n < 600 && fail_list(&f, n, names, len))
				n++;
			size_t whole = before + n * len + (n > 0 ? 2 * (n - 1) : 0), used = strlen(f.text);
			const char *end = n > 0 ? ", …" : "…";

			good &= n < 600 && used < (before < 440 ? 440 : sizeof f.text) && strspn(f.text, " ") >= before;
			good &= used == whole ? whole + strlen(end) >= 440 : strcmp(f.text + whole, end) == 0;
		}
	}
	CHECK(good, "lists of names in sentences");
}

int
main(void)
{
	test_ref();
	test_passwords();
	test_number();
	test_size();
	test_json();
	test_fit_end();
	test_width();
	test_infer();
	test_header();
	test_list();
	buf_free(&b);
	return tap_end();
}

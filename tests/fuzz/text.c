/* text: whatever the bytes, what is shown is valid UTF-8 that cannot act on a terminal, is as wide as it says, and what is
 * escaped comes back; the type a text is taken for holds for JSON too. */

#include "fuzz.h"
#include "infer.h"
#include "json.h"
#include "split.h"
#include "text.h"
#include "utf8.h"
#include "width.h"

/* The columns that the bytes take; none of them may be sent to a terminal in vain. */
static size_t
shown_columns(const struct buf *b)
{
	size_t columns = 0;
	uint32_t code;

	for (size_t i = 0, n; i < b->len; i += n) {
		n = utf8_decode(b->bytes + i, b->len - i, &code);
		MUST(n > 0 && width_of(code) >= 0);
		columns += (size_t)width_of(code);
	}
	return columns;
}

static int
same(const struct buf *a, const char *bytes, size_t len)
{
	return a->len == len && (len == 0 || memcmp(a->bytes, bytes, len) == 0);
}

static void
check_show(const char *bytes, size_t len, size_t limit)
{
	struct buf all = {0}, again = {0}, fit = {0};
	size_t columns, used;

	text_show(&all, bytes, len);
	columns = shown_columns(&all);
	text_show(&again, all.bytes, all.len);
	MUST(same(&again, all.bytes, all.len));
	used = text_fit(&fit, bytes, len, limit);
	MUST(used <= limit && shown_columns(&fit) == used);
	if (columns <= limit)
		MUST(same(&fit, all.bytes, all.len));
	else if (limit > 0)
		MUST(fit.len >= 3 && memcmp(fit.bytes + fit.len - 3, "…", 3) == 0 &&
		     memcmp(fit.bytes, all.bytes, fit.len - 3) == 0);
	buf_free(&fit);
	buf_free(&again);
	buf_free(&all);
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

/* As COPY reads it. */
static void
unescape(struct buf *to, const char *p, size_t len)
{
	static const char from[] = "btnvfr\\", into[] = "\b\t\n\v\f\r\\";

	for (size_t i = 0; i < len; i++) {
		const char *at;

		if (p[i] != '\\') {
			buf_byte(to, p[i]);
			continue;
		}
		MUST(++i < len);
		if (p[i] == 'x') {
			MUST(len - i > 2);
			buf_byte(to, (char)(hex(p[i + 1]) << 4 | hex(p[i + 2])));
			i += 2;
			continue;
		}
		at = strchr(from, p[i]);
		MUST(at != NULL && *at != '\0');
		buf_byte(to, into[at - from]);
	}
}

static void
check_tsv(const char *bytes, size_t len)
{
	struct buf b = {0}, again = {0};

	text_tsv(&b, bytes, len);
	shown_columns(&b);
	unescape(&again, b.bytes, b.len);
	MUST(same(&again, bytes, len));
	buf_free(&again);
	buf_free(&b);
}

/* One cell of a line, whatever separates cells there. */
static void
check_csv(const char *bytes, size_t len, enum text_quoting quoting, char delimiter)
{
	struct csv_dialect d;
	struct split s;
	struct buf b = {0};

	csv_dialect_set(&d, delimiter);
	split_init(&s, &d, SIZE_MAX);
	text_csv(&b, bytes, len, quoting);
	split_record(&s, b.bytes, b.len, memchr(b.bytes, '"', b.len) != NULL);
	MUST(s.ncells == 1 && s.cells[0].type == ROWS_TEXT && s.cells[0].len == len);
	MUST(len == 0 || memcmp(s.cells[0].bytes, bytes, len) == 0);
	split_free(&s);
	buf_free(&b);
}

static void
check_markdown(const char *bytes, size_t len)
{
	struct buf b = {0};

	text_markdown(&b, bytes, len);
	shown_columns(&b);
	for (size_t i = 0; i < b.len; i++) {
		if (b.bytes[i] == '\\')
			MUST(++i < b.len);
		else
			MUST(strchr("|<>&*_`[]~", b.bytes[i]) == NULL);
	}
	buf_free(&b);
}

static void
check_cut(const char *bytes, size_t len, size_t limit)
{
	size_t cut = utf8_cut(bytes, len, limit);

	MUST(cut <= len && cut <= limit && (len <= limit ? cut == len : limit - cut < 4));
	if (utf8_valid(bytes, len))
		MUST(utf8_valid(bytes, cut) && utf8_valid(bytes + cut, len - cut));
}

static void
check_type(const char *bytes, size_t len)
{
	enum rows_type t = infer_type(bytes, len);

	MUST(t < ROWS_TYPES && (t == ROWS_NULL) == (len == 0));
	if (t == ROWS_INTEGER || t == ROWS_REAL)
		MUST(json_bare(bytes, len));
	MUST(infer_join(t, t) == t && infer_join(ROWS_NULL, t) == t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	size_t limit = fuzz_byte(&z);

	check_show(z.bytes, z.len, limit);
	check_tsv(z.bytes, z.len);
	check_csv(z.bytes, z.len, TEXT_CELL, ',');
	check_csv(z.bytes, z.len, TEXT_NAME, ",;|\t"[limit & 3]);
	check_csv(z.bytes, z.len, TEXT_ALWAYS, ";,\t|"[limit & 3]);
	check_markdown(z.bytes, z.len);
	check_cut(z.bytes, z.len, limit);
	check_type(z.bytes, z.len);
	return 0;
}

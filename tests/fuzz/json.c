/* json: a string that is written is found again; a member is found in any object and in nothing else; base64 comes back. */

#include "fuzz.h"
#include "json.h"
#include "text.h"
#include "utf8.h"
#include "width.h"

/* Looks for "ref" in a copy of just that size. */
static int
member(const struct buf *line, struct buf *value)
{
	char *exact = malloc(line->len ? line->len : 1);
	size_t before = value->len;
	int r;

	if (exact == NULL)
		abort();
	if (line->len > 0)
		memcpy(exact, line->bytes, line->len);
	r = json_member(exact, line->len, "ref", value);
	free(exact);
	MUST(r >= -1 && r <= 1);
	MUST(r == 1 || value->len == before);
	return r;
}

static int
is(const struct buf *b, const char *bytes, size_t len)
{
	return b->len == len && (len == 0 || memcmp(b->bytes, bytes, len) == 0);
}

/* {"x":BYTES,"ref":"v"} */
static int
beside(const char *bytes, size_t len, struct buf *value)
{
	struct buf line = {0};
	int r;

	buf_puts(&line, "{\"x\":");
	buf_add(&line, bytes, len);
	buf_puts(&line, ",\"ref\":\"v\"}");
	value->len = 0;
	r = member(&line, value);
	buf_free(&line);
	return r;
}

static size_t
brackets(const char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += bytes[i] == '{' || bytes[i] == '[';
	return n;
}

/* True where a byte may stand in no JSON text, neither inside a string nor outside. */
static int
has_control(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)bytes[i] < 0x20 && (bytes[i] == '\0' || strchr("\t\n\r", bytes[i]) == NULL))
			return 1;
	}
	return 0;
}

static void
check_member(const char *bytes, size_t len)
{
	struct buf line = {0}, value = {0};
	int r;

	buf_add(&line, bytes, len);
	r = member(&line, &value);
	MUST(r < 0 || !has_control(bytes, len));
	/* An object is a value too: only its depth may speak against it. */
	if (r >= 0 && beside(bytes, len, &value) != 1)
		MUST(brackets(bytes, len) >= 64);
	if (r >= 0 && brackets(bytes, len) < 64)
		MUST(is(&value, "v", 1));
	if (json_bare(bytes, len))
		MUST(beside(bytes, len, &value) == 1 && is(&value, "v", 1));
	buf_free(&value);
	buf_free(&line);
}

static void
check_escape(const char *bytes, size_t len)
{
	struct buf line = {0}, value = {0};
	uint32_t code;

	buf_puts(&line, "{\"ref\":\"");
	json_escape(&line, bytes, len);
	buf_puts(&line, "\"}");
	for (size_t i = 0, n; i < line.len; i += n) {
		n = utf8_decode(line.bytes + i, line.len - i, &code);
		MUST(n > 0 && width_of(code) >= 0);
	}
	MUST(member(&line, &value) == 1 && is(&value, bytes, len));
	buf_free(&value);
	buf_free(&line);
}

static unsigned
digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	MUST(at != NULL);
	return (unsigned)(at - digits);
}

/* What is found in {"ref":{"b64":"…"}}. */
static void
find_base64(const struct buf *base64, struct buf *value)
{
	struct buf line = {0};

	buf_puts(&line, "{\"ref\" : {\"b64\":\"");
	buf_add(&line, base64->bytes, base64->len);
	buf_puts(&line, "\"}}");
	value->len = 0;
	MUST(member(&line, value) == 1);
	buf_free(&line);
}

static void
check_base64(const char *bytes, size_t len)
{
	struct buf b = {0}, again = {0};

	text_base64(&b, bytes, len);
	MUST(b.len == (len + 2) / 3 * 4);
	for (size_t i = 0; i < b.len; i += 4) {
		const char *p = b.bytes + i;
		size_t n = p[3] != '=' ? 3 : p[2] != '=' ? 2 : 1;
		unsigned v = digit(p[0]) << 18 | digit(p[1]) << 12;

		v |= n > 1 ? digit(p[2]) << 6 : 0;
		v |= n > 2 ? digit(p[3]) : 0;
		for (size_t k = 0; k < n; k++)
			buf_byte(&again, (char)(v >> (16 - 8 * k)));
	}
	MUST(is(&again, bytes, len));
	find_base64(&b, &again);
	MUST(is(&again, bytes, len));
	buf_free(&again);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;

	check_member(bytes, size);
	if (utf8_valid(bytes, size))
		check_escape(bytes, size);
	check_base64(bytes, size);
	return 0;
}

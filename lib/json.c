#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "utf8.h"
#include "width.h"

enum { DEPTH = 64 };

static void
blanks(struct json *t)
{
	while (t->p < t->end && (*t->p == ' ' || *t->p == '\t' || *t->p == '\n' || *t->p == '\r'))
		t->p++;
}

int
json_take(struct json *t, char c)
{
	blanks(t);
	if (t->p == t->end || *t->p != c)
		return 0;
	t->p++;
	return 1;
}

static int
hex4(struct json *t, uint32_t *code)
{
	*code = 0;
	for (int i = 0; i < 4; i++) {
		int digit = number_hex(t->p < t->end ? *t->p++ : '\0');

		if (digit < 0)
			return -1;
		*code = *code << 4 | (uint32_t)digit;
	}
	return 0;
}

static void
add_code(struct buf *b, uint32_t c)
{
	char bytes[4];

	buf_add(b, bytes, utf8_encode(bytes, c));
}

/* Behind a backslash. */
static int
escape(struct json *t, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = t->p < t->end ? *t->p++ : '\0';
	const char *at = c == '\0' ? NULL : strchr(from, c);
	uint32_t code, low;

	if (at != NULL) {
		buf_byte(out, to[at - from]);
		return 0;
	}
	if (c != 'u' || hex4(t, &code) < 0)
		return -1;
	if (code >= 0xd800 && code <= 0xdbff) {
		if (t->end - t->p < 2 || t->p[0] != '\\' || t->p[1] != 'u')
			return -1;
		t->p += 2;
		if (hex4(t, &low) < 0 || low < 0xdc00 || low > 0xdfff)
			return -1;
		code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
	} else if (code >= 0xdc00 && code <= 0xdfff) {
		return -1;
	}
	add_code(out, code);
	return 0;
}

int
json_string(struct json *t, struct buf *out)
{
	if (!json_take(t, '"'))
		return -1;
	while (t->p < t->end) {
		char c = *t->p++;

		if (c == '"')
			return 0;
		if ((unsigned char)c < 0x20)
			return -1;
		if (c != '\\')
			buf_byte(out, c);
		else if (escape(t, out) < 0)
			return -1;
	}
	return -1;
}

static int value(struct json *t, int depth);

static int
number_or_word(struct json *t)
{
	const char *start = t->p;

	while (t->p < t->end && *t->p != '\0' && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *t->p) != NULL)
		t->p++;
	return t->p > start ? 0 : -1;
}

static int
skip_string(struct json *t)
{
	struct buf unused = {0};
	int r = json_string(t, &unused);

	buf_free(&unused);
	return r;
}

/* The rest of an array or of an object whose opening bracket has been read. */
static int
members(struct json *t, char close, int depth)
{
	if (depth > DEPTH)
		return -1;
	if (json_take(t, close))
		return 0;
	do {
		if (close == '}' && (skip_string(t) < 0 || !json_take(t, ':')))
			return -1;
		if (value(t, depth) < 0)
			return -1;
	} while (json_take(t, ','));
	return json_take(t, close) ? 0 : -1;
}

static int
value(struct json *t, int depth)
{
	if (json_take(t, '{'))
		return members(t, '}', depth + 1);
	if (json_take(t, '['))
		return members(t, ']', depth + 1);
	if (t->p < t->end && *t->p == '"')
		return skip_string(t);
	return number_or_word(t);
}

int
json_skip(struct json *t)
{
	blanks(t);
	return value(t, 1);
}

/* Of base64 (RFC 4648) what it says; -1 where it is none. */
static int
unbase64(struct buf *b, const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *digit;
	uint32_t v = 0;
	int bits = 0;

	for (; *text != '\0' && (digit = strchr(letters, *text)) != NULL; text++) {
		v = v << 6 | (uint32_t)(digit - letters);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		buf_byte(b, (char)(v >> bits & 0xff));
	}
	return text[strspn(text, "=")] == '\0' ? 0 : -1;
}

/* Appends the bytes of {"b64":"…"}, if it comes next, and passes it: 0; else -1, and nothing is passed. */
static int
take_bytes(struct json *t, struct buf *out)
{
	const size_t start = out->len;
	struct json at = *t;
	struct buf text = {0};
	int r = -1;

	if (json_take(&at, '{') && json_string(&at, &text) == 0 && strcmp(buf_string(&text), "b64") == 0 &&
	    json_take(&at, ':')) {
		text.len = 0;
		if (json_string(&at, &text) == 0 && json_take(&at, '}'))
			r = unbase64(out, buf_string(&text));
	}
	if (r == 0)
		*t = at;
	else
		out->len = start;
	buf_free(&text);
	return r;
}

int
json_member(const char *line, size_t len, const char *key, struct buf *out)
{
	struct json t = {line, line + len};
	struct buf name = {0};
	const size_t start = out->len;
	int found = 0, wanted, r = -1;

	if (!json_take(&t, '{'))
		goto end;
	if (!json_take(&t, '}')) {
		do {
			name.len = 0;
			blanks(&t);
			if (json_string(&t, &name) < 0 || !json_take(&t, ':'))
				goto end;
			blanks(&t);
			wanted = !found && name.len == strlen(key) && strcmp(buf_string(&name), key) == 0;
			if (wanted && t.p < t.end && *t.p == '"') {
				found = 1;
				if (json_string(&t, out) < 0)
					goto end;
			} else if (wanted && take_bytes(&t, out) == 0) {
				found = 1;
			} else if (value(&t, 1) < 0) {
				goto end;
			}
		} while (json_take(&t, ','));
		if (!json_take(&t, '}'))
			goto end;
	}
	blanks(&t);
	r = t.p == t.end ? found : -1;
end:
	if (r < 0)
		out->len = start;
	buf_free(&name);
	return r;
}

static const char *
digits(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p > start ? p : NULL;
}

int
json_bare(const char *bytes, size_t len)
{
	const char *p = bytes, *end = bytes + len, *start;

	if ((len == 4 && memcmp(bytes, "true", 4) == 0) || (len == 5 && memcmp(bytes, "false", 5) == 0))
		return 1;
	if (p < end && *p == '-')
		p++;
	start = p;
	p = digits(p, end);
	if (p == NULL || (*start == '0' && p > start + 1))
		return 0;
	if (p < end && *p == '.' && (p = digits(p + 1, end)) == NULL)
		return 0;
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = digits(p, end);
	}
	return p == end;
}

void
json_escape(struct buf *b, const char *bytes, size_t len)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	uint32_t code;

	for (size_t i = 0, n; i < len; i += n) {
		const char *at;

		n = utf8_decode(bytes + i, len - i, &code);
		if (n == 0)
			n = 1;
		at = n == 1 && bytes[i] != '\0' ? strchr(from, bytes[i]) : NULL;
		if (at != NULL)
			buf_printf(b, "\\%c", to[at - from]);
		else if (width_of(code) >= 0)
			buf_add(b, bytes + i, n);
		else if (code < 0x10000)
			buf_printf(b, "\\u%04x", (unsigned)code);
		else
			buf_printf(b, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((code - 0x10000) >> 10)),
			    (unsigned)(0xdc00 + ((code - 0x10000) & 0x3ff)));
	}
}

int
json_number(struct json *t, double *v)
{
	char text[64];
	size_t n = 0;

	blanks(t);
	while (t->p < t->end && n < sizeof text - 1 && *t->p != '\0' && strchr("+-.0123456789eE", *t->p) != NULL)
		text[n++] = *t->p++;
	text[n] = '\0';
	if (n == 0 || !json_bare(text, n))
		return -1;
	*v = strtod(text, NULL);
	return 0;
}

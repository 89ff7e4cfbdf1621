#include "text.h"

#include <stdint.h>
#include <string.h>

#include "utf8.h"
#include "width.h"

enum { ESCAPE = 12 }; /* the longest escape, \U0010ffff, and a NUL */

static const char short_from[] = "\b\t\n\v\f\r", short_to[] = "btnvfr";

/* The next character of p[0..n): its length in bytes, and the columns it takes as text_show() shows it.  Where it is shown
 * as an escape, that is put into `escape`; else escape[0] is NUL. */
static size_t
next_shown(const char *p, size_t n, char escape[ESCAPE], size_t *columns)
{
	uint32_t code;
	size_t len = utf8_decode(p, n, &code);
	int width = len > 0 ? width_of(code) : -1;
	const char *at;

	escape[0] = '\0';
	if (width >= 0) {
		*columns = (size_t)width;
		return len;
	}
	if (len == 0) {
		code = (unsigned char)*p;
		len = 1;
	}
	at = code != 0 && code < 0x20 ? strchr(short_from, (int)code) : NULL;
	if (at != NULL) {
		escape[0] = '\\';
		escape[1] = short_to[at - short_from];
		escape[2] = '\0';
	} else {
		static const char digits[] = "0123456789abcdef";
		size_t width_hex = len == 1 ? 2 : code < 0x10000 ? 4 : 8;

		escape[0] = '\\';
		escape[1] = len == 1 ? 'x' : code < 0x10000 ? 'u' : 'U';
		for (size_t i = 0; i < width_hex; i++)
			escape[2 + i] = digits[code >> (4 * (width_hex - 1 - i)) & 15];
		escape[2 + width_hex] = '\0';
	}
	*columns = strlen(escape);
	return len;
}

static void
add_shown(struct buf *b, const char *p, size_t len, const char *escape)
{
	if (escape[0] != '\0')
		buf_puts(b, escape);
	else
		buf_add(b, p, len);
}

void
text_show(struct buf *b, const char *bytes, size_t len)
{
	text_fit(b, bytes, len, SIZE_MAX);
}

size_t
text_fit(struct buf *b, const char *bytes, size_t len, size_t columns)
{
	char escape[ESCAPE];
	size_t used = 0, fits = b->len, fits_used = 0, wide;

	for (size_t i = 0, n; i < len; i += n) {
		n = next_shown(bytes + i, len - i, escape, &wide);
		if (used + wide > columns) {
			/* Back to where the ellipsis still fits. */
			b->len = fits;
			if (columns == 0)
				return 0;
			buf_puts(b, "…");
			return fits_used + 1;
		}
		add_shown(b, bytes + i, n, escape);
		used += wide;
		if (used < columns) {
			fits = b->len;
			fits_used = used;
		}
	}
	return used;
}

size_t
text_fit_end(struct buf *b, const char *bytes, size_t len, size_t columns)
{
	char escape[ESCAPE];
	size_t used = 0, at = 0, wide, n;

	for (size_t i = 0; i < len; used += wide)
		i += next_shown(bytes + i, len - i, escape, &wide);
	if (used <= columns || columns == 0)
		return text_fit(b, bytes, len, columns);
	/* What combines with a letter that goes, goes with it. */
	while (at < len && ((n = next_shown(bytes + at, len - at, escape, &wide)) > 0) && (used >= columns || wide == 0)) {
		at += n;
		used -= wide;
	}
	buf_puts(b, "…");
	return 1 + text_fit(b, bytes + at, len - at, columns);
}

void
text_tsv(struct buf *b, const char *bytes, size_t len)
{
	char escape[ESCAPE];
	size_t columns;

	for (size_t i = 0, n; i < len; i += n) {
		n = next_shown(bytes + i, len - i, escape, &columns);
		if (bytes[i] == '\\')
			buf_puts(b, "\\\\");
		else if (escape[0] == '\0')
			buf_add(b, bytes + i, n);
		else if (n == 1)
			buf_puts(b, escape);
		else
			for (size_t k = 0; k < n; k++)
				buf_printf(b, "\\x%02x", (unsigned char)bytes[i + k]);
	}
}

void
text_quoted(struct buf *b, const char *bytes, size_t len)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '"')
			buf_byte(b, '"');
		buf_byte(b, bytes[i]);
	}
	buf_byte(b, '"');
}

void
text_csv(struct buf *b, const char *bytes, size_t len, enum text_quoting quoting)
{
	/* What a byte asks to be quoted for. */
	static const unsigned char quoted[256] = {
	    [','] = 1, ['"'] = 1, ['\n'] = 1, ['\r'] = 1, [';'] = 2, ['|'] = 2, ['\t'] = 2};
	const unsigned char mask = quoting == TEXT_CELL ? 1 : 3;
	char *to = buf_room(b, len + 1);
	size_t n = quoting == TEXT_ALWAYS ? len + 1 : 0;

	for (; n < len && !(quoted[(unsigned char)bytes[n]] & mask); n++)
		to[n] = bytes[n];
	if (n == len && len > 0) {
		b->len += len;
		return;
	}
	text_quoted(b, bytes, len);
}

void
text_markdown(struct buf *b, const char *bytes, size_t len)
{
	char escape[ESCAPE];
	size_t columns;

	for (size_t i = 0, n; i < len; i += n) {
		n = next_shown(bytes + i, len - i, escape, &columns);
		if (escape[0] != '\0' || (n == 1 && strchr("\\|<>&*_`[]~", bytes[i]) != NULL))
			buf_byte(b, '\\');
		add_shown(b, bytes + i, n, escape);
	}
}

void
text_base64(struct buf *b, const char *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = 0;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (i + k < len ? (unsigned char)bytes[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_byte(b, k <= len - i ? digits[v >> (18 - 6 * k) & 63] : '=');
	}
}

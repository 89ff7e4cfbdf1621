#include "utf8.h"

static int
continues(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t
utf8_decode(const char *p, size_t n, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)p;
	size_t len;
	uint32_t c;

	if (s[0] < 0x80) {
		*code = s[0];
		return 1;
	}
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n < len)
		return 0;
	c = s[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if (!continues(s[i]))
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return len;
}

size_t
utf8_encode(char *to, uint32_t code)
{
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	for (size_t i = len - 1; i > 0; i--, code >>= 6)
		to[i] = (char)(0x80 | (code & 0x3f));
	to[0] = (char)(first[len] | code);
	return len;
}

int
utf8_valid(const char *p, size_t n)
{
	uint32_t code;

	for (size_t i = 0, len; i < n; i += len) {
		len = utf8_decode(p + i, n - i, &code);
		if (len == 0)
			return 0;
	}
	return 1;
}

size_t
utf8_cut(const char *p, size_t n, size_t limit)
{
	uint32_t code;

	if (n <= limit)
		return n;
	/* A character that spans the limit begins at most three bytes before it. */
	for (size_t back = 1; back <= 3 && back <= limit; back++) {
		size_t start = limit - back, len = utf8_decode(p + start, n - start, &code);

		if (len > back)
			return start;
		if (len > 0)
			break;
	}
	return limit;
}

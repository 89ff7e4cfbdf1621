#include "tsv.h"

#include <string.h>

#include "number.h"
#include "text.h"

void
tsv_put(struct buf *b, const char *text)
{
	if (text == NULL)
		buf_puts(b, "\\N");
	else
		text_tsv(b, text, strlen(text));
}

int
tsv_line(const char **p, const char *end, const char **line, size_t *len)
{
	const char *newline;

	if (*p == end)
		return 0;
	newline = memchr(*p, '\n', (size_t)(end - *p));
	*line = *p;
	*len = (size_t)((newline != NULL ? newline : end) - *p);
	*p = newline != NULL ? newline + 1 : end;
	return 1;
}

/* What stands behind a backslash: the bytes that it takes, 0 where it is none.  *c is what it means. */
static size_t
escape(const char *p, size_t len, char *c)
{
	static const char from[] = "\\btnvfr", to[] = "\\\b\t\n\v\f\r";
	const char *at = len > 0 && p[0] != '\0' ? strchr(from, p[0]) : NULL;
	int high, low;

	if (at != NULL) {
		*c = to[at - from];
		return 1;
	}
	if (len < 3 || p[0] != 'x' || (high = number_hex(p[1])) < 0 || (low = number_hex(p[2])) < 0)
		return 0;
	*c = (char)(high << 4 | low);
	return *c != '\0' ? 3 : 0;
}

static const char *
field(struct mem *m, const char *p, size_t len)
{
	char *text = mem_alloc(m, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; n++) {
		size_t taken = 0;

		if (p[i] != '\\')
			text[n] = p[i];
		else if ((taken = escape(p + i + 1, len - i - 1, &text[n])) == 0)
			return NULL;
		if (text[n] == '\0')
			return NULL;
		i += 1 + taken;
	}
	return text;
}

long
tsv_fields(struct mem *m, const char *line, size_t len, const char **fields, size_t room)
{
	const char *end = line + len;
	long n = 0;

	for (;; line++) {
		const char *tab = memchr(line, '\t', (size_t)(end - line));
		size_t width = (size_t)((tab != NULL ? tab : end) - line);

		if ((size_t)n == room)
			return -1;
		fields[n] = NULL;
		if ((width != 2 || memcmp(line, "\\N", 2) != 0) && (fields[n] = field(m, line, width)) == NULL)
			return -1;
		n++;
		line += width;
		if (tab == NULL)
			return n;
	}
}

#include "lines.h"

#include <string.h>

#include "json.h"

char *
lines_room(struct lines *l, size_t n)
{
	if (l->taken > 0) {
		memmove(l->text.bytes, l->text.bytes + l->taken, l->text.len - l->taken);
		l->text.len -= l->taken;
		l->taken = 0;
	}
	return buf_room(&l->text, n);
}

void
lines_put(struct lines *l, size_t n)
{
	l->text.len += n;
}

void
lines_end(struct lines *l)
{
	l->ended = 1;
}

/* The next line, without its end: 1; 0 where it is not whole. */
static int
next_line(struct lines *l, const char **line, size_t *len)
{
	size_t left = l->text.len - l->taken;
	const char *end;

	if (left == 0)
		return 0;
	*line = l->text.bytes + l->taken;
	end = memchr(*line, l->nul ? '\0' : '\n', left);
	if (end == NULL && !l->ended)
		return 0;
	*len = end != NULL ? (size_t)(end - *line) : left;
	l->taken += *len + (end != NULL);
	return 1;
}

/* The reference in a line; nothing where it is the header that `--header` prints. */
static void
take_reference(const struct lines *l, const char *line, size_t len, struct buf *ref)
{
	const char *tab;

	if (l->nul) {
		buf_add(ref, line, len);
		return;
	}
	if (len > 0 && line[0] == '{' && json_member(line, len, "ref", ref) > 0)
		return;
	tab = memchr(line, '\t', len);
	if (l->begun || tab == NULL || tab - line != 3 || memcmp(line, "ref", 3) != 0)
		buf_add(ref, line, tab != NULL ? (size_t)(tab - line) : len);
}

/* What has come of a line that will not end in time is dropped, and so is what follows of it. */
static int
is_too_long(struct lines *l)
{
	int first = !l->dropping;

	if (!first || l->text.len - l->taken > LINES_LONGEST) {
		l->dropping = 1;
		l->taken = l->text.len;
		return first;
	}
	return 0;
}

int
lines_next(struct lines *l, struct buf *ref, struct fail *f)
{
	const char *line;
	size_t len;

	while (next_line(l, &line, &len)) {
		int dropped = l->dropping;

		l->dropping = 0;
		ref->len = 0;
		if (!dropped)
			take_reference(l, line, len, ref);
		l->begun = 1;
		if (ref->len > 0)
			return memchr(ref->bytes, '\0', ref->len) == NULL ? 1 : fail_set(f, "a reference holds a NUL byte");
	}
	return is_too_long(l) ? fail_set(f, "a line is longer than %d bytes", LINES_LONGEST) : 0;
}

void
lines_free(struct lines *l)
{
	buf_free(&l->text);
}

#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
fail_set(struct fail *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->text, sizeof f->text, format, args);
	va_end(args);
	return -1;
}

int
fail_errno(struct fail *f, int error, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(f->text, sizeof f->text, format, args);
	va_end(args);
	len = strlen(f->text);
	snprintf(f->text + len, sizeof f->text - len, "%s%s", len > 0 ? ": " : "", strerror(error));
	return -1;
}

int
fail_list(struct fail *f, size_t n, const char *name, size_t len)
{
	enum { LONGEST = 440 }; /* bytes: what is still put in front of the sentence has room */
	static const char more[] = "…";
	const char *between = n > 0 ? ", " : "";
	size_t used = strlen(f->text), room = used < LONGEST ? LONGEST - used : 0;
	/* Behind the name there is still room for the end of a list. */
	int fits = len < room && strlen(between) + len + strlen(", ") + sizeof more <= room;

	if (!fits && strlen(between) + sizeof more > room)
		return 0;
	snprintf(f->text + used, room, "%s%.*s", between, fits ? (int)len : (int)strlen(more), fits ? name : more);
	return fits;
}

int
fail_wrap(struct fail *f, const char *prefix)
{
	const struct fail inner = *f;
	size_t used, room, len = strlen(inner.text);

	snprintf(f->text, sizeof f->text, "%.200s: ", prefix);
	used = strlen(f->text);
	room = sizeof f->text - 1 - used;
	len = len < room ? len : room;
	memcpy(f->text + used, inner.text, len);
	f->text[used + len] = '\0';
	return -1;
}

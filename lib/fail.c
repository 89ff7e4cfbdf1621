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
fail_wrap(struct fail *f, const char *prefix)
{
	struct fail inner = *f;

	snprintf(f->text, sizeof f->text, "%.200s: %.300s", prefix, inner.text);
	return -1;
}

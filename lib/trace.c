#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static int descriptor = -1;

int
trace_open(const char *path, struct fail *f)
{
	descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (descriptor < 0)
		return fail_errno(f, errno, "trace file %s", path);
	return 0;
}

int
trace_descriptor(void)
{
	return descriptor;
}

void
trace_event(const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	if (descriptor < 0)
		return;
	va_start(args, format);
	n = vsnprintf(line, sizeof line - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n > sizeof line - 2)
		n = sizeof line - 2;
	line[n++] = '\n';
	if (write(descriptor, line, (size_t)n) < 0)
		return;
}

#include "settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "out.h"

extern char **environ;

#define AT(field) offsetof(struct settings, field)

const struct setting settings_table[SETTINGS] = {
    {{0, "format", OPT_CHOICE, "FORMAT", "what to print in", AT(format), 0, 0, 0, out_formats}, NULL},
    {{0, "timeout", OPT_DURATION, "TIME", "how long a command may take", AT(timeout), 0, 0, 0, NULL}, "0"},
    {{0, "ttl", OPT_DURATION, "TIME", "how long a server's answer is fresh", AT(ttl), 0, 0, 0, NULL}, "30s"},
    {{0, "swr", OPT_DURATION, "TIME", "how long an old one is served while it is refreshed", AT(swr), 0, 0, 0, NULL}, "0"},
    {{0, "sie", OPT_DURATION, "TIME", "how long an old one is served if the server fails", AT(sie), 0, 0, 0, NULL}, "1d"},
    {{0, "strict", OPT_YES_NO, "yes|no", "whether an old answer is a failure", AT(strict), 0, 0, 0, NULL}, "no"},
    {{0, "background", OPT_YES_NO, "yes|no", "whether to refresh in the background", AT(background), 0, 0, 0, NULL}, "yes"},
    {{0, "metrics", OPT_YES_NO, "yes|no", "whether dbm counts its own use", AT(metrics), 0, 0, 0, NULL}, "yes"},
    {{0, "cache-limit", OPT_SIZE, "SIZE", "how large the cache may grow", AT(cache_limit), 0, 0, 0, NULL}, "1G"},
    {{0, "trace", OPT_TEXT, "FILE", "where to append what was done", AT(trace), 0, 0, 0, NULL}, NULL},
};

static char *printed(struct mem *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text in the arena, without a buffer on the way, which would be a system call or two. */
static char *
printed(struct mem *m, const char *format, ...)
{
	va_list args, again;
	size_t size;
	char *text;

	va_start(args, format);
	va_copy(again, args);
	size = (size_t)vsnprintf(NULL, 0, format, again) + 1;
	va_end(again);
	text = mem_alloc(m, size);
	vsnprintf(text, size, format, args);
	va_end(args);
	return text;
}

/* NULL where neither variable says where. */
static const char *
file_path(struct mem *m)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config != NULL && *config == '/')
		return mem_join(m, config, "/dbm/config");
	return home != NULL && *home == '/' ? mem_join(m, home, "/.config/dbm/config") : NULL;
}

static int
read_whole(struct mem *m, struct settings_file *file, struct stat *st, struct fail *f)
{
	char *text;
	ssize_t n;
	int fd;

	if (file_kind(st) != FILE_REGULAR)
		return fail_set(f, "is no plain file");
	fd = file_open(file->path, st, NULL, f);
	if (fd < 0)
		return -1;
	if (st->st_size > SETTINGS_LARGEST) {
		close(fd);
		return fail_set(f, "is larger than %d KiB", SETTINGS_LARGEST / 1024);
	}
	text = mem_alloc(m, (size_t)st->st_size + 1);
	n = file_peek(fd, text, (size_t)st->st_size, f);
	close(fd);
	if (n < 0)
		return -1;
	file->text = text;
	file->len = (size_t)n;
	return 0;
}

int
settings_read(struct mem *m, struct settings_file *file, struct fail *f)
{
	struct stat st;

	*file = (struct settings_file){.path = file_path(m), .text = ""};
	if (file->path == NULL)
		return 0;
	if (stat(file->path, &st) < 0) {
		/* HOME may be another user's, and closed to this one: that is no reason for a daemon to fail. */
		if (errno == ENOENT || errno == ENOTDIR || errno == EACCES)
			return 0;
		return fail_errno(f, errno, "%s: cannot look at", file->path);
	}
	return read_whole(m, file, &st, f) < 0 ? fail_wrap(f, file->path) : 0;
}

static int
decide(struct settings *s, size_t i, const char *text, const char *where, struct fail *f)
{
	if (opt_value(&settings_table[i].value, text, s, f) < 0)
		return fail_wrap(f, where);
	s->from[i] = (struct settings_from){text, where};
	return 0;
}

/* One that was parsed before: by a program that may know more values than a setting has. */
static void
take_flag(struct settings *s, size_t i, const char *text, const char *where)
{
	struct fail f;

	if (decide(s, i, text, where, &f) < 0)
		s->from[i] = (struct settings_from){text, where};
}

static void
take_presets(struct settings *s)
{
	struct fail f;

	*s = (struct settings){0};
	for (size_t i = 0; i < SETTINGS; i++) {
		s->from[i].where = "default";
		if (settings_table[i].preset != NULL)
			decide(s, i, settings_table[i].preset, "default", &f);
	}
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A copy of what is between the blanks. */
static char *
without_blanks(struct mem *m, const char *bytes, const char *end)
{
	while (bytes < end && is_blank(*bytes))
		bytes++;
	while (bytes < end && is_blank(end[-1]))
		end--;
	return mem_copy(m, bytes, (size_t)(end - bytes));
}

static int
take_pair(struct mem *m, struct settings *s, const char *line, const char *where, struct fail *f)
{
	const char *equals = strchr(line, '='), *name, *value;
	size_t i = 0;

	if (equals == NULL)
		return fail_set(f, "%s: a line is name = value", where);
	name = without_blanks(m, line, equals);
	value = without_blanks(m, equals + 1, equals + strlen(equals));
	while (i < SETTINGS && strcmp(settings_table[i].value.name, name) != 0)
		i++;
	if (i == SETTINGS)
		return fail_set(f, "%s: no such setting: %s", where, name);
	if (*value == '\0')
		return fail_set(f, "%s: %s has no value", where, name);
	return decide(s, i, value, where, f);
}

static int
take_file(struct mem *m, struct settings *s, const struct settings_file *file, struct fail *f)
{
	const char *p = file->text, *end = p + file->len;

	for (size_t number = 1; p < end; number++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p)), *stop = newline ? newline : end;
		const char *line = without_blanks(m, p, stop);

		if (memchr(p, '\0', (size_t)(stop - p)) != NULL)
			return fail_set(f, "%s:%zu: there is a NUL byte", file->path, number);
		if (*line != '\0' && *line != '#' && take_pair(m, s, line, printed(m, "%s:%zu", file->path, number), f) < 0)
			return -1;
		p = newline ? newline + 1 : end;
	}
	return 0;
}

/* DBM_CACHE_LIMIT for cache-limit. */
static const char *
variable(struct mem *m, const char *name)
{
	char *variable_name = mem_join(m, "DBM_", name);

	for (char *c = variable_name; *c != '\0'; c++)
		*c = (char)(*c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	return variable_name;
}

/* Mostly there is none, and ten searches are saved. */
static int
any_variable(void)
{
	char **e = environ;

	while (*e != NULL && strncmp(*e, "DBM_", 4) != 0)
		e++;
	return *e != NULL;
}

static const struct opt_given *
find_flag(const struct opt_given *given, const char *name)
{
	while (given != NULL && strcmp(given->name, name) != 0)
		given = given->before;
	return given;
}

int
settings_load(
    struct mem *m, struct settings *s, const struct settings_file *file, const struct opt_given *flags, struct fail *f)
{
	int named = any_variable();

	take_presets(s);
	if (take_file(m, s, file, f) < 0)
		return -1;
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *name = settings_table[i].value.name, *where = named ? variable(m, name) : NULL;
		const char *text = named ? getenv(where) : NULL;
		const struct opt_given *flag = find_flag(flags, name);

		if (flag != NULL)
			take_flag(s, i, flag->value, mem_join(m, "--", name));
		else if (text != NULL && *text != '\0' && decide(s, i, text, where, f) < 0)
			return -1;
	}
	return 0;
}

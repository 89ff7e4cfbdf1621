#include "search.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "file.h"

/* Schemes by which a helper of another name is known. */
static const struct {
	const char *scheme, *helper;
} aliases[] = {
    {"pg", "postgresql"},
    {"postgres", "postgresql"},
};

/* The name of the helper for the scheme[0..len). */
static const char *
helper_name(const char *scheme, size_t len)
{
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
		if (strlen(aliases[i].scheme) == len && memcmp(scheme, aliases[i].scheme, len) == 0)
			return aliases[i].helper;
	}
	return scheme;
}

int
search_is_postgresql(const char *reference)
{
	static const char name[] = "postgresql";
	size_t len = strcspn(reference, ":");
	const char *helper = helper_name(reference, len);

	if (helper != reference)
		return strcmp(helper, name) == 0;
	return len == sizeof name - 1 && memcmp(reference, name, len) == 0;
}

/* The helper in one folder of the search path. */
static const char *
in_folder(struct mem *m, const char *folder, size_t len, const char *scheme)
{
	struct buf b = {0};
	const char *path;

	buf_printf(&b, "%.*s/dbm-source-%s", (int)len, folder, scheme);
	path = file_runs(buf_string(&b)) ? mem_copy(m, b.bytes, b.len) : NULL;
	buf_free(&b);
	return path;
}

static const char *
in_search_path(struct mem *m, const char *folders, const char *scheme)
{
	const char *found = NULL;

	for (size_t len; *folders != '\0' && found == NULL; folders += len + (folders[len] == ':')) {
		len = strcspn(folders, ":");
		/* A relative folder would be another one for each place the program is called from. */
		if (*folders == '/')
			found = in_folder(m, folders, len, scheme);
	}
	return found;
}

static const char *
beside(struct mem *m, const char *self, const char *scheme)
{
	static const char *const places[] = {"../libexec", "../libexec/dbm"};
	const char *slash = self != NULL ? strrchr(self, '/') : NULL, *found = NULL;
	struct buf b = {0};

	for (size_t i = 0; slash != NULL && i < 2 && found == NULL; i++) {
		b.len = 0;
		buf_printf(&b, "%.*s/%s", (int)(slash - self), self, places[i]);
		found = in_folder(m, b.bytes, b.len, scheme);
	}
	buf_free(&b);
	return found;
}

/* Beside the program as it was started, or beside what a link that was started leads to. */
static const char *
beside_program(struct mem *m, const char *scheme)
{
	const char *found = beside(m, file_self(m, 0), scheme);

	return found != NULL ? found : beside(m, file_self(m, 1), scheme);
}

int
search_helper(struct mem *m, const char *scheme, const char **path, struct fail *f)
{
	const char *folders = getenv("DBM_HELPER_PATH");

	scheme = helper_name(scheme, strlen(scheme));
	*path = folders != NULL && *folders != '\0' ? in_search_path(m, folders, scheme) : beside_program(m, scheme);
	return *path != NULL ? 0 : fail_set(f, "there is no helper dbm-source-%s", scheme);
}

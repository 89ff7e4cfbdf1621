#include "generation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "file_at.h"
#include "mem.h"
#include "watch.h"

enum { PATH = 128 }; /* bytes of a path inside the cache */

static const char generation[] = "generation";
const char generation_identity[] = "identity";

static void
make(char text[ENTRY_GENERATION + 1])
{
	uint64_t random[2] = {(uint64_t)watch_now(), (uint64_t)getpid()};

	/* Blocks only where the machine has just started; a number that was there before would bring back the dead. */
	while (getrandom(random, sizeof random, 0) < 0 && errno == EINTR)
		continue;
	snprintf(text, ENTRY_GENERATION + 1, "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
}

/* `path` NULL: in the folder itself. */
static void
place(char to[PATH], const char *path, const char *kind)
{
	const char *const parts[] = {path, path != NULL ? "/" : NULL, generation, kind != NULL ? "." : NULL, kind};
	size_t at = 0;

	for (int i = 0; i < 5; i++) {
		size_t n = parts[i] != NULL ? strlen(parts[i]) : 0;

		if (n > 0 && at + n < PATH)
			memcpy(to + at, parts[i], n);
		at += at + n < PATH ? n : 0;
	}
	to[at] = '\0';
}

int
generation_read(int in, const char *path, const char *kind, char to[ENTRY_GENERATION])
{
	char name[PATH];

	place(name, path, kind);
	if (file_at_marked(in, name, to, ENTRY_GENERATION) == 0)
		return 0;
	memset(to, '0', ENTRY_GENERATION);
	return kind != NULL && errno == ENOENT ? 0 : -1;
}

/* What is there and is none is replaced. */
int
generation_ensure(int folder, const char *kind)
{
	char fresh[ENTRY_GENERATION + 1], found[ENTRY_GENERATION], name[PATH];
	struct fail f;

	place(name, NULL, kind);
	if (file_at_marked(folder, name, found, ENTRY_GENERATION) == 0 || (kind != NULL && errno == ENOENT))
		return 0;
	make(fresh);
	if (file_at_mark(folder, name, fresh, 0, &f) == 0)
		return 0;
	if (errno == EEXIST && file_at_marked(folder, name, found, ENTRY_GENERATION) < 0)
		return file_at_mark(folder, name, fresh, 1, &f);
	return errno == EEXIST ? 0 : -1;
}

int
generation_renew(int folder, const char *kind, struct fail *f)
{
	char fresh[ENTRY_GENERATION + 1], name[PATH];

	make(fresh);
	place(name, NULL, kind);
	/* Where this process was stopped for an hour within, its temporary name may have been collected: then not all is gone.
	 */
	for (int tries = 0; tries < 2; tries++) {
		if (file_at_mark(folder, name, fresh, 1, f) == 0)
			return 0;
		if (errno != ENOENT)
			return -1;
	}
	return 0;
}

static int
is_ours(const char *name)
{
	size_t n = sizeof generation - 1;

	if (strcmp(name, generation_identity) == 0)
		return 1;
	return strncmp(name, generation, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

int
generation_remove(int folder)
{
	struct file_at_name *names;
	struct mem m = {0};
	size_t n, i;
	struct fail f;
	int done = file_at_list(&m, folder, &names, &n, &f);

	for (i = 0; done == 0 && i < n && is_ours(names[i].name); i++)
		continue;
	if (done == 0)
		done = i < n ? -1 : file_at_remove(folder, generation, &f);
	for (i = 0; done == 0 && i < n; i++)
		done = file_at_remove(folder, names[i].name, &f);
	mem_free(&m);
	return done;
}

#include "state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file_at.h"
#include "hash.h"

/* The folder in which all programs of the user keep such things. */
static int
base_path(struct buf *path)
{
	const char *given = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (given != NULL && *given == '/') {
		buf_puts(path, given);
		return 0;
	}
	if (home == NULL || *home != '/')
		return -1;
	buf_puts(path, home);
	buf_puts(path, "/.local/state");
	return 0;
}

/* $HOME/.local may be missing as well. */
static void
make_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf parent = {0};
	struct fail f;
	int fd;

	buf_add(&parent, path, (size_t)(slash - path));
	fd = parent.len > 0 ? file_at_base(buf_string(&parent), 1, &f) : -1;
	if (fd >= 0)
		close(fd);
	buf_free(&parent);
}

int
state_folder(int make, struct fail *f)
{
	struct buf path = {0};
	int base, fd = -1, error;

	if (base_path(&path) < 0) {
		errno = ENOENT;
		return fail_set(f, "neither XDG_STATE_HOME nor HOME is an absolute path");
	}
	if (make)
		make_parent(buf_string(&path));
	base = file_at_base(buf_string(&path), make, f);
	if (base >= 0) {
		buf_puts(&path, "/dbm");
		fd = file_at_folder(base, "dbm", make, f);
	}
	error = errno;
	if (fd < 0)
		fail_wrap(f, buf_string(&path));
	if (base >= 0)
		close(base);
	buf_free(&path);
	errno = error;
	return fd;
}

int
state_path(struct buf *path)
{
	if (base_path(path) < 0)
		return -1;
	buf_puts(path, "/dbm");
	return 0;
}

int
state_of(const char *kind, const char *database, int make, struct fail *f)
{
	char name[17];
	int all = state_folder(make, f), folder = -1, fd = -1, error;

	snprintf(name, sizeof name, "%016" PRIx64, hash_bytes(database, strlen(database)));
	if (all >= 0)
		folder = file_at_folder(all, kind, make, f);
	if (folder >= 0)
		fd = file_at_folder(folder, name, make, f);
	error = errno;
	if (folder >= 0)
		close(folder);
	if (all >= 0)
		close(all);
	errno = error;
	return fd;
}

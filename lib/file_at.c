#include "file_at.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "watch.h"

enum {
	FOLDER = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
	PLAIN = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
	FRESH = O_WRONLY | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
	APPEND = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
	OTHERS_WRITE = S_IWGRP | S_IWOTH,
	TOUCH = 3600, /* seconds */
	PRIVATE = 0600,
	PUBLIC = 0644,
	NAME_SIZE = 64, /* bytes of a temporary name with its NUL */
};

static const char temporary[] = "tmp.";

/* -1 with the sentence, errno as promised and the descriptor, if there is one, closed. */
static int
failed(int fd, int error, const char *what, struct fail *f)
{
	fail_errno(f, error, "%s", what);
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

static int
refused(int fd, const char *why, struct fail *f)
{
	fail_set(f, "%s", why);
	if (fd >= 0)
		close(fd);
	errno = EPERM;
	return -1;
}

/* The effective user, as the kernel told when the program began. */
static uid_t
me(void)
{
	return (uid_t)getauxval(AT_EUID);
}

/* The descriptor again, or -1 where somebody else could have written what it is open to. */
static int
own(int fd, const struct stat *st, struct fail *f)
{
	if (st->st_uid != me())
		return refused(fd, "belongs to another user", f);
	if (st->st_mode & OTHERS_WRITE)
		return refused(fd, "may be written by other users", f);
	return fd;
}

/* The same for a first folder, which may be root's. */
static int
own_or_root(int fd, struct fail *f)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return failed(fd, errno, "cannot look at", f);
	return st.st_uid == me() || st.st_uid == 0 ? fd : refused(fd, "belongs to another user", f);
}

/* 0 also where another process was faster. */
static int
make_folder(int in, const char *name, struct fail *f)
{
	mode_t before = umask(077);
	int made = mkdirat(in, name, 0700), error = errno;

	umask(before);
	return made == 0 || error == EEXIST ? 0 : failed(-1, error, "cannot make the folder", f);
}

static int
make_base(const char *path, struct fail *f)
{
	char parent[4096];
	size_t len = strlen(path);
	int in, made;

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len == 0 || len >= sizeof parent)
		return failed(-1, ENAMETOOLONG, "cannot make the folder", f);
	memcpy(parent, path, len);
	parent[len] = '\0';
	in = openat(AT_FDCWD, parent, FOLDER);
	if (in < 0)
		return failed(-1, errno, "cannot make the folder", f);
	if (own_or_root(in, f) < 0)
		return -1;
	made = make_folder(in, path + len, f);
	close(in);
	return made;
}

int
file_at_base(const char *path, int make, struct fail *f)
{
	int fd = openat(AT_FDCWD, path, FOLDER);

	if (fd < 0 && errno == ENOENT && make) {
		if (make_base(path, f) < 0)
			return -1;
		fd = openat(AT_FDCWD, path, FOLDER);
	}
	return fd < 0 ? failed(-1, errno, "cannot open the folder", f) : own_or_root(fd, f);
}

int
file_at_folder(int in, const char *name, int make, struct fail *f)
{
	int fd = openat(in, name, FOLDER | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 && errno == ENOENT && make) {
		if (make_folder(in, name, f) < 0)
			return -1;
		fd = openat(in, name, FOLDER | O_NOFOLLOW);
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return failed(fd, errno, "cannot open the folder", f);
	return own(fd, &st, f);
}

int
file_at_open(int in, const char *name, struct stat *st, struct fail *f)
{
	int fd = openat(in, name, PLAIN);

	if (fd < 0 || fstat(fd, st) < 0)
		return failed(fd, errno, "cannot open", f);
	return S_ISREG(st->st_mode) ? own(fd, st, f) : refused(fd, "is no plain file", f);
}

void
file_at_touch(int fd, const struct stat *st, int64_t now)
{
	int64_t age = now / 1000000000 - st->st_mtim.tv_sec;

	if (age > TOUCH || age < -TOUCH)
		futimens(fd, NULL);
}

/* Opens a file that may have to be made. */
static int
make_file(int in, const char *name, int flags)
{
	mode_t before = umask(077);
	int fd = openat(in, name, flags | O_CREAT, PRIVATE), error = errno;

	umask(before);
	errno = error;
	return fd;
}

int
file_at_append(int in, const char *name, int make, struct stat *st, struct fail *f)
{
	int fd = make ? make_file(in, name, APPEND) : openat(in, name, APPEND);

	if (fd < 0 || fstat(fd, st) < 0)
		return failed(fd, errno, "cannot open", f);
	if (!S_ISREG(st->st_mode))
		return refused(fd, "is no plain file", f);
	return st->st_nlink > 1 ? refused(fd, "has another name", f) : own(fd, st, f);
}

int
file_at_has(int in, const char *name)
{
	struct stat st;

	return fstatat(in, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int
file_at_look(int in, const char *name, struct file_at_name *found)
{
	struct stat st;
	uint64_t blocks;

	if (fstatat(in, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	blocks = (uint64_t)st.st_blocks * 512;
	*found = (struct file_at_name){
	    .name = name,
	    .mode = st.st_mode,
	    .bytes = blocks > (uint64_t)st.st_size ? blocks : (uint64_t)st.st_size,
	    .modified = (int64_t)((uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec),
	};
	return 0;
}

/* Reads the names of an open stream: 0, or -1 with errno. */
static int
read_names(struct mem *m, DIR *dir, struct file_at_name **names, size_t *n)
{
	struct dirent *d;
	size_t room = 0;

	while (errno = 0, (d = readdir(dir)) != NULL) {
		struct file_at_name one;

		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (file_at_look(dirfd(dir), d->d_name, &one) < 0) {
			if (errno != ENOENT)
				return -1;
			continue;
		}
		if (*n == room) {
			room = room ? 2 * room : 16;
			*names = mem_resize(*names, room * sizeof **names);
		}
		one.name = mem_string(m, d->d_name);
		(*names)[(*n)++] = one;
	}
	return errno == 0 ? 0 : -1;
}

int
file_at_list(struct mem *m, int folder, struct file_at_name **names, size_t *n, struct fail *f)
{
	int fd = openat(folder, ".", FOLDER), error;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct file_at_name *found = NULL;

	*n = 0;
	if (dir == NULL)
		return failed(fd, errno, "cannot read the folder", f);
	error = read_names(m, dir, &found, n) < 0 ? errno : 0;
	closedir(dir);
	*names = mem_array(m, *n, sizeof *found);
	if (*n > 0)
		memcpy(*names, found, *n * sizeof *found);
	free(found);
	return error == 0 ? 0 : failed(-1, error, "cannot read the folder", f);
}

int
file_at_is_temporary(const char *name)
{
	return strncmp(name, temporary, sizeof temporary - 1) == 0;
}

int
file_at_remove(int in, const char *name, struct fail *f)
{
	return unlinkat(in, name, 0) == 0 || errno == ENOENT ? 0 : failed(-1, errno, "cannot remove", f);
}

int
file_at_remove_folder(int in, const char *name, struct fail *f)
{
	return unlinkat(in, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : failed(-1, errno, "cannot remove", f);
}

/* A name that no other has: whoever makes it says O_EXCL, so that the random part only saves him from meeting another. */
static void
fresh_name(char *name)
{
	uint64_t random = (uint64_t)watch_now();

	/* Where the kernel gives none, the clock will do. */
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random ^= random << 32;
	snprintf(name, NAME_SIZE, "%s%ld.%016llx", temporary, (long)getpid(), (unsigned long long)random);
}

int
file_at_mark(int in, const char *name, const char *text, int replace, struct fail *f)
{
	char fresh[NAME_SIZE];
	int error;

	if (!replace)
		return symlinkat(text, in, name) == 0 ? 0 : failed(-1, errno, "cannot make a link", f);
	fresh_name(fresh);
	if (symlinkat(text, in, fresh) < 0)
		return failed(-1, errno, "cannot make a link", f);
	if (renameat(in, fresh, in, name) == 0)
		return 0;
	error = errno;
	unlinkat(in, fresh, 0);
	return failed(-1, error, "cannot rename", f);
}

int
file_at_marked(int in, const char *name, char *text, size_t len)
{
	char found[NAME_SIZE];
	ssize_t n = readlinkat(in, name, found, sizeof found);

	if (n < 0)
		return -1;
	if ((size_t)n != len || len == sizeof found) {
		errno = EINVAL;
		return -1;
	}
	memcpy(text, found, len);
	return 0;
}

int
file_at_write(int fd, const struct iovec *parts, size_t n, struct fail *f)
{
	int done = 0;

	for (size_t i = 0; i < n && done == 0; i++)
		done = file_write(fd, parts[i].iov_base, parts[i].iov_len, f);
	return done;
}

/* Makes a new file with that mode and renames it. */
static int
replace(int in, const char *name, mode_t mode, const struct iovec *parts, size_t n, struct fail *f)
{
	char fresh[NAME_SIZE];
	int fd, done;

	fresh_name(fresh);
	fd = make_file(in, fresh, FRESH);
	if (fd < 0)
		return failed(-1, errno, "cannot make a file", f);
	done = file_at_write(fd, parts, n, f);
	if (mode != PRIVATE && done == 0 && fchmod(fd, mode) < 0)
		done = fail_errno(f, errno, "cannot change the mode");
	if (close(fd) < 0 && done == 0)
		done = fail_errno(f, errno, "write error");
	if (done == 0 && renameat(in, fresh, in, name) < 0)
		done = fail_errno(f, errno, "cannot rename");
	if (done < 0)
		unlinkat(in, fresh, 0);
	return done;
}

int
file_at_replace(int in, const char *name, const struct iovec *parts, size_t n, struct fail *f)
{
	return replace(in, name, PRIVATE, parts, n, f);
}

int
file_at_publish(const char *path, const struct iovec *parts, size_t n, struct fail *f)
{
	const char *name = strrchr(path, '/');
	struct buf folder = {0};
	struct stat st;
	int in, done;

	name = name != NULL ? name + 1 : path;
	buf_add(&folder, path, (size_t)(name - path));
	in = open(folder.len > 0 ? buf_string(&folder) : ".", FOLDER);
	buf_free(&folder);
	if (in < 0)
		return fail_errno(f, errno, "cannot open the folder");
	if (fstatat(in, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
		done = fail_set(f, "is no plain file");
	else
		done = replace(in, name, PUBLIC, parts, n, f);
	close(in);
	return done;
}

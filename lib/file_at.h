/*
 * file_at: folders and files that dbm keeps for itself, and believes.
 *
 * What is found is this user's (the effective one) and writable by nobody else, or it is refused; no link is followed but those
 * on the way to the first folder.  What is made is 0700 or 0600 from the start, whatever the umask, which is set for that
 * moment: nothing here is for a program with threads.
 *
 * After a failure to open errno is ENOENT where there is nothing of that name, and EPERM where something is refused.
 */
#ifndef FILE_AT_H
#define FILE_AT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "fail.h"
#include "mem.h"

/* Opens the folder in which others are, by its path.  It may be root's, as /tmp is, and writable by others; somebody else's is
 * refused, so that root with the HOME of another user leaves nothing of his there.  `make`: a last part that is missing is
 * made, on the same terms. */
int file_at_base(const char *path, int make, struct fail *f);

/* Opens a folder inside a folder; `make`: one that is missing is made. */
int file_at_folder(int in, const char *name, int make, struct fail *f);

/* Opens a regular file inside a folder for reading. */
int file_at_open(int in, const char *name, struct stat *st, struct fail *f);

/* Says that an open file was used just now, in its time of modification: where that is over an hour away from `now`,
 * nanoseconds since 1970. */
void file_at_touch(int fd, const struct stat *st, int64_t now);

/* Opens a regular file inside a folder for appending, so that what several processes write at once comes one behind the other;
 * `make`: one that is missing is made.  It has no other name, or it is refused.  `in` may be AT_FDCWD and `name` a path, if the
 * folders on the way need not be looked at. */
int file_at_append(int in, const char *name, int make, struct stat *st, struct fail *f);

/* Writes the `n` parts, one behind the other. */
int file_at_write(int fd, const struct iovec *parts, size_t n, struct fail *f);

/* True where there is anything of that name. */
int file_at_has(int in, const char *name);

/* One name in a folder, as it stands there: no link is followed. */
struct file_at_name {
	const char *name;
	mode_t mode;
	uint64_t bytes;   /* of the disk: its blocks, or its length where that is more (some file systems tell blocks late) */
	int64_t modified; /* nanoseconds since 1970 */
};

/* Looks at a name; -1 where there is none. */
int file_at_look(int in, const char *name, struct file_at_name *found);

/* Everything in an open folder, in the arena and in no order; what goes meanwhile may be left out. */
int file_at_list(struct mem *m, int folder, struct file_at_name **names, size_t *n, struct fail *f);

/* True for the name of a temporary file, which a killed process has left or another is about to rename. */
int file_at_is_temporary(const char *name);

/* Removes a name, or an empty folder.  0 also where there is none. */
int file_at_remove(int in, const char *name, struct fail *f);
int file_at_remove_folder(int in, const char *name, struct fail *f);

/* A few bytes under a name, which one system call reads and one makes, whole or not at all: a symbolic link that leads nowhere.
 * Making one: where the name is taken, what is there stays (errno EEXIST), or, with `replace`, it is replaced by renaming.
 * Reading: 0, or -1 where there is no link of that name or its text has not just `len` bytes; errno is ENOENT only where there
 * is nothing of that name. */
int file_at_mark(int in, const char *name, const char *text, int replace, struct fail *f);
int file_at_marked(int in, const char *name, char *text, size_t len);

/* Makes the `n` parts, one behind the other, the file `name`: readers see the old one or the new one, whole.  They are written
 * to a new file `tmp.PID.RANDOM` beside it, which is renamed, or removed where that fails; a process that is killed meanwhile
 * leaves it.  Nothing is synced to the disk: after a crash of the machine the file may be anything. */
int file_at_replace(int in, const char *name, const struct iovec *parts, size_t n, struct fail *f);

/* The same for a file that is not dbm's own: it is at any path, and all may read it (0644).  What is there and no plain file,
 * such as a link or a device, is refused. */
int file_at_publish(const char *path, const struct iovec *parts, size_t n, struct fail *f);

#endif

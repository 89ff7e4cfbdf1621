/*
 * file: the one place that opens, reads, writes and lists files.
 *
 * Paths in sentences are left to the caller: a failure here says only what went wrong.
 */
#ifndef FILE_H
#define FILE_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "buf.h"
#include "fail.h"
#include "mem.h"
#include "watch.h"

/* What a path may be for a program that reads data. */
enum file_kind { FILE_REGULAR, FILE_PIPE, FILE_FOLDER, FILE_OTHER };

enum file_kind file_kind(const struct stat *st);

/* -1 and "is a device" or the like for FILE_OTHER; 0 for the rest. */
int file_refuse(const struct stat *st, struct fail *f);

/* Opens a regular file or a pipe for reading (close-on-exec).  `st` comes from stat(2) of the path, so that a device is not
 * opened only to be refused, and is filled again from what was opened.  Never hangs on a FIFO: where no writer comes within
 * 10 s or by the deadline, it fails.  Folders, devices and sockets are refused. */
int file_open(const char *path, struct stat *st, struct watch *w, struct fail *f);

/* The same for what stat(2) said is a regular file, but the caller is to look at what was opened (fstat(2)) before he believes
 * that it is: for who looks at it anyway. */
int file_open_plain(const char *path, struct fail *f);

/* Reads at most `size` bytes: what read(2) returns, with interruptions retried, the deadline kept and a trace event.
 * `done` and `total` are bytes for the progress line. */
ssize_t file_read(int fd, void *bytes, size_t size, struct watch *w, uint64_t done, uint64_t total, struct fail *f);

/* The `size` bytes at offset `at` of a regular file, without moving its offset: how many there are before its end, with one
 * trace event.  `total`: bytes of the file, for the progress line. */
ssize_t file_read_at(int fd, void *bytes, size_t size, uint64_t at, struct watch *w, uint64_t total, struct fail *f);

/* Adds all of a file or a pipe, or of standard input for "-", to `b`.  -1 also where that is more than `most` bytes. */
int file_whole(const char *path, struct buf *b, size_t most, struct watch *w, struct fail *f);

/* True where the file is not that large, or no longer. */
int file_is_shorter(int fd, uint64_t size);

/* At most `size` bytes from the start of a regular file, without moving its offset; not traced (a few bytes of magic, what
 * the cache keeps). */
ssize_t file_peek(int fd, void *bytes, size_t size, struct fail *f);

/* Closes what was opened for reading and is not needed any more, but later: together with some more of the kind, or never where
 * the process ends before, which closes it anyway.  -1: closes now what is left.  Not for what is locked, not for pipes, and
 * not from several threads. */
void file_leave(int fd);

/* Writes all of it.  Where a pipe's reader has gone the process dies of SIGPIPE, even if its parent had it ignored: but
 * not one that has it blocked (serve.c). */
int file_write(int fd, const void *bytes, size_t size, struct fail *f);

/* The last part of a path; all of one that ends in a slash. */
const char *file_name(const char *path);

/* The path from the root on, in the arena: behind the current folder where it does not begin there, without `.`, empty parts
 * and `..`, which takes the part before it off as text: links are not followed, so it may not be what open(2) opens where `..`
 * stands behind one.  NULL where the system does not tell the current folder. */
const char *file_absolute(struct mem *m, const char *path);

/* Adds the path of what `path` leads to where it is a link, with all links followed; else `path` as it is. */
void file_follow(struct buf *b, const char *path);

/* True where `path` is a program that may be run. */
int file_runs(const char *path);

/* The path of this program, in the arena; NULL where the system does not tell.  `real`: with links followed, which takes
 * longer. */
const char *file_self(struct mem *m, int real);

/* One name in a folder. */
struct file_entry {
	const char *name; /* in the arena */
	int error;        /* errno of looking at it (a dangling link, a loop), else 0 */
	mode_t mode;      /* of what a link leads to, like the two below */
	uint64_t size;    /* bytes */
	int64_t modified; /* seconds since 1970 */
};

/* The entries of a folder that `want` says yes to, sorted by their bytes, in the arena.  `look`: more than names. */
int file_list(struct mem *m, const char *path, int (*want)(const char *name), int look, struct file_entry **entries,
    size_t *count, struct fail *f);

#endif

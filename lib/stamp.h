/*
 * stamp: the proof that a local plain file is unchanged.
 *
 * Two equal stamps, the first of which was taken when the file was not young, are of the same bytes, wherever the file system
 * keeps its times and the clock does not go back to the very nanosecond.  ctime is what tells a file that was written over with
 * its times put back (`cp -p`): nobody sets it.  It moves for what changes nothing too (chmod, a new link); that costs a
 * reading, no more.
 *
 * What a stamp does not see: a write through a shared mapping before the kernel notes it, and a change on a server of files
 * that this machine has not asked yet, or whose clock is more than two seconds from this one's (then young is misjudged).
 */
#ifndef STAMP_H
#define STAMP_H

#include <stdint.h>
#include <sys/stat.h>

#include "buf.h"

enum {
	STAMP_BYTES = 40,
};

/* Nanoseconds since 1970 by the clock of the machine. */
int64_t stamp_now(void);

/* True where the last change is less than 2 s away from `now`, before or behind (a clock may jump): another one could follow
 * in the same tick of the file system's clock, which may be as coarse as that (FAT), and look like none. */
int stamp_young(const struct stat *st, int64_t now);

/* Appends the stamp of a file that stat(2) or, better, fstat(2) described: device, inode, size in bytes, mtime and ctime in
 * nanoseconds since 1970 modulo 2^64, a little-endian u64 each. */
void stamp_put(struct buf *b, const struct stat *st);

#endif

/*
 * continuation: what lets the count of a file that has grown go on where it ended.
 *
 * It says what the file was up to `offset`, the end of a whole record, and hashes of ten blocks of it: the first 64 KiB, the
 * last 64 KiB before the offset, eight at equal distances between; up to 640 KiB the ten are all of it.  Where the file is the
 * same one, has grown since and the ten are what they were, what lies before the offset is taken to be the same, and only what
 * lies behind it is read: 640 KiB and the tail.
 *
 * What it cannot see: a change between the ten blocks of a file over 640 KiB that is still the same inode and has become longer
 * than it was, such as an editor or `sed` writing into the file itself.  (Where the change moved what follows it, the last
 * block tells, unless it repeats itself.)  So such a count is said to be continued, not exact.  And XXH3 tells accidents, not
 * malice (hash.h).
 */
#ifndef CONTINUATION_H
#define CONTINUATION_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "buf.h"
#include "fail.h"
#include "watch.h"

enum {
	CONTINUATION_BLOCK = 64 * 1024, /* bytes of each of the ten, at most */
	CONTINUATION_BLOCKS = 10,
	CONTINUATION_BYTES = 3 + 6 * 8 + CONTINUATION_BLOCKS * 8, /* encoded */
};

struct continuation {
	/* Set by the caller. */
	uint64_t offset;         /* bytes: just behind the terminator of the last whole record or blank line; 0: none */
	uint64_t records, lines; /* before it: records, and terminators, those inside quotes too */
	unsigned char delimiter; /* of the dialect that records were found with */
	unsigned char after_cr;  /* the byte before the offset is CR: an LF at the offset belongs to that terminator */
	/* Set by continuation_take(). */
	uint64_t size, device, inode;
	uint64_t hashes[CONTINUATION_BLOCKS]; /* of the first block, the eight between, the last one */
};

/* Looks at the regular file and hashes its blocks, for the caller who has counted up to c->offset.  The stamp of the file
 * (stamp.h) is to be taken before the count and again after this, and the value kept only if both are the same: blocks of a
 * file that changed meanwhile are not those that were counted.  -1 where the file cannot be read or ends before the offset. */
int continuation_take(struct continuation *c, int fd, struct watch *w, struct fail *f);

/* 1: the file that `st` is of is the same inode, larger than it was, and its ten blocks are the same, so that the count can go
 * on at c->offset.  0: it is not.  -1: it could not be read.  The stamp, again, is to be the same before and after the count.
 */
int continuation_holds(const struct continuation *c, int fd, const struct stat *st, struct watch *w, struct fail *f);

/* The CONTINUATION_BYTES of it: a version, delimiter and after_cr as u8 each, offset, records, lines, size, device, inode and
 * the hashes as u64, little-endian.  Decoding takes any bytes: 0, or -1 for what no continuation_encode() has written. */
void continuation_encode(struct buf *b, const struct continuation *c);
int continuation_decode(struct continuation *c, const char *bytes, size_t len);

#endif

/*
 * growth: the count of a file that has grown goes on where it ended.
 *
 * A count leaves a continuation (continuation.h) behind the last record that was whole.  Where it still holds, what lies
 * before it is not read again but for the ten blocks that prove it: counting costs 640 KiB for the proof, the tail, at most
 * GROWTH_BLOCK of the tail once more, and 640 KiB for the next continuation.
 *
 * What makes a record depends on the delimiter and on whether there is a header.  The delimiter stands in the continuation, and
 * the caller goes on only where he would count with the same one today; about the header he knows.
 */
#ifndef GROWTH_H
#define GROWTH_H

#include <stdint.h>
#include <sys/stat.h>

#include "continuation.h"
#include "csv.h"
#include "fail.h"
#include "watch.h"

enum { GROWTH_BLOCK = 64 * 1024 }; /* bytes counted at a time */

struct growth {
	uint64_t records, lines; /* of the text up to its end; a last record without a terminator is one */
	uint64_t unclosed;       /* the line of the quote that is still open at the end; 0: none is */
	struct continuation next;
};

/* Counts the file that `st` is of from where `c` left it: 1.  0: `c` does not hold for it.  -1.  The stamp (stamp.h) is to be
 * taken before and again afterwards, and nothing believed where they are different.  Such a count is "continued" (driver.h). */
int growth_count(
    struct growth *g, const struct continuation *c, int fd, const struct stat *st, struct watch *w, struct fail *f);

/* Makes the first continuation: counts file[offset..to) from a place where the scan stands as `s` says, with so many records
 * before it.  Where no record ends behind the offset, it is of the offset, if that is just behind a terminator outside quotes,
 * or else of nothing: its offset is 0. */
int growth_from(struct growth *g, const struct csv_scan *s, uint64_t offset, uint64_t records, int fd, uint64_t to,
    struct watch *w, struct fail *f);

#endif

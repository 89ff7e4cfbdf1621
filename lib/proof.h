/*
 * proof: what proves that something is as it was when an answer was read from it.
 *
 * An answer is kept with the proof that was taken before it was read, where the one taken afterwards is the same; as long as
 * the next one is the same too, and the first was not young, the answer stands.  The first is the one to keep: a second one
 * that is no longer young may hide a change between the two in the same tick of the clock.
 *
 * PROOF_FILE is a stamp (stamp.h, which says what it does not see).  PROOF_SQLITE is that of an SQLite file, with
 *
 *     of the file    the change counter, the schema cookie and the version-valid-for number (fileformat2.html, "The Database
 *                    Header"), for file systems with coarse times
 *     -journal       whether there is one, and its size
 *     -wal           where one stands there that is not empty, its stamp, its header with the salts (fileformat2.html, "WAL
 * File Format"), and of the -shm the WalIndexHdr with iChange and mxFrame, or that there is none (walformat.html, "The
 * WAL-Index File Format").  A commit counts from the moment when it stands in the -shm, which may be long after the -wal was
 * written.
 *
 * The -wal is looked at in rollback mode too: SQLite reads one that stands there whatever the file says of itself.
 */
#ifndef PROOF_H
#define PROOF_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "buf.h"
#include "fail.h"
#include "frame.h"

enum proof_kind {
	PROOF_NONE,   /* proves nothing */
	PROOF_FILE,   /* of a plain file */
	PROOF_SQLITE, /* of an SQLite file and those beside it */
	PROOF_SOURCE, /* what a source said of itself */
};

enum {
	PROOF_MOST = 240,   /* bytes */
	PROOF_HEADER = 100, /* bytes of an SQLite file's header */
};

/* A value: to be copied, and compared by proof_same(). */
struct proof {
	unsigned char kind, young, len; /* `young`: it was young when taken (stamp.h), and proves nothing later */
	char bytes[PROOF_MOST];         /* zero from `len` on */
};

/* Of a plain file as stat(2) or fstat(2) described it; `now`: stamp_now() just before that. */
struct proof proof_file(const struct stat *st, int64_t now);

/* Of the SQLite file `path` that is open as `fd`; `header`: its first PROOF_HEADER bytes.  Looks at what stands beside it, or,
 * where it is a `link`, beside the file that it leads to, and then at the file: *st.  Young where the file is or a -wal that
 * is not empty.  -1 where something there is odd (no plain file, or not to be read) or the file has changed since `st`; *p is
 * PROOF_NONE then. */
int proof_sqlite(
    struct proof *p, const char *path, int link, int fd, struct stat *st, const char *header, int64_t now, struct fail *f);

/* What a source said of itself, never young; -1 where it is longer than PROOF_MOST, and *p is PROOF_NONE. */
int proof_source(struct proof *p, const char *bytes, size_t len);

/* True where kind and bytes are the same; whether they were young is not compared.  Two of PROOF_NONE are the same. */
int proof_same(const struct proof *a, const struct proof *b);

/* "none", "file", "sqlite", "source". */
const char *proof_name(enum proof_kind kind);

/* u8 kind, u8 young, u8 length, the bytes.  Decoding takes any bytes; the frame is `bad` where they are none, and the proof
 * PROOF_NONE. */
void proof_encode(struct buf *b, const struct proof *p);
struct proof proof_decode(struct frame *frame);

#endif

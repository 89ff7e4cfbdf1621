#include "proof.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "stamp.h"

enum {
	/* Where the numbers of 4 bytes stand in the file's header. */
	CHANGES = 24,
	COOKIE = 40,
	VALID_FOR = 92,
	/* Bytes of the headers of the files beside it. */
	WAL_HEADER = 32,
	SHM_HEADER = 48,
};

static const char *const names[] = {"none", "file", "sqlite", "source"};

/* At most PROOF_MOST bytes. */
static struct proof
make(enum proof_kind kind, int young, const char *bytes, size_t len)
{
	struct proof p = {.kind = (unsigned char)kind, .young = (unsigned char)young, .len = (unsigned char)len};

	memcpy(p.bytes, bytes, len);
	return p;
}

struct proof
proof_file(const struct stat *st, int64_t now)
{
	struct buf b = {0};
	struct proof p;

	stamp_put(&b, st);
	p = make(PROOF_FILE, stamp_young(st, now), b.bytes, b.len);
	buf_free(&b);
	return p;
}

/* The name with `suffix` behind it, until the next one. */
static const char *
beside(struct buf *path, const char *suffix)
{
	size_t len = path->len;
	const char *name;

	buf_puts(path, suffix);
	name = buf_string(path);
	path->len = len;
	return name;
}

/* 1, 0 where there is none, -1 where it is no plain file. */
static int
look(struct buf *path, const char *suffix, struct stat *st, struct fail *f)
{
	if (stat(beside(path, suffix), st) == 0)
		return file_kind(st) == FILE_REGULAR ? 1 : fail_set(f, "%s: is not a file", suffix);
	return errno == ENOENT ? 0 : fail_errno(f, errno, "%s: cannot look at", suffix);
}

/* The first bytes of one that is there, at most `size`; `st` is filled again. */
static int
peek(struct buf *path, const char *suffix, struct stat *st, char *header, size_t size, struct fail *f)
{
	int fd = file_open(beside(path, suffix), st, NULL, f);
	ssize_t n = -1;

	if (fd >= 0) {
		n = file_peek(fd, header, size, f);
		close(fd);
	}
	return n < 0 ? fail_wrap(f, suffix) : 0;
}

static int
add_journal(struct buf *b, struct buf *path, struct fail *f)
{
	struct stat st;
	int there = look(path, "-journal", &st, f);

	buf_byte(b, (char)there);
	frame_put_u64(b, there > 0 ? (uint64_t)st.st_size : 0);
	return there < 0 ? -1 : 0;
}

static int
add_shm(struct buf *b, struct buf *path, struct fail *f)
{
	char header[SHM_HEADER] = {0};
	struct stat st;
	int there = look(path, "-shm", &st, f);

	if (there > 0 && peek(path, "-shm", &st, header, sizeof header, f) < 0)
		return -1;
	buf_byte(b, (char)there);
	buf_add(b, header, sizeof header);
	return there < 0 ? -1 : 0;
}

/* One without bytes is none: whoever writes there makes it larger. */
static int
add_wal(struct buf *b, struct buf *path, int64_t now, int *young, struct fail *f)
{
	char header[WAL_HEADER] = {0};
	struct stat st;
	int there = look(path, "-wal", &st, f);

	if (there <= 0 || st.st_size == 0)
		return there < 0 ? -1 : 0;
	if (peek(path, "-wal", &st, header, sizeof header, f) < 0)
		return -1;
	*young |= stamp_young(&st, now);
	stamp_put(b, &st);
	buf_add(b, header, sizeof header);
	return add_shm(b, path, f);
}

/* The file comes last: what a -wal held that is not there any more has gone into the file before that. */
int
proof_sqlite(
    struct proof *p, const char *path, int link, int fd, struct stat *st, const char *header, int64_t now, struct fail *f)
{
	struct buf b = {0}, real = {0};
	int young = 0, odd;

	if (link)
		file_follow(&real, path);
	else
		buf_puts(&real, path);
	buf_add(&b, header + CHANGES, 4);
	buf_add(&b, header + COOKIE, 4);
	buf_add(&b, header + VALID_FOR, 4);
	odd = add_journal(&b, &real, f) < 0 || add_wal(&b, &real, now, &young, f) < 0;
	if (!odd && fstat(fd, st) < 0)
		odd = fail_errno(f, errno, "cannot look at");
	if (!odd) {
		stamp_put(&b, st);
		young |= stamp_young(st, now);
	}
	*p = odd ? make(PROOF_NONE, 0, "", 0) : make(PROOF_SQLITE, young, b.bytes, b.len);
	buf_free(&real);
	buf_free(&b);
	return odd ? -1 : 0;
}

int
proof_source(struct proof *p, const char *bytes, size_t len)
{
	int fits = len <= PROOF_MOST;

	*p = fits ? make(PROOF_SOURCE, 0, bytes, len) : make(PROOF_NONE, 0, "", 0);
	return fits ? 0 : -1;
}

int
proof_same(const struct proof *a, const struct proof *b)
{
	return a->kind == b->kind && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

const char *
proof_name(enum proof_kind kind)
{
	return names[kind];
}

void
proof_encode(struct buf *b, const struct proof *p)
{
	buf_byte(b, (char)p->kind);
	buf_byte(b, (char)p->young);
	buf_byte(b, (char)p->len);
	buf_add(b, p->bytes, p->len);
}

struct proof
proof_decode(struct frame *frame)
{
	unsigned kind = frame_u8(frame), young = frame_u8(frame), len = frame_u8(frame);
	const char *bytes;

	frame_bytes(frame, len, &bytes);
	if (kind > PROOF_SOURCE || young > 1 || len > PROOF_MOST)
		frame->bad = 1;
	return frame->bad ? make(PROOF_NONE, 0, "", 0) : make((enum proof_kind)kind, (int)young, bytes, len);
}

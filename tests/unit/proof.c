/* Proofs: each thing that they are made of counts, and what is odd is refused. */

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "proof.h"
#include "made_stat.h"
#include "stamp.h"
#include "tap.h"

/* Plain files. */

static int
same_as(const struct stat *st)
{
	const struct stat usual = made();
	struct proof a = proof_file(&usual, NOW), b = proof_file(st, NOW);

	return proof_same(&a, &b);
}

static void
test_file(void)
{
	struct stat st = made();
	struct proof p = proof_file(&st, NOW), q = proof_file(&st, INT64_C(1600000001) * SECOND);

	CHECK(p.kind == PROOF_FILE && p.len == STAMP_BYTES, "of a plain file");
	CHECK(!p.young && q.young && proof_same(&p, &q), "young is no part of being the same");
	q = proof_file(&st, INT64_C(1599999999) * SECOND);
	CHECK(q.young, "changed in the future");
	st = made(), st.st_dev++;
	CHECK(!same_as(&st), "another device");
	st = made(), st.st_ino++;
	CHECK(!same_as(&st), "another inode");
	st = made(), st.st_size++;
	CHECK(!same_as(&st), "another size");
	st = made(), st.st_mtim.tv_nsec++;
	CHECK(!same_as(&st), "another mtime");
	st = made(), st.st_ctim.tv_nsec++;
	CHECK(!same_as(&st), "another ctime");
	st = made(), st.st_mode = S_IFREG, st.st_atim.tv_sec = 3;
	CHECK(same_as(&st), "the time of reading does not count");
}

/* What a source says. */

static void
test_source(void)
{
	char bytes[PROOF_MOST + 1] = {0};
	struct proof p, q, none = {0};

	CHECK(proof_source(&p, bytes, 0) == 0 && p.kind == PROOF_SOURCE && p.len == 0, "nothing at all");
	CHECK(!proof_same(&p, &none) && proof_same(&none, &none), "which is not the same as none");
	CHECK(proof_source(&p, bytes, PROOF_MOST) == 0 && p.len == PROOF_MOST, "as much as there is room for");
	CHECK(proof_source(&q, bytes, PROOF_MOST - 1) == 0 && !proof_same(&p, &q), "one byte less");
	bytes[PROOF_MOST - 1] = 1;
	CHECK(proof_source(&q, bytes, PROOF_MOST) == 0 && !proof_same(&p, &q), "the last byte counts");
	CHECK(proof_source(&q, bytes, PROOF_MOST + 1) < 0 && q.kind == PROOF_NONE, "more than there is room for");
	CHECK_TEXT(proof_name(PROOF_NONE), "none", "the name of none");
	CHECK_TEXT(proof_name(PROOF_FILE), "file", "of a plain file's");
	CHECK_TEXT(proof_name(PROOF_SQLITE), "sqlite", "of an SQLite file's");
	CHECK_TEXT(proof_name(PROOF_SOURCE), "source", "of a source's");
}

/* Encoding. */

static struct proof
decoded(const char *bytes, size_t len, int *bad)
{
	struct frame frame = {.p = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};
	struct proof p = proof_decode(&frame);

	*bad = !frame_done(&frame);
	return p;
}

static void
test_encoded(void)
{
	char text[PROOF_MOST];
	struct proof p, q;
	struct buf b = {0};
	int bad, all = 1;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 7);
	for (size_t len = 0; len <= PROOF_MOST; len++) {
		b.len = 0;
		proof_source(&p, text, len);
		p.young = len & 1;
		proof_encode(&b, &p);
		q = decoded(b.bytes, b.len, &bad);
		all &= !bad && memcmp(&p, &q, sizeof p) == 0 && b.len == 3 + len;
		q = decoded(b.bytes, b.len - 1, &bad);
		all &= bad && q.kind == PROOF_NONE;
	}
	CHECK(all, "encoded, decoded and cut short, of every length");
	all = 1;
	for (int first = 0; first < 1 << 16; first++) {
		const unsigned char head[] = {first & 3, first >> 2 & 3, (unsigned char)(first >> 4)};

		b.len = 0;
		buf_add(&b, head, sizeof head);
		buf_add(&b, text, head[2] <= PROOF_MOST ? head[2] : PROOF_MOST);
		q = decoded(b.bytes, b.len, &bad);
		all &= bad == (head[1] > 1 || head[2] > PROOF_MOST);
		all &= q.len == (bad ? 0 : head[2]) && q.kind == (bad ? PROOF_NONE : head[0]);
	}
	CHECK(all, "any first bytes");
	CHECK((decoded("\4\0\0", 3, &bad), bad) && (decoded("\xff\0\0", 3, &bad), bad), "no kind of proof");
	buf_free(&b);
}

/* SQLite files: x.db in a folder of its own. */

static struct fail fail;
static char header[PROOF_HEADER];

static void
write_file(const char *name, const char *bytes, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		exit(1);
}

/* A file whose bytes are all the same. */
static void
fill(const char *name, int byte, size_t len)
{
	char bytes[1000];

	memset(bytes, byte, sizeof bytes);
	write_file(name, bytes, len);
}

/* The proof of `path`, long after any change. */
static struct proof
taken(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct proof p;
	struct stat st;

	if (fd < 0)
		exit(1);
	proof_sqlite(&p, path, 1, fd, &st, header, stamp_now() + 3600 * SECOND, &fail);
	close(fd);
	return p;
}

/* True where the proof is no more what it was; which is then what it is. */
static int
changed(struct proof *p)
{
	struct proof now = taken("x.db");
	int same = proof_same(p, &now);

	*p = now;
	return !same && now.kind == PROOF_SQLITE;
}

static int
has(const struct proof *p, const char *bytes, size_t len)
{
	for (size_t i = 0; i + len <= p->len; i++) {
		if (memcmp(p->bytes + i, bytes, len) == 0)
			return 1;
	}
	return 0;
}

static void
test_header(void)
{
	struct proof usual = taken("x.db"), p;
	int right = usual.kind == PROOF_SQLITE && !usual.young;

	for (int i = 0; i < PROOF_HEADER; i++) {
		int counts = (i >= 24 && i < 28) || (i >= 40 && i < 44) || (i >= 92 && i < 96);

		header[i]++;
		p = taken("x.db");
		right &= proof_same(&usual, &p) != counts;
		header[i]--;
	}
	CHECK(right, "of the header: change counter, schema cookie and version-valid-for");
	fill("x.db", 'a', 201);
	CHECK(changed(&usual), "the stamp of the file");
}

static void
test_journal(void)
{
	struct proof p = taken("x.db");

	fill("x.db-journal", 'j', 0);
	CHECK(changed(&p), "an empty -journal");
	fill("x.db-journal", 'j', 100);
	CHECK(changed(&p), "one that has grown");
	fill("x.db-journal", 'k', 100);
	CHECK(!changed(&p), "only its size counts");
	unlink("x.db-journal");
	CHECK(changed(&p), "no -journal any more");
}

static void
test_wal(void)
{
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct proof p = taken("x.db"), before = p;

	fill("x.db-wal", 'w', 0);
	fill("x.db-shm", 's', 100);
	CHECK(!changed(&p), "an empty -wal is as none, whatever the -shm");
	unlink("x.db-shm");
	fill("x.db-wal", 'w', 100);
	CHECK(changed(&p) && has(&p, "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", 32), "a -wal, and its header");
	fill("x.db-wal", 'w', 101);
	CHECK(changed(&p), "one that has grown");
	utimensat(AT_FDCWD, "x.db-wal", times, 0);
	CHECK(changed(&p), "its times");
	fill("other", 'w', 101);
	rename("other", "x.db-wal");
	CHECK(changed(&p), "another one");
	fill("x.db-wal", 'v', 10);
	CHECK(changed(&p) && has(&p, "vvvvvvvvvv\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32),
	    "one shorter than its header");
	unlink("x.db-wal");
	CHECK(changed(&p) && proof_same(&p, &before), "none any more");
}

static void
test_shm(void)
{
	char bytes[136] = {0};
	struct proof p;

	fill("x.db-wal", 'w', 100);
	p = taken("x.db");
	write_file("x.db-shm", bytes, 0);
	CHECK(changed(&p), "an empty -shm is not none");
	write_file("x.db-shm", bytes, sizeof bytes);
	changed(&p);
	for (int i = 0; i < 48; i++) {
		bytes[i] = 1;
		write_file("x.db-shm", bytes, sizeof bytes);
		if (!changed(&p))
			bytes[i] = 2;
	}
	CHECK(memchr(bytes, 2, 48) == NULL, "each byte of its first header");
	bytes[48] = 1;
	write_file("x.db-shm", bytes, sizeof bytes);
	CHECK(!changed(&p), "but not of the copy behind it");
	unlink("x.db-shm");
	CHECK(changed(&p), "none any more");
	unlink("x.db-wal");
}

static int64_t
ctime_of(const char *name, struct stat *st)
{
	if (stat(name, st) < 0)
		exit(1);
	return (int64_t)st->st_ctim.tv_sec * SECOND + st->st_ctim.tv_nsec;
}

static int
young(int64_t now)
{
	int fd = open("x.db", O_RDONLY), is;
	struct stat st;
	struct proof p;

	is = proof_sqlite(&p, "x.db", 1, fd, &st, header, now, &fail) == 0 && p.young;
	close(fd);
	return is;
}

static void
test_young(void)
{
	const struct timespec tick = {.tv_nsec = 50000000};
	struct stat st, wal;
	int64_t file, behind;

	fill("x.db", 'a', 200);
	file = ctime_of("x.db", &st);
	CHECK(young(file) && young(file + 2 * SECOND - 1), "a file changed less than two seconds ago");
	CHECK(!young(file + 2 * SECOND) && !young(file - 2 * SECOND), "and two seconds ago, or ahead");
	nanosleep(&tick, NULL);
	fill("x.db-wal", 'w', 0);
	CHECK(!young(file + 2 * SECOND), "an empty -wal is not young");
	fill("x.db-wal", 'w', 100);
	behind = ctime_of("x.db-wal", &wal);
	CHECK(file < behind && young(file + 2 * SECOND) && !young(behind + 2 * SECOND), "the -wal alone is young");
	CHECK(young(behind - 2 * SECOND), "the file alone is young");
	unlink("x.db-wal");
}

static void
check_odd(const char *suffix, const char *want)
{
	struct proof p = taken("x.db");

	CHECK(p.kind == PROOF_NONE && p.len == 0, suffix);
	CHECK_TEXT(fail.text, want, "and why");
}

static void
test_odd(void)
{
	mkfifo("x.db-journal", 0600);
	check_odd("a FIFO as -journal", "-journal: is not a file");
	unlink("x.db-journal");
	mkfifo("x.db-wal", 0600);
	check_odd("a FIFO as -wal", "-wal: is not a file");
	unlink("x.db-wal");
	mkdir("x.db-wal", 0700);
	check_odd("a folder as -wal", "-wal: is not a file");
	rmdir("x.db-wal");
	fill("x.db-wal", 'w', 100);
	mkfifo("x.db-shm", 0600);
	check_odd("a FIFO as -shm", "-shm: is not a file");
	unlink("x.db-shm");
	CHECK(symlink("x.db-shm", "x.db-shm") == 0 && taken("x.db").kind == PROOF_NONE, "a link to itself as -shm");
	unlink("x.db-shm");
	unlink("x.db-wal");
}

static void
test_links(void)
{
	struct proof p = taken("x.db"), q;

	if (symlink("gone", "x.db-wal") < 0)
		exit(1);
	CHECK(!changed(&p), "a -wal that leads nowhere is none");
	fill("gone", 'w', 100);
	CHECK(changed(&p), "a -wal that leads to a file");
	if (mkdir("folder", 0700) < 0 || symlink("../x.db", "folder/one") < 0 || symlink("one", "folder/two") < 0)
		exit(1);
	q = taken("folder/two");
	CHECK(q.kind == PROOF_SQLITE && proof_same(&p, &q), "a link to the file: what stands beside the file counts");
	fill("folder/two-wal", 'w', 100);
	q = taken("folder/two");
	CHECK(proof_same(&p, &q), "and what stands beside the link does not");
	unlink("folder/two-wal");
	unlink("folder/one");
	unlink("folder/two");
	rmdir("folder");
	unlink("x.db-wal");
	unlink("gone");
}

int
main(void)
{
	char folder[] = "/tmp/dbm-proof.XXXXXX";

	test_file();
	test_source();
	test_encoded();
	if (mkdtemp(folder) == NULL || chdir(folder) < 0)
		return 1;
	fill("x.db", 'a', 200);
	test_header();
	test_journal();
	test_wal();
	test_shm();
	test_young();
	test_odd();
	test_links();
	unlink("x.db");
	if (chdir("/") < 0 || rmdir(folder) < 0)
		return 1;
	return tap_end();
}

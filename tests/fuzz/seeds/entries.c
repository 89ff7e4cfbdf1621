/* entries FOLDER: writes entries of the cache in the encoded form, as it is now, for the corpus of the target `entries` (`make
 * fuzz-seeds`).  Their checksum need not be right: the target tries them with the one they ask for too. */

#include "entry.h"
#include "fuzz.h"

enum { VERSION = 8, ANSWER = 20, YOUNG = 133, PROOF_LENGTH = 134 }; /* where they stand (entry.h) */

static void
write_file(const char *folder, const char *name, const struct buf *b, size_t len)
{
	static const char head[3] = {'\0', '\0', '\0'}; /* what the target takes off */
	struct buf path = {0};
	FILE *file;

	buf_printf(&path, "%s/made-%s", folder, name);
	file = fopen(buf_string(&path), "wb");
	if (file == NULL || fwrite(head, 1, sizeof head, file) != sizeof head || fwrite(b->bytes, 1, len, file) != len ||
	    fclose(file) != 0) {
		perror(path.bytes);
		exit(1);
	}
	buf_free(&path);
}

/* The same with one byte changed. */
static void
write_changed(const char *folder, const char *name, struct buf *b, size_t place, unsigned change)
{
	b->bytes[place] ^= (char)change;
	write_file(folder, name, b, b->len);
	b->bytes[place] ^= (char)change;
}

int
main(int argc, char *argv[])
{
	struct entry e = {.proof = {.kind = PROOF_FILE, .young = 1, .len = 5, .bytes = "proof"},
	    .rows = 5,
	    .width = 4096,
	    .whole = ENTRY_ALL_ROWS,
	    .failures = 1,
	    .ref = "/d/t",
	    .key = "k\0/d\0/d/t\0r",
	    .key_len = 11,
	    .bytes = "answer",
	    .len = 6};
	struct buf b = {0};

	if (argc != 2)
		return 2;
	memset(e.generations, '0', sizeof e.generations);
	entry_encode(&b, &e);
	buf_add(&b, e.bytes, e.len);
	write_file(argv[1], "entry", &b, b.len);
	write_file(argv[1], "short", &b, b.len - 1);
	write_file(argv[1], "head", &b, ANSWER);
	write_changed(argv[1], "version", &b, VERSION, 1);
	write_changed(argv[1], "magic", &b, 0, 1);
	write_changed(argv[1], "answer", &b, ANSWER, 1);
	write_changed(argv[1], "young", &b, YOUNG, 2);
	write_changed(argv[1], "proof", &b, PROOF_LENGTH, 0xff);
	write_changed(argv[1], "reference", &b, b.len - e.len - e.key_len - 4 - 1, 1);
	write_changed(argv[1], "key", &b, b.len - e.len - e.key_len - 1, 0xff);
	buf_free(&b);
	return 0;
}

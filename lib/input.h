/*
 * input: the bytes of a delimited text, as UTF-8, a block at a time.
 *
 * Compressed files are read through `gzip -dc` or `zstd -dc`, which are ended as soon as no more is wanted.  UTF-16 is known
 * by its byte order mark and recoded, other encodings where they are named (iconv(3)).  A UTF-8 byte order mark is dropped.
 * What is not valid in a named encoding becomes U+FFFD and is counted; UTF-8 is passed on as it stands, valid or not.
 */
#ifndef INPUT_H
#define INPUT_H

#include <iconv.h>
#include <stddef.h>
#include <stdint.h>

#include "child.h"
#include "fail.h"
#include "watch.h"

enum {
	INPUT_FIRST = 16 * 1024, /* bytes read at a time at first: mostly enough for a preview, and few pages to touch */
	INPUT_BLOCK = 64 * 1024, /* bytes read at a time after that */
	INPUT_SLACK = 64,        /* bytes behind the last that can be read, whatever they are */
};

struct input {
	/* bytes[start..end) are read and not yet used; the reader moves `start`. */
	char *bytes;
	size_t start, end, size;
	int ended;         /* there is nothing behind bytes[end) */
	uint64_t read;     /* bytes read so far, decompressed, not yet recoded; after input_seek() those before `end` */
	uint64_t replaced; /* U+FFFDs put in */
	int damaged;       /* the filter gave up: what it gave may end anywhere, and input_close() says why */
	/* private */
	struct watch *watch;
	int fd;
	uint64_t from;       /* where it was moved to last */
	uint64_t total;      /* the file's size, for progress; 0: not known */
	const char *program; /* the filter, or NULL */
	struct child child;
	int filtered; /* the filter has ended */
	struct fail damage;
	int recoding;
	iconv_t recoder;
	size_t unit; /* bytes of its unit */
	char *raw;   /* bytes not yet recoded */
	size_t nraw;
};

/* Begins to read `fd`, which becomes the input's own.  `program`: "gzip", "zstd" or NULL.  `encoding`: a name iconv knows, or
 * NULL for UTF-8.  `total`: the file's size in bytes, 0 where it is not known. */
int input_open(
    struct input *in, int fd, const char *program, const char *encoding, uint64_t total, struct watch *w, struct fail *f);

/* Adds at least one byte at `end` and returns 1, or 0 at the end of the text.  `start` and `end` may move, what lies between
 * them stays together.  The buffer grows as long as nothing is used up. */
int input_fill(struct input *in, struct fail *f);

/* True where its bytes are those of a plain file that was read from its start: then bytes[start] is the file's at
 * input_offset(), and who reads the rest himself says so with input_passed(). */
int input_is_plain(const struct input *in);
uint64_t input_offset(const struct input *in);
void input_passed(struct input *in);

/* Goes on at another place of such a file, an offset not behind its end; what is in memory already is not read again.  -1 where
 * it cannot be moved to. */
int input_seek(struct input *in, uint64_t offset, struct fail *f);

/* Ends it.  Where everything was read, a filter that complained is a failure: -1. */
int input_close(struct input *in, struct fail *f);

/* That failure, as soon as the end was read: -1; else 0. */
int input_sound(const struct input *in, struct fail *f);

/* -1 and a sentence where iconv does not know the encoding. */
int input_encoding(const char *encoding, struct fail *f);

#endif

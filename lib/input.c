#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "file.h"
#include "magic.h"
#include "mem.h"
#include "utf8.h"

static const char REPLACEMENT[] = "\xef\xbf\xbd"; /* U+FFFD */

/* Byte order marks (Unicode 15, 23.8).  The longer ones first: UTF-32LE's begins with UTF-16LE's. */
static const struct mark {
	const char *bytes;
	size_t len;
	const char *encoding;
} marks[] = {
    {"\xef\xbb\xbf", 3, "UTF-8"},
    {"\xff\xfe\0\0", 4, "UTF-32LE"},
    {"\0\0\xfe\xff", 4, "UTF-32BE"},
    {"\xff\xfe", 2, "UTF-16LE"},
    {"\xfe\xff", 2, "UTF-16BE"},
};

static int
is_utf8(const char *encoding)
{
	return strcasecmp(encoding, "utf-8") == 0 || strcasecmp(encoding, "utf8") == 0;
}

/* U+1F600 in GB18030, which musl takes for another character, as all beyond the BMP (1.2.3). */
static int
is_misread(iconv_t cd)
{
	char bytes[] = "\x94\x39\xfc\x36", codes[16], *from = bytes, *to = codes;
	size_t n = 4, left = sizeof codes;

	iconv(cd, &from, &n, &to, &left);
	iconv(cd, NULL, NULL, NULL, NULL);
	return left == sizeof codes - 4 && memcmp(codes, "\x4c\x36\x04", 4) == 0;
}

/* To code points, not to UTF-8: there musl writes in front of the room it is given where bytes of EUC-KR or Shift_JIS that are
 * none lead it to a surrogate (CVE-2025-26519). */
static int
open_recoder(iconv_t *cd, const char *encoding, struct fail *f)
{
	*cd = iconv_open("UTF-32LE", encoding);
	if (*cd == (iconv_t)-1)
		return fail_set(f, "unknown encoding '%s'", encoding);
	if (!is_misread(*cd))
		return 0;
	iconv_close(*cd);
	return fail_set(f, "the encoding '%s' is not read rightly here: put iconv -f %s -t utf-8 in front", encoding, encoding);
}

int
input_encoding(const char *encoding, struct fail *f)
{
	iconv_t cd;

	if (open_recoder(&cd, encoding, f) < 0)
		return -1;
	iconv_close(cd);
	return 0;
}

/* The last input's buffer, kept for the next one. */
static char *spare;

/* Room for a block at `end`: what is used up is dropped first. */
static void
make_room(struct input *in, size_t want)
{
	if (in->start == in->end)
		in->start = in->end = 0;
	if (in->size - in->end >= want)
		return;
	if (in->start > 0) {
		memmove(in->bytes, in->bytes + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	if (in->size == 0 && spare != NULL) {
		in->bytes = spare;
		in->size = INPUT_BLOCK;
		spare = NULL;
	}
	while (in->size - in->end < want)
		in->size = in->size ? 2 * in->size : INPUT_BLOCK;
	in->bytes = mem_resize(in->bytes, in->size + INPUT_SLACK);
}

/* A file, read from its start: standard input may not have been there. */
static int
is_file(const struct input *in)
{
	return in->total > 0 && in->program == NULL && in->fd > STDERR_FILENO;
}

static void
end_filter(struct input *in)
{
	in->damaged = child_end(&in->child, in->program, 1, &in->damage) < 0;
	in->filtered = 1;
}

/* read(2) from the file or the filter: the bytes, 0 at the end, -1. */
static ssize_t
read_some(struct input *in, char *to, size_t size, struct fail *f)
{
	ssize_t n = file_read(in->program ? in->child.out : in->fd, to, size, in->watch, in->read, in->total, f);

	if (n > 0)
		in->read += (uint64_t)n;
	else if (n == 0 && in->program != NULL)
		end_filter(in);
	/* What has been read may end anywhere then.  (Under /sys there is less than a file's size, which stays.) */
	if (n == 0 && in->read < in->total && is_file(in) && file_is_shorter(in->fd, in->total))
		return fail_set(f, "was cut short while it was read");
	return n;
}

/* Where a byte sequence is not valid, so much of it is passed over: one unit of the encoding. */
static size_t
unit_of(const char *encoding)
{
	if (strncasecmp(encoding, "UTF-16", 6) == 0 || strncasecmp(encoding, "UCS-2", 5) == 0)
		return 2;
	return strncasecmp(encoding, "UTF-32", 6) == 0 || strncasecmp(encoding, "UCS-4", 5) == 0 ? 4 : 1;
}

static void
put_replacement(struct input *in)
{
	make_room(in, 3);
	memcpy(in->bytes + in->end, REPLACEMENT, 3);
	in->end += 3;
	in->replaced++;
}

/* Little-endian ones, of four bytes each. */
static void
put_codes(struct input *in, const unsigned char *codes, size_t len)
{
	for (size_t i = 0; i + 4 <= len; i += 4) {
		uint32_t code = codes[i] | (uint32_t)codes[i + 1] << 8 | (uint32_t)codes[i + 2] << 16 |
				(uint32_t)codes[i + 3] << 24;
		size_t n = utf8_encode(in->bytes + in->end, code);

		in->end += n;
		if (n == 0)
			put_replacement(in);
	}
}

/* One call of iconv(3); *from NULL: whatever it still holds back. */
static size_t
convert(struct input *in, char **from)
{
	unsigned char codes[INPUT_BLOCK / 4];
	char *to = (char *)codes;
	size_t left = sizeof codes, r;
	int error;

	/* No character is longer in UTF-8. */
	make_room(in, sizeof codes);
	r = iconv(in->recoder, *from != NULL ? from : NULL, *from != NULL ? &in->nraw : NULL, &to, &left);
	error = errno;
	put_codes(in, codes, sizeof codes - left);
	errno = error;
	return r;
}

/* Recodes what is in `raw`; what is left of it waits for more.  `last`: there is no more. */
static void
recode(struct input *in, int last)
{
	char *from = in->raw, *none = NULL;

	while (in->nraw > 0 && convert(in, &from) == (size_t)-1) {
		size_t skip = in->unit < in->nraw ? in->unit : in->nraw;

		if (errno == EINVAL && !last)
			break;
		if (errno == E2BIG)
			continue;
		put_replacement(in);
		from += skip;
		in->nraw -= skip;
	}
	if (last)
		convert(in, &none);
	memmove(in->raw, from, in->nraw); /* NOLINT(clang-analyzer-core.NonNullParamChecker): from is never NULL */
}

static int
recode_from(struct input *in, const char *encoding, struct fail *f)
{
	if (is_utf8(encoding))
		return 0;
	/* Without a mark the order of bytes is anybody's guess; little-endian is the commoner. */
	if (strcasecmp(encoding, "utf-16") == 0)
		encoding = "UTF-16LE";
	else if (strcasecmp(encoding, "utf-32") == 0)
		encoding = "UTF-32LE";
	if (open_recoder(&in->recoder, encoding, f) < 0)
		return -1;
	in->recoding = 1;
	in->unit = unit_of(encoding);
	/* What has been read so far becomes the first to recode. */
	in->nraw = in->end - in->start;
	in->raw = mem_resize(NULL, in->nraw > INPUT_BLOCK ? in->nraw : INPUT_BLOCK);
	memcpy(in->raw, in->bytes + in->start, in->nraw);
	in->start = in->end = 0;
	recode(in, in->ended);
	return 0;
}

/* Bytes to read next into `room`. */
static size_t
block(const struct input *in, size_t room)
{
	size_t most = in->read - in->from < INPUT_BLOCK ? INPUT_FIRST : INPUT_BLOCK;

	return room < most ? room : most;
}

static int
fill_recoded(struct input *in, struct fail *f)
{
	size_t before = in->end - in->start;

	while (in->end - in->start == before) {
		ssize_t n = read_some(in, in->raw + in->nraw, INPUT_BLOCK - in->nraw, f);

		if (n < 0)
			return -1;
		in->nraw += (size_t)n;
		recode(in, n == 0);
		if (n == 0) {
			in->ended = 1;
			return in->end - in->start > before;
		}
	}
	return 1;
}

int
input_fill(struct input *in, struct fail *f)
{
	ssize_t n;

	if (in->ended)
		return 0;
	if (in->recoding)
		return fill_recoded(in, f);
	make_room(in, INPUT_FIRST);
	n = read_some(in, in->bytes + in->end, block(in, in->size - in->end), f);
	if (n < 0)
		return -1;
	in->end += (size_t)n;
	/* What a plain file grows meanwhile is for the next time. */
	in->ended = n == 0 || in->read == in->total;
	return n > 0;
}

/* The first bytes decide: byte order marks are dropped and, for UTF-16, obeyed. */
static int
begin(struct input *in, const char *encoding, struct fail *f)
{
	const char *mark, *what;
	size_t len;
	int more = 1;

	while (in->end < MAGIC_BYTES && (more = input_fill(in, f)) > 0)
		continue;
	if (more < 0)
		return -1;
	mark = in->bytes;
	len = in->end;
	/* A file's magic has been seen to; what comes out of a pipe or a filter has not. */
	if (magic_of(mark, len, &what) != MAGIC_TEXT)
		return fail_set(f, "is %s, not delimited text%s", what,
		    magic_of(mark, len, &what) == MAGIC_GZIP ? ": put gzip -dc in front" : "");
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (len >= marks[i].len && memcmp(mark, marks[i].bytes, marks[i].len) == 0) {
			in->start = marks[i].len;
			return recode_from(in, marks[i].encoding, f);
		}
	}
	return encoding != NULL ? recode_from(in, encoding, f) : 0;
}

int
input_open(struct input *in, int fd, const char *program, const char *encoding, uint64_t total, struct watch *w, struct fail *f)
{
	*in = (struct input){.fd = fd, .watch = w, .total = total};
	if (program != NULL) {
		const char *const argv[] = {program, "-dc", NULL};

		if (child_filter(&in->child, argv, fd, f) < 0)
			return -1;
		in->program = program;
		in->total = 0;
	}
	return begin(in, encoding, f);
}

int
input_is_plain(const struct input *in)
{
	return is_file(in) && !in->recoding;
}

uint64_t
input_offset(const struct input *in)
{
	return in->read - (in->end - in->start);
}

void
input_passed(struct input *in)
{
	in->start = in->end;
	in->read = in->total;
	in->ended = 1;
}

int
input_seek(struct input *in, uint64_t offset, struct fail *f)
{
	uint64_t at = input_offset(in);

	if (offset >= at && offset <= in->read) {
		in->start += (size_t)(offset - at);
		return 0;
	}
	if (lseek(in->fd, (off_t)offset, SEEK_SET) < 0)
		return fail_errno(f, errno, "cannot read");
	in->start = in->end = 0;
	in->from = in->read = offset;
	in->ended = 0;
	return 0;
}

int
input_sound(const struct input *in, struct fail *f)
{
	if (!in->damaged)
		return 0;
	*f = in->damage;
	return -1;
}

int
input_close(struct input *in, struct fail *f)
{
	int r = input_sound(in, f);

	if (in->program != NULL && !in->filtered)
		r = child_end(&in->child, in->program, 0, f);
	if (in->recoding)
		iconv_close(in->recoder);
	if (in->fd > STDERR_FILENO)
		close(in->fd);
	if (spare == NULL && in->size == INPUT_BLOCK)
		spare = in->bytes;
	else
		free(in->bytes);
	free(in->raw);
	*in = (struct input){.fd = -1};
	return r;
}

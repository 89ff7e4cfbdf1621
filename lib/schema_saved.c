#include "schema_saved.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "json.h"
#include "number.h"
#include "ref.h"
#include "tsv.h"

enum { REF, KIND, NAME, POSITION, DEFINITION, FIELDS };
enum { BLOCK = 1 << 16, LOOK = 1 << 20 }; /* bytes: of a reading; that the first line may have */

static const char *const names[FIELDS] = {"ref", "kind", "name", "position", "definition"};

/* JSON. */

/* RFC 4648, as text_base64() writes it. */
static int
decode(struct buf *b, const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0;
	int held = 0;

	while (len > 0 && text[len - 1] == '=')
		len--;
	for (size_t i = 0; i < len; i++) {
		const char *at = text[i] != '\0' ? strchr(digits, text[i]) : NULL;

		if (at == NULL)
			return -1;
		bits = (bits << 6 | (unsigned)(at - digits)) & 0xffffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			buf_byte(b, (char)(bits >> held & 0xff));
		}
	}
	return 0;
}

/* {"b64":"..."}: bytes that are not UTF-8. */
static int
json_bytes(struct json *t, struct buf *b)
{
	struct buf text = {0};
	int r = -1;

	if (json_string(t, &text) == 0 && text.len == 3 && memcmp(text.bytes, "b64", 3) == 0 && json_take(t, ':')) {
		text.len = 0;
		if (json_string(t, &text) == 0 && json_take(t, '}'))
			r = decode(b, text.bytes, text.len);
	}
	buf_free(&text);
	return r;
}

/* null, or a number or another word, as it stands. */
static int
json_word(struct json *t, struct buf *b)
{
	const char *start = t->p;

	while (t->p < t->end && strchr(",}\n \t\r", *t->p) == NULL)
		t->p++;
	if (t->p - start == 4 && memcmp(start, "null", 4) == 0)
		return 0;
	buf_add(b, start, (size_t)(t->p - start));
	return json_bare(start, (size_t)(t->p - start)) ? 1 : -1;
}

/* A value as text: 1; 0 for null; -1 for none. */
static int
json_text(struct json *t, struct buf *b)
{
	b->len = 0;
	if (json_take(t, '{'))
		return json_bytes(t, b) < 0 ? -1 : 1;
	if (t->p < t->end && *t->p == '"')
		return json_string(t, b) < 0 ? -1 : 1;
	return json_word(t, b);
}

static int
take_member(struct mem *m, struct json *t, const char **fields, unsigned *found)
{
	struct buf key = {0}, text = {0};
	int r = json_string(t, &key) < 0 || !json_take(t, ':') ? -1 : json_text(t, &text);

	for (int i = 0; i < FIELDS && r >= 0; i++) {
		if (strcmp(buf_string(&key), names[i]) != 0)
			continue;
		*found |= 1U << i;
		fields[i] = r > 0 ? mem_copy(m, text.bytes, text.len) : NULL;
		if (r > 0 && strlen(fields[i]) < text.len)
			r = -1;
	}
	buf_free(&key);
	buf_free(&text);
	return r < 0 ? -1 : 0;
}

static int
json_fields(struct mem *m, const char *line, size_t len, const char **fields)
{
	struct json t = {line, line + len};
	unsigned found = 0;

	if (!json_take(&t, '{'))
		return -1;
	do {
		if (take_member(m, &t, fields, &found) < 0)
			return -1;
	} while (json_take(&t, ','));
	return json_take(&t, '}') && found == (1U << FIELDS) - 1 ? 0 : -1;
}

/* Either. */

static int
is_kind(const char *text)
{
	return text != NULL && *text != '\0' && strspn(text, "abcdefghijklmnopqrstuvwxyz ") == strlen(text);
}

/* 1 for an item, 0 for the header, -1 for neither. */
static int
take_fields(struct mem *m, const char *line, size_t len, const char **fields, uint64_t *position)
{
	struct fail f;

	if (len > 0 && *line == '{' ? json_fields(m, line, len, fields) < 0
				    : tsv_fields(m, line, len, fields, FIELDS) != FIELDS)
		return -1;
	*position = 0;
	if (fields[REF] == NULL || !is_kind(fields[KIND]))
		return -1;
	if (fields[POSITION] != NULL && strcmp(fields[POSITION], names[POSITION]) == 0 && strcmp(fields[REF], names[REF]) == 0)
		return 0;
	return fields[POSITION] == NULL || number_integer(fields[POSITION], 0, UINT64_MAX, position, &f) == 0 ? 1 : -1;
}

/* What of a reference names the table; of a delimited text its file. */
static const char *
table_of(struct mem *m, const char *text, struct fail *f)
{
	struct ref ref;

	if (ref_parse(m, text, 0, &ref, f) < 0)
		return NULL;
	if (ref.table == NULL)
		return file_name(ref.database);
	return ref.scheme != NULL ? ref.qualified : ref.table;
}

/* A table's items mostly follow one another. */
struct table_name {
	const char *ref, *table;
};

static int
add(struct schema *s, struct mem *m, struct table_name *last, const char *const *fields, uint64_t position, struct fail *f)
{
	struct schema_item item = {.kind = fields[KIND], .name = fields[NAME], .definition = fields[DEFINITION]};

	if (last->ref == NULL || strcmp(last->ref, fields[REF]) != 0) {
		last->table = table_of(m, fields[REF], f);
		if (last->table == NULL)
			return -1;
		last->ref = fields[REF];
	}
	item.table = last->table;
	item.ref = last->ref;
	item.position = position;
	schema_add(s, m, &item);
	return 0;
}

int
schema_saved_parse(struct schema *s, struct mem *m, const char *text, size_t len, struct fail *f)
{
	const char *p = text, *line, *fields[FIELDS];
	struct table_name last = {NULL, NULL};
	uint64_t position, number = 0;
	size_t n;

	while (tsv_line(&p, text + len, &line, &n)) {
		int r = take_fields(m, line, n, fields, &position);

		if (r < 0 && number == 0)
			return 0;
		number++;
		if (r < 0)
			return fail_set(f, "line %" PRIu64 " is none that dbm-schema prints", number);
		if (r > 0 && add(s, m, &last, fields, position, f) < 0)
			return -1;
	}
	schema_sort(s, m);
	return 1;
}

static int
read_all(struct buf *b, int fd, struct watch *w, struct fail *f)
{
	ssize_t n;

	while ((n = file_read(fd, buf_room(b, BLOCK), BLOCK, w, b->len, 0, f)) > 0)
		b->len += (size_t)n;
	return n < 0 ? -1 : 0;
}

/* By its first line, so that no large file is read for nothing. */
static int
looks_saved(int fd, struct fail *f)
{
	const char *fields[FIELDS], *p, *line;
	struct buf head = {0};
	struct mem m = {0};
	uint64_t position;
	size_t len;
	ssize_t n = file_peek(fd, buf_room(&head, LOOK), LOOK, f);
	int r = n < 0 ? -1 : 1;

	p = head.bytes;
	if (n > 0 && tsv_line(&p, head.bytes + n, &line, &len))
		r = take_fields(&m, line, len, fields, &position) >= 0;
	buf_free(&head);
	mem_free(&m);
	return r;
}

int
schema_saved_read(struct schema *s, struct mem *m, const char *path, struct watch *w, struct fail *f)
{
	int standard_input = strcmp(path, "-") == 0, pipe = standard_input, fd = STDIN_FILENO, found;
	struct buf text = {0};
	struct stat st;

	if (!standard_input) {
		if (stat(path, &st) < 0)
			return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG
				   ? 0
				   : fail_errno(f, errno, "cannot look at");
		pipe = S_ISFIFO(st.st_mode);
		if (!S_ISREG(st.st_mode) && !pipe)
			return 0;
		fd = file_open(path, &st, w, f);
		if (fd < 0)
			return -1;
	}
	/* What is read from a pipe cannot be read again. */
	found = pipe ? 1 : looks_saved(fd, f);
	if (found > 0)
		found = read_all(&text, fd, w, f) < 0 ? -1 : 1;
	if (found > 0)
		found = schema_saved_parse(s, m, text.bytes, text.len, f);
	if (found == 0 && pipe)
		found = fail_set(f, "is nothing that dbm-schema prints");
	if (!standard_input)
		close(fd);
	buf_free(&text);
	return found;
}

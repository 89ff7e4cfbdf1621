#include "ref.h"

#include <stdint.h>
#include <string.h>

#include "number.h"
#include "secret.h"
#include "utf8.h"
#include "width.h"

/* Decodes all but the bytes in `but`. */
static void
decode(struct buf *b, const char *text, size_t len, const char *but)
{
	for (size_t i = 0; i < len; i++) {
		int high = text[i] == '%' && len - i > 2 ? number_hex(text[i + 1]) : -1;
		int low = high >= 0 ? number_hex(text[i + 2]) : -1;

		if (low >= 0 && high + low > 0 && strchr(but, high << 4 | low) == NULL) {
			buf_byte(b, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_byte(b, text[i]);
		}
	}
}

static const char *
decoded(struct mem *m, const char *text, size_t len, const char *but)
{
	struct buf b = {0};

	decode(&b, text, len, but);
	return buf_kept(m, &b);
}

const char *
ref_decoded(struct mem *m, const char *text, size_t len)
{
	return decoded(m, text, len, "");
}

const char *
ref_decoded_qualified(struct mem *m, const char *text, size_t len)
{
	return decoded(m, text, len, ".%");
}

/* The length of a leading SCHEME (without its colon), or 0.  [a-z][a-z0-9+-]* */
static size_t
scheme_length(const char *text)
{
	size_t n = 0;

	if (*text < 'a' || *text > 'z')
		return 0;
	while ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= '0' && text[n] <= '9') || text[n] == '+' || text[n] == '-')
		n++;
	return text[n] == ':' ? n : 0;
}

int
ref_parse(struct mem *m, const char *text, int raw, struct ref *ref, struct fail *f)
{
	const char *hash = strrchr(text, '#');
	size_t n = scheme_length(text);

	if (*text == '\0')
		return fail_set(f, "is an empty reference");
	if (n > 0 && secret_check(text, f) < 0)
		return -1;
	*ref = (struct ref){
	    .text = mem_string(m, text),
	    .database = decoded(m, text, hash ? (size_t)(hash - text) : strlen(text), ""),
	    .table = hash ? ref_decoded(m, hash + 1, strlen(hash + 1)) : NULL,
	    .qualified = hash ? ref_decoded_qualified(m, hash + 1, strlen(hash + 1)) : NULL,
	    .scheme = n > 0 ? mem_copy(m, text, n) : NULL,
	    .standard_input = strcmp(text, "csv:-") == 0,
	    .registered = text[0] == '@',
	    .raw = raw,
	};
	return 0;
}

void
ref_redact(struct buf *b, const char *text)
{
	const char *end = secret_suspect(text);

	buf_add(b, text, (size_t)(end - text));
	if (*end != '\0')
		buf_puts(b, "…");
}

static void
encode(struct buf *b, const char *p, size_t len, const char *also)
{
	uint32_t code;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(p + i, len - i, &code);
		if (n > 0 && width_of(code) >= 0 && (n > 1 || strchr(also, p[i]) == NULL)) {
			buf_add(b, p + i, n);
			continue;
		}
		if (n == 0)
			n = 1;
		for (size_t k = 0; k < n; k++)
			buf_printf(b, "%%%02X", (unsigned char)p[i + k]);
	}
}

void
ref_path(struct buf *b, const char *path)
{
	if (strcmp(path, "ref") == 0 || (path[0] != '\0' && strchr("-@{", path[0]) != NULL) || scheme_length(path) > 0)
		buf_puts(b, "./");
	encode(b, path, strlen(path), "%#\\");
}

void
ref_name(struct buf *b, const char *name, size_t len)
{
	encode(b, name, len, "%#\\., ");
}

void
ref_qualified(struct buf *b, const char *name, size_t len)
{
	encode(b, name, len, "#\\, ");
}

void
ref_part(struct buf *b, const char *part, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (part[i] == '.' || part[i] == '%')
			buf_puts(b, part[i] == '.' ? "%2E" : "%25");
		else
			buf_byte(b, part[i]);
	}
}

void
ref_server(struct buf *b, const char *text)
{
	const char *p = text, *from = text, *end;

	for (; secret_next(text, &p, &end); from = p = end)
		encode(b, from, (size_t)(p - from), "\\");
	encode(b, from, strlen(from), "\\");
}

int
ref_has_password(const char *text)
{
	const char *p = text, *end;
	struct fail f;

	return scheme_length(text) > 0 && secret_check(text, &f) == 0 && secret_next(text, &p, &end);
}

const char *const *
ref_names(struct mem *m, const char *list, size_t *n)
{
	const char **names = mem_array(m, strlen(list) + 1, sizeof *names);

	for (*n = 0;; list++) {
		size_t len = strcspn(list, ",");

		names[(*n)++] = decoded(m, list, len, "");
		list += len;
		if (*list == '\0')
			return names;
	}
}

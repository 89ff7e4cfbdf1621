#include "ref.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "utf8.h"
#include "width.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes all but the bytes in `but`. */
static void
decode(struct buf *b, const char *text, size_t len, const char *but)
{
	for (size_t i = 0; i < len; i++) {
		int high = text[i] == '%' && len - i > 2 ? hex(text[i + 1]) : -1;
		int low = high >= 0 ? hex(text[i + 2]) : -1;

		if (low >= 0 && high + low > 0 && strchr(but, high << 4 | low) == NULL) {
			buf_byte(b, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_byte(b, text[i]);
		}
	}
}

void
ref_decode(struct buf *b, const char *text, size_t len)
{
	decode(b, text, len, "");
}

static const char *
decoded(struct mem *m, const char *text, size_t len, const char *but)
{
	struct buf b = {0};
	const char *s;

	decode(&b, text, len, but);
	s = mem_copy(m, b.bytes, b.len);
	buf_free(&b);
	return s;
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
	*ref = (struct ref){
	    .text = mem_string(m, text),
	    .database = decoded(m, text, hash ? (size_t)(hash - text) : strlen(text), ""),
	    .table = hash ? decoded(m, hash + 1, strlen(hash + 1), "") : NULL,
	    .qualified = hash ? decoded(m, hash + 1, strlen(hash + 1), ".%") : NULL,
	    .scheme = n > 0 ? mem_copy(m, text, n) : NULL,
	    .standard_input = strcmp(text, "csv:-") == 0,
	    .registered = text[0] == '@',
	    .raw = raw,
	};
	return 0;
}

/* One character of text, as it stands or as %HH; *p moves behind it. */
static char
next_decoded(const char **p)
{
	int high = **p == '%' ? hex((*p)[1]) : -1, low = high >= 0 ? hex((*p)[2]) : -1;
	char c = low >= 0 ? (char)(high << 4 | low) : **p;

	*p += low >= 0 ? 3 : 1;
	return c;
}

/* What stands behind `word` if the text begins with it, in any case and however its characters are written; else NULL. */
static const char *
behind(const char *text, const char *word)
{
	for (; *word != '\0'; word++) {
		if (*text == '\0' || tolower((unsigned char)next_decoded(&text)) != *word)
			return NULL;
	}
	return text;
}

/* True where an equals sign is the next but for blanks, as libpq knows them. */
static int
assigns(const char *text)
{
	while (*text != '\0') {
		char c = next_decoded(&text);

		if (c == '=')
			return 1;
		if (c == '\0' || strchr(" \t\n\v\f\r", c) == NULL)
			return 0;
	}
	return 0;
}

void
ref_redact(struct buf *b, const char *text)
{
	const char *end = text, *after;

	for (; *end != '\0'; end++) {
		if ((after = behind(end, "://")) != NULL) {
			end = after;
			break;
		}
		if ((after = behind(end, "password")) != NULL && assigns(after))
			break;
	}
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

/* The password in `SCHEME://user:password@host…`, with the colon before it; of length 0 where there is none. */
static size_t
find_password(const char *text, const char **at)
{
	const char *user = strstr(text, "://"), *end, *host = NULL, *colon;

	if (user == NULL)
		return 0;
	user += 3;
	end = user + strcspn(user, "/?");
	for (const char *p = user; p < end; p++)
		host = *p == '@' ? p : host;
	colon = host != NULL ? memchr(user, ':', (size_t)(host - user)) : NULL;
	if (colon == NULL)
		return 0;
	*at = colon;
	return (size_t)(host - colon);
}

/* Behind the value that is assigned at `text`: of a URI's parameter; else of a pair as libpq writes them, which may be quoted.
 */
static const char *
behind_value(const char *text, int uri)
{
	static const char blanks[] = " \t\n\v\f\r";

	while (next_decoded(&text) != '=')
		;
	if (uri)
		return text + strcspn(text, "&");
	text += strspn(text, blanks);
	if (*text != '\'')
		return text + strcspn(text, blanks);
	for (text++; *text != '\0' && *text != '\''; text++)
		text += *text == '\\' && text[1] != '\0';
	return text + (*text != '\0');
}

/* The next parameter that is a password, from *p on, if there is one: *p comes to stand on it, *end behind it. */
static int
next_password(const char **p, const char **end, int uri)
{
	for (; **p != '\0'; (*p)++) {
		const char *after = behind(*p, "password");

		if (after != NULL && assigns(after)) {
			*end = behind_value(after, uri);
			return 1;
		}
	}
	return 0;
}

void
ref_server(struct buf *b, const char *text)
{
	const char *p = text, *end;
	int uri = strstr(text, "://") != NULL;
	size_t len = find_password(text, &p);

	encode(b, text, (size_t)(p - text), "\\");
	for (text = p = p + len; next_password(&p, &end, uri); text = p = end)
		encode(b, text, (size_t)(p - text), "\\");
	encode(b, text, (size_t)(p - text), "\\");
}

int
ref_has_password(const char *text)
{
	const char *end;

	return scheme_length(text) > 0 && (find_password(text, &end) > 0 || next_password(&text, &end, 0));
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

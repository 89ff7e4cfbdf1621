/* ref: any text is a reference; what is printed is harmless and comes back byte for byte; a sentence shows no password. */

#include <strings.h>

#include "fuzz.h"
#include "ref.h"
#include "secret.h"
#include "utf8.h"
#include "width.h"

/* Nothing printed acts on a terminal, on a shell's `read` or on the grammar: `%` only as %HH. */
static void
harmless(const char *text, size_t len, const char *never)
{
	uint32_t code;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(text + i, len - i, &code);
		MUST(n > 0 && width_of(code) >= 0);
		MUST(n > 1 || strchr(never, text[i]) == NULL);
		if (text[i] == '%')
			MUST(len - i > 2 && strspn(text + i + 1, "0123456789ABCDEF") >= 2);
	}
}

static void
check_parse(const char *text)
{
	const char *hash = strrchr(text, '#');
	struct mem m = {0};
	struct ref r;
	struct fail f;

	if (ref_parse(&m, text, 1, &r, &f) < 0) {
		MUST(*text == '\0' || secret_check(text, &f) < 0);
		return;
	}
	MUST(*text != '\0' && r.raw && strcmp(r.text, text) == 0);
	MUST((r.table != NULL) == (hash != NULL));
	MUST(strlen(r.database) <= (hash ? (size_t)(hash - text) : strlen(text)));
	if (hash != NULL)
		MUST(strlen(r.table) <= strlen(hash + 1));
	if (r.scheme != NULL)
		MUST(strncmp(text, r.scheme, strlen(r.scheme)) == 0 && text[strlen(r.scheme)] == ':');
	MUST(!r.registered || *text == '@');
	mem_free(&m);
}

/* A name, any bytes, as it should come back: all but NUL, for which %00 stands. */
static void
add_name(struct buf *b, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '\0')
			buf_puts(b, "%00");
		else
			buf_byte(b, name[i]);
	}
}

static void
check_printed(const char *path, const char *name, size_t len)
{
	struct buf printed = {0}, want = {0};
	struct mem m = {0};
	struct ref r;
	struct fail f;
	size_t hash;

	ref_path(&printed, path);
	harmless(buf_string(&printed), printed.len, "#\\");
	hash = printed.len;
	buf_byte(&printed, '#');
	ref_name(&printed, name, len);
	harmless(buf_string(&printed) + hash + 1, printed.len - hash - 1, "#\\., ");
	MUST(ref_parse(&m, buf_string(&printed), 0, &r, &f) == 0);
	MUST(r.scheme == NULL && !r.registered && !r.standard_input);
	MUST(strcmp(r.database, path) == 0 || (strncmp(r.database, "./", 2) == 0 && strcmp(r.database + 2, path) == 0));
	add_name(&want, name, len);
	MUST(strcmp(r.table, buf_string(&want)) == 0);
	/* The path alone, where there is one. */
	printed.len = hash;
	if (hash > 0) {
		MUST(ref_parse(&m, buf_string(&printed), 0, &r, &f) == 0 && r.table == NULL);
		MUST(strchr("-@{", printed.bytes[0]) == NULL && strcmp(printed.bytes, "ref") != 0);
	}
	mem_free(&m);
	buf_free(&want);
	buf_free(&printed);
}

/* True where `text` gives away a password: something behind `://`, or behind `password` and `=`. */
static int
gives_away(const char *text)
{
	static const char password[] = "password", ellipsis[] = "…";
	const char *server = strstr(text, "://");

	if (server != NULL && server[3] != '\0' && strcmp(server + 3, ellipsis) != 0)
		return 1;
	for (const char *p = text; *p != '\0'; p++) {
		if (strncasecmp(p, password, sizeof password - 1) != 0)
			continue;
		p += sizeof password - 1;
		p += strspn(p, " \t\n\v\f\r");
		if (*p == '=' && p[1] != '\0' && strcmp(p + 1, ellipsis) != 0)
			return 1;
		p--;
	}
	return 0;
}

static void
check_redacted(const char *text)
{
	struct buf b = {0}, decoded = {0};

	ref_redact(&b, text);
	MUST(!gives_away(buf_string(&b)));
	/* Nor does what it means. */
	ref_decode(&decoded, b.bytes, b.len);
	MUST(!gives_away(buf_string(&decoded)));
	if (strcmp(buf_string(&b), text) != 0)
		MUST(b.len >= 3 && strcmp(b.bytes + b.len - 3, "…") == 0 && strncmp(b.bytes, text, b.len - 3) == 0);
	buf_free(&decoded);
	buf_free(&b);
}

/* What is printed of a server has no password left.  (Parameters in place of a host may come to stand as one, once others
 * between them are left out: nobody writes that.) */
static void
check_server(const char *text)
{
	struct buf b = {0};

	ref_server(&b, text);
	if (strchr(text, '=') == NULL && strchr(text, '%') == NULL)
		MUST(!ref_has_password(buf_string(&b)));
	buf_free(&b);
}

/* The input: a length, a name of so many bytes, a text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	size_t len = fuzz_byte(&z);
	char *text;

	if (len > z.len)
		len = z.len;
	text = fuzz_string(z.bytes + len, z.len - len);
	check_parse(text);
	check_printed(text, z.bytes, len);
	check_server(text);
	check_redacted(text);
	free(text);
	return 0;
}

#include "pg_conninfo.h"

#include <ctype.h>
#include <string.h>

#include "buf.h"
#include "ref.h"
#include "secret.h"

/* A text as it is given to libpq, in the arena: what `scheme:` stands before. */
static const char *
connection_string(struct mem *m, const char *reference)
{
	const char *rest = strchr(reference, ':') + 1;
	struct buf b = {0};

	if (strncmp(rest, "//", 2) != 0)
		return ref_decoded(m, rest, strlen(rest));
	buf_printf(&b, "postgresql:%s", rest);
	return buf_kept(m, &b);
}

static int
is_uri(const char *text)
{
	return strncmp(text, "postgresql://", 13) == 0;
}

static int
has_bad_percent(const char *text)
{
	for (; (text = strchr(text, '%')) != NULL; text++) {
		if (!isxdigit((unsigned char)text[1]) || !isxdigit((unsigned char)text[2]))
			return 1;
	}
	return 0;
}

/* Why libpq did not take it, as far as that can be said without quoting it.  Always -1. */
static int
say_wrong(const char *text, struct fail *f)
{
	if (!is_uri(text))
		return fail_set(f,
		    "is no connection string: libpq takes KEY=VALUE pairs of its own keywords with blanks between "
		    "them, and blanks in a value in quotes");
	if (has_bad_percent(text))
		return fail_set(f,
		    "is no connection URI: a percent sign must be followed by two hexadecimal digits (%%25 is the "
		    "sign itself)");
	if (strchr(text, '[') != NULL)
		return fail_set(f, "is no connection URI: an address in brackets must end with one, and so must the host");
	return fail_set(f, "is no connection URI as libpq takes them, SCHEME://USER@HOST:PORT/DATABASE?KEY=VALUE");
}

/* A password with unescaped characters may be taken for a host or a port, which libpq would name; and a connection string in
 * place of the database's name has the server name all of it. */
static int
is_misplaced(const PQconninfoOption *o)
{
	if (strcmp(o->keyword, "dbname") == 0)
		return *secret_suspect(o->val) != '\0';
	if (strcmp(o->keyword, "host") == 0)
		return strchr(o->val, '@') != NULL && o->val[0] != '@';
	return strcmp(o->keyword, "port") == 0 && o->val[strspn(o->val, "0123456789, ")] != '\0';
}

/* True where libpq is never to be asked for it: what we ourselves say has to stand. */
static int
is_ours(const char *keyword)
{
	return strcmp(keyword, "client_encoding") == 0;
}

static int
take_options(struct mem *m, const PQconninfoOption *options, struct pg_conninfo *c, struct fail *f)
{
	size_t n = 0, used = 0;

	while (options[n].keyword != NULL)
		n++;
	c->keywords = mem_array(m, n + 3, sizeof *c->keywords);
	c->values = mem_array(m, n + 3, sizeof *c->values);
	for (size_t i = 0; i < n; i++) {
		if (options[i].val == NULL || is_ours(options[i].keyword))
			continue;
		if (is_misplaced(&options[i]))
			return fail_set(f,
			    "has something else where the %s should be: an @, / or : of a password is written %%40, "
			    "%%2F or %%3A",
			    options[i].keyword);
		c->keywords[used] = mem_string(m, options[i].keyword);
		c->values[used++] = mem_string(m, options[i].val);
	}
	c->keywords[used] = "fallback_application_name";
	c->values[used++] = "dbm";
	c->keywords[used] = "client_encoding";
	c->values[used] = "UTF8";
	return 0;
}

int
pg_conninfo_parse(struct mem *m, const char *reference, struct pg_conninfo *c, struct fail *f)
{
	const char *text = connection_string(m, reference);
	PQconninfoOption *options;
	char *error = NULL;
	int r;

	options = PQconninfoParse(text, &error);
	PQfreemem(error);
	if (options == NULL)
		return say_wrong(text, f);
	r = take_options(m, options, c, f);
	PQconninfoFree(options);
	return r;
}

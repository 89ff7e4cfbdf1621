#include "secret.h"

#include <ctype.h>
#include <string.h>

#include "number.h"

static const char blanks[] = " \t\n\v\f\r"; /* as libpq knows them */

/* One character of text, as it stands or as %HH; *p moves behind it. */
static char
next_decoded(const char **p)
{
	int high = **p == '%' ? number_hex((*p)[1]) : -1, low = high >= 0 ? number_hex((*p)[2]) : -1;
	char c = low >= 0 ? (char)(high << 4 | low) : **p;

	*p += low >= 0 ? 3 : 1;
	return c;
}

static int
is_blank(char c)
{
	return c != '\0' && strchr(blanks, c) != NULL;
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

/* What stands behind an equals sign if that is the next but for blanks; else NULL. */
static const char *
behind_equals(const char *text)
{
	while (*text != '\0') {
		char c = next_decoded(&text);

		if (c == '=')
			return text;
		if (!is_blank(c))
			return NULL;
	}
	return NULL;
}

const char *
secret_suspect(const char *text)
{
	const char *after;

	for (; *text != '\0'; text++) {
		if ((after = behind(text, "://")) != NULL)
			return after;
		if ((after = behind(text, "password")) != NULL && behind_equals(after) != NULL)
			return text;
	}
	return text;
}

/* Behind a value as libpq writes them in pairs: a backslash makes the next character part of it, quotes everything. */
static const char *
behind_paired(const char *text)
{
	const char *p = text;
	int quoted = 0, first = 1;

	while (*text != '\0') {
		char c = next_decoded(&p);

		if (first && is_blank(c)) {
			text = p;
			continue;
		}
		if (!quoted && is_blank(c))
			return text;
		if (c == '\\' && *p != '\0')
			next_decoded(&p);
		text = p;
		if (c == '\'' && quoted)
			return text;
		quoted |= first && c == '\'';
		first = 0;
	}
	return text;
}

/* Behind a URI's parameter, so that what is left is still a list of them. */
static const char *
behind_parameter(const char *text)
{
	text += strcspn(text, "&");
	return text + (*text == '&');
}

/* What stands behind `://` in SCHEME://user:password@host… */
struct authority {
	const char *user, *colon, *at, *end; /* the first colon and the last `@`, or NULL, before the end */
};

/* Its end is the first of `ends`. */
static struct authority
authority_of(const char *user, const char *ends)
{
	struct authority a = {.user = user};
	int bracket = 0;

	a.end = a.user + strcspn(a.user, ends);
	for (const char *p = a.user; p < a.end; p++) {
		bracket += *p == '[' ? 1 : *p == ']' && bracket > 0 ? -1 : 0;
		a.at = *p == '@' ? p : a.at;
		a.colon = *p == ':' && bracket == 0 && a.colon == NULL ? p : a.colon;
	}
	return a;
}

int
secret_next(const char *text, const char **p, const char **end)
{
	const char *from = *p, *first = strstr(text, "://");
	struct authority a = {0};

	for (; **p != '\0'; (*p)++) {
		const char *after = behind(*p, "password"), *value = after != NULL ? behind_equals(after) : NULL;

		if (strncmp(*p, "://", 3) == 0)
			a = authority_of(*p + 3, "/?");
		if (a.at != NULL && *p == a.colon && a.colon < a.at) {
			*end = a.at;
			return 1;
		}
		if (value == NULL)
			continue;
		/* A URI may stand behind pairs, as one of their values. */
		*end = first != NULL && *p > first ? behind_parameter(value) : behind_paired(value);
		if (*p - from >= 3 && memcmp(*p - 3, "ssl", 3) == 0)
			*p -= 3;
		return 1;
	}
	return 0;
}

int
secret_check(const char *text, struct fail *f)
{
	const char *first = strstr(text, "://"), *at, *port;
	struct authority a;
	int bad;

	if (first == NULL)
		return 0;
	a = authority_of(first + 3, "/?#");
	if (a.colon == NULL || (a.at != NULL && a.at < a.colon))
		return 0;
	if (a.at != NULL) {
		bad = memchr(a.user, '@', (size_t)(a.at - a.user)) != NULL;
	} else {
		/* A colon that is in front of a port, or of a password that goes on behind the end. */
		at = strchr(a.end, '@');
		port = a.colon + 1 + strspn(a.colon + 1, "0123456789");
		bad = at != NULL && ((port < a.end && *port != ',') || strcspn(a.end, "?#") > (size_t)(at - a.end));
	}
	return bad ? fail_set(
			 f, "each @, /, ? and # of a user, a password or a database's name must be %%40, %%2F, %%3F and %%23")
		   : 0;
}

#include "pg_error.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"

enum { STATE = 5, SHORT = 400 }; /* the length of SQLSTATE; of a sentence to which more may be added */

/* SQLSTATEs, or how they begin (errcodes-appendix). */
static const char *const passing[] = {
    "08", "53300", "53400", "55P03", "57014", "57P01", "57P02", "57P03", "57P05", "40001", "40P01"};

static int
begins_with(const char *text, const char *head)
{
	return strncmp(text, head, strlen(head)) == 0;
}

static int
will_pass(const char *state)
{
	for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
		if (begins_with(state, passing[i]))
			return 1;
	}
	return 0;
}

/* What helps, where that is known, behind the server's own words. */
static const char *
remedy(const char *state)
{
	if (begins_with(state, "53300"))
		return " (a pooler between helps: dbm(7), PostgreSQL)";
	if (begins_with(state, "55P03"))
		return " (somebody else has it locked)";
	if (begins_with(state, "57014"))
		return " (--timeout)";
	if (begins_with(state, "25006"))
		return " (dbm only reads)";
	return "";
}

/* Appends text as part of a sentence: lines are joined, and there is no full stop behind it. */
static void
add_words(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (!isspace((unsigned char)*text))
			buf_byte(b, *text);
		else if (b->len > 0 && b->bytes[b->len - 1] != ' ')
			buf_byte(b, ' ');
	}
	while (b->len > 0 && strchr(" .", b->bytes[b->len - 1]) != NULL)
		b->len--;
}

static void
add_field(struct buf *b, const PGresult *result, int field)
{
	const char *text = PQresultErrorField(result, field);

	if (text == NULL || b->len + strlen(text) > SHORT)
		return;
	buf_puts(b, ": ");
	add_words(b, text);
}

static enum rows_end
say(const PGresult *result, const char *help, struct fail *f)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	struct buf b = {0};

	add_words(&b, primary != NULL ? primary : PQresultErrorMessage(result));
	add_field(&b, result, PG_DIAG_MESSAGE_DETAIL);
	add_field(&b, result, PG_DIAG_MESSAGE_HINT);
	fail_set(f, "%s%s", buf_string(&b), help);
	buf_free(&b);
	return state != NULL && will_pass(state) ? ROWS_UNAVAILABLE : ROWS_FAILED;
}

enum rows_end
pg_error_result(const PGresult *result, struct fail *f)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return say(result, state != NULL ? remedy(state) : "", f);
}

enum rows_end
pg_error_change(const PGresult *result, struct fail *f)
{
	return say(result, "", f);
}

int
pg_error_is_fatal(const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* Where SQLSTATE stands in a verbose message: `FATAL:  53300: sorry, …`, the first word in any language.  NULL where the
 * server has said nothing. */
static const char *
find_state(const char *text)
{
	for (const char *p = text; (p = strstr(p, ":  ")) != NULL; p++) {
		size_t n = strspn(p + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (n == STATE && p[3 + STATE] == ':' && p[4 + STATE] == ' ')
			return p + 3;
	}
	return NULL;
}

/* Appends a line without the severity and the SQLSTATE. */
static void
add_line(struct buf *b, const char *line, size_t len)
{
	const char *state = find_state(line), *severity;

	if (state != NULL && state < line + len) {
		for (severity = state - 3; severity > line && severity[-1] != ' ';)
			severity--;
		buf_add(b, line, (size_t)(severity - line));
		len -= (size_t)(state + STATE + 2 - line);
		line = state + STATE + 2;
	}
	buf_add(b, line, len);
}

/* Lines of a message, but for that which says where in the server's source it was, and what libpq guesses, which is set in. */
static void
add_verbose(struct buf *b, const char *text)
{
	struct buf plain = {0};

	for (size_t len; *text != '\0'; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (len == 0 || begins_with(text, "LOCATION:") || *text == '\t')
			continue;
		buf_puts(&plain, plain.len > 0 ? "; " : "");
		add_line(&plain, text, len);
	}
	add_words(b, buf_string(&plain));
	buf_free(&plain);
}

/* libpq reads no password file that others may read, and says so nowhere but on standard error. */
static void
add_password_file(struct buf *b, PGconn *connection)
{
	PQconninfoOption *options = PQconninfo(connection);
	struct stat st;

	for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
		if (strcmp(o->keyword, "passfile") == 0 && o->val != NULL && stat(o->val, &st) == 0 &&
		    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
			buf_printf(b, " (the password file %s is not used, since others may read it: chmod 600)", o->val);
	}
	PQconninfoFree(options);
}

/* What libpq itself says where trying again would not help, in English: a helper sets no locale. */
static int
is_refusal(const char *text)
{
	static const char *const words[] = {"certificate", "SSL error", "SSL, but", "SSL negotiation", "password",
	    "authentication", "invalid", "private key", "service", "not supported"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strstr(text, words[i]) != NULL)
			return 1;
	}
	return 0;
}

enum rows_end
pg_error_connecting(PGconn *connection, struct fail *f)
{
	const char *text = PQerrorMessage(connection), *state = find_state(text);
	int refused = state != NULL ? !will_pass(state) : is_refusal(text);
	struct buf b = {0};

	add_verbose(&b, text);
	if (state != NULL && !begins_with(state, "28"))
		buf_puts(&b, remedy(state));
	else if (state != NULL || strstr(text, "password") != NULL)
		add_password_file(&b, connection);
	fail_set(f, "%s", b.len > 0 ? buf_string(&b) : "cannot connect");
	buf_free(&b);
	return refused ? ROWS_FAILED : ROWS_UNAVAILABLE;
}

enum rows_end
pg_error_lost(const PGconn *connection, struct fail *f)
{
	const char *text = PQerrorMessage(connection);
	struct buf b = {0};

	if (strstr(text, "closed the connection") != NULL || *text == '\0')
		buf_puts(&b, "the server closed the connection");
	else
		add_words(&b, text);
	fail_set(f, "%s", buf_string(&b));
	buf_free(&b);
	return ROWS_UNAVAILABLE;
}

#include "pg_quote.h"

#include <string.h>

/* In a database without an encoding a name is bytes, and a quote among them is a quote. */
static int
quote_bytes(struct buf *b, PGconn *connection, const char *name, struct fail *f)
{
	const char *encoding = PQparameterStatus(connection, "server_encoding");

	if (encoding == NULL || strcmp(encoding, "SQL_ASCII") != 0)
		return fail_set(f, "%s: is no name in UTF-8", name);
	buf_byte(b, '"');
	for (; *name != '\0'; name++) {
		if (*name == '"')
			buf_byte(b, '"');
		buf_byte(b, *name);
	}
	buf_byte(b, '"');
	return 0;
}

int
pg_quote(struct buf *b, PGconn *connection, const char *name, struct fail *f)
{
	char *quoted = PQescapeIdentifier(connection, name, strlen(name));

	if (quoted == NULL)
		return quote_bytes(b, connection, name, f);
	buf_puts(b, quoted);
	PQfreemem(quoted);
	return 0;
}

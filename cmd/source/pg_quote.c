#include "pg_quote.h"

#include <string.h>

#include "text.h"

/* In a database without an encoding a name is bytes, and a quote among them is a quote. */
static int
quote_bytes(struct buf *b, PGconn *connection, const char *name, struct fail *f)
{
	const char *encoding = PQparameterStatus(connection, "server_encoding");

	if (encoding == NULL || strcmp(encoding, "SQL_ASCII") != 0)
		return fail_set(f, "%s: is no name in UTF-8", name);
	text_quoted(b, name, strlen(name));
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

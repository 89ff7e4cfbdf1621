#include "pg_table.h"

#include "pg_quote.h"

/* The types that are more than text or of bounded size (pg_type.dat). */
static const struct {
	Oid oid;
	enum rows_type type;
	enum pg_form form;
} types[] = {
    {16, ROWS_BOOLEAN, PG_BOUNDED},     /* bool */
    {17, ROWS_BYTES, PG_BYTES},         /* bytea */
    {18, ROWS_TEXT, PG_BOUNDED},        /* "char" */
    {19, ROWS_TEXT, PG_BOUNDED},        /* name */
    {20, ROWS_INTEGER, PG_BOUNDED},     /* int8 */
    {21, ROWS_INTEGER, PG_BOUNDED},     /* int2 */
    {23, ROWS_INTEGER, PG_BOUNDED},     /* int4 */
    {25, ROWS_TEXT, PG_TEXT},           /* text */
    {26, ROWS_INTEGER, PG_BOUNDED},     /* oid */
    {700, ROWS_REAL, PG_BOUNDED},       /* float4 */
    {701, ROWS_REAL, PG_BOUNDED},       /* float8 */
    {790, ROWS_TEXT, PG_BOUNDED},       /* money */
    {829, ROWS_TEXT, PG_BOUNDED},       /* macaddr */
    {869, ROWS_TEXT, PG_BOUNDED},       /* inet */
    {650, ROWS_TEXT, PG_BOUNDED},       /* cidr */
    {1043, ROWS_TEXT, PG_TEXT},         /* varchar */
    {1082, ROWS_DATE, PG_BOUNDED},      /* date */
    {1083, ROWS_TEXT, PG_BOUNDED},      /* time */
    {1114, ROWS_TIMESTAMP, PG_BOUNDED}, /* timestamp */
    {1184, ROWS_TIMESTAMP, PG_BOUNDED}, /* timestamptz */
    {1186, ROWS_TEXT, PG_BOUNDED},      /* interval */
    {1266, ROWS_TEXT, PG_BOUNDED},      /* timetz */
    {1700, ROWS_REAL, PG_OTHER},        /* numeric: it may have 147,455 digits */
    {2950, ROWS_TEXT, PG_BOUNDED},      /* uuid */
};

enum { TYPES = sizeof types / sizeof *types, NUMERIC = 1700 };

enum rows_type
pg_table_type(struct pg_column *c, char kind, long mod)
{
	c->form = kind == 'e' ? PG_BOUNDED : PG_OTHER;
	for (size_t i = 0; i < TYPES; i++) {
		if (types[i].oid != c->type)
			continue;
		/* With a precision, it has at most a thousand digits. */
		c->form = c->type == NUMERIC && mod > 0 ? PG_BOUNDED : types[i].form;
		return types[i].type;
	}
	return ROWS_TEXT;
}

int
pg_table_name(struct buf *b, PGconn *connection, const struct pg_table *t, struct fail *f)
{
	if (pg_quote(b, connection, t->schema, f) < 0)
		return -1;
	buf_byte(b, '.');
	return pg_quote(b, connection, t->name, f);
}

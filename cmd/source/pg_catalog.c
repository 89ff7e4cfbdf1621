#include "pg_catalog.h"

#include <string.h>

#include "ref.h"

/* A first form, until the catalog's own statements are here. */
int
pg_catalog_statement(
    struct mem *m, const struct driver_request *request, uint32_t oid, int version, struct pg_statement *st, struct fail *f)
{
	const char **values = mem_array(m, 1, sizeof *values);
	struct buf b = {0};

	(void)version;
	if (request->operation != DRIVER_TABLES)
		return fail_set(f, "not yet");
	buf_printf(&b, "%u", oid);
	values[0] = mem_copy(m, b.bytes, b.len);
	buf_free(&b);
	*st = (struct pg_statement){
	    "SELECT n.nspname || '.' || c.relname, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END,"
	    " NULLIF(c.reltuples, -1)::int8::text, NULL, NULL, 'postgresql', NULL, NULL FROM pg_catalog.pg_class c JOIN"
	    " pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT IN"
	    " ('pg_catalog', 'information_schema') AND ($1 = 0 OR c.oid = $1) ORDER BY 1",
	    values, 1, 0};
	return 0;
}

void
pg_catalog_list(struct buf *b, const char *array)
{
	ref_name(b, array, strlen(array));
}

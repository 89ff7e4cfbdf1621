/* dbm-source-postgresql: PostgreSQL databases as a source (dbm-source.7).  Its reference is a connection URI of libpq, or pg:
 * and a conninfo string. */

#include "pg_conninfo.h"
#include "pg_query.h"
#include "serve.h"

static void
close_database(struct driver_database *db)
{
	pg_session_close(&((struct pg_query *)db)->session);
}

static struct driver_database *
open_database(struct mem *m, const char *reference, struct watch *w, struct fail *f)
{
	static const struct driver driver = {"postgresql", pg_query_ask, NULL, close_database};
	struct pg_query *q = mem_alloc(m, sizeof *q);

	q->base.driver = &driver;
	q->session.watch = w;
	return pg_conninfo_parse(m, reference, &q->session.info, f) == 0 ? &q->base : NULL;
}

int
main(void)
{
	static const struct serve helper = {open_database};

	return serve(&helper);
}

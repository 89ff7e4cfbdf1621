#include "pg_count.h"

int
pg_count_plan(struct mem *m, PGconn *connection, const struct driver_request *request, const struct pg_table *t,
    struct pg_plan *plan, enum rows_end *how, struct fail *f)
{
	(void)m, (void)connection, (void)request, (void)t, (void)plan, (void)how;
	return fail_set(f, "not yet");
}

int
pg_count_stamp(struct mem *m, const struct driver_request *request, struct pg_plan *plan, struct fail *f)
{
	(void)m, (void)request, (void)plan;
	return fail_set(f, "not yet");
}

int
pg_count_identity(struct pg_plan *plan)
{
	plan->statement = (struct pg_statement){
	    .sql = "SELECT pg_catalog.concat_ws(' ', (SELECT s.system_identifier FROM pg_catalog.pg_control_system() s),"
		   " pg_catalog.quote_ident(pg_catalog.current_database()), pg_catalog.quote_ident(CURRENT_USER))"};
	return 0;
}

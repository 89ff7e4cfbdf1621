#include "pg_scan.h"

int
pg_scan_plan(struct mem *m, PGconn *connection, const struct driver_request *request, const struct pg_table *t,
    struct pg_plan *plan, enum rows_end *how, struct fail *f)
{
	(void)m, (void)connection, (void)request, (void)t, (void)plan, (void)how;
	return fail_set(f, "not yet");
}

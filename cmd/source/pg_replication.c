#include "pg_replication.h"

#include "pg_sql.h"

int
pg_add_replication(struct buf *b, const struct driver_request *q, int version, unsigned *lists, struct fail *f)
{
	(void)b, (void)q, (void)version, (void)lists;
	return fail_set(f, "is nothing that the catalog knows");
}

#include "said.h"

struct rows *
said_ask(struct source *s, struct mem *m, enum driver_operation operation)
{
	struct driver_request *request = mem_alloc(m, sizeof *request);

	*request = (struct driver_request){.operation = operation, .table = operation == DRIVER_IDENTITY ? NULL : s->table};
	return source_ask(s, m, request);
}

const char *
said_read(struct rows *said, struct mem *m)
{
	const char *text = "";
	struct fail f;
	int more;

	if (rows_columns(said, &f) < 0)
		return said->end == ROWS_REFUSED ? text : NULL;
	more = rows_next(said, &f);
	if (more > 0 && said->ncells == 1 && said->cells[0].type != ROWS_NULL)
		text = mem_copy(m, said->cells[0].bytes, said->cells[0].len);
	while (more > 0)
		more = rows_next(said, &f);
	return more < 0 ? NULL : text;
}

/* dbm-schema: the schemas of tables, as numbered versions over time. */

#include "operands.h"
#include "schema_compare.h"
#include "schema_log.h"
#include "schema_now.h"
#include "schema_record.h"
#include "tool.h"

struct flags {
	int record, log, diff, check;
};

static struct flags flags;

#define AT(field) offsetof(struct flags, field)

static const struct opt own_flags[] = {
    {0, "record", OPT_FLAG, NULL, "keeps a version of each table that has changed", AT(record), 1, 0, 0, NULL},
    {0, "log", OPT_FLAG, NULL, "the versions that were kept", AT(log), 1, 0, 0, NULL},
    {0, "diff", OPT_FLAG, NULL, "what differs: of two, or of one and what was kept of it", AT(diff), 1, 0, 0, NULL},
    {0, "check", OPT_FLAG, NULL, "what differs from what was kept; status 1 where anything does", AT(check), 1, 0, 0, NULL},
};

enum { FIELDS = 5 };

static const struct rows_column columns[FIELDS] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"kind", 4, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"position", 8, ROWS_INTEGER, ""},
    {"definition", 10, ROWS_TEXT, ""},
};

static int
print(const struct tool_run *run, struct mem *m, const struct schema_item *x)
{
	const struct rows_cell cells[FIELDS] = {
	    rows_text(x->ref),
	    rows_text(x->kind),
	    rows_text_or_null(x->name),
	    x->position > 0 ? rows_integer(m, x->position) : rows_null(),
	    rows_text_or_null(x->definition),
	};

	return out_row(run->out, cells, FIELDS);
}

static enum operands_result
show(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct schema_now *now = arg;
	struct schema_answer answer;
	enum operands_result result = schema_now_read(now, m, s, ref, rows, &answer, f);

	for (size_t i = 0; result != OPERANDS_FAILED && i < answer.schema.nitems; i++) {
		if (print(now->run, m, &answer.schema.items[i]) < 0)
			return OPERANDS_STOP;
	}
	return result;
}

static int
show_all(struct tool_run *run)
{
	struct schema_now now;
	struct operands o = {.worker = show, .arg = &now};
	int status;

	schema_now_start(&now, run, 0, &o);
	out_begin(run->out, OUT_FACTS, NULL, columns, FIELDS);
	status = operands_each(&o);
	tool_end(run, NULL);
	return status;
}

static int
run_schema(struct tool_run *run)
{
	if (flags.log)
		return schema_log(run);
	if (flags.diff)
		return schema_compare_two(run);
	if (flags.record)
		return schema_record(run);
	return flags.check ? schema_check(run) : show_all(run);
}

int
main(int argc, char *argv[])
{
	static const struct opt_table own[] = {{own_flags, sizeof own_flags / sizeof *own_flags, &flags}};
	static const struct tool tool = {
	    .name = "dbm-schema",
	    .synopsis = "[--record | --log | --diff | --check] [-f FORMAT] [DATABASE ...]",
	    .summary = "Columns, keys and types of tables, as numbered versions over time.",
	    .flags = own,
	    .nflags = 1,
	    .kind = OUT_FACTS,
	    .method = "catalog",
	    .asks = 1,
	    .run = run_schema,
	};

	return tool_main(&tool, argc, argv);
}

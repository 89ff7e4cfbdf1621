/* dbm-schema: the schemas of tables, as numbered versions over time. */

#include "tool.h"

static int
run_schema(struct tool_run *run)
{
	return tool_misuse(run, "not built yet");
}

int
main(int argc, char *argv[])
{
	static const struct tool tool = {
	    .name = "dbm-schema",
	    .synopsis = "[--record | --log | --diff | --check] [DATABASE ...]",
	    .summary = "Columns, keys and types of tables, as numbered versions over time.",
	    .kind = OUT_FACTS,
	    .method = "catalog",
	    .asks = 1,
	    .run = run_schema,
	};

	return tool_main(&tool, argc, argv);
}

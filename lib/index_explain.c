#include "index_explain.h"

int
index_explain(struct tool_run *run, const struct index_flags *flags)
{
	(void)flags;
	return tool_misuse(run, "not built yet");
}

#include "index_check.h"

int
index_check(struct tool_run *run, const struct index_flags *flags)
{
	(void)flags;
	return tool_misuse(run, "not built yet");
}

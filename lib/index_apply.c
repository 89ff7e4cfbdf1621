#include "index_apply.h"

int
index_apply(struct tool_run *run, const struct index_flags *flags)
{
	(void)flags;
	return tool_misuse(run, "not built yet");
}

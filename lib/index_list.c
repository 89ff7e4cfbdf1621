#include "index_list.h"

int
index_list(struct tool_run *run, const struct index_flags *flags)
{
	(void)flags;
	return tool_misuse(run, "not built yet");
}

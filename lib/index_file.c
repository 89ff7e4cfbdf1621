#include "index_file.h"

int
index_file_wal(struct tool_run *run, const struct index_flags *flags)
{
	(void)flags;
	return tool_misuse(run, "not built yet");
}

int
index_file_build(struct tool_run *run, const struct index_flags *flags)
{
	(void)flags;
	return tool_misuse(run, "not built yet");
}

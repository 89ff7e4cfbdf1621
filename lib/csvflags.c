#include "csvflags.h"

#include <string.h>

#include "input.h"

const struct opt csvflags_table[] = {
    {0, "delimiter", OPT_TEXT, "CHAR", "what separates fields: one character, or tab (default: found out)",
	offsetof(struct csvflags, delimiter), 0, 0, 0, NULL},
    {0, "no-header", OPT_FLAG, NULL, "the first record is data", offsetof(struct csvflags, no_header), 0, 0, 0, NULL},
    {0, "encoding", OPT_TEXT, "NAME", "latin1, cp1252 … (default: UTF-8, or UTF-16 by its mark)",
	offsetof(struct csvflags, encoding), 0, 0, 0, NULL},
};

const size_t csvflags_count = sizeof csvflags_table / sizeof *csvflags_table;

int
csvflags_options(const struct csvflags *flags, struct reader_options *o, struct fail *f)
{
	const char *d = flags->delimiter;

	*o = (struct reader_options){.no_header = flags->no_header, .encoding = flags->encoding};
	if (d != NULL) {
		if (strcmp(d, "tab") == 0 || strcmp(d, "\\t") == 0)
			d = "\t";
		if (strlen(d) != 1 || strchr("\"\r\n", *d) != NULL || (unsigned char)*d > 0x7e)
			return fail_set(f, "--delimiter: one ASCII character that is no quote is wanted, not '%s'", d);
		o->delimiter = *d;
	}
	return flags->encoding != NULL ? input_encoding(flags->encoding, f) : 0;
}

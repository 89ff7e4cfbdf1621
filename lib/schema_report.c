#include "schema_report.h"

#include <string.h>

#include "buf.h"
#include "schema_diff.h"

enum { NAMED = 8 }; /* changes that the summary says; of more it says how many */

const struct rows_column schema_report_columns[SCHEMA_REPORT_FIELDS] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"version", 7, ROWS_INTEGER, ""},
    {"time", 4, ROWS_TIMESTAMP, ""},
    {"added", 5, ROWS_INTEGER, ""},
    {"removed", 7, ROWS_INTEGER, ""},
    {"changed", 7, ROWS_INTEGER, ""},
    {"summary", 7, ROWS_TEXT, ""},
};

struct tally {
	uint64_t added, removed, changed;
	struct buf words;
};

static void
count(void *arg, const struct schema_change *c)
{
	struct tally *t = arg;
	uint64_t before = t->added + t->removed + t->changed;

	t->added += c->what == '+';
	t->removed += c->what == '-';
	t->changed += c->what == '~';
	if (before >= NAMED)
		return;
	buf_printf(&t->words, "%s%c %s", before > 0 ? ", " : "", c->what, c->kind);
	if (c->name != NULL)
		buf_printf(&t->words, " %s", c->name);
}

static void
summarise(struct tally *t, struct mem *m, const struct schema_report *r)
{
	uint64_t all;

	if (r->before == NULL || r->after == NULL) {
		t->added = r->after != NULL ? r->after->n : 0;
		t->removed = r->before != NULL ? r->before->n : 0;
		buf_puts(&t->words, r->after == NULL ? "gone" : r->version == 1 ? "first recorded" : "there again");
		return;
	}
	schema_diff_table(m, r->before, r->after, count, t);
	all = t->added + t->removed + t->changed;
	if (all > NAMED)
		buf_printf(&t->words, " and %llu more", (unsigned long long)(all - NAMED));
}

int
schema_report_print(const struct tool_run *run, struct mem *m, const struct schema_report *r)
{
	struct tally t = {0};

	summarise(&t, m, r);
	const struct rows_cell cells[SCHEMA_REPORT_FIELDS] = {
	    rows_text(r->ref),
	    rows_integer(m, r->version),
	    rows_timestamp(m, r->time / 1000000000),
	    rows_integer(m, t.added),
	    rows_integer(m, t.removed),
	    rows_integer(m, t.changed),
	    rows_bytes(mem_copy(m, t.words.bytes, t.words.len), t.words.len),
	};
	buf_free(&t.words);
	return out_row(run->out, cells, SCHEMA_REPORT_FIELDS);
}

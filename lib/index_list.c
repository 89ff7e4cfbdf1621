#include "index_list.h"

#include <string.h>

#include "buf.h"
#include "catalog.h"
#include "definition.h"
#include "finding.h"
#include "index_facts.h"
#include "operands.h"
#include "ref.h"

static const struct rows_column columns[] = {
    {"ref", 3, ROWS_TEXT, ""},
    {"name", 4, ROWS_TEXT, ""},
    {"columns", 7, ROWS_TEXT, ""},
    {"unique", 6, ROWS_BOOLEAN, ""},
    {"origin", 6, ROWS_TEXT, ""},
    {"partial", 7, ROWS_BOOLEAN, ""},
    {"bytes", 5, ROWS_INTEGER, ""},
    {"scans", 5, ROWS_INTEGER, ""},
    {"method", 6, ROWS_TEXT, ""},
    {"valid", 5, ROWS_BOOLEAN, ""},
    {"include", 7, ROWS_TEXT, ""},
    {"predicate", 9, ROWS_TEXT, ""},
    {"replica", 7, ROWS_BOOLEAN, ""},
    {"of", 2, ROWS_TEXT, ""},
    {"since", 5, ROWS_TIMESTAMP, ""},
};

enum { FIELDS = sizeof columns / sizeof *columns };

static struct rows_cell
number_or_null(struct mem *m, uint64_t n)
{
	return n != CATALOG_UNKNOWN ? rows_integer(m, n) : rows_null();
}

static struct rows_cell
timestamp_or_null(const char *text)
{
	struct rows_cell c = rows_text_or_null(text);

	c.type = c.type != ROWS_NULL ? ROWS_TIMESTAMP : ROWS_NULL;
	return c;
}

/* The names of what it holds besides its keys. */
static struct rows_cell
included(struct mem *m, const struct catalog_index *x)
{
	size_t first = catalog_key_count(x);
	struct buf b = {0};
	struct rows_cell c;

	for (size_t i = first; i < x->nkeys; i++) {
		if (i > first)
			buf_byte(&b, ',');
		if (x->keys[i].column != NULL)
			ref_name(&b, x->keys[i].column, strlen(x->keys[i].column));
	}
	c = first < x->nkeys ? rows_text(mem_copy(m, b.bytes, b.len)) : rows_null();
	buf_free(&b);
	return c;
}

static int
print(struct tool_run *run, struct mem *m, const struct source *s, const struct catalog_index *x)
{
	const enum index_sql_dialect dialect = definition_dialect(s);
	const struct rows_cell record[FIELDS] = {
	    rows_text(source_ref(s, m, s->folder || s->shared ? x->table : NULL)),
	    rows_text_or_null(x->name),
	    rows_text(finding_keys(m, dialect, x)),
	    rows_boolean(x->unique),
	    rows_text_or_null(x->origin),
	    rows_boolean(x->partial),
	    number_or_null(m, x->bytes),
	    number_or_null(m, x->scans),
	    rows_text_or_null(x->method),
	    rows_boolean(!x->invalid),
	    included(m, x),
	    rows_text_or_null(x->predicate),
	    rows_boolean(x->replica),
	    rows_text_or_null(x->of),
	    timestamp_or_null(x->since),
	};

	return out_row(run->out, record, FIELDS);
}

static enum operands_result
list(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct tool_run *run = arg;
	struct catalog c;
	int full = 0;

	if (catalog_read(&c, m, rows, f) < 0)
		return OPERANDS_FAILED;
	out_known(run->out, rows[CATALOG_INDEXES]);
	for (size_t i = 0; i < c.ntables && !full; i++) {
		for (size_t n = 0; n < c.tables[i].nindexes && !full; n++)
			full = finding_is_index(&c.tables[i].indexes[n]) && print(run, m, s, &c.tables[i].indexes[n]) < 0;
	}
	return full ? OPERANDS_STOP : index_facts_end(run, ref, rows);
}

int
index_list(struct tool_run *run, const struct index_flags *flags)
{
	struct operands o = {.run = run,
	    .split = OPERANDS_FOLDERS,
	    .questions = CATALOG_QUESTIONS,
	    .ask = index_facts_ask,
	    .worker = list,
	    .arg = run,
	    .standard_input = 1};
	int status;

	(void)flags;
	out_begin(run->out, OUT_FACTS, NULL, columns, FIELDS);
	status = operands_each(&o);
	tool_end(run, NULL);
	return status;
}

/* dbm-linecount: how many records and lines tables have. */

#include <string.h>

#include "csvflags.h"
#include "operands.h"
#include "question.h"
#include "stamp.h"
#include "tool.h"

struct flags {
	int total, bare, estimate, or_estimate;
	uint64_t at_least, threads, seed;
	const char *lines_of;
};

static struct flags flags;
static struct csvflags csv;

static const struct opt own_flags[] = {
    {'b', "bare", OPT_FLAG, NULL, "the number of records alone", offsetof(struct flags, bare), 0, 0, 0, NULL},
    {0, "total", OPT_FLAG, NULL, "the sum over all tables alone", offsetof(struct flags, total), 1, 0, 0, NULL},
    {0, "at-least", OPT_NUMBER, "N", "stop at N records; status 1 where there are fewer", offsetof(struct flags, at_least), 1,
	1, 0, NULL},
    {'e', "estimate", OPT_FLAG, NULL, "about how many, from 4 MiB of each file", offsetof(struct flags, estimate), 2, 0, 0,
	NULL},
    {0, "or-estimate", OPT_FLAG, NULL, "about how many where --timeout ends the count", offsetof(struct flags, or_estimate), 2,
	0, 0, NULL},
    {0, "seed", OPT_NUMBER, "N", "read the same parts again for an estimate", offsetof(struct flags, seed), 0, 1, 0, NULL},
    {0, "threads", OPT_NUMBER, "N", "how many count a large file (one a processor)", offsetof(struct flags, threads), 0, 1, 64,
	NULL},
    {0, "lines-of", OPT_TEXT, "COL", "the newlines in this column instead of the lines of the text",
	offsetof(struct flags, lines_of), 0, 0, 0, NULL},
};

enum { FIELDS = DRIVER_COUNT_FIELDS + 1 };

/* The places of the driver's columns (driver.h). */
enum { RECORDS, LINES, BYTES, METHOD, LOW, HIGH, AS_OF };

struct counting {
	struct tool_run *run;
	uint64_t sums[DRIVER_COUNT_FIELDS];
	int unknown[DRIVER_COUNT_FIELDS]; /* a part of the sum is */
	const char *as_of;                /* of the oldest count */
	int estimated, continued;
	int fewer; /* a table had fewer records than --at-least */
};

static uint64_t
integer(const struct rows_cell *c)
{
	uint64_t v = 0;

	for (size_t i = 0; i < c->len && c->bytes[i] >= '0' && c->bytes[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(c->bytes[i] - '0');
	return v;
}

static int
is_method(const struct rows_cell *count, const char *method)
{
	return count[METHOD].len == strlen(method) && memcmp(count[METHOD].bytes, method, strlen(method)) == 0;
}

static void
add(struct counting *c, const struct rows_cell *count)
{
	struct rows_cell at = count[AS_OF];

	for (int i = 0; i < DRIVER_COUNT_FIELDS; i++) {
		c->sums[i] += integer(&count[i]);
		c->unknown[i] |= count[i].type == ROWS_NULL;
	}
	/* Times in UTC are in the order of their texts. */
	if (at.type != ROWS_NULL && (c->as_of == NULL || strncmp(at.bytes, c->as_of, at.len) < 0))
		c->as_of = mem_copy(&c->run->mem, at.bytes, at.len);
}

static int
print(struct counting *c, struct mem *m, const struct rows_cell *ref, const struct rows_cell *count)
{
	struct rows_cell cells[FIELDS];

	if (flags.bare)
		return out_line(c->run->out, mem_copy(m, count[RECORDS].bytes, count[RECORDS].len));
	cells[0] = *ref;
	memcpy(cells + 1, count, DRIVER_COUNT_FIELDS * sizeof *cells);
	return out_row(c->run->out, cells, FIELDS);
}

static void
ask(void *arg, struct mem *m, const struct source *s, struct question *q)
{
	(void)arg, (void)m;
	question_default(q, DRIVER_COUNT, s->table);
	q->request.at_least = flags.at_least;
	if (flags.estimate || flags.or_estimate)
		q->request.effort = flags.estimate ? DRIVER_ESTIMATE : DRIVER_OR_ESTIMATE;
	q->request.seed = flags.seed;
	q->request.threads = (unsigned)flags.threads;
	q->request.lines_of = flags.lines_of;
}

static enum operands_result
count(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *answers, struct fail *f)
{
	struct rows *rows = *answers;
	const struct rows_cell name = rows_text(ref);
	struct rows_cell cells[DRIVER_COUNT_FIELDS];
	struct counting *c = arg;
	int full;

	(void)s;
	if (rows_columns(rows, f) < 0 || rows_next(rows, f) < 0)
		return OPERANDS_FAILED;
	if (rows->ncells != DRIVER_COUNT_FIELDS)
		return fail_set(f, "there is no count in the answer");
	out_known(c->run->out, rows);
	memcpy(cells, rows->cells, sizeof cells);
	/* Who does not say when has looked just now; but an estimate without bounds is from statistics of unknown age. */
	if (cells[AS_OF].type == ROWS_NULL && !(cells[LOW].type == ROWS_NULL && is_method(cells, "estimate")))
		cells[AS_OF] = rows_timestamp(m, rows->as_of);
	add(c, cells);
	c->estimated |= is_method(rows->cells, "estimate");
	c->continued |= is_method(rows->cells, "continued");
	c->fewer |= flags.at_least > integer(&rows->cells[RECORDS]);
	full = !flags.total && print(c, m, &name, cells) < 0;
	if (rows_next(rows, f) < 0)
		return OPERANDS_FAILED;
	tool_notes(c->run, ref, rows);
	return full ? OPERANDS_STOP : OPERANDS_DONE;
}

/* The sum is exact only where every table was counted.  The bounds of a sum are taken to be the sums of the bounds: wider than
 * they might be. */
static void
print_total(struct counting *c, int all)
{
	struct mem *m = &c->run->mem;
	const struct rows_cell none = rows_null();
	const char *method = c->estimated ? "estimate" : c->continued ? "continued" : "exact";
	struct rows_cell total[DRIVER_COUNT_FIELDS];

	for (int i = 0; i < DRIVER_COUNT_FIELDS; i++)
		total[i] = c->unknown[i] || (i == HIGH && !all) ? rows_null() : rows_integer(m, c->sums[i]);
	total[METHOD] = rows_text(all ? method : "at-least");
	if (!c->unknown[AS_OF])
		total[AS_OF] = c->as_of != NULL ? rows_text(c->as_of) : rows_timestamp(m, stamp_now() / 1000000000);
	print(c, m, &none, total);
}

static int
run_count(struct tool_run *run)
{
	struct counting c = {.run = run};
	struct rows_column record[FIELDS] = {{"ref", 3, ROWS_TEXT, ""}};
	struct operands o = {.run = run, .split = OPERANDS_TABLES, .standard_input = 1, .ask = ask, .worker = count, .arg = &c};
	struct fail f;
	int status;

	if (csvflags_options(&csv, &o.reader, &f) < 0)
		return tool_misuse(run, f.text);
	if (flags.at_least > 0 && (flags.estimate || flags.or_estimate))
		return tool_misuse(run, "--at-least wants records that are there: no estimate will do");
	memcpy(record + 1, driver_fields[DRIVER_COUNT].columns, DRIVER_COUNT_FIELDS * sizeof *record);
	if (!flags.bare)
		out_begin(run->out, OUT_FACTS, NULL, record, FIELDS);
	status = operands_each(&o);
	if (flags.total && (status == TOOL_DONE || status == TOOL_SOME))
		print_total(&c, status == TOOL_DONE);
	if (!flags.bare)
		tool_end(run, NULL);
	return status == TOOL_DONE && c.fewer ? TOOL_NO : status;
}

int
main(int argc, char *argv[])
{
	static struct opt_table tables[] = {
	    {own_flags, sizeof own_flags / sizeof *own_flags, &flags}, {csvflags_table, 0, &csv}};
	static const struct tool tool = {
	    .name = "dbm-linecount",
	    .synopsis = "[-b] [-e | --or-estimate] [--total | --at-least N] [--lines-of COL] [-f FORMAT] [TABLE ...]",
	    .summary = "Counts the records and lines of tables; a header is no record, a newline inside quotes ends none.",
	    .flags = tables,
	    .nflags = 2,
	    .kind = OUT_FACTS,
	    .method = "exact",
	    .asks = 1,
	    .run = run_count,
	};

	tables[1].n = csvflags_count;
	return tool_main(&tool, argc, argv);
}

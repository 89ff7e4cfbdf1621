#include "schema_record.h"

#include <string.h>

#include "operands.h"
#include "schema_history.h"
#include "schema_key.h"
#include "schema_now.h"
#include "schema_report.h"
#include "stamp.h"

/* Versions to be appended, and what they are beside what was. */
struct recording {
	struct mem *m;
	const struct schema_answer *answer;
	struct schema_history history;
	struct schema_new *versions;
	const struct schema_table **before, **after;
	size_t n;
	int64_t now; /* nanoseconds since 1970 */
};

/* The last version of a table that there is; *before is NULL where there is none, or it was gone. */
static int
read_last(struct recording *r, const struct schema_version *v, const struct schema_table **before, struct fail *f)
{
	struct schema *s = mem_alloc(r->m, sizeof *s);

	*before = NULL;
	if (v == NULL)
		return 0;
	if (schema_history_read(&r->history, r->m, v, s, f) < 0)
		return -1;
	schema_sort(s, r->m);
	*before = s->ntables > 0 ? &s->tables[0] : NULL;
	return 0;
}

/* A clock that was wrong once does not keep anything from being recorded. */
static int
is_newer(const struct recording *r, const struct schema_version *v)
{
	return v->time > r->answer->asked && v->time <= r->now;
}

static void
add(struct recording *r, const char *table, const struct buf *text, const struct schema_table *before,
    const struct schema_table *after)
{
	struct schema_new *x = &r->versions[r->n];

	*x = (struct schema_new){.table = table, .time = r->answer->asked};
	if (after != NULL) {
		x->text = mem_copy(r->m, text->bytes, text->len);
		x->len = text->len;
	}
	r->before[r->n] = before;
	r->after[r->n++] = after;
}

/* Looks whether a table that is there is another one than it was. */
static int
look(struct recording *r, const struct schema_table *t, struct fail *f)
{
	const struct schema_version *v = schema_current_find(&r->history.current, t->name);
	struct buf text = {0}, old = {0};
	const struct schema_table *before;
	int done = read_last(r, v, &before, f);

	schema_text(&text, t);
	if (before != NULL)
		schema_text(&old, before);
	if (done == 0 && (v == NULL || !is_newer(r, v)) &&
	    (before == NULL || text.len != old.len || memcmp(text.bytes, old.bytes, text.len) != 0))
		add(r, t->name, &text, before, t);
	buf_free(&text);
	buf_free(&old);
	return done;
}

static int
look_for_gone(struct recording *r, const struct schema_version *v, struct fail *f)
{
	const struct schema_table *before;

	if (v->hash[0] == '\0' || is_newer(r, v) || schema_find(&r->answer->schema, v->table) != NULL ||
	    schema_now_has(r->answer, v->table))
		return 0;
	if (read_last(r, v, &before, f) < 0)
		return -1;
	add(r, v->table, NULL, before, NULL);
	return 0;
}

static int
collect(struct recording *r, struct fail *f)
{
	const struct schema *now = &r->answer->schema;
	size_t most = now->ntables + r->history.current.n;

	r->now = stamp_now();
	r->versions = mem_array(r->m, most, sizeof *r->versions);
	r->before = mem_array(r->m, most, sizeof(struct schema_table *));
	r->after = mem_array(r->m, most, sizeof(struct schema_table *));
	for (size_t i = 0; i < now->ntables; i++) {
		if (look(r, &now->tables[i], f) < 0)
			return -1;
	}
	for (size_t i = 0; i < r->history.current.n; i++) {
		if (look_for_gone(r, &r->history.current.versions[i], f) < 0)
			return -1;
	}
	return 0;
}

static int
print(const struct tool_run *run, const struct recording *r, const struct source *s)
{
	int full = 0;

	for (size_t i = 0; i < r->n && !full; i++) {
		const struct schema_report report = {
		    .ref = source_ref(s, r->m, s->folder || s->shared ? r->versions[i].table : NULL),
		    .version = r->versions[i].version,
		    .time = r->versions[i].time,
		    .before = r->before[i],
		    .after = r->after[i],
		};

		full = schema_report_print(run, r->m, &report) < 0;
	}
	return full;
}

static enum operands_result
record(void *arg, struct mem *m, struct source *s, const char *ref, struct rows *const *rows, struct fail *f)
{
	struct schema_now *now = arg;
	struct schema_answer answer;
	struct recording r = {.m = m, .answer = &answer};
	enum operands_result result = schema_now_read(now, m, s, ref, rows, &answer, f);
	int done;

	if (result == OPERANDS_FAILED)
		return result;
	if (answer.database == NULL)
		return fail_set(f, "nothing is recorded of standard input");
	if (schema_history_lock(&r.history, m, answer.database, f) < 0)
		return schema_current_where(f);
	done = collect(&r, f);
	if (done == 0)
		done = schema_history_append(&r.history, r.versions, r.n, f);
	schema_history_close(&r.history);
	if (done < 0)
		return schema_current_where(f);
	return print(now->run, &r, s) ? OPERANDS_STOP : result;
}

int
schema_record(struct tool_run *run)
{
	struct schema_now now;
	struct operands o = {.worker = record, .arg = &now};
	int status;

	schema_now_start(&now, run, 1, &o);
	out_begin(run->out, OUT_FACTS, NULL, schema_report_columns, SCHEMA_REPORT_FIELDS);
	status = operands_each(&o);
	tool_end(run, NULL);
	return status;
}

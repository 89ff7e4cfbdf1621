#include "change.h"

#include <string.h>

#include "forget.h"
#include "number.h"

const char *const change_results[CHANGE_RESULTS] = {"created", "there", "dropped", "absent", "analyzed", "switched",
    "would-create", "would-drop", "would-analyze", "conflict", "refused", "failed"};

int
change_is_bad(enum change_result r)
{
	return r >= CHANGE_CONFLICT;
}

/* A row of the answer. */
struct told {
	const char *phase, *detail; /* "" where there is none */
	uint64_t done, total;       /* 0: not known */
};

static const char *
text(struct mem *m, const struct rows *rows, size_t i)
{
	const struct rows_cell *c = &rows->cells[i];

	return i < rows->ncells && c->type != ROWS_NULL ? mem_copy(m, c->bytes, c->len) : "";
}

static uint64_t
number(struct mem *m, const struct rows *rows, size_t i)
{
	struct fail ignored;
	uint64_t n;

	return number_integer(text(m, rows, i), 0, UINT64_MAX, &n, &ignored) == 0 ? n : 0;
}

static void
show(const struct tool_run *run, const char *ref, const struct told *t)
{
	struct buf line = {0};

	buf_puts(&line, t->phase);
	if (t->total > 0)
		buf_printf(&line, " %.0f %%", 100.0 * (double)t->done / (double)t->total);
	if (*t->detail != '\0')
		buf_printf(&line, ": %s", t->detail);
	tool_progress(run, ref, buf_string(&line));
	buf_free(&line);
}

static enum change_result
result_of(const struct told *last, struct fail *f)
{
	for (size_t i = 0; i < CHANGE_WOULD_CREATE; i++) {
		if (strcmp(last->phase, change_results[i]) == 0) {
			fail_set(f, "%s", last->detail);
			return (enum change_result)i;
		}
	}
	fail_set(f, "it was not said what became of it");
	return CHANGE_FAILED;
}

/* A driver that finds another index of the name says so in the first word (dbm-source.7). */
static enum change_result
failure(struct fail *f)
{
	static const char conflict[] = "conflict: ";
	size_t n = sizeof conflict - 1;

	if (strncmp(f->text, conflict, n) != 0)
		return CHANGE_FAILED;
	memmove(f->text, f->text + n, strlen(f->text) + 1 - n);
	return CHANGE_CONFLICT;
}

/* What is in the way is said whenever it is another; each row is in an arena of its own, of which there are two. */
static enum change_result
follow(struct tool_run *run, struct rows *rows, const char *ref, struct fail *f)
{
	struct told last = {.phase = "", .detail = ""};
	struct buf said = {0};
	struct mem now = {0}, before = {0};
	enum change_result result;
	int more = rows_columns(rows, f);

	while (more >= 0 && (more = rows_next(rows, f)) > 0) {
		mem_free(&before);
		before = now;
		now = (struct mem){0};
		last = (struct told){text(&now, rows, 0), text(&now, rows, 3), number(&now, rows, 1), number(&now, rows, 2)};
		if (strcmp(last.phase, "blocked") != 0) {
			show(run, ref, &last);
		} else if (strcmp(buf_string(&said), last.detail) != 0) {
			said.len = 0;
			buf_puts(&said, last.detail);
			tool_complain(run, ref, *last.detail != '\0' ? last.detail : "somebody is in the way");
		}
	}
	result = more == 0 ? result_of(&last, f) : failure(f);
	mem_free(&before);
	mem_free(&now);
	buf_free(&said);
	return result;
}

/* Of the table, and of what was asked about all tables. */
static void
forget(struct tool_run *run, struct cache *cache, struct mem *m, const struct site *site, const char *table, const char *ref)
{
	const struct forget o = {.cache = cache};
	struct source s = site->source;
	struct subject subject;
	struct fail f;

	s.table = table;
	if (question_subject(&s, m, &subject) < 0)
		return;
	if (forget_run(&o, subject.database, subject.table, &f) < 0 || forget_run(&o, subject.database, "", &f) < 0) {
		fail_wrap(&f, "what is kept of it could not be forgotten");
		tool_complain(run, ref, f.text);
	}
}

enum change_result
change_make(struct tool_run *run, struct cache *cache, struct mem *m, struct site *site, const char *ref,
    const struct driver_request *request, struct fail *f)
{
	struct rows *rows = source_ask(&site->source, m, request);
	enum change_result result = follow(run, rows, ref, f);

	tool_notes(run, ref, rows);
	rows_close(rows);
	forget(run, cache, m, site, request->table, ref);
	return result;
}

#include "schema_log.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "file_at.h"
#include "operands.h"
#include "schema_history.h"
#include "schema_key.h"
#include "schema_recorded.h"
#include "schema_report.h"
#include "state.h"

/* A version's only table; NULL where it is gone, or there is no version. */
static int
read_table(struct schema_history *h, struct mem *m, const struct schema_version *v, struct schema *s,
    const struct schema_table **t, struct fail *f)
{
	*s = (struct schema){0};
	*t = NULL;
	if (v == NULL)
		return 0;
	if (schema_history_read(h, m, v, s, f) < 0)
		return -1;
	schema_sort(s, m);
	*t = s->ntables > 0 ? &s->tables[0] : NULL;
	return 0;
}

/* What is printed, and how. */
struct logging {
	const struct tool_run *run;
	const char *folder; /* the current one, from which references lead to what is below it; NULL: from everywhere */
};

/* The folder that a reference was written in, with a slash behind it; NULL where it leads there from everywhere. */
static const char *
written_in(struct mem *m, const char *text)
{
	char folder[PATH_MAX];

	if (*text == '/' || getcwd(folder, sizeof folder) == NULL)
		return NULL;
	return mem_join(m, folder, "/");
}

/* What is left of it could be taken for another kind of reference, or for a flag: then it stays as it is. */
static const char *
below(const char *folder, const char *ref)
{
	size_t len = folder != NULL ? strlen(folder) : 0;
	const char *left = ref + len;

	if (len == 0 || strncmp(ref, folder, len) != 0 || *left == '-' || left[strcspn(left, "/#:")] == ':')
		return ref;
	return left;
}

/* One record: 1 where no more can be written. */
static int
print(const struct logging *l, struct schema_history *h, const struct schema_version *last, const struct schema_version *v,
    struct fail *f)
{
	struct mem m = {0};
	struct schema before, after;
	struct schema_report r = {.version = v->version, .time = v->time};
	int done = read_table(h, &m, last, &before, &r.before, f);

	if (done == 0)
		done = read_table(h, &m, v, &after, &r.after, f);
	if (done == 0) {
		r.ref = below(l->folder, schema_key_ref(h->current.database, v->table, &m));
		done = schema_report_print(l->run, &m, &r) < 0;
	}
	mem_free(&m);
	return done;
}

/* What is recorded of a database, or of one table. */
static int
print_all(const struct logging *l, struct schema_history *h, struct mem *m, const char *table, struct fail *f)
{
	struct schema_version *all;
	const struct schema_version **last;
	size_t n;
	int done = schema_history_all(h, m, &all, &n, f);

	if (done < 0)
		return -1;
	last = mem_array(m, h->current.n, sizeof(struct schema_version *));
	for (size_t i = 0; i < n && done == 0; i++) {
		size_t which = (size_t)(schema_current_find(&h->current, all[i].table) - h->current.versions);

		if (table == NULL || strcmp(table, all[i].table) == 0)
			done = print(l, h, last[which], &all[i], f);
		last[which] = &all[i];
	}
	return done;
}

static enum operands_result
log_operand(void *arg, const char *text, int raw, struct fail *f)
{
	struct mem m = {0};
	const struct logging l = {arg, written_in(&m, text)};
	struct schema_recorded r;
	int found = schema_recorded_open(&r, &m, text, raw, f), done = -1;

	if (found == 0)
		fail_set(f, "was never recorded");
	if (found > 0) {
		done = print_all(&l, &r.history, &m, r.table, f);
		schema_history_close(&r.history);
		if (done < 0)
			schema_current_where(f);
	}
	mem_free(&m);
	return done < 0 ? OPERANDS_FAILED : done > 0 ? OPERANDS_STOP : OPERANDS_DONE;
}

/* One folder of those that are kept: -1 where it cannot be read, 1 where no more can be written. */
static int
log_folder(const struct tool_run *run, int all, const char *name, struct fail *f)
{
	const struct logging l = {.run = run};
	struct mem m = {0};
	struct schema_history h;
	int folder = file_at_folder(all, name, 0, f), found, done = -1;

	if (folder < 0)
		return errno == ENOENT ? 0 : fail_wrap(f, name);
	found = schema_history_open_at(&h, &m, folder, f);
	if (found > 0) {
		done = print_all(&l, &h, &m, NULL, f);
		schema_history_close(&h);
	}
	mem_free(&m);
	if (found == 0)
		return 0;
	return done < 0 ? fail_wrap(f, name) : done;
}

static int
log_everything(struct tool_run *run)
{
	struct file_at_name *names;
	size_t n = 0, failed = 0;
	struct fail f;
	int state = state_folder(0, &f), all = state >= 0 ? file_at_folder(state, "schema", 0, &f) : -1, done = 0;

	if (state >= 0)
		close(state);
	if (all < 0 && errno == ENOENT)
		return TOOL_DONE;
	if (all < 0 || file_at_list(&run->mem, all, &names, &n, &f) < 0) {
		schema_current_where(&f);
		tool_complain(run, NULL, f.text);
		failed = 1;
	}
	for (size_t i = 0; i < n && done <= 0; i++) {
		done = log_folder(run, all, names[i].name, &f);
		if (done < 0) {
			schema_current_where(&f);
			tool_complain(run, NULL, f.text);
			failed++;
		}
	}
	if (all >= 0)
		close(all);
	return failed == 0 ? TOOL_DONE : failed < n ? TOOL_SOME : TOOL_NONE;
}

int
schema_log(struct tool_run *run)
{
	struct operands o = {.run = run, .take = log_operand, .arg = run};
	int status;

	out_begin(run->out, OUT_FACTS, NULL, schema_report_columns, SCHEMA_REPORT_FIELDS);
	status = run->noperands > 0 ? operands_each(&o) : log_everything(run);
	tool_end(run, NULL);
	return status;
}

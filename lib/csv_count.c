#include "csv_count.h"

#include <errno.h>

#include "chance.h"
#include "csv_head.h"
#include "csv_index.h"
#include "estimate.h"
#include "growth.h"
#include "threads.h"

static const int64_t HEADER_GRACE = INT64_C(1000000000); /* nanoseconds */

/* Keeps where a count of the file may go on once it has grown: found by counting a little of its end again. */
static void
keep_continuation(const struct csv_table *t, const struct reader *r, const struct rowindex *x)
{
	struct csv_scan scan = r->scan;
	struct growth g;
	struct buf bytes = {0};
	uint64_t records, offset;
	struct fail f;

	if (x->records == 0 || t->kept.cache == NULL)
		return;
	offset = rowindex_find(x, x->records - 1, &scan, &records);
	if (offset > 0 && growth_from(&g, &scan, offset, records, r->in.fd, x->size, t->watch, &f) == 0) {
		continuation_encode(&bytes, &g.next);
		csv_kept_put(&t->kept, CSV_KEPT_CONTINUATION, r, &bytes);
	}
	buf_free(&bytes);
}

/* All records from here on, by threads; where they are is kept for who wants some of them later. */
static int
count_file(struct csv_table *t, struct reader *r, unsigned threads, uint64_t *records, struct fail *f)
{
	struct rowindex index = {0};
	int keeps = t->kept.cache != NULL, failed = reader_count_file(r, threads, keeps ? &index : NULL, records, f) < 0;

	if (!failed && keeps) {
		csv_index_keep(&t->kept, r, &index);
		keep_continuation(t, r, &index);
	}
	rowindex_free(&index);
	return failed ? -1 : 0;
}

/* The count of a file that has grown since: 1; 0 where it is not known how it was, or it is not only that; -1. */
static int
continue_count(struct csv_table *t, struct reader *r, struct csv_count *count, struct fail *f)
{
	struct continuation before;
	struct buf bytes = {0};
	struct mem m = {0};
	struct growth g;
	struct stat st;
	const char *kept;
	size_t len;
	int found = csv_kept_get(&t->kept, CSV_KEPT_CONTINUATION, r, &m, &kept, &len) &&
		    continuation_decode(&before, kept, len) == 0 && before.delimiter == (unsigned char)r->dialect.delimiter;

	mem_free(&m);
	if (!found)
		return 0;
	if (fstat(r->in.fd, &st) < 0)
		return fail_errno(f, errno, "cannot look at");
	found = growth_count(&g, &before, r->in.fd, &st, t->watch, f);
	if (found <= 0)
		return found;
	continuation_encode(&bytes, &g.next);
	csv_kept_put(&t->kept, CSV_KEPT_CONTINUATION, r, &bytes);
	buf_free(&bytes);
	r->unclosed = g.unclosed;
	*count = (struct csv_count){g.records, g.lines, (uint64_t)st.st_size, g.records, g.records, "continued"};
	return 1;
}

/* All records from here on, or as many as are enough. */
static int
count_records(struct csv_table *t, struct reader *r, const struct driver_request *q, struct csv_count *count, struct fail *f)
{
	uint64_t records = 0;
	int ended;

	if (q->at_least == 0 && reader_can_thread(r)) {
		int continued = continue_count(t, r, count, f);

		if (continued != 0)
			return continued < 0 ? -1 : 0;
		if (count_file(t, r, q->threads ? q->threads : threads_processors(), &records, f) < 0)
			return -1;
	} else if (reader_count(r, q->at_least ? q->at_least : UINT64_MAX, &records, f) < 0) {
		return -1;
	}
	ended = reader_at_end(r, f);
	*count = (struct csv_count){
	    .records = records,
	    .lines = csv_scan_lines(&r->scan),
	    .bytes = r->in.read,
	    .low = records,
	    .high = ended ? records : UINT64_MAX,
	    .method = ended ? "exact" : "at-least",
	};
	return ended < 0 ? -1 : 0;
}

static int
can_estimate(const struct reader *r)
{
	return input_is_plain(&r->in) && !estimate_is_vain(r->in.total - input_offset(&r->in));
}

static int
estimate_records(struct reader *r, const struct driver_request *q, struct csv_count *count, struct fail *f)
{
	uint64_t from = input_offset(&r->in), seed = q->seed ? q->seed : chance_seed();
	struct estimate e;

	if (estimate_run(&e, r->in.fd, from, r->in.total, &r->dialect, seed, f) < 0)
		return -1;
	*count = (struct csv_count){
	    .records = e.records,
	    .lines = csv_scan_lines(&r->scan) + e.lines,
	    .bytes = r->in.total,
	    .low = e.low,
	    .high = e.high,
	    .method = "estimate",
	};
	return 0;
}

/* The count is asked for with an estimate in case that time runs out; that is the case. */
static int
is_over(const struct csv_table *t, const struct driver_request *q)
{
	return q->effort == DRIVER_OR_ESTIMATE && watch_over(t->watch);
}

static int
count_or_estimate(struct rows *rows, struct csv_table *t, struct reader *r, const struct driver_request *q,
    struct csv_count *count, struct fail *f)
{
	const struct reader header = *r;

	if (can_estimate(r) && (q->effort == DRIVER_ESTIMATE || is_over(t, q))) {
		if (q->effort != DRIVER_ESTIMATE)
			rows_note(rows, 0, "no time was left to count it: estimated");
		return estimate_records(r, q, count, f);
	}
	if (count_records(t, r, q, count, f) == 0)
		return 0;
	if (!is_over(t, q) || !can_estimate(&header))
		return -1;
	rows_note(rows, 0, "%s: estimated", f->text);
	r->scan = header.scan;
	r->in.start = header.in.start;
	return estimate_records(r, q, count, f);
}

/* An estimate needs the header, and so a little more than the time there was: not forever, as it may be as long as the file. */
static struct watch
header_watch(const struct watch *w)
{
	struct watch late = *w;
	int64_t now = watch_now();

	if (late.deadline != 0)
		late.deadline = (now > late.deadline ? now : late.deadline) + HEADER_GRACE;
	return late;
}

int
csv_count(struct rows *rows, struct csv_table *t, const struct driver_request *q, struct csv_count *count, struct fail *f)
{
	struct watch *watch = t->watch, late;
	struct reader r;
	uint64_t header = 0;
	int opened;

	if (watch != NULL && q->effort == DRIVER_OR_ESTIMATE && S_ISREG(t->stat.st_mode) && t->program == NULL) {
		late = header_watch(watch);
		t->watch = &late;
	}
	t->counting = q->at_least == 0 && q->effort != DRIVER_ESTIMATE;
	opened = csv_table_open(t, &r, 0, f);
	t->watch = watch;
	if (opened < 0)
		return -1;
	if (!t->options.no_header && (reader_skip(&r, 1, &header, f) < 0 || csv_head_check(&r, f) < 0))
		goto failed;
	r.in.watch = watch;
	if (count_or_estimate(rows, t, &r, q, count, f) < 0)
		goto failed;
	csv_table_note(rows, &r);
	return reader_close(&r, f);
failed:;
	struct fail unused;

	reader_close(&r, &unused);
	return -1;
}

static void
take_marks(struct csv_marks *marks, enum csv_marks_state state, const struct rowindex *x)
{
	struct buf bytes = {0};

	rowindex_encode(&bytes, x);
	*marks = (struct csv_marks){state, x->records, x->n, bytes.len};
	buf_free(&bytes);
}

/* Counts the file, and looks whether what that leaves is found. */
static int
make_marks(struct csv_table *t, struct reader *r, struct csv_marks *marks, struct fail *f)
{
	struct csv_kept kept;
	struct rowindex index;
	uint64_t records = 0;

	if (!reader_can_thread(r))
		return fail_set(f, "is recoded as it is read: its rows have no places to go to");
	if (count_file(t, r, threads_processors(), &records, f) < 0)
		return -1;
	kept = t->kept;
	kept.refresh = 0;
	if (!csv_index_find(&kept, r, &index)) {
		csv_kept_why(&kept, r, f);
		return fail_wrap(f, "its index is not kept");
	}
	take_marks(marks, CSV_MARKS_MADE, &index);
	rowindex_free(&index);
	return 0;
}

static int
find_or_make(struct csv_table *t, struct reader *r, struct csv_marks *marks, struct fail *f)
{
	struct rowindex index;
	uint64_t header = 0;

	*marks = (struct csv_marks){CSV_MARKS_SMALL, 0, 0, 0};
	if (t->kept.cache == NULL)
		return 0;
	if (!t->options.no_header && (reader_skip(r, 1, &header, f) < 0 || csv_head_check(r, f) < 0))
		return -1;
	if (!csv_index_find(&t->kept, r, &index))
		return make_marks(t, r, marks, f);
	take_marks(marks, CSV_MARKS_THERE, &index);
	rowindex_free(&index);
	return 0;
}

int
csv_count_marks(struct csv_table *t, struct csv_marks *marks, struct fail *f)
{
	struct fail unused;
	struct reader r;

	t->counting = 1;
	if (csv_table_open(t, &r, 0, f) < 0)
		return -1;
	if (find_or_make(t, &r, marks, f) == 0)
		return reader_close(&r, f);
	reader_close(&r, &unused);
	return -1;
}

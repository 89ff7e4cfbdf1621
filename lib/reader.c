#include "reader.h"

#include "counter.h"
#include "sniff.h"

/* Reads as much as it takes to tell the delimiter: mostly the header. */
static int
find_delimiter(struct input *in, char hint, char *delimiter, struct fail *f)
{
	int decided = 0, enough = 0;
	size_t len = 0;

	*delimiter = hint;
	for (;;) {
		const char *text = in->bytes + in->start;
		size_t have = in->end - in->start;
		int header = sniff_header(text, have, in->ended, hint);

		decided = header > 0;
		if (header == 0 || in->ended)
			len = sniff_prefix(text, have, &enough);
		if (decided || enough || in->ended)
			break;
		if (input_fill(in, f) < 0)
			return -1;
	}
	if (!decided)
		*delimiter = sniff_delimiter(in->bytes + in->start, len, in->ended && len == in->end - in->start, hint);
	return 0;
}

int
reader_start(struct reader *r, const struct reader_options *o, size_t width, struct fail *f)
{
	char delimiter = o->delimiter;

	if (delimiter == 0 && find_delimiter(&r->in, o->hint ? o->hint : ',', &delimiter, f) < 0)
		return -1;
	csv_dialect_set(&r->dialect, delimiter);
	csv_scan_start(&r->scan, &r->dialect);
	split_init(&r->split, &r->dialect, width);
	return 0;
}

/* True where the text has ended with a record that has no terminator.  What damaged data end with is no whole one. */
static int
ends_record(const struct reader *r)
{
	return csv_scan_pending(&r->scan) && !r->in.damaged;
}

/* Looks for the end of the next record, which begins at in->start and of which *have bytes are scanned.  1: it is whole in
 * memory, *have bytes long; 0: no record is left; 2: it is larger than READER_RECORD, with *have bytes of it in memory. */
static int
find(struct reader *r, size_t *have, struct fail *f)
{
	struct input *in = &r->in;
	int ended, more;

	*have = 0;
	r->scan.quote = 0;
	for (;;) {
		*have += csv_scan_record(&r->scan, in->bytes + in->start + *have, in->end - in->start - *have, &ended);
		if (ended)
			return 1;
		if (!csv_scan_pending(&r->scan)) {
			/* Blank lines, if anything: they need not be kept. */
			in->start += *have;
			*have = 0;
		} else if (*have > READER_RECORD) {
			return 2;
		}
		more = input_fill(in, f);
		if (more < 0)
			return -1;
		if (more == 0)
			return ends_record(r);
	}
}

/* The record that find() found too large: fed piece by piece. */
static int
next_large(struct reader *r, size_t have, struct fail *f)
{
	struct input *in = &r->in;
	int ended = 0, more;

	split_begin(&r->split);
	for (;;) {
		split_feed(&r->split, in->bytes + in->start, have);
		in->start += have;
		if (ended)
			break;
		more = input_fill(in, f);
		if (more < 0)
			return -1;
		if (more == 0 && !ends_record(r))
			return 0;
		if (more == 0)
			break;
		have = csv_scan_record(&r->scan, in->bytes + in->start, in->end - in->start, &ended);
	}
	split_end(&r->split);
	return 1;
}

static void
end_of_text(struct reader *r)
{
	if (csv_scan_quoted(&r->scan))
		r->unclosed = r->scan.opened;
	r->scan.state = CSV_RECORD;
}

int
reader_next(struct reader *r, struct fail *f)
{
	size_t have;
	int found;

	found = find(r, &have, f);
	if (found <= 0)
		return found;
	r->line = r->scan.began;
	if (found == 2) {
		found = next_large(r, have, f);
	} else {
		split_record(&r->split, r->in.bytes + r->in.start, have, r->scan.quote);
		r->in.start += have;
	}
	if (r->in.ended && r->in.start == r->in.end)
		end_of_text(r);
	return found;
}

int
reader_peek(struct reader *r, int cells)
{
	struct input *in = &r->in;
	int ended;
	size_t have;

	r->scan.quote = 0;
	have = csv_scan_record(&r->scan, in->bytes + in->start, in->end - in->start, &ended);
	if (!ended && !(in->ended && ends_record(r)))
		return 0;
	if (cells)
		split_record(&r->split, in->bytes + in->start, have, r->scan.quote);
	else
		r->split.ncells = csv_fields(&r->dialect, in->bytes + in->start, have, r->scan.quote);
	in->start += have;
	if (!ended)
		end_of_text(r);
	return 1;
}

struct reader_mark
reader_mark(const struct reader *r)
{
	return (struct reader_mark){r->in.start, r->unclosed, r->scan};
}

void
reader_return(struct reader *r, struct reader_mark mark)
{
	r->in.start = mark.start;
	r->unclosed = mark.unclosed;
	r->scan = mark.scan;
}

/* More text: 1; 0 at its end, which may have ended one more record; -1. */
static int
more_text(struct reader *r, uint64_t *passed, struct fail *f)
{
	int more = input_fill(&r->in, f);

	if (more == 0) {
		*passed += (uint64_t)ends_record(r);
		end_of_text(r);
	}
	return more;
}

int
reader_skip(struct reader *r, uint64_t most, uint64_t *passed, struct fail *f)
{
	struct input *in = &r->in;
	uint64_t enough = *passed + most;
	int ended, more = 1;

	while (*passed < enough && more > 0) {
		in->start += csv_scan_record(&r->scan, in->bytes + in->start, in->end - in->start, &ended);
		*passed += (uint64_t)ended;
		if (!ended)
			more = more_text(r, passed, f);
	}
	return more < 0 ? -1 : 0;
}

int
reader_count(struct reader *r, uint64_t enough, uint64_t *passed, struct fail *f)
{
	struct input *in = &r->in;
	int more = 1;

	if (r->kernel == NULL)
		r->kernel = vector_for(in->total != 0 ? in->total : UINT64_MAX);
	while (*passed < enough && more > 0) {
		*passed += vector_scan_count(&r->scan, r->kernel, in->bytes + in->start, in->end - in->start);
		in->start = in->end;
		more = more_text(r, passed, f);
	}
	return more < 0 ? -1 : 0;
}

int
reader_can_thread(const struct reader *r)
{
	return input_is_plain(&r->in) && r->in.total >= input_offset(&r->in) + COUNTER_LEAST;
}

/* An index, with marks up to where the counting begins: they lead nowhere, but all have their places. */
static void
start_index(struct rowindex *x, const struct reader *r)
{
	rowindex_start(x, r->in.total);
	for (uint64_t at = ROWINDEX_STRIDE; at <= input_offset(&r->in); at += ROWINDEX_STRIDE)
		rowindex_add(x, at, 0, &r->scan);
}

int
reader_count_file(struct reader *r, unsigned threads, struct rowindex *index, uint64_t *passed, struct fail *f)
{
	struct input *in = &r->in;
	struct counter c = {
	    .fd = in->fd,
	    .from = input_offset(in),
	    .to = in->total,
	    .scan = r->scan,
	    .threads = threads,
	    .watch = in->watch,
	    .index = index,
	    .records = *passed,
	};

	if (index != NULL)
		start_index(index, r);
	if (counter_run(&c, f) < 0)
		return -1;
	input_passed(in);
	r->scan = c.scan;
	*passed = c.records + (uint64_t)csv_scan_pending(&r->scan);
	if (index != NULL)
		index->records = *passed;
	end_of_text(r);
	return 0;
}

int
reader_at_end(struct reader *r, struct fail *f)
{
	struct input *in = &r->in;
	int ended, more;

	if (csv_scan_pending(&r->scan))
		return 0;
	/* Blank lines are not records, so they are passed here as well as anywhere. */
	for (;;) {
		while (in->start < in->end && r->dialect.classes[(unsigned char)in->bytes[in->start]] >= CSV_BYTE_CR)
			in->start += csv_scan_record(&r->scan, in->bytes + in->start, 1, &ended);
		if (in->start < in->end || (in->total == 0 && !in->ended))
			return 0;
		more = input_fill(in, f);
		if (more <= 0)
			return more < 0 ? -1 : 1;
	}
}

int
reader_close(struct reader *r, struct fail *f)
{
	split_free(&r->split);
	return input_close(&r->in, f);
}

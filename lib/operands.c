#include "operands.h"

#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "json.h"

enum { LONGEST = 1 << 20 }; /* bytes of one reference on standard input */

static void
judge(struct operands *o, enum operands_result r, const char *ref, const struct fail *f)
{
	o->done += r == OPERANDS_DONE || r == OPERANDS_PARTLY;
	o->failed += r == OPERANDS_FAILED || r == OPERANDS_PARTLY;
	o->stop |= r == OPERANDS_STOP;
	if (r == OPERANDS_FAILED)
		tool_complain(o->run, ref, f->text);
}

static struct source_options
options_of(struct operands *o)
{
	return (struct source_options){.watch = &o->run->watch, .reader = o->reader, .standard_input = &o->standard_input};
}

/* Each table of a folder, as an operand of its own. */
static enum operands_result
each_table(struct operands *o, struct mem *m, struct source *folder, struct fail *f)
{
	const struct driver_request request = {.operation = DRIVER_TABLES};
	const struct source_options options = options_of(o);
	struct rows *tables = source_ask(folder, m, &request);
	enum operands_result r = OPERANDS_FAILED;
	int more;

	if (rows_columns(tables, f) < 0)
		goto end;
	/* The tables are judged one by one; the folder itself only counts where something of it could not be had. */
	while ((more = rows_next(tables, f)) > 0 && !o->stop) {
		struct mem inner = {0};
		const char *name = mem_copy(&inner, tables->cells[0].bytes, tables->cells[0].len);
		const char *ref = source_ref(folder, &inner, name);
		enum operands_result one = OPERANDS_FAILED;
		struct source table;
		struct fail why;

		if (source_open_table(&table, &inner, folder, name, &options, &why) == 0) {
			one = o->worker(o->arg, &inner, &table, ref, &why);
			source_close(&table);
		}
		judge(o, one, ref, &why);
		mem_free(&inner);
	}
	if (more < 0)
		goto end;
	tool_notes(o->run, source_ref(folder, m, NULL), tables);
	o->failed += tables->faults > 0;
	r = OPERANDS_JUDGED;
end:
	rows_close(tables);
	return r;
}

/* `raw`: the text comes from a program that knows nothing of references, such as find(1) with -print0. */
static void
one(struct operands *o, const char *text, int raw)
{
	const struct source_options options = options_of(o);
	enum operands_result r = OPERANDS_FAILED;
	struct buf redacted = {0};
	const char *shown;
	struct mem m = {0};
	struct source s;
	struct ref ref;
	struct fail f;

	ref_redact(&redacted, text);
	shown = buf_string(&redacted);
	if (ref_parse(&m, text, raw, &ref, &f) == 0 && source_open(&s, &m, &ref, &options, &f) == 0) {
		shown = source_ref(&s, &m, s.table);
		if (o->tables && s.folder)
			r = each_table(o, &m, &s, &f);
		else
			r = o->worker(o->arg, &m, &s, shown, &f);
		source_close(&s);
	}
	judge(o, r, shown, &f);
	buf_free(&redacted);
	mem_free(&m);
}

/* One line of standard input; `first` may be the header that `--header` prints. */
static void
one_line(struct operands *o, char *line, size_t len, int first)
{
	struct buf ref = {0};
	const char *tab;

	if (o->run->settings.nul) {
		buf_add(&ref, line, len);
	} else if (line[0] != '{' || json_member(line, len, "ref", &ref) <= 0) {
		tab = memchr(line, '\t', len);
		if (first && tab != NULL && tab - line == 3 && memcmp(line, "ref", 3) == 0)
			return;
		buf_add(&ref, line, tab != NULL ? (size_t)(tab - line) : len);
	}
	if (ref.len > 0 && memchr(ref.bytes, '\0', ref.len) != NULL)
		judge(o, OPERANDS_FAILED, "standard input", &(struct fail){"a reference holds a NUL byte"});
	else if (ref.len > 0)
		one(o, buf_string(&ref), o->run->settings.nul);
	buf_free(&ref);
}

/* Does the lines that are whole in text[0..len); returns the bytes done. */
static size_t
whole_lines(struct operands *o, struct buf *text, int *first)
{
	const char end = o->run->settings.nul ? '\0' : '\n';
	size_t at = 0;
	char *stop;

	while (!o->stop && text->len > at && (stop = memchr(text->bytes + at, end, text->len - at)) != NULL) {
		size_t len = (size_t)(stop - (text->bytes + at));

		if (len > 0)
			one_line(o, text->bytes + at, len, *first);
		*first = 0;
		at += len + 1;
	}
	return at;
}

/* Does the lines that are whole in `text` and takes them off.  A line that is too long is complained about and dropped, piece
 * by piece: `dropping` says that its end is still to come. */
static void
take_lines(struct operands *o, struct buf *text, int *first, int *dropping)
{
	const char *end = memchr(text->bytes, o->run->settings.nul ? '\0' : '\n', text->len);
	size_t used;

	if (*dropping) {
		used = end != NULL ? (size_t)(end - text->bytes) + 1 : text->len;
		*dropping = end == NULL;
		memmove(text->bytes, text->bytes + used, text->len - used);
		text->len -= used;
	}
	used = whole_lines(o, text, first);
	memmove(text->bytes, text->bytes + used, text->len - used);
	text->len -= used;
	if (text->len > LONGEST) {
		struct fail f;

		fail_set(&f, "a line is longer than %d bytes", LONGEST);
		judge(o, OPERANDS_FAILED, "standard input", &f);
		text->len = 0;
		*dropping = 1;
	}
}

static void
from_standard_input(struct operands *o)
{
	struct buf text = {0};
	struct fail f;
	int first = 1, dropping = 0;

	if (o->standard_input++ > 0) {
		judge(o, OPERANDS_FAILED, "-", &(struct fail){"standard input can be read only once"});
		return;
	}
	while (!o->stop) {
		ssize_t n = file_read(STDIN_FILENO, buf_room(&text, INPUT_BLOCK), INPUT_BLOCK, &o->run->watch, 0, 0, &f);

		if (n < 0)
			judge(o, OPERANDS_FAILED, "standard input", &f);
		if (n <= 0)
			break;
		text.len += (size_t)n;
		take_lines(o, &text, &first, &dropping);
	}
	/* A last line needs no end. */
	if (text.len > 0 && !o->stop && !dropping)
		one_line(o, text.bytes, text.len, first);
	buf_free(&text);
}

int
operands_each(struct operands *o)
{
	struct tool_run *run = o->run;

	if (run->noperands == 0) {
		if (!o->tables)
			return TOOL_DONE;
		if (isatty(STDIN_FILENO))
			return tool_misuse(run, "name a table, or pipe references in");
		from_standard_input(o);
	}
	for (size_t i = 0; i < run->noperands && !o->stop; i++) {
		if (strcmp(run->operands[i], "-") == 0)
			from_standard_input(o);
		else
			one(o, run->operands[i], 0);
	}
	if (o->failed == 0)
		return TOOL_DONE;
	return o->done > 0 ? TOOL_SOME : TOOL_NONE;
}

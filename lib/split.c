#include "split.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "utf8.h"

struct split_parser {
	struct csv_parser csv;
};

/* Blanks belong to the field. */
static int
no_space(unsigned char byte)
{
	(void)byte;
	return 0;
}

static void
start_parser(struct split *s)
{
	s->parser = mem_resize(NULL, sizeof *s->parser);
	if (csv_init(&s->parser->csv, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL) != 0)
		mem_exhausted();
	csv_set_delim(&s->parser->csv, (unsigned char)s->dialect->delimiter);
	/* It grows its buffer by so much at a time. */
	csv_set_blk_size(&s->parser->csv, 64 * 1024);
	csv_set_space_func(&s->parser->csv, no_space);
}

void
split_init(struct split *s, const struct csv_dialect *d, size_t width)
{
	*s = (struct split){.dialect = d, .width = width};
}

void
split_free(struct split *s)
{
	if (s->parser != NULL)
		csv_free(&s->parser->csv);
	free(s->parser);
	free(s->cells);
	buf_free(&s->text);
	*s = (struct split){0};
}

/* A free cell, or NULL where there may be no more. */
static struct rows_cell *
next_cell(struct split *s)
{
	if (s->ncells == ROWS_COLUMNS) {
		s->dropped++;
		return NULL;
	}
	if (s->ncells == s->room) {
		s->room = s->room ? 2 * s->room : 1024;
		s->cells = mem_resize(s->cells, s->room * sizeof *s->cells);
	}
	return &s->cells[s->ncells++];
}

/* Cuts bytes[0..len), of which there were `total`, to the width. */
static void
set_cell(struct rows_cell *c, const struct split *s, const char *bytes, size_t len, size_t total, int null)
{
	c->bytes = bytes;
	c->len = len > s->width ? utf8_cut(bytes, len, s->width) : len;
	c->cut = total > c->len;
	c->type = null ? ROWS_NULL : ROWS_TEXT;
}

/* Adds the cell text[s->field..): `total` is what it would be uncut. */
static void
add_cell(struct split *s, size_t total, int null)
{
	struct rows_cell *c = next_cell(s);

	if (c == NULL) {
		s->text.len = s->field;
		return;
	}
	set_cell(c, s, s->text.len > 0 ? s->text.bytes + s->field : "", s->text.len - s->field, total, null);
	s->text.len = s->field + c->len;
	/* The text may still move: point_cells() says where it is in the end. */
	c->bytes = NULL;
	s->field = s->text.len;
}

static void
point_cells(struct split *s)
{
	size_t at = 0;

	for (size_t i = 0; i < s->ncells; i++) {
		s->cells[i].bytes = s->text.bytes != NULL ? s->text.bytes + at : "";
		at += s->cells[i].len;
	}
}

/* Bytes of a field worth keeping: a little over the width, so that the cut can see whether it is inside a character. */
static size_t
worth(const struct split *s, size_t have, size_t more)
{
	size_t most = s->width > SIZE_MAX - 4 ? SIZE_MAX : s->width + 4;

	return have >= most ? 0 : more < most - have ? more : most - have;
}

static void
on_field(void *field, size_t len, void *arg)
{
	struct split *s = arg;

	buf_add(&s->text, field, worth(s, 0, field != NULL ? len : 0));
	add_cell(s, len, field == NULL);
}

static void
on_record(int terminator, void *arg)
{
	(void)terminator;
	(void)arg;
}

void
split_begin(struct split *s)
{
	s->ncells = 0;
	s->dropped = 0;
	s->line = NULL;
	s->text.len = 0;
	s->field = 0;
	s->length = 0;
	s->quoted = 0;
	s->state = CSV_RECORD;
}

void
split_feed(struct split *s, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct csv_step step = csv_steps[s->state][s->dialect->classes[(unsigned char)bytes[i]]];

		s->state = step.state;
		switch (step.action) {
		case CSV_ADD:
		case CSV_ODD:
			if (worth(s, s->text.len - s->field, 1) > 0)
				buf_byte(&s->text, bytes[i]);
			s->length++;
			break;
		case CSV_OPEN:
			s->quoted = 1;
			break;
		case CSV_END:
		case CSV_FINISH:
			add_cell(s, s->length, s->length == 0 && !s->quoted);
			s->length = 0;
			s->quoted = 0;
			break;
		default:
			break;
		}
	}
}

void
split_end(struct split *s)
{
	/* A record without a terminator still has its last field open. */
	if (s->state != CSV_RECORD && s->state != CSV_AFTER_CR)
		add_cell(s, s->length, s->length == 0 && !s->quoted);
	point_cells(s);
}

/* A record without quotes: cells are what lies between delimiters. */
static void
split_plain(struct split *s, const char *bytes, size_t len)
{
	const char delimiter = s->dialect->delimiter, *end = bytes + len;

	for (const char *p = bytes;; p++) {
		const char *start = p;
		struct rows_cell *c = next_cell(s);

		while (p < end && *p != delimiter)
			p++;
		if (c != NULL)
			set_cell(c, s, start, (size_t)(p - start), (size_t)(p - start), p == start);
		if (p == end)
			break;
	}
}

void
split_line(struct split *s)
{
	s->ncells = 0;
	split_plain(s, s->line, s->line_len);
	s->line = NULL;
}

static int
is_end(char byte)
{
	return byte == '\n' || byte == '\r';
}

/* True where no cell of the line is wider than the width: there is a delimiter in every stretch that long. */
static int
fits(const struct split *s, const char *line, size_t len)
{
	const char *p = line, *end = line + len;

	while ((size_t)(end - p) > s->width) {
		const char *q = p + s->width;

		while (q > p && *q != s->dialect->delimiter)
			q--;
		if (*q != s->dialect->delimiter)
			return 0;
		p = q + 1;
	}
	return 1;
}

static void
split_unquoted(struct split *s, const char *bytes, size_t len)
{
	for (; len > 0 && is_end(*bytes); len--)
		bytes++;
	while (len > 0 && is_end(bytes[len - 1]))
		len--;
	if (s->lines && s->dialect->delimiter == ',' && fits(s, bytes, len)) {
		s->ncells = csv_fields(s->dialect, bytes, len, 0);
		s->line = bytes;
		s->line_len = len;
		if (s->ncells <= ROWS_COLUMNS)
			return;
		s->ncells = 0;
		s->line = NULL;
	}
	split_plain(s, bytes, len);
}

void
split_record(struct split *s, const char *bytes, size_t len, int quote)
{
	split_begin(s);
	if (!quote) {
		split_unquoted(s, bytes, len);
		return;
	}
	if (s->parser == NULL)
		start_parser(s);
	if (csv_parse(&s->parser->csv, bytes, len, on_field, on_record, s) == len &&
	    csv_fini(&s->parser->csv, on_field, on_record, s) == 0) {
		point_cells(s);
		return;
	}
	if (csv_error(&s->parser->csv) == CSV_ENOMEM)
		mem_exhausted();
	/* Malformed: a parser that has refused must be made anew. */
	csv_free(&s->parser->csv);
	free(s->parser);
	s->parser = NULL;
	split_begin(s);
	split_feed(s, bytes, len);
	split_end(s);
}

#include "csv.h"

#include <string.h>

/* Columns: other, delimiter, quote, CR, LF. */
const struct csv_step csv_steps[CSV_STATES][CSV_CLASSES] = {
    [CSV_RECORD] = {{CSV_PLAIN, CSV_ADD}, {CSV_FIELD, CSV_END}, {CSV_QUOTED, CSV_OPEN}, {CSV_AFTER_CR, CSV_BLANK},
	{CSV_RECORD, CSV_BLANK}},
    [CSV_AFTER_CR] = {{CSV_PLAIN, CSV_ADD}, {CSV_FIELD, CSV_END}, {CSV_QUOTED, CSV_OPEN}, {CSV_AFTER_CR, CSV_BLANK},
	{CSV_RECORD, CSV_SKIP}},
    [CSV_FIELD] = {{CSV_PLAIN, CSV_ADD}, {CSV_FIELD, CSV_END}, {CSV_QUOTED, CSV_OPEN}, {CSV_AFTER_CR, CSV_FINISH},
	{CSV_RECORD, CSV_FINISH}},
    [CSV_PLAIN] = {{CSV_PLAIN, CSV_ADD}, {CSV_FIELD, CSV_END}, {CSV_PLAIN, CSV_ODD}, {CSV_AFTER_CR, CSV_FINISH},
	{CSV_RECORD, CSV_FINISH}},
    [CSV_QUOTED] = {{CSV_QUOTED, CSV_ADD}, {CSV_QUOTED, CSV_ADD}, {CSV_CLOSING, CSV_SKIP}, {CSV_QUOTED, CSV_ADD},
	{CSV_QUOTED, CSV_ADD}},
    [CSV_CLOSING] = {{CSV_PLAIN, CSV_ODD}, {CSV_FIELD, CSV_END}, {CSV_QUOTED, CSV_ADD}, {CSV_AFTER_CR, CSV_FINISH},
	{CSV_RECORD, CSV_FINISH}},
};

void
csv_dialect_set(struct csv_dialect *d, char delimiter)
{
	memset(d->classes, CSV_BYTE_OTHER, sizeof d->classes);
	d->classes[(unsigned char)delimiter] = CSV_BYTE_DELIMITER;
	d->classes['"'] = CSV_BYTE_QUOTE;
	d->classes['\r'] = CSV_BYTE_CR;
	d->classes['\n'] = CSV_BYTE_LF;
	for (int i = 0; i < 256; i++)
		d->stops[i] = d->classes[i] >= CSV_BYTE_QUOTE;
	d->delimiter = delimiter;
}

/* Eight bytes at once: nonzero where one of them is zero (Bit Twiddling Hacks, "Determine if a word has a zero byte"). */
static uint64_t
zero_byte(uint64_t v)
{
	return (v - UINT64_C(0x0101010101010101)) & ~v & UINT64_C(0x8080808080808080);
}

static const unsigned char *
find_stop(const struct csv_dialect *d, const unsigned char *p, const unsigned char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t v;

	while (end - p >= 8) {
		memcpy(&v, p, 8);
		if (zero_byte(v ^ ones * '"') | zero_byte(v ^ ones * '\r') | zero_byte(v ^ ones * '\n'))
			break;
		p += 8;
	}
	while (p < end && !d->stops[*p])
		p++;
	return p;
}

/* Moves past bytes that end no record and open no quotes.  Outside quotes the last of them tells where that leaves the
 * machine: behind a delimiter, or inside a field. */
static const unsigned char *
pass(const struct csv_dialect *d, const unsigned char *p, const unsigned char *end, unsigned *state)
{
	const unsigned char *start = p;

	p = find_stop(d, p, end);
	if (p > start && *state != CSV_QUOTED)
		*state = d->classes[p[-1]] == CSV_BYTE_DELIMITER ? CSV_FIELD : CSV_PLAIN;
	return p;
}

void
csv_scan_start(struct csv_scan *s, const struct csv_dialect *d)
{
	*s = (struct csv_scan){.dialect = d, .state = CSV_RECORD};
}

static inline void
count_line(struct csv_scan *s, unsigned char class)
{
	s->terminators += class == CSV_BYTE_CR || !s->cr;
	s->cr = class == CSV_BYTE_CR;
}

size_t
csv_scan_record(struct csv_scan *s, const char *bytes, size_t len, int *ended)
{
	const unsigned char *p = (const unsigned char *)bytes, *end = p + len, *classes = s->dialect->classes;
	unsigned state = s->state;

	*ended = 0;
	while (p < end) {
		unsigned char class = classes[*p];
		struct csv_step step = csv_steps[state][class];

		p++;
		if (state <= CSV_AFTER_CR && class < CSV_BYTE_CR)
			s->began = s->terminators + 1;
		state = step.state;
		if (class >= CSV_BYTE_CR)
			count_line(s, class);
		else
			s->cr = 0;
		s->quote |= class == CSV_BYTE_QUOTE;
		if (step.action == CSV_FINISH) {
			*ended = 1;
			break;
		}
		if (step.action == CSV_OPEN)
			s->opened = s->terminators + 1;
		else if (step.action == CSV_ADD || step.action == CSV_END) {
			const unsigned char *from = p;

			p = pass(s->dialect, p, end, &state);
			s->cr &= p == from;
		}
	}
	s->state = (unsigned char)state;
	if (len > 0)
		s->open = classes[p[-1]] < CSV_BYTE_CR;
	return (size_t)(p - (const unsigned char *)bytes);
}

uint64_t
csv_scan_count(struct csv_scan *s, const char *bytes, size_t len)
{
	uint64_t n = 0;
	int ended;

	for (size_t i = 0; i < len;) {
		i += csv_scan_record(s, bytes + i, len - i, &ended);
		n += (uint64_t)ended;
	}
	return n;
}

size_t
csv_fields(const struct csv_dialect *d, const char *bytes, size_t len, int quote)
{
	unsigned state = CSV_RECORD;
	size_t n = 1;

	if (!quote) {
		for (size_t i = 0; i < len; i++)
			n += bytes[i] == d->delimiter;
		return n;
	}
	for (size_t i = 0; i < len; i++) {
		struct csv_step step = csv_steps[state][d->classes[(unsigned char)bytes[i]]];

		state = step.state;
		n += step.action == CSV_END;
	}
	return n;
}

uint64_t
csv_scan_lines(const struct csv_scan *s)
{
	return s->terminators + s->open;
}

int
csv_scan_pending(const struct csv_scan *s)
{
	return s->state != CSV_RECORD && s->state != CSV_AFTER_CR;
}

int
csv_scan_quoted(const struct csv_scan *s)
{
	return s->state == CSV_QUOTED;
}

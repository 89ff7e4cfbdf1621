#include "csv.h"

#include <string.h>

/* Columns: other, delimiter, quote, CR, LF. */
const struct csv_step csv_steps[CSV_STATES][CSV_CLASSES] = {
    [CSV_RECORD] = {{CSV_PLAIN, CSV_ADD}, {CSV_FIELD, CSV_END}, {CSV_QUOTED, CSV_OPEN},
	{CSV_AFTER_CR, CSV_BLANK}, {CSV_RECORD, CSV_BLANK}},
    [CSV_AFTER_CR] = {{CSV_PLAIN, CSV_ADD}, {CSV_FIELD, CSV_END}, {CSV_QUOTED, CSV_OPEN},
	{CSV_AFTER_CR, CSV_BLANK}, {CSV_RECORD, CSV_SKIP}},
    [CSV_FIELD] = {{CSV_PLAIN, CSV_ADD}, {CSV_FIELD, CSV_END}, {CSV_QUOTED, CSV_OPEN},
	{CSV_AFTER_CR, CSV_FINISH}, {CSV_RECORD, CSV_FINISH}},
    [CSV_PLAIN] = {{CSV_PLAIN, CSV_ADD}, {CSV_FIELD, CSV_END}, {CSV_PLAIN, CSV_ODD},
	{CSV_AFTER_CR, CSV_FINISH}, {CSV_RECORD, CSV_FINISH}},
    [CSV_QUOTED] = {{CSV_QUOTED, CSV_ADD}, {CSV_QUOTED, CSV_ADD}, {CSV_CLOSING, CSV_SKIP},
	{CSV_QUOTED, CSV_ADD}, {CSV_QUOTED, CSV_ADD}},
    [CSV_CLOSING] = {{CSV_PLAIN, CSV_ODD}, {CSV_FIELD, CSV_END}, {CSV_QUOTED, CSV_ADD},
	{CSV_AFTER_CR, CSV_FINISH}, {CSV_RECORD, CSV_FINISH}},
};

void
csv_dialect_set(struct csv_dialect *d, char delimiter)
{
	memset(d->classes, CSV_BYTE_OTHER, sizeof d->classes);
	d->classes[(unsigned char)delimiter] = CSV_BYTE_DELIMITER;
	d->classes['"'] = CSV_BYTE_QUOTE;
	d->classes['\r'] = CSV_BYTE_CR;
	d->classes['\n'] = CSV_BYTE_LF;
	d->delimiter = delimiter;
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
		state = step.state;
		if (class >= CSV_BYTE_CR)
			count_line(s, class);
		else
			s->cr = 0;
		if (step.action == CSV_FINISH) {
			*ended = 1;
			break;
		}
		if (step.action == CSV_OPEN)
			s->opened = s->terminators + 1;
		else if (step.action == CSV_ADD)
			/* Inside a field most bytes change nothing. */
			while (p < end && classes[*p] == CSV_BYTE_OTHER)
				p++;
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

#include "sniff.h"

#include <string.h>

#include "csv.h"

enum { WIDTHS = 64 }; /* records as wide as that or wider count as one width */

static const char candidates[] = {',', '\t', ';', '|'};

struct shape {
	unsigned records, first;     /* how many; the width of the first */
	unsigned widths[WIDTHS + 1]; /* well-formed records by how many fields they have */
};

static void
end_record(struct shape *s, unsigned fields, int odd)
{
	unsigned width = fields < WIDTHS ? fields : WIDTHS;

	if (s->records++ == 0)
		s->first = width;
	if (!odd)
		s->widths[width]++;
}

static void
look(struct shape *s, const char *text, size_t len, int whole, char delimiter)
{
	struct csv_dialect d;
	unsigned state = CSV_RECORD, fields = 1;
	int odd = 0;

	csv_dialect_set(&d, delimiter);
	for (size_t i = 0; i < len; i++) {
		struct csv_step step = csv_steps[state][d.classes[(unsigned char)text[i]]];

		state = step.state;
		if (step.action == CSV_END) {
			fields++;
		} else if (step.action == CSV_ODD) {
			odd = 1;
		} else if (step.action == CSV_FINISH) {
			end_record(s, fields, odd);
			fields = 1;
			odd = 0;
		}
	}
	if (whole && state != CSV_RECORD && state != CSV_AFTER_CR)
		end_record(s, fields, odd || state == CSV_QUOTED);
}

/* The share, in thousandths, of records that have the most common width, 0 where that is a single field.  A tie between
 * widths goes to the first record's. */
static unsigned
score(const struct shape *s)
{
	unsigned mode = s->first;

	for (unsigned w = 1; w <= WIDTHS; w++) {
		if (s->widths[w] > s->widths[mode])
			mode = w;
	}
	/* What does not separate the names of the columns is text inside one of them. */
	return mode < 2 || s->first < 2 ? 0 : 1000 * s->widths[mode] / s->records;
}

int
sniff_header(const char *text, size_t len, int whole, char hint)
{
	const char *end = text + len, *lf, *cr;

	while (text < end && (*text == '\n' || *text == '\r'))
		text++;
	lf = text < end ? memchr(text, '\n', (size_t)(end - text)) : NULL;
	cr = text < end ? memchr(text, '\r', (size_t)((lf != NULL ? lf : end) - text)) : NULL;
	if (lf == NULL && cr == NULL && !whole)
		return len < SNIFF_BYTES ? -1 : 0;
	end = cr != NULL ? cr : lf != NULL ? lf : end;
	if (text == end)
		return 1;
	/* A quote may hide a candidate, or the end of the header. */
	if (memchr(text, '"', (size_t)(end - text)) != NULL)
		return 0;
	for (size_t i = 0; i < sizeof candidates; i++) {
		if (candidates[i] != hint && memchr(text, candidates[i], (size_t)(end - text)) != NULL)
			return 0;
	}
	return 1;
}

char
sniff_delimiter(const char *text, size_t len, int whole, char hint)
{
	char winner = hint;
	unsigned best = 0;

	for (size_t i = 0; i <= sizeof candidates; i++) {
		char candidate = i == 0 ? hint : candidates[i - 1];
		struct shape s = {0};
		unsigned points;

		if (i > 0 && candidate == hint)
			continue;
		look(&s, text, len, whole, candidate);
		points = s.records > 0 ? score(&s) : 0;
		if (points > best) {
			best = points;
			winner = candidate;
		}
	}
	return winner;
}

size_t
sniff_prefix(const char *text, size_t len, int *enough)
{
	size_t most = len < SNIFF_BYTES ? len : SNIFF_BYTES;
	const char *p = text, *end = text + most, *cr = most > 0 ? memchr(text, '\r', most) : NULL;
	unsigned lines = 0;

	while (p < end && lines < SNIFF_LINES) {
		const char *lf = memchr(p, '\n', (size_t)((cr != NULL ? cr : end) - p));

		if (lf == NULL && cr == NULL) {
			p = end;
			break;
		}
		/* CRLF is one line end, and the LF is the one that is taken. */
		lines += lf != NULL || cr + 1 == end || cr[1] != '\n';
		p = (lf != NULL ? lf : cr) + 1;
		if (lf == NULL)
			cr = p < end ? memchr(p, '\r', (size_t)(end - p)) : NULL;
	}
	*enough = lines == SNIFF_LINES || most == SNIFF_BYTES;
	return (size_t)(p - text);
}

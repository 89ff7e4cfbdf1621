#include "sniff.h"

#include <string.h>

#include "csv.h"

enum { WIDTHS = 64 }; /* records as wide as that or wider count as one width */

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

char
sniff_delimiter(const char *text, size_t len, int whole, char hint)
{
	const char all[] = {hint, ',', '\t', ';', '|'};
	char candidates[sizeof all], winner = hint;
	unsigned best = 0;
	size_t n = 0;

	for (size_t i = 0; i < sizeof all && len > 0; i++) {
		if ((i == 0 || all[i] != hint) && memchr(text, all[i], len) != NULL)
			candidates[n++] = all[i];
	}
	/* Mostly there is nothing to choose from. */
	if (n == 0 || (n == 1 && candidates[0] == hint))
		return hint;
	for (size_t i = 0; i < n; i++) {
		struct shape s = {0};
		unsigned points;

		look(&s, text, len, whole, candidates[i]);
		points = s.records > 0 ? score(&s) : 0;
		if (points > best) {
			best = points;
			winner = candidates[i];
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

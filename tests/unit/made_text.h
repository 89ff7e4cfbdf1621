/* made_text: texts made by chance, well-formed or not, and what the exact machine and libcsv say of them. */
#ifndef MADE_TEXT_H
#define MADE_TEXT_H

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csv.h"
#include "random.h"

enum { LONGEST = 700 }; /* bytes of a text */

static unsigned long files; /* understood so far */

/* A text in a file, and how the exact machine stands before each of its bytes. */
struct text {
	int fd;
	struct csv_dialect dialect;
	char bytes[LONGEST];
	size_t len;
	struct csv_scan scans[LONGEST + 1];
	uint64_t records[LONGEST + 1]; /* that have ended */
	size_t begins[LONGEST + 2];    /* record i begins there, or the text ends */
};

/* Fills in what follows from the bytes. */
static void
understand(struct text *t)
{
	struct csv_scan s;
	uint64_t n = 0;

	csv_scan_start(&s, &t->dialect);
	for (size_t i = 0;; i++) {
		t->scans[i] = s;
		t->records[i] = n;
		t->begins[n] = t->begins[n + 1] = t->len;
		if (i == t->len)
			break;
		n += csv_scan_count(&s, t->bytes + i, 1);
	}
	/* A record begins at the first byte behind those before it that is no terminator. */
	for (size_t i = t->len; i-- > 0;) {
		int before = t->scans[i].state == CSV_RECORD || t->scans[i].state == CSV_AFTER_CR;

		if (before && t->dialect.classes[(unsigned char)t->bytes[i]] < CSV_BYTE_CR)
			t->begins[t->records[i]] = i;
	}
	if (ftruncate(t->fd, 0) < 0 || pwrite(t->fd, t->bytes, t->len, 0) != (ssize_t)t->len)
		abort();
	files++;
}

static int
same_scan(const struct csv_scan *a, const struct csv_scan *b)
{
	return a->state == b->state && a->cr == b->cr && a->open == b->open && a->terminators == b->terminators &&
	       (a->state != CSV_QUOTED || a->opened == b->opened);
}

static void
count_row(int end, void *rows)
{
	(void)end;
	++*(uint64_t *)rows;
}

/* For well-formed text, whose records libcsv knows. */
static int
libcsv_agrees(const struct text *t)
{
	struct csv_parser p;
	uint64_t rows = 0;

	if (csv_init(&p, CSV_STRICT) != 0)
		abort();
	csv_set_delim(&p, (unsigned char)t->dialect.delimiter);
	if (csv_parse(&p, t->bytes, t->len, NULL, count_row, &rows) != t->len || csv_fini(&p, NULL, count_row, &rows) != 0)
		return 0;
	csv_free(&p);
	return rows == t->records[t->len] + (uint64_t)csv_scan_pending(&t->scans[t->len]);
}

static void
put_text(struct text *t, const char *bytes)
{
	for (; *bytes != '\0' && t->len < LONGEST; bytes++)
		t->bytes[t->len++] = *bytes == ',' ? t->dialect.delimiter : *bytes;
}

static struct text *
new_text(struct text *t, unsigned number)
{
	csv_dialect_set(&t->dialect, ",;\t|"[number % 4]);
	t->len = 0;
	return t;
}

/* A record of well-formed fields, some of them quoted, with any of the terminators. */
static void
put_record(struct text *t)
{
	static const char *const parts[] = {"a", "xy", " ", "1", "\xc3\xa9", "\"\"", ",", "\n", "\r\n", "\r", ";", "\t"};
	static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n\r"};

	/* To libcsv a line of blanks has nothing on it. */
	put_text(t, "r,");
	for (unsigned fields = 1 + next_random(4); fields > 0; fields--) {
		int quoted = next_random(2) != 0;
		unsigned n = next_random(next_random(6) ? 4 : 20);

		put_text(t, quoted ? "\"" : "");
		for (; n > 0; n--)
			put_text(t, parts[next_random(quoted ? 12 : 5)]);
		put_text(t, quoted ? "\"" : "");
		put_text(t, fields > 1 ? "," : "");
	}
	put_text(t, ends[next_random(6)]);
}

static void
put_orderly(struct text *t)
{
	size_t want = next_random(LONGEST);

	while (t->len < want && t->len < LONGEST - 300)
		put_record(t);
	if (next_random(3) == 0 && t->len > 0)
		t->len--;
}

/* Any bytes that matter. */
static void
put_random(struct text *t)
{
	static const char alphabet[] = ",,,\"\"\"\"\r\n\n\rab";
	unsigned most = next_random(4) ? 60 : LONGEST, n = next_random(most);

	for (unsigned i = 0; i < n; i++) {
		char one[2] = {alphabet[next_random(sizeof alphabet - 1)], '\0'};

		put_text(t, one);
		/* Without a quote, bytes are passed 256 at a time. */
		for (unsigned run = next_random(40) ? 0 : next_random(400); run > 0; run--)
			put_text(t, "x");
	}
}

/* A byte more, fewer or other than is right. */
static void
spoil(struct text *t)
{
	size_t at = t->len > 1 ? next_random((unsigned)t->len - 1) : 0;

	if (t->len < 2)
		return;
	if (next_random(2)) {
		t->bytes[at] = "\"\"\"\r\nx,"[next_random(7)];
	} else {
		memmove(t->bytes + at, t->bytes + at + 1, t->len - at - 1);
		t->len--;
	}
}

#endif

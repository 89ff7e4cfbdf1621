#include "index_baseline.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "file.h"
#include "infer.h"
#include "number.h"

enum { LARGEST = 16 << 20 }; /* bytes of a file */

/* Up to the next tab or the end, which becomes a NUL; *p moves behind it. */
static char *
field(char **p)
{
	char *start = *p, *tab = strchr(start, '\t');

	if (tab != NULL)
		*tab = '\0';
	*p = tab != NULL ? tab + 1 : start + strlen(start);
	return start;
}

static int
is_print(const char *text)
{
	size_t n = 0;

	while (number_hex(text[n]) >= 0)
		n++;
	return n == FINDING_PRINT - 1 && text[n] == '\0';
}

/* "until 2026-11-22", or "-". */
static int
read_until(const char *text, char until[11])
{
	static const char word[] = "until ";
	const char *date = text + sizeof word - 1;

	if (strcmp(text, "-") == 0)
		return 0;
	if (strncmp(text, word, sizeof word - 1) != 0 || strlen(date) != 10 || infer_type(date, 10) != ROWS_DATE)
		return -1;
	memcpy(until, date, 11);
	return 0;
}

static int
take_line(struct index_baseline_line *l, char *text, struct fail *f)
{
	char *print = field(&text), *until = field(&text);

	if (!is_print(print))
		return fail_set(f, "is no fingerprint, which has 16 hexadecimal digits: %.40s", print);
	if (read_until(until, l->until) < 0)
		return fail_set(f, "neither - nor until YYYY-MM-DD: %.40s", until);
	memcpy(l->fingerprint, print, FINDING_PRINT);
	l->reason = text;
	return 0;
}

static struct index_baseline_line *
add(struct index_baseline *b, struct mem *m)
{
	b->list = mem_more(m, b->list, b->n, sizeof *b->list);
	return &b->list[b->n++];
}

/* Dates sort as texts. */
static void
today(int64_t now, char date[11])
{
	time_t t = (time_t)now;
	struct tm parts;

	if (gmtime_r(&t, &parts) == NULL || strftime(date, 11, "%Y-%m-%d", &parts) != 10)
		date[0] = '\0';
}

static int
take_text(struct index_baseline *b, struct mem *m, char *text, const char *date, struct fail *f)
{
	size_t line = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n"), more = text[len] != '\0';
		struct index_baseline_line *l;

		text[len] = '\0';
		line++;
		if (len > 0 && text[len - 1] == '\r')
			text[len - 1] = '\0';
		if (*text != '\0' && *text != '#') {
			struct fail why;

			l = add(b, m);
			l->line = line;
			if (take_line(l, text, &why) < 0)
				return fail_set(f, "%zu: %s", line, why.text);
			l->expired = l->until[0] != '\0' && strcmp(date, l->until) > 0;
		}
		text += len + more;
	}
	return 0;
}

int
index_baseline_read(struct index_baseline *b, struct mem *m, const char *path, int64_t now, struct watch *w, struct fail *f)
{
	struct buf text = {0};
	struct fail why;
	char date[11];
	int status;

	*b = (struct index_baseline){0};
	today(now, date);
	if (file_whole(path, &text, LARGEST, w, f) < 0) {
		buf_free(&text);
		return fail_wrap(f, path);
	}
	status = take_text(b, m, mem_copy(m, text.bytes, text.len), date, &why);
	buf_free(&text);
	return status < 0 ? fail_set(f, "%.300s:%s", path, why.text) : 0;
}

int
index_baseline_accepts(struct index_baseline *b, const struct finding *f)
{
	int accepted = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (strcmp(b->list[i].fingerprint, f->fingerprint) != 0)
			continue;
		b->list[i].met = 1;
		accepted |= !b->list[i].expired;
	}
	b->accepted += (size_t)accepted;
	return accepted;
}

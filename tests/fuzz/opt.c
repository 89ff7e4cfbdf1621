/* opt: any arguments are parsed or refused with a sentence; what is accepted is in its bounds. */

#include <inttypes.h>

#include "fuzz.h"
#include "number.h"
#include "opt.h"

enum { ARGUMENTS = 64 };

#define LONGEST (INT64_C(10000) * 86400 * 1000000000)

struct fields {
	int flag, other, choice;
	uint64_t number, bounded, size;
	int64_t duration;
	const char *text;
};

static const char *const choices[] = {"csv", "tsv", "json", NULL};

static const struct opt opts[] = {
    {'f', "flag", OPT_FLAG, NULL, "a flag", offsetof(struct fields, flag), 1, 0, 0, NULL},
    {'o', "other", OPT_FLAG, NULL, "one that excludes it", offsetof(struct fields, other), 1, 0, 0, NULL},
    {'n', "number", OPT_NUMBER, "N", "a number", offsetof(struct fields, number), 0, 0, 0, NULL},
    {'b', "bounded", OPT_NUMBER, "N", "one within bounds", offsetof(struct fields, bounded), 0, 3, 300, NULL},
};

static const struct opt more[] = {
    {0, "duration", OPT_DURATION, "TIME", "a time", offsetof(struct fields, duration), 0, 0, 0, NULL},
    {'s', "size", OPT_SIZE, "SIZE", "a size", offsetof(struct fields, size), 0, 0, 0, NULL},
    {'t', "text", OPT_TEXT, "TEXT", "a text", offsetof(struct fields, text), 2, 0, 0, NULL},
    {'c', "choice", OPT_CHOICE, "FORMAT", "a choice", offsetof(struct fields, choice), 2, 0, 0, choices},
};

/* A number that is accepted is the one that was written. */
static void
check_number(const char *text)
{
	uint64_t n, bounded = 42;
	char again[24];
	struct fail f;

	if (number_integer(text, 0, UINT64_MAX, &n, &f) < 0)
		return;
	snprintf(again, sizeof again, "%" PRIu64, n);
	while (text[0] == '0' && text[1] != '\0')
		text++;
	MUST(strcmp(again, text) == 0);
	MUST((number_integer(text, 3, 300, &bounded, &f) == 0) == (n >= 3 && n <= 300));
	MUST(bounded == (n >= 3 && n <= 300 ? n : 42));
}

static void
check_duration(const char *text)
{
	int64_t time = -1, whole = -1;
	uint64_t n;
	struct fail f;

	if (number_duration(text, &time, &f) == 0)
		MUST(time >= 0 && time <= LONGEST);
	else
		MUST(time == -1 && f.text[0] != '\0');
	if (number_integer(text, 0, 10000 * UINT64_C(86400), &n, &f) == 0)
		MUST(number_duration(text, &whole, &f) == 0 && whole == (int64_t)n * 1000000000);
}

/* A size without a unit is a number; with one it is a multiple of 1024. */
static void
check_size(const char *text)
{
	uint64_t size = 1, n = 2;
	struct fail f;
	size_t len = strlen(text);

	if (number_size(text, &size, &f) < 0)
		MUST(size == 1 && f.text[0] != '\0' && number_integer(text, 0, UINT64_MAX, &n, &f) < 0);
	else if (number_integer(text, 0, UINT64_MAX, &n, &f) == 0)
		MUST(size == n);
	else
		MUST(size % 1024 == 0 && strchr("kKmMgGtT", text[len - 1]) != NULL);
}

/* Operands are arguments, in their order. */
static void
check_operands(const char *const *operands, size_t n, char *const *argv, int argc)
{
	int at = 1;

	for (size_t i = 0; i < n; i++, at++) {
		while (at < argc && argv[at] != operands[i])
			at++;
		MUST(at < argc);
	}
}

static int
parse(struct mem *m, struct fields *fields, int argc, char *const *argv)
{
	const struct opt_table tables[] = {
	    {opts, sizeof opts / sizeof *opts, fields}, {more, sizeof more / sizeof *more, fields}};
	const char **operands;
	size_t n;
	struct fail f = {""};

	*fields = (struct fields){.bounded = 5};
	if (opt_parse(m, tables, 2, argc, argv, &operands, &n, &f) < 0) {
		MUST(f.text[0] != '\0' && memchr(f.text, '\0', sizeof f.text) != NULL);
		return -1;
	}
	MUST(f.text[0] == '\0');
	check_operands(operands, n, argv, argc);
	MUST(fields->flag + fields->other <= 1 && (fields->text == NULL || fields->choice == 0));
	MUST(fields->choice >= 0 && fields->choice <= 3);
	MUST(fields->bounded >= 3 && fields->bounded <= 300);
	MUST(fields->duration >= 0 && fields->duration <= LONGEST);
	return (int)n;
}

static void
check(int argc, char **argv)
{
	struct mem m = {0};
	struct fields first, second;
	char *rest[ARGUMENTS + 2];
	int n = parse(&m, &first, argc, argv);

	/* Behind `--` all are operands. */
	rest[0] = rest[1] = "--";
	memcpy(rest + 2, argv + 1, ((size_t)argc - 1) * sizeof *argv);
	MUST(parse(&m, &second, argc + 1, rest) == argc - 1 && second.flag == 0 && second.text == NULL);
	/* A flag once more at the end changes nothing else. */
	if (n >= 0 && first.flag == 0 && first.other == 0) {
		memcpy(rest + 1, argv + 1, ((size_t)argc - 1) * sizeof *argv);
		rest[argc] = "--flag";
		if (parse(&m, &second, argc + 1, rest) == n)
			MUST(second.flag == 1 && second.number == first.number && second.text == first.text);
	}
	mem_free(&m);
}

/* Arguments end with a line feed or a NUL. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	char *argv[ARGUMENTS];
	int argc = 1;

	argv[0] = "dbm";
	while (z.len > 0 && argc < ARGUMENTS) {
		size_t n = 0;

		while (n < z.len && z.bytes[n] != '\n' && z.bytes[n] != '\0')
			n++;
		argv[argc++] = fuzz_string(z.bytes, n);
		z.bytes += n < z.len ? n + 1 : n;
		z.len -= n < z.len ? n + 1 : n;
	}
	for (int i = 1; i < argc; i++) {
		check_number(argv[i]);
		check_duration(argv[i]);
		check_size(argv[i]);
	}
	check(argc, argv);
	for (int i = 1; i < argc; i++)
		free(argv[i]);
	return 0;
}

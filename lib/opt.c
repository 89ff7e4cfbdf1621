#include "opt.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

struct parsing {
	struct mem *mem;
	const struct opt_table *tables;
	size_t ntables;
	unsigned given;              /* groups of exclusive flags that have been given, a bit each */
	const struct opt *first[32]; /* which flag of each it was */
	struct opt_call *call;
};

static const struct opt *
find(const struct parsing *p, char letter, const char *name, size_t len, void **fields)
{
	for (size_t t = 0; t < p->ntables; t++) {
		for (size_t i = 0; i < p->tables[t].n; i++) {
			const struct opt *o = &p->tables[t].opts[i];

			if (name != NULL ? strlen(o->name) == len && memcmp(o->name, name, len) == 0 : o->letter == letter) {
				*fields = p->tables[t].fields;
				return o;
			}
		}
	}
	return NULL;
}

static int
choose(const struct opt *o, const char *value, int *field, struct fail *f)
{
	size_t used;

	for (int i = 0; o->choices[i] != NULL; i++) {
		if (strcmp(o->choices[i], value) == 0) {
			*field = i + 1;
			return 0;
		}
	}
	fail_set(f, "not '%s' but one of", value);
	for (int i = 0; o->choices[i] != NULL; i++) {
		used = strlen(f->text);
		snprintf(f->text + used, sizeof f->text - used, "%s %s", i > 0 ? "," : "", o->choices[i]);
	}
	return -1;
}

static int
yes_or_no(const char *value, int *field, struct fail *f)
{
	static const char *const words[] = {"no", "false", "off", "0", "yes", "true", "on", "1"};

	for (int i = 0; i < 8; i++) {
		if (strcmp(words[i], value) == 0) {
			*field = i >= 4;
			return 0;
		}
	}
	return fail_set(f, "yes or no is wanted, not '%s'", value);
}

int
opt_value(const struct opt *o, const char *value, void *fields, struct fail *f)
{
	void *field = (char *)fields + o->at;

	switch (o->kind) {
	case OPT_FLAG:
		break;
	case OPT_YES_NO:
		return yes_or_no(value, field, f);
	case OPT_NUMBER:
		return number_integer(value, o->min, o->max ? o->max : UINT64_MAX, field, f);
	case OPT_DURATION:
		return number_duration(value, field, f);
	case OPT_SIZE:
		return number_size(value, field, f);
	case OPT_TEXT:
	case OPT_MAYBE:
		*(const char **)field = value;
		break;
	case OPT_CHOICE:
		return choose(o, value, field, f);
	}
	return 0;
}

static void
remember(struct parsing *p, const struct opt *o, const char *value)
{
	struct opt_given *given = mem_alloc(p->mem, sizeof *given);

	*given = (struct opt_given){o->name, value, p->call->given};
	p->call->given = given;
}

static int
set(struct parsing *p, const struct opt *o, void *fields, const char *value, struct fail *f)
{
	char flag[64];

	if (o->exclusive != 0) {
		unsigned bit = 1u << o->exclusive;

		if ((p->given & bit) != 0 && p->first[o->exclusive] != o)
			return fail_set(f, "--%s and --%s exclude each other", p->first[o->exclusive]->name, o->name);
		p->given |= bit;
		p->first[o->exclusive] = o;
	}
	if (o->kind == OPT_FLAG) {
		*(int *)(void *)((char *)fields + o->at) = 1;
		value = "yes";
	} else if (opt_value(o, value, fields, f) < 0) {
		snprintf(flag, sizeof flag, "--%s", o->name);
		return fail_wrap(f, flag);
	}
	remember(p, o, value);
	return 0;
}

/* --name, --name=value, --name value; *i moves past a value taken from the next argument. */
static int
long_flag(struct parsing *p, int argc, char *const argv[], int *i, struct fail *f)
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '='), *value = equals ? equals + 1 : NULL;
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	void *fields;
	const struct opt *o = find(p, '\0', name, len, &fields);

	if (o == NULL)
		return fail_set(f, "no such flag: --%.*s", (int)len, name);
	if (o->kind == OPT_FLAG) {
		if (value != NULL)
			return fail_set(f, "--%s takes no value", o->name);
	} else if (value == NULL && o->kind == OPT_MAYBE) {
		value = "";
	} else if (value == NULL) {
		if (*i + 1 == argc)
			return fail_set(f, "--%s wants %s", o->name, o->arg);
		value = argv[++*i];
	}
	return set(p, o, fields, value, f);
}

/* -a, -ab, -n5, -n 5. */
static int
short_flags(struct parsing *p, int argc, char *const argv[], int *i, struct fail *f)
{
	for (const char *c = argv[*i] + 1; *c != '\0'; c++) {
		void *fields;
		const struct opt *o = find(p, *c, NULL, 0, &fields);
		const char *value = NULL;

		if (o == NULL)
			return fail_set(f, "no such flag: -%c", *c);
		if (o->kind != OPT_FLAG && o->kind != OPT_MAYBE) {
			value = c[1] != '\0' ? c + 1 : *i + 1 < argc ? argv[++*i] : NULL;
			if (value == NULL)
				return fail_set(f, "-%c wants %s", *c, o->arg);
		}
		if (set(p, o, fields, o->kind == OPT_MAYBE ? "" : value, f) < 0)
			return -1;
		if (value != NULL)
			break;
	}
	return 0;
}

int
opt_parse(struct mem *m, const struct opt_table *tables, size_t ntables, int argc, char *const argv[], struct opt_call *call,
    struct fail *f)
{
	struct parsing p = {.mem = m, .tables = tables, .ntables = ntables, .call = call};
	int only_operands = 0;

	*call = (struct opt_call){.operands = mem_array(m, (size_t)argc + 1, sizeof *call->operands)};
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		int r = 0;

		if (only_operands || a[0] != '-' || a[1] == '\0')
			call->operands[call->noperands++] = a;
		else if (strcmp(a, "--") == 0)
			only_operands = 1;
		else if (a[1] == '-')
			r = long_flag(&p, argc, argv, &i, f);
		else
			r = short_flags(&p, argc, argv, &i, f);
		if (r < 0)
			return -1;
	}
	return 0;
}

void
opt_help(struct buf *b, const struct opt_table *tables, size_t ntables)
{
	for (size_t t = 0; t < ntables; t++) {
		buf_byte(b, '\n');
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct opt *o = &tables[t].opts[i];
			size_t start = b->len;

			buf_puts(b, "  ");
			if (o->letter != 0)
				buf_printf(b, "-%c, ", o->letter);
			else
				buf_puts(b, "    ");
			buf_printf(b, "--%s", o->name);
			if (o->arg != NULL)
				buf_printf(b, o->kind == OPT_MAYBE ? "[=%s]" : " %s", o->arg);
			do
				buf_byte(b, ' ');
			while (b->len - start < 26);
			buf_printf(b, "%s\n", o->help);
		}
	}
}

void
opt_describe(struct buf *b, const struct opt_table *tables, size_t ntables)
{
	static const char *const kinds[] = {"flag", "yes-no", "number", "duration", "size", "text", "choice", "maybe"};

	for (size_t t = 0; t < ntables; t++) {
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct opt *o = &tables[t].opts[i];

			if (o->letter != 0)
				buf_byte(b, o->letter);
			buf_printf(b, "\t%s\t%s\t%s\t", o->name, kinds[o->kind], o->arg ? o->arg : "");
			for (size_t k = 0; o->choices != NULL && o->choices[k] != NULL; k++)
				buf_printf(b, "%s%s", k > 0 ? "," : "", o->choices[k]);
			buf_printf(b, "\t%s\n", o->help);
		}
	}
}

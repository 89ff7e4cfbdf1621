#include "usual.h"

#include <string.h>

#include "profile.h"

static const enum driver_operation operations[USUALS] = {
    [USUAL_LIST] = DRIVER_TABLES,
    [USUAL_COLUMNS] = DRIVER_COLUMNS,
    [USUAL_INDEXES] = DRIVER_INDEXES,
    [USUAL_FOREIGN_KEYS] = DRIVER_FOREIGN_KEYS,
    [USUAL_SCHEMA] = DRIVER_SCHEMA,
    [USUAL_PREVIEW] = DRIVER_SCAN,
    [USUAL_COUNT] = DRIVER_COUNT,
    [USUAL_PROFILE] = DRIVER_SCAN,
};

static const struct {
	const char *name;
	unsigned kinds;
} named[] = {
    {"list", 1 << USUAL_LIST},
    {"preview", 1 << USUAL_PREVIEW},
    {"count", 1 << USUAL_COUNT},
    {"profile", 1 << USUAL_PROFILE},
    {"schema", 1 << USUAL_COLUMNS | 1 << USUAL_INDEXES | 1 << USUAL_FOREIGN_KEYS | 1 << USUAL_SCHEMA},
};

static unsigned
find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		if (strlen(named[i].name) == len && memcmp(named[i].name, name, len) == 0)
			return named[i].kinds;
	}
	return 0;
}

int
usual_kinds(const char *list, unsigned *kinds, struct fail *f)
{
	*kinds = 0;
	for (;; list++) {
		size_t len = strcspn(list, ",");
		unsigned found = find(list, len);

		if (found == 0)
			return fail_set(f, "not '%.*s' but of list, preview, count, profile, schema", (int)len, list);
		*kinds |= found;
		list += len;
		if (*list == '\0')
			return 0;
	}
}

void
usual_question(struct question *q, struct mem *m, enum usual what, const struct source *s)
{
	static const struct profile_options profile = {.top = PROFILE_TOP, .threads = 1};

	question_default(q, operations[what], s->table);
	q->request.threads = 1;
	if (what == USUAL_PROFILE)
		profile_question(q, m, s, &profile);
}

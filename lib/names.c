#include "names.h"

#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "watch.h"

static int
same(const struct rows_column *c, const char *name, size_t len)
{
	return c->len == len && memcmp(c->name, name, len) == 0;
}

/* Open addressing, at most half full: the slot that holds the name, or the free one where it would go. */
static struct names_slot *
slot(const struct names *names, const char *name, size_t len)
{
	size_t i = XXH3_64bits_withSeed(name, len, names->seed) & names->mask;

	while (names->slots[i].column != 0 && !same(&names->columns[names->slots[i].column - 1], name, len))
		i = (i + 1) & names->mask;
	return &names->slots[i];
}

static void
make_room(struct names *names, struct mem *m, const struct rows_column *columns, size_t n)
{
	size_t size = 16;

	while (size < 2 * n)
		size *= 2;
	names->slots = mem_array(m, size, sizeof *names->slots);
	names->mask = size - 1;
	names->columns = columns;
	names->seed = (uint64_t)watch_now() ^ (uint64_t)(uintptr_t)names->slots;
}

/* Adds a name: 1, or 0 if it is there already. */
static int
add(struct names *names, size_t i)
{
	struct names_slot *s = slot(names, names->columns[i].name, names->columns[i].len);

	if (s->column != 0)
		return 0;
	*s = (struct names_slot){(uint32_t)i + 1, 1};
	return 1;
}

void
names_start(struct names *names, struct mem *m, const struct rows_column *columns, size_t n)
{
	make_room(names, m, columns, n);
	for (size_t i = 0; i < n; i++)
		add(names, i);
}

int
names_has(const struct names *names, const char *name, size_t len)
{
	return slot(names, name, len)->column != 0;
}

/* Two columns never get the same new name: it ends in `_N`, so only one base can make it, and that counts N up; and what stands
 * there from the start is passed over. */
void
names_tell_apart(struct mem *m, struct rows_column *columns, size_t n)
{
	size_t *again = NULL, nagain = 0;
	struct names names;

	make_room(&names, m, columns, n);
	for (size_t i = 0; i < n; i++) {
		if (add(&names, i))
			continue;
		if (again == NULL)
			again = mem_array(m, n - i, sizeof *again);
		again[nagain++] = i;
	}
	for (size_t k = 0; k < nagain; k++) {
		struct rows_column *c = &columns[again[k]];
		struct names_slot *first = slot(&names, c->name, c->len);
		char *name = mem_alloc(m, c->len + 32);
		size_t len;

		memcpy(name, c->name, c->len);
		do
			len = c->len + (size_t)snprintf(name + c->len, 32, "_%u", (unsigned)++first->number);
		while (names_has(&names, name, len));
		c->name = name;
		c->len = len;
	}
}

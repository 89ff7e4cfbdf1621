#include "identity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file_at.h"
#include "generation.h"
#include "hash.h"
#include "said.h"
#include "trace.h"

int
identity_ask(struct source *s, struct mem *m)
{
	struct driver_contact *c = &s->database->contact;

	if (c->state != DRIVER_UNASKED)
		return 0;
	c->state = DRIVER_ASKED;
	c->identity = said_ask(s, m, DRIVER_IDENTITY);
	return 1;
}

int
identity_awaited(const struct source *s)
{
	return s->database->contact.state == DRIVER_ASKED;
}

int
identity_changed(const struct source *s)
{
	return s->database->contact.state == DRIVER_ANOTHER;
}

void
identity_close(const struct source *s)
{
	struct driver_contact *c = &s->database->contact;

	rows_close(c->identity);
	c->identity = NULL;
	if (c->state == DRIVER_ASKED)
		c->state = DRIVER_UNASKED;
}

/* The folder of the database, which who is about to store has made. */
static int
open_folder(struct cache *c, const char *database)
{
	int v1, fd;
	char path[CACHE_NAME_PATH];
	struct fail f;

	cache_name_folder(path, database, NULL);
	v1 = cache_folder(c, &f);
	if (v1 < 0)
		return -1;
	fd = file_at_folder(v1, strchr(path, '/') + 1, 0, &f);
	close(v1);
	return fd;
}

/* Who stores what he read of the one before, between the first forgetting and the mark, thinks nothing has changed: so it is
 * done again.  And who is killed between leaves the mark of the one before, not that of the new one over what is old. */
static int
replace(struct cache *c, const char *database, int folder, const char *mark)
{
	struct fail f;

	if (cache_forget(c, database, NULL, NULL, &f) < 0 || file_at_mark(folder, generation_identity, mark, 1, &f) < 0)
		return -1;
	return cache_forget(c, database, NULL, NULL, &f);
}

/* Compares with what is kept: DRIVER_SAME, DRIVER_ANOTHER, or DRIVER_UNASKED where that cannot be told.  A server that says
 * nothing of itself is one that never did, or another one. */
static enum driver_contact_state
compare(struct cache *c, const char *database, int folder, const char *text)
{
	char mark[ENTRY_GENERATION + 1], kept[ENTRY_GENERATION];
	uint64_t hash = hash_bytes(text, strlen(text));
	struct fail f;

	snprintf(mark, sizeof mark, "%016" PRIx64 "%016" PRIx64, hash, hash_more(hash, text, strlen(text)));
	/* Where nothing is kept another process may be faster, and have met another server. */
	for (int tries = 0; tries < 2; tries++) {
		int there = file_at_marked(folder, generation_identity, kept, ENTRY_GENERATION);

		if (there == 0 && memcmp(kept, mark, sizeof kept) == 0)
			return DRIVER_SAME;
		if (there == 0 || errno != ENOENT)
			return replace(c, database, folder, mark) < 0 ? DRIVER_UNASKED : DRIVER_ANOTHER;
		if (*text == '\0' || file_at_mark(folder, generation_identity, mark, 0, &f) == 0)
			return DRIVER_SAME;
	}
	return DRIVER_UNASKED;
}

int
identity_holds(const struct source *s, struct cache *c, const char *database)
{
	struct driver_contact *contact = &s->database->contact;
	struct mem m = {0};
	const char *text;
	int folder;

	if (contact->state != DRIVER_ASKED)
		return contact->state == DRIVER_SAME;
	text = said_read(contact->identity, &m);
	rows_close(contact->identity);
	contact->identity = NULL;
	contact->state = DRIVER_UNASKED;
	folder = text != NULL ? open_folder(c, database) : -1;
	if (folder >= 0) {
		contact->state = compare(c, database, folder, text);
		close(folder);
	}
	if (text != NULL && *text != '\0')
		trace_event("identity changed=%d", contact->state == DRIVER_ANOTHER);
	mem_free(&m);
	return contact->state == DRIVER_SAME;
}

#include "cache_name.h"

#include <string.h>

#include "entry.h"
#include "hash.h"

const char cache_name_layout[] = "v1";

static uint64_t
hash_text(const char *text)
{
	return hash_bytes(text, strlen(text));
}

static uint64_t
hash_slot(const struct cache_name *name)
{
	const unsigned char version = ENTRY_VERSION;

	return hash_more(hash_more(hash_text(name->kind), name->rest, name->rest_len), &version, 1);
}

uint64_t
cache_name_hash(const struct cache_name *name)
{
	uint64_t slot = hash_slot(name);

	return hash_more(hash_more(slot, name->database, strlen(name->database)), name->table, strlen(name->table));
}

/* A hit writes five of them: printf(3) would take longer than all the hashing. */
static void
put_hex(char to[CACHE_NAME_HEX], uint64_t hash)
{
	for (int i = CACHE_NAME_HEX - 2; i >= 0; i--, hash >>= 4)
		to[i] = "0123456789abcdef"[hash & 15];
	to[CACHE_NAME_HEX - 1] = '\0';
}

void
cache_name_folder(char path[CACHE_NAME_PATH], const char *database, const char *table)
{
	size_t n = sizeof cache_name_layout - 1;

	memcpy(path, cache_name_layout, n);
	path[n++] = '/';
	put_hex(path + n, hash_text(database));
	if (table == NULL)
		return;
	n += CACHE_NAME_HEX - 1;
	path[n++] = '/';
	put_hex(path + n, hash_text(table));
}

void
cache_name_slot(char slot[CACHE_NAME_HEX], const struct cache_name *name)
{
	put_hex(slot, hash_slot(name));
}

void
cache_name_entry(char path[CACHE_NAME_PATH], const struct cache_name *name)
{
	size_t n;

	cache_name_folder(path, name->database, name->table);
	n = strlen(path);
	path[n++] = '/';
	cache_name_slot(path + n, name);
}

int
cache_name_is_hash(const char *text)
{
	return strspn(text, "0123456789abcdef") == CACHE_NAME_HEX - 1 && text[CACHE_NAME_HEX - 1] == '\0';
}

void
cache_name_key(struct buf *b, const struct cache_name *name)
{
	buf_add(b, name->kind, strlen(name->kind) + 1);
	buf_add(b, name->database, strlen(name->database) + 1);
	buf_add(b, name->table, strlen(name->table) + 1);
	buf_add(b, name->rest, name->rest_len);
}

int
cache_name_parse(struct cache_name *name, const char *key, size_t len)
{
	const char **texts[] = {&name->kind, &name->database, &name->table}, *end = key + len;

	*name = (struct cache_name){0};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *nul = memchr(key, '\0', (size_t)(end - key));

		if (nul == NULL)
			return -1;
		*texts[i] = key;
		key = nul + 1;
	}
	name->rest = key;
	name->rest_len = (size_t)(end - key);
	return 0;
}

#include "server_key.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ref.h"
#include "search.h"
#include "stamp.h"

/* Those that lead to another server, database or user, or show another part of it (libpq-envars). */
static const char *const variables[] = {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE", "PGSERVICEFILE",
    "PGOPTIONS", "PGTARGETSESSIONATTRS"};

enum { LASTING = 7 }; /* of them, those that lead to a database */

/* Where Debian's libpq looks for services, unless PGSYSCONFDIR says otherwise. */
static const char system_folder[] = "/etc/postgresql-common";

static void
put(struct buf *b, const char *name, const char *value, size_t len)
{
	buf_puts(b, name);
	buf_byte(b, '=');
	ref_name(b, value, len);
	buf_byte(b, ' ');
}

static void
put_stamp(struct buf *b, const char *path)
{
	struct buf stamp = {0};
	struct stat st;

	if (stat(path, &st) == 0)
		stamp_put(&stamp, &st);
	put(b, "services", stamp.bytes, stamp.len);
	buf_free(&stamp);
}

static void
put_stamp_in(struct buf *b, const char *folder, const char *name)
{
	struct buf path = {0};

	buf_printf(&path, "%s/%s", folder, name);
	put_stamp(b, buf_string(&path));
	buf_free(&path);
}

/* The user's own file and that of the system, which has what the first has not (libpq-pgservice). */
static void
put_services(struct buf *b)
{
	const char *own = getenv("PGSERVICEFILE"), *home = getenv("HOME"), *folder = getenv("PGSYSCONFDIR");

	if (own != NULL)
		put_stamp(b, own);
	else if (home != NULL)
		put_stamp_in(b, home, ".pg_service.conf");
	put_stamp_in(b, folder != NULL ? folder : system_folder, "pg_service.conf");
}

/* With percent signs a URI may hide the word. */
static int
may_name_service(const char *server)
{
	return getenv("PGSERVICE") != NULL || strstr(server, "service") != NULL || strchr(server, '%') != NULL;
}

void
server_key(struct buf *b, const char *server)
{
	ref_server(b, server);
	if (!search_is_postgresql(server))
		return;
	buf_byte(b, '\n');
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL)
			put(b, variables[i], value, strlen(value));
	}
	if (may_name_service(server))
		put_services(b);
	buf_puts(b, "user=");
	buf_number(b, (uint64_t)geteuid(), 0);
}

static int
is_lasting(const char *word, size_t len)
{
	for (size_t i = 0; i < LASTING; i++) {
		size_t n = strlen(variables[i]);

		if (len > n && word[n] == '=' && memcmp(word, variables[i], n) == 0)
			return 1;
	}
	return 0;
}

void
server_key_lasting(struct buf *b, const char *key)
{
	/* The path of a file may have a newline in it. */
	const char *p = key + (*key == '/' ? strlen(key) : strcspn(key, "\n"));

	buf_add(b, key, (size_t)(p - key));
	if (*p == '\0')
		return;
	buf_byte(b, *p++);
	for (size_t len; *p != '\0'; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		if (!is_lasting(p, len))
			continue;
		buf_add(b, p, len);
		buf_byte(b, ' ');
	}
}

void
server_key_ref(struct buf *b, const char *key)
{
	buf_add(b, key, strcspn(key, "\n"));
}

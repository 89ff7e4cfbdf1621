#include "source.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver_csv.h"
#include "file.h"
#include "found.h"
#include "general.h"
#include "magic.h"
#include "search.h"
#include "stamp.h"

static int
ends_with(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && strcasecmp(name + n - k, suffix) == 0;
}

/* What of our own opens the file, by its first bytes: nothing, a program that decompresses it, or a helper.  A name that
 * promises what they do not keep is refused. */
static int
choose_program(const char *head, size_t n, const char *path, const char **program, const char **scheme, struct fail *f)
{
	const char *what;

	*program = *scheme = NULL;
	switch (magic_of(head, n < MAGIC_BYTES ? n : MAGIC_BYTES, &what)) {
	case MAGIC_GZIP:
		*program = "gzip";
		return 0;
	case MAGIC_ZSTD:
		*program = "zstd";
		return 0;
	case MAGIC_SQLITE:
		*scheme = "sqlite";
		return 0;
	case MAGIC_REFUSED:
		return fail_set(f, "is %s, not delimited text", what);
	case MAGIC_TEXT:
		break;
	}
	if (ends_with(path, ".gz"))
		return fail_set(f, "is named .gz but holds no gzip data");
	if (ends_with(path, ".zst"))
		return fail_set(f, "is named .zst but holds no zstd data");
	return 0;
}

static int
open_helper(struct source *s, struct mem *m, const char *scheme, const char *rest, const char *path,
    const struct source_options *o, struct fail *f)
{
	struct buf reference = {0};

	buf_puts(&reference, scheme);
	buf_byte(&reference, ':');
	buf_puts(&reference, rest);
	*s = (struct source){.path = path, .scheme = mem_string(m, scheme), .shared = 1};
	s->database = pool_open(o->helpers, scheme, buf_string(&reference), path == NULL, o->watch, f);
	if (path == NULL)
		s->server = mem_copy(m, reference.bytes, reference.len);
	buf_free(&reference);
	return s->database != NULL ? 0 : -1;
}

int
source_again(struct source *s, const struct source *before, const struct source_options *o, struct fail *f)
{
	*s = *before;
	s->database = pool_open(o->helpers, s->scheme, s->server, 1, o->watch, f);
	return s->database != NULL ? 0 : -1;
}

/* The first bytes of a file tell what it is, and are part of the proof of an SQLite file. */
struct head {
	char bytes[PROOF_HEADER];
	size_t len;
	int64_t seen; /* just before the file was looked at */
	int fd;
};

static int
open_head(struct head *h, const char *path, struct fail *f)
{
	ssize_t n;

	memset(h->bytes, 0, sizeof h->bytes);
	h->seen = stamp_now();
	h->fd = file_open_plain(path, f);
	if (h->fd < 0)
		return -1;
	n = file_peek(h->fd, h->bytes, sizeof h->bytes, f);
	h->len = n > 0 ? (size_t)n : 0;
	if (n < 0)
		close(h->fd);
	return n < 0 ? -1 : 0;
}

/* Looks at the file: *st.  Something odd beside an SQLite file is for who reads it to complain about. */
static int
prove(struct proof *p, const struct head *h, const char *path, int is_link, struct stat *st, struct fail *f)
{
	const char *what;

	*p = (struct proof){.kind = PROOF_NONE};
	if (h->len == PROOF_HEADER && magic_of(h->bytes, MAGIC_BYTES, &what) == MAGIC_SQLITE &&
	    proof_sqlite(p, path, is_link, h->fd, st, h->bytes, h->seen, f) == 0)
		return file_kind(st) == FILE_REGULAR ? 0 : fail_set(f, "is no file any more");
	if (fstat(h->fd, st) < 0)
		return fail_errno(f, errno, "cannot look at");
	if (file_kind(st) != FILE_REGULAR)
		return fail_set(f, "is no file any more");
	if (h->len < PROOF_HEADER || magic_of(h->bytes, MAGIC_BYTES, &what) != MAGIC_SQLITE)
		*p = proof_file(st, h->seen);
	return 0;
}

struct proof
source_prove(const struct source *s)
{
	struct proof p = {.kind = PROOF_NONE};
	struct head h = {.seen = stamp_now()};
	struct stat st;
	struct fail f;

	if (s->path == NULL || stat(s->path, &st) < 0 || file_kind(&st) != FILE_REGULAR)
		return p;
	/* Only of SQLite files is more looked at than how they stand in their folder. */
	if (s->scheme == NULL)
		return proof_file(&st, h.seen);
	if (open_head(&h, s->path, &f) < 0)
		return p;
	prove(&p, &h, s->path, s->link, &st, &f);
	file_leave(h.fd);
	return p;
}

/* What is a plain file, by what its first bytes say. */
static int
open_regular(struct source *s, struct mem *m, const char *path, int is_link, const struct source_options *o, struct fail *f)
{
	const char *program, *scheme;
	struct proof proof;
	struct stat st;
	struct head h;
	int done;

	if (open_head(&h, path, f) < 0)
		return -1;
	if (choose_program(h.bytes, h.len, path, &program, &scheme, f) < 0 || prove(&proof, &h, path, is_link, &st, f) < 0) {
		close(h.fd);
		return -1;
	}
	if (scheme != NULL) {
		file_leave(h.fd);
		done = open_helper(s, m, scheme, path, path, o, f);
	} else {
		*s = (struct source){.path = path, .compressed = program != NULL};
		s->database = driver_csv_file(m, h.fd, path, &st, program, &o->reader, o->cache, o->refresh, o->watch);
		done = 0;
	}
	s->link = is_link;
	s->seen = h.seen;
	s->size = (uint64_t)st.st_size;
	s->proof = proof;
	return done;
}

static int
open_file(struct source *s, struct mem *m, const struct found *found, const struct source_options *o, struct fail *f)
{
	const char *path = found->path;

	if (file_refuse(&found->st, f) < 0)
		return -1;
	if (file_kind(&found->st) == FILE_REGULAR)
		return open_regular(s, m, path, found->link, o, f);
	/* A FIFO is left for the reader to open: who only lists it must not meet its writer. */
	*s = (struct source){
	    .path = path, .database = driver_csv_file(m, -1, path, &found->st, NULL, &o->reader, NULL, 0, o->watch)};
	return 0;
}

/* A database that fails to answer anything, and says why. */
struct unreachable {
	struct driver_database base;
	struct fail why;
};

static struct rows *
unreachable_ask(struct driver_database *db, struct mem *m, const struct driver_request *request)
{
	(void)request;
	return rows_failed(m, ROWS_UNAVAILABLE, ((struct unreachable *)db)->why.text);
}

static void
unreachable_close(struct driver_database *db)
{
	(void)db;
}

static int
open_unreachable(struct source *s, struct mem *m, const char *path, const char *table, const struct fail *why)
{
	static const struct driver driver = {"unreachable", unreachable_ask, NULL, unreachable_close};
	struct unreachable *u = mem_alloc(m, sizeof *u);

	*u = (struct unreachable){{.driver = &driver}, *why};
	*s = (struct source){.database = &u->base, .path = path, .table = table, .unreachable = 1};
	return 0;
}

/* `SCHEME:rest#table`, where no file has that name.  What stands before the `#` is the helper's to read, as it stands. */
static int
open_server(struct source *s, struct mem *m, const struct ref *ref, const struct source_options *o, struct fail *f)
{
	const char *rest = ref->text + strlen(ref->scheme) + 1, *hash = ref->table != NULL ? strrchr(rest, '#') : NULL;
	const char *program;
	size_t len = hash != NULL ? (size_t)(hash - rest) : strlen(rest);

	if (search_helper(m, ref->scheme, &program, f) < 0) {
		struct fail why = *f;

		return fail_set(f, "no file of that name, and %.400s", why.text);
	}
	if (open_helper(s, m, ref->scheme, mem_copy(m, rest, len), NULL, o, f) < 0)
		return -1;
	s->table = ref->qualified;
	return 0;
}

static int
open_standard_input(struct source *s, struct mem *m, const struct source_options *o, struct fail *f)
{
	struct stat st;

	if (o->standard_input != NULL && (*o->standard_input)++ > 0)
		return fail_set(f, "standard input can be read only once");
	if (fstat(STDIN_FILENO, &st) < 0)
		return fail_errno(f, errno, "standard input");
	if (file_kind(&st) == FILE_FOLDER)
		return fail_set(f, "standard input is a folder");
	*s = (struct source){.database = driver_csv_file(m, STDIN_FILENO, "", &st, NULL, &o->reader, NULL, 0, o->watch)};
	return 0;
}

int
source_open(struct source *s, struct mem *m, const struct ref *ref, const struct source_options *o, struct fail *f)
{
	struct found found;
	const char *table;
	int r;

	if (ref->standard_input)
		return open_standard_input(s, m, o, f);
	if (ref->registered)
		return fail_set(f, "no database or group of that name is registered");
	r = found_by(m, ref, &found, &table, f);
	if (r > 0 && ref->scheme != NULL)
		return open_server(s, m, ref, o, f);
	if (r < 0 && found.unreachable)
		return open_unreachable(s, m, found.path, ref->table, f);
	if (r != 0)
		return r < 0 ? -1 : fail_set(f, "no such file or folder");
	if (file_kind(&found.st) == FILE_FOLDER) {
		*s = (struct source){.database = driver_csv_folder(m, found.path), .path = found.path, .folder = 1};
		return 0;
	}
	if (open_file(s, m, &found, o, f) < 0)
		return -1;
	if (s->shared) {
		s->table = table;
	} else if (table != NULL) {
		source_close(s);
		return fail_set(f, "no such table: it is one delimited table, without names inside");
	}
	return 0;
}

int
source_open_table(struct source *s, struct mem *m, const struct source *folder, const char *name,
    const struct source_options *o, struct fail *f)
{
	struct found found;

	return found_table(m, folder->path, name, &found, f) < 0 ? -1 : open_file(s, m, &found, o, f);
}

struct rows *
source_ask(struct source *s, struct mem *m, const struct driver_request *request)
{
	return general_ask(s->database, m, request);
}

const char *
source_ref(const struct source *s, struct mem *m, const char *name)
{
	struct buf b = {0};

	if (s->server != NULL)
		ref_server(&b, s->server);
	else if (s->path == NULL)
		buf_puts(&b, "csv:-");
	else if (name != NULL && s->folder)
		ref_path(&b, found_join(m, s->path, name));
	else
		ref_path(&b, s->path);
	if (name != NULL && !s->folder) {
		buf_byte(&b, '#');
		(s->server != NULL ? ref_qualified : ref_name)(&b, name, strlen(name));
	}
	return buf_kept(m, &b);
}

void
source_close(struct source *s)
{
	if (s->database != NULL && !s->shared)
		s->database->driver->close(s->database);
	s->database = NULL;
}

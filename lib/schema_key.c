#include "schema_key.h"

#include <string.h>

#include "buf.h"
#include "file.h"
#include "question.h"
#include "ref.h"
#include "server_key.h"

static const char *
with_slash(struct mem *m, const char *path)
{
	size_t n = strlen(path);

	return n > 0 && path[n - 1] == '/' ? path : mem_join(m, path, "/");
}

static const char *
lasting(struct mem *m, const char *key)
{
	struct buf b = {0};
	const char *text;

	server_key_lasting(&b, key);
	text = mem_copy(m, b.bytes, b.len);
	buf_free(&b);
	return text;
}

static int
is_folder(const char *key)
{
	return key[0] == '/' && key[strlen(key) - 1] == '/';
}

const char *
schema_key(const struct source *s, struct mem *m)
{
	struct subject subject;
	const char *path;

	if (s->path == NULL && s->server == NULL)
		return NULL;
	if (s->folder)
		return (path = file_absolute(m, s->path)) != NULL ? with_slash(m, path) : NULL;
	if (question_subject(s, m, &subject) < 0)
		return NULL;
	return s->shared ? lasting(m, subject.database) : with_slash(m, subject.database);
}

const char *
schema_key_table(const struct source *s, const char *name)
{
	return s->shared ? name : file_name(name);
}

const char *
schema_key_subject(const struct subject *subject, int folder, struct mem *m, const char **table)
{
	*table = subject->table;
	if (!folder)
		return lasting(m, subject->database);
	if (*table != NULL)
		*table = file_name(*table);
	return with_slash(m, subject->database);
}

const char *
schema_key_ref(const char *key, const char *table, struct mem *m)
{
	const struct subject subject = {key, table};
	struct buf b = {0};

	if (!is_folder(key))
		return subject_ref(m, &subject);
	ref_path(&b, mem_join(m, key, table));
	return buf_kept(m, &b);
}

#include "subject.h"

#include <string.h>

#include "buf.h"
#include "file.h"
#include "ref.h"
#include "server_key.h"

/* The folder of an absolute path. */
static const char *
folder_of(struct mem *m, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash > path ? mem_copy(m, path, (size_t)(slash - path)) : "/";
}

int
subject_of_text(struct mem *m, const char *path, struct subject *s)
{
	s->table = file_absolute(m, path);
	if (s->table == NULL)
		return -1;
	s->database = folder_of(m, s->table);
	return 0;
}

int
subject_of_file(struct mem *m, const char *path, const char *table, struct subject *s)
{
	s->database = file_absolute(m, path);
	s->table = table;
	return s->database != NULL ? 0 : -1;
}

void
subject_of_server(struct mem *m, const char *server, const char *table, struct subject *s)
{
	struct buf b = {0};

	server_key(&b, server);
	s->database = mem_copy(m, b.bytes, b.len);
	s->table = table;
	buf_free(&b);
}

const char *
subject_ref(struct mem *m, const struct subject *s)
{
	struct buf b = {0};

	if (s->table[0] == '/' && strcmp(folder_of(m, s->table), s->database) == 0) {
		ref_path(&b, s->table);
	} else {
		/* That of a server has been written as a reference already. */
		if (s->database[0] == '/')
			ref_path(&b, s->database);
		else
			server_key_ref(&b, s->database);
		if (s->table[0] != '\0') {
			buf_byte(&b, '#');
			(s->database[0] == '/' ? ref_name : ref_qualified)(&b, s->table, strlen(s->table));
		}
	}
	return buf_kept(m, &b);
}

#include "scope.h"

#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "found.h"

struct scope {
	struct mem *m;
	struct subject *subjects;
	int n;
};

static struct subject *
next(struct scope *s)
{
	return &s->subjects[s->n++];
}

/* A path alone is that of a database, and of a delimited text, which is a table of its folder. */
static int
add_path(struct scope *s, const char *path)
{
	if (subject_of_file(s->m, path, NULL, next(s)) < 0)
		return -1;
	return subject_of_text(s->m, path, next(s));
}

/* `FILE#table`, where there is no folder of that name: a table in the file, or a text in the folder that there was. */
static int
add_table(struct scope *s, const char *path, const char *table)
{
	struct buf text = {0};
	int done = subject_of_file(s->m, path, table, next(s));

	buf_printf(&text, "%s/%s", path, table);
	if (done == 0)
		done = subject_of_text(s->m, buf_string(&text), next(s));
	buf_free(&text);
	return done;
}

static int
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && file_kind(&st) == FILE_FOLDER;
}

/* What is found is meant, and no more. */
static int
add_found(struct scope *s, const struct ref *ref, struct fail *f)
{
	struct stat st;
	const char *path;

	if (found_in_folder(s->m, ref->database, ref->table, &path, f) == 0)
		return subject_of_text(s->m, path, next(s));
	return stat(ref->text, &st) == 0 ? add_path(s, ref->text) : 1;
}

/* What stands before the `#` is the helper's to read, as it stands. */
static void
add_server(struct scope *s, const struct ref *ref)
{
	const char *hash = ref->table != NULL ? strrchr(ref->text, '#') : ref->text + strlen(ref->text);
	const char *server = mem_copy(s->m, ref->text, (size_t)(hash - ref->text));

	subject_of_server(s->m, server, ref->qualified, next(s));
}

int
scope_of(struct mem *m, const struct ref *ref, struct subject subjects[SCOPE_MOST], struct fail *f)
{
	struct scope s = {.m = m, .subjects = subjects};
	int done;

	if (ref->registered)
		return fail_set(f, "no database or group of that name is registered");
	if (ref->table != NULL && is_folder(ref->database)) {
		done = add_found(&s, ref, f);
	} else {
		done = ref->table != NULL ? add_table(&s, ref->database, ref->table) : add_path(&s, ref->database);
		if (done == 0 && strcmp(ref->text, ref->database) != 0)
			done = add_path(&s, ref->text);
	}
	if (done < 0)
		return fail_set(f, "the current folder is not known");
	if (done == 0 && ref->scheme != NULL)
		add_server(&s, ref);
	return done == 0 ? s.n : -1;
}

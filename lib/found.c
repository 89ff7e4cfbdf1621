#include "found.h"

#include <errno.h>
#include <string.h>

#include "buf.h"
#include "driver_csv.h"
#include "file.h"

const char *
found_join(struct mem *m, const char *folder, const char *name)
{
	size_t n = strlen(folder);
	struct buf b = {0};

	buf_add(&b, folder, n);
	if (n > 0 && folder[n - 1] != '/')
		buf_byte(&b, '/');
	buf_puts(&b, name);
	return buf_kept(m, &b);
}

/* True where `name`, the name of a table's file, is `table` or begins with `table` and a dot: no name is none, not that of a
 * hidden file. */
static int
is_table(const char *name, const char *table)
{
	size_t n = strlen(table);

	return n > 0 && strncmp(name, table, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

static void
list_names(struct fail *f, const struct file_entry *entries, size_t n, const char *table)
{
	struct buf name = {0};
	size_t listed = 0;
	int room = 1;

	fail_set(f, table != NULL ? "several tables of that name: " : "no such table: it has ");
	for (size_t i = 0; i < n && room; i++) {
		if (table != NULL ? is_table(entries[i].name, table) : entries[i].name[0] != '.') {
			name.len = 0;
			ref_path(&name, entries[i].name);
			room = fail_list(f, listed++, name.bytes, name.len);
		}
	}
	if (listed == 0)
		fail_list(f, 0, "none", strlen("none"));
	buf_free(&name);
}

int
found_in_folder(struct mem *m, const char *folder, const char *table, const char **path, struct fail *f)
{
	struct file_entry *entries;
	const char *one = NULL;
	size_t n, matches = 0;

	if (file_list(m, folder, driver_csv_named, 0, &entries, &n, f) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(entries[i].name, table) == 0) {
			one = entries[i].name;
			matches = 1;
			break;
		}
		if (is_table(entries[i].name, table)) {
			one = entries[i].name;
			matches++;
		}
	}
	if (matches != 1) {
		list_names(f, entries, n, matches > 1 ? table : NULL);
		return -1;
	}
	*path = found_join(m, folder, one);
	return 0;
}

static int
is_absent(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG;
}

/* The file may be there as it was: what it is on does not answer. */
static int
is_unreachable(int error)
{
	return error == EIO || error == ESTALE || error == ETIMEDOUT || error == EHOSTDOWN || error == EHOSTUNREACH ||
	       error == ENETDOWN || error == ENETUNREACH || error == ENOTCONN;
}

/* stat(2), that tells a link apart. */
static int
look_at(const char *path, struct stat *st, int *is_link)
{
	if (lstat(path, st) < 0)
		return -1;
	*is_link = S_ISLNK(st->st_mode);
	return *is_link ? stat(path, st) : 0;
}

/* One reading of the reference: 1 found, 0 nothing is there, -1 something is, but not that. */
static int
look(struct mem *m, const char *path, const char *table, struct found *found, struct fail *f)
{
	found->path = path;
	found->unreachable = 0;
	if (look_at(path, &found->st, &found->link) < 0) {
		int error = errno;

		fail_errno(f, error, "cannot open");
		found->unreachable = is_unreachable(error);
		return is_absent(error) ? 0 : -1;
	}
	if (table == NULL)
		return 1;
	if (file_kind(&found->st) == FILE_FOLDER) {
		if (found_in_folder(m, path, table, &found->path, f) < 0)
			return -1;
		return look_at(found->path, &found->st, &found->link) < 0 ? fail_errno(f, errno, "cannot open") : 1;
	}
	/* A database file has tables inside; whether this is one shows when it is opened. */
	return 1;
}

int
found_by(struct mem *m, const struct ref *ref, struct found *found, const char **table, struct fail *f)
{
	struct found other;
	struct fail second;
	int r;

	*table = NULL;
	if (ref->raw && look(m, ref->text, NULL, found, f) > 0)
		return 0;
	r = look(m, ref->database, ref->table, found, f);

	*table = r > 0 && file_kind(&found->st) == FILE_REGULAR && found->path == ref->database ? ref->table : NULL;
	if (r > 0)
		return 0;
	if ((ref->table != NULL || strcmp(ref->text, ref->database) != 0) && look(m, ref->text, NULL, &other, &second) > 0) {
		*found = other;
		return 0;
	}
	return r == 0 ? 1 : -1;
}

int
found_table(struct mem *m, const char *folder, const char *name, struct found *found, struct fail *f)
{
	*found = (struct found){.path = found_join(m, folder, name)};
	return look_at(found->path, &found->st, &found->link) < 0 ? fail_errno(f, errno, "cannot open") : 0;
}

#include "csv_index.h"

#include <string.h>
#include <sys/stat.h>

#include "cache.h"
#include "file.h"
#include "trace.h"

/* The key of it: 0, or -1 where the system does not tell where the file is.  `rest` has room for two bytes. */
static int
name_of(struct mem *m, const struct csv_index_name *name, const struct reader *r, char *rest, struct cache_name *key)
{
	const char *path = file_absolute(m, name->path), *slash;

	if (path == NULL)
		return -1;
	slash = strrchr(path, '/');
	rest[0] = r->dialect.delimiter;
	rest[1] = (char)(name->no_header != 0);
	*key = (struct cache_name){
	    .kind = "rowindex",
	    .database = slash > path ? mem_copy(m, path, (size_t)(slash - path)) : "/",
	    .table = path,
	    .rest = rest,
	    .rest_len = 2,
	};
	return 0;
}

/* True where the file is still as it was before it was read. */
static int
is_unchanged(const struct csv_index_name *name, const struct reader *r)
{
	struct stat st;
	struct stamp now;

	if (fstat(r->in.fd, &st) < 0)
		return 0;
	now = stamp_of(&st, 0);
	return stamp_same(&name->stamp, &now);
}

void
csv_index_keep(const struct csv_index_name *name, const struct reader *r, const struct rowindex *x)
{
	struct cache_name key;
	struct buf bytes = {0};
	struct mem m = {0};
	const char *kept;
	char rest[2];
	size_t len;

	if (x->size != name->stamp.size || !is_unchanged(name, r)) {
		trace_event("unstored kind=rowindex why=stamp");
	} else if (name_of(&m, name, r, rest, &key) == 0) {
		rowindex_encode(&bytes, x);
		/* To replace a file waits for the disk on some file systems; one that is right already may stay. */
		if (!cache_get(&m, &key, &name->stamp, &kept, &len) || len != bytes.len || memcmp(kept, bytes.bytes, len) != 0)
			cache_put(&key, &name->stamp, bytes.bytes, bytes.len);
	}
	buf_free(&bytes);
	mem_free(&m);
}

int
csv_index_find(const struct csv_index_name *name, const struct reader *r, struct rowindex *x)
{
	struct cache_name key;
	const char *bytes;
	struct mem m = {0};
	int found = 0;
	char rest[2];
	size_t len;

	*x = (struct rowindex){0};
	if (name_of(&m, name, r, rest, &key) == 0 && cache_get(&m, &key, &name->stamp, &bytes, &len))
		found = rowindex_decode(x, bytes, len) == 0;
	mem_free(&m);
	if (found && x->size == name->stamp.size)
		return 1;
	rowindex_free(x);
	return 0;
}

int
csv_index_seek(const struct rowindex *x, struct reader *r, uint64_t row, uint64_t *at, struct fail *f)
{
	struct csv_scan scan = r->scan;
	uint64_t records, offset = rowindex_find(x, row, &scan, &records);

	if (offset <= input_offset(&r->in))
		return 0;
	if (input_seek(&r->in, offset, f) < 0)
		return -1;
	r->scan = scan;
	*at = records;
	return 1;
}

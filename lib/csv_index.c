#include "csv_index.h"

void
csv_index_keep(const struct csv_kept *k, const struct reader *r, const struct rowindex *x)
{
	struct buf bytes = {0};

	if (x->size != k->size)
		return;
	rowindex_encode(&bytes, x);
	csv_kept_put(k, CSV_KEPT_INDEX, r, &bytes);
	buf_free(&bytes);
}

int
csv_index_find(const struct csv_kept *k, const struct reader *r, struct rowindex *x)
{
	struct mem m = {0};
	const char *bytes;
	size_t len;
	int found;

	*x = (struct rowindex){0};
	found = csv_kept_get(k, CSV_KEPT_INDEX, r, &m, &bytes, &len) && rowindex_decode(x, bytes, len) == 0;
	mem_free(&m);
	if (found && x->size == k->size)
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

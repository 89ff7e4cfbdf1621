/* requests FOLDER: writes requests in the encoded form, as it is now, for the corpus of the target `requests`
 * (`make fuzz-seeds`): each as a body, and all of them as what a helper gets. */

#include "fuzz.h"
#include "request.h"

static const struct seed {
	const char *name;
	struct driver_request request;
} seeds[] = {
    {"tables", {.operation = DRIVER_TABLES, .all = 1}},
    {"columns", {.operation = DRIVER_COLUMNS, .table = "t"}},
    {"indexes", {.operation = DRIVER_INDEXES, .table = "a\"b"}},
    {"keys", {.operation = DRIVER_FOREIGN_KEYS}},
    {"count", {.operation = DRIVER_COUNT, .table = "t", .at_least = 3, .lines_of = "text"}},
    {"scan", {.operation = DRIVER_SCAN, .table = "t", .limit = 5, .offset = 2, .width = 4096}},
    {"sample", {.operation = DRIVER_SCAN, .table = "t", .limit = UINT64_MAX, .which = DRIVER_SAMPLE}},
    {"tail", {.operation = DRIVER_SCAN,
		 .limit = 5,
		 .which = DRIVER_TAIL,
		 .columns = (const char *const[]){"a", "1"},
		 .ncolumns = 2}},
    {"where", {.operation = DRIVER_SCAN,
		  .table = "t",
		  .limit = 5,
		  .where = (const struct driver_predicate[]){{"a", "=", "1"}, {"b", "is null", NULL}, {"c", ">=", ""}},
		  .nwhere = 3,
		  .order = (const struct driver_order[]){{"a", 0}, {"b", 1}},
		  .norder = 2}},
};

static void
write_file(const char *folder, const char *name, const char *front, const char *bytes, size_t len)
{
	struct buf path = {0};
	FILE *file;

	buf_printf(&path, "%s/made-%s", folder, name);
	file = fopen(buf_string(&path), "wb");
	if (file == NULL || fputs(front, file) == EOF || fwrite(bytes, 1, len, file) != len || fclose(file) != 0) {
		perror(path.bytes);
		exit(1);
	}
	buf_free(&path);
}

int
main(int argc, char *argv[])
{
	struct buf b = {0}, all = {0};
	size_t body;

	if (argc != 2)
		return 2;
	body = frame_open(&all, 'O');
	frame_put_u32(&all, 1);
	frame_put_text(&all, "fake:x", 6);
	frame_put_text(&all, "1000", 4);
	frame_close(&all, body);
	for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
		b.len = 0;
		request_encode(&b, (uint32_t)i + 1, &seeds[i].request);
		/* The first byte says what it is, by its rest of 3. */
		write_file(argv[1], seeds[i].name, "0", b.bytes + FRAME_HEAD, b.len - FRAME_HEAD);
		buf_add(&all, b.bytes, b.len);
		if (i % 4 == 3)
			frame_close(&all, frame_open(&all, 'G'));
	}
	frame_close(&all, frame_open(&all, 'G'));
	write_file(argv[1], "frames", "2@@@", all.bytes, all.len);
	buf_free(&all);
	buf_free(&b);
	return 0;
}

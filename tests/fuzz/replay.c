/* replay FILE|FOLDER…: gives each file to the target, as libFuzzer would; says which first, so that the last one named is the
 * one that failed.  Prints how many there were. */

#include <dirent.h>
#include <sys/stat.h>

#include "buf.h"
#include "fuzz.h"

static unsigned replayed;

static void
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct buf b = {0};
	size_t n;
	uint8_t *exact;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	while ((n = fread(buf_room(&b, 4096), 1, 4096, file)) > 0)
		b.len += n;
	fclose(file);
	/* A copy of just that size: a sanitizer sees its end. */
	exact = malloc(b.len ? b.len : 1);
	if (exact == NULL)
		abort();
	if (b.len > 0)
		memcpy(exact, b.bytes, b.len);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(exact, b.len);
	replayed++;
	free(exact);
	buf_free(&b);
}

static void
replay(const char *path)
{
	struct dirent **entries;
	struct stat st;
	int n;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		replay_file(path);
		return;
	}
	n = scandir(path, &entries, NULL, alphasort);
	if (n < 0) {
		perror(path);
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		struct buf b = {0};

		if (entries[i]->d_name[0] != '.') {
			buf_printf(&b, "%s/%s", path, entries[i]->d_name);
			replay(buf_string(&b));
		}
		buf_free(&b);
		free(entries[i]);
	}
	free(entries);
}

int
main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%u\n", replayed);
	return replayed > 0 ? 0 : 1;
}

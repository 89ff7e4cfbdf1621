/* settings: any file is taken, or refused with its line; what was taken, written anew, is taken again and means the same. */

#include "fuzz.h"
#include "settings.h"

static int
load(struct mem *m, struct settings *s, const char *text, size_t len, struct fail *f)
{
	const struct settings_file file = {.path = "/config", .text = text, .len = len};

	f->text[0] = '\0';
	return settings_load(m, s, &file, NULL, f);
}

static void
check_refused(const struct fail *f)
{
	MUST(memchr(f->text, '\0', sizeof f->text) != NULL);
	MUST(strncmp(f->text, "/config:", 8) == 0 && f->text[8] >= '1' && f->text[8] <= '9');
}

/* A text has no blanks around it, and no end of a line in it. */
static void
check_text(const char *text)
{
	MUST(*text != '\0' && strchr(" \t\r", *text) == NULL && strchr(" \t\r", text[strlen(text) - 1]) == NULL);
	MUST(strchr(text, '\n') == NULL);
}

static void
check_again(struct mem *m, const struct settings *s)
{
	struct buf file = {0};
	struct settings again;
	struct fail f;

	for (size_t i = 0; i < SETTINGS; i++) {
		MUST(s->from[i].text != NULL || strcmp(s->from[i].where, "default") == 0);
		if (s->from[i].text == NULL)
			continue;
		check_text(s->from[i].text);
		buf_printf(&file, "%s=%s\n", settings_table[i].value.name, s->from[i].text);
	}
	MUST(load(m, &again, buf_string(&file), file.len, &f) == 0 && f.text[0] == '\0');
	MUST(again.format == s->format && again.timeout == s->timeout && again.ttl == s->ttl && again.swr == s->swr);
	MUST(again.sie == s->sie && again.strict == s->strict && again.background == s->background);
	MUST(again.metrics == s->metrics && again.cache_limit == s->cache_limit);
	MUST(s->trace == NULL ? again.trace == NULL : strcmp(again.trace, s->trace) == 0);
	buf_free(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem m = {0};
	char *text = malloc(size > 0 ? size : 1);
	struct settings s;
	struct fail f;

	if (text == NULL)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	if (load(&m, &s, text, size, &f) < 0)
		check_refused(&f);
	else
		check_again(&m, &s);
	free(text);
	mem_free(&m);
	return 0;
}

/* Settings: which of flag, variable, file and default decides; what each kind refuses; files of every sort. */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out.h"
#include "settings.h"
#include "tap.h"

enum { SECOND = 1000000000 };

static const char PATH[] = "/etc/dbm/config";

static struct mem mem;
static struct settings s;
static struct fail f;

/* What a file of `len` bytes makes of the settings, together with the variables and flags. */
static int
load_bytes(const char *text, size_t len, const struct opt_given *flags)
{
	const struct settings_file file = {.path = PATH, .text = text, .len = len};

	f.text[0] = '\0';
	return settings_load(&mem, &s, &file, flags, &f);
}

static int
load(const char *text)
{
	return load_bytes(text, strlen(text), NULL);
}

/* The sentence for what is wrong in a file; "" for nothing. */
static const char *
wrong(const char *text)
{
	return load(text) < 0 ? f.text : "";
}

/* Texts of a setting, and the variable of its name. */
static const struct sample {
	const char *name, *variable, *in_file, *in_variable, *in_flag;
} samples[SETTINGS] = {
    {"format", "DBM_FORMAT", "json", "csv", "md"},
    {"timeout", "DBM_TIMEOUT", "1m", "2s", "0"},
    {"ttl", "DBM_TTL", "1h", "0", "250ms"},
    {"swr", "DBM_SWR", "1h", "5m", "0"},
    {"sie", "DBM_SIE", "2d", "0", "1.5s"},
    {"strict", "DBM_STRICT", "on", "no", "yes"},
    {"background", "DBM_BACKGROUND", "off", "true", "no"},
    {"metrics", "DBM_METRICS", "false", "1", "no"},
    {"cache-limit", "DBM_CACHE_LIMIT", "64m", "2G", "4096"},
    {"trace", "DBM_TRACE", "file trace", "/tmp/t", ""},
};

static int
is_from(size_t i, const char *text, const char *where)
{
	return strcmp(s.from[i].text, text) == 0 && strcmp(s.from[i].where, where) == 0;
}

/* The value itself, as its text would be parsed. */
static int
has_value(size_t i, const char *text)
{
	const struct opt *o = &settings_table[i].value;
	struct settings same = s;

	if (opt_value(o, text, &same, &f) < 0)
		return 0;
	return o->kind == OPT_TEXT ? strcmp(same.trace, s.trace) == 0 : memcmp(&same, &s, sizeof s) == 0;
}

/* One setting, from the lowest place to the highest. */
static void
check_order(size_t i)
{
	const struct sample *a = &samples[i];
	const struct opt_given other = {"quiet", "yes", NULL}, older = {a->name, "older", &other},
			       flag = {a->name, a->in_flag, &older};
	const char *preset = settings_table[i].preset;
	char file[64], name[64];

	CHECK_TEXT(settings_table[i].value.name, a->name, "the table is in this order");
	load("");
	CHECK(strcmp(s.from[i].where, "default") == 0 && (preset == NULL ? s.from[i].text == NULL : has_value(i, preset)),
	    a->name);
	snprintf(file, sizeof file, "# first\n%s = %s\n", a->name, a->in_file);
	load(file);
	CHECK(is_from(i, a->in_file, "/etc/dbm/config:2") && has_value(i, a->in_file), "the file decides");
	setenv(a->variable, "", 1);
	load(file);
	CHECK(is_from(i, a->in_file, "/etc/dbm/config:2"), "an empty variable is none");
	setenv(a->variable, a->in_variable, 1);
	load(file);
	CHECK(is_from(i, a->in_variable, a->variable) && has_value(i, a->in_variable), "a variable decides");
	snprintf(name, sizeof name, "--%s", a->name);
	load_bytes(file, strlen(file), &flag);
	CHECK(is_from(i, a->in_flag, name) && has_value(i, a->in_flag), "the last flag decides");
	unsetenv(a->variable);
}

static void
test_defaults(void)
{
	CHECK(load("") == 0, "nothing is set");
	CHECK(s.format == 0 && s.timeout == 0 && s.trace == NULL, "no format, no timeout, no trace");
	CHECK(s.ttl == INT64_C(30) * SECOND && s.swr == 0 && s.sie == INT64_C(86400) * SECOND, "times");
	CHECK(!s.strict && s.background && s.metrics && s.cache_limit == 1 << 30, "the others");
}

static void
test_values(void)
{
	CHECK(load("format = md\nttl=1.5s\ncache-limit = 64K\nstrict = 1\nbackground = 0\ntrace = a = b # c\n") == 0, "a file");
	CHECK(s.format == OUT_MD + 1, "a format");
	CHECK(s.ttl == 1500000000 && s.cache_limit == 65536 && s.strict == 1 && s.background == 0, "numbers");
	CHECK_TEXT(s.trace, "a = b # c", "text goes to the end of the line");
	CHECK(load("ttl = 1s\nttl = 2s\n") == 0 && s.ttl == INT64_C(2) * SECOND, "the last line counts");
	CHECK_TEXT(s.from[2].where, "/etc/dbm/config:2", "and is where it comes from");
}

static void
test_lines(void)
{
	CHECK(load("\xef\xbb\xbfttl = 5s\n") < 0, "a byte order mark is none of the blanks");
	CHECK(load("\n \t\n#\n  # swr = 1\nttl = 5s") == 0 && s.ttl == INT64_C(5) * SECOND && s.swr == 0,
	    "no end of the last line");
	CHECK(load("\t ttl\t=\t5s \t\n") == 0 && s.ttl == INT64_C(5) * SECOND, "blanks around all");
	CHECK(load("ttl=5s\r\n\r\n# c\r\nswr=1s\r\n") == 0 && s.ttl == INT64_C(5) * SECOND && s.swr == SECOND, "CRLF");
	CHECK_TEXT(s.from[3].where, "/etc/dbm/config:4", "lines are counted from 1, blank ones too");
}

static void
test_wrong(void)
{
	CHECK_TEXT(wrong("\n\ntll = 5s\n"), "/etc/dbm/config:3: no such setting: tll", "an unknown name");
	CHECK_TEXT(wrong("TTL = 5s\n"), "/etc/dbm/config:1: no such setting: TTL", "upper case");
	CHECK_TEXT(wrong("= 5s\n"), "/etc/dbm/config:1: no such setting: ", "no name");
	CHECK_TEXT(wrong("ttl 5s\n"), "/etc/dbm/config:1: a line is name = value", "no sign between");
	CHECK_TEXT(wrong("ttl =\n"), "/etc/dbm/config:1: ttl has no value", "no value");
	CHECK_TEXT(wrong("format = xml"), "/etc/dbm/config:1: not 'xml' but one of tsv, csv, json, table, md", "a format");
	CHECK_TEXT(
	    wrong("ttl = 3x"), "/etc/dbm/config:1: a time such as 200ms, 1.5s, 2m, 1h or 1d is wanted, not '3x'", "a time");
	CHECK_TEXT(wrong("strict = Yes"), "/etc/dbm/config:1: yes or no is wanted, not 'Yes'", "yes or no");
	CHECK_TEXT(wrong("cache-limit = 1KB"), "/etc/dbm/config:1: a size such as 4096, 64K, 100M or 1G is wanted, not '1KB'",
	    "a size");
	CHECK(load_bytes("ttl = 5s\n# \0\n", 12, NULL) < 0, "a NUL byte, even in a comment");
	CHECK_TEXT(f.text, "/etc/dbm/config:2: there is a NUL byte", "said where");
}

/* Who calls it can overrule a variable, but not mend a file. */
static void
test_wrong_and_overruled(void)
{
	const struct opt_given flag = {"ttl", "5s", NULL};

	setenv("DBM_TTL", "3x", 1);
	CHECK_TEXT(wrong(""), "DBM_TTL: a time such as 200ms, 1.5s, 2m, 1h or 1d is wanted, not '3x'", "a wrong variable");
	CHECK(load_bytes("", 0, &flag) == 0 && s.ttl == INT64_C(5) * SECOND, "a flag in its stead");
	setenv("DBM_TTL", "1s", 1);
	CHECK(load_bytes("ttl = 3x\n", 9, &flag) < 0, "a wrong line, whatever decides");
	CHECK(load("ttl = 3x\nttl = 3s\n") < 0, "a wrong line before a right one");
	unsetenv("DBM_TTL");
}

static struct settings_file file;

/* What settings_read() makes of the file at `path`: "read", "none", or its sentence behind the path. */
static const char *
found(const char *path)
{
	if (settings_read(&mem, &file, &f) < 0)
		return strncmp(f.text, path, strlen(path)) == 0 ? f.text + strlen(path) : f.text;
	return file.path != NULL && strcmp(file.path, path) == 0 && file.len > 0 ? "read" : "none";
}

static void
make(const char *path, size_t size)
{
	FILE *to = fopen(path, "w");

	for (size_t i = 0; i < size; i++)
		fputc(i % 64 == 63 ? '\n' : '#', to);
	fclose(to);
}

static void
test_file(const char *folder)
{
	char config[200], path[220];

	snprintf(config, sizeof config, "%s/dbm", folder);
	snprintf(path, sizeof path, "%s/dbm/config", folder);
	setenv("XDG_CONFIG_HOME", folder, 1);
	CHECK_TEXT(found(path), "none", "no folder");
	make(config, 1);
	CHECK_TEXT(found(path), "none", "a file in place of the folder");
	unlink(config);
	mkdir(config, 0700);
	CHECK_TEXT(found(path), "none", "no file");
	CHECK(file.len == 0 && *file.text == '\0' && load_bytes(file.text, file.len, NULL) == 0, "which is an empty one");
	make(path, SETTINGS_LARGEST);
	CHECK_TEXT(found(path), "read", "the largest file");
	CHECK(file.len == SETTINGS_LARGEST && load_bytes(file.text, file.len, NULL) == 0, "all of it");
	make(path, SETTINGS_LARGEST + 1);
	CHECK_TEXT(found(path), ": is larger than 64 KiB", "one byte more");
	unlink(path);
	mkfifo(path, 0600);
	CHECK_TEXT(found(path), ": is no plain file", "a FIFO");
	unlink(path);
	mkdir(path, 0700);
	CHECK_TEXT(found(path), ": is no plain file", "a folder");
	rmdir(path);
	CHECK(symlink("/dev/zero", path) == 0, "a link");
	CHECK_TEXT(found(path), ": is no plain file", "to a device");
	unlink(path);
	CHECK(symlink("../other", path) == 0, "another link");
	CHECK_TEXT(found(path), "none", "to nothing");
	snprintf(config, sizeof config, "%s/other", folder);
	make(config, 1);
	CHECK_TEXT(found(path), "read", "to a file");
	unlink(config);
	unlink(path);
}

/* Where the file is looked for. */
static void
test_place(const char *folder)
{
	char path[200];

	snprintf(path, sizeof path, "%s/.config/dbm/config", folder);
	setenv("HOME", folder, 1);
	unsetenv("XDG_CONFIG_HOME");
	CHECK(settings_read(&mem, &file, &f) == 0 && strcmp(file.path, path) == 0, "XDG_CONFIG_HOME is not set");
	setenv("XDG_CONFIG_HOME", "", 1);
	CHECK(settings_read(&mem, &file, &f) == 0 && strcmp(file.path, path) == 0, "it is empty");
	setenv("XDG_CONFIG_HOME", "relative", 1);
	CHECK(settings_read(&mem, &file, &f) == 0 && strcmp(file.path, path) == 0, "it is relative");
	setenv("HOME", "relative", 1);
	CHECK(settings_read(&mem, &file, &f) == 0 && file.path == NULL, "HOME is relative too");
	unsetenv("HOME");
	CHECK(settings_read(&mem, &file, &f) == 0 && file.path == NULL && file.len == 0, "there is no HOME");
}

int
main(void)
{
	char folder[] = "/tmp/dbm-settings.XXXXXX", inside[64];

	for (size_t i = 0; i < SETTINGS; i++)
		unsetenv(samples[i].variable);
	test_defaults();
	for (size_t i = 0; i < SETTINGS; i++)
		check_order(i);
	test_values();
	test_lines();
	test_wrong();
	test_wrong_and_overruled();
	if (!CHECK(mkdtemp(folder) != NULL, "a folder"))
		return tap_end();
	test_file(folder);
	test_place(folder);
	snprintf(inside, sizeof inside, "%s/dbm", folder);
	rmdir(inside);
	rmdir(folder);
	mem_free(&mem);
	return tap_end();
}

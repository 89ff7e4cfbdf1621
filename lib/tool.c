#include "tool.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "file.h"
#include "number.h"
#include "stamp.h"
#include "text.h"
#include "trace.h"

#ifndef DBM_VERSION
#error "the Makefile says which version this is"
#endif

/* The exclusive group of the shared flags; programs number theirs from 1. */
enum { TOOL_CACHE_FLAGS = 31 };

#define AT(field) offsetof(struct tool_settings, field)

static const struct opt shared_flags[] = {
    {'f', "format", OPT_CHOICE, "FORMAT", "tsv, csv, json, table or md", AT(format), 0, 0, 0, out_formats},
    {'H', "header", OPT_FLAG, NULL, "column names first, in tsv", AT(header), 0, 0, 0, NULL},
    {'q', "quiet", OPT_FLAG, NULL, "no progress and no notes", AT(quiet), 0, 0, 0, NULL},
    {'0', "null", OPT_FLAG, NULL, "references on standard input end with NUL", AT(nul), 0, 0, 0, NULL},
    {0, "timeout", OPT_DURATION, "TIME", "give up after TIME (2s, 500ms, 1m)", AT(timeout), 0, 0, 0, NULL},
    {0, "refresh", OPT_FLAG, NULL, "ask the source now", AT(refresh), TOOL_CACHE_FLAGS, 0, 0, NULL},
    {0, "no-cache", OPT_FLAG, NULL, "neither read nor write the cache", AT(no_cache), TOOL_CACHE_FLAGS, 0, 0, NULL},
    {0, "cached", OPT_FLAG, NULL, "never ask the source", AT(cached), TOOL_CACHE_FLAGS, 0, 0, NULL},
    {0, "ttl", OPT_DURATION, "TIME", "how long a server's answer is fresh", AT(ttl), 0, 0, 0, NULL},
    {0, "swr", OPT_DURATION, "TIME", "how long an old one is served while it is refreshed", AT(swr), 0, 0, 0, NULL},
    {0, "sie", OPT_DURATION, "TIME", "how long an old one is served if the server fails", AT(sie), 0, 0, 0, NULL},
    {0, "strict", OPT_FLAG, NULL, "an old answer is a failure", AT(strict), 0, 0, 0, NULL},
    {0, "trace", OPT_TEXT, "FILE", "append what was done to FILE", AT(trace), 0, 0, 0, NULL},
    {'h', "help", OPT_FLAG, NULL, "show this help", AT(help), 0, 0, 0, NULL},
    {0, "version", OPT_FLAG, NULL, "show the version", AT(version), 0, 0, 0, NULL},
    {0, "describe", OPT_FLAG, NULL, "list the flags for programs", AT(describe), 0, 0, 0, NULL},
};

/* Of those that ask databases. */
static const struct opt asking_flags[] = {
    {'P', "parallel", OPT_NUMBER, "N", "how many databases are asked at a time (8)", AT(parallel), 0, 1, TOOL_PARALLEL, NULL},
};

enum { OWN_TABLES = 4, SHARED = sizeof shared_flags / sizeof *shared_flags };

/* A dumb terminal, such as a window of an editor, shows escapes as they are. */
static int
takes_escapes(void)
{
	const char *terminal = getenv("TERM");

	return terminal == NULL || strcmp(terminal, "dumb") != 0;
}

/* A progress line is one a terminal, so one a process. */
static struct {
	const char *name;
	int looked, terminal; /* whether stderr is one that can show it is asked when there is something to show */
	int shown;
} progress;

static void
clear_progress(void)
{
	struct fail f;

	if (progress.shown)
		file_write(STDERR_FILENO, "\r\033[K", 4, &f);
	progress.shown = 0;
}

static int
shows_progress(void)
{
	if (!progress.looked)
		progress.terminal = takes_escapes() && isatty(STDERR_FILENO);
	progress.looked = 1;
	return progress.terminal;
}

static void
show_progress(uint64_t done, uint64_t total)
{
	char line[128];
	struct fail f;
	int n;

	if (!shows_progress())
		return;
	if (total > 0)
		n = snprintf(line, sizeof line, "\r%s: %.0f of %.0f MiB (%.0f %%)\033[K", progress.name, (double)done / 1048576,
		    (double)total / 1048576, 100.0 * (double)done / (double)total);
	else
		n = snprintf(line, sizeof line, "\r%s: %.0f MiB\033[K", progress.name, (double)done / 1048576);
	progress.shown = 1;
	file_write(STDERR_FILENO, line, (size_t)n, &f);
}

void
tool_complain(const struct tool_run *run, const char *ref, const char *sentence)
{
	struct buf line = {0};
	struct fail f;

	clear_progress();
	if (run->out != NULL)
		out_show(run->out);
	buf_printf(&line, "%s: ", run->tool->name);
	if (ref != NULL) {
		text_show(&line, ref, strlen(ref));
		buf_puts(&line, ": ");
	}
	text_show(&line, sentence, strlen(sentence));
	buf_byte(&line, '\n');
	/* Where stderr takes nothing there is nobody to tell. */
	file_write(STDERR_FILENO, line.bytes, line.len, &f);
	buf_free(&line);
}

void
tool_progress(const struct tool_run *run, const char *ref, const char *sentence)
{
	enum { WIDE = 79 };
	struct buf text = {0}, line = {0};
	struct fail f;

	if (run->settings.quiet || !shows_progress())
		return;
	buf_printf(&text, "%s: %s: %s", run->tool->name, ref, sentence);
	buf_byte(&line, '\r');
	text_fit(&line, text.bytes, text.len, WIDE);
	buf_puts(&line, "\033[K");
	progress.shown = 1;
	file_write(STDERR_FILENO, line.bytes, line.len, &f);
	buf_free(&text);
	buf_free(&line);
}

int
tool_misuse(const struct tool_run *run, const char *sentence)
{
	struct buf line = {0};

	if (run->out != NULL)
		out_drop(run->out);
	buf_printf(&line, "%s (%s --help shows the flags)", sentence, run->tool->name);
	tool_complain(run, NULL, buf_string(&line));
	buf_free(&line);
	return TOOL_MISUSE;
}

void
tool_notes(const struct tool_run *run, const char *ref, const struct rows *rows)
{
	const char *p = rows->notes.bytes, *end = p + rows->notes.len;
	struct buf line = {0};

	if (rows->cost != NULL && !run->settings.quiet)
		tool_complain(run, ref, rows->cost);
	/* That an answer is old is never kept quiet. */
	if (rows->notes.len == 0 || (run->settings.quiet && rows->faults == 0 && rows->cache != ROWS_OLD))
		return;
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		line.len = 0;
		buf_add(&line, p, (size_t)((newline ? newline : end) - p));
		tool_complain(run, ref, buf_string(&line));
		p = newline ? newline + 1 : end;
	}
	buf_free(&line);
}

int
tool_end(const struct tool_run *run, const char *ref)
{
	int r = out_end(run->out);
	struct fail f;

	if (out_hidden(run->out) > 0 && !run->settings.quiet) {
		fail_set(&f, "%zu columns do not fit the terminal", out_hidden(run->out));
		tool_complain(run, ref, f.text);
	}
	return r;
}

/* A standard stream that is closed must not become the number of a file that is opened later.  /dev/null, opened the wrong
 * way round, keeps the place and still fails. */
static void
hold_standard_streams(void)
{
	struct pollfd fds[3] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

	if (poll(fds, 3, 0) <= 0)
		return;
	for (int i = 0; i < 3; i++) {
		if (fds[i].revents & POLLNVAL)
			open("/dev/null", i == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

static size_t
terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	uint64_t n;
	struct fail f;

	if (columns != NULL && number_integer(columns, 1, 10000, &n, &f) == 0)
		return (size_t)n;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static enum out_format
choose_format(const struct tool_run *run, int terminal)
{
	int data = run->tool->kind == OUT_DATA && (run->tool->facts == NULL || !*run->tool->facts);

	if (run->settings.format != 0)
		return (enum out_format)(run->settings.format - 1);
	return terminal ? OUT_TABLE : data ? OUT_CSV : OUT_TSV;
}

static int
wants_colour(void)
{
	const char *no_colour = getenv("NO_COLOR");

	return (no_colour == NULL || *no_colour == '\0') && takes_escapes();
}

static void
open_output(struct tool_run *run)
{
	struct out_options o = {.terminal = isatty(STDOUT_FILENO), .method = run->tool->method};

	o.format = run->format = choose_format(run, o.terminal);
	o.header = run->settings.header;
	o.ref = run->tool->ref != NULL && *run->tool->ref;
	o.colour = o.terminal && run->format == OUT_TABLE && wants_colour();
	o.columns = o.terminal ? terminal_width() : 0;
	o.before = clear_progress;
	if (run->format == OUT_JSON)
		o.as_of = rows_timestamp(&run->mem, stamp_now() / 1000000000).bytes;
	run->out = out_open(&run->mem, STDOUT_FILENO, &o);
}

static void
usage(struct tool_run *run, const struct opt_table *tables, size_t n)
{
	struct buf text = {0};

	buf_printf(&text, "usage: %s %s\n%s\n", run->tool->name, run->tool->synopsis, run->tool->summary);
	opt_help(&text, tables, n);
	buf_printf(&text, "\nManual: man %s, man 7 dbm", run->tool->name);
	out_line(run->out, buf_string(&text));
	buf_free(&text);
}

static int
start(struct tool_run *run, struct fail *f)
{
	const char *trace = run->settings.trace;

	if (trace != NULL && *trace != '\0' && trace_open(trace, f) < 0)
		return -1;
	/* Helpers trace to the same file. */
	if (trace != NULL)
		setenv("DBM_TRACE", trace, 1);
	progress.name = run->tool->name;
	watch_start(&run->watch, run->settings.timeout, run->settings.quiet ? NULL : show_progress);
	return 0;
}

static int
run_tool(struct tool_run *run, const struct opt_table *tables, size_t n, struct fail *f)
{
	struct buf text = {0};

	if (run->settings.help) {
		usage(run, tables, n);
	} else if (run->settings.version) {
		buf_printf(&text, "%s %s", run->tool->name, DBM_VERSION);
		out_line(run->out, buf_string(&text));
	} else if (run->settings.describe) {
		opt_describe(&text, tables, n);
		text.len -= text.len > 0;
		out_line(run->out, buf_string(&text));
	} else {
		return start(run, f) < 0 ? tool_misuse(run, f->text) : run->tool->run(run);
	}
	buf_free(&text);
	return TOOL_DONE;
}

/* What it asks about itself is answered whatever the settings are. */
static int
asks_about_itself(const struct tool_settings *s)
{
	return s->help || s->version || s->describe;
}

static void
adopt(struct tool_settings *to, const struct settings *from)
{
	/* A flag's may be one of the program's own. */
	if (to->format == 0)
		to->format = from->format;
	to->timeout = from->timeout;
	to->ttl = from->ttl;
	to->swr = from->swr;
	to->sie = from->sie;
	to->strict = from->strict;
	to->background = from->background;
	to->metrics = from->metrics;
	to->cache_limit = from->cache_limit;
	to->trace = from->trace;
}

/* TOOL_DONE, or the status to end with. */
static int
load_settings(struct tool_run *run, const struct opt_given *flags, struct fail *f)
{
	struct settings_file file;

	if (settings_read(&run->mem, &file, f) < 0) {
		tool_complain(run, NULL, f->text);
		return TOOL_NONE;
	}
	if (settings_load(&run->mem, &run->config, &file, flags, f) < 0)
		return tool_misuse(run, f->text);
	adopt(&run->settings, &run->config);
	return TOOL_DONE;
}

/* Parses the flags and loads the settings. */
static int
prepare(struct tool_run *run, const struct opt_table *tables, size_t n, int argc, char *const argv[], struct fail *f)
{
	struct opt_call call;

	if (opt_parse(&run->mem, tables, n, argc, argv, &call, f) < 0)
		return tool_misuse(run, f->text);
	run->operands = call.operands;
	run->noperands = call.noperands;
	return asks_about_itself(&run->settings) ? TOOL_DONE : load_settings(run, call.given, f);
}

/* The shared flags, with another one for the format. */
static const struct opt *
with_format(struct mem *m, const struct opt *format)
{
	struct opt *flags = mem_array(m, SHARED, sizeof *flags);

	memcpy(flags, shared_flags, sizeof shared_flags);
	flags[0] = *format;
	return flags;
}

int
tool_main(const struct tool *tool, int argc, char *const argv[])
{
	struct tool_run run = {.tool = tool};
	struct opt_table tables[OWN_TABLES + 2];
	size_t n = 0;
	struct fail f;
	int status;

	hold_standard_streams();
	/* A limit of the size of files is a failure to write, not the end. */
	signal(SIGXFSZ, SIG_IGN);
	for (; n < tool->nflags && n < OWN_TABLES; n++)
		tables[n] = tool->flags[n];
	if (tool->asks)
		tables[n++] = (struct opt_table){asking_flags, sizeof asking_flags / sizeof *asking_flags, &run.settings};
	tables[n++] = (struct opt_table){
	    tool->format != NULL ? with_format(&run.mem, tool->format) : shared_flags, SHARED, &run.settings};
	status = prepare(&run, tables, n, argc, argv, &f);
	if (status == TOOL_DONE) {
		open_output(&run);
		status = run_tool(&run, tables, n, &f);
		clear_progress();
		if (out_close(run.out, &f) < 0) {
			tool_complain(&run, NULL, f.text);
			status = TOOL_NONE;
		}
		if (run.behind != NULL)
			run.behind(run.behind_arg);
	}
	mem_free(&run.mem);
	return status;
}

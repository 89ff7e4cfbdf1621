# dbm: build, test, install.  GNU make; no configure step.
#
#   make                 programs into bin/, helpers into libexec/
#   make STATIC=no       with cc and the system's libc, where musl-gcc would be used otherwise
#   make SAN=1           with the address and undefined behaviour sanitizers (dynamic)
#   make B=DIR           everything that is built goes under DIR

VERSION = 0.1.0
PREFIX  = /usr/local
B       = .

PROGRAMS = dbm-list dbm-preview dbm-linecount dbm-profile dbm-index dbm-schema dbm-warm dbm-stats dbm-invalidate
HELPERS  = dbm-source-sqlite dbm-source-postgresql

# Static with musl where it is at hand: a quarter of the time to start (README.md, How fast).
STATIC := $(if $(SAN),no,$(shell command -v musl-gcc >/dev/null 2>&1 && echo yes || echo no))
ifeq ($(STATIC),yes)
CC      = musl-gcc
# What is not called is left out, and what a hit runs comes first and together, as lib/hit.ld says: the fewer pages a program
# touches, the sooner it has started.
LINK    = -static -no-pie -Wl,--gc-sections -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-T,lib/hit.ld
SECTION = -fno-pie -ffunction-sections -fdata-sections
# It is made small, but for what goes through bytes: to have it in memory takes longer than to run it.
SMALL  := $(sort $(shell sed -n 's/.*libdbm\.a:\([a-z0-9_]*\)\.o.*/lib\/\1/p; s/.*\*\(dbm-[a-z]*\)\.o.*/cmd\/\1/p' lib/hit.ld))
SMALL  := $(patsubst %,$(B)/obj/%.o,$(filter-out lib/hash lib/text lib/utf8 lib/width,$(SMALL)))
# csv.h comes from the system's folder, after musl's own headers.
SYSTEM  = -idirafter /usr/include
else
CC      = cc
LINK    =
SYSTEM  =
endif
ifdef SAN
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DBUF_SLOTS=0 -DMEM_OWN=0
endif

# The helper is linked statically with musl too, where that takes the system's libsqlite3.a, which was made for glibc: three
# functions have other names there.  It saves a quarter of the time of a preview.  (libcsv.a is linked so as well.)
LIBSQLITE := $(shell cc -print-file-name=libsqlite3.a 2>/dev/null)
RENAMED = -Wl,--defsym=fcntl64=fcntl,--defsym=__memcpy_chk=memcpy,--defsym=__memset_chk=memset
HELPER_STATIC := $(if $(filter yes,$(STATIC)),$(shell t=$$(mktemp) && test "$$(uname -m)" = x86_64 && \
	echo 'int sqlite3_initialize(void); int main(void) { return sqlite3_initialize(); }' | \
	musl-gcc -static -o $$t -x c - -x none $(LIBSQLITE) $(RENAMED) -lm 2>/dev/null && $$t && echo yes; rm -f $$t))
ifeq ($(HELPER_STATIC),yes)
HELPER_CC     = musl-gcc
HELPER_CFLAGS = $(COMMON) -idirafter /usr/include
HELPER_LINK   = -static
SQLITE_LIBS   = $(LIBSQLITE) $(RENAMED) -lm
else
HELPER_CC     = cc
HELPER_CFLAGS = $(COMMON)
HELPER_LINK   =
SQLITE_LIBS   = -lsqlite3 -lm
endif

# libpq has TLS, Kerberos and the resolver behind it, which are made for the system's libc: its helper is always linked with
# that, and has the library's objects of its own where the others are musl's.
PQ_CC     = $(if $(filter musl-gcc,$(HELPER_CC)),cc,$(HELPER_CC))
PQ_CFLAGS = $(COMMON) -idirafter $(shell pg_config --includedir 2>/dev/null || echo /usr/include/postgresql)
PQ_DIR    = $(B)/obj/$(if $(filter musl-gcc,$(HELPER_CC)),pq,helper)

# By its full path: a -L of the system's folder would find glibc's libc.a as well.
LIBCSV := $(shell cc -print-file-name=libcsv.a 2>/dev/null)

# What every program and test is linked with; libm is part of musl's libc, and of glibc only where it is needed.
LIBS = $(LIBCSV) -Wl,--as-needed -lm

WARN   = -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
CFLAGS = -O3 -g
COMMON = -std=c11 -D_XOPEN_SOURCE=700 -DDBM_VERSION='"$(VERSION)"' -iquote lib $(WARN) $(SANITIZE) $(CFLAGS)
SIZE   =
ALL_CFLAGS = $(COMMON) $(SECTION) $(SYSTEM) $(SIZE)

LIB_O = $(patsubst lib/%.c,$(B)/obj/lib/%.o,$(wildcard lib/*.c))
BINS  = $(PROGRAMS:%=$(B)/bin/%) $(HELPERS:%=$(B)/libexec/%)
HELPER_LIB_O = $(patsubst lib/%.c,$(B)/obj/helper/lib/%.o,$(wildcard lib/*.c))
SQLITE_O = $(patsubst cmd/source/%.c,$(B)/obj/helper/cmd/source/%.o,$(wildcard cmd/source/*sqlite*.c))
PQ_LIB_O = $(patsubst lib/%.c,$(PQ_DIR)/lib/%.o,$(wildcard lib/*.c))
PQ_O  = $(patsubst cmd/source/%.c,$(B)/obj/pq/cmd/source/%.o,$(wildcard cmd/source/pg_*.c cmd/source/*postgresql.c))
UNITS = $(patsubst tests/unit/%.c,$(B)/obj/unit/%,$(wildcard tests/unit/*.c))
FUZZ  = $(filter-out replay,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))

# Folders below obj with objects of the sources of the same path: the programs', and those of each helper's compiler.
COMPILED = lib cmd helper/lib helper/cmd/source pq/lib pq/cmd/source

all: $(BINS)

# Which compiler and flags made what is here: a change of them makes it anew.
$(B)/obj/flags: always
	@mkdir -p $(COMPILED:%=$(B)/obj/%) $(addprefix $(B)/obj/,unit fuzz seeds) $(B)/bin $(B)/libexec
	@echo '$(CC) $(LINK) $(HELPER_CC) $(HELPER_LINK) $(subst ','\'',$(ALL_CFLAGS)) $(SMALL)' | cmp -s - $@ || \
		echo '$(CC) $(LINK) $(HELPER_CC) $(HELPER_LINK) $(subst ','\'',$(ALL_CFLAGS)) $(SMALL)' >$@

$(SMALL): private SIZE = -Os

$(B)/obj/%.o: %.c $(B)/obj/flags
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/libdbm.a: $(LIB_O)
	@rm -f $@
	ar rcs $@ $(LIB_O)

# A copy: what the linker writes is in many small pieces of the page cache, and a file written in one go is mapped sooner.
$(B)/bin/%: $(B)/obj/cmd/%.o $(B)/obj/libdbm.a lib/hit.ld
	$(CC) $(SANITIZE) $(CFLAGS) $(LINK) -o $(B)/obj/$* $< $(B)/obj/libdbm.a $(LIBS)
	@install -m 755 $(B)/obj/$* $@
	@rm $(B)/obj/$*

$(B)/obj/helper/%.o: %.c $(B)/obj/flags
	$(HELPER_CC) $(HELPER_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/helper/libdbm.a: $(HELPER_LIB_O)
	@rm -f $@
	ar rcs $@ $(HELPER_LIB_O)

$(B)/libexec/dbm-source-sqlite: $(SQLITE_O) $(B)/obj/helper/libdbm.a
	$(HELPER_CC) $(SANITIZE) $(CFLAGS) $(HELPER_LINK) -o $@ $^ $(LIBCSV) $(SQLITE_LIBS)

$(B)/obj/pq/%.o: %.c $(B)/obj/flags
	$(PQ_CC) $(PQ_CFLAGS) -MMD -MP -c -o $@ $<

ifneq ($(PQ_DIR),$(B)/obj/helper)
$(PQ_DIR)/libdbm.a: $(PQ_LIB_O)
	@rm -f $@
	ar rcs $@ $(PQ_LIB_O)
endif

$(B)/libexec/dbm-source-postgresql: $(PQ_O) $(PQ_DIR)/libdbm.a
	$(PQ_CC) $(SANITIZE) $(CFLAGS) -o $@ $^ $(LIBCSV) -lpq -lm

$(B)/obj/unit/%: tests/unit/%.c $(wildcard tests/unit/*.h) $(B)/obj/libdbm.a
	$(CC) $(ALL_CFLAGS) $(LINK) -o $@ $< $(B)/obj/libdbm.a $(LIBS)

# What the fault loop loads into the dynamic build.
$(B)/obj/inject.so: tests/fault/inject.c $(B)/obj/flags
	cc -std=c11 -Wall -Wextra -Wshadow $(WERROR) -O1 -g -shared -fPIC -o $@ $<

units: $(UNITS)

# A fuzz target with a main that replays files; and, under clang, with libFuzzer's (make fuzz).
REPLAY = tests/fuzz/replay.c

$(B)/obj/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h tests/fuzz/replay.c $(B)/obj/libdbm.a
	$(CC) $(ALL_CFLAGS) $(LINK) -o $@ $< $(REPLAY) $(B)/obj/libdbm.a $(LIBS)

# One that is made of a helper's parts, and includes one of them.
HELPER_O = $(filter-out %/dbm-source-sqlite.o %/sqlite_open.o,$(SQLITE_O))
$(B)/obj/fuzz/predicates: tests/fuzz/predicates.c tests/fuzz/fuzz.h tests/fuzz/replay.c cmd/source/sqlite_open.c $(HELPER_O) $(B)/obj/helper/libdbm.a
	$(HELPER_CC) $(HELPER_CFLAGS) -iquote cmd/source $(HELPER_LINK) -o $@ $< $(REPLAY) $(HELPER_O) $(B)/obj/helper/libdbm.a $(LIBCSV) $(SQLITE_LIBS)

$(B)/obj/seeds/%: tests/fuzz/seeds/%.c tests/fuzz/fuzz.h $(B)/obj/libdbm.a
	$(CC) $(ALL_CFLAGS) -iquote tests/fuzz $(LINK) -o $@ $< $(B)/obj/libdbm.a $(LIBS)

targets: $(FUZZ:%=$(B)/obj/fuzz/%)

-include $(wildcard $(COMPILED:%=$(B)/obj/%/*.d))

# What is missing is installed, as root or through sudo; what is there is left alone.
deps:
	@tests/need gcc libc6-dev musl-tools libcsv-dev libxxhash-dev libsqlite3-dev libpq-dev

check-deps: deps
	@tests/need bats bats-assert bats-support python3 sqlite3 gzip zstd mandoc strace tmux unicode-data procps clang bash zsh fish prometheus postgresql pgbouncer openssl

demo: deps
	@$(MAKE) --no-print-directory -s all
	@tests/demo

check: check-deps
	@tests/run $(if $(SAN),san,static dynamic)

bench: check-deps all
	@tests/bench/run
	@tests/bench/postgresql

# libFuzzer on every target for T seconds; what it finds goes to build/fuzz, see tests/fuzz/run.
T = 60
FUZZ_BUILD = B=build/fuzz STATIC=no CC=clang HELPER_CC=clang REPLAY=-fsanitize=fuzzer CFLAGS='-O2 -g' \
	SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DBUF_SLOTS=0 -DMEM_OWN=0'

fuzz-build: deps
	@tests/need clang
	@ls "$$(clang -print-runtime-dir)"/*fuzzer* >/dev/null 2>&1 || \
		tests/need "libclang-rt-$$(clang -dumpversion | cut -d . -f 1)-dev"
	@$(MAKE) --no-print-directory -s $(FUZZ_BUILD) targets

fuzz: fuzz-build
	@tests/fuzz/run $(T) $(FUZZ)

# Takes what the last `make fuzz` found into tests/fuzz/corpus, as far as it covers more.
fuzz-merge: fuzz-build
	@tests/fuzz/run merge $(FUZZ)

# The seeds that are in the encoded form of a record stream, a request or an entry of the cache, after a change of it.
fuzz-seeds: $(B)/obj/seeds/rows $(B)/obj/seeds/requests $(B)/obj/seeds/entries
	for seeds in $^; do $$seeds tests/fuzz/corpus/$$(basename $$seeds) || exit 1; done

# The two README commands in a bare Debian, where nothing hides a missing install step.
fresh:
	@tests/need debootstrap
	@tests/fresh

lint:
	@tests/need clang-format clang-tidy cppcheck shellcheck mandoc
	@tests/lint

# What a hit touches, and where it lies: until nothing changes, for it is compiled as it is named there.
hits: deps
	@tests/need valgrind python3
	@while cp lib/hit.ld $(B)/obj/hit.ld; tests/hits || exit 1; ! cmp -s lib/hit.ld $(B)/obj/hit.ld; do :; done

# The table of character widths, from the Unicode Character Database.
lib/width_table.h: lib/width_table.awk
	awk -f $< -v version=15.0.0 /usr/share/unicode/UnicodeData.txt /usr/share/unicode/EastAsianWidth.txt >$@.new
	mv $@.new $@

# The flags in the completions, from the programs.
completions: all
	for file in dbm.bash _dbm dbm.fish; do \
		PATH="$(abspath $(B)/bin):$$PATH" completions/generate completions/$$file >$(B)/obj/$$file && cp $(B)/obj/$$file completions/$$file || exit 1; \
	done

BINDIR  = $(DESTDIR)$(PREFIX)/bin
SHARE   = $(DESTDIR)$(PREFIX)/share
MANDIR  = $(SHARE)/man
BASHDIR = $(SHARE)/bash-completion/completions
# Where zsh looks for what is local; Debian's packages have ZSHDIR='$(SHARE)/zsh/vendor-completions'.
ZSHDIR  = $(SHARE)/zsh/site-functions
FISHDIR = $(SHARE)/fish/vendor_completions.d

install: all install-completions
	install -d $(BINDIR) $(DESTDIR)$(PREFIX)/libexec/dbm $(SHARE)/dbm $(MANDIR)/man1 $(MANDIR)/man5 $(MANDIR)/man7
	install -m 755 $(PROGRAMS:%=$(B)/bin/%) $(BINDIR)
	install -m 755 examples/ci examples/nightly $(SHARE)/dbm
	install -m 755 $(HELPERS:%=$(B)/libexec/%) $(DESTDIR)$(PREFIX)/libexec/dbm
	install -m 644 man/*.1 $(MANDIR)/man1
	install -m 644 man/*.5 $(MANDIR)/man5
	install -m 644 man/*.7 $(MANDIR)/man7

# bash-completion and fish load a completion by the name of the command.
install-completions:
	install -d $(BASHDIR) $(ZSHDIR) $(FISHDIR)
	install -m 644 completions/dbm.bash $(BASHDIR)
	install -m 644 completions/_dbm $(ZSHDIR)
	install -m 644 completions/dbm.fish $(FISHDIR)
	for program in $(PROGRAMS); do \
		ln -sf dbm.bash $(BASHDIR)/$$program && ln -sf dbm.fish $(FISHDIR)/$$program.fish || exit 1; \
	done

uninstall:
	rm -f $(PROGRAMS:%=$(BINDIR)/%) $(PROGRAMS:%=$(MANDIR)/man1/%.1) $(MANDIR)/man5/dbm-cache.5 $(MANDIR)/man7/dbm.7 $(MANDIR)/man7/dbm-source.7
	rm -f $(HELPERS:%=$(DESTDIR)$(PREFIX)/libexec/dbm/%)
	rm -f $(PROGRAMS:%=$(BASHDIR)/%) $(PROGRAMS:%=$(FISHDIR)/%.fish) $(BASHDIR)/dbm.bash $(ZSHDIR)/_dbm $(FISHDIR)/dbm.fish
	rm -f $(SHARE)/dbm/ci $(SHARE)/dbm/nightly
	-rmdir $(DESTDIR)$(PREFIX)/libexec/dbm $(SHARE)/dbm

dist:
	git archive --prefix=dbm-$(VERSION)/ -o dbm-$(VERSION).tar.gz HEAD

clean:
	rm -rf bin obj libexec build dbm-*.tar.gz

always:

.SECONDARY:
.PHONY: all units targets deps check-deps demo check bench fuzz fuzz-build fuzz-merge fuzz-seeds fresh lint hits completions install \
	install-completions uninstall dist clean always

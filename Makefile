# dbm: build, test, install.  GNU make; no configure step.
#
#   make                 programs into bin/, helpers into libexec/
#   make STATIC=no       with cc and the system's libc, where musl-gcc would be used otherwise
#   make SAN=1           with the address and undefined behaviour sanitizers (dynamic)
#   make B=DIR           everything that is built goes under DIR

VERSION = 0.1.0
PREFIX  = /usr/local
B       = .

PROGRAMS = dbm-list dbm-preview dbm-linecount

# Static with musl where it is at hand: a tenth of the time to start (README.md, How fast).
STATIC := $(if $(SAN),no,$(shell command -v musl-gcc >/dev/null 2>&1 && echo yes || echo no))
ifeq ($(STATIC),yes)
CC      = musl-gcc
LINK    = -static
# csv.h comes from the system's folder, after musl's own headers.
SYSTEM  = -idirafter /usr/include
else
CC      = cc
LINK    =
SYSTEM  =
endif
ifdef SAN
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

# By its full path: a -L of the system's folder would find glibc's libc.a as well.
LIBCSV := $(shell cc -print-file-name=libcsv.a 2>/dev/null)

WARN   = -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
CFLAGS = -O3 -g
ALL_CFLAGS = -std=c11 -D_XOPEN_SOURCE=700 -DDBM_VERSION='"$(VERSION)"' -iquote lib $(SYSTEM) $(WARN) $(SANITIZE) $(CFLAGS)

LIB_O = $(patsubst lib/%.c,$(B)/obj/lib/%.o,$(wildcard lib/*.c))
BINS  = $(PROGRAMS:%=$(B)/bin/%)
UNITS = $(patsubst tests/unit/%.c,$(B)/obj/unit/%,$(wildcard tests/unit/*.c))

all: $(BINS)

# Which compiler and flags made what is here: a change of them makes it anew.
$(B)/obj/flags: always
	@mkdir -p $(B)/obj/lib $(B)/obj/cmd $(B)/obj/unit $(B)/bin
	@echo '$(CC) $(LINK) $(subst ','\'',$(ALL_CFLAGS))' | cmp -s - $@ || echo '$(CC) $(LINK) $(subst ','\'',$(ALL_CFLAGS))' >$@

$(B)/obj/%.o: %.c $(B)/obj/flags
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/libdbm.a: $(LIB_O)
	@rm -f $@
	ar rcs $@ $(LIB_O)

$(B)/bin/%: $(B)/obj/cmd/%.o $(B)/obj/libdbm.a
	$(CC) $(SANITIZE) $(CFLAGS) $(LINK) -o $@ $^ $(LIBCSV)

$(B)/obj/unit/%: tests/unit/%.c tests/unit/tap.h $(B)/obj/libdbm.a
	$(CC) $(ALL_CFLAGS) $(LINK) -o $@ $< $(B)/obj/libdbm.a $(LIBCSV)

# What the fault loop loads into the dynamic build.
$(B)/obj/inject.so: tests/fault/inject.c $(B)/obj/flags
	cc -std=c11 -Wall -Wextra -Wshadow $(WERROR) -O1 -g -shared -fPIC -o $@ $<

units: $(UNITS)

-include $(wildcard $(B)/obj/lib/*.d $(B)/obj/cmd/*.d)

# What is missing is installed, as root or through sudo; what is there is left alone.
deps:
	@tests/need gcc libc6-dev musl-tools libcsv-dev libxxhash-dev

check-deps: deps
	@tests/need bats bats-assert bats-support python3 gzip zstd mandoc strace tmux unicode-data procps clang

demo: deps
	@$(MAKE) --no-print-directory -s all
	@tests/demo

check: check-deps
	@tests/run $(if $(SAN),san,static dynamic)

bench: check-deps all
	@tests/bench/run

# The two README commands in a bare Debian, where nothing hides a missing install step.
fresh:
	@tests/need debootstrap
	@tests/fresh

lint:
	@tests/need clang-format clang-tidy cppcheck shellcheck mandoc
	@tests/lint

# The table of character widths, from the Unicode Character Database.
lib/width_table.h: lib/width_table.awk
	awk -f $< -v version=15.0.0 /usr/share/unicode/UnicodeData.txt /usr/share/unicode/EastAsianWidth.txt >$@.new
	mv $@.new $@

BINDIR = $(DESTDIR)$(PREFIX)/bin
MANDIR = $(DESTDIR)$(PREFIX)/share/man

install: all
	install -d $(BINDIR) $(DESTDIR)$(PREFIX)/libexec/dbm $(MANDIR)/man1 $(MANDIR)/man7
	install -m 755 $(BINS) $(BINDIR)
	install -m 644 man/*.1 $(MANDIR)/man1
	install -m 644 man/*.7 $(MANDIR)/man7

uninstall:
	rm -f $(PROGRAMS:%=$(BINDIR)/%) $(PROGRAMS:%=$(MANDIR)/man1/%.1) $(MANDIR)/man7/dbm.7
	-rmdir $(DESTDIR)$(PREFIX)/libexec/dbm

dist:
	git archive --prefix=dbm-$(VERSION)/ -o dbm-$(VERSION).tar.gz HEAD

clean:
	rm -rf bin obj libexec build dbm-*.tar.gz

always:

.SECONDARY:
.PHONY: all units deps check-deps demo check bench fresh lint install uninstall dist clean always

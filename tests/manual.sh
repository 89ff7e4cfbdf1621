#!/bin/bash
# The manual: mandoc finds nothing, and each page knows just the flags that its program has.
cd "$(dirname "$0")/.." || exit 1
status=0

check() { # check NAME COMMAND...
	local name=$1
	shift
	if "$@"; then echo "ok - $name"; else echo "not ok - $name"; status=1; fi
}

# Called through check().
# shellcheck disable=SC2317
silent() { local said; said=$("$@" 2>&1); [ -z "$said" ] || { echo "$said" | head -20; return 1; }; }

# shellcheck disable=SC2317
flags_of_page() { grep -oE 'Fl -[a-z][a-z-]*' "$1" | sed 's/^Fl -//' | sort -u; }
# shellcheck disable=SC2317
flags_of_program() { "$1" --describe | cut -f2 | sort -u; }

# shellcheck disable=SC2317
same_flags() {
	diff <(flags_of_program "$1") <({ flags_of_page "$2"; echo describe; } | sort -u)
}

# shellcheck disable=SC2317
same_settings() {
	diff <(sed -n 's/^    {{0, "\([a-z-]*\)".*/\1/p' lib/settings.c) <(sed -n 's/^\.It Cm \([a-z-]*\) Ta .*/\1/p' man/dbm.7)
}

for page in man/*.[1-9]; do
	check "$page passes mandoc's lint" silent mandoc -T lint -W warning "$page"
done
for source in cmd/dbm-*.c; do
	program=$(basename "$source" .c)
	page=man/$program.1
	check "$program has a page" test -f "$page"
	check "$page has the flags of $program" same_flags "$program" "$page"
	check "$page says what its status means" grep -q '^\.Sh EXIT STATUS' "$page"
	check "$page has examples" grep -q '^\.Sh EXAMPLES' "$page"
	check "$program has tests" test -f "tests/$program.bats"
	check "$program says its version" test "$("$program" --version)" = "$program $(sed -n 's/^VERSION = //p' Makefile)"
done
check "man/dbm.7 has the settings" same_settings
exit $status

#!/bin/sh
# Holds the includes of lib/ and cmd/ to the plan in tests/floors.
cd "$(dirname "$0")/.." || exit 1
awk '
FILENAME == "tests/floors" {
	if (!/^#/) for (i = 2; i <= NF; i++) place[$i] = ++n
	next
}
FNR == 1 {
	me = FILENAME
	if (me ~ /\/dbm-/) me = "cmd"
	sub(/.*\//, "", me); sub(/\.[ch]$/, "", me)
	# Parts of a module in files of their own.
	if (me == "width_table") me = "width"
	if (me == "rows_code") me = "rows"
	if (me == "want_write") me = "want"
	sub(/^definition_.*/, "definition", me)
	sub(/^vector_.*/, "vector", me); sub(/^profile_.*/, "profile", me)
	if (!(me in place)) { print "not ok - " FILENAME " has no floor"; bad = 1 }
	files++
}
/^#include "/ {
	split($0, part, "\"")
	other = part[2]; sub(/\.h$/, "", other)
	sub(/^definition_.*/, "definition", other)
	sub(/^vector_.*/, "vector", other); sub(/^profile_.*/, "profile", other)
	if (other == me || other == "width_table") next
	if (!(other in place) || place[other] > place[me]) {
		print "not ok - " FILENAME " includes " part[2] ", which is above it"
		bad = 1
	} else print "ok - " FILENAME " includes " part[2]
}
END { exit bad }
' tests/floors lib/*.h lib/*.c cmd/*.c cmd/source/*.h cmd/source/*.c

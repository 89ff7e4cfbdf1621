#!/bin/sh
# Generated files are what their generators make.
cd "$(dirname "$0")/.." || exit 1
PATH=${DBM_BIN:-$PWD/bin}:$PATH
status=0

for file in completions/dbm.bash completions/_dbm completions/dbm.fish; do
	if completions/generate "$file" | cmp -s - "$file"; then
		echo "ok - $file has the flags of the programs"
	else
		echo "not ok - $file has the flags of the programs: make completions"
		status=1
	fi
done

ucd=/usr/share/unicode
version=$(sed -n 's/.*-\([0-9.]*\)\.txt.*/\1/p;q' $ucd/EastAsianWidth.txt)
if awk -f lib/width_table.awk -v version=15.0.0 $ucd/UnicodeData.txt $ucd/EastAsianWidth.txt | cmp -s - lib/width_table.h; then
	echo "ok - lib/width_table.h is made by lib/width_table.awk"
elif [ "$version" != 15.0.0 ]; then
	echo "ok - this system has Unicode $version, not the 15.0.0 of lib/width_table.h"
else
	echo "not ok - lib/width_table.h is made by lib/width_table.awk"
	status=1
fi
gone=$(sed -nE 's|.*\*libdbm\.a:([a-z0-9_]+)\.o\(\.text\.([a-zA-Z0-9_]+).*|lib/\1.c \2|p; s|.*\*(dbm-[a-z]+)\.o\(\.text\.([a-z_]+).*|cmd/\1.c \2|p' lib/hit.ld |
	sed 's/ startup$/ main/' | while read -r file function; do
	grep -qsw "$function" "$file" lib/*.h /usr/include/xxhash.h || echo "$file: $function"
done)
if [ -z "$gone" ]; then
	echo "ok - lib/hit.ld names functions that there are"
else
	echo "not ok - lib/hit.ld names functions that there are: make hits"
	echo "$gone" | sed 's/^/# /'
	status=1
fi
exit $status

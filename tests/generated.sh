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
exit $status

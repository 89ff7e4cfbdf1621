#!/bin/sh
# Every source compiles without a warning under gcc and clang.
cd "$(dirname "$0")/.." || exit 1
status=0
set -- -std=c11 -D_XOPEN_SOURCE=700 '-DDBM_VERSION="0"' -iquote lib -O2 -Wall -Wextra -Wpedantic -Wshadow -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Werror -fsyntax-only -idirafter "$(pg_config --includedir)"
for cc in gcc clang; do
	for source in lib/*.c cmd/*.c cmd/source/*.c; do
		if $cc "$@" "$source"; then
			echo "ok - $cc $source"
		else
			echo "not ok - $cc $source"
			status=1
		fi
	done
done
exit $status

#!/bin/bash
# cases/NAME.csv beside NAME.tsv, .json, .md, .table, .count …: what the programs print of it, byte for byte.
# NAME.flags holds flags for dbm-preview and dbm-linecount; NAME.stderr what dbm-preview says.
# tests/cases.sh --write makes the files that are missing.
cd "$(dirname "$0")/cases" || exit 1
status=0

preview() { # preview FORMAT FILE
	local flags=()
	[ -f "${2%.*}.flags" ] && read -ra flags <"${2%.*}.flags"
	dbm-preview -f "$1" -n 100 "${flags[@]}" "$2"
}

count() {
	local flags=()
	[ -f "${1%.*}.flags" ] && read -ra flags <"${1%.*}.flags"
	dbm-linecount "${flags[@]}" "$1" | cut -f2-7
}

print() { # print KIND FILE
	case $1 in
	count) count "$2" 2>/dev/null ;;
	stderr) { preview csv "$2" >/dev/null; } 2>&1 ;;
	out) preview csv "$2" 2>/dev/null ;;
	*) preview "$1" "$2" 2>/dev/null ;;
	esac
}

for file in *.csv; do
	for kind in out tsv json md table count stderr; do
		golden=${file%.csv}.$kind
		[ -f "$golden" ] || { [ "$1" = --write ] && print "$kind" "$file" >"$golden"; }
		[ -f "$golden" ] || continue
		if print "$kind" "$file" | cmp -s - "$golden"; then
			echo "ok - $file as $kind"
		else
			echo "not ok - $file as $kind"
			print "$kind" "$file" | diff - "$golden" | head -10 | cat -v | sed 's/^/# /'
			status=1
		fi
	done
done
exit $status

#!/bin/bash
# Replays the corpora of tests/fuzz on the build's targets: DBM_BIN is its folder of programs.
cd "$(dirname "$0")/.." || exit 1
status=0
for target in "$DBM_BIN"/../obj/fuzz/*; do
	[ -x "$target" ] || continue
	name=${target##*/}
	inputs=("tests/fuzz/corpus/$name")
	case $name in
	# Texts of others, where they are at hand.
	records | scan) [ -d "${DBM_SHARED-}/fuzz/csv" ] && inputs+=("$DBM_SHARED/fuzz/csv") ;;
	esac
	if said=$("$target" "${inputs[@]}" 2>&1); then
		echo "ok - fuzz $name: $(tail -n 1 <<<"$said") inputs"
	else
		# The last path is the input that failed.
		echo "not ok - fuzz $name"
		grep -B 1 -A 9 -m 1 -E 'does not hold|ERROR:|runtime error' <<<"$said" | sed 's/^/# /'
		tail -n 1 <<<"$said" | sed 's/^/# /'
		status=1
	fi
done
exit $status

# Helpers: the protocol of dbm-source.7, with a good one (tests/sources/dbm-source-toy) and one that does all wrong.
load helper

PATH=$PATH:/usr/sbin
SOURCES=$TOP/tests/sources

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	export HOME=$BATS_TEST_TMPDIR/home XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache LC_ALL=C.UTF-8
	unset DBM_FORMAT DBM_TRACE NO_COLOR COLUMNS DBM_HELPER_DEBUG
	export DBM_HELPER_PATH=$SOURCES DBM_MARKER=$BATS_TEST_TMPDIR
	mkdir work && cd work || exit 1
}

# No helper that a test has started may outlive it.
left_behind() { grep -lz "^DBM_MARKER=$BATS_TEST_TMPDIR\$" /proc/[0-9]*/environ 2>/dev/null | while read -r f; do
	grep -aqz 'dbm-source-' "${f%environ}cmdline" && tr '\0' ' ' <"${f%environ}cmdline"; done; }

teardown() {
	local left
	left=$(left_behind)
	[ -z "$left" ] || { sleep 0.5; left=$(left_behind); }
	[ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

@test "a list without the fields of one is a breach, not a crash" {
	for p in 'dbm-list' 'dbm-list -k column' dbm-preview dbm-linecount; do
		for bad in narrow nocolumns; do
			run --separate-stderr $p bad:$bad
			assert_equal "$status:$output" 4:
			assert_equal "$stderr" \
				"${p%% *}: bad:$bad: dbm-source-bad breaks the protocol: an answer without the fields it should have"
		done
	done
}

# Two versions of dbm with one cache: each finds what it has kept itself, and leaves the other's entries alone; what one of them
# forgets is forgotten for both.
load helper

setup_file() {
	local next=$(($(awk '/define ENTRY_VERSION/{print $3}' "$TOP/lib/entry.h") + 1))
	make -s -C "$TOP" STATIC=no B="$BATS_FILE_TMPDIR" CFLAGS="-O0 -DENTRY_VERSION=$next" \
		"$BATS_FILE_TMPDIR/bin/dbm-linecount" "$BATS_FILE_TMPDIR/bin/dbm-invalidate" 3>&-
}

# With a table that is worth keeping an answer of, and not young.
setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	own_world "$BATS_TEST_TMPDIR" C
	next=$BATS_FILE_TMPDIR/bin
	seq 20000 >t.csv
	sleep 2.1
}

# The events of a count, on a line.
events() { # events PROGRAM FLAGS...
	rm -f trace
	"$@" -b --trace trace t.csv >counted
	assert_equal "$(cat counted)" 19999
	grep -v ^read trace | paste -sd ' '
}

entries() { find cache -type f -path '*/v1/*/*/*' | sort; }

@test "each version finds its own answers" {
	run events dbm-linecount
	assert_output --partial 'miss kind=count why=absent store kind=count'
	entries | xargs sha256sum >first
	run events "$next/dbm-linecount"
	assert_output --partial 'miss kind=count why=absent store kind=count'
	sha256sum --quiet -c first
	assert_equal "$(entries | wc -l)" $((2 * $(wc -l <first)))
	for program in dbm-linecount "$next/dbm-linecount" dbm-linecount; do
		run events "$program"
		assert_output 'hit kind=count'
	done
}

@test "what one version forgets the other does not find" {
	events dbm-linecount
	events "$next/dbm-linecount"
	for program in dbm-invalidate "$next/dbm-invalidate"; do
		"$program" t.csv
		for count in dbm-linecount "$next/dbm-linecount"; do
			run events "$count"
			assert_output --partial 'miss kind=count why=generation store kind=count'
			run events "$count"
			assert_output 'hit kind=count'
		done
	done
}

@test "the collector of one version leaves what the other has kept" {
	events dbm-linecount
	events "$next/dbm-linecount"
	before=$(entries)
	dbm-invalidate --gc
	"$next/dbm-invalidate" --gc
	assert_equal "$(entries)" "$before"
	for program in dbm-linecount "$next/dbm-linecount"; do
		run events "$program"
		assert_output 'hit kind=count'
	done
}

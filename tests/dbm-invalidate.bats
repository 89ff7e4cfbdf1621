load helper

# Folders that are sources (tests/sources/dbm-source-slow): what is kept of a server is neither young nor proven.
setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	own_world "$BATS_TEST_TMPDIR" C.UTF-8
	export DBM_HELPER_PATH=$TOP/tests/sources:${DBM_BIN:-$TOP/bin}/../libexec
	mkdir -p work "$HOME" && cd work || exit 1
	for s in one two; do
		mkdir $s
		printf '1\n2\n3\n' >$s/rows
	done
}

V1=dbm/v1

# look PROGRAM REF...: what the trace says was found of it: the hits, then the misses with their reasons.
look() {
	rm -f trace
	"$1" --trace trace "${@:2}" >/dev/null && sed -En 's/^(hit|miss) kind=([a-z]*)( why=)?/\1 \2 /p' trace | sed 's/ $//' | sort -u | paste -sd, -
}

# keep REF...: a preview and a count of each.
keep() { dbm-preview "$@" >/dev/null && dbm-linecount "$@" >/dev/null; }

# Kept answers that were not forgotten.
kept() { dbm-invalidate -n --all | wc -l; }

# The files of all entries, for find(1).
entries() { find "$XDG_CACHE_HOME/$V1" -mindepth 3 -type f "$@"; }

# The whole of what a cache is, but for the lock and the count.
cache_snapshot() { find "$XDG_CACHE_HOME" ! -name stores ! -path '*/locks*' -printf '%P %l %T@ %i\n' | sort; }

# events NAME: how many a command leaves.
events() {
	rm -f trace
	"${@:2}" --trace trace
	grep -c "^$1 " trace || true
}

old_file() { # old_file NAME...: tables worth keeping, which are not young any more.
	for f; do seq 100000 >"$f"; done
	sleep 2.1
}

@test "a table of a server is forgotten, and nothing else" {
	keep "slow:$PWD/one#t" "slow:$PWD/two#t"
	assert_equal "$(look dbm-linecount "slow:$PWD/one#t")" 'hit count'
	run --separate-stderr dbm-invalidate "slow:$PWD/one#t"
	assert_success
	assert_equal "$output$stderr" ''
	assert_equal "$(look dbm-linecount "slow:$PWD/one#t")" 'miss count generation'
	assert_equal "$(look dbm-preview "slow:$PWD/one#t")" 'miss preview generation'
	assert_equal "$(look dbm-linecount "slow:$PWD/two#t")" 'hit count'
	assert_equal "$(look dbm-linecount "slow:$PWD/one#t")" 'hit count'
}

@test "a database is forgotten by one small write, however much of it is kept" {
	mkdir many
	python3 - <<-'END'
		import sqlite3
		with sqlite3.connect("many.db") as db:
		    db.executescript(";".join(f"CREATE TABLE t{n}(a)" for n in range(300)))
	END
	sleep 2.1
	keep many.db
	keep "slow:$PWD/two"
	before=$(cache_snapshot)
	assert [ "$(entries | wc -l)" -gt 600 ]
	assert_equal "$(events invalidate dbm-invalidate many.db)" 1
	assert_equal "$(diff <(echo "$before") <(cache_snapshot) | grep -c '^>')" 2
	assert_equal "$(look dbm-linecount many.db)" 'miss count generation,miss list generation'
	assert_equal "$(look dbm-linecount "slow:$PWD/two")" 'hit count,hit list'
}

@test "it reads and lists nothing to do so" {
	keep "slow:$PWD/one"
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=getdents64,execve,connect -o calls dbm-invalidate "slow:$PWD/one"
	assert_equal "$(grep -c getdents64 calls)" 0
	assert_equal "$(grep -c execve calls)" 1
}

@test "a delimited file is a table of its folder, however it is named; its folder is a database" {
	mkdir -p 'd#x %' other
	old_file 'd#x %/orders.csv' 'd#x %/items.csv' other/orders.csv
	for ref in 'd%23x %25/orders.csv' 'd%23x %25#orders' 'd%23x %25#orders.csv' "$PWD/d%23x %25//./orders.csv" 'other/../d#x %/orders.csv'; do
		dbm-linecount 'd%23x %25/orders.csv' 'd%23x %25/items.csv' other/orders.csv >/dev/null
		assert_equal "$(look dbm-linecount 'd%23x %25/orders.csv')" 'hit count'
		dbm-invalidate "$ref"
		assert_equal "$(look dbm-linecount 'd%23x %25/orders.csv')" 'miss count generation'
		assert_equal "$(look dbm-linecount 'd%23x %25/items.csv' other/orders.csv)" 'hit count'
	done
	dbm-invalidate 'd%23x %25/'
	assert_equal "$(look dbm-linecount 'd%23x %25')" 'miss count generation'
	assert_equal "$(look dbm-linecount other)" 'hit count'
}

@test "what is named may be gone, but not a table from a folder that is there" {
	mkdir d
	old_file d/orders.csv d/items.csv
	python3 -c 'import sqlite3; sqlite3.connect("shop.db").executescript("CREATE TABLE t(a); CREATE TABLE u(a)")'
	sleep 2.1
	keep d shop.db
	mv d e
	mv shop.db shop2.db
	run --separate-stderr dbm-invalidate -v 'shop.db#t'
	assert_success
	assert_equal "${#lines[@]}" 2
	assert_regex "${lines[0]}" "^$PWD/shop\.db#t	"
	run --separate-stderr dbm-invalidate -v 'd#items.csv'
	assert_success
	assert_regex "${lines[0]}" "^$PWD/d/items\.csv	"
	mkdir d
	run --separate-stderr dbm-invalidate 'd#orders'
	assert_equal "$status:$stderr" '4:dbm-invalidate: d#orders: no such table: it has none'
	touch d/orders.csv d/orders.tsv
	run --separate-stderr dbm-invalidate 'd#orders'
	assert_equal "$status:$stderr" '4:dbm-invalidate: d#orders: several tables of that name: orders.csv, orders.tsv'
	run --separate-stderr dbm-invalidate 'd#none' d
	assert_equal "$status:$stderr" '3:dbm-invalidate: d#none: no such table: it has orders.csv, orders.tsv'
	mv shop2.db shop.db
	run dbm-invalidate -v "$PWD/shop.db"
	assert_equal "${#lines[@]}" 3
}

@test "a slow reader who has read before brings nothing back" {
	touch one/gate
	for forget in "slow:$PWD/one" "slow:$PWD/one#t" "-k preview slow:$PWD/one#t" "-k preview slow:$PWD/one" --all; do
		printf 'old\n' >one/rows
		dbm-preview "slow:$PWD/one#t" >old &
		while ! grep -qs scan one/made; do sleep 0.01; done
		printf 'new\n' >one/rows
		dbm-invalidate $forget
		rm one/gate one/made
		wait $!
		assert_equal "$(tail -1 old)" old
		assert_equal "$(dbm-preview "slow:$PWD/one#t" | tail -1)" new
		touch one/gate
		assert_equal "$(timeout 5 dbm-preview "slow:$PWD/one#t" | tail -1)" new
		dbm-invalidate --all
		rm -f one/made
	done
}

@test "--kind forgets that kind alone, and removes it" {
	keep "slow:$PWD/one" "slow:$PWD/two"
	run dbm-invalidate -v --kind count "slow:$PWD/one#t"
	assert_equal "${#lines[@]}" 1
	assert_regex "$output" "^slow:$PWD/one#t	count	[0-9]+	20..-..-..T..:..:..Z\$"
	assert_equal "$(look dbm-linecount "slow:$PWD/one#t")" 'miss count absent'
	assert_equal "$(look dbm-preview "slow:$PWD/one#t")" 'hit preview'
	dbm-invalidate -k preview,count "slow:$PWD/two"
	assert_equal "$(look dbm-linecount "slow:$PWD/two")" 'hit list,miss count absent'
	assert_equal "$(look dbm-preview "slow:$PWD/two")" 'hit list,miss preview absent'
	dbm-invalidate -k list --all
	assert_equal "$(look dbm-preview "slow:$PWD/two")" 'hit preview,miss list absent'
	run --separate-stderr dbm-invalidate -k counts --all
	assert_equal "$status:$stderr" "2:dbm-invalidate: --kind: not 'counts' but list, schema, preview, count, profile or rowindex (dbm-invalidate --help shows the flags)"
}

@test "--older-than removes what was read longer ago" {
	keep "slow:$PWD/one"
	sleep 6.1
	keep "slow:$PWD/two"
	dbm-invalidate --older-than 1h
	assert_equal "$(kept)" 6
	dbm-invalidate --older-than 6s "slow:$PWD/two"
	assert_equal "$(kept)" 6
	run dbm-invalidate -n --older-than 6s
	assert_equal "${#lines[@]}" 3
	assert_equal "$(kept)" 6
	run dbm-invalidate -v -k count --older-than 6s
	assert_equal "${#lines[@]}" 1
	dbm-invalidate --older-than 6s
	assert_equal "$(kept)" 3
	assert_equal "$(look dbm-preview "slow:$PWD/two")" 'hit list,hit preview'
	assert_equal "$(look dbm-preview "slow:$PWD/one#t")" 'miss preview absent'
}

@test "--all forgets everything and takes it away" {
	keep "slow:$PWD/one" "slow:$PWD/two"
	assert_equal "$(kept)" 6
	DBM_FORMAT=csv run --separate-stderr dbm-invalidate -H --all
	assert_success
	assert_equal "$output$stderr" ''
	assert_equal "$(find "$XDG_CACHE_HOME/$V1" -mindepth 3 -type f)" ''
	assert_equal "$(look dbm-preview "slow:$PWD/one#t")" 'miss preview absent'
}

@test "--dry-run prints what -v does, and changes nothing" {
	keep "slow:$PWD/one" "slow:$PWD/two"
	for what in "slow:$PWD/one" "slow:$PWD/one#t" "-k count slow:$PWD/one" --all '--older-than 0s' '--gc --max-size 5K'; do
		keep "slow:$PWD/one" "slow:$PWD/two"
		touch trace
		before=$(cache_snapshot)
		dbm-invalidate -n $what | sort >dry
		assert_equal "$(cache_snapshot)" "$before"
		dbm-invalidate -v $what | sort >wet
		assert [ -s dry ]
		run diff dry wet
		assert_success
		case $what in --gc*) ;; *) run dbm-invalidate -v $what && assert_output '' ;; esac
	done
}

@test "records are facts like any other" {
	dbm-linecount "slow:$PWD/one#t" >/dev/null
	run dbm-invalidate -nH "slow:$PWD/one"
	assert_line --index 0 $'ref\tkind\tbytes\tread'
	run dbm-invalidate -n -f json "slow:$PWD/one"
	assert_output --regexp "^\{\"ref\":\"slow:$PWD/one#t\",\"kind\":\"count\",\"bytes\":[0-9]+,\"read\":\"20[^\"]*Z\",\"method\":\"cache\",\"as_of\":\"[^\"]*\",\"cache\":\"off\"\}\$"
	dbm-invalidate -n "slow:$PWD/one" | dbm-invalidate
	assert_equal "$(kept)" 0
}

@test "references on standard input: lines, JSON, NUL" {
	keep "slow:$PWD/one" "slow:$PWD/two"
	printf 'slow:%s/one#t\tx\n' "$PWD" | dbm-invalidate
	assert_equal "$(kept)" 4
	printf '{"ref":"slow:%s/one"}\n' "$PWD" | dbm-invalidate -
	assert_equal "$(kept)" 3
	printf 'slow:%s/two#t\0' "$PWD" | dbm-invalidate -0
	assert_equal "$(kept)" 1
	printf 'slow:%s/two' "$PWD" | dbm-invalidate --older-than 1h
	assert_equal "$(kept)" 1
	printf 'slow:%s/two' "$PWD" | dbm-invalidate
	assert_equal "$(kept)" 0
	run --separate-stderr dbm-invalidate </dev/null
	assert_equal "$status:$output:$stderr" 0::
}

@test "where nothing is kept it succeeds in silence, and makes nothing" {
	for what in /none 'a#b' 'x:y' --all --gc '--older-than 1s' '-k count one' '-n --all' '-v --all' 'csv:-'; do
		run --separate-stderr dbm-invalidate $what
		assert_success
		assert_equal "$output$stderr" ''
	done
	assert [ ! -e "$XDG_CACHE_HOME" ]
	run --separate-stderr dbm-invalidate @none
	assert_equal "$status:$stderr" '4:dbm-invalidate: @none: no database or group of that name is registered'
}

@test "what cannot be made sure of is a failure" {
	keep "slow:$PWD/one"
	why='the cache: neither XDG_CACHE_HOME nor HOME is an absolute path'
	run --separate-stderr env -u HOME -u XDG_CACHE_HOME "$(command -v dbm-invalidate)" one
	assert_equal "$status:$stderr" "4:dbm-invalidate: one: $why"
	run --separate-stderr env -u HOME -u XDG_CACHE_HOME "$(command -v dbm-invalidate)" --all
	assert_equal "$status:$stderr" "4:dbm-invalidate: $why"
	run --separate-stderr env -u HOME -u XDG_CACHE_HOME "$(command -v dbm-invalidate)" --gc
	assert_equal "$status:$stderr" "4:dbm-invalidate: $why"
	chmod 777 "$XDG_CACHE_HOME/dbm"
	run --separate-stderr dbm-invalidate "slow:$PWD/one"
	assert_equal "$status:$stderr" "4:dbm-invalidate: slow:$PWD/one: the cache: $XDG_CACHE_HOME/dbm: may be written by other users"
	chmod 700 "$XDG_CACHE_HOME/dbm"
	[ "$(id -u)" = 0 ] || return 0
	chown -R 65534 "$XDG_CACHE_HOME"
	run --separate-stderr dbm-invalidate --all
	assert_equal "$status:$stderr" "4:dbm-invalidate: the cache: $XDG_CACHE_HOME/dbm: belongs to another user"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$PWD"
	chmod -R a-w "$XDG_CACHE_HOME"
	for what in "slow:$PWD/one" "-k count slow:$PWD/one" --all; do
		run --separate-stderr as_nobody "$(command -v dbm-invalidate)" $what
		assert_equal "$status" 4
		assert_regex "$stderr" '^dbm-invalidate: .*the cache: cannot make a link: Permission denied$'
	done
	for what in '--older-than 0s' '--gc --max-size 0'; do
		run --separate-stderr as_nobody "$(command -v dbm-invalidate)" $what
		assert_equal "$status" 4
		assert_regex "$stderr" '^dbm-invalidate: the cache: '
	done
	chmod -R u+w "$XDG_CACHE_HOME"
	run --separate-stderr as_nobody "$(command -v dbm-invalidate)" --all
	assert_equal "$status:$stderr" 0:
}

@test "wrong calls" {
	for what in '--all one' '--gc one' '--max-size 1M one' '--all --older-than 1s' '--gc -k count' '--gc --max-size 1X'; do
		run --separate-stderr dbm-invalidate $what
		assert_equal "$status" 2
		assert_regex "$stderr" '^dbm-invalidate: .* \(dbm-invalidate --help shows the flags\)$'
	done
}

# N entries of about 40 KiB each, of as many tables.
fill() {
	head -c 40000 /dev/zero | tr '\0' x | fold -w 4000 >one/rows
	python3 - "$1" <<-'END'
		import sqlite3, sys
		with sqlite3.connect("big.db") as db:
		    for n in range(int(sys.argv[1])):
		        db.execute(f"CREATE TABLE t{n:04}(a)")
		        db.execute(f"INSERT INTO t{n:04} VALUES(?)", ("x" * 40000,))
	END
	sleep 2.1
	dbm-preview --width 0 big.db >/dev/null
}

size() { entries -printf '%b\n' | awk '{n += $1 * 512} END{print n + 0}'; }

@test "--gc brings a cache ten times over its limit under it, least recently used first" {
	fill 100
	assert [ "$(size)" -gt 4000000 ]
	entries -exec touch -d '2 hours ago' {} +
	# A hit is a use.
	assert_equal "$(look dbm-preview --width 0 'big.db#t0042')" 'hit preview'
	run dbm-invalidate --gc --trace trace --max-size 400K
	assert_success
	assert_output ''
	assert [ "$(size)" -le 368640 ]
	assert [ "$(size)" -gt 300000 ]
	assert_regex "$(grep '^collect' trace)" "^collect entries=[0-9]+ bytes=[0-9]+ left=$(size)\$"
	assert_equal "$(look dbm-preview --width 0 'big.db#t0042')" 'hit preview'
	assert_equal "$(events collect dbm-invalidate --gc --max-size 400K)" 1
	assert_equal "$(sed -n 's/^collect entries=\([0-9]*\) .*/\1/p' trace)" 0
}

@test "64 ordinary stores bring a cache ten times over its limit under it" {
	fill 100
	assert [ "$(size)" -gt 4000000 ]
	entries -exec touch -d '2 hours ago' {} +
	export DBM_CACHE_LIMIT=400K
	for ((i = 0; i < 64; i++)); do
		mkdir "s$i"
		echo "$i" >"s$i/rows"
		dbm-preview --trace trace "slow:$PWD/s$i#t" >/dev/null
	done
	assert_equal "$(grep -c ^store trace)" 64
	assert_equal "$(grep -c ^collect trace)" 1
	assert [ "$(sed -n 's/^collect .*left=//p' trace)" -le 368640 ]
	# Behind it not 64 more were stored, of a block each.
	assert [ "$(size)" -le $((368640 + 64 * 4096)) ]
	assert_equal "$(look dbm-preview "slow:$PWD/s63#t")" 'hit preview'
}

@test "--gc takes what killed processes left, and folders that nothing is in" {
	keep "slow:$PWD/one" "slow:$PWD/two"
	top=$XDG_CACHE_HOME/$V1
	table=$(dirname "$(entries | head -1)")
	for in in "$top" "$table" "${table%/*}"; do
		touch -d '61 minutes ago' "$in/tmp.1.old"
		touch -d '59 minutes ago' "$in/tmp.1.new"
		ln -s nowhere "$in/tmp.2.old"
		touch -hd '61 minutes ago' "$in/tmp.2.old"
	done
	dbm-invalidate --gc
	assert_equal "$(find "$top" -name '*.old')" ''
	assert_equal "$(find "$top" -name '*.new' | wc -l)" 3
	assert_equal "$(kept)" 6
	find "$top" -name '*.new' -delete
	dbm-invalidate "slow:$PWD/one"
	dbm-invalidate --gc
	assert_equal "$(find "$top" -mindepth 1 -maxdepth 1 -type d ! -name locks | wc -l)" 2
	find "$top" -type d -exec touch -d '61 minutes ago' {} +
	dbm-invalidate --gc
	assert_equal "$(find "$top" -mindepth 1 -maxdepth 1 -type d ! -name locks | wc -l)" 1
	assert_equal "$(look dbm-preview "slow:$PWD/two#t")" 'hit preview'
}

@test "one at a time collects" {
	fill 10
	exec 9<>"$XDG_CACHE_HOME/$V1/stores"
	flock 9
	run --separate-stderr dbm-invalidate --gc --max-size 1
	assert_equal "$status:$output$stderr" 0:
	assert_equal "$(kept)" 11
	exec 9>&-
	dbm-invalidate --gc --max-size 1
	assert_equal "$(kept)" 0
}

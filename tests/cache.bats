# The cache, as the programs use it (dbm.7, cache.h, answer.h).

load helper

BIN=${DBM_BIN:-$TOP/bin}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	export HOME=$BATS_TEST_TMPDIR/home XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache LC_ALL=C
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	export DBM_HELPER_PATH=$TOP/tests/sources:$BIN/../libexec DBM_TRACE=$BATS_TEST_TMPDIR/trace
	unset DBM_FORMAT NO_COLOR COLUMNS
	mkdir -p work/s "$HOME"
	cd work || exit 1
	printf 'one\ntwo\n' >s/rows
	: >"$DBM_TRACE"
}

# FILE [N]: rows of CSV, more than one read takes.
large() { awk -v n="${2:-20000}" 'BEGIN{print "id,text"; for (i = 1; i <= n; i++) printf "%d,row %d\n", i, i}' >"$1"; }
# What was written before is not young any more (stamp.h).
settled() { sleep 2.1; }
shop() { python3 -c "
import sqlite3, sys
db = sqlite3.connect('shop.db')
for i in range($1):
    db.execute(f'CREATE TABLE t{i}(a, b)')
    db.executemany(f'INSERT INTO t{i} VALUES(?, ?)', [(j, i * j) for j in range(20)])
db.commit()"; }
asked() { grep -c . s/asked; }

@test "a hit: no helper, of the source only its stamp" {
	shop 1
	large a.csv
	settled
	for look in "dbm-preview shop.db#t0" "dbm-linecount -b a.csv" "dbm-list shop.db" "dbm-profile a.csv"; do
		run --separate-stderr $look
		assert_success
		first=$output
		: >"$DBM_TRACE"
		run --separate-stderr $look
		assert_output "$first"
		assert_equal "$(cat "$DBM_TRACE" | sed 's/ kind=.*//')" hit
	done
}

@test "a hit takes fewer than 30 system calls, and looks at the clock twice" {
	[ "$DBM_VARIANT" = static ] || return 0
	shop 1
	large a.csv
	settled
	unset DBM_TRACE
	for look in "dbm-preview shop.db#t0" "dbm-linecount a.csv"; do
		$look >/dev/null
		strace -f -o calls $look >/dev/null
		calls=$(grep -vc ' exited with ' calls)
		echo "$look: $calls"
		[ "$calls" -lt 30 ]
		assert_equal "$(grep -c clock_gettime calls)" 2
	done
}

@test "what a hit runs and reads of its program lies in one window of 64 KiB" {
	[ "$DBM_VARIANT" = static ] || return 0
	for program in dbm-preview dbm-linecount; do
		read -r start size < <(readelf -SW "$DBM_BIN/$program" | sed -n 's/.* \.hit *PROGBITS *\([0-9a-f]*\) [0-9a-f]* \([0-9a-f]*\).*/\1 \2/p')
		echo "$program: $start $size"
		[ $(((16#$start + 16#$size - 1) / 65536)) -eq $((16#$start / 65536)) ]
	done
}

@test "100 processes miss together: the source is asked once" {
	: >s/gate
	for n in $(seq 100); do dbm-preview slow:s#t >out.$n & done
	waiting() { [ "$(events wait)" = 99 ]; }
	until_so waiting
	rm s/gate
	wait
	assert_equal "$(asked)" 1
	assert_equal "$(cat out.* | sort | uniq -c | sed 's/ *//')" "$(printf '100 one\n100 two\n100 v')"
	assert_equal "$(events hit)" 99
}

@test "the process that asks is killed: another one asks" {
	: >s/gate
	dbm-preview slow:s#t >out.0 &
	first=$!
	was_asked() { [ -s s/asked ]; }
	until_so was_asked
	for n in $(seq 30); do dbm-preview slow:s#t >out.$n & done
	waiting() { [ "$(events wait)" = 30 ]; }
	until_so waiting
	kill -KILL $first
	twice() { [ "$(asked)" = 2 ]; }
	until_so twice
	rm s/gate
	wait
	assert_equal "$(asked)" 2
	rm out.0
	assert_equal "$(cat out.* | sort | uniq -c | sed 's/ *//')" "$(printf '30 one\n30 two\n30 v')"
}

@test "two batches in opposite order: each table is read once, none waits for the other while it holds something" {
	shop 50
	settled
	for n in $(seq 0 49); do echo "shop.db#t$n"; done >refs
	dbm-preview --no-cache -f json - <refs | sort >expected
	for round in 1 2 3 4 5; do
		rm -rf "$XDG_CACHE_HOME"
		: >"$DBM_TRACE"
		dbm-preview -f json - <refs >one &
		tac refs | dbm-preview -f json - >two &
		wait
		sort one | cmp - expected
		sort two | cmp - expected
		assert_equal "$(events store)" 50
	done
}

@test "more rows, wider cells and all columns answer fewer, narrower and some" {
	shop 1
	settled
	dbm-preview -n 15 shop.db#t0 >/dev/null
	: >"$DBM_TRACE"
	for flags in "-n 5" "-n 15" "-n 3 --width 1" "-n 5 -c b" "-n 2 -c 2,a"; do
		run --separate-stderr dbm-preview $flags shop.db#t0
		cached=$output
		run --separate-stderr dbm-preview --no-cache $flags shop.db#t0
		assert_output "$cached"
	done
	assert_equal "$(events hit)" 5
	assert_equal "$(events miss)" 0
	: >"$DBM_TRACE"
	dbm-preview -n 16 shop.db#t0 >/dev/null
	assert_equal "$(events 'miss kind=preview why=short')" 1
	dbm-preview -n 100 shop.db#t0 >/dev/null
	dbm-preview -n 100000 shop.db#t0 >/dev/null
	assert_equal "$(events hit)" 1
}

@test "few of the last rows do not answer more of them, whoever takes them" {
	python3 -c "
import sqlite3
db = sqlite3.connect('x.db')
db.execute('CREATE TABLE t(id INTEGER PRIMARY KEY)')
db.execute('CREATE TABLE w(id INTEGER PRIMARY KEY) WITHOUT ROWID')
db.executemany('INSERT INTO t VALUES(?)', [(i,) for i in range(30)])
db.executescript('CREATE VIEW v AS SELECT id FROM t; INSERT INTO w SELECT id FROM t')
db.commit()"
	large a.csv
	gzip -c a.csv >b.csv.gz
	seq 30 >s/rows
	settled
	for table in x.db#t x.db#v x.db#w slow:s#t a.csv b.csv.gz; do
		dbm-preview -q --tail -n 3 $table >/dev/null
		run dbm-preview -q --tail -n 12 $table
		assert_equal "$table: ${#lines[@]}" "$table: 13"
		: >"$DBM_TRACE"
		run dbm-preview -q --tail -n 12 $table
		assert_equal "$table: ${#lines[@]}" "$table: 13"
		run dbm-preview -q --tail -n 2 $table
		assert_equal "$table: ${#lines[@]} $(events hit)" "$table: 3 2"
	done
	# All of them answer whatever is asked for.
	dbm-preview -q --tail -n 40 x.db#t >/dev/null
	: >"$DBM_TRACE"
	dbm-preview -q --tail -n 1000 x.db#t >/dev/null
	assert_equal "$(events hit)" 1
}

@test "a miss asks for what was kept before too" {
	python3 -c "
import sqlite3
db = sqlite3.connect('x.db')
db.executescript('CREATE TABLE t(a); INSERT INTO t VALUES(1), (2), (3), (4), (5), (6), (7), (8)')"
	settled
	dbm-preview -n 7 x.db#t >/dev/null
	python3 -c "
import sqlite3
db = sqlite3.connect('x.db')
db.executescript('UPDATE t SET a = a + 1')"
	settled
	run --separate-stderr dbm-preview -n 2 x.db#t
	assert_output "$(printf 'a\n2\n3')"
	: >"$DBM_TRACE"
	run --separate-stderr dbm-preview -n 7 x.db#t
	assert_output "$(printf 'a\n2\n3\n4\n5\n6\n7\n8')"
	assert_equal "$(events hit)" 1
}

@test "a grown file: only what is new is counted, and it says so" {
	large a.csv 200000
	settled
	dbm-linecount a.csv >/dev/null
	printf '%s\n' 1,new 2,new >>a.csv
	: >"$DBM_TRACE"
	run --separate-stderr dbm-linecount a.csv
	assert_equal "$(cut -f 2,5 <<<"$output")" "$(printf '200002\tcontinued')"
	[ "$(bytes_read "$DBM_TRACE")" -lt 2000000 ]
	run --separate-stderr dbm-linecount --refresh a.csv
	assert_equal "$(cut -f 2,5 <<<"$output")" "$(printf '200002\texact')"
	dbm-linecount -b --delimiter ';' a.csv >/dev/null
	printf '%s\n' 3,new >>a.csv
	run --separate-stderr dbm-linecount --no-cache a.csv
	assert_equal "$(cut -f 2,5 <<<"$output")" "$(printf '200003\texact')"
}

@test "--no-cache, --refresh, --cached" {
	shop 1
	settled
	dbm-linecount --no-cache -b shop.db#t0
	assert_equal "$(events 'store\|hit\|miss')" 0
	run --separate-stderr -4 dbm-linecount --cached shop.db#t0
	assert_equal "$stderr" "dbm-linecount: shop.db#t0: no such answer is kept (--cached)"
	dbm-linecount shop.db#t0
	: >"$DBM_TRACE"
	run --separate-stderr dbm-linecount -b --cached shop.db#t0
	assert_output 20
	assert_equal "$(cat "$DBM_TRACE")" "hit kind=count"
	dbm-linecount --refresh -b shop.db#t0
	assert_equal "$(events 'store kind=count')" 1
	python3 -c "import sqlite3; db = sqlite3.connect('shop.db'); db.executescript('DELETE FROM t0')"
	: >"$DBM_TRACE"
	run --separate-stderr dbm-linecount -b --cached shop.db#t0
	assert_output 20
	[[ "$stderr" == "dbm-linecount: shop.db#t0: not looked at (--cached): this is what it was "*" ago" ]]
	assert_equal "$(events helper)" 0
	run -4 dbm-linecount -b --cached --strict shop.db#t0
	run -0 --separate-stderr dbm-linecount -b shop.db#t0
	assert_output 0
}

@test "JSON says whether it is from the cache, and of when" {
	shop 1
	settled
	member() { python3 -c "import json, sys; d = json.loads(sys.stdin.readline()); print(d['$1'])"; }
	assert_equal "$(dbm-linecount --no-cache -f json shop.db#t0 | member cache)" off
	first=$(dbm-linecount -f json shop.db#t0)
	assert_equal "$(member cache <<<"$first")" miss
	sleep 1.1
	second=$(dbm-linecount -f json shop.db#t0)
	assert_equal "$(member cache <<<"$second")" hit
	assert_equal "$(member as_of <<<"$second")" "$(member as_of <<<"$first")"
	assert_equal "$(dbm-list -f json shop.db | member cache)" miss
	assert_equal "$(dbm-list -f json shop.db | member cache)" hit
}

@test "an answer of a server is fresh for ttl, and read again then" {
	dbm-preview slow:s#t
	printf 'new\n' >s/rows
	run --separate-stderr dbm-preview slow:s#t
	assert_output "$(printf 'v\none\ntwo')"
	run --separate-stderr dbm-preview --ttl 0 slow:s#t
	assert_output "$(printf 'v\nnew')"
	assert_equal "$(asked)" 2
}

@test "--swr: the old at once, said, and one refresh behind" {
	dbm-preview slow:s#t
	printf 'new\n' >s/rows
	: >s/gate
	# The pipeline ends while the refresh still waits.
	run --separate-stderr timeout 5 sh -c 'dbm-preview --ttl 0 --swr 60 slow:s#t | cat'
	assert_success
	assert_output "$(printf 'v\none\ntwo')"
	[[ "$stderr" == "dbm-preview: slow:s#t: is being refreshed: this is what it was "*" ago" ]]
	run --separate-stderr dbm-preview --ttl 0 --swr 60 -q slow:s#t
	assert_output "$(printf 'v\none\ntwo')"
	[[ "$stderr" == *"this is what it was"* ]]
	rm s/gate
	refreshed() { [ "$(events refresh)" = 1 ]; }
	until_so refreshed
	assert_equal "$(asked)" 2
	run --separate-stderr dbm-preview slow:s#t
	assert_output "$(printf 'v\nnew')"
	assert_equal "$(asked)" 2
}

@test "--swr: a refresh that fails is tried again later, not at once" {
	dbm-preview slow:s#t
	printf 'down' >s/fail
	for n in 1 2 3 4 5 6; do dbm-preview --ttl 0 --swr 60 slow:s#t; sleep 0.1; done
	failed() { [ "$(events 'refresh kind=preview ok=0')" -ge 1 ]; }
	until_so failed
	[ "$(asked)" -le 3 ]
	run --separate-stderr env DBM_BACKGROUND=0 dbm-preview --ttl 0 --swr 60 slow:s#t
	assert_output "$(printf 'v\none\ntwo')"
}

@test "--sie: a source that is down: the old answer and a warning; --strict, --sie 0: a failure" {
	dbm-preview slow:s#t
	printf 'the server is down' >s/fail
	run --separate-stderr dbm-preview --ttl 0 slow:s#t
	assert_success
	assert_output "$(printf 'v\none\ntwo')"
	[[ "$stderr" == "dbm-preview: slow:s#t: the server is down: this is what it was "*" ago" ]]
	run --separate-stderr -4 dbm-preview --ttl 0 --strict slow:s#t
	run --separate-stderr -3 dbm-preview --ttl 0 --strict slow:s#t "$TOP/tests/cases/bom.csv"
	run --separate-stderr -4 dbm-preview --ttl 0 --sie 0 slow:s#t
	assert_equal "$stderr" "dbm-preview: slow:s#t: the server is down"
	printf 'die' >s/fail
	run --separate-stderr dbm-preview --ttl 0 slow:s#t
	assert_success
	assert_output "$(printf 'v\none\ntwo')"
	# What it says for good is no reason for the old.
	printf 'broken' >s/fail
	run --separate-stderr -4 dbm-preview --ttl 0 slow:s#t
}

@test "a server's stamp: a count that has expired stands as long as that" {
	printf 'state 1' >s/stamp
	assert_equal "$(dbm-linecount -b slow:s#t)" 2
	: >s/asked
	assert_equal "$(dbm-linecount -b --ttl 0 slow:s#t)" 2
	assert_equal "$(cat s/asked)" stamp
	printf 'three\n' >>s/rows
	printf 'state 2' >s/stamp
	assert_equal "$(dbm-linecount -b --ttl 0 slow:s#t)" 3
	# A stamp that moves while the rows are read proves nothing.
	assert_equal "$(events 'unstored kind=count why=stamp')" 0
}

@test "a locked database: the old answer with a warning; one that is gone: a failure" {
	shop 1
	settled
	dbm-linecount shop.db#t0
	python3 - <<'PY'
import os, sqlite3, subprocess
db = sqlite3.connect("shop.db", isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
db.execute("DELETE FROM t0")
db.execute("PRAGMA cache_spill = 0")
os.utime("shop.db")
for flags, name in ((["-b"], "old"), (["-b", "--strict"], "strict")):
    p = subprocess.run(["dbm-linecount", *flags, "shop.db#t0"], capture_output=True, text=True)
    open(name, "w").write(f"{p.returncode} {p.stdout.strip()} {p.stderr.strip()}")
PY
	[[ "$(cat old)" == "0 20 dbm-linecount: shop.db#t0: is locked by a writer (waited 1 s): this is what it was "*" ago" ]]
	[[ "$(cat strict)" == "4  dbm-linecount: shop.db#t0: is locked by a writer (waited 1 s)" ]]
	rm shop.db*
	run --separate-stderr -4 dbm-linecount shop.db#t0
}

@test "a file that cannot be reached: the old answer with a warning" {
	[ "$DBM_VARIANT" = static ] || return 0 # the others look at files by another system call
	shop 1
	large a.csv
	settled
	dbm-linecount 'shop.db#t0' a.csv
	for error in EIO ESTALE; do
		run --separate-stderr strace -qq -o /dev/null -e inject=lstat:error=$error dbm-linecount -b 'shop.db#t0' a.csv
		assert_success
		assert_output "$(printf '20\n20000')"
		[[ "${stderr_lines[0]}" == "dbm-linecount: shop.db#t0: cannot open: "*": this is what it was "*" ago" ]]
		[[ "${stderr_lines[1]}" == "dbm-linecount: a.csv: cannot open: "*": this is what it was "*" ago" ]]
	done
	run --separate-stderr -4 strace -qq -o /dev/null -e inject=lstat:error=EACCES dbm-linecount -b a.csv
}

@test "what costs no more than its proof is not kept" {
	large a.csv
	dbm-list . >/dev/null
	dbm-list a.csv >/dev/null
	dbm-preview a.csv >/dev/null
	dbm-list -k column a.csv >/dev/null
	printf 'a\n1\n' >small.csv
	settled
	dbm-linecount small.csv >/dev/null
	assert_equal "$(events 'hit\|miss\|store')" 0
	[ ! -e "$XDG_CACHE_HOME" ]
}

@test "standard input, pipes and FIFOs are not kept" {
	large a.csv
	settled
	cat a.csv | dbm-linecount csv:- >/dev/null
	dbm-linecount <(cat a.csv) >/dev/null
	assert_equal "$(events 'hit\|miss\|store')" 0
}

# A folder that nobody may get to as well; what bats makes is root's alone.
elsewhere() {
	ELSEWHERE=$(mktemp -d /tmp/dbm-cache.XXXXXX)
	chmod 0777 "$ELSEWHERE"
	cd "$ELSEWHERE" || exit 1
}

teardown() { [ -z "${ELSEWHERE-}" ] || rm -rf "$ELSEWHERE"; }

# Right answers whatever is wrong with the cache; on stderr nothing, or the line given.
unbothered() {
	local what=$1 line=$2
	shift 2
	for look in 1 2; do
		run --separate-stderr "$@" "$BIN/dbm-linecount" -b shop.db#t0 a.csv
		assert_success
		assert_output "$(printf '20\n20000')"
		assert_equal "$what: $stderr" "$what: $line"
	done
}

@test "a cache that cannot be used: right answers all the same" {
	local not="dbm-linecount: the cache is not used:"
	elsewhere
	shop 1
	large a.csv
	settled
	unset DBM_TRACE
	export XDG_CACHE_HOME=$PWD/c
	unbothered "no HOME, no XDG_CACHE_HOME" "" env -u HOME -u XDG_CACHE_HOME
	unbothered "a relative XDG_CACHE_HOME" "" env -u HOME XDG_CACHE_HOME=relative
	[ ! -e relative ]
	unbothered "a folder that is not there" "" env XDG_CACHE_HOME="$PWD/not/there"
	unbothered "a device" "" env XDG_CACHE_HOME=/dev/null
	mkdir c elsewhere
	ln -s "$PWD/elsewhere" c/dbm
	unbothered "a link" "" env
	[ -z "$(ls elsewhere)" ]
	rm c/dbm
	mkfifo c/dbm
	unbothered "a FIFO" "" env
	rm c/dbm
	unbothered "none" "" env
	chmod 0777 c/dbm
	unbothered "others may write" "$not $PWD/c/dbm: may be written by other users" env
	chmod 0700 c/dbm
	[ "$(id -u)" = 0 ] || return 0
	chown -R 65534 c/dbm
	unbothered "another user's" "$not $PWD/c/dbm: belongs to another user" env
	run --separate-stderr "$BIN/dbm-linecount" -qb a.csv
	assert_equal "$stderr" ""
	chown -R 0 c/dbm
	chmod 0777 c
	unbothered "of root, for somebody else" "$not $PWD/c/dbm: cannot open the folder: Permission denied" setpriv --reuid=65534 --regid=65534 --clear-groups
}

@test "a cache that may only be read: hits, and right answers" {
	[ "$(id -u)" = 0 ] || return 0
	elsewhere
	shop 1
	large a.csv
	mkdir c
	: >trace
	chmod 0777 c trace
	settled
	export XDG_CACHE_HOME=$PWD/c DBM_TRACE=$PWD/trace
	as_nobody "$BIN/dbm-linecount" -b shop.db#t0
	chmod -R a-w c
	: >trace
	run --separate-stderr as_nobody "$BIN/dbm-linecount" -b shop.db#t0 a.csv
	assert_success
	assert_output "$(printf '20\n20000')"
	assert_equal "$stderr" ""
	assert_equal "$(events hit) $(events store)" "1 0"
	chmod -R u+w c
}

@test "a full cache, and one without inodes: right answers, nothing half stored" {
	unshare -m true 2>/dev/null || return 0 # who may not mount has the unit test
	shop 30
	large a.csv 100000
	settled
	dbm-preview --no-cache -n 1000 shop.db >want
	for option in size=64k nr_inodes=9; do
		run unshare -m bash -c '
			mkdir -p c && mount -t tmpfs -o '$option',mode=0700 none c && export XDG_CACHE_HOME=$PWD/c || exit 9
			for look in 1 2 3; do
				dbm-preview -n 1000 shop.db >got 2>err || exit 1
				cmp want got && [ ! -s err ] || exit 2
				[ "$(dbm-linecount -b a.csv)" = 100000 ] || exit 3
			done
			find c -name "tmp.*" | grep -q . && exit 4
			true'
		assert_success
	done
}

@test "folders 0700 and files 0600, whatever the umask" {
	shop 1
	large a.csv 100000
	settled
	for mask in 000 077 777; do
		rm -rf "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
		mkdir "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
		(umask $mask && dbm-linecount shop.db#t0 a.csv >/dev/null)
		assert_equal "$(find "$XDG_CACHE_HOME/dbm" "$XDG_STATE_HOME/dbm" ! -type l ! -perm 0700 ! -perm 0600)" ""
		[ "$(find "$XDG_CACHE_HOME/dbm" -type f | wc -l)" -gt 3 ]
	done
}

# dbm-warm: what it makes sure of is a hit for the others; what it leaves alone; several at once; how it ends.
# shellcheck disable=SC2016,SC2154  # inner shells expand; bats sets stderr
load helper

BIN=${DBM_BIN:-$TOP/bin}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	own_world "$BATS_TEST_TMPDIR" C
	export DBM_HELPER_PATH=$TOP/tests/sources:$BIN/../libexec DBM_TRACE=$BATS_TEST_TMPDIR/trace DBM_MARKER=$BATS_TEST_TMPDIR
	mkdir -p work "$HOME"
	cd work || exit 1
	: >"$DBM_TRACE"
}

# No process that a test has started may outlive it.
left_behind() { grep -lz "^DBM_MARKER=$BATS_TEST_TMPDIR\$" /proc/[0-9]*/environ 2>/dev/null | while read -r f; do
	grep -aqz 'dbm-' "${f%environ}cmdline" 2>/dev/null && tr '\0' ' ' <"${f%environ}cmdline"; done; }

none_left() { [ -z "$(left_behind)" ]; }

teardown() {
	[ ! -d "${SERVER-}" ] || { "$TOP/tests/pg/server" remove "$SERVER/s"; rm -r "$SERVER"; }
	until_so none_left || { left_behind; return 1; }
}

# FILE [N]: rows of CSV, more than one read takes.
large() { awk -v n="${2:-20000}" 'BEGIN{print "id,text"; for (i = 1; i <= n; i++) printf "%d,row %d\n", i, i}' >"$1"; }

# N: a database of that many tables, and a view.
shop() { python3 -c "
import sqlite3
db = sqlite3.connect('shop.db')
for i in range($1):
    db.execute(f'CREATE TABLE t{i}(a PRIMARY KEY, b REFERENCES t0(a))')
    db.executemany(f'INSERT INTO t{i} VALUES(?, ?)', [(j, i * j) for j in range(20)])
db.execute('CREATE VIEW v AS SELECT a FROM t0')
db.commit()"; }

# What was written before is not young any more (stamp.h).
settled() { sleep 2.1; }

# NAME...: folders of the slow source.
slow() { for name; do mkdir -p "$name" && printf 'one\ntwo\n' >"$name/rows"; done; }
asked() { grep -c . "$1/asked"; }
is_asked() { [ -s "$1/asked" ]; }


# The sums of the columns from `warmed` to `skipped` of the records on standard input.
sums() { awk -F '\t' '{for (i = 2; i <= 6; i++) n[i] += $i} END{print n[2] + 0, n[3] + 0, n[4] + 0, n[5] + 0, n[6] + 0}'; }

@test "what is warmed is a hit for each of the programs, in every format" {
	shop 3
	large a.csv
	large b.csv
	gzip b.csv
	settled
	run --separate-stderr dbm-warm --for list,preview,count,profile,schema shop.db a.csv b.csv.gz
	assert_success
	assert_equal "$stderr" ''
	run sums <<<"$output"
	assert_output '24 0 9 0 0'
	for look in 'dbm-list shop.db' 'dbm-list -l shop.db' 'dbm-list -k database shop.db' 'dbm-list -k column shop.db' \
		'dbm-list -k index shop.db' 'dbm-list -k fk shop.db' 'dbm-preview shop.db#t0' 'dbm-preview -f table shop.db#t1' \
		'dbm-preview -f json shop.db#v' 'dbm-preview -n 2 --width 10 shop.db#t2' 'dbm-preview --columns shop.db#t2' \
		'dbm-preview -c b shop.db#t0' 'dbm-linecount shop.db#t0' 'dbm-linecount -b shop.db#v' 'dbm-linecount -e shop.db#t1' \
		'dbm-profile shop.db#t0' 'dbm-profile -f md shop.db#v' 'dbm-linecount a.csv' 'dbm-profile -f json a.csv' \
		'dbm-linecount b.csv.gz' 'dbm-preview b.csv.gz' 'dbm-profile b.csv.gz' 'dbm-list -k column b.csv.gz' \
		'dbm-schema shop.db' 'dbm-schema -f json shop.db' 'dbm-schema b.csv.gz'; do
		: >"$DBM_TRACE"
		run --separate-stderr $look
		assert_success
		assert_equal "$look: $(sed 's/ kind=.*//' "$DBM_TRACE")" "$look: hit"
	done
	: >"$DBM_TRACE"
	run -0 dbm-preview shop.db
	run -0 dbm-linecount shop.db
	run -0 dbm-profile shop.db
	assert_equal "$(sed 's/ kind=.*//' "$DBM_TRACE" | sort | uniq -c | sed 's/^ *//')" '15 hit'
}

@test "the schema of a table that is named is that of the table; --for says what is asked" {
	shop 2
	settled
	run --separate-stderr dbm-warm --for schema shop.db#t1
	assert_success
	assert_output --regexp $'^shop.db#t1\t4\t0\t0\t0\t0\t[0-9]+$'
	: >"$DBM_TRACE"
	run -0 dbm-list -k column shop.db#t1
	run -0 dbm-list -k index shop.db#t1
	run -0 dbm-list -k fk shop.db#t1
	run -0 dbm-schema shop.db#t1
	assert_equal "$(sed 's/ kind=.*//' "$DBM_TRACE" | uniq -c | sed 's/^ *//')" '4 hit'
	for kind in list:1 preview:3 count:3 profile:3 preview,count:6; do
		rm -rf "$XDG_CACHE_HOME"
		run --separate-stderr dbm-warm --for "${kind%:*}" shop.db
		assert_success
		assert_equal "$kind: $(sums <<<"$output")" "$kind: ${kind#*:} 0 0 0 0"
	done
}

@test "what is kept is left alone: the source is not asked" {
	shop 3
	large a.csv
	settled
	dbm-warm shop.db a.csv >first
	: >"$DBM_TRACE"
	run --separate-stderr dbm-warm shop.db a.csv
	assert_success
	assert_equal "$stderr:$(sums <<<"$output")" ':0 10 2 0 0'
	assert_equal "$(grep -vc '^hit' "$DBM_TRACE")" 0
	touch a.csv
	settled
	run --separate-stderr dbm-warm shop.db a.csv
	assert_equal "$(sums <<<"$output")" '1 9 2 0 0'
}

@test "what costs no more than its proof is not kept, and no failure" {
	printf 'a\n1\n' >small.csv
	mkdir folder
	printf 'a\n1\n' >folder/b.csv
	mkfifo fifo
	settled
	run --separate-stderr dbm-warm --for list,preview,count,profile,schema small.csv folder fifo
	assert_success
	assert_equal "$stderr" ''
	assert_output --regexp $'^small.csv\t0\t0\t8\t0\t0\t[0-9]+\nfolder\t0\t0\t8\t0\t0\t[0-9]+\nfifo\t0\t0\t8\t0\t0\t[0-9]+$'
	assert_equal "$(events read)$(events store)" 00
}

@test "the tables of a folder are warmed one by one" {
	mkdir folder
	large folder/a.csv
	large folder/b.csv
	settled
	run --separate-stderr dbm-warm folder
	assert_equal "$status:$stderr:$(sums <<<"$output")" '0::2 0 3 0 0'
	: >"$DBM_TRACE"
	run -0 dbm-linecount folder
	assert_equal "$(sed 's/ kind=.*//' "$DBM_TRACE" | uniq -c | sed 's/^ *//')" '2 hit'
}

@test "a file that has just been written is come back to when it can be kept" {
	large a.csv
	shop 1
	run --separate-stderr dbm-warm a.csv shop.db
	assert_equal "$status:$stderr:$(sums <<<"$output")" '0::6 0 2 0 0'
	: >"$DBM_TRACE"
	run -0 dbm-linecount a.csv shop.db#t0
	assert_equal "$(sed 's/ kind=.*//' "$DBM_TRACE" | uniq -c | sed 's/^ *//')" '2 hit'
}

@test "one that keeps changing is not kept, and no failure" {
	large a.csv
	bash -c 'while [ ! -e stop ]; do touch a.csv; sleep 0.05; done' 3>&- &
	run --separate-stderr dbm-warm --for count a.csv
	touch stop
	wait
	assert_equal "$status:$stderr:$(sums <<<"$output")" '0::0 0 1 0 0'
	assert_equal "$(events store)" 0
}

@test "a server's answer: left alone while it is fresh, asked for again where it has expired or soon will" {
	slow s
	run --separate-stderr dbm-warm --ttl 1h slow:s
	assert_equal "$status:$stderr:$(sums <<<"$output")" '0::3 0 0 0 0'
	n=$(asked s)
	run dbm-warm --ttl 1h --expiring 30m slow:s
	assert_equal "$(sums <<<"$output"):$(asked s)" "0 3 0 0 0:$n"
	run dbm-warm --ttl 1h --expiring 1h slow:s slow:s#t
	assert_equal "$(sums <<<"$output")" '3 3 0 0 0'
	assert_equal "$(asked s)" $((2 * n))
	run dbm-warm --ttl 1ms slow:s
	assert_equal "$(sums <<<"$output")" '3 0 0 0 0'
	run dbm-warm --ttl 1h --refresh slow:s#t
	assert_equal "$(sums <<<"$output")" '3 0 0 0 0'
	: >"$DBM_TRACE"
	run -0 dbm-preview --ttl 1h slow:s#t
	run -0 dbm-linecount --ttl 1h slow:s#t
	run -0 dbm-list --ttl 1h slow:s
	assert_equal "$(sed 's/ kind=.*//' "$DBM_TRACE" | uniq -c | sed 's/^ *//')" '3 hit'
}

@test "a count that has expired is not made again while the server's stamp is the same" {
	slow s
	printf 7 >s/stamp
	dbm-warm --for count slow:s#t >/dev/null
	rm s/asked
	run dbm-warm --for count --ttl 1ms slow:s#t
	assert_equal "$(sums <<<"$output"):$(cat s/asked)" '0 1 0 0 0:stamp'
	printf 8 >s/stamp
	run dbm-warm --for count --ttl 1ms slow:s#t
	assert_equal "$(sums <<<"$output")" '1 0 0 0 0'
}

@test "references come from standard input, as they do everywhere; the records are in their order" {
	shop 3
	settled
	dbm-list -H shop.db | dbm-warm -H -P 3 >out
	assert_equal "$(cut -f1 out | tr '\n' ' ')" 'ref shop.db#t0 shop.db#t1 shop.db#t2 shop.db#v '
	assert_equal "$(head -n 1 out | tr '\t' ' ')" 'ref warmed fresh not_kept failed skipped ms'
	run bash -c 'printf "shop.db#t1\0shop.db#t0\0" | dbm-warm -0 -f json | sed "s/\"ms\":.*//"'
	assert_output $'{"ref":"shop.db#t1","warmed":0,"fresh":3,"not_kept":0,"failed":0,"skipped":0,\n{"ref":"shop.db#t0","warmed":0,"fresh":3,"not_kept":0,"failed":0,"skipped":0,'
	run --separate-stderr dbm-warm </dev/null
	assert_equal "$status:$output:$stderr" '0::'
	run bash -c 'echo shop.db#t0 | dbm-warm -f csv shop.db#t2 - | cut -d, -f1'
	assert_output $'ref\nshop.db#t2\nshop.db#t0'
}

@test "two at once: each answer is had once, by one of them" {
	for i in $(seq 200); do large "t$i.csv" 6000; done
	settled
	ls ./*.csv >references
	dbm-warm --trace one <references >one.out 2>&1 3>&- &
	dbm-warm --trace two <references >two.out 2>&1
	wait
	assert_equal "$(sums <one.out | cut -d' ' -f4-) $(sums <two.out | cut -d' ' -f4-)" '0 0 0 0'
	assert_equal "$(cat one two | grep -c '^store kind=count')" 200
	assert_equal "$(cat one two | grep -c '^hit kind=count')" 200
	assert_equal "$(cat one.out two.out | sums)" '200 200 800 0 0'
}

@test "what another process is asking for is come back to, behind all others" {
	slow s other
	: >s/gate
	dbm-warm --ttl 1h --for count slow:s#t >first 2>&1 3>&- &
	until_so is_asked s
	dbm-warm --ttl 1h --for count slow:s#t slow:other#t >second 2>&1 3>&- &
	until_so is_asked other
	waits() { [ "$(events wait)" = 1 ]; }
	until_so waits
	rm s/gate
	wait
	assert_equal "$(cut -f1-6 first | tr '\t' ' ')" 'slow:s#t 1 0 0 0 0'
	assert_equal "$(cut -f1-6 second | tr '\t' ' ')" $'slow:s#t 0 1 0 0 0\nslow:other#t 1 0 0 0 0'
	assert_equal "$(sort s/asked | uniq -c | sed 's/^ *//' | head -n 1)" '1 count'
}

@test "-P: that many references at a time" {
	slow a b c d
	for name in a b c d; do : >$name/gate; done
	dbm-warm -P 3 --for preview slow:a#t slow:b#t slow:c#t slow:d#t >out 2>&1 3>&- &
	three() { [ -s a/asked ] && [ -s b/asked ] && [ -s c/asked ]; }
	until_so three
	[ ! -e d/asked ]
	rm b/gate
	until_so is_asked d
	rm ./*/gate
	wait
	assert_equal "$(cut -f1,2 out | tr '\t\n' '  ')" 'slow:a#t 1 slow:b#t 1 slow:c#t 1 slow:d#t 1 '
	assert_equal "$(events helper)" 4
}

@test "-P: with few descriptors too" {
	slow a b
	run -0 bash -c 'ulimit -n 32; exec dbm-warm -P 2 --for preview slow:a#t slow:b#t'
	assert_equal "$(cut -f1,2 <<<"$output")" $'slow:a#t\t1\nslow:b#t\t1'
}

@test "--budget: what was begun is ended, nothing new is begun, and that is said" {
	slow a b c
	printf 0.5 >a/delay
	run --separate-stderr dbm-warm --budget 200ms --ttl 1h --for preview slow:a#t slow:b#t slow:c#t
	assert_equal "$status" 3
	assert_equal "$(cut -f1-6 <<<"$output" | tr '\t' ' ')" $'slow:a#t 1 0 0 0 0\nslow:b#t 0 0 0 0 1\nslow:c#t 0 0 0 0 1'
	assert_equal "$stderr" 'dbm-warm: the time is up (--budget): 2 of 3 references are not done, or not all of them'
	[ ! -e b/asked ]
	run --separate-stderr dbm-warm --budget 1m --ttl 1h --for preview slow:a#t slow:b#t slow:c#t
	assert_equal "$status:$stderr:$(sums <<<"$output")" '0::2 1 0 0 0'
}

@test "--budget: so is a database between two of its tables, and what another process is at" {
	shop 100
	slow s
	settled
	: >s/gate
	dbm-preview slow:s#t >/dev/null 3>&- &
	until_so is_asked s
	run --separate-stderr dbm-warm --budget 300ms --for preview slow:s#t
	assert_equal "$status:$(cut -f1-6 <<<"$output" | tr '\t' ' ')" '3:slow:s#t 0 0 0 0 1'
	rm s/gate
	wait
	run --separate-stderr dbm-warm --budget 0.0001ms --for preview shop.db
	assert_equal "$status:$(cut -f1-6 <<<"$output" | tr '\t' ' ')" '3:shop.db 0 0 0 0 1'
}

@test "--jitter: waits a part of the time before anything else; clocks run from then" {
	slow s
	run --separate-stderr dbm-warm --jitter 300ms --budget 5s --timeout 5s slow:s
	assert_success
	assert_equal "$(head -n 1 "$DBM_TRACE" | sed 's/=.*//')" 'jitter ms'
	ms=$(sed -n 's/^jitter ms=//p' "$DBM_TRACE")
	[ "$ms" -ge 0 ] && [ "$ms" -lt 300 ]
}

@test "failures: each once, the others are done; a status for some and for all" {
	large a.csv
	settled
	run --separate-stderr dbm-warm nosuch.csv a.csv
	assert_equal "$status:$stderr" '3:dbm-warm: nosuch.csv: no such file or folder'
	assert_equal "$(cut -f1-6 <<<"$output" | tr '\t' ' ')" $'nosuch.csv 0 0 0 1 0\na.csv 1 0 2 0 0'
	run --separate-stderr dbm-warm nosuch.csv csv:- '@team'
	assert_equal "$status" 4
	assert_equal "$stderr" "dbm-warm: nosuch.csv: no such file or folder
dbm-warm: csv:-: what comes on standard input is never kept
dbm-warm: @team: no database or group of that name is registered"
	slow s
	printf 'the disk is on fire' >s/fail
	run --separate-stderr dbm-warm slow:s#t
	assert_equal "$status:$stderr" $'4:dbm-warm: slow:s: the disk is on fire\ndbm-warm: slow:s#t: the disk is on fire'
}

@test "a server that is lost is not tried again for each of its tables" {
	run --separate-stderr dbm-warm bad:die#a bad:die#b bad:die#c
	assert_equal "$status:$(sums <<<"$output")" '4:0 0 0 5 0'
	assert_equal "$stderr" "$(printf 'dbm-warm: bad:die%s: dbm-source-bad exited with status 3 before it had answered\n' '' '#b' '#c')"
	assert_equal "$(events helper)" 1
}

@test "without a place for the cache there is nothing to warm" {
	run --separate-stderr env -i "$BIN/dbm-warm" "$DATA"
	assert_equal "$status:$output" 4:
	assert_equal "$stderr" \
		'dbm-warm: there is no place for the cache: neither XDG_CACHE_HOME nor HOME is an absolute path'
}

@test "a cache that cannot be written to is a failure of every answer" {
	large a.csv
	settled
	dbm-warm --for count a.csv >/dev/null
	for folder in "$XDG_CACHE_HOME"/dbm/v1/????????????????; do rm -r "$folder" && : >"$folder"; done
	run --separate-stderr dbm-warm --for count a.csv
	assert_equal "$status:$(cut -f1-6 <<<"$output" | tr '\t' ' ')" '4:a.csv 0 0 0 1 0'
	assert_equal "$stderr" 'dbm-warm: a.csv: the answer cannot be written to the cache'
}

# LANGUAGE: the blocks of README.md in it, with the places of this test for those of a user; nobody waits half a minute here.
readme() {
	awk -v "begin=\`\`\`$1" '$0 == begin {on = 1; next} /^```/ {on = 0} on' "$TOP/README.md" |
		sed "s|/srv/|$PWD/|g; s|/usr/local/bin|$BIN|g; s|/home/shop|$HOME|g; s|--jitter [^ ]*|--jitter 100ms|"
}

# What README.md warms in a shop, and a look at it.
srv() {
	shop 2
	python3 -c 'import sqlite3; sqlite3.connect("shop.db").execute("ALTER TABLE t1 RENAME TO orders")'
	mkdir export
	large export/a.csv
	settled
}

# The service of README.md.
service() {
	SERVER=$(mktemp -d /tmp/dbm-pg.XXXXXX)
	chmod 755 "$SERVER"
	"$TOP/tests/pg/server" start "$SERVER/s" >/dev/null
	printf '[shop]\nhost=%s\nuser=postgres\ndbname=postgres\n' "$SERVER/s" >"$HOME/.pg_service.conf"
	psql -qX service=shop -c 'CREATE TABLE orders AS SELECT 1 AS id'
}

@test "the crontab of README.md, as cron runs it" {
	srv
	service
	readme crontab | grep -v '^#' >crontab
	path=$(sed -n 's/^PATH=//p' crontab)
	assert_equal "$(grep -c dbm-warm crontab)" 4
	sed '/^PATH=/d; s/^[^ ]* [^ ]* [^ ]* [^ ]* [^ ]* *//' crontab >commands
	# sh(1) in an empty environment but for what crontab(5) names, without a terminal.
	while read -r command; do
		run --separate-stderr env -i HOME="$HOME" LOGNAME=shop SHELL=/bin/sh PATH="$path" /bin/sh -c "$command" </dev/null
		assert_equal "$command: $status:$output:$stderr" "$command: 0::"
	done <commands
	unset XDG_CACHE_HOME
	for look in "dbm-list $PWD/shop.db" "dbm-preview $PWD/shop.db#orders" "dbm-linecount $PWD/shop.db#t0" \
		"dbm-linecount $PWD/export/a.csv" "dbm-profile $PWD/export/a.csv" "dbm-profile $PWD/shop.db#v" \
		"dbm-list -k column $PWD/shop.db" 'dbm-list pg:service=shop' 'dbm-linecount pg:service=shop#public.orders'; do
		: >"$DBM_TRACE"
		run -0 $look
		assert_equal "$look: $(sed 's/ kind=.*//' "$DBM_TRACE")" "$look: hit"
	done
}

@test "the systemd unit of README.md, as systemd runs it" {
	srv
	readme ini >units
	mapfile -t environment < <(sed -n 's/^Environment=//p' units)
	command=$(sed -n 's/^ExecStart=//p' units)
	[ -n "$command" ] && [ ${#environment[@]} = 1 ]
	# No shell, no PATH to speak of and no HOME.
	run --separate-stderr env -i "${environment[@]}" $command </dev/null
	assert_equal "$status:$stderr" 0:
	assert_equal "$(cut -f1-6 <<<"$output" | tr '\t' ' ')" "$PWD/shop.db 7 0 0 0 0
$PWD/export 1 0 2 0 0"
	export XDG_CACHE_HOME=$HOME/.cache
	: >"$DBM_TRACE"
	run -0 dbm-linecount "$PWD/export/a.csv" "$PWD/shop.db#t0"
	assert_equal "$(sed 's/ kind=.*//' "$DBM_TRACE" | uniq -c | sed 's/^ *//')" '2 hit'
	run --separate-stderr env -i $command </dev/null
	assert_equal "$status:$stderr" \
		'4:dbm-warm: there is no place for the cache: neither XDG_CACHE_HOME nor HOME is an absolute path'
}

@test "called wrongly" {
	run --separate-stderr dbm-warm --for list,rows a.csv
	assert_equal "$status:$stderr" \
		"2:dbm-warm: --for: not 'rows' but of list, preview, count, profile, schema (dbm-warm --help shows the flags)"
	for flags in --for= '--for list,' '-P 0' '-P 65' '--budget x' --no-cache --cached '--delimiter ab'; do
		run --separate-stderr dbm-warm $flags a.csv
		assert_equal "$flags: $status:$output" "$flags: 2:"
	done
}

@test "a process that is killed costs the reference it is at" {
	slow a b c
	: >b/gate
	dbm-warm --for preview slow:a#t slow:b#t slow:c#t >out 2>err 3>&- &
	until_so is_asked b
	kill -9 "$(pgrep -P $!)"
	status=0
	wait $! || status=$?
	assert_equal "$status" 3
	assert_equal "$(cut -f1-6 out | tr '\t' ' ')" $'slow:a#t 1 0 0 0 0\nslow:b#t 0 0 0 1 0\nslow:c#t 1 0 0 0 0'
	assert_equal "$(cat err)" 'dbm-warm: slow:b#t: the process that was at it died of signal 9'
	rm b/gate
}

@test "SIGTERM and SIGINT end it with all that it has started; what is ignored stays so" {
	for signal in TERM INT HUP; do
		slow a b
		: >a/gate
		: >b/gate
		rm -f ./*/asked
		# A background job of a shell ignores SIGINT.
		python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' dbm-warm -P 2 slow:a#t slow:b#t >out 2>&1 3>&- &
		pid=$!
		until_so is_asked a
		until_so is_asked b
		kill -$signal $pid
		status=0
		wait $pid || status=$?
		assert_equal "$signal: $status" "$signal: $((128 + $(kill -l $signal)))"
		rm ./*/gate
		until_so none_left
	done
	: >a/gate
	rm -f a/asked
	dbm-warm --for preview slow:a#t >out 3>&- &
	until_so is_asked a
	kill -INT $!
	rm a/gate
	wait $!
	assert_equal "$(cut -f2 out)" 1
}

@test "where the parent is killed the others end" {
	slow a
	: >a/gate
	dbm-warm -P 2 slow:a#t >out 2>&1 3>&- &
	until_so is_asked a
	kill -9 $!
	rm a/gate
	until_so none_left
}

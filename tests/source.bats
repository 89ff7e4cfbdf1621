# Helpers: the protocol of dbm-source.7, with a good one (tests/sources/dbm-source-toy) and one that does all wrong.
load helper

PATH=$PATH:/usr/sbin
SOURCES=$TOP/tests/sources

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	own_world "$BATS_TEST_TMPDIR" C.UTF-8
	export DBM_HELPER_PATH=$SOURCES DBM_MARKER=$BATS_TEST_TMPDIR
	mkdir work && cd work || exit 1
}

# No helper that a test has started may outlive it.
left_behind() { grep -lz "^DBM_MARKER=$BATS_TEST_TMPDIR\$" /proc/[0-9]*/environ 2>/dev/null | while read -r f; do
	grep -aqz 'dbm-source-' "${f%environ}cmdline" 2>/dev/null && tr '\0' ' ' <"${f%environ}cmdline"; done; }

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

# Takes long, so it runs beside the others until the last test asks how it went.
setup_file() {
	local out=$BATS_FILE_TMPDIR
	export DBM_HELPER_PATH=$BATS_TEST_DIRNAME/sources PATH=${DBM_BIN:-$BATS_TEST_DIRNAME/../bin}:$PATH
	(
		dbm-list bad:eleven bad:good >"$out/eleven" 2>&1
		echo "status $?" >>"$out/eleven"
	) 3>&- &
	(
		{ echo bad:good#t; sleep 31; echo bad:good#t; } | dbm-linecount -b >"$out/idle" 2>&1
		echo "status $?" >>"$out/idle"
	) 3>&- &
}

# The length and kind of a frame, and its body: a whole number, or text.
u32() { printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }

@test "a helper of our own says its version before anything is asked, and takes any --timeout" {
	python3 -c 'import sqlite3; sqlite3.connect("s.db").execute("CREATE TABLE t(n)")'
	export -n DBM_HELPER_PATH
	DBM_HELPER_PATH='' run --separate-stderr dbm-list --timeout 9999d s.db
	assert_equal "$status:$stderr:$output" "0::s.db#t"$'\ttable\t\\N\t\\N\t\\N'
	helper=$(dirname "$(command -v dbm-list)")/../libexec/dbm-source-sqlite
	printf "$(u32 18)O$(u32 1)$(u32 5)sqli:$(u32 1)0" >in
	mkfifo fifo
	{ cat in; sleep 3; } >fifo &
	run timeout 2 bash -c '"$1" <fifo | head -c 9 | od -An -tx1' _ "$helper"
	assert_output ' 04 00 00 00 56 01 00 00 00'
	kill %1 || true
}

@test "the example of the manual, byte for byte" {
	mkdir demo
	cat >demo/dbm-source-demo <<-'PYTHON'
		#!/usr/bin/env python3
		import os, re, sys
		page = open(os.environ["PAGE"]).read()
		asked, answer = [bytes.fromhex("".join(re.findall(r"^((?:[0-9a-f]{2} )+) ", b, re.M)))
		                 for b in re.findall(r"^\.Bd -literal -offset indent\n([0-9a-f]{2} .*?)^\.Ed", page, re.S | re.M)]
		got = os.read(0, 1)
		while len(got) < len(asked):
		    got += os.read(0, len(asked) - len(got))
		open("got", "wb").write(got)
		open("asked", "wb").write(asked)
		os.write(1, answer)
		open("rest", "wb").write(sys.stdin.buffer.read())
	PYTHON
	chmod +x demo/dbm-source-demo
	PAGE=$TOP/man/dbm-source.7 DBM_HELPER_PATH=$PWD/demo run --separate-stderr timeout 5 dbm-preview -n 1 'demo:x#t'
	assert_equal "$status:$stderr:$output" $'0::n\n42'
	cmp got asked
	assert [ -s asked -a ! -s rest ]
}

@test "dbm-list: tables and databases of the toy; what it refuses" {
	for kind in '' '-k table' '-a'; do
		run --separate-stderr dbm-list $kind toy:x
		assert_equal "$status:$stderr" 0:
		assert_equal "$output" $'toy:x#%23%25$(x)%1B[2J;\'"%20é%2C%2E%5C\ttable\t1\t\\N\t\\N
toy:x#long\ttable\t100\t\\N\t\\N
toy:x#t\ttable\t5\t\\N\t\\N'
	done
	run --separate-stderr dbm-list -k view toy:x
	assert_equal "$status:$stderr:$output" 0::
	run dbm-list -k database toy:x
	assert_regex "$output" $'^toy:x\tdatabase\ttoy:x\ttrue\t3\t[0-9]+$'
	run dbm-list -m 'l*' toy:x
	assert_output $'toy:x#long\ttable\t100\t\\N\t\\N'
	run dbm-list toy:x#t
	assert_output $'toy:x#t\ttable\t5\t\\N\t\\N'
	run -4 dbm-list -k index toy:x
	assert_output 'dbm-list: toy:x: no such operation: indexes'
	run -4 dbm-list -k fk toy:x
	assert_output 'dbm-list: toy:x: no such operation: foreign_keys'
	run -4 dbm-list toy:x#nope
	assert_output "dbm-list: toy:x#nope: no such table: it has #%\$(x)\\x1b[2J;'\" é,.\\, long, t"
}

@test "dbm-list: columns, the general way" {
	run --separate-stderr dbm-list -H -k column toy:x#t
	assert_equal "$status:$stderr" 0:
	assert_line -n 0 $'ref\tkind\tname\tposition\ttype\tnullable\tdefault\tkey\tknown'
	assert_line -n 1 $'toy:x#t\tcolumn\tid\t1\tinteger\t\\N\t\\N\t\\N\tdeclared'
	assert_line -n 3 $'toy:x#t\tcolumn\tdata\t3\tbytes\t\\N\t\\N\t\\N\tdeclared'
	assert_equal "${#lines[@]}" 8
	run bash -c 'dbm-list -k column toy:x | wc -l'
	assert_output 11
}

@test "dbm-preview: every type as csv and json" {
	run --separate-stderr dbm-preview -f json toy:x#t
	assert_equal "$status:$stderr" 0:
	assert_equal "$output" '{"ref":"toy:x#t","row":{"id":1,"name":"Ada","data":{"b64":"AP8="},"price":0.5,"ok":true,"day":"2024-02-03","at":"2024-02-03T04:05:06Z"}}
{"ref":"toy:x#t","row":{"id":2,"name":"Łukasz ∅ 名","data":null,"price":-1e+300,"ok":false,"day":null,"at":null}}
{"ref":"toy:x#t","row":{"id":3,"name":"","data":{"b64":""},"price":null,"ok":null,"day":"1999-12-31","at":null}}
{"ref":"toy:x#t","row":{"id":4,"name":"two\nlines\n","data":"text among bytes","price":7,"ok":null,"day":null,"at":null}}
{"ref":"toy:x#t","row":{"id":-5,"name":null,"data":{"b64":"G1sySg=="},"price":1.25,"ok":true,"day":null,"at":null}}'
	run --separate-stderr dbm-preview -n 3 -c name,1,price toy:x#t
	assert_output $'name,id,price\nAda,1,0.5\nŁukasz ∅ 名,2,-1e+300\n"",3,'
	run --separate-stderr dbm-preview --columns toy:x#t
	assert_line -n 6 $'toy:x#t\t7\tat\ttimestamp\tdeclared'
	run -4 dbm-preview -c nope toy:x#t
	assert_output 'dbm-preview: toy:x#t: no such column: nope: it has id, name, data, price, ok, day, at'
	run -4 dbm-preview --no-cache -c nope toy:x#t
	assert_output 'dbm-preview: toy:x#t: no such column: nope'
}

@test "dbm-preview: offset, tail, sample, cut cells" {
	run --separate-stderr dbm-preview -n 2 --offset 97 -c n toy:x#long
	assert_output $'n\n98\n99'
	run --separate-stderr dbm-preview -n 2 --tail toy:x#long
	assert_equal "$status:$stderr:$output" $'0::n,text\n99,row 99\n100,row 100'
	run --separate-stderr bash -c 'dbm-preview -n 10 --sample -c n toy:x#long | tail -n +2 | sort -nuc && dbm-preview -n 10 --sample -c n toy:x#long | wc -l'
	assert_equal "$status:$output" 0:11
	run --separate-stderr dbm-preview -n 1 --offset 1 --width 5 toy:x#long
	assert_equal "$output" $'n,text\n2,éé…'
	assert_equal "$stderr" 'dbm-preview: toy:x#long: 1 cells are cut to 5 bytes (--width 0 shows all)'
	run --separate-stderr bash -c 'dbm-preview -n 1 --offset 1 --width 0 -c text toy:x#long | wc -c'
	assert_equal "$output:$stderr" 10006:
}

@test "dbm-linecount: the general way" {
	run --separate-stderr bash -c 'dbm-linecount toy:x | cut -f 1-7'
	assert_equal "$status:$stderr" 0:
	assert_line -n 1 $'toy:x#long\t100\t\\N\t\\N\texact\t100\t100'
	assert_line -n 2 $'toy:x#t\t5\t\\N\t\\N\texact\t5\t5'
	run bash -c 'dbm-linecount --lines-of name toy:x#t | cut -f 1-7'
	assert_output $'toy:x#t\t5\t2\t\\N\texact\t5\t5'
	run bash -c 'dbm-linecount --at-least 7 toy:x#long | cut -f 1-7'
	assert_output $'toy:x#long\t100\t\\N\t\\N\texact\t100\t100' # which is known
	run bash -c 'dbm-linecount --no-cache --at-least 7 toy:x#long | cut -f 1-7'
	assert_output $'toy:x#long\t7\t\\N\t\\N\tat-least\t7\t\\N'
	run -1 dbm-linecount --at-least 7 toy:x#t
	run bash -c 'dbm-linecount --total toy:x | cut -f 1-7'
	assert_output $'\\N\t106\t\\N\t\\N\texact\t106\t106'
	run -4 dbm-linecount --lines-of nope toy:x#t
	assert_output 'dbm-linecount: toy:x#t: no such column: nope'
}

@test "references come back byte for byte, through pipes too" {
	export TOY_REFERENCE=$PWD/references
	for ref in 'toy:x' 'toy:a%20b%ZZ' 'toy:with blanks & $(x)' 'toy:' 'toy://h/d?k=v' 'toy:a#b'; do
		: >references
		run bash -c 'dbm-list --no-cache "$1#t" | cut -f 1 | tee refs | dbm-list --no-cache - | cut -f 1' _ "$ref"
		assert_output "$ref#t"
		run cat references
		assert_output "$ref 30000"$'\n'"$ref 30000"
	done
	unset TOY_REFERENCE
	run --separate-stderr bash -c 'dbm-list toy:x | dbm-preview -n 1 -f json'
	assert_equal "$status:$stderr" '0:'
}

@test "a file comes before a scheme; schemes are plain words; relative folders of helpers are passed over" {
	printf 'id\n1\n' >toy:x
	run dbm-preview toy:x
	assert_output $'id\n1'
	rm toy:x
	run -4 dbm-list nope:x
	assert_output 'dbm-list: nope:x: no file of that name, and there is no helper dbm-source-nope'
	mkdir -p sources/x && cp "$SOURCES/dbm-source-toy" sources/ && cp "$SOURCES/dbm-source-toy" dbm-source-A && cp "$SOURCES/dbm-source-toy" dbm-source-..
	for ref in '../sources/toy:x' 'A:x' '..:x' 'a/b:x' 'a_b:x' '1a:x' 'toy;ls:x' '$(ls):x' ':x'; do
		DBM_HELPER_PATH=$PWD run -4 dbm-list "$ref"
		assert_output "dbm-list: $ref: no such file or folder"
	done
	for path in sources ./sources .:sources ../work/sources; do
		DBM_HELPER_PATH=$path run -4 dbm-list toy:x
		assert_output 'dbm-list: toy:x: no file of that name, and there is no helper dbm-source-toy'
	done
	DBM_HELPER_PATH=sources::/nonexistent:$PWD/sources run dbm-list toy:x#t
	assert_success
	chmod -x sources/dbm-source-toy
	DBM_HELPER_PATH=$PWD/sources run -4 dbm-list toy:x
	assert_output 'dbm-list: toy:x: no file of that name, and there is no helper dbm-source-toy'
}

@test "a password is in no output, no trace and no arguments" {
	for ref in 'toy://u:S3CRET@h/d' 'toy:password=S3CRET host=x' "toy:host=x PASSWORD = 'a\\'S3CRET S3CRET' db=d" \
		'toy://h/d?user=u&pass%77ord=S3CRET&password=S3CRET'; do
		printf '%s#t\n%s\n' "$ref" "$ref#nope" >refs
		: >spied
		for p in 'dbm-list -' dbm-preview 'dbm-preview -f json' 'dbm-linecount --lines-of nope' 'dbm-list -k column -'; do
			TOY_SPY=$PWD/spied DBM_HELPER_DEBUG=1 run bash -c "timeout 8 $p --trace trace <refs; DBM_HELPER_PATH=/nonexistent $p <refs"
			assert_output --partial 'toy:'
			refute_output --partial S3CRET
		done
		run grep -c . spied
		refute_output 0
		run -1 grep -l S3CRET trace spied
	done
	for b in die order silent; do
		run timeout 8 dbm-list --timeout 500ms "bad:$b/?password=S3CRET"
		assert_equal "$status" 4
		refute_output --partial S3CRET
	done
}

# broken NAME SENTENCE [PROGRAM]...: what is said of bad:NAME, alone and in front of a good one, which is done all the same.
broken() {
	local bad=$1 sentence=$2 p
	shift 2
	for p in "${@:-dbm-preview}"; do
		run --separate-stderr timeout 8 $p --timeout 1500ms "bad:$bad#t" toy:x#t
		assert_equal "$bad $p $status:$stderr" "$bad $p 3:${p%% *}: bad:$bad#t: $sentence"
		assert [ -n "$output" ]
	done
	run --separate-stderr timeout 8 $p --timeout 1500ms "bad:$bad#t"
	assert_equal "$bad $p $status:$stderr:$output" "$bad $p 4:${p%% *}: bad:$bad#t: $sentence:"
}

@test "helpers that die" {
	broken die 'dbm-source-bad exited with status 3 before it had answered' dbm-list dbm-preview dbm-linecount 'dbm-list -k column'
	broken kill 'dbm-source-bad died of signal 9 before it had answered' dbm-list dbm-preview
	broken short 'dbm-source-bad exited with status 0 before it had answered'
}

@test "helpers that hang do not keep those behind them from being done" {
	half='dbm-source-bad has taken half of --timeout; the rest is for those behind it'
	for bad in stop silent deaf slow; do
		for good in toy:x#t "$DATA/senate_2018.csv"; do
			run --separate-stderr timeout 8 dbm-preview --timeout 1500ms "bad:$bad#t" $good
			assert_equal "$status:$stderr" "3:dbm-preview: bad:$bad#t: $half"
			assert [ -n "$output" ]
		done
	done
	run --separate-stderr timeout 8 dbm-list --timeout 1500ms bad:stop#t
	assert_equal "$status:$stderr" '4:dbm-list: bad:stop#t: timed out after 1.5 s'
	for bad in mute noise; do
		run -4 timeout 8 dbm-preview --timeout 300ms bad:$bad
		assert_output "dbm-preview: bad:$bad: timed out after 0.3 s"
	done
}

@test "helpers that break the protocol" {
	breach='dbm-source-bad breaks the protocol:'
	broken garbage "$breach a frame is longer than 1 GiB" dbm-list dbm-preview dbm-linecount
	broken huge "$breach a frame is longer than 1 GiB"
	broken old "$breach its version is 2, not 1"
	broken order "$breach an answer out of its order" dbm-list dbm-preview dbm-linecount
	broken unasked "$breach an answer that nobody has asked for"
	broken rows "$breach a frame that has no place there"
	broken many 'the record stream is damaged or cut short'
	broken refuse 'I do nothing at all' dbm-list dbm-preview dbm-linecount 'dbm-list -k column'
	broken twice "$breach an answer out of its order" dbm-linecount
}

# The same where something was printed before: status 3, alone too.
partly() {
	run --separate-stderr timeout 8 dbm-preview --timeout 1500ms "bad:$1#t"
	assert_equal "$1 $status:$stderr" "$1 3:dbm-preview: bad:$1#t: $2"
	assert_line -n 0 n
	run --separate-stderr timeout 8 dbm-preview --timeout 1500ms "bad:$1#t" toy:x#t
	assert_equal "$1 $status:$stderr" "$1 3:dbm-preview: bad:$1#t: $2"
	assert_output --partial Ada
}

@test "helpers that break the protocol half way" {
	breach='dbm-source-bad breaks the protocol:'
	partly more "$breach more rows than were asked for"
	partly endless "$breach more rows than were asked for"
	partly again "$breach an answer out of its order"
	partly longnotes "$breach a frame that has no place there"
	partly nulls 'the record stream is damaged or cut short'
	partly ends 'the record stream is damaged or cut short'
	partly cells 'the record stream is damaged or cut short'
	partly half 'the server went away'
	partly notes $'\\x1b[2Jone\ndbm-preview: bad:notes#t: two'
	run -4 timeout 8 dbm-linecount --timeout 1s bad:endless#t # rows without end, where all are wanted
	assert_output 'dbm-linecount: bad:endless#t: timed out after 1 s'
}

@test "hostile sentences and types are data" {
	run --separate-stderr dbm-list bad:sentence
	assert_equal "$status:${#stderr_lines[@]}" 4:1
	assert_regex "$stderr" '^dbm-list: bad:sentence: \\x1b]0;x\\x07 is\\nfull of é+'
	run --separate-stderr dbm-preview -f json bad:types#t
	assert_equal "$status:$stderr" 0:
	assert_line -n 0 '{"ref":"bad:types#t","row":{"n":"1,\"x\":2","m":"nan"}}'
}

@test "helpers that are slow to end, or whose answers are large, are right all the same" {
	for bad in quick eof; do
		run --separate-stderr timeout 8 dbm-preview -n 2 "bad:$bad#t"
		assert_equal "$bad $status:$stderr" "$bad 0:"
	done
	run -4 timeout 8 dbm-list --timeout 1s bad:closes
	assert_equal "${#lines[@]}" 1
}

@test "500 requests: one helper, few round trips" {
	for i in $(seq 500); do echo toy:x#t; done >refs
	run --separate-stderr bash -c 'timeout 8 dbm-preview -n 1 -c id --trace trace <refs | grep -c ^1'
	assert_equal "$stderr:$output" :500
	assert_equal "$(awk -F= '/^roundtrip/{n += $2} END{print n}' trace)" 2 # what was asked is kept; and the identity
	assert_equal "$(grep -cx 'hit kind=preview' trace)" 499
	rm trace
	run --separate-stderr bash -c 'timeout 8 dbm-preview --no-cache -n 1 -c id --trace trace <refs | grep -c ^1'
	assert_equal "$stderr:$output" :500
	assert_equal "$(grep -c '^helper ' trace)" 1
	assert [ "$(grep -c '^roundtrip ' trace)" -le 3 ]
	assert_equal "$(awk -F= '/^roundtrip/{n += $2} END{print n}' trace)" 500
	for bad in late eager; do
		rm -f trace
		sed "s/.*/bad:$bad#t/" refs >some
		run --separate-stderr bash -c 'timeout 20 dbm-preview --no-cache -q --width 10 --trace trace <some | grep -c "x\{3\}"'
		assert_equal "$bad $stderr:$output" "$bad :500"
		assert_equal "$(grep -c '^helper ' trace)" 1
	done
}

@test "a helper that sends far ahead of time is stopped" {
	run --separate-stderr timeout 8 bash -c 'exec dbm-preview --tail -n 999999999 bad:ahead#t bad:ahead#u >/dev/null'
	assert_equal "$status" 3 # the rows that came are printed
	assert_equal "$stderr" 'dbm-preview: bad:ahead#t: dbm-source-bad sends more than 64 MiB ahead of time
dbm-preview: bad:ahead#u: dbm-source-bad sends more than 64 MiB ahead of time'
}

@test "more databases than are opened at a time" {
	for i in $(seq 20); do echo "toy:$i#t"; done >refs
	run --separate-stderr bash -c 'timeout 8 dbm-preview -n 1 -c id -f json --trace trace <refs'
	assert_equal "$status:$stderr:${#lines[@]}" 0::20
	assert_line -n 19 '{"ref":"toy:20#t","row":{"id":1}}'
	assert_equal "$(grep -c '^helper program=dbm-source-toy$' trace)" 20
}

@test "the trace" {
	run dbm-preview --trace trace -n 1 toy:x#t
	run sed 's/bytes=[1-9][0-9]*/bytes=N/' trace
	assert_line -n 0 'miss kind=preview why=absent'
	assert_line -n 1 'helper program=dbm-source-toy'
	assert_line -n 2 'roundtrip requests=2'
	assert_line -n 3 'read bytes=N'
	assert_equal "${lines[-1]}" 'store kind=preview bytes=N'
	rm trace
	run dbm-preview --trace trace --tail -n 1 toy:x#t
	assert_equal "$(grep -c '^roundtrip requests=[21]$' trace)" 2
}

@test "clocks run from when a helper is waited for" {
	for i in $(seq 40); do
		grep -q status "$BATS_FILE_TMPDIR/idle" && break
		sleep 1
	done
	run cat "$BATS_FILE_TMPDIR/idle"
	assert_output $'5\n5\nstatus 0'
	run cat "$BATS_FILE_TMPDIR/eleven"
	assert_output $'bad:eleven#t\ttable\t\\N\t\\N\t\\N\nbad:good#t\ttable\t\\N\t\\N\t\\N\nstatus 0'
}

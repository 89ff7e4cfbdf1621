# dbm-stats: what it prints of what was counted, in each format, and what it does where that cannot be read or written.
# shellcheck disable=SC2154  # bats sets stderr
load helper

# The figures of tests/data/metrics, which has a line for each of five programs and databases.
counted() {
	mkdir -p "$XDG_STATE_HOME"
	mkdir -m 700 "$XDG_STATE_HOME/dbm"
	install -m 600 "$DATA/metrics" "$XDG_STATE_HOME/dbm/metrics"
}

# line DATABASE FIELD...: a line of the log.
line() {
	mkdir -p "$XDG_STATE_HOME"
	[ -d "$XDG_STATE_HOME/dbm" ] || mkdir -m 700 "$XDG_STATE_HOME/dbm"
	(umask 077 && (printf '1784000000\tdbm-list' && printf '\t%s' "$@" && echo) >>"$XDG_STATE_HOME/dbm/metrics")
}

# refused STATUS SENTENCE FLAG...: ends with the status, says just the sentence, prints nothing, changes nothing.
refused() {
	local want=$1 sentence=$2 before
	shift 2
	before=$(snapshot)
	run --separate-stderr dbm-stats "$@"
	assert_equal "$* -> $status" "$* -> $want"
	assert_equal "$stderr" "$sentence"
	assert_equal "$output" ''
	assert_equal "$(snapshot)" "$before"
}

@test "nothing was counted: nothing is printed, nothing is made" {
	for format in tsv json; do
		run --separate-stderr dbm-stats -f $format
		assert_equal "$format:$status:$output:$stderr" "$format:0::"
	done
	run --separate-stderr dbm-stats -f csv
	assert_equal "$status:$output:$stderr" 0:ref,program,answers,hits,misses,old,off,hit_rate,stored,waited,refreshes,refresh_failures,corrupt,failures:
	run --separate-stderr dbm-stats -f table
	assert_equal "$status:$output:$stderr" '0::dbm-stats: nothing has been counted yet'
	run --separate-stderr dbm-stats -q -f table
	assert_equal "$status:$output:$stderr" 0::
	run dbm-stats --zero
	assert_equal "$status:$output" 0:
	refute [ -e "$XDG_STATE_HOME" ]
	XDG_STATE_HOME=relative HOME=relative run dbm-stats
	assert_equal "$status:$output" 0:
}

@test "a record for each program and database" {
	counted
	run dbm-stats -H
	assert_line --index 0 $'ref\tprogram\tanswers\thits\tmisses\told\toff\thit_rate\tstored\twaited\trefreshes\trefresh_failures\tcorrupt\tfailures'
	assert_line --index 1 $'/srv/data/archive\tdbm-profile\t36\t21\t15\t0\t0\t0.5833333333333334\t15\t0\t0\t0\t0\t0'
	assert_line --index 4 $'postgresql://db.example.org/shop\tdbm-list\t820\t758\t35\t26\t1\t0.9255189255189256\t35\t0\t21\t5\t0\t0'
	assert_equal "${#lines[@]}" 6
	run bash -c "dbm-stats -f json | sed 's/20..-..-..T..:..:..Z/NOW/' | head -n 1"
	assert_output '{"ref":"/srv/data/archive","program":"dbm-profile","answers":36,"hits":21,"misses":15,"old":0,"off":0,"hit_rate":0.5833333333333334,"stored":15,"waited":0,"refreshes":0,"refresh_failures":0,"corrupt":0,"failures":0,"method":"counted","as_of":"NOW","cache":"off"}'
}

@test "no answer, or none that the cache was asked for, is no hit rate" {
	line past.db off=5,5,5:1
	line worked.db refreshed=2 refresh_failed=1
	run dbm-stats
	assert_line --index 0 $'past.db\tdbm-list\t1\t0\t0\t0\t1\t\\N\t0\t0\t0\t0\t0\t0'
	assert_line --index 1 $'worked.db\tdbm-list\t0\t0\t0\t0\t0\t\\N\t0\t0\t2\t1\t0\t0'
	run dbm-stats -f table
	assert_success
	assert_line --index 0 '1 answer'
	assert_line --regexp '^worked.db +dbm-list +0 +∅ +∅ +∅ +∅ +0 +0$'
	run dbm-stats --latency
	assert_equal "${#lines[@]}" 1
}

@test "only events, and no answer at all" {
	line worked.db refreshed=2
	run dbm-stats -f table
	assert_success
	assert_line --index 0 '0 answers'
	run dbm-stats -f table --latency
	assert_success
}

@test "--latency: a record for each outcome, in milliseconds" {
	# 10 answers: nine of 1 ms, in the bucket from 999424 to 1015807 ns, and one of 2.5 s.
	line shop.db miss=2509000000,2500000000,509:9,869:1 hit=100000,100000,400:1
	run dbm-stats --latency -H
	assert_line --index 0 $'ref\tprogram\toutcome\tanswers\tp50\tp95\tp99\tmax\terror'
	assert_line --index 1 $'shop.db\tdbm-list\thit\t1\t0.1\t0.1\t0.1\t0.1\t0.015625'
	assert_line --index 2 $'shop.db\tdbm-list\tmiss\t10\t1.007616\t2500\t2500\t2500\t0.015625'
	run dbm-stats --latency -f csv
	assert_line --index 1 shop.db,dbm-list,hit,1,0.1,0.1,0.1,0.1,0.015625
}

@test "table: a summary, then a line for each record, with pictures on one scale" {
	line shop.db miss=2509000000,2500000000,509:9,869:1 hit=9000000,100000,400:90 stored=10
	line other.db miss=4000000,4000000,574:1 stored=1 failed=1
	run dbm-stats -f table
	assert_equal "$output" '101 answers, 89.1 % hits, about 22.6 s saved
outcome  answers     %  65.5 µs … 4.29 s  p50 ms  p95 ms  p99 ms  max ms
───────  ───────  ────  ────────────────  ──────  ──────  ──────  ──────
hit           90  89.1  █                 0.0993  0.0993     0.1     0.1
miss          11  10.9     █ ▁         ▁    1.01    2500    2500    2500

ref       program   answers  hits %  65.5 µs … 4.29 s  hit p50 ms  miss p50 ms  p99 ms  stored  failed
────────  ────────  ───────  ──────  ────────────────  ──────────  ───────────  ──────  ──────  ──────
other.db  dbm-list        1     0.0       █                     ∅            4       4       1       1
shop.db   dbm-list      100    90.0  █  ▁           ▁      0.0993         1.01    1.01      10       0'
	run dbm-stats -f table --latency
	assert_line --index 5 --regexp '^ref +program +outcome +answers +65.5 µs … 4.29 s +p50 ms +p95 ms +p99 ms +max ms$'
	assert_line --index 7 --regexp '^other.db +dbm-list +miss +1 +█ +4 +4 +4 +4$'
	run dbm-stats -f md
	assert_line --index 0 '### 101 answers, 89.1 % hits, about 22.6 s saved'
	assert_line '| other.db | dbm-list | 1 | 0.0 |      █           |  | 4 | 4 | 1 | 1 |'
}

@test "latencies from nothing to years fit the picture" {
	line a.db hit=0,0,0:1
	line b.db hit=999999999999999999,999999999999999999,1791:1
	run dbm-stats -f table
	assert_success
	run dbm-stats --latency
	assert_line --index 0 $'a.db\tdbm-list\thit\t1\t0\t0\t0\t0\t0.015625'
}

@test "on a terminal: a table, bold unless NO_COLOR forbids it, no wider than the terminal" {
	counted
	COLUMNS=200 run script -qec dbm-stats /dev/null
	assert_output --partial $'\033[1m1603 answers, 85.0 % hits, about 3.72 min saved'
	NO_COLOR=1 COLUMNS=60 LC_ALL=C.UTF-8 run script -qec dbm-stats /dev/null
	refute_output --partial $'\033'
	assert_output --partial 'columns do not fit the terminal'
	while IFS= read -r text; do
		text=${text%$'\r'}
		[[ $text == dbm-stats:* ]] || assert [ "$(printf %s "$text" | LC_ALL=C.UTF-8 wc -m)" -le 60 ]
	done <<<"$output"
}

@test "prom: what promtool accepts, with all that was counted" {
	counted
	line 'odd"%5C.db' hit=100,100,86:1
	run bash -c 'dbm-stats -f prom | promtool check metrics'
	assert_equal "$status:$output" 0:
	run dbm-stats -f prom
	assert_line 'dbm_answers_total{program="dbm-list",database="postgresql://db.example.org/shop",outcome="hit"} 758'
	assert_line 'dbm_events_total{program="dbm-list",database="postgresql://db.example.org/shop",event="refresh_failed"} 5'
	assert_line 'dbm_answers_total{program="dbm-list",database="odd\"%5C.db",outcome="off"} 0'
	run bash -c 'XDG_STATE_HOME=$PWD/none dbm-stats -f prom | promtool check metrics'
	assert_equal "$status:$output" 0:
}

@test "prom: the buckets of a histogram add up" {
	line back\\slash.db miss=2509000000,2500000000,509:9,869:1
	run bash -c "dbm-stats -f prom | grep '^dbm_latency.*[es]lash'"
	assert_line --index 0 'dbm_latency_seconds_bucket{program="dbm-list",database="back\\slash.db",outcome="miss",le="0.000032768"} 0'
	assert_line --index 3 'dbm_latency_seconds_bucket{program="dbm-list",database="back\\slash.db",outcome="miss",le="0.002097152"} 9'
	assert_line --index 8 'dbm_latency_seconds_bucket{program="dbm-list",database="back\\slash.db",outcome="miss",le="2.147483648"} 9'
	assert_line --index 9 'dbm_latency_seconds_bucket{program="dbm-list",database="back\\slash.db",outcome="miss",le="8.589934592"} 10'
	assert_line --index 12 'dbm_latency_seconds_bucket{program="dbm-list",database="back\\slash.db",outcome="miss",le="+Inf"} 10'
	assert_line --index 13 'dbm_latency_seconds_sum{program="dbm-list",database="back\\slash.db",outcome="miss"} 2.509000000'
	assert_line --index 14 'dbm_latency_seconds_count{program="dbm-list",database="back\\slash.db",outcome="miss"} 10'
	assert_equal "${#lines[@]}" 15
}

@test "-o: a file that all can read, whatever the umask, replaced as a whole" {
	counted
	mkdir collector
	for mask in 000 022 077 777; do
		(umask $mask; dbm-stats -f prom -o collector/dbm.prom)
		assert_equal "$mask $(stat -c %a collector/dbm.prom)" "$mask 644"
		assert_equal "$(<collector/dbm.prom)" "$(dbm-stats -f prom)"
	done
	before=$(stat -c %i collector/dbm.prom)
	exec 9<collector/dbm.prom
	run dbm-stats --output=collector/dbm.prom --format=prom
	assert_equal "$status:$output" 0:
	refute [ "$(stat -c %i collector/dbm.prom)" = "$before" ]
	assert_equal "$(cat <&9)" "$(<collector/dbm.prom)"
	exec 9<&-
	cd collector
	dbm-stats -f prom -o dbm.prom
	assert_equal "$(ls -A)" dbm.prom
}

@test "-o: what is no plain file is left alone, and nothing half-written is left" {
	counted
	mkdir folder && mkfifo fifo && ln -s people.csv link
	refused 4 'dbm-stats: link: is no plain file' -f prom -o link
	refused 4 'dbm-stats: fifo: is no plain file' -f prom -o fifo
	refused 4 'dbm-stats: folder: is no plain file' -f prom -o folder
	refused 4 'dbm-stats: /dev/full: is no plain file' -f prom -o /dev/full
	refused 4 'dbm-stats: nowhere/dbm.prom: cannot open the folder: No such file or directory' -f prom -o nowhere/dbm.prom
	refused 4 'dbm-stats: people.csv/dbm.prom: cannot open the folder: Not a directory' -f prom -o people.csv/dbm.prom
	run -4 --separate-stderr bash -c 'ulimit -f 1; dbm-stats -f prom -o dbm.prom'
	assert_equal "$stderr" 'dbm-stats: dbm.prom: write error: File too large'
	assert_equal "$(find . -name '*prom*' -o -name 'tmp*')" ''
}

@test "called wrongly" {
	refused 2 "dbm-stats: no operand is wanted, and 'shop.db' is one (dbm-stats --help shows the flags)" shop.db
	refused 2 'dbm-stats: --output is for -f prom (dbm-stats --help shows the flags)' -o x.prom
	refused 2 'dbm-stats: --output is for -f prom (dbm-stats --help shows the flags)' -f json -o x.prom
	refused 2 'dbm-stats: --latency and --zero exclude each other (dbm-stats --help shows the flags)' --latency --zero
	refused 2 'dbm-stats: --zero and --output exclude each other (dbm-stats --help shows the flags)' --zero -f prom -o x.prom
	refused 2 "dbm-stats: --format: not 'xml' but one of tsv, csv, json, table, md, prom (dbm-stats --help shows the flags)" -f xml
}

@test "prom is a format of this program alone" {
	for p in $PROGRAMS; do
		run -2 --separate-stderr "$p" -f prom people.csv
		assert_equal "$stderr" "$p: --format: not 'prom' but one of tsv, csv, json, table, md ($p --help shows the flags)"
	done
	DBM_FORMAT=prom run -2 dbm-stats
	assert_output --partial "DBM_FORMAT: not 'prom' but one of"
	run dbm-stats --describe
	assert_line --partial $'f\tformat\tchoice\tFORMAT\ttsv,csv,json,table,md,prom\t'
}

@test "--zero: counts from zero" {
	counted
	cp -p "$XDG_STATE_HOME/dbm/metrics" "$XDG_STATE_HOME/dbm/metrics.a"
	cp -p "$XDG_STATE_HOME/dbm/metrics" "$XDG_STATE_HOME/dbm/metrics.totals"
	run bash -c 'dbm-stats | cut -f 3 | paste -sd +'
	assert_output 108+720+285+2460+1236
	run --separate-stderr dbm-stats --zero
	assert_equal "$status:$output:$stderr" 0::
	assert_equal "$(ls -A "$XDG_STATE_HOME/dbm")" ''
	run dbm-stats
	assert_equal "$status:$output" 0:
}

@test "what cannot be read is an error, not zero" {
	counted
	log=$XDG_STATE_HOME/dbm/metrics
	chmod 660 "$log"
	refused 4 "dbm-stats: $XDG_STATE_HOME/dbm: metrics: may be written by other users"
	rm "$log" && mkfifo -m 600 "$log"
	refused 4 "dbm-stats: $XDG_STATE_HOME/dbm: metrics: is no plain file"
	rm "$log" && mkdir "$log"
	refused 4 "dbm-stats: $XDG_STATE_HOME/dbm: metrics: is no plain file"
	rmdir "$log" && install -m 600 "$DATA/metrics" "$log" && mkdir "$log.totals"
	refused 4 "dbm-stats: $XDG_STATE_HOME/dbm: metrics.totals: is no plain file"
	rmdir "$log.totals" && chmod 777 "$XDG_STATE_HOME/dbm"
	refused 4 "dbm-stats: $XDG_STATE_HOME/dbm: may be written by other users"
	refused 4 "dbm-stats: $XDG_STATE_HOME/dbm: may be written by other users" --zero
}

@test "lines that are none are left out, and nothing in them acts on a terminal" {
	counted
	want=$(dbm-stats)
	printf 'nonsense\n\n\0\n1784000000\tdbm-list\ta\033[2Jb\thit=1,1,1:1\n1784000000\tdbm-list\tc\302\2332J\thit=1,1,1:1\nhalf a line' \
		>>"$XDG_STATE_HOME/dbm/metrics"
	assert_equal "$(dbm-stats)" "$want"
	head -c 100000 /dev/urandom >>"$XDG_STATE_HOME/dbm/metrics"
	run dbm-stats
	assert_success
}

@test "a full disk, a closed stdout: never a 0" {
	counted
	for format in tsv table prom; do
		run -4 --separate-stderr bash -c "dbm-stats -f $format >/dev/full"
		assert_equal "$stderr" 'dbm-stats: write error: No space left on device'
		run -4 --separate-stderr bash -c "dbm-stats -f $format >&-"
		assert_equal "$stderr" 'dbm-stats: write error: Bad file descriptor'
	done
}

@test "looking changes nothing, and starts nothing" {
	counted
	before=$(cd "$XDG_STATE_HOME" && snapshot)
	ASAN_OPTIONS=detect_leaks=0 run strace -f -qq -o calls -e trace='?creat,?mkdir,?mkdirat,?unlink,?unlinkat,?rename,?renameat,?renameat2,?clone,?fork,?vfork,?execve' dbm-stats
	assert_success
	assert_equal "$(grep -vc execve calls)" 0
	assert_equal "$(cd "$XDG_STATE_HOME" && snapshot)" "$before"
}

@test "--entries: what is kept, whose references others take; what was forgotten is left out" {
	python3 -c "
import sqlite3
db = sqlite3.connect('shop.db')
db.executescript('CREATE TABLE \"a b\"(x); INSERT INTO \"a b\" VALUES(1)')"
	sleep 2.1
	run dbm-stats --entries
	assert_equal "$status:$output" 0:
	dbm-preview 'shop.db#a%20b' >/dev/null
	dbm-linecount shop.db >/dev/null
	run bash -c "dbm-stats --entries | cut -f 1,2,4,6 | sort"
	assert_output "$(printf '%s\t%s\t\\N\tsqlite\n' "$PWD/shop.db" list "$PWD/shop.db#a%20b" count "$PWD/shop.db#a%20b" preview)"
	run bash -c "dbm-stats --entries | grep preview | dbm-preview --trace t && grep ^hit t"
	assert_output "$(printf 'x\n1\nhit kind=preview')"
	dbm-stats --entries | grep count | dbm-invalidate
	run bash -c "dbm-stats --entries | cut -f 2"
	assert_output list
}

@test "--entries: a cache that cannot be looked at is a failure, one that is not there is none" {
	mkdir -p "$XDG_CACHE_HOME/dbm"
	chmod 0777 "$XDG_CACHE_HOME/dbm"
	run dbm-stats --entries
	assert_equal "$status:$output" "4:dbm-stats: $XDG_CACHE_HOME/dbm: may be written by other users"
	run env XDG_CACHE_HOME=/dev/null "$(command -v dbm-stats)" --entries
	assert_equal "$status:$output" '4:dbm-stats: /dev/null/dbm: cannot open the folder: Not a directory'
	run env XDG_CACHE_HOME="$PWD/none" "$(command -v dbm-stats)" --entries
	assert_equal "$status:$output" 0:
}

@test "--entries: where a part of it cannot be looked at, the rest is printed" {
	awk 'BEGIN{print "a,b"; for (i = 0; i < 20000; i++) print i ",x"}' >a.csv
	mkdir d
	cp a.csv d/b.csv
	sleep 2.1
	dbm-linecount a.csv d/b.csv
	chmod 0777 "$(dbm-invalidate --trace /dev/stdout d/b.csv | sed -n "s|^invalidate database=\([0-9a-f]*\).*|$XDG_CACHE_HOME/dbm/v1/\1|p")"
	run --separate-stderr dbm-stats --entries
	assert_equal "$status:$stderr" '3:dbm-stats: may be written by other users'
	assert_equal "$(cut -f 1,2 <<<"$output")" "$PWD/a.csv"$'\tcount'
}

@test "--config: each setting, and where it comes from" {
	mkdir -p "$XDG_CONFIG_HOME/dbm"
	printf '# mine\nsie = 2h\n' >"$XDG_CONFIG_HOME/dbm/config"
	run env DBM_TTL=5m dbm-stats --config --swr 3
	assert_line $'ttl\t5m\tDBM_TTL'
	assert_line $'swr\t3\t--swr'
	assert_line "$(printf 'sie\t2h\t%s/dbm/config:2' "$XDG_CONFIG_HOME")"
	assert_line $'cache-limit\t1G\tdefault'
	assert_line $'trace\t\\N\tdefault'
	run -2 dbm-stats --config -f prom
}

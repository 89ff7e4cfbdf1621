# dbm-profile: the forms of its records, how it reads, and what becomes of what cannot be read.  What its figures say is held to
# what is so by tests/profile.py.
# shellcheck disable=SC2016,SC2154  # inner shells expand; bats sets stderr
load helper

# large N: N rows.
large() { awk -v n="$1" 'BEGIN{print "id,word,number"; for (i = 1; i <= n; i++) printf "%d,word %d,%d.5\n", i, i % 100, i % 7}'; }

small() { printf 'n,word,when\n1,red,2024-02-29\n2,red,\n4,"",2024-03-01\n,blue,2024-03-02\n' >t.csv; }

@test "tsv: a record a column, with the fields of the manual, in their order" {
	small
	run bash -c 'dbm-profile -H t.csv | head -n 1 | tr "\t" " "'
	assert_output 'ref position column type confidence rows nulls empties distinct distinct_method distinct_error min max mean stddev p05 p25 p50 p75 p95 rank_error length_min length_mean length_max types top histogram method bars as_of'
	run bash -c 'dbm-profile -c n t.csv | cut -f1-29'
	assert_output $'t.csv\t1\tn\tinteger\t0.8\t4\t1\t0\t3\texact\t0\t1\t4\t2.3333333333333335\t1.5275252316519465\t1\t1\t2\t4\t4\t0\t1\t1\t1\t{"integer":3}\t[{"value":"1","count":1,"high":1},{"value":"2","count":1,"high":1},{"value":"4","count":1,"high":1}]\t[{"low":1,"high":2,"count":1},{"low":2,"high":3,"count":1},{"low":3,"high":4,"count":0},{"low":4,"high":5,"count":1}]\texact\t██ █'
	run bash -c 'dbm-profile -c word t.csv | cut -f1-29'
	assert_output $'t.csv\t1\tword\ttext\t0.8\t4\t0\t1\t3\texact\t0\t\tred\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t0\t2.5\t4\t{"text":3}\t[{"value":"red","count":2,"high":2},{"value":"","count":1,"high":1},{"value":"blue","count":1,"high":1}]\t\\N\texact\t█▄▄'
}

@test "json: one object a column, the lists as JSON; csv: the same fields" {
	small
	run figures column,type,rows,nulls,empties,distinct,min,p50,max t.csv
	assert_output $'"n" "integer" 4 1 0 3 1 2 4\n"word" "text" 4 0 1 3 "" null "red"\n"when" "date" 4 1 0 3 "2024-02-29" "2024-03-01" "2024-03-02"'
	run figures types,top,histogram -c 3 t.csv
	assert_output '{"date": 3} [{"value": "2024-02-29", "count": 1, "high": 1}, {"value": "2024-03-01", "count": 1, "high": 1}, {"value": "2024-03-02", "count": 1, "high": 1}] [{"low": "2024-02-29", "high": "2024-03-01", "count": 1}, {"low": "2024-03-01", "high": "2024-03-02", "count": 1}, {"low": "2024-03-02", "high": "2024-03-03", "count": 1}]'
	run bash -c 'dbm-profile -f csv t.csv | head -n 1; dbm-profile -f csv t.csv | wc -l'
	assert_output --regexp $'^ref,position,column,.*,method,bars,as_of\n4$'
}

@test "table and md: a line a column and a picture, for a person" {
	small
	run dbm-profile -f table t.csv
	assert_line --index 0 t.csv
	assert_line --regexp '^n +integer +██ █ +1 +3 +1 +2 +4 +2.33333 +1.52753 +1$'
	assert_line --regexp '^word +text +█▄▄ +0 +3 +∅ +red +∅ +∅ +4$'
	run dbm-profile -f md t.csv
	assert_line --index 0 '### t.csv'
	assert_line '| n | integer | ██ █ | 1 | 3 | 1 | 2 | 4 | 2.33333 | 1.52753 | 1 |'
}

@test "-c: columns by name and number, in the order that is asked for; one that there is not" {
	small
	run bash -c 'dbm-profile -c when,1 t.csv | cut -f1-4'
	assert_output $'t.csv\t1\twhen\tdate\nt.csv\t2\tn\tinteger'
	run --separate-stderr dbm-profile -c nosuch t.csv
	assert_equal "$status:$output" 4:
	assert_equal "$stderr" 'dbm-profile: t.csv: no such column: nosuch: it has n, word, when'
	run --separate-stderr dbm-profile -c 1,n t.csv
	assert_equal "$status:$stderr" '4:dbm-profile: t.csv: the column n is named twice'
}

@test "--top: how many frequent values; 0 lists none" {
	seq 100 | sed 's/.$//; s/^$/0/; 1i n' >t.csv
	run bash -c 'dbm-profile --top 3 t.csv | cut -f26'
	assert_output '[{"value":"1","count":10,"high":10},{"value":"2","count":10,"high":10},{"value":"3","count":10,"high":10}]'
	run bash -c 'dbm-profile --top 0 t.csv | cut -f26'
	assert_output '[]'
	run dbm-profile --top 1001 t.csv
	assert_failure 2
	run dbm-profile --threads 0 t.csv
	assert_failure 2
}

@test "any number of threads says the same of a large file" {
	large 1000000 >t.csv
	for n in 1 2 3 8 64; do
		run bash -c "dbm-profile --threads $n t.csv | cut -f1-8,12-14,22-25"
		assert_success
		[ "$n" = 1 ] && first=$output
		assert_equal "$output" "$first"
	done
}

@test "standard input, compressed, UTF-16, without a header, another delimiter" {
	small
	dbm-profile t.csv | cut -f2-29 >want
	run bash -c 'dbm-profile csv:- <t.csv | cut -f2-29 | cmp - want; cat t.csv | dbm-profile csv:- | cut -f2-29 | cmp - want'
	assert_output ''
	gzip -k t.csv
	run bash -c 'dbm-profile t.csv.gz | cut -f2-29 | cmp - want'
	assert_output ''
	iconv -f utf-8 -t utf-16 t.csv >u.csv
	run bash -c 'dbm-profile u.csv | cut -f2-29 | cmp - want'
	assert_output ''
	tr , \; <t.csv >s.csv
	run bash -c 'dbm-profile --delimiter ";" s.csv | cut -f2-29 | cmp - want; dbm-profile s.csv | cut -f2-29 | cmp - want'
	assert_output ''
	run bash -c 'dbm-profile --no-header t.csv | cut -f2-4,6'
	assert_output $'1\tcolumn1\ttext\t5\n2\tcolumn2\ttext\t5\n3\tcolumn3\ttext\t5'
	printf 'w\xe4r\n\xe4\n' >l.csv
	run bash -c 'dbm-profile --encoding latin1 l.csv | cut -f3,12'
	assert_output $'wär\tä'
}

@test "without a header, a first record that is longer than what is read at first" {
	seq -s , 100000 100 700000 >t.csv
	run bash -c 'dbm-profile --no-header -c 6001 t.csv | cut -f3,12; dbm-profile --no-header t.csv | wc -l'
	assert_output $'column6001\t700000\n6001'
}

@test "nothing, a header alone, one row" {
	: >t.csv
	run dbm-profile t.csv
	assert_success
	assert_output ''
	run dbm-profile --no-header t.csv
	assert_success
	assert_output ''
	for header in 'a,b\n' 'a,b' 'a,b\n\n\n'; do
		printf "$header" >t.csv
		run bash -c 'dbm-profile t.csv | cut -f2-12,22-28'
		assert_output $'1\ta\tnull\t0.5\t0\t0\t0\t0\texact\t0\t\\N\t\\N\t\\N\t\\N\t{}\t[]\t\\N\texact\n2\tb\tnull\t0.5\t0\t0\t0\t0\texact\t0\t\\N\t\\N\t\\N\t\\N\t{}\t[]\t\\N\texact'
	done
	printf 'a\n7\n' >t.csv
	run figures rows,min,max,mean,stddev,p05,p95,histogram t.csv
	assert_output '1 7 7 7 null 7 7 [{"low": 7, "high": 7, "count": 1}]'
}

@test "rows that are ragged are said, and their cells counted" {
	printf 'a,b\n1,2\n3\n4,5,6\n' >t.csv
	run --separate-stderr figures column,rows,nulls,max t.csv
	assert_output $'"a" 3 0 4\n"b" 3 1 5\n"column3" 3 2 6'
	run --separate-stderr dbm-profile t.csv
	assert_success
	assert_equal "$stderr" 'dbm-profile: t.csv: 2 of 3 rows do not have 2 cells'
}

@test "a quote that is never closed is said" {
	printf 'a,b\n1,2\n"3,4\n5,6\n' >t.csv
	run --separate-stderr dbm-profile t.csv
	assert_success
	assert_line --index 0 --partial $'\t2\t0\t0\t2\t'
	assert_equal "${stderr_lines[1]}" 'dbm-profile: t.csv: a quote is never closed: its cell goes on to the end'
	printf '"a,b\n1,2\n' >t.csv
	run --separate-stderr dbm-profile t.csv
	assert_equal "$status:$output" 4:
	assert_equal "$stderr" "dbm-profile: t.csv: the header's quote that opens on line 1 is never closed"
}

@test "each operand is done; what fails is said" {
	small
	mkdir d
	cp t.csv d/a.csv
	cp t.csv d/b.csv
	run bash -c 'dbm-profile d | cut -f1-3'
	assert_output $'d/a.csv\t1\tn\nd/a.csv\t2\tword\nd/a.csv\t3\twhen\nd/b.csv\t1\tn\nd/b.csv\t2\tword\nd/b.csv\t3\twhen'
	run --separate-stderr dbm-profile -c 1 nosuch.csv t.csv
	assert_equal "$status" 3
	assert_equal "$stderr" 'dbm-profile: nosuch.csv: no such file or folder'
	assert_output --partial $'t.csv\t1\tn'
	run --separate-stderr dbm-profile nosuch.csv
	assert_equal "$status:$output" 4:
	run bash -c 'dbm-list d | dbm-profile -c 1 | cut -f1,3'
	assert_output $'d/a.csv\tn\nd/b.csv\tn'
}

@test "a table of SQLite: its integers, reals and blobs are what they are" {
	python3 -c '
import sqlite3
db = sqlite3.connect("shop.db")
db.execute("CREATE TABLE t(i INTEGER, r REAL, b BLOB, s TEXT)")
db.executemany("INSERT INTO t VALUES(?, ?, ?, ?)", [(9223372036854775807, 2.0, b"\xff\0", "007"), (-9223372036854775808, 3.5, b"\0",
    "x"), (None, None, None, ""), (1, 1e300, b"\xff\0", None)])
db.execute("CREATE TABLE u(a)")
db.commit()'
	run figures column,type,rows,nulls,empties,distinct,min,max,types shop.db#t
	assert_line --index 0 '"i" "integer" 4 1 0 3 -9223372036854775808 9223372036854775807 {"integer": 3}'
	assert_line --index 1 --regexp '^"r" "real" 4 1 0 3 2.0 1e\+300 \{"real": 3\}$'
	assert_line --index 2 '"b" "bytes" 4 1 0 2 {"b64": "AA=="} {"b64": "/wA="} {"bytes": 3}'
	assert_line --index 3 '"s" "text" 4 1 1 3 "" "x" {"text": 2}'
	run figures ref,column shop.db
	assert_output $'"shop.db#t" "i"\n"shop.db#t" "r"\n"shop.db#t" "b"\n"shop.db#t" "s"\n"shop.db#u" "a"'
}

@test "ids that look like numbers stay text, and the confidence says that most do not" {
	printf 'hex,code,day\n5885E9,007,2024-02-30\n123456,10,2024-02-28\n' >t.csv
	run figures column,type,min,types,confidence t.csv
	assert_output $'"hex" "text" "123456" {"text": 1, "integer": 1} 0.5\n"code" "text" "007" {"text": 1, "integer": 1} 0.5\n"day" "text" "2024-02-28" {"text": 1, "date": 1} 0.5'
}

@test "values that are long are cut at a whole character, and say so" {
	python3 -c 'print("t\n" + "é" * 30 + "\n" + "é" * 30 + "x\n" + "日" * 2000)' >t.csv
	run figures top t.csv
	assert_output --partial '{"value": "éééééééééééééééééééééé", "cut": true, "count": 1, "high": 1}'
	refute_output --partial b64
	run figures max t.csv
	assert_output --regexp '^"(日)+…"$'
	assert [ "${#output}" -gt 1300 ]
}

@test "hostile cells and names do nothing to a terminal" {
	printf 'na\033[2Jme,b\n"\033]0;owned\007",1\n"\302\2332J",2\n' >evil.csv
	for format in table md tsv csv json; do
		run script -qec "dbm-profile -f $format evil.csv" /dev/null
		assert_output --partial 'na'
		refute_output --partial $'\033[2J'
		refute_output --partial $'\033]'
		refute_output --partial $'\007'
		refute_output --partial $'\302\233'
	done
	run bash -c 'dbm-profile evil.csv | grep -c "$(printf "\033")"'
	assert_output 0
}

@test "a file that is cut short while it is read: one line, status 4, no signal" {
	python3 -c 'print("a,b"); [print("x" * 1000 + ",1") for _ in range(300000)]' >t.csv
	for delay in 0 0.005 0.02; do
		cp t.csv u.csv
		dbm-profile --threads 2 u.csv >out 2>err &
		sleep $delay
		truncate -s 4096 u.csv
		status=0
		wait $! || status=$?
		[ "$status" = 0 ] || [ "$status" = 4 ]
		[ "$status" = 0 ] || assert_equal "$(cat err)" 'dbm-profile: u.csv: was cut short while it was read'
	done
}

@test "no time, a corrupt file, nowhere to write to" {
	large 3000000 >t.csv
	run --separate-stderr dbm-profile --timeout 1ms t.csv
	assert_equal "$status:$output" 4:
	assert_equal "$stderr" 'dbm-profile: t.csv: timed out after 0.001 s'
	large 20000 | gzip >g.csv.gz
	truncate -s 50000 g.csv.gz
	run --separate-stderr dbm-profile g.csv.gz
	assert_equal "$status:$output" 4:
	assert_equal "${#stderr_lines[@]}" 1
	assert_equal "$stderr" 'dbm-profile: g.csv.gz: gzip says the data are damaged or cut short (exit status 1)'
	small
	run --separate-stderr bash -c 'dbm-profile t.csv >/dev/full'
	assert_equal "$status:$stderr" '4:dbm-profile: write error: No space left on device'
	run --separate-stderr bash -c 'dbm-profile t.csv >&-'
	assert_equal "$status:$stderr" '4:dbm-profile: write error: Bad file descriptor'
}

load helper

@test "lists the tables of a folder: ref, kind, estimate, bytes, modified" {
	touch -d 2024-02-03T04:05:06Z people.csv
	printf 'a\tb\n' >t.tsv
	gzip -c people.csv >zipped.csv.gz
	touch notes.txt .hidden.csv
	mkdir folder.csv
	run --separate-stderr dbm-list .
	assert_success
	assert_equal "${#lines[@]}" 3
	assert_equal "${lines[0]}" $'./people.csv\tfile\t\\N\t20\t2024-02-03T04:05:06Z'
	assert_regex "${lines[1]}" '^\./t\.tsv'
	assert_regex "${lines[2]}" '^\./zipped\.csv\.gz'
	assert_equal "$stderr" ''
}

@test "opens no table and reads nothing" {
	run dbm-list --trace trace .
	assert_success
	assert [ ! -s trace ]
	run strace -f -e trace=openat,open -o calls dbm-list .
	run grep -c people.csv calls
	assert_output 0
}

@test "the names are sorted, whatever the locale" {
	touch B.csv a.csv C.csv
	run dbm-list -f json .
	assert_line --index 0 --partial '"./B.csv"'
	assert_line --index 2 --partial '"./a.csv"'
}

@test "a reference without the name of a table does not lead to a hidden file" {
	mkdir sub
	printf 'a\n1\n' >sub/.hidden.csv
	run -4 dbm-linecount 'sub#'
	assert_output 'dbm-linecount: sub#: no such table: it has none'
	run dbm-linecount -b 'sub#.hidden'
	assert_output 1
}

@test "-a shows hidden tables" {
	touch .hidden.csv
	run dbm-list -a .
	assert_line --index 0 --partial ./.hidden.csv
}

@test "upper-case endings count" {
	touch REPORT.CSV
	run dbm-list .
	assert_line --index 0 --partial ./REPORT.CSV
}

@test "-l adds format and compression" {
	touch a.tsv.zst
	run dbm-list -l -f json .
	assert_line --index 0 --regexp '"format":"tsv","compression":"zstd"'
	assert_line --index 1 --regexp '"format":"csv","compression":null'
}

@test "a time beyond the calendar is NULL, not a wrong one" {
	touch -d @67768036191676799 far.csv 2>/dev/null || return 0
	run dbm-list far.csv
	assert_success
}

@test "-m picks by pattern, -k by kind" {
	touch orders.csv
	run dbm-list -m 'ord*' .
	assert_equal "${#lines[@]}" 1
	run dbm-list -k table .
	assert_equal "${#lines[@]}" 2
	run dbm-list -k view .
	assert_success
	assert_output ''
}

@test "-k database says whether it is there and how many tables it has" {
	run dbm-list -k database -f json .
	assert_output --partial '"kind":"database"'
	assert_output --partial '"reachable":true,"tables":1'
}

@test "JSON facts carry method, as_of and cache" {
	run dbm-list -f json .
	assert_output --regexp '"method":"catalog","as_of":"20[0-9-]+T[0-9:]+Z","cache":"off"\}$'
}

@test "a file is a database of one table, standard input too" {
	run dbm-list people.csv
	assert_output --partial people.csv
	run bash -c 'cat people.csv | dbm-list csv:-'
	assert_output $'csv:-\tfile\t\\N\t\\N\t\\N'
}

@test "an empty folder has no tables and that is no error" {
	mkdir empty
	run --separate-stderr dbm-list empty
	assert_success
	assert_equal "$output$stderr" ''
}

@test "without operand it lists the registered databases and leaves standard input alone" {
	run --separate-stderr dbm-list <people.csv
	assert_success
	assert_equal "$output$stderr" ''
	run dbm-list - <<<.
	assert_output --partial ./people.csv
}

@test "entries that cannot be tables are told, the others still listed: status 3" {
	ln -s nowhere dangling.csv
	ln -s loop.csv loop.csv
	mkfifo fifo.csv
	ln -s /dev/zero zero.csv
	run --separate-stderr dbm-list .
	assert_equal "$status" 3
	assert_equal "${#lines[@]}" 1
	assert_equal "${#stderr_lines[@]}" 4
	assert_equal "${stderr_lines[0]}" 'dbm-list: .: dangling.csv: No such file or directory'
	assert_equal "${stderr_lines[1]}" 'dbm-list: .: fifo.csv: is a FIFO, not a file'
	assert_regex "${stderr_lines[2]}" 'loop\.csv: (Too many|Symbolic link)'
	assert_equal "${stderr_lines[3]}" 'dbm-list: .: zero.csv: is a device, not data'
}

@test "files that may not be read are listed all the same" {
	chmod 755 "$BATS_TEST_TMPDIR" . && chmod 0 people.csv
	run as_nobody "$(command -v dbm-list)" .
	assert_success
	assert_output --partial ./people.csv
}

@test "a table of a folder can be named" {
	run dbm-list .#people
	assert_output --partial ./people.csv
}

@test "all formats" {
	for format in tsv csv json table md; do
		run dbm-list -f $format .
		assert_success
		assert_output --partial people.csv
	done
	run dbm-list -H .
	assert_line --index 0 $'ref\tkind\trows_estimate\tbytes\tmodified'
	DBM_FORMAT=json run dbm-list .
	assert_output --regexp '^\{"ref":"\./people\.csv"'
}

@test "-k column: what each column is, for a folder file by file" {
	printf 'a\n1.5\n' >b.csv
	run --separate-stderr dbm-list -k column .
	assert_success
	assert_output "$(printf '%s\tcolumn\t%s\t%s\t%s\t\\N\t\\N\t\\N\tsampled:%s\n' ./b.csv a 1 real 1 ./people.csv id 1 integer 2 ./people.csv name 2 text 2)"
	run dbm-list -k column -m 'na*' -f json people.csv
	assert_output --regexp '^\{"ref":"people.csv","kind":"column","name":"name","position":2,"type":"text","nullable":null,.*\}$'
}

@test "-k column of a file whose header cannot be read: one line that names it once, status 4" {
	printf '"a\n1\n' >open.csv
	why="open.csv: the header's quote that opens on line 1 is never closed"
	run --separate-stderr dbm-list -k column open.csv
	assert_equal "$status:$output:$stderr" "4::dbm-list: $why"
	run --separate-stderr dbm-schema open.csv
	assert_equal "$status:$output:$stderr" "4::dbm-schema: $why"
	run --separate-stderr dbm-list -k column .
	assert_equal "$status:${#lines[@]}:$stderr" "3:2:dbm-list: ./$why"
}

@test "-k index and -k fk: delimited text has none" {
	for kind in index fk; do
		run --separate-stderr dbm-list -H -k $kind .
		assert_success
		assert_equal "${#lines[@]}" 1
		assert_regex "$output" $'^ref\tkind\tname\tcolumns\t'
	done
}

@test "-k column, index, fk of an SQLite database" {
	db=$DATA/elections.db
	run dbm-list -k column -m party "$db"
	assert_output "$(printf '%s#winners\tcolumn\tparty\t3\tTEXT\ttrue\t\\N\t\\N\tdeclared' "$db")"
	run dbm-list -k index "$db"
	assert_line --index 0 "$(printf '%s#parties\tindex\tsqlite_autoindex_parties_1\tcode\ttrue\tprimary key\tfalse\t\\N' "$db")"
	assert_line --index 1 "$(printf '%s#winners\tindex\twinners_race\trace\tfalse\tindex\tfalse\tCREATE INDEX winners_race ON winners(race)' "$db")"
	run dbm-list -k fk "$db#winners"
	assert_output "$(printf '%s#winners\tfk\t\\N\tparty\t%s#parties\tcode\tNO ACTION\tNO ACTION' "$db" "$db")"
}

@test "what -k prints is input to the other programs" {
	run bash -c "dbm-list -k fk '$DATA/elections.db' | dbm-linecount -b"
	assert_output 475
}

TABLES='name|kind|rows_estimate|bytes|modified|format|compression|coverage'

@test "a server's tables: all kinds, -k table and -k view tell them apart" {
	facts s tables "$TABLES" 'public.a|table|5|\N|\N|postgresql|\N|\N' 'public.f|foreign table|\N|\N|\N|postgresql|\N|\N' \
		'public.m|materialized view|7|\N|\N|postgresql|\N|\N' 'public.p|partitioned table|9|\N|\N|postgresql|\N|3/3' \
		'public.v|view|\N|\N|\N|postgresql|\N|\N'
	run --separate-stderr dbm-list facts:s
	assert_equal "$output" "$(tsv 'facts:s#public.a|table|5|\N|\N' 'facts:s#public.f|foreign table|\N|\N|\N' \
		'facts:s#public.m|materialized view|7|\N|\N' 'facts:s#public.p|partitioned table|9|\N|\N' 'facts:s#public.v|view|\N|\N|\N')"
	assert_equal "$stderr" ''
	run bash -c 'dbm-list -k view facts:s | cut -f 2'
	assert_output $'materialized view\nview'
	run bash -c 'dbm-list -k table facts:s | cut -f 2'
	assert_output $'table\nforeign table\npartitioned table'
	assert_equal "$(sort -u s/asked)" 'tables'
}

@test "-l asks a server for sizes, -a for partitions; who knows no sizes is asked without" {
	facts s tables "$TABLES" 'public.p|partitioned table|9|4096|\N|postgresql|\N|2/3'
	run --separate-stderr dbm-list -al facts:s
	assert_equal "$output" "$(tsv 'facts:s#public.p|partitioned table|9|4096|\N|postgresql|\N|2/3|\N')"
	assert_equal "$stderr" ''
	assert_equal "$(cat s/asked)" 'tables all= sizes='
	run --separate-stderr dbm-list -l toy:x#t
	assert_equal "$output:$stderr" "$(tsv 'toy:x#t|table|5|\N|\N|\N|\N|\N|\N'):"
	python3 -c 'import sqlite3; sqlite3.connect("t.db").execute("CREATE TABLE t(a)")'
	DBM_HELPER_PATH='' run --separate-stderr dbm-list -l t.db
	assert_equal "$output:$stderr" "$(tsv 't.db#t|table|\N|\N|\N|sqlite|\N|\N|\N'):"
}

@test "an estimate that leaves out partitions says so, once a database; -l shows how many" {
	facts s tables "$TABLES" 'public.a|partitioned table|5|\N|\N|postgresql|\N|9/10' 'public.b|partitioned table|5|\N|\N|postgresql|\N|10/10' \
		'public.c|partitioned table|5|\N|\N|postgresql|\N|0/1' 'public.d|partitioned table|\N|\N|\N|postgresql|\N|0/7'
	run --separate-stderr dbm-list facts:s
	assert_equal "$status:${#lines[@]}" 0:4
	assert_equal "$stderr" 'dbm-list: facts:s: estimates that leave out partitions never analysed: 2 (-l shows how many)'
	run --separate-stderr dbm-list -q facts:s
	assert_equal "$stderr" ''
	run --separate-stderr dbm-list -m b facts:s
	assert_equal "$stderr" ''
	run --separate-stderr dbm-list -l facts:s
	assert_equal "$stderr" ''
}

@test "-m: a server's table by its whole name or the part behind the schema, decoded" {
	facts s tables "$TABLES" 'public.orders|table|1|\N|\N|\N|\N|\N' 'archive.orders|table|1|\N|\N|\N|\N|\N' \
		'public.a%2Eb%25c|table|1|\N|\N|\N|\N|\N' 'odd%2Eschema.x y|table|1|\N|\N|\N|\N|\N'
	matching() { dbm-list -m "$1" facts:s | cut -f 1; }
	assert_equal "$(matching orders)" $'facts:s#public.orders\nfacts:s#archive.orders'
	assert_equal "$(matching 'public.*')" $'facts:s#public.orders\nfacts:s#public.a%2Eb%25c'
	assert_equal "$(matching 'a.b%c')" 'facts:s#public.a%2Eb%25c'
	assert_equal "$(matching 'odd.schema.x y')" 'facts:s#odd%2Eschema.x%20y'
	assert_equal "$(matching 'x ?')" 'facts:s#odd%2Eschema.x%20y'
	assert_equal "$(matching 'b%c')" ''
}

@test "-k publication and -k slot: of the database, whatever their names" {
	facts s publications 'name|tables|all_tables|operations|via_root' 'odd.%41 #|30|false|insert,update|false' 'p|500|true|insert|true'
	facts s slots 'name|type|active|state|lag|retained|wal_status|safe_bytes' 'replica|standby|true|streaming|0|\N|\N|\N' \
		'x|logical slot|false|\N|512|16777216|extended|\N'
	run --separate-stderr dbm-list -H -k publication facts:s
	assert_equal "$output:$stderr" "$(tsv 'ref|kind|name|tables|all_tables|operations|via_root' \
		'facts:s|publication|odd.%41 #|30|false|insert,update|false' 'facts:s|publication|p|500|true|insert|true'):"
	run --separate-stderr dbm-list -H -k slot facts:s
	assert_equal "$output:$stderr" "$(tsv 'ref|kind|name|type|active|state|lag|retained|wal_status|safe_bytes' \
		'facts:s|slot|replica|standby|true|streaming|0|\N|\N|\N' 'facts:s|slot|x|logical slot|false|\N|512|16777216|extended|\N'):"
	run dbm-list -al -k slot -m 'r*' -f json facts:s
	assert_output --regexp '^\{"ref":"facts:s","kind":"slot","name":"replica","type":"standby","active":true,[^}]*"method":"catalog",[^}]*\}$'
	run dbm-list -k publication 'facts:s#t'
	assert_line --index 0 --partial 'facts:s'$'\tpublication\todd'
	assert_equal "$(sort -u s/asked)" $'publications\nslots'
}

@test "--publication: the tables it holds, and how many have no replica identity" {
	facts s published 'table|publication|columns|filter|replica_identity|identified' 'public.a|p|\N|\N|default|true' \
		'public.b|p|id,x%2Cy|(id > 5)|nothing|false'
	run --separate-stderr dbm-list -H --publication p facts:s
	assert_success
	assert_equal "$output" "$(tsv 'ref|kind|publication|columns|filter|replica_identity|identified' \
		'facts:s#public.a|published|p|\N|\N|default|true' 'facts:s#public.b|published|p|id,x%2Cy|(id > 5)|nothing|false')"
	assert_equal "$stderr" \
		'dbm-list: facts:s: 1 of 2 tables without a replica identity: their rows cannot be updated or deleted'
	assert_equal "$(cat s/asked)" 'published publication=p'
	run --separate-stderr dbm-list --publication p -m a facts:s
	assert_equal "$output:$stderr" "$(tsv 'facts:s#public.a|published|p|\N|\N|default|true'):"
	run --separate-stderr dbm-list --publication p -m b facts:s
	assert_equal "$stderr" \
		'dbm-list: facts:s: 1 of 1 tables without a replica identity: their rows cannot be updated or deleted'
	for table in b public.b; do
		run --separate-stderr dbm-list --publication p "facts:s#$table"
		assert_equal "$output" "$(tsv 'facts:s#public.b|published|p|id,x%2Cy|(id > 5)|nothing|false')"
	done
	assert_equal "$(sort -u s/asked)" 'published publication=p'
	run dbm-list --publication p "facts:s#c"
	assert_success
	assert_output ''
	run -2 dbm-list --publication p -k table facts:s
	assert_output 'dbm-list: --publication and --kind exclude each other (dbm-list --help shows the flags)'
}

@test "what no server is publishes nothing: refused, one line each" {
	python3 -c 'import sqlite3; sqlite3.connect("t.db").execute("CREATE TABLE t(a)")'
	for flags in '-k publication' '-k slot' '--publication p'; do
		run -4 dbm-list $flags . people.csv t.db
		assert_output 'dbm-list: .: a folder does not answer that
dbm-list: people.csv: delimited text does not answer that
dbm-list: t.db: SQLite does not answer that'
	done
}

@test "-k database over several servers: one that is down is its line, the others are done" {
	for i in a b c; do
		facts $i tables "$TABLES" "public.$i|table|1|\\N|\\N|\\N|\\N|\\N"
	done
	echo 'connection refused' >b/fail
	run --separate-stderr dbm-list -k database facts:a facts:b facts:c
	assert_equal "$status:$(cut -f 1-5 <<<"$output")" "3:$(tsv 'facts:a|database|facts:a|true|1' 'facts:c|database|facts:c|true|1')"
	assert_equal "$stderr" 'dbm-list: facts:b: connection refused'
}

# The most helpers that were running at once, and how many there were.
running() { awk '{n += $1; most = n > most ? n : most; all += $1 > 0} END{print most, all}' running; }

@test "-P: so many databases are asked at a time, each by one helper for all of its tables" {
	export FACTS_RUNNING=$PWD/running
	for i in 1 2 3 4 5 6 7 8 9; do
		facts $i tables "$TABLES" "public.t|table|1|\\N|\\N|\\N|\\N|\\N"
		echo "facts:$i#public.t" >>refs
		echo "facts:$i#public.t" >>refs
	done
	for flags in '1 -P 1' '3 -P 3' '8 --parallel=8' '8 '; do
		rm -f running
		run dbm-list ${flags#* } - <refs
		assert_equal "${#lines[@]}" 18
		assert_equal "$(running)" "${flags%% *} 9"
	done
	for n in 0 9; do
		run -2 dbm-preview -P $n facts:1
	done
}

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

# The error table: every program against everything that can be wrong, with the sentence, the status, and that nothing was
# created or changed.
load helper

PRINTERS="$PROGRAMS dbm-schema" # those that have something to print of a delimited file
PROGRAMS="$PRINTERS dbm-index"

# refused STATUS SENTENCE COMMAND...: ends with the status, says just the sentence, prints nothing, changes nothing.
refused() {
	local want=$1 sentence=$2 before
	shift 2
	before=$(snapshot)
	run --separate-stderr "$@"
	assert_equal "$* -> $status" "$* -> $want"
	assert_equal "$stderr" "$sentence"
	assert_equal "$output" ''
	assert_equal "$(snapshot)" "$before"
	assert [ ! -e "$XDG_CACHE_HOME" ]
}

@test "a missing file" {
	for p in $PROGRAMS; do
		refused 4 "$p: nosuch.csv: no such file or folder" "$p" nosuch.csv
		refused 4 "$p: people.csv/x: no such file or folder" "$p" people.csv/x
	done
}

@test "a folder without permission, a file without permission" {
	mkdir locked && cp people.csv locked/ && chmod 0 locked
	cp people.csv secret.csv && chmod 0 secret.csv
	chmod 755 . ..
	for p in $PROGRAMS; do
		program=$(command -v "$p")
		run -4 as_nobody "$program" locked
		assert_output "$p: locked: cannot read the folder: Permission denied"
		run -4 as_nobody "$program" locked/people.csv
		assert_output "$p: locked/people.csv: cannot open: Permission denied"
		run -4 as_nobody "$program" secret.csv
		assert_output "$p: secret.csv: cannot open: Permission denied"
	done
	chmod 755 locked
}

@test "an empty file is a table without columns and rows; an empty folder has no tables" {
	: >empty.csv
	mkdir empty
	for p in $PROGRAMS; do
		run --separate-stderr "$p" empty
		assert_equal "$status:$output:$stderr" 0::
	done
	run --separate-stderr dbm-preview empty.csv
	assert_equal "$status:$output:$stderr" 0::
	run --separate-stderr dbm-linecount -b empty.csv
	assert_equal "$status:$output:$stderr" 0:0:
	run --separate-stderr dbm-list empty.csv
	assert_regex "$output" $'^empty\\.csv\tfile\t\\\\N\t0\t'
}

@test "a FIFO without a writer" {
	mkfifo fifo
	for p in dbm-preview dbm-linecount; do
		refused 4 "$p: fifo: is a FIFO that nobody writes to" timeout 5 "$p" --timeout 100ms fifo
	done
	run timeout 5 dbm-list fifo # which is a table to it: it is not opened
	assert_success
	assert_output $'fifo\tfile\t\\N\t\\N\t\\N'
}

@test "devices, a socket, a symlink loop" {
	ln -s loop loop
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
	for p in $PROGRAMS; do
		refused 4 "$p: /dev/null: is a device, not data" "$p" /dev/null
		refused 4 "$p: /dev/zero: is a device, not data" "$p" /dev/zero
		refused 4 "$p: socket: is a socket, not data" "$p" socket
		run --separate-stderr "$p" loop
		assert_equal "$status" 4
		assert_regex "$stderr" "^$p: loop: cannot open: (Too many levels of symbolic links|Symbolic link loop)\$"
	done
}

@test "files that are something else: by their first bytes, whatever their name" {
	printf '\xff\xd8\xff\xe0\0\x10JFIF' >photo.csv
	printf 'PAR1\x15\x04' >data.csv
	printf 'PK\x03\x04\x14' >sheet.csv
	printf 'SQLite format 3\0\x10\0' >shop.db
	printf 'a,b\n' >plain.csv.gz
	for p in $PROGRAMS; do
		refused 4 "$p: photo.csv: is a JPEG image, not delimited text" "$p" photo.csv
		refused 4 "$p: data.csv: is a Parquet file, not delimited text" "$p" data.csv
		refused 4 "$p: sheet.csv: is a ZIP archive (or a spreadsheet in one), not delimited text" "$p" sheet.csv
		touch shop.db # too young to be kept, also where the machine is slow
		refused 4 "$p: shop.db: is no SQLite database, or cut short" "$p" shop.db
		DBM_HELPER_PATH=/nowhere refused 4 "$p: shop.db: is a database: there is no helper dbm-source-sqlite" "$p" shop.db
		refused 4 "$p: plain.csv.gz: is named .gz but holds no gzip data" "$p" plain.csv.gz
	done
}

@test "no such table names those there are" {
	for p in $PROGRAMS dbm-invalidate; do
		refused 4 "$p: .#nope: no such table: it has people.csv" "$p" .#nope
	done
}

@test "/dev/full, a closed stdout: never a 0" {
	for p in $PRINTERS; do
		run --separate-stderr bash -c "$p people.csv >/dev/full"
		assert_equal "$status" 4
		assert_equal "$stderr" "$p: write error: No space left on device"
		run --separate-stderr bash -c "$p people.csv >&-"
		assert_equal "$status" 4
		assert_equal "$stderr" "$p: write error: Bad file descriptor"
		run --separate-stderr bash -c "$p --help >/dev/full"
		assert_equal "$status" 4
	done
}

@test "a closed stdin, a closed stderr, all closed" {
	for p in dbm-preview dbm-linecount; do
		run --separate-stderr bash -c "$p <&-"
		assert_equal "$status" 4
		assert_equal "$stderr" "$p: standard input: cannot read: Bad file descriptor"
	done
	before=$(snapshot)
	for p in $PRINTERS; do
		run bash -c "$p people.csv <&- 2>&-"
		assert_success
		run bash -c "$p people.csv nosuch <&- >&- 2>&-"
		assert_equal "$status" 4
	done
	assert_equal "$(snapshot)" "$before"
}

@test "stdin that is a folder" {
	run -4 bash -c 'dbm-preview csv:- <.'
	assert_output 'dbm-preview: csv:-: standard input is a folder'
	run -4 bash -c 'dbm-preview - <.'
	assert_output 'dbm-preview: standard input: cannot read: Is a directory'
}

@test "bad flags and numbers: status 2, nothing is tried" {
	for p in $PROGRAMS dbm-invalidate; do
		refused 2 "$p: no such flag: --nonsense ($p --help shows the flags)" "$p" --nonsense people.csv
		refused 2 "$p: no such flag: --form ($p --help shows the flags)" "$p" --form csv people.csv
		refused 2 "$p: no such flag: -Z ($p --help shows the flags)" "$p" -Z people.csv
		refused 2 "$p: --format wants FORMAT ($p --help shows the flags)" "$p" people.csv --format
		refused 2 "$p: --format: not 'xml' but one of tsv, csv, json, table, md ($p --help shows the flags)" "$p" -f xml
		refused 2 "$p: --timeout: a time such as 200ms, 1.5s, 2m, 1h or 1d is wanted, not '5x' ($p --help shows the flags)" \
			"$p" --timeout 5x people.csv
		refused 2 "$p: --quiet takes no value ($p --help shows the flags)" "$p" --quiet=yes people.csv
		refused 2 "$p: --refresh and --cached exclude each other ($p --help shows the flags)" "$p" --refresh --cached people.csv
		DBM_FORMAT=xml refused 2 \
			"$p: DBM_FORMAT: not 'xml' but one of tsv, csv, json, table, md ($p --help shows the flags)" "$p" people.csv
	done
	for n in -1 1x '' 99999999999999999999 ' 5' 0x10; do
		refused 2 "dbm-preview: --rows: a whole number of at least 0 is wanted, not '$n' (dbm-preview --help shows the flags)" \
			dbm-preview --rows "$n" people.csv
	done
	refused 2 "dbm-linecount: --at-least: a whole number of at least 1 is wanted, not '0' (dbm-linecount --help shows the flags)" \
		dbm-linecount --at-least 0 people.csv
	refused 2 "dbm-preview: --tail and --sample exclude each other (dbm-preview --help shows the flags)" \
		dbm-preview --tail --sample people.csv
	refused 2 "dbm-preview: --delimiter: one ASCII character that is no quote is wanted, not 'ab' (dbm-preview --help shows the flags)" \
		dbm-preview --delimiter ab people.csv
	refused 2 "dbm-preview: unknown encoding 'klingon' (dbm-preview --help shows the flags)" \
		dbm-preview --encoding klingon people.csv
	run -2 dbm-list --trace /nonexistent/trace people.csv
	refused 2 "dbm-index: --plan and --apply exclude each other (dbm-index --help shows the flags)" dbm-index --plan --apply plan
	refused 2 "dbm-index: --plan takes a --want file, or findings piped in (dbm-index --help shows the flags)" \
		dbm-index --plan people.csv
	refused 2 "dbm-index: --analyze: not 'now' but one of auto, never, always (dbm-index --help shows the flags)" \
		dbm-index --analyze now --apply plan
	refused 2 "dbm-index: there is no query to explain (dbm-index --help shows the flags)" dbm-index --explain '' people.csv
	refused 2 "dbm-schema: --record and --log exclude each other (dbm-schema --help shows the flags)" dbm-schema --record --log
	refused 2 "dbm-schema: --diff wants two schemas, or one database (dbm-schema --help shows the flags)" dbm-schema --diff a b c
}

@test "what dbm-index and dbm-schema are to read, or to change, and cannot" {
	for flag in --want --apply; do
		refused 4 'dbm-index: nosuch: cannot open: No such file or directory' dbm-index $flag nosuch
	done
	refused 4 'dbm-index: nosuch: cannot open: No such file or directory' dbm-index --check --baseline nosuch people.csv
	refused 4 'dbm-index: people.csv: is no SQLite file: there is nothing to switch' dbm-index --wal people.csv
	refused 4 'dbm-index: people.csv: query 1: delimited text does not answer that' dbm-index --explain 'select 1' people.csv
	for flag in --log --check; do
		refused 4 'dbm-schema: people.csv: was never recorded' dbm-schema $flag people.csv
	done
}

@test "one bad operand among good ones: the others are done, status 3" {
	for p in $PROGRAMS; do
		run --separate-stderr "$p" people.csv /dev/null people.csv
		assert_equal "$status" 3
		assert_equal "$stderr" "$p: /dev/null: is a device, not data"
		run --separate-stderr bash -c "$p people.csv people.csv | wc -l"
		twice=$output
		run --separate-stderr bash -c "$p people.csv /dev/null people.csv | wc -l"
		assert_output "$twice"
	done
}

@test "names as operands: dots, slashes, flags, globs, the longest, control characters" {
	long=$(head -c 256 /dev/zero | tr '\0' n)
	for p in $PROGRAMS; do
		for name in ../../etc/nosuch /abs/nosuch a/b '*' "$long" $'new\nline' $'\033[2J'; do
			before=$(snapshot)
			run --separate-stderr "$p" -- "$name"
			assert_equal "$status" 4
			assert_equal "${#stderr_lines[@]}" 1
			refute [ -n "$(tr -d '\n' <<<"$stderr" | LC_ALL=C tr -d '\040-\176')" ]
			assert_equal "$(snapshot)" "$before"
		done
		run -4 "$p" ''
		assert_output "$p: : is an empty reference"
	done
}

@test "cron's world: no HOME, nothing but PATH, input from /dev/null" {
	for p in $PRINTERS; do
		run --separate-stderr env -i PATH=/usr/bin:/bin "$(command -v "$p")" people.csv </dev/null
		assert_success
		assert_equal "$stderr" ''
		assert [ -n "$output" ]
	done
}

@test "a reader that goes away ends a program quietly, even where SIGPIPE is ignored" {
	seq 1000000 | sed 1in >big.csv
	run --separate-stderr bash -c "trap '' PIPE; dbm-preview -n 1000000 big.csv | head -1"
	assert_output n
	assert_equal "$stderr" ''
}

@test "signals: died by, nothing left" {
	mkfifo fifo
	for signal in INT TERM HUP; do
		run bash -c "sleep 2 >fifo & dbm-linecount fifo & sleep 0.2; kill -$signal \$!; wait \$!; s=\$?; kill %1; exit \$s"
		if [ $signal = INT ]; then continue; fi # a background job of a script ignores it
		assert_equal "$status" $((128 + $(kill -l $signal)))
	done
}

@test "names that a sentence lists are whole; where they are too many it says so" {
	mkdir many
	touch many/a-table-of-a-long-name-{1..40}.csv
	run --separate-stderr dbm-preview many#missing
	assert_regex "$stderr" '^dbm-preview: many#missing: no such table: it has (a-table-of-a-long-name-[0-9]+\.csv, ){10,}…$'
	(seq -s, -f a-column-of-a-long-name-%.0f- 40; seq -s, 40) >wide.csv
	run --separate-stderr dbm-preview -c missing wide.csv
	assert_regex "$stderr" '^dbm-preview: wide.csv: no such column: missing: it has (a-column-of-a-long-name-[0-9]+-, ){10,}…$'
	python3 -c '
import sqlite3
c = sqlite3.connect("many.db")
for i in range(40): c.execute("create table a_table_of_a_long_name_%d_(%s)" % (i, ", ".join("a_column_of_a_long_name_%d_" % n for n in range(40))))'
	run --separate-stderr dbm-preview many.db#missing
	assert_regex "$stderr" '^dbm-preview: many.db#missing: no such table: it has (a_table_of_a_long_name_[0-9]+_, ){10,}…$'
	echo 'a_table_of_a_long_name_1_ (missing)' >want
	run --separate-stderr dbm-index --want want --plan many.db
	assert_regex "$stderr" 'no such column: missing: it has (a_column_of_a_long_name_[0-9]+_, ){10,}…$'
}

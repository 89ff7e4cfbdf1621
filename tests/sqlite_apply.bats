# Changes of SQLite files: indexes, statistics, write-ahead logging; and the row index of delimited text.  What no program asks
# for by itself is asked of the helper.
# shellcheck disable=SC2016,SC2154  # inner shells expand; bats sets stderr
load helper

HELPER=$(dirname "$(command -v dbm-list)")/../libexec/dbm-source-sqlite

# change DB OPERATION ARGUMENT...: the rows of the answers and how they ended; more operations behind --.
change() { "$TOP/tests/pg/ask" "$HELPER" "sqlite:$1" "${@:2}"; }

# became DB OPERATION ARGUMENT...: only what became of each, or why it failed.
became() { change "$@" | sed -n 's/^\["\(created\|there\|dropped\|absent\|analyzed\|switched\)".*/\1/p; s/^end [^1] //p'; }

sql() { python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for row in (row for statement in sys.argv[2:] for row in db.execute(statement)):
    print(*row, sep="|")' "$@"; }

# A table of N rows, in a journal mode.
stock() {
	sql "$1" "PRAGMA journal_mode = ${3-delete}" "CREATE TABLE stock(id INTEGER PRIMARY KEY, date TEXT, item TEXT COLLATE NOCASE,
		lot TEXT, quantity INTEGER, code TEXT UNIQUE)" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
		INSERT INTO stock SELECT i, date('2020-01-01', (i % 2000) || ' days'), 'item' || (i % 5000), 'lot' || i, i % 97, i FROM n" >/dev/null
}

# hold DB SQL...: another process that has a transaction open until it is killed; $holder is its number.
hold() {
	rm -f held
	python3 -c 'import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    db.execute(statement).fetchall()
print(flush=True)
time.sleep(60)' "$@" >held 3>&- &
	holder=$!
	until_so test -s held
}

release() { kill -9 "$holder"; wait "$holder" 2>/dev/null || true; }

unharmed() { assert_equal "$(sql "$1" 'PRAGMA integrity_check' 'SELECT count(*) FROM stock')" $'ok\n'"$2"; }

nothing_beside() { assert_equal "$(ls "$1"-* 2>/dev/null)" ''; }

DATE=(create_index table=stock name=stock_date 'key=column|date|asc|||' 'key=column|item|asc|||')

@test "an index is made once; the same under its name is there; another one is a failure" {
	stock s.db 100
	run became s.db "${DATE[@]}" -- "${DATE[@]}" -- "${DATE[@]}" unique -- "${DATE[@]:0:4}" -- "${DATE[@]}" include=lot
	assert_output 'created
there
stock_date is another index: CREATE INDEX "stock_date" ON "stock" ("date", "item")
stock_date is another index: CREATE INDEX "stock_date" ON "stock" ("date", "item")
stock_date is another index: CREATE INDEX "stock_date" ON "stock" ("date", "item")'
	# Whoever made it, in whatever words.
	sql s.db 'create index Other on STOCK (ITEM collate nocase asc, [lot] desc)'
	run became s.db create_index table=Stock name=other 'key=column|Item|asc|||' 'key=column|LOT|desc|||' \
		-- create_index table=Stock name=other 'key=column|Item|asc||BINARY|' 'key=column|LOT|desc|||' \
		-- create_index table=stock name=sqlite_autoindex_stock_1 'key=column|code|asc|||' unique
	assert_output 'there
other is another index: CREATE INDEX Other on STOCK (ITEM collate nocase asc, [lot] desc)
there'
	sql s.db 'CREATE TABLE t(a)'
	run became s.db create_index table=t name=stock_date 'key=column|a|asc|||' -- create_index table=t name=stock 'key=column|a|asc|||' \
		-- create_index table=t name=sqlite_x 'key=column|a|asc|||'
	assert_output 'stock_date is an index of stock
there is already a table named stock
object name reserved for internal use: sqlite_x'
	# What is included is a key behind the others; expressions and conditions are as they were given.
	run became s.db create_index table=stock name=c 'key=column|item|asc|||' include='date|quantity' \
		-- create_index table=stock name=c 'key=column|item|asc|||' include='date|quantity' \
		-- create_index table=stock name=e 'key=expression|lower(lot)|desc|||' 'predicate=quantity > 3' \
		-- create_index table=stock name=e 'key=expression|lower(lot)|desc|||' 'predicate=quantity > 3' \
		-- create_index table=stock name=e 'key=expression|lower(lot)|desc|||' 'predicate=quantity > 4'
	assert_output 'created
there
created
there
e is another index: CREATE INDEX "e" ON "stock" ((lower(lot)) DESC) WHERE quantity > 3'
	assert_equal "$(sql s.db "SELECT sql FROM sqlite_schema WHERE name IN ('c', 'e') ORDER BY name")" \
		'CREATE INDEX "c" ON "stock" ("item", "date", "quantity")
CREATE INDEX "e" ON "stock" ((lower(lot)) DESC) WHERE quantity > 3'
	unharmed s.db 100
	nothing_beside s.db
}

@test "a descending index of a file of an old format is refused, and made once that is of today" {
	sql old.db 'CREATE TABLE t(a)'
	printf '\1' | dd of=old.db bs=1 seek=47 conv=notrunc status=none
	run became old.db create_index table=t name=i 'key=column|a|desc|||' -- create_index table=t name=j 'key=column|a|asc|||'
	assert_output "DESC means nothing in this file, which is in an old format: VACUUM writes it in the one of today
created"
	sql old.db 'VACUUM'
	run became old.db create_index table=t name=i 'key=column|a|desc|||'
	assert_output created
}

@test "a misspelt column, and what SQLite cannot do, is said before anything is made" {
	stock s.db 10
	sql s.db 'CREATE VIEW v AS SELECT * FROM stock'
	before=$(sha256sum s.db)
	run became s.db create_index table=stock name=i 'key=column|datum|asc|||' \
		-- create_index table=stock name=i 'key=column|date|asc|||' include=datum \
		-- create_index table=stock name=i 'key=expression|lower("datum")|asc|||' \
		-- create_index table=stock name=i 'key=column|date|asc|||' 'predicate="datum" = 1' \
		-- create_index table=nosuch name=i 'key=column|date|asc|||' -- create_index table=v name=i 'key=column|date|asc|||' \
		-- create_index table=stock name=i 'key=column|date|asc|||' method=hash \
		-- create_index table=stock name=i 'key=column|date|asc|last||' -- create_index table=stock name=i 'key=column|date|asc|||text_ops' \
		-- create_index table=stock name=i 'key=column|date|asc||nosuch|' -- create_index table=stock name=i unique 'key=column|date|asc|||' include=lot \
		-- create_index table=stock name=i -- create_index table=stock name=i unique 'key=expression|1|asc|||'
	assert_output 'no such column: datum: it has id, date, item, lot, quantity, code
no such column: datum: it has id, date, item, lot, quantity, code
no such column: datum
no such column: datum
no such table: it has stock, v
views may not be indexed
an index of SQLite is a btree, never hash
NULLs are smaller than all else in an index of SQLite: ascending, they come first
SQLite has no classes of operators: text_ops
no such collation sequence: nosuch
SQLite holds further columns as keys, and those of a unique index are part of what is unique
an index has a name and a column
UNIQUE constraint failed: index '"'i'"
	assert_equal "$(sha256sum s.db)" "$before"
	nothing_beside s.db
}

@test "SQL that is more than an expression or a condition makes nothing; names may be any" {
	stock s.db 10
	before=$(sha256sum s.db)
	for sql in 'id), (lot' 'id)); DROP TABLE stock; --' 'random()' '(SELECT 1)' "load_extension('x')" 'id) COLLATE NOCASE, ("lot"' \
		'id)) WHERE (1' 'id) DESC --'; do
		run became s.db create_index table=stock name=i "key=expression|$sql|asc|||"
		refute_line created
		refute_line there
	done
	for sql in '1; DROP TABLE stock' 'id IN (SELECT 1)' '1; ATTACH '"'x.db'"' AS x' '1; CREATE INDEX j ON stock(id)' '1; PRAGMA journal_mode = WAL'; do
		run became s.db create_index table=stock name=i 'key=column|id|asc|||' "predicate=$sql"
		refute_line created
	done
	assert_equal "$(sha256sum s.db)" "$before"
	sql s.db 'CREATE TABLE "a""; DROP TABLE stock; --"("b"" )" TEXT)'
	run became s.db create_index 'table=a"; DROP TABLE stock; --' 'name=i"); --' 'key=column|b" )|asc|||' \
		-- analyze 'table=a"; DROP TABLE stock; --' -- drop_index 'table=a"; DROP TABLE stock; --' 'name=i"); --'
	assert_output $'created\nanalyzed\ndropped'
	unharmed s.db 10
}

@test "an index that a view or a trigger is INDEXED BY is not dropped" {
	sql a.db 'CREATE TABLE t(a, b)' 'CREATE INDEX i ON t(a)' 'CREATE INDEX "j k" ON t(b)' \
		'CREATE VIEW v AS SELECT b FROM t INDEXED /* so */ BY I WHERE a = 1' \
		'CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO t SELECT 1, 2 FROM t INDEXED BY [j k] WHERE b = 3; END'
	assert_equal "$(became a.db drop_index table=t name=i)" 'v is INDEXED BY i'
	assert_equal "$(became a.db drop_index table=t 'name=j k')" 'r is INDEXED BY j k'
	sql a.db 'DROP VIEW v'
	assert_equal "$(became a.db drop_index table=t name=i)" dropped
}

@test "drop and analyze; what backs a constraint stays" {
	stock s.db 5000
	run became s.db "${DATE[@]}" -- analyze table=stock -- drop_index table=stock name=sqlite_autoindex_stock_1 \
		-- drop_index table=stock name=nosuch -- analyze table=nosuch
	assert_output 'created
analyzed
sqlite_autoindex_stock_1 is that of a constraint, and goes with it alone
absent
no such table: it has stock'
	assert_equal "$(sql s.db "SELECT stat FROM sqlite_stat1 WHERE idx = 'stock_date'")" '5000 3 1'
	assert_regex "$(change s.db analyze table=stock)" '^\["analyzed", null, null, "all rows were read"\]'
	sql s.db 'CREATE TABLE t(a)'
	run became s.db drop_index table=t name=stock_date -- drop_index table=stock name=STOCK_DATE -- drop_index table=stock name=stock_date
	assert_output $'stock_date is an index of stock\ndropped\nabsent'
	unharmed s.db 5000
}

@test "the header stays: journal mode, page size, auto_vacuum, versions" {
	for mode in delete wal; do
		sql "$mode.db" 'PRAGMA page_size = 1024' 'PRAGMA auto_vacuum = 2' 'PRAGMA user_version = 42' 'PRAGMA application_id = 7'
		stock $mode.db 2000 $mode
		header() { { head -c 24 $mode.db; tail -c +57 $mode.db | head -c 36; } | od -An -tx1 | tr -d '\n'; sql $mode.db 'PRAGMA auto_vacuum'; }
		before=$(header)
		run became $mode.db "${DATE[@]}" -- analyze table=stock -- drop_index table=stock name=stock_date -- "${DATE[@]}"
		assert_output $'created\nanalyzed\ndropped\ncreated'
		# Bytes 18 and 19 are the journal mode.
		assert_equal "$(header)" "$before"
		assert_equal "$(sql $mode.db 'PRAGMA journal_mode')" $mode
		unharmed $mode.db 2000
		nothing_beside $mode.db
	done
}

@test "a reader and a writer at work, two who make it at once: nobody fails, nothing is lost" {
	run python3 "$TOP/tests/sqlite_change.py" "$HELPER" "$PWD"
	assert_success
}

@test "a writer in the way is named, waited for, given up on" {
	for mode in delete wal; do
		stock $mode.db 100 $mode
		hold $mode.db 'BEGIN IMMEDIATE' 'INSERT INTO stock(id) VALUES(1000)'
		run change $mode.db "${DATE[@]}" wait=1200 lock_timeout=1000
		assert_line -n 0 "[\"blocked\", \"0\", null, \"a writer is at work (process $holder)\"]"
		assert_line -n 1 "[\"blocked\", \"1\", null, \"a writer is at work (process $holder)\"]"
		assert_line -n 2 "end 5 a writer is at work (process $holder): waited 1.2 s"
		# Not to wait is the default.
		run became $mode.db "${DATE[@]}"
		assert_output "a writer is at work (process $holder): waited 0 s"
		change $mode.db "${DATE[@]}" wait=60000 lock_timeout=1000 >out 3>&- &
		until_so grep -q blocked out
		release
		wait $!
		assert_regex "$(cat out)" 'created'
		unharmed $mode.db 100
	done
}

@test "a reader in the way of the COMMIT keeps nobody else out for longer than --lock-timeout; without end it is given up" {
	stock s.db 3000
	before=$(sha256sum s.db)
	hold s.db BEGIN 'SELECT count(*) FROM stock'
	change s.db "${DATE[@]}" wait=3000 lock_timeout=300 >out 3>&- &
	until_so grep -q waiting out
	# Another reader comes through while it waits: it has 5 s.
	assert_equal "$(sql s.db 'SELECT count(*) FROM stock')" 3000
	wait $!
	run cat out
	assert_line -n 0 "[\"waiting\", \"0\", null, \"a reader is at work (process $holder)\"]"
	assert_line -n -1 "end 5 a reader is at work (process $holder): waited 3 s"
	nothing_beside s.db
	assert_equal "$(sha256sum s.db)" "$before"
	change s.db "${DATE[@]}" wait=60000 lock_timeout=300 >out 3>&- &
	until_so grep -q waiting out
	release
	wait $!
	assert_regex "$(cat out)" 'created'
	# In WAL mode a reader is in nobody's way.
	became s.db wal
	hold s.db BEGIN 'SELECT count(*) FROM stock'
	run became s.db drop_index table=stock name=stock_date
	assert_output dropped
	release
}

@test "told to stop, or asked by nobody any more: rolled back, and nothing is left beside the file" {
	stock s.db 400000
	before=$(sha256sum s.db)
	hold s.db BEGIN 'SELECT count(*) FROM stock'
	python3 -c 'import struct, sys
text = lambda s: struct.pack("<I", len(s)) + s.encode()
frame = lambda kind, body: struct.pack("<I", len(body)) + kind + body
words = [("table", ["stock"]), ("name", ["i"]), ("key", ["column", "lot", "asc", "", "", ""]), ("wait", ["60000"])]
body = struct.pack("<I", 1) + text("create_index") + struct.pack("<I", len(words))
body += b"".join(text(name) + struct.pack("<I", len(values)) + b"".join(map(text, values)) for name, values in words)
frames = frame(b"O", struct.pack("<I", 1) + text("sqlite:s.db") + text("0")) + frame(b"Q", body) + frame(b"G", b"")
sys.stdout.buffer.write(frames)' >frames
	for signal in TERM INT HUP; do
		# Its number is that of the helper: the shell execs it.
		mkfifo in
		python3 -c 'import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
process = subprocess.Popen([sys.argv[1]], stdin=open("in", "rb"), stdout=open("out", "wb"))
open("pid", "w").write(str(process.pid))
print(process.wait(), file=open("status", "w"))' "$HELPER" 3>&- &
		python3 -c 'import sys, time
out = open("in", "wb")
out.write(open("frames", "rb").read())
out.flush()
time.sleep(60)' 3>&- &
		feeder=$!
		until_so grep -qa waiting out
		kill -$signal "$(cat pid)"
		until_so test -s status
		assert_equal "$signal $(cat status)" "$signal -$(kill -l $signal)"
		kill $feeder
		rm -f in out pid status
		nothing_beside s.db
		assert_equal "$(sha256sum s.db)" "$before"
	done
	# Who asked is gone.
	"$TOP/tests/pg/ask" "$HELPER" sqlite:s.db "${DATE[@]}" wait=60000 >out 3>&- &
	asker=$!
	until_so grep -q waiting out
	helper=$(pgrep -P $asker)
	kill -9 $asker
	until_so bash -c "! kill -0 $helper 2>/dev/null"
	wait $asker || true
	assert_equal "$(sha256sum s.db)" "$before"
	nothing_beside s.db
	# Who asked is there, but takes no answer any more.
	run python3 -c 'import subprocess, sys
helper = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
helper.stdin.write(open("frames", "rb").read())
helper.stdin.flush()
for some in iter(helper.stdout.read1, b""):
    if b"waiting" in some:
        break
helper.stdout.close()
print(helper.wait())' "$HELPER"
	assert_output 1
	assert_equal "$(sha256sum s.db)" "$before"
	nothing_beside s.db
	release
	# The command gives up.
	hold s.db 'BEGIN IMMEDIATE'
	run --separate-stderr dbm-index --timeout 1s --wal s.db
	assert_equal "$status:$output" 4:
	release
	assert_equal "$(sha256sum s.db)" "$before"
	nothing_beside s.db
}

@test "killed half way, at whatever moment, then again: mended" {
	stock s.db 200000
	for i in 1 2 3 4 5 6 7 8; do
		"$TOP/tests/pg/ask" "$HELPER" sqlite:s.db "${DATE[@]}" >out 2>/dev/null 3>&- &
		asker=$!
		sleep "0.$((i * 6 / 10))$((i * 6 % 10))"
		pkill -9 -P $asker || true
		wait $asker || true
		run became s.db "${DATE[@]}" wait=1000 -- drop_index table=stock name=stock_date
		assert_regex "$output" $'^(created|there)\ndropped$'
		unharmed s.db 200000
	done
	nothing_beside s.db
}

@test "a file that is a link, one that is not to be written to, one in a folder where nothing can be made" {
	mkdir sub
	stock sub/s.db 100
	ln -s sub/s.db link.db
	run became link.db "${DATE[@]}"
	assert_output created
	assert [ -L link.db ]
	nothing_beside link.db
	nothing_beside sub/s.db
	# Nobody may look into the folders of the test.
	folder=$(mktemp -d)
	chmod 755 "$folder"
	cp sub/s.db "$folder"
	run as_nobody "$TOP/tests/pg/ask" "$HELPER" "sqlite:$folder/s.db" analyze table=stock
	assert_output 'end 3 is not to be written to'
	chmod 666 "$folder/s.db"
	run as_nobody "$TOP/tests/pg/ask" "$HELPER" "sqlite:$folder/s.db" analyze table=stock
	assert_output 'end 3 no file can be made beside it, which takes a -journal or a -wal while it is changed'
	cmp sub/s.db "$folder/s.db"
	rm -r "$folder"
	mkfifo fifo.db
	run became fifo.db wal
	assert_output 'is not a file'
	run became nosuch.db wal
	assert_output 'cannot open: No such file or directory'
	assert [ ! -e nosuch.db ]
}

@test "the disk is full while it is made: the file is as it was, and it is said which disk" {
	stock s.db 100000
	before=$(sha256sum s.db)
	size=$(stat -c %s s.db)
	for mode in delete wal; do
		sql s.db "PRAGMA journal_mode = $mode" >/dev/null
		cp s.db before.db
		(ulimit -f $([ $mode = wal ] && echo 2000 || echo $((size / 1024 + 100))); became s.db "${DATE[@]}") >out
		assert_regex "$(cat out)" '^disk I/O error: File too large$'
		cmp s.db before.db
		nothing_beside s.db
		unharmed s.db 100000
	done
}

@test "the disk is full: a file system of its own" {
	unshare -m true 2>/dev/null || return 0 # who may not mount has the test before
	stock s.db 100000
	# More than is sorted in memory.
	stock long.db 1
	sql long.db "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 90000)
		INSERT INTO stock(id, lot) SELECT i, printf('%01000d', i) FROM n"
	mkdir small
	export -f change became
	export HELPER TOP
	run unshare -m bash -c '
		mount -t tmpfs -o size=$(($(stat -c %s s.db) / 1024 + 300))k none small
		cp s.db small
		before=$(sha256sum <small/s.db)
		became small/s.db create_index table=stock name=i "key=column|lot|asc|||" "key=column|date|asc|||" "key=column|item|asc|||"
		[ "$before" = "$(sha256sum <small/s.db)" ] && ls small
		umount small
		mount -t tmpfs -o size=300k none small
		SQLITE_TMPDIR=$PWD/small became long.db create_index table=stock name=i "key=column|lot|asc|||"'
	assert_output "no space is left for it
s.db
no space is left where it is sorted, in $PWD/small (SQLITE_TMPDIR names another place)"
	unharmed s.db 100000
}

@test "--wal: switched, or there; what it means is said; not where others would not see it" {
	stock s.db 10
	printf 'a\n1\n' >t.csv
	run --separate-stderr dbm-index --wal s.db
	assert_equal "$status:$output" $'0:s.db\tswitched\treaders and a writer no longer wait for each other'
	assert_equal "$stderr" 'dbm-index: s.db: in WAL mode now: s.db-wal and s.db-shm stand beside it while it is in use, and belong to it; readers on network file systems cannot follow'
	run --separate-stderr dbm-index --wal s.db
	assert_equal "$status:$output:$stderr" $'0:s.db\tthere\t\\N:'
	assert_equal "$(sql s.db 'PRAGMA journal_mode')" wal
	run --separate-stderr dbm-index --wal t.csv s.db#stock nosuch s.db
	assert_equal "$status:$output" $'3:s.db\tthere\t\\N'
	assert_equal "$stderr" "dbm-index: t.csv: is no SQLite file: there is nothing to switch
dbm-index: s.db#stock: is a table: write-ahead logging is that of the whole file
dbm-index: nosuch: no such file or folder"
	run -2 dbm-index --wal --dry-run s.db
	run -2 dbm-index --wal --cached s.db
	# A reader in the way.
	sql s.db 'PRAGMA journal_mode = delete' >/dev/null
	hold s.db BEGIN 'SELECT count(*) FROM stock'
	run --separate-stderr dbm-index --wal --wait 1s --lock-timeout 100ms s.db
	assert_equal "$status:$output" 4:
	assert_regex "$stderr" "a reader is at work \\(process $holder\\): waited 1 s\$"
	release
	# What statfs(2) says of it, made to be that of NFS and of FUSE.
	for magic in 6969000000000000 4655736500000000; do
		ASAN_OPTIONS=detect_leaks=0 run strace -f -qq -o /dev/null -e trace=fstatfs -e "inject=fstatfs:poke_exit=@arg2=$magic" "$TOP/tests/pg/ask" "$HELPER" sqlite:s.db wal
		assert_regex "$output" '^end 3 is on a file system that other machines may share \((NFS|FUSE)\): in WAL mode they would not see each other.s changes$'
		assert_equal "$(sql s.db 'PRAGMA journal_mode')" delete
	done
}

@test "--build: the row index of delimited text is there before it is wanted" {
	mkdir d
	quoted_rows 100000 >d/big.csv
	printf 'a\n1\n' >d/small.csv
	run --separate-stderr dbm-index --build d
	assert_equal "$status:$stderr" 0:
	assert_regex "$output" $'^d/big.csv\tbuilt\t100000\t[0-9]+\t[0-9]+\t[0-9.]+\nd/small.csv\tsmall\t\\\\N\t0\t0\t[0-9.]+$'
	run dbm-index --build d/big.csv
	assert_regex "$output" $'^d/big.csv\tthere\t100000\t'
	run dbm-index --build --refresh d/big.csv
	assert_regex "$output" $'^d/big.csv\tbuilt\t100000\t'
	export DBM_TRACE=$PWD/trace
	assert_equal "$(dbm-preview -f tsv --offset 90000 -n 1 -c id d/big.csv)" 90001
	assert_equal "$(events 'hit kind=rowindex')" 1
	assert [ "$(bytes_read trace)" -lt 2000000 ]
	unset DBM_TRACE
	echo '100001,x' >>d/big.csv
	run dbm-index --build d/big.csv
	assert_regex "$output" $'^d/big.csv\tbuilt\t100001\t'
	gzip d/big.csv
	stock s.db 1
	run --separate-stderr dbm-index --build d/big.csv.gz s.db csv:- d/small.csv <d/small.csv
	assert_equal "$status" 3
	assert_equal "$stderr" 'dbm-index: d/big.csv.gz: is compressed: its rows have no places to go to
dbm-index: s.db: is no delimited text, whose rows alone want an index
dbm-index: csv:-: is read once, and has no index of its rows'
	run -2 dbm-index --build --no-cache d/small.csv
	assert_line -n 0 'dbm-index: --build makes what is kept in the cache: not with --no-cache (dbm-index --help shows the flags)'
}

@test "--build: where its cache cannot be had, that is said" {
	quoted_rows 100000 >big.csv
	run --separate-stderr env -u HOME -u XDG_CACHE_HOME "$(command -v dbm-index)" --build big.csv
	assert_equal "$status:$stderr" \
		'4:dbm-index: big.csv: its index is not kept: neither XDG_CACHE_HOME nor HOME is an absolute path'
	run --separate-stderr env XDG_CACHE_HOME=/dev/null "$(command -v dbm-index)" --build big.csv
	assert_equal "$status:$stderr" \
		'4:dbm-index: big.csv: its index is not kept: /dev/null: cannot open the folder: Not a directory'
	dbm-index --build big.csv >/dev/null
	table=$(echo "$XDG_CACHE_HOME"/dbm/v1/*/*/)
	rm "$table"/*
	mkdir "$table/generation"
	run --separate-stderr dbm-index --build big.csv
	assert_equal "$status:$stderr" '4:dbm-index: big.csv: its index is not kept: it cannot be written to the cache'
}

@test "the nightly job: indexes where they are missing, and answers kept; again it does nothing, and it says what went wrong" {
	stock live.db 2000
	stock archive.db 2000 wal
	printf '# the shop\nstock (date, item)\nstock (lot)\nstock (item, date, quantity)\n' >shop.want
	touch -d '1 minute ago' live.db archive.db
	run "$TOP/examples/nightly" shop.want live.db archive.db
	assert_equal "$status:$output" 0:
	for db in live.db archive.db; do
		assert_equal "$(sql $db "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'stock\__%idx' ESCAPE '\\'" 'SELECT count(*) FROM sqlite_stat1')" $'3\n4'
		nothing_beside $db
	done
	assert_equal "$(sql archive.db 'PRAGMA journal_mode')" wal
	before=$(sha256sum live.db archive.db)
	run "$TOP/examples/nightly" shop.want live.db archive.db
	assert_equal "$status:$output" 0:
	assert_equal "$(sha256sum live.db archive.db)" "$before"
	sql live.db 'DROP INDEX stock_lot_idx'
	run "$TOP/examples/nightly" shop.want live.db nosuch.db
	assert_equal "$status" 3
	assert_output --partial 'dbm-index: nosuch.db: no such file or folder'
	assert_equal "$(sql live.db "SELECT count(*) FROM sqlite_schema WHERE name = 'stock_lot_idx'")" 1
}

@test "a plan is carried out with a writer in the way, over what is there already, and once more" {
	stock s.db 3000
	printf 'stock (date)\nstock (lot) where (quantity > 3)\n' >want
	dbm-index --want want --plan s.db >plan
	hold s.db 'BEGIN IMMEDIATE'
	run dbm-index --apply plan --wait 1s
	assert_failure
	assert_output --partial "a writer is at work (process $holder)"
	release
	run --separate-stderr dbm-index --apply plan
	assert_equal "$status" 0
	assert_equal "$(cut -f 1-4 <<<"$output")" $'s.db#stock\tcreate\tstock_date_idx\tcreated
s.db#stock\tcreate\tstock_lot_idx\tcreated
s.db#stock\tanalyze\t\\N\tanalyzed'
	run --separate-stderr dbm-index --apply plan
	assert_equal "$(cut -f 1-4 <<<"$output")" $'s.db#stock\tcreate\tstock_date_idx\tthere
s.db#stock\tcreate\tstock_lot_idx\tthere'
	run --separate-stderr dbm-index --want want --plan s.db
	assert_equal "$status:$output" 0:
	unharmed s.db 3000
}

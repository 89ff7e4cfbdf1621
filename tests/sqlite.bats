load helper

LOOKS=20 # for each kind of writer

# FILE SQL...: in one go.
sql() { python3 - "$@" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    db.executescript(statement)
PY
}

# FILE SQL SQL: the second and the third are done, and a writer dies behind them as kill -9 lets it.
dead_writer() { python3 - "$@" <<'PY' || true
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    db.execute("PRAGMA cache_size = 1") # pages go to the file before the transaction is done
    for part in statement.split(";"):
        db.execute(part).fetchall()
os.kill(os.getpid(), 9)
PY
}

# FILE SQL: a writer that has done this stays, until the file `go` is there.
live_writer() {
	python3 - "$@" <<'PY' &
import os, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for part in sys.argv[2].split(";"):
    db.execute(part).fetchall()
open("ready", "w").close()
for _ in range(3000):
    if os.path.exists("go"):
        break
    time.sleep(0.01)
PY
	writer=$!
	for _ in $(seq 1000); do [ -e ready ] && break; sleep 0.01; done
	rm ready
}

end_writer() { touch go; wait "$writer"; rm go; }

# What lies in a folder: names, times, inodes, contents.
folder() { (cd "$1" && find . -printf '%p %i %s %T@ %C@ %m\n' | sort && find . -type f -print0 | sort -z | xargs -0r sha256sum); }

helpers() { grep -c '^helper ' "$1" || true; }
events() { grep -c "^$2" "$1" || true; }

# KIB COMMAND...: the most memory that it, or a helper of its, had.
within() {
	python3 -c '
import os, sys
pid = os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
if usage.ru_maxrss > int(sys.argv[1]) and os.environ.get("DBM_VARIANT") != "san":
    sys.exit(f"{usage.ru_maxrss} KiB")
sys.exit(os.waitstatus_to_exitcode(status))' "$@"
}

WAL="PRAGMA journal_mode = WAL; CREATE TABLE t (a)"

@test "WAL without a -wal, or with an empty one: read, and nothing is made beside it" {
	mkdir d
	sql d/x.db "$WAL; INSERT INTO t VALUES (1), (2)"
	before=$(folder d)
	run dbm-linecount -b d/x.db
	assert_output 2
	run dbm-preview d/x.db
	assert_output $'a\n1\n2'
	assert_equal "$(folder d)" "$before"
	: >d/x.db-wal
	before=$(folder d)
	run dbm-linecount -b d/x.db
	assert_output 2
	assert_equal "$(folder d)" "$before"
}

@test "WAL, a live writer: what is committed and no more" {
	mkdir d
	live_writer d/x.db "$WAL; INSERT INTO t VALUES (1), (2); BEGIN; INSERT INTO t VALUES (3)"
	before=$(cd d && sha256sum ./*)
	run dbm-linecount -b d/x.db
	assert_output 2
	run dbm-preview --tail -n 1 d/x.db
	assert_output $'a\n2'
	assert_equal "$(cd d && sha256sum ./*)" "$before"
	end_writer
	live_writer d/x.db 'BEGIN EXCLUSIVE; INSERT INTO t VALUES (3)'
	run dbm-linecount -b d/x.db
	assert_output 2
	end_writer
	run dbm-linecount -b d/x.db
	assert_output 2
	assert_equal "$(ls d)" x.db
}

@test "WAL, a writer that died: what it committed, with its -shm or without; nothing changes" {
	mkdir d
	dead_writer d/x.db "$WAL; INSERT INTO t VALUES (1), (2); BEGIN; INSERT INTO t SELECT 3 FROM t, t, t"
	assert_equal "$(ls d)" $'x.db\nx.db-shm\nx.db-wal'
	for without in '' d/x.db-shm; do
		[ -z "$without" ] || rm $without
		before=$(folder d)
		run dbm-linecount -b d/x.db
		assert_output 2
		run dbm-preview d/x.db
		assert_output $'a\n1\n2'
		run dbm-list -k column d/x.db
		assert_output --partial 'd/x.db#t'
		assert_equal "$(folder d)" "$before"
	done
	for shm in 0 3 100 32768; do
		head -c $shm /dev/zero >d/x.db-shm
		before=$(folder d)
		run dbm-linecount -b d/x.db
		assert_output 2
		assert_equal "$(folder d)" "$before"
	done
}

@test "WAL in a folder one may not write, and files one may only read, or not at all" {
	mkdir d
	dead_writer d/x.db "$WAL; INSERT INTO t VALUES (1), (2)"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" . d
	chmod 644 d/*
	before=$(folder d)
	programs=$(dirname "$(command -v dbm-linecount)")
	cp -r "$programs" "$programs/../libexec" "$BATS_TEST_TMPDIR"
	count=$BATS_TEST_TMPDIR/bin/dbm-linecount
	run as_nobody "$count" -b "$PWD/d/x.db"
	assert_output 2
	live_writer d/x.db 'INSERT INTO t VALUES (3); BEGIN; INSERT INTO t VALUES (4)'
	run as_nobody "$count" -b "$PWD/d/x.db"
	assert_output 3
	end_writer
	run as_nobody "$count" -b "$PWD/d/x.db"
	assert_output 3
	dead_writer d/x.db 'INSERT INTO t VALUES (4)'
	chmod 644 d/*
	rm d/x.db-shm
	before=$(folder d)
	run as_nobody "$count" -b "$PWD/d/x.db"
	assert_output 4
	chmod 000 d/x.db-wal
	run as_nobody "$count" -b "$PWD/d/x.db"
	assert_failure
	chmod 000 d/x.db
	run as_nobody "$count" -b "$PWD/d/x.db"
	assert_equal "$output" "dbm-linecount: $PWD/d/x.db: cannot open: Permission denied"
	assert_equal "$(ls d)" $'x.db\nx.db-wal'
}

@test "a writer in a loop: every look is right, whatever the journal" {
	for mode in delete truncate persist wal wal-reopened wal-checkpointed wal-truncated wal-killed delete-killed switched; do
		mkdir $mode
		run env -C $mode DBM_BIN="$(dirname "$(command -v dbm-list)")" python3 "$TOP/tests/sqlite_writers.py" $mode $LOOKS
		echo "$output" >&3
		assert_success
	done
}

@test "rollback mode, a writer that died half way: a sentence, and no row of its" {
	mkdir d
	sql d/x.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)'
	dead_writer d/x.db "BEGIN; WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 5000) INSERT INTO t SELECT hex(zeroblob(100)) FROM c"
	assert [ -s d/x.db-journal ]
	before=$(folder d)
	for p in $PROGRAMS; do
		run "$p" d/x.db
		assert_equal "$status" 4
		assert_output "$p: d/x.db: a writer died half way: open it once for writing (sqlite3), which rolls that back"
	done
	assert_equal "$(folder d)" "$before"
	sql d/x.db 'SELECT * FROM t'
	run dbm-linecount -b d/x.db
	assert_output 2
}

@test "a lock that is held: a sentence within about a second, or by --timeout" {
	sql x.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1)'
	live_writer x.db 'BEGIN EXCLUSIVE'
	start=$(date +%s%N)
	run dbm-linecount x.db
	took=$((($(date +%s%N) - start) / 1000000))
	assert_equal "$status" 4
	assert_output 'dbm-linecount: x.db: is locked by a writer (waited 1 s)'
	assert [ $took -ge 900 ]
	start=$(date +%s%N)
	run dbm-linecount --timeout 300ms x.db
	assert_equal "$status" 4
	assert [ $((($(date +%s%N) - start) / 1000000)) -lt $took ]
	end_writer
	live_writer x.db 'BEGIN IMMEDIATE; INSERT INTO t VALUES (2)'
	run dbm-linecount -b x.db
	assert_output 1
	end_writer
}

@test "1,000 tables: one helper, and as many statements as for three" {
	sql three.db 'CREATE TABLE a (x, y REFERENCES b); CREATE INDEX i ON a (x); CREATE TABLE b (x); CREATE TABLE c (x)'
	python3 -c "
import sqlite3
db = sqlite3.connect('many.db', isolation_level=None)
db.executescript('BEGIN;' + ';'.join(f'CREATE TABLE t{i:04} (x, y REFERENCES t0001); CREATE INDEX i{i:04} ON t{i:04} (x)' for i in range(1000)) + ';COMMIT')"
	for kind in table column index fk; do
		rm -f few many
		dbm-list -k $kind --trace few three.db >/dev/null
		run dbm-list -k $kind --trace many many.db
		assert_success
		assert_equal "${#lines[@]}" "$([ $kind = column ] && echo 2000 || echo 1000)"
		assert_equal "$(helpers many) $(events many statement)" "1 $(events few statement)"
	done
	for program in dbm-index 'dbm-index --check' dbm-schema; do
		rm -f few many
		run $program --trace few three.db
		run $program --trace many many.db
		assert [ "${#lines[@]}" -ge 1000 ]
		assert_equal "$(helpers many) $(events many statement)" "1 $(events few statement)"
	done
	rm -f trace
	dbm-list many.db | head -50 | dbm-preview --trace trace - >/dev/null
	assert_equal "$(helpers trace) $(events trace connect)" '1 1'
	rm -f trace
	dbm-linecount --trace trace many.db >/dev/null
	assert_equal "$(helpers trace) $(events trace connect)" '1 1'
}

@test "cells of 100 MB, in a row of 1,600 columns too: little memory, little traffic, the right bytes" {
	python3 -c "
import sqlite3
db = sqlite3.connect('x.db', isolation_level=None)
db.execute('PRAGMA journal_mode = OFF')
db.execute('CREATE TABLE big (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB, last)')
db.execute('INSERT INTO big VALUES (1, ?, zeroblob(104857600), 5)', ('é' * 52428800,))
db.execute(\"INSERT INTO big VALUES (2, 'x', x'00', 6)\")
db.execute('CREATE TABLE wide (' + ','.join(f'c{i}' for i in range(1600)) + ')')
for _ in range(2):
    db.execute('INSERT INTO wide VALUES (' + ','.join('?' * 1600) + ')', ['L' * 1000000 if i in (3, 800, 1599) else i for i in range(1600)])"
	for flags in '' --tail --sample '--offset 1' '-c text,bytes' '-c last,id'; do
		for table in big wide; do
			[ $table = wide ] && [ "${flags#-c}" != "$flags" ] && continue
			rm -f trace
			within 16384 dbm-preview -qf json --trace trace $flags "x.db#$table" >"$table$flags"
			assert [ "$(bytes_read trace)" -le 1048576 ]
		done
	done
	run python3 - <<'PY'
import base64, json
for name in ("big", "big--tail", "big--sample"):
    one, two = [json.loads(line) for line in open(name)]
    row = one["row"]
    assert row["text"].rstrip("…") == "é" * 2048 and base64.b64decode(row["bytes"]["b64"]) == bytes(4096), row
    assert one["cut"] == ["text", "bytes"] and row["last"] == 5 and "cut" not in two
    assert two["row"] == {"id": 2, "text": "x", "bytes": {"b64": "AA=="}, "last": 6}
assert [json.loads(line)["row"]["last"] for line in open("big-c last,id")] == [5, 6]
for line in open("wide"):
    record = json.loads(line)
    assert record["cut"] == ["c3", "c800", "c1599"]
    for number, cell in enumerate(record["row"].values()):
        assert cell == ("L" * 4096 + "…" if number in (3, 800, 1599) else number)
assert sum(1 for _ in open("wide")) == 2 and sum(1 for _ in open("wide--offset 1")) == 1
PY
	assert_output ''
	within 16384 dbm-linecount -b x.db#big
}

@test "a number that is cut is no number" {
	python3 -c 'import sqlite3; sqlite3.connect("n.db").executescript("create table t(i int, r real, s int); insert into t values (123456789, 1234.5678, 7)")'
	run dbm-preview -qf json --width 4 n.db#t
	assert_output '{"ref":"n.db#t","row":{"i":"1234…","r":"1234…","s":7},"cut":["i","r"]}'
}

@test "--width 0 shows a large cell whole; UTF-16, no UTF-8, NULs" {
	python3 -c "
import sqlite3
for name, encoding in (('8', 'UTF-8'), ('16le', 'UTF-16le'), ('16be', 'UTF-16be')):
    db = sqlite3.connect(name + '.db', isolation_level=None)
    db.execute(f\"PRAGMA encoding = '{encoding}'\")
    db.execute('CREATE TABLE t (a, b)')
    db.execute('INSERT INTO t VALUES (?, ?)', ('é' * 5000000, 'x\0y'))
    db.execute('INSERT INTO t VALUES (?, ?)', ('🙂', b'\xff'))
db = sqlite3.connect('odd.db', isolation_level=None)
db.execute('CREATE TABLE t (a)')
db.execute(\"INSERT INTO t VALUES (CAST(x'61ff00' AS TEXT)), ('a' || char(0) || 'b')\")"
	for name in 8 16le 16be; do
		run bash -c "dbm-preview -f json --width 0 $name.db | python3 -c '
import json, sys
one, two = [json.loads(line)[\"row\"] for line in sys.stdin]
assert one == {\"a\": \"é\" * 5000000, \"b\": \"x\0y\".replace(\"\\\\0\", chr(0))} and two == {\"a\": \"🙂\", \"b\": {\"b64\": \"/w==\"}}
'"
		assert_output ''
		run dbm-preview -qf json --width 4 -c a $name.db
		assert_line --index 0 "{\"ref\":\"$name.db#t\",\"row\":{\"a\":\"éé…\"},\"cut\":[\"a\"]}"
		run dbm-preview -q --tail -n 1 -c a $name.db
		assert_output $'a\n🙂'
	done
	run dbm-preview -f json odd.db
	assert_output $'{"ref":"odd.db#t","row":{"a":{"b64":"Yf8A"}}}\n{"ref":"odd.db#t","row":{"a":"a\\u0000b"}}'
}

@test "columns named as rowids are; none; generated ones; tables that are named oddly" {
	sql x.db 'CREATE TABLE a (rowid, v); INSERT INTO a VALUES (9, 1), (8, 2)' \
		'CREATE TABLE b (rowid, oid, _rowid_); INSERT INTO b VALUES (3, 1, 1), (2, 1, 1), (1, 1, 1)' \
		'CREATE TABLE c (k PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO c VALUES (2, 1), (1, 2), (3, 3)' \
		'CREATE TABLE d (a, s AS (a * 2) STORED, v AS (a * 3)); INSERT INTO d VALUES (1), (2)' \
		'CREATE TABLE json_each (a); INSERT INTO json_each VALUES (4)' 'CREATE TABLE pragma_table_list (b)' \
		'CREATE TABLE table_info (c)' 'CREATE TABLE pragma_table_xinfo (d)' 'CREATE TABLE dbm_lines (e)'
	run dbm-preview --tail -n 1 x.db#a
	assert_output $'rowid,v\n8,2'
	run dbm-preview --tail -n 2 x.db#b
	assert_output $'rowid,oid,_rowid_\n2,1,1\n1,1,1'
	run dbm-preview --tail -n 2 x.db#c
	assert_output $'k,v\n2,1\n3,3'
	run bash -c 'dbm-preview -q --sample -n 3 x.db#c | sort'
	assert_output $'1,2\n2,1\n3,3\nk,v'
	run dbm-preview --tail -n 1 x.db#d
	assert_output $'a,s,v\n2,4,6'
	run dbm-preview -c v,2,a -n 1 x.db#d
	assert_output $'v,s,a\n3,2,1'
	run dbm-preview --sample x.db#json_each
	assert_output $'a\n4'
	run dbm-list x.db
	assert_success
	assert_equal "${#lines[@]}" 9
	run bash -c 'dbm-list -a x.db | dbm-linecount | wc -l'
	assert_output 10
}

@test "names of files: what SQLite's URIs, schemes and references would take for something else" {
	sql plain.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1)'
	mkdir 'd?mode=rwc' 'a b'
	for name in 'x?mode=rwc&x.db' 'x%41.db' 'x#y.db' 'sqlite:x.db' 'd?mode=rwc/x.db' 'a b/é%.db' 'file:x.db' $'n\nl.db' ':memory:' '-x.db'; do
		cp -- plain.db "./$name"
		run bash -c 'printf "%s\0" "$1" | dbm-linecount -b -0' - "$name"
		assert_output 1
		run bash -c 'printf "%s\0" "$1" | dbm-list -0 - | dbm-preview' - "$name"
		assert_output $'a\n1'
	done
	for name in "//$PWD/plain.db" "$PWD//plain.db" ./plain.db .//../work/plain.db sqlite:plain.db "sqlite:$PWD/plain.db" sqlite:plain.db#t; do
		run dbm-linecount -b "$name"
		assert_output 1
	done
	mkfifo fifo.db
	mkdir folder.db
	for name in fifo.db folder.db nothing.db; do
		run -4 timeout 5 dbm-list -k column sqlite:$name
		assert_output --regexp '(is not a file|No such file)'
	done
	run timeout 5 dbm-list fifo.db folder.db
	assert_success
	assert_equal "$(find . -name '*-wal' -o -name '*-shm' -o -name '*-journal')" ''
}

@test "kinds of tables are those that SQLite tells, whatever their names look like" {
	sql x.db 'CREATE VIRTUAL TABLE f5 USING fts5 (a); CREATE VIRTUAL TABLE "F_4" USING "FTS4" (a); CREATE VIRTUAL TABLE f3 USING fts3 (a);
		CREATE VIRTUAL TABLE r USING rtree (id, a, b); CREATE VIRTUAL TABLE ri USING rtree_i32 (id, a, b); CREATE TABLE f5_mine (x);
		CREATE TABLE r_x_node (x); CREATE TABLE _ (a); CREATE TABLE none_data (a); CREATE VIEW v AS SELECT 1; CREATE TABLE Users (a);
		CREATE INDEX i ON users (a); CREATE TRIGGER t AFTER INSERT ON USERS BEGIN SELECT 1; END; ANALYZE'
	run bash -c "dbm-list -a x.db | cut -f -2"
	assert_output "$(sqlite3 -separator $'\t' x.db "SELECT 'x.db#' || name, CASE WHEN type = 'shadow' OR name LIKE 'sqlite\_%' ESCAPE '\' THEN 'system' ELSE type END
		FROM pragma_table_list WHERE schema = 'main' ORDER BY name")"
	run bash -c "dbm-schema x.db#USERS | cut -f 2,3"
	assert_output $'column\ta\nindex\ti\ntable\t\\N\ntrigger\tt'
	assert_equal "$(dbm-preview x.db#SQLITE_MASTER)" "$(dbm-preview x.db#sqlite_schema)"
}

# Each names the one below twice: the last one comes to a million tables.
@test "20 views of views: those that come to too much fail alone, and soon" {
	python3 -c "
import sqlite3
db = sqlite3.connect('x.db', isolation_level=None)
db.executescript('CREATE TABLE t (a INTEGER PRIMARY KEY, b REFERENCES p); CREATE TABLE p (x PRIMARY KEY); CREATE VIEW v00 AS SELECT a FROM t;'
    + ''.join(f'CREATE VIEW v{i:02} AS SELECT x.a FROM v{i - 1:02} x JOIN v{i - 1:02} y ON x.a = y.a;' for i in range(1, 21)))
db.executescript('CREATE VIEW w AS WITH w0 AS (SELECT a FROM t)'
    + ''.join(f', w{i} AS (SELECT x.a FROM w{i - 1} x JOIN w{i - 1} y)' for i in range(1, 21)) + ' SELECT * FROM w20')"
	too_many='is made of too many views or columns: it takes more than 16 MiB of memory to look into them'
	run -0 bash -c 'dbm-list x.db | wc -l'
	assert_output 24
	run -0 bash -c 'dbm-schema x.db | cut -f 2 | grep -cx view'
	assert_output 22
	run -3 --separate-stderr dbm-list -k column x.db
	assert_line $'x.db#t\tcolumn\tb\t2\t\\N\ttrue\t\\N\t\\N\tdeclared'
	assert_line $'x.db#v09\tcolumn\ta\t1\tINTEGER\ttrue\t\\N\t\\N\tdeclared'
	assert_equal "$(grep -c "$too_many" <<<"$stderr")" 8
	# Views have no keys: what is found is all there is.
	run -1 --separate-stderr dbm-index --check=fk x.db
	assert_output --partial 'no index finds the rows that refer to a row of p'
	assert_equal "$stderr" ''
	for program in dbm-preview dbm-linecount; do
		run -3 --separate-stderr $program x.db#v20 x.db#w x.db#t x.db#v03
		assert_equal "$stderr" "$program: x.db#v20: $too_many
$program: x.db#w: $too_many"
	done
}

@test "views and virtual tables that fail, fail alone" {
	python3 -c "
import sqlite3
db = sqlite3.connect('x.db', isolation_level=None)
db.executescript('''
CREATE TABLE a (x); INSERT INTO a VALUES (1), (2);
CREATE VIEW badly AS SELECT * FROM nowhere;
CREATE VIEW ever AS WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c;
CREATE VIEW function AS SELECT st_area(x) FROM a;
CREATE VIEW hungry AS WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 100) SELECT group_concat(hex(zeroblob(10000000)) || n) g FROM c;
CREATE VIEW unsafe AS SELECT load_extension('x') l;
CREATE VIRTUAL TABLE words USING fts5 (body); INSERT INTO words VALUES ('one two');
CREATE VIRTUAL TABLE boxes USING rtree (id, x0, x1); INSERT INTO boxes VALUES (1, 0, 1);
CREATE TABLE z (x); INSERT INTO z VALUES (3);
PRAGMA writable_schema = ON;
INSERT INTO sqlite_schema VALUES ('table', 'module', 'module', 0, 'CREATE VIRTUAL TABLE module USING absent(x)');
INSERT INTO sqlite_schema VALUES ('table', 'tokens', 'tokens', 0, 'CREATE VIRTUAL TABLE tokens USING fts5(x, tokenize = none_such)');
''')
db.create_collation('own', lambda a, b: (a > b) - (a < b))
db.executescript('''CREATE TABLE sorted (x TEXT COLLATE own, y); INSERT INTO sorted VALUES ('p', 1), ('q', 2); CREATE INDEX i ON sorted (x)''')"
	run -3 --separate-stderr dbm-linecount --timeout "$([ "${DBM_VARIANT-}" = san ] && echo 20s || echo 8s)" x.db
	assert_equal "$(cut -f -2 <<<"$output")" $'x.db#a\t2\nx.db#boxes\t1\nx.db#sorted\t2\nx.db#words\t1\nx.db#z\t1'
	assert_equal "$stderr" "dbm-linecount: x.db#badly: no such table: main.nowhere
dbm-linecount: x.db#ever: takes too long: a view has 10 s, or half of --timeout
dbm-linecount: x.db#function: no such function: st_area
dbm-linecount: x.db#hungry: needs more than 256 MiB of memory
dbm-linecount: x.db#module: no such module: absent
dbm-linecount: x.db#tokens: no such tokenizer: none_such
dbm-linecount: x.db#unsafe: unsafe use of load_extension()"
	run dbm-preview -n 2 x.db#ever x.db#sorted
	assert_output $'n\n1\n2\n\nx,y\np,1\nq,2'
	run bash -c 'dbm-list x.db | grep -c words'
	assert_output 1
	run bash -c 'dbm-list -a x.db | grep words'
	assert_equal "$(cut -f -2 <<<"$output")" $'x.db#words\tvirtual
x.db#words_config\tsystem
x.db#words_content\tsystem
x.db#words_data\tsystem
x.db#words_docsize\tsystem
x.db#words_idx\tsystem'
}

@test "indexes: partial ones, expressions; ANALYZE tells about how many rows there are" {
	sql x.db 'CREATE TABLE t (a UNIQUE, b); WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 70) INSERT INTO t SELECT n, n FROM c' \
		'CREATE INDEX part ON t (b) WHERE b < 5' 'CREATE INDEX expression ON t (b + 1, a)'
	run bash -c 'dbm-list x.db | cut -f 2,3'
	assert_output $'table\t\\N'
	sql x.db ANALYZE
	run bash -c 'dbm-list x.db | cut -f 2,3'
	assert_output $'table\t70'
	run bash -c 'dbm-list -k index x.db | cut -f 3-7 | sort'
	assert_output $'expression\t(),a\tfalse\tindex\tfalse\npart\tb\tfalse\tindex\ttrue\nsqlite_autoindex_t_1\ta\ttrue\tunique\tfalse'
}

@test "--sample: each row at most once and in order, also where large cells are read by themselves" {
	sql x.db "CREATE TABLE t (n INTEGER PRIMARY KEY, b); WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 400)
		INSERT INTO t SELECT n, CASE WHEN n % 130 = 0 THEN zeroblob(5000000) END FROM c"
	for _ in $(seq 12); do
		dbm-preview -q --sample -n 300 --width 10 -f tsv x.db | cut -f 1 >drawn
		assert_equal "$(sort -nu drawn | wc -l)" 300
		sort -nc drawn
	done
}

@test "--sample takes any row; --offset, --tail, -c, --lines-of, --at-least" {
	sql x.db "CREATE TABLE t (n, l); INSERT INTO t VALUES (1, 'a' || char(10) || 'b'), (2, 'x'), (3, char(10, 10)), (4, ''), (5, NULL)" \
		'INSERT INTO t (rowid, n) VALUES (100, 6), (1000, 7), (-5, 0), (9223372036854775807, 8), (-9223372036854775808, -1)'
	for _ in $(seq 100); do dbm-preview -q --sample -n 1 -c n x.db | tail -1; done >drawn
	assert_equal "$(sort -nu drawn | paste -sd ' ')" '-1 0 1 2 3 4 5 6 7 8'
	run bash -c 'sort drawn | uniq -c | awk "\$1 > 30"'
	assert_output ''
	sql y.db "CREATE TABLE t (n); WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 10) INSERT INTO t SELECT n FROM c"
	for _ in $(seq 300); do dbm-preview -q --sample -n 1 y.db | tail -1; done >drawn
	run bash -c 'sort drawn | uniq -c | awk "\$1 >= 10 && \$1 <= 60" | wc -l'
	assert_output 10
	run bash -c 'dbm-preview -q --sample -n 7 y.db | tail -n +2'
	assert_equal "${#lines[@]}" 7
	assert_equal "$(sort -nu <<<"$output")" "$output"
	run bash -c 'dbm-preview -q --sample -n 100 y.db | wc -l'
	assert_output 11
	run dbm-preview --offset 8 y.db
	assert_output $'n\n9\n10'
	run dbm-preview --offset 10 y.db
	assert_output n
	run dbm-preview --tail -n 2 -c n x.db
	assert_output $'n\n7\n8'
	run dbm-preview -n 0 x.db
	assert_output n,l
	run -4 dbm-preview -c nope x.db
	assert_output 'dbm-preview: x.db#t: no such column: nope: it has n, l'
	run bash -c 'dbm-linecount --lines-of l x.db | cut -f 2-3'
	assert_output $'10\t3'
	run -1 dbm-linecount --at-least 11 -b x.db
	run -0 dbm-linecount --at-least 10 -b x.db
	run -4 dbm-linecount x.db#nothing
	assert_output 'dbm-linecount: x.db#nothing: no such table: it has t'
	# As it has to be written behind the #.
	sqlite3 odd.db 'create table "a b#c.d,e"(x)'
	run dbm-linecount odd.db#nothing
	assert_output 'dbm-linecount: odd.db#nothing: no such table: it has a%20b%23c%2Ed%2Ce'
	run dbm-linecount -b odd.db#a%20b%23c%2Ed%2Ce
	assert_output 0
}

@test "--lines-of in UTF-16: other characters have the byte of a line feed, too" {
	for encoding in UTF-16le UTF-16be; do
		sql $encoding.db "PRAGMA encoding = '$encoding'; CREATE TABLE t (a)" \
			"INSERT INTO t VALUES (char(266, 10, 2560, 2570)), (x'0a0a'), (char(10)), ('')"
		run bash -c "dbm-linecount --lines-of a $encoding.db | cut -f 2-3"
		assert_output $'4\t4'
	done
}

@test "functions of JSON in columns, indexes, views and checks are read, and indexes beside them made" {
	sql x.db "CREATE TABLE t (d, y AS (d ->> 'y') STORED, z AS (json_extract(d, '$.z')), CHECK (json_valid(d)))" \
		"CREATE INDEX i ON t (json_extract(d, '$.y'))" "INSERT INTO t (d) VALUES ('{\"y\": 1, \"z\": 2}')" \
		"CREATE VIEW v AS SELECT json_extract(d, '$.y') AS y FROM t"
	run dbm-preview -f tsv 'x.db#t'
	assert_output $'{"y": 1, "z": 2}\t1\t2'
	run dbm-preview -f tsv 'x.db#v'
	assert_output 1
	run dbm-linecount -b x.db
	assert_output $'1\n1'
	echo 't (z)' >want
	dbm-index --want want --plan x.db >plan
	run -0 dbm-index --apply plan
	assert_output --partial created
	# What only its check needs.
	sql c.db "CREATE TABLE t (a, b, CHECK (json_valid(a)))"
	echo 't (b)' >want
	dbm-index --want want --plan c.db >plan
	run -0 dbm-index --apply plan
	assert_output --partial created
}

@test "what has effects, or tells of the process, is no part of a view" {
	sql x.db "CREATE TABLE t (a)" "CREATE VIEW f AS SELECT load_extension('x')" "CREATE VIEW p AS SELECT * FROM pragma_database_list"
	run -4 dbm-preview 'x.db#f'
	assert_output --partial 'unsafe use of load_extension()'
	run -4 dbm-preview 'x.db#p'
	assert_output --partial 'unsafe use of virtual table'
	# Also where functions of JSON are trusted.
	sql j.db "CREATE TABLE t (d, y AS (d ->> 'y'))" "CREATE VIEW f AS SELECT load_extension('x')"
	run -4 dbm-preview 'j.db#f'
	assert_output --partial 'load_extension()'
}

@test "no tables at all; a file cut short; one that becomes another" {
	sql empty.db 'CREATE TABLE t (a); DROP TABLE t'
	for p in $PROGRAMS; do
		run "$p" empty.db
		assert_output ''
	done
	run -4 dbm-linecount empty.db#t
	assert_output 'dbm-linecount: empty.db#t: no such table: it has none'
	sql x.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1)'
	for n in 50 99 100 512 4096; do
		head -c $n x.db >short.db
		run -4 timeout 5 dbm-linecount short.db#t
		assert_output --regexp '(is damaged|cut short)'
	done
	(head -c 4096 x.db; head -c 4096 /dev/zero) >zero.db
	run -4 dbm-linecount zero.db#t
	assert_output --partial 'is damaged'
	sql y.db 'CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2), (3, 4)'
	for i in $(seq 30); do
		cp x.db new; mv new z.db
		{ cp y.db new; mv new z.db; } &
		run dbm-preview -f tsv z.db#t
		wait $!
		assert_output --regexp $'^(1|1\t2\n3\t4)$'
	done
}

@test "a link to a database in WAL mode: what is beside the file itself counts" {
	mkdir real
	python3 - <<'PY'
import os, sqlite3
db = sqlite3.connect("real/x.db")
db.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1), (2)")
db.commit()
os.symlink("real/x.db", "link.db")
os.system("dbm-linecount -b 'link.db#t' >count")
PY
	assert_equal "$(cat count)" 2
}

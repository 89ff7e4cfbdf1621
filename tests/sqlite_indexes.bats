# What is said of the indexes, the foreign keys and the schema of SQLite files.  The verdicts are tests/index_truth.py's.
load helper

# FILE SQL: makes it.
sql() { python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).executescript(sys.argv[2])' "$@"; }

# What the helper says of x.db: rows as JSON.
ask() { python3 "$TOP/tests/pg/ask" "${DBM_BIN:-$TOP/bin}/../libexec/dbm-source-sqlite" sqlite:x.db "$@"; }

# N QUESTION...: the cells of its rows behind the first N, with bars between them.
told() {
	ask "${@:2}" | python3 -c '
import json, sys
for line in sys.stdin:
    if line.startswith("["):
        print(*("~" if cell is None else cell for cell in json.loads(line)[int(sys.argv[1]):]), sep="|")' "$1"
}

@test "indexes: quotes, comments, expressions, predicates are told apart" {
	sql x.db 'CREATE TABLE "t (" ("a, b" INT, [c] TEXT COLLATE nocase, d, e AS (d) STORED);
		CREATE INDEX "i WHERE" ON "t (" ("a, b" /* ) WHERE */, lower([c]) COLLATE rtrim DESC, "missing", e -- )
		) where "a, b" NOT NULL AND d <> '"' WHERE ('"' /* end */'
	run told 1 indexes
	assert_line --index 0 --partial 'i WHERE|a%2C%20b,(),(),e|false|index|true|CREATE INDEX'
	run ask indexes
	assert_line --partial '"btree", "\"a, b\" NOT NULL AND d <> '"' WHERE ('"'", "true", "false", "false"'
	run told 1 index_keys
	assert_output 'i WHERE|1|a, b|~|false|false|true|BINARY|false|numeric|~
i WHERE|2|~|lower([c])|false|true|false|RTRIM|true||~
i WHERE|3|~|"missing"|false|false|true|BINARY|false||~
i WHERE|4|e|~|false|false|true|BINARY|false|blob|~'
}

@test "a view that fails is no part of what is said of indexes" {
	sql x.db 'CREATE TABLE t (a); CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT * FROM gone'
	run -0 --separate-stderr bash -c 'dbm-index x.db | cut -f 1-3'
	assert_output $'x.db#t\ti\ta'
	assert_equal "$stderr" ''
	run -0 dbm-index --check x.db
	refute_output
	run -3 --separate-stderr dbm-list -k column x.db
	assert_equal "$stderr" 'dbm-list: x.db: v: no such table: main.gone'
}

@test "--want: what is no table can have no index, and none is planned" {
	sql x.db 'CREATE TABLE t (a); CREATE VIEW v AS SELECT * FROM t; CREATE VIRTUAL TABLE f USING fts5(a)'
	printf '%s (a)\n' t v f >want
	run -1 bash -c 'dbm-index --want want x.db | cut -f 1,3,4,6; exit ${PIPESTATUS[0]}'
	assert_output 'x.db#t	missing	warning	line 1 of the want file: there is no such index
x.db#v	wrong	error	line 2 of the want file: v is a view, which has no indexes
x.db#f	wrong	error	line 3 of the want file: f is a virtual table, which has no indexes'
	run -3 --separate-stderr bash -c 'dbm-index --plan --want want x.db | cut -f 1; exit ${PIPESTATUS[0]}'
	assert_output 'x.db#t'
}

@test "index_keys: families by affinity, collations that are not the column's" {
	sql x.db 'CREATE TABLE t (a BIGINT, b "FLOATING POINT", c VARCHAR(9) COLLATE Nocase, d, e DATE, f CLOB, g ANY, h "BLOB");
		CREATE TABLE s (a ANY, b INT) STRICT;
		CREATE INDEX i ON t (a, b, c, d, e, f, g, h); CREATE INDEX j ON t (c COLLATE binary, f COLLATE NOCASE DESC); CREATE INDEX k ON s (a, b)'
	told 1 index_keys | cut -d '|' -f 1,3,6-10 >out
	run cat out
	assert_output 'k|a|false|true|BINARY|false|blob
k|b|false|true|BINARY|false|numeric
j|c|false|true|BINARY|true|text
j|f|true|false|NOCASE|true|text
i|a|false|true|BINARY|false|numeric
i|b|false|true|BINARY|false|numeric
i|c|false|true|NOCASE|false|text
i|d|false|true|BINARY|false|blob
i|e|false|true|BINARY|false|numeric
i|f|false|true|BINARY|false|text
i|g|false|true|BINARY|false|numeric
i|h|false|true|BINARY|false|blob'
}

@test "the rowid is told of where leaves are wanted, and nowhere listed" {
	sql x.db 'CREATE TABLE a (id INTEGER PRIMARY KEY, b); CREATE TABLE b (id INTEGER PRIMARY KEY DESC); CREATE TABLE c (d);
		CREATE TABLE d (id INTEGER PRIMARY KEY) WITHOUT ROWID; CREATE VIEW v AS SELECT * FROM a; CREATE VIRTUAL TABLE f USING fts5(t)'
	run told 0 indexes leaves -- index_keys leaves
	assert_output 'a|sqlite_rowid|id|true|rowid|false|~|btree|~|true|false|false|~|~|~|~|~|false
b|sqlite_autoindex_b_1|id|true|primary key|false|~|btree|~|true|false|false|~|~|~|~|~|false
d|sqlite_autoindex_d_1|id|true|primary key|false|~|btree|~|true|false|false|~|~|~|~|~|false
a|sqlite_rowid|1|id|~|false|false|true|~|false|numeric|~
b|sqlite_autoindex_b_1|1|id|~|false|true|false|BINARY|false|numeric|~
d|sqlite_autoindex_d_1|1|id|~|false|false|true|BINARY|false|numeric|~'
	run dbm-list -k index x.db
	refute_output --partial rowid
	run dbm-index x.db
	refute_output --partial rowid
}

@test "sizes of indexes are known where they are wanted" {
	sql x.db "CREATE TABLE t (a); CREATE INDEX i ON t (a); INSERT INTO t SELECT value FROM json_each('[' || substr(replace(hex(zeroblob(999)), '00', ',1'), 2) || ']')"
	run told 14 indexes -- indexes sizes
	assert_line --index 0 '~|~|~|false'
	want=$(python3 -c 'import sqlite3; print(sqlite3.connect("x.db").execute("SELECT sum(pgsize) FROM dbstat WHERE name = \"i\"").fetchone()[0])' 2>/dev/null) || want='~'
	assert_line --index 1 "$want|~|~|false"
}

@test "foreign keys: what they refer to, and how" {
	sql x.db 'CREATE TABLE p (k INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE UNIQUE, o, x); CREATE UNIQUE INDEX u ON p (o, n); CREATE VIEW v AS SELECT 1 k;
		CREATE UNIQUE INDEX w ON p (x) WHERE x;
		CREATE TABLE c (a REFERENCES p, b TEXT REFERENCES P (N) ON DELETE CASCADE, d REFERENCES p (o), e REFERENCES p (x), f REFERENCES gone,
		g REFERENCES p (gone), h REFERENCES v (k), FOREIGN KEY (a, b) REFERENCES p (n, o) DEFERRABLE INITIALLY DEFERRED)'
	run told 2 foreign_keys
	assert_output 'a,b|p|n,o|NO ACTION|NO ACTION|1|true|true|true|~
h|v|k|NO ACTION|NO ACTION|2|true|false|true|~
g|p|gone|NO ACTION|NO ACTION|3|false|~|true|~
f|gone|~|NO ACTION|NO ACTION|4|false|~|true|~
e|p|x|NO ACTION|NO ACTION|5|true|false|true|~
d|p|o|NO ACTION|NO ACTION|6|true|false|true|~
b|P|N|NO ACTION|CASCADE|7|true|true|true|~
a|p|~|NO ACTION|NO ACTION|8|true|true|true|~'
	run told 1 foreign_key_columns
	assert_output '1|1|a|n|NOCASE|numeric,text,blob|true
1|2|b|o|BINARY|numeric,text,blob|false
2|1|h|k|~|~|~
3|1|g|gone|~|~|~
4|1|f|~|~|~|~
5|1|e|x|BINARY|numeric,text,blob|false
6|1|d|o|BINARY|numeric,text,blob|false
7|1|b|n|NOCASE|numeric,text,blob|true
8|1|a|k|BINARY||false'
}

SCHEMA='CREATE TABLE p (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL COLLATE NOCASE DEFAULT '"'a  b'"', UNIQUE (name));
CREATE TABLE c (a INT REFERENCES p ON DELETE CASCADE, b VARCHAR(20) CHECK (b <> '"')'"'), d AS (a + 1), CONSTRAINT pk PRIMARY KEY (a, b DESC)) WITHOUT ROWID;
CREATE UNIQUE INDEX i ON c (b COLLATE NOCASE, lower(b) DESC) WHERE b IS NOT NULL;
CREATE VIEW v AS SELECT a FROM c WHERE b = '"'A  b'"';
CREATE TRIGGER t AFTER INSERT ON p BEGIN SELECT 1; END;'

@test "schema: each thing is a line in words of its own" {
	sql x.db "$SCHEMA"
	run dbm-schema x.db
	assert_output "$(tsv 'x.db#c|check|\N|\N|(b <> '"')'"')' 'x.db#c|column|a|1|INT' 'x.db#c|column|b|2|VARCHAR(20)' \
		'x.db#c|column|d|3|no type GENERATED ALWAYS AS (a + 1) VIRTUAL' \
		'x.db#c|foreign key|\N|\N|(a) REFERENCES p ON DELETE CASCADE' \
		'x.db#c|index|i|\N|UNIQUE (b COLLATE NOCASE, lower(b) DESC) WHERE b IS NOT NULL' \
		'x.db#c|primary key|pk|\N|(a, b DESC)' 'x.db#c|table|\N|\N|table without rowid' \
		'x.db#p|column|id|1|INTEGER' 'x.db#p|column|name|2|TEXT COLLATE NOCASE NOT NULL DEFAULT '"'a  b'" \
		'x.db#p|primary key|\N|\N|(id) AUTOINCREMENT' 'x.db#p|table|\N|\N|table' \
		'x.db#p|trigger|t|\N|AFTER INSERT ON p BEGIN SELECT 1; END' 'x.db#p|unique|\N|\N|(name)' \
		'x.db#v|view|\N|\N|SELECT a FROM c WHERE b = '"'A  b'")"
}

@test "schema: neither order nor layout, comments, quotes, case of key words make a difference" {
	sql x.db "$SCHEMA"
	dbm-schema x.db >wanted
	rm x.db
	sql x.db 'create table "c" (a int /* , */ references [p] on delete cascade, "b" varchar ( 20 ), d generated always as ("a"+1) virtual,
		constraint pk primary key (a asc, b desc), -- )
		check("b"<>'"')'"')) without rowid;
		create view v as select a from c -- all
		where b='"'A  b'"';
		create unique index if not exists main.i on c("b" collate nocase,LOWER(b) desc) where b is not null;
		create table p (id integer, [name] text collate nocase default ('"'a  b'"') unique not null, primary key(id autoincrement));
		create trigger t after insert on p begin select 1 ; end;'
	dbm-schema --refresh x.db | sed 's/LOWER/lower/' >got
	run diff wanted got
	assert_success
}

@test "schema: what does not know one has it made of its columns, indexes and foreign keys" {
	run dbm-schema people.csv
	assert_output "$(tsv 'people.csv|column|id|1|integer' 'people.csv|column|name|2|text' 'people.csv|table|\N|\N|file')"
}

@test "schema: 200 tables of awkward names, each once" {
	python3 -c '
import sqlite3
db = sqlite3.connect("x.db")
for i in range(200):
    name = f"t{i} \"(--/*,\x27"
    quoted = "\"" + name.replace("\"", "\"\"") + "\""
    db.execute(f"CREATE TABLE {quoted} ({quoted} INT CHECK ({quoted} > 0), UNIQUE ({quoted} DESC))")
    index = quoted.replace("t", "i", 1)
    db.execute(f"CREATE INDEX {index} ON {quoted} ({quoted}, +{quoted}) WHERE {quoted} <> 1")
db.commit()'
	run dbm-schema -q x.db
	assert_success
	assert_equal "${#lines[@]}" 1000
	run dbm-index -q x.db
	assert_success
	assert_equal "${#lines[@]}" 400
}

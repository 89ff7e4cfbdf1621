load helper

# What the server facts:s has of tables and of their schema.
tables() { facts s tables 'name|kind|rows_estimate|bytes|modified|format|compression|coverage' "${@/%/|table|\\N|\\N|\\N|\\N|\\N|\\N}"; }
schema() { facts s schema 'table|kind|name|position|definition' "$@"; }
usual() {
	tables main.a main.b
	schema 'main.a|table|\N|\N|table' 'main.a|column|x|1|integer' 'main.a|column|y|3|text' 'main.b|column|q|1|text' 'main.b|primary key|\N|\N|(q)'
}
# Without times.
untimed() { sed -E 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/NOW/g'; }
recorded() { echo "$XDG_STATE_HOME"/dbm/schema/*/; }

@test "a record a line of the schema, sorted, with columns in their order and without gaps" {
	usual
	schema 'main.b|primary key|\N|\N|(q)' 'main.a|column|y|7|text' 'main.b|column|q|2|text' 'main.a|table|\N|\N|table' 'main.a|column|z|3|integer'
	run --separate-stderr dbm-schema -H facts:s
	assert_success
	assert_equal "$stderr" ''
	assert_output - <<'END'
ref	kind	name	position	definition
facts:s#main.a	column	z	1	integer
facts:s#main.a	column	y	2	text
facts:s#main.a	table	\N	\N	table
facts:s#main.b	column	q	1	text
facts:s#main.b	primary key	\N	\N	(q)
END
	run cat s/asked
	assert_output schema
	run dbm-schema -f json facts:s
	assert_line --index 0 --regexp '^\{"ref":"facts:s#main.a","kind":"column","name":"z","position":1,"definition":"integer","method":"catalog"'
}

@test "without operands references are read on standard input" {
	mkdir shop
	cp people.csv shop
	run --separate-stderr bash -c 'dbm-list shop | dbm-schema'
	assert_equal "$status:$stderr:$output" "0::$(dbm-schema shop)"
	assert_line --index 0 $'shop/people.csv\tcolumn\tid\t1\tinteger'
	run --separate-stderr bash -c 'dbm-list shop | dbm-schema --record | cut -f 1,2'
	assert_equal "$status:$stderr:$output" $'0::shop/people.csv\t1'
	echo name >shop/people.csv
	run --separate-stderr bash -c 'dbm-list shop | dbm-schema --check | cut -f 1-4; exit "${PIPESTATUS[1]}"'
	assert_equal "$status:$stderr:$output" $'1::shop/people.csv\t-\tcolumn\tid'
}

@test "--record: numbered versions of what has changed; --log: what changed; a table that goes and comes" {
	usual
	run --separate-stderr dbm-schema --record -H facts:s
	assert_equal "$status:$stderr" 0:
	assert_equal "$(untimed <<<"$output")" "$(tsv 'ref|version|time|added|removed|changed|summary' 'facts:s#main.a|1|NOW|3|0|0|first recorded' 'facts:s#main.b|1|NOW|2|0|0|first recorded')"
	run --separate-stderr dbm-schema --record facts:s
	assert_equal "$status:$stderr:$output" 0::
	schema 'main.a|table|\N|\N|unlogged table' 'main.a|column|y|1|text' 'main.a|column|x|2|integer' 'main.a|index|i|\N|(x)'
	tables main.a
	run --separate-stderr dbm-schema --record facts:s
	assert_equal "$(untimed <<<"$output")" "$(tsv 'facts:s#main.a|2|NOW|1|0|2|+ index i, ~ table, ~ order' 'facts:s#main.b|2|NOW|0|2|0|gone')"
	usual
	run --separate-stderr dbm-schema --record facts:s
	assert_equal "$(untimed <<<"$output")" "$(tsv 'facts:s#main.a|3|NOW|0|1|2|- index i, ~ table, ~ order' 'facts:s#main.b|3|NOW|2|0|0|there again')"
	run --separate-stderr dbm-schema --log facts:s
	assert_equal "$status:$stderr:$(wc -l <<<"$output")" 0::6
	rm -r s
	run --separate-stderr dbm-schema --log facts:s#b
	assert_equal "$status:$stderr" 0:
	assert_equal "$(untimed <<<"$output")" "$(tsv 'facts:s#main.b|1|NOW|2|0|0|first recorded' 'facts:s#main.b|2|NOW|0|2|0|gone' 'facts:s#main.b|3|NOW|2|0|0|there again')"
	run --separate-stderr dbm-schema --log
	assert_equal "$(wc -l <<<"$output")" 6
}

@test "--record of a table: that one alone; the others are neither recorded nor gone" {
	usual
	dbm-schema --record facts:s >out
	tables main.b
	schema 'main.b|column|q|1|integer'
	run --separate-stderr dbm-schema --record facts:s#main.b
	assert_equal "$(untimed <<<"$output")" "$(tsv 'facts:s#main.b|2|NOW|0|1|1|~ column q, - primary key')"
	run cat s/asked
	assert_line 'schema table=main.b'
}

@test "a table whose schema cannot be had is neither changed nor gone, and that is said" {
	usual
	dbm-schema --record facts:s >out
	schema 'main.a|table|\N|\N|table' 'main.a|column|x|1|integer' 'main.a|column|y|3|\N'
	for how in --record --check; do
		run --separate-stderr dbm-schema $how facts:s
		assert_equal "$status:$output" 3:
		assert_equal "$stderr" "dbm-schema: facts:s#main.a: not all of its schema can be had at present"
	done
	schema 'main.a|table|\N|\N|table' 'main.a|column|x|1|integer' 'main.a|column|y|3|text'
	run --separate-stderr dbm-schema --check facts:s
	assert_equal "$status:$output:$stderr" 0::
	# So it is with a file that cannot be read.
	mkdir two
	printf 'a,b\n1,2\n' | tee two/a.csv >two/b.csv
	gzip -c two/b.csv >two/c.csv.gz
	dbm-schema --record two >out
	ln -sf nowhere two/b.csv
	echo nothing >two/c.csv.gz
	for how in --record --check; do
		run --separate-stderr dbm-schema $how two
		assert_equal "$status:$output" 3:
		assert_equal "$stderr" $'dbm-schema: two: c.csv.gz: is named .gz but holds no gzip data\ndbm-schema: two: b.csv: No such file or directory'
	done
}

@test "--check: 0 for no drift, 1 for some; what was never recorded, and what does not answer, does not pass" {
	usual
	run --separate-stderr dbm-schema --check facts:s
	assert_equal "$status:$output:$stderr" '4::dbm-schema: facts:s: was never recorded'
	dbm-schema --record facts:s >out
	run --separate-stderr dbm-schema --check facts:s facts:s#main.b
	assert_equal "$status:$output:$stderr" 0::
	run --separate-stderr dbm-schema --check facts:s facts:t
	assert_equal "$status:$output" 3:
	schema 'main.a|table|\N|\N|table' 'main.a|column|x|1|bigint' 'main.a|column|y|3|text' 'main.b|column|q|1|text' 'main.b|primary key|\N|\N|(q)'
	run --separate-stderr dbm-schema --check -H facts:s
	assert_equal "$status:$stderr" 1:
	assert_output "$(tsv 'ref|change|kind|name|before|after' 'facts:s#main.a|~|column|x|integer|bigint')"
	run --separate-stderr dbm-schema --check facts:s#main.b
	assert_equal "$status:$output:$stderr" 0::
	echo 'is away' >s/fail
	run --separate-stderr dbm-schema --check --sie 1h facts:s
	assert_equal "$status:$output" 4:
	assert_regex "$stderr" 'is away'
}

@test "--record and --check ask the database, whatever is kept" {
	usual
	dbm-schema --ttl 1h facts:s >out
	dbm-schema --record --ttl 1h facts:s >out
	schema 'main.a|table|\N|\N|table'
	tables main.a
	run --separate-stderr dbm-schema --check --ttl 1h facts:s
	assert_equal "$status" 1
	run --separate-stderr dbm-schema --ttl 1h facts:s
	assert_output "$(tsv 'facts:s#main.a|table|\N|\N|table')"
	run --separate-stderr dbm-schema --record --ttl 1h --cached facts:s
	assert_equal "$status:$stderr" 0:
	assert_equal "$(cut -f 1,2,7 <<<"$output")" "$(tsv 'facts:s#main.a|2|- column x, - column y' 'facts:s#main.b|2|gone')"
	# dbm-invalidate knows what it is.
	run --separate-stderr dbm-invalidate -v --kind schema facts:s
	assert_success
	run --separate-stderr dbm-schema --cached facts:s
	assert_failure
}

@test "--diff: two databases, what was printed, versions and times" {
	usual
	cp -r s t
	dbm-schema facts:s >saved.tsv
	dbm-schema -H facts:s >header.tsv
	dbm-schema -f json facts:s >saved.json
	dbm-schema --record facts:s >out
	printf '%s\n' 'main.a	index	i	\N	(x)' >>s/schema
	local line=$'main.a\t+\tindex\ti\t\\N\t(x)'
	for a in saved.tsv header.tsv saved.json facts:t facts:s@2999-01-01 facts:s@2999-01-01T00:00:00+01:00; do
		run --separate-stderr dbm-schema --diff "$a" facts:s
		assert_equal "$status:$output:$stderr" "1:facts:s#$line:"
	done
	run --separate-stderr dbm-schema --diff - facts:s <saved.json
	assert_equal "$status:$output" "1:facts:s#$line"
	run --separate-stderr dbm-schema --diff <(cat saved.tsv) facts:s
	assert_equal "$status:$output" "1:facts:s#$line"
	run --separate-stderr dbm-schema --diff facts:s saved.tsv
	assert_equal "$status:$output" $'1:facts:s#main.a\t-\tindex\ti\t(x)\t\\N'
	for a in facts:s facts:s#a@1 facts:s#main.a@1; do
		run --separate-stderr dbm-schema --diff "$a"
		assert_equal "$status:$output:$stderr" "1:facts:s#$line:"
	done
	dbm-schema --record facts:s >out
	run --separate-stderr dbm-schema --diff facts:s#a@1 facts:s#a@2
	assert_equal "$status:$output" "1:facts:s#$line"
	run --separate-stderr dbm-schema --diff saved.tsv header.tsv
	assert_equal "$status:$output:$stderr" 0::
	# Two tables are compared with each other.
	schema 'main.a|column|x|1|integer'
	run --separate-stderr dbm-schema --diff facts:s#main.a facts:t#main.a
	assert_equal "$status" 1
}

@test "--diff: a table whose name looks like a version" {
	python3 -c 'import sqlite3; sqlite3.connect("at.db").execute("create table \"x@1\"(a)")'
	dbm-schema --record at.db >out
	python3 -c 'import sqlite3; sqlite3.connect("at.db").execute("alter table \"x@1\" add b")'
	for a in 'at.db#x%401' 'at.db#x@1@1'; do
		run --separate-stderr dbm-schema --diff "$a"
		assert_equal "$status:$output:$stderr" $'1:at.db#x@1\t+\tcolumn\tb\t\\N\tno type:'
	done
}

@test "--diff: what is wrong with its operands is told by a status above 1" {
	usual
	dbm-schema --record facts:s >out
	run --separate-stderr dbm-schema --diff facts:s#a@7 facts:s
	assert_equal "$status:$output:$stderr" '4::dbm-schema: facts:s#a@7: has no such version'
	run --separate-stderr dbm-schema --diff facts:s@1 facts:s
	assert_equal "$status:$stderr" '4:dbm-schema: facts:s@1: names no table: only tables have numbers of versions'
	run --separate-stderr dbm-schema --diff facts:s@1999-01-01 facts:s
	assert_equal "$status:$stderr" '4:dbm-schema: facts:s@1999-01-01: was not recorded until then'
	run --separate-stderr dbm-schema --diff facts:x@2999-01-01 facts:s
	assert_equal "$status:$stderr" '4:dbm-schema: facts:x@2999-01-01: was never recorded'
	run --separate-stderr dbm-schema --diff facts:s facts:nosuch
	assert_equal "$status" 4
	dbm-schema facts:s >saved.tsv
	run --separate-stderr dbm-schema --diff saved.tsv
	assert_equal "$status" 2
	echo 'no more of it' >>saved.tsv
	run --separate-stderr dbm-schema --diff saved.tsv facts:s
	assert_equal "$status:$stderr" '4:dbm-schema: saved.tsv: line 6 is none that dbm-schema prints'
	for n in '' 'a b c'; do
		# Operands are words here.
		# shellcheck disable=SC2086
		run --separate-stderr dbm-schema --diff $n
		assert_equal "$status" 2
	done
	run --separate-stderr dbm-schema --record --check facts:s
	assert_equal "$status" 2
}

@test "hostile names and texts are recorded, printed, saved and compared as they are" {
	usual
	python3 - <<'END'
def e(x): return x.encode("utf-8", "surrogateescape")
rows = [(t, k, n, p, d) for t in ("s.a\x0b", "s.x%2Ey#%25\x1b[31m", "s.w w,", 's."', "s.\u202e\udcff") for k, n, p, d in (
    ("column", "c\x0b\\", "1", "text '\x1b]0;x\x07'"), ("column", "\u202e\udcfe", "2", "\\N"), ("index", "\\x41", "\\N", "(\\t)"))]
with open("s/schema", "wb") as file:
    for row in [("table", "kind", "name", "position", "definition"), *rows]:
        file.write(b"\t".join(map(e, row)) + b"\n")
with open("s/tables", "wb") as file:
    file.write(b"name\tkind\trows_estimate\tbytes\tmodified\tformat\tcompression\tcoverage\n")
    for name in sorted({row[0] for row in rows}):
        file.write(e(name) + b"\ttable" + b"\t\\N" * 6 + b"\n")
END
	sed -i 's/\t2\t\\N$/\t2\tsome/' s/schema
	cp -r s t
	for format in tsv json; do
		dbm-schema -f $format facts:s >saved
		run --separate-stderr dbm-schema --diff saved facts:t
		assert_equal "$status:$output:$stderr" 0::
	done
	LC_ALL=C run grep -c $'[\x1b\x07\x0b]' saved
	assert_output 0
	dbm-schema --record facts:s >out
	LC_ALL=C run grep -c $'[\x1b\x07\x0b]' out
	assert_output 0
	assert_equal "$(wc -l <out)" 5
	run --separate-stderr dbm-schema --check facts:s
	assert_equal "$status:$output:$stderr" 0::
	assert_equal "$(dbm-schema --log | wc -l)" 5
	# What is printed are references.
	run --separate-stderr dbm-schema --log - <out
	assert_equal "$status:$stderr:$(wc -l <<<"$output")" 0::5
	run --separate-stderr dbm-list -l facts:s
	assert_equal "$(cut -f 9 <<<"$output" | sort | uniq -c | tr -s ' ')" ' 5 1'
}

@test "10,000 versions of 500 tables: dbm-list -l reads one file for all of them" {
	local i n
	# shellcheck disable=SC2046
	tables $(seq -f 'main.t%03.0f' 500)
	for i in {1..20}; do
		{
			printf 'table\tkind\tname\tposition\tdefinition\n'
			for n in $(seq -f %03.0f 500); do printf 'main.t%s\tcolumn\tc%d\t1\ttext\n' "$n" "$i"; done
		} >s/schema
		dbm-schema --record facts:s >out
	done
	assert_equal "$(wc -l <out)" 500
	assert_equal "$(dbm-schema --log facts:s | wc -l)" 10000
	run --separate-stderr dbm-list --trace some -l facts:s facts:s facts:s#main.t007
	assert_equal "$status:$stderr:$(wc -l <<<"$output")" 0::1500
	assert_equal "$(cut -f 9 <<<"$output" | sort -u)" 20
	dbm-list --ttl 1h -l facts:s >out
	dbm-list --ttl 1h --trace one -l facts:s >out
	rm -r "$XDG_STATE_HOME/dbm/schema"
	dbm-list --ttl 1h --trace two -l facts:s >out
	assert_equal "$(($(events read one) - $(events read two)))" 1
	assert_equal "$(cut -f 9 out | sort -u)" '\N'
}

@test "what is kept is private, and what is not one's own is not believed; a version that cannot be read is said" {
	usual
	dbm-schema --record facts:s >out
	run stat -c %a "$(recorded)" "$(recorded)history" "$(recorded)current"
	assert_output $'700\n600\n600'
	echo >>"$(recorded)current"
	run --separate-stderr dbm-list -l facts:s
	assert_equal "$status:${#lines[@]}" 3:2
	assert_equal "$stderr" "dbm-list: facts:s: $XDG_STATE_HOME/dbm/schema: current is damaged"
	run --separate-stderr dbm-schema --check facts:s
	assert_equal "$status:$stderr" 0:
	printf x | dd of="$(recorded)history" bs=1 seek=60 conv=notrunc status=none
	run --separate-stderr dbm-schema --check facts:s
	assert_equal "$status:$stderr" "4:dbm-schema: facts:s: $XDG_STATE_HOME/dbm/schema: history is damaged at byte 47"
	chmod 666 "$(recorded)history"
	run --separate-stderr dbm-schema --record facts:s
	assert_equal "$status:$stderr" "4:dbm-schema: facts:s: $XDG_STATE_HOME/dbm/schema: history: may be written by other users"
}

@test "a full disk: nothing is recorded, and nothing that was is lost" {
	usual
	schema "main.a|column|x|1|$(seq -s, 500)"
	dbm-schema --record facts:s >out
	cp "$(recorded)history" before
	schema 'main.a|table|\N|\N|another table'
	run --separate-stderr bash -c 'ulimit -f 1; exec dbm-schema --no-cache --record facts:s'
	assert_equal "$status:$stderr" "4:dbm-schema: facts:s: $XDG_STATE_HOME/dbm/schema: history: write error: File too large"
	cmp before "$(recorded)history"
	run --separate-stderr dbm-schema --record facts:s
	assert_equal "$status:$(cut -f 2 <<<"$output")" 0:2
	cmp -n "$(stat -c %s before)" before "$(recorded)history"
}

@test "a folder is a database whose tables are its files" {
	mkdir two
	printf 'id,name\n1,Ada\n' >two/a.csv
	printf 'x\n1\n' >two/b.csv
	run --separate-stderr dbm-schema two
	assert_equal "$status:$stderr" 0:
	assert_line --index 0 --regexp $'^two/a.csv\tcolumn\tid\t1\t'
	dbm-schema two/a.csv >one
	assert_equal "$(grep a.csv <<<"$output")" "$(cat one)"
	dbm-schema two >saved.tsv
	run --separate-stderr dbm-schema --record two
	assert_equal "$status:$(wc -l <<<"$output")" 0:2
	printf 'id,nom\n1,Ada\n' >two/a.csv
	rm two/b.csv
	run --separate-stderr dbm-schema --check two
	assert_equal "$status:$stderr" 1:
	assert_equal "$(cut -f 1-4 <<<"$output")" "$(tsv 'two/a.csv|-|column|name' 'two/a.csv|+|column|nom' 'two/b.csv|-|table|\N')"
	run --separate-stderr dbm-schema --diff saved.tsv two
	assert_equal "$(cut -f 1-4 <<<"$output")" "$(tsv 'two/a.csv|-|column|name' 'two/a.csv|+|column|nom' 'two/b.csv|-|table|\N')"
	run --separate-stderr dbm-schema --record two/a.csv
	assert_equal "$(cut -f 1,2 <<<"$output")" $'two/a.csv\t2'
	run --separate-stderr dbm-schema --record two
	assert_equal "$(cut -f 1,2 <<<"$output")" $'two/b.csv\t2'
	run --separate-stderr dbm-schema --log two/b.csv
	assert_equal "$(cut -f 1,2,7 <<<"$output")" $'two/b.csv\t1\tfirst recorded\ntwo/b.csv\t2\tgone'
	# As --record writes references; from everywhere where the operand is one from everywhere, or there is none.
	assert_equal "$(dbm-schema --log two | cut -f 1 | sort -u | tr '\n' ' ')" 'two/a.csv two/b.csv '
	assert_equal "$(dbm-schema --log "$PWD/two/b.csv" | cut -f 1 | sort -u)" "$PWD/two/b.csv"
	assert_equal "$(dbm-schema --log | cut -f 1 | sort -u)" "$PWD/two/a.csv"$'\n'"$PWD/two/b.csv"
	run --separate-stderr dbm-list -l two two/a.csv
	assert_equal "$(cut -f 1,9 <<<"$output")" $'two/a.csv\t2\ntwo/a.csv\t2'
	run --separate-stderr dbm-schema csv:- <two/a.csv
	assert_success
	run --separate-stderr dbm-schema --record csv:- <two/a.csv
	assert_equal "$status:$stderr" '4:dbm-schema: csv:-: nothing is recorded of standard input'
}

# However large a table, its cells or its number of columns: a preview takes less than 1 MiB from the server, as a proxy has
# counted it.  DBM_PG_ROWS=10000000 for as many rows.
load helper
load pg/helper

ROWS=${DBM_PG_ROWS:-1000000}

setup_file() {
	pg_begin max_wal_size=4GB wal_level=minimal max_wal_senders=0
	{
		echo 'create table parted(id int, name text) partition by range (id);'
		for n in $(seq 0 99); do echo "create table part_$n partition of parted for values from ($((n * 1000))) to ($((n * 1000 + 1000)));"; done
		cat <<-END
			insert into parted select n, 'name ' || n from generate_series(0, 99999) n;
			analyze parted;
			create table never(id int, name text);
			insert into never select n, 'name ' || n from generate_series(1, 1000) n;
			create table many as select n as id, 'name ' || n as name from generate_series(1, $ROWS) n;
			analyze many;
			create table cells(a text, b bytea, c jsonb, d int[], e json);
			alter table cells alter a set storage external;
			insert into cells select repeat('ü', 50 << 20), convert_to(repeat('y', 100 << 20), 'SQL_ASCII'), jsonb_build_object('key', repeat('z', 10 << 20)),
				array_agg(n), json_build_object('key', repeat('z', 100 << 20))
				from generate_series(1, 1000000) n;
			insert into cells select repeat('x', 1000), null, '[]', null, 'null' from generate_series(1, 100);
		END
		echo 'create table columns('
		seq -s , -f 'column_%04g int' 1600
		echo ');'
		for n in 1 2 3 4 5 6 7; do
			echo 'insert into columns values ('
			seq -s , $n $((n + 1599))
			echo ');'
		done
	} | database large
}
teardown_file() { pg_end; }

# small TABLE [FLAG...]: its preview, as JSON, and how much of it has come over the link.
small() {
	local table=$1 down
	shift
	proxy size
	PGHOST=$WORLD/size run --separate-stderr dbm-preview -f json --no-cache "$@" "pg:dbname=large#public.$table"
	assert_success
	assert_equal "$(echo "$output" | wc -l)" 5
	down=$(counted size down)
	echo "$table $*: $down bytes"
	assert [ "$down" -lt 1048576 ]
	assert [ "$(counted size up)" -lt 1048576 ]
}

@test "a partitioned table of 100 partitions: one table, its estimate the sum; all of them with -a" {
	run --separate-stderr dbm-list -l -f json -m 'public.par*' pg:dbname=large
	assert_success
	assert_equal "$(echo "$output" | wc -l)" 1
	assert_output --partial '"kind":"partitioned table","rows_estimate":100000,'
	assert_output --partial '"coverage":"100/100"'
	run --separate-stderr dbm-list -a -m 'public.par*' pg:dbname=large
	assert_equal "$(echo "$output" | wc -l)" 101
	assert_line $'pg:dbname=large#public.part_99\tpartition\t1000\t\\N\t\\N'
	sql large 'create table part_100 partition of parted for values from (100000) to (101000)'
	run --separate-stderr dbm-list --refresh -l -f json -m 'public.par*' pg:dbname=large
	assert_output --partial '"coverage":"100/101"'
	run --separate-stderr dbm-linecount -b 'pg:dbname=large#public.parted'
	assert_output 100000
	run --separate-stderr dbm-linecount -b -e 'pg:dbname=large#public.parted'
	assert_output --regexp '^~?100000$'
	small parted
}

@test "a table that was never analysed: no estimate is no zero" {
	run --separate-stderr dbm-list -m 'public.never' pg:dbname=large
	assert_output $'pg:dbname=large#public.never\ttable\t\\N\t\\N\t\\N'
	run --separate-stderr dbm-linecount -b -e 'pg:dbname=large#public.never'
	assert_output 1000
	run --separate-stderr dbm-profile -f json 'pg:dbname=large#public.never'
	assert_success
	small never
	small never --sample
}

@test "a table of 1,600 columns" {
	small columns
	assert_equal "$(python3 -c 'import json, sys; print(*{len(json.loads(line)["row"]) for line in sys.stdin})' <<<"$output")" 1600
	small columns -c 1600
	assert_output --partial '"row":{"column_1600":1600}'
	run --separate-stderr dbm-list -k column pg:dbname=large#public.columns
	assert_equal "$(echo "$output" | wc -l)" 1600
}

@test "a table of many rows: the first of them, some of them, the estimate, the count" {
	small many
	assert_output --partial '"row":{"id":1,"name":"name 1"}'
	small many --sample
	assert_regex "$stderr" TABLESAMPLE
	run --separate-stderr dbm-linecount -b 'pg:dbname=large#public.many'
	assert_output "$ROWS"
	run --separate-stderr dbm-linecount -f json --at-least 1000 --no-cache 'pg:dbname=large#public.many'
	assert_output --regexp '"records":100[0-9],.*"method":"at-least"'
}

@test "cells of 100 MB: text, bytes, JSON, arrays" {
	small cells
	head -1 <<<"$output" | python3 -c '
import base64, json, sys
answer = json.loads(sys.stdin.read())
row = answer["row"]
a, c, d, e = (row[name].removesuffix("…") for name in "acde")
assert a == "ü" * 2048, a[:50]
b = base64.b64decode(row["b"]["b64"]) if isinstance(row["b"], dict) else row["b"].removesuffix("…").encode()
assert b == b"y" * 4096, b[:50]
assert c.startswith("{\"key\": \"zzz") and len(c) == 4096, c[:50]
assert d.startswith("{1,2,3,") and len(d) == 4096, d[:50]
assert e.startswith("{\"key\" : \"zzz") and len(e) == 4096, e[:50]
assert sorted(answer["cut"]) == ["a", "b", "c", "d", "e"], answer["cut"]'
	for column in a b c d e; do small cells -c $column --width 100; done
	run --separate-stderr dbm-linecount -b 'pg:dbname=large#public.cells'
	assert_output 101
}

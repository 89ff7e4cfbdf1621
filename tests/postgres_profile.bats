# dbm-profile of PostgreSQL's tables: from statistics, held to what is so; and by reading them, in little memory and time that is
# bounded.  DBM_PG_ROWS=10000000 for as many rows.
# shellcheck disable=SC2046,SC2154  # references without blanks; bats sets stderr
load helper
load pg/helper

ROWS=${DBM_PG_ROWS:-500000}

setup_file() {
	pg_begin autovacuum=off wal_level=minimal max_wal_senders=0
	database told <<-'END'
		create domain word as text;
		create table t as select n as id, (n % 1000)::smallint as k, case when n % 10 <> 0 then (n % 317) * (n % 317) end as skew,
			case when n % 3 = 0 then 'common' when n % 7 = 0 then '' else md5(n::text) end as name,
			date '2020-01-01' + n % 2000 as day, timestamptz '2024-01-01 00:00:00Z' + n * interval '1 minute' as at,
			(n % 997)::numeric / 100 as price, n % 5 = 0 as ok, array[n % 3, n % 5] as tags, decode(md5((n % 7)::text), 'hex') as data,
			null::text as nothing, jsonb_build_object('a', n % 4) as j, (n % 4)::text::word as said,
			case when n = 1 then timestamp 'infinity' else timestamp '2024-01-01' + n * interval '1 s' end as ends,
			case when n % 50 = 0 then 'NaN' else n::float8 end as real
			from generate_series(1, 100000) n;
		analyze t;
		create table parts(n int, name text) partition by range (n);
		create table part_1 partition of parts for values from (0) to (1000);
		create table part_2 partition of parts for values from (1000) to (2000);
		insert into parts select n, 'name' from generate_series(0, 1999) n;
		analyze parts;
		create view slow as select n, pg_sleep(0.01)::text as slept from generate_series(1, 100000) n;
		grant select (k) on t to reader;
	END
	for n in $(seq 50); do echo "create table many_$n as select generate_series(1, 10) as n;"; done | sql_file told
	sql told analyze
	sql told "create table never(a int, b text); insert into never values (1, 'x'), (2, null); create view looked as select * from never"
	sql told 'create table empty(a int); analyze empty'
	sql told "create unlogged table large as select n as id, repeat(md5(n::text), 8) as text, n % 100 as k from generate_series(1, $ROWS) n"
}
teardown_file() { pg_end; }

@test "statistics are as near to what is so as a sample of 30,000 rows is" {
	dbm-profile -q -f json pg:dbname=told#t >said
	dbm-profile -q -f json --exact pg:dbname=told#t >exact
	run python3 "$PG/near" said exact
	assert_success
	assert_output ''
}

@test "tables without statistics are read, and it is said" {
	for table in never looked empty; do
		run --separate-stderr dbm-profile -f json "pg:dbname=told#$table"
		assert_success
		assert_equal "$stderr" "dbm-profile: pg:dbname=told#$table: there are no statistics (none were gathered, or none that this role may see): each row was read"
		assert_output --partial '"method":"exact"'
	done
}

@test "the statistics of a partitioned table are those of all its partitions" {
	run --separate-stderr dbm-profile -f json -c n pg:dbname=told#parts
	assert_success
	assert_output --partial '"rows":2000,"nulls":0,"empties":0,"distinct":2000,'
	assert_output --partial '"min":0,"max":1999,'
}

@test "fifty tables from statistics: one connection, two round trips, no table read" {
	traced
	log_mark
	run --separate-stderr dbm-profile --no-cache -f json $(seq -f 'pg:dbname=told#many_%.0f' 50)
	assert_success
	assert_equal "$(echo "$output" | grep -c '"method":"statistics"')" 50
	assert_equal "$(events connect) $(events 'exchange ')" '1 2'
	assert_equal "$(logged | grep -c 'FROM "public"')" 0
}

@test "when they were gathered is said, and new ones are seen" {
	before=$(dbm-profile -f json pg:dbname=told#many_7 | grep -o '"as_of":"[^"]*"')
	assert_regex "$before" '"as_of":"20[0-9-]*T[0-9:]*Z"'
	run --separate-stderr dbm-profile -f table pg:dbname=told#many_7
	assert_regex "$stderr" "^dbm-profile: pg:dbname=told#many_7: from the server's statistics of [0-9]+ (s|min) ago; --exact reads the table$"
	sql told 'insert into many_7 select generate_series(11, 20); analyze many_7'
	run dbm-profile -f json --ttl 0 pg:dbname=told#many_7
	assert_output --partial '"rows":20,'
}

@test "what a role may not see it has no statistics of" {
	export PGUSER=reader PGPASSWORD=$READER_PASSWORD
	run --separate-stderr dbm-profile -f json -c k,id pg:dbname=told#t
	assert_success
	assert_line --index 0 --partial '"column":"k","type":"integer","confidence":null,"rows":100000,"nulls":0,'
	assert_line --index 1 --partial '"column":"id","type":"integer","confidence":null,"rows":100000,"nulls":null,'
}

@test "--exact over many rows: neither program holds them" {
	run python3 - "$DBM_BIN" <<'END'
import resource, subprocess, sys
subprocess.run(["dbm-profile", "-f", "json", "--exact", "--no-cache", "pg:dbname=told#large"], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, "MiB")
END
	assert_success
	assert_line --index 1 --partial "\"column\":\"text\",\"type\":\"text\""
	assert_line --index 0 --partial "\"rows\":$ROWS,"
	# All of it is 128 MB and more.
	peak=$(tail -n 1 <<<"$output")
	[ "${peak% MiB}" -lt "$([ "${DBM_VARIANT-}" = san ] && echo 1000 || echo 64)" ] || fail "$peak"
}

@test "--exact ends with its time: one line, and the server does no more" {
	run --separate-stderr dbm-profile --exact --timeout 300ms pg:dbname=told#slow
	assert_equal "$status:$output" 4:
	assert_equal "$(wc -l <<<"$stderr")" 1
	assert_regex "$stderr" '^dbm-profile: pg:dbname=told#slow: .*--timeout'
	until_so none_running
}

@test "--sample: rows at random, not the whole table" {
	run --separate-stderr dbm-profile -f json --sample -c id,k pg:dbname=told#t
	assert_success
	assert_line --index 0 --regexp '"rows":[0-9]+,.*"method":"sampled:[0-9]+"'
	rows=$(grep -o -m 1 '"rows":[0-9]*' <<<"$output" | head -n 1)
	[ "${rows#*:}" -gt 5000 ] && [ "${rows#*:}" -le 10000 ]
}

# What a server publishes, who takes changes from it, and what a hot standby answers.
load helper
load pg/helper

setup_file() {
	pg_begin
	database many <<'END'
		do $$ begin
			for i in 1..500 loop
				execute pg_catalog.format('create table t%s(id int primary key, name text)', to_char(i, 'FM000'));
			end loop;
		end $$;
		insert into t001 select n, 'name' from generate_series(1, 100) n;
		create table keyless(a int, b int);
		create table filtered(id int primary key, a int, b int);
		create publication everything for all tables;
		create publication certain for table keyless, filtered (id, a) where (id > 5) with (publish = 'insert, update');
		do $$ begin
			execute (select 'create publication thirty for table ' || string_agg('t' || to_char(i, 'FM000'), ', ') from generate_series(1, 30) i);
		end $$;
		analyze;
END
	"$PG/server" standby "$WORLD/standby" "$SERVER" >/dev/null
}
teardown_file() { pg_end; }

@test "the publications" {
	run --separate-stderr dbm-list -k publication pg:dbname=many
	assert_success
	assert_output - <<'END'
pg:dbname=many	publication	certain	2	false	insert,update	false
pg:dbname=many	publication	everything	502	true	insert,update,delete,truncate	false
pg:dbname=many	publication	thirty	30	false	insert,update,delete,truncate	false
END
}

@test "a publication of 30 of 500 tables, by one query; one that is added is seen after ttl, or at once" {
	log_mark
	traced
	run --separate-stderr dbm-list --publication thirty pg:dbname=many
	assert_equal "$status:$stderr" 0:
	assert_equal "$(echo "$output" | wc -l)" 30
	assert_line $'pg:dbname=many#public.t030\tpublished\tthirty\t\\N\t\\N\tdefault\ttrue'
	first=$output
	assert_equal "$(events connect):$(events exchange)" 1:1
	assert_equal "$(connections_logged)" 1
	sql many 'alter publication thirty add table t031'
	run --separate-stderr dbm-list --publication thirty pg:dbname=many
	assert_output "$first"
	run --separate-stderr dbm-list --publication thirty --ttl 0 pg:dbname=many
	assert_equal "$(echo "$output" | wc -l)" 31
	sql many 'alter publication thirty add table t032'
	run --separate-stderr dbm-list --publication thirty --refresh pg:dbname=many
	assert_equal "$(echo "$output" | wc -l)" 32
	run --separate-stderr dbm-list --publication thirty pg:dbname=many
	assert_equal "$(echo "$output" | wc -l)" 32
	# They are references.
	run --separate-stderr dbm-linecount -b - <<<"$output"
	assert_success
	assert_equal "$(echo "$output" | sort | uniq -c | tr -s ' ')" $' 31 0\n 1 100'
	sql many 'alter publication thirty drop table t031, t032'
}

@test "columns, row filters, and tables that cannot be identified" {
	run --separate-stderr dbm-list --publication certain pg:dbname=many
	assert_success
	assert_output - <<'END'
pg:dbname=many#public.filtered	published	certain	id,a	(id > 5)	default	true
pg:dbname=many#public.keyless	published	certain	\N	\N	default	false
END
	assert_equal "$(echo "$stderr" | wc -l)" 1
	assert_regex "$stderr" '1 of 2 .*replica identity'
	# Whatever is filtered, the rows of partitions without an identity cannot be changed; with one, nobody has looked.
	sql many 'create table tree(id int, a int) partition by range (id); create table tree_1 partition of tree for values from (0) to (9)
		; create publication partly for table tree where (id > 5) with (publish_via_partition_root)'
	run --separate-stderr dbm-list --publication partly pg:dbname=many
	assert_output "$(tsv 'pg:dbname=many#public.tree|published|partly|\N|(id > 5)|default|false')"
	sql many 'alter table tree_1 add primary key (id)'
	run --separate-stderr dbm-list --refresh --publication partly pg:dbname=many
	assert_equal "$output:$stderr" "$(tsv 'pg:dbname=many#public.tree|published|partly|\N|(id > 5)|default|\N'):"
	sql many 'drop table tree; drop publication partly'
	run --separate-stderr dbm-list --publication nothere pg:dbname=many
	assert_equal "$status:$output" 4:
	assert_regex "$stderr" 'nothere'
}

@test "a slot that holds log back, and a standby" {
	sql many "select pg_create_logical_replication_slot('waiting', 'pgoutput')" >/dev/null
	sql many "create table filler as select repeat('x', 1000) as x from generate_series(1, 3000) n"
	streaming() { [ "$(sql postgres "select count(*) from pg_stat_replication where state = 'streaming'")" = 1 ]; }
	until_so streaming
	run --separate-stderr dbm-list -k slot -f json pg:dbname=many
	assert_success
	python3 -c '
import json, sys
rows = {row["name"]: row for row in map(json.loads, sys.stdin)}
slot = rows.pop("waiting")
assert slot["type"] == "logical slot" and slot["active"] is False and slot["retained"] > 3000000 and slot["wal_status"] == "reserved", slot
(standby,) = rows.values()
assert standby["type"] == "standby" and standby["active"] is True and standby["state"] == "streaming" and standby["lag"] >= 0, standby' <<<"$output"
	# The line that README.md has for a crontab is silent about standbys, of which nothing is known to be held back.
	tell=$(sed -n "s/.*dbm-list -k slot --strict.*'\(.*10 \* 2^30\)'/\1/p" "$TOP/README.md")
	run bash -c "dbm-list -k slot --strict pg:dbname=many | awk -F '\t' '${tell/10 \* 2^30/2^20}' | cut -f 3"
	assert_output waiting
	sql many "select pg_drop_replication_slot('waiting'); drop table filler" >/dev/null
	# Who has no rights sees no error.
	PGUSER=stranger run --separate-stderr dbm-list -k slot pg:dbname=many
	assert_success
}

# What the primary has done is done on the standby too.
caught_up() { [ "$(psql -XqAt -h "$WORLD/standby" -U postgres postgres -c "select pg_last_wal_replay_lsn() >= '$1'")" = t ]; }
settle() { until_so caught_up "$(sql postgres 'select pg_current_wal_lsn()')"; }

@test "a hot standby answers, and never with what is older than ttl" {
	export PGHOST=$WORLD/standby
	ref='pg:dbname=many#public.t001'
	settle
	run --separate-stderr dbm-list -m public.t001 pg:dbname=many
	assert_output $'pg:dbname=many#public.t001\ttable\t100\t\\N\t\\N'
	for n in 101 102 103; do
		run --separate-stderr dbm-linecount -b "$ref"
		assert_equal "$status:$output:$stderr" "0:$((n - 1)):"
		run --separate-stderr dbm-preview -n 200 "$ref"
		assert_success
		assert_equal "$(echo "$output" | wc -l)" $n
		run --separate-stderr dbm-profile -f json --exact -c id "$ref"
		assert_success
		assert_regex "$output" "\"max\":\"?$((n - 1))\"?[,}]"
		sql many "insert into t001 values ($n, 'new')"
		settle
		# Within ttl it may be old; after it, never.
		run --separate-stderr dbm-linecount -b "$ref"
		assert_output $((n - 1))
		run --separate-stderr dbm-linecount -b --ttl 0 "$ref"
		assert_equal "$status:$output:$stderr" "0:$n:"
		run --separate-stderr dbm-preview --ttl 0 -n 200 "$ref"
		assert_equal "$(echo "$output" | wc -l)" $((n + 1))
		run --separate-stderr dbm-profile --ttl 0 -f json --exact -c id "$ref"
		assert_regex "$output" "\"max\":\"?$n\"?[,}]"
	done
	run --separate-stderr dbm-list -k slot pg:dbname=many
	assert_success
	run --separate-stderr dbm-list --publication thirty pg:dbname=many
	assert_success
	assert_equal "$(echo "$output" | wc -l)" 30
}

@test "the same reference leads to another server: what is kept of the first is forgotten with the next contact" {
	"$PG/server" start "$WORLD/other" >/dev/null
	PGHOST=$WORLD/other PGUSER=postgres psql -XqAt postgres -c 'create database many' -c '\c many' -c 'create table t001(id int primary key, name text)' >/dev/null
	mkdir "$WORLD/where"
	proxy where
	export PGHOST=$WORLD/where
	run dbm-linecount -b 'pg:dbname=many#public.t001'
	assert_output 103
	run dbm-preview -n 1 'pg:dbname=many#public.t001'
	assert_output $'id,name\n1,name'
	proxy where --before="$WORLD/other/.s.PGSQL.5432"
	# It is not asked: within ttl.
	run dbm-linecount -b 'pg:dbname=many#public.t001'
	assert_output 103
	run dbm-list --refresh -m public.t001 pg:dbname=many
	run dbm-linecount -b 'pg:dbname=many#public.t001'
	assert_output 0
	run dbm-preview 'pg:dbname=many#public.t001'
	assert_output 'id,name'
}

@test "a standby that is promoted: what it answered before is proven by nothing, what it answers now is" {
	export PGHOST=$WORLD/standby
	ref='pg:dbname=many#public.t002'
	settle
	run dbm-linecount -b "$ref"
	assert_output 0
	"$PG/server" run "$WORLD/standby" pg_ctl -s -w -D "$WORLD/standby/data" promote >/dev/null 2>&1 3>&-
	psql -XqAt -h "$WORLD/standby" -U postgres many -c 'insert into t002 values (1)'
	run dbm-linecount -b --ttl 0 "$ref"
	assert_output 1
	traced
	run dbm-linecount -b --ttl 0 "$ref"
	assert_output 1
	assert_equal "$(events hit)" 1
	psql -XqAt -h "$WORLD/standby" -U postgres many -c 'insert into t002 values (2)'
	run dbm-linecount -b --ttl 0 "$ref"
	assert_output 2
}

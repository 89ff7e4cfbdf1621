load helper
load pg/helper

setup_file() { pg_begin; }
teardown_file() { pg_end; }

# What is advised, done by the server.
follow() {
	dbm-index --no-cache -q --check -f json "$1" | python3 -c '
import json, sys
for line in sys.stdin:
    for sql in (json.loads(line)["sql"] or "").split("; "):
        print(sql)' | while read -r statement; do
		[ -z "$statement" ] || sql "$2" "$statement" || return
	done
}

@test "an index that was not finished is an error, until it is made anew" {
	database broken <<<'create table t (a int, b int); insert into t values (1, 1), (1, 2); create index whole on t (b)'
	run sql broken 'create unique index concurrently bad on t (a)'
	assert_failure
	run sql broken 'create unique index concurrently bad_ccnew on t (a)'
	run -1 dbm-index --check=invalid pg:dbname=broken
	assert_line --partial "$(tsv 'invalid|invalid|error|a|it was not finished: writes keep it up, and no query can use it; it cannot be finished while there are rows with the same keys|REINDEX INDEX CONCURRENTLY "public"."bad"')"
	assert_line --partial "$(tsv 'invalid|leftover|error|a|it is what a REINDEX CONCURRENTLY that failed has left|DROP INDEX CONCURRENTLY "public"."bad_ccnew"')"
	sql broken 'delete from t where b = 2'
	follow pg:dbname=broken broken
	run -0 dbm-index --no-cache --check=invalid pg:dbname=broken
	assert_output ''
	assert_equal "$(sql broken "select count(*) from pg_index where indrelid = 't'::regclass")" 2
}

@test "a partitioned table: what its partitions lack is one finding, and is mended" {
	database parts <<-'SQL'
		create table p (id int primary key);
		create table r (id int references p, d int, e int) partition by range (d);
		create table r1 partition of r for values from (0) to (10);
		create table r2 partition of r for values from (10) to (30) partition by range (d);
		create table r2a partition of r2 for values from (10) to (20);
		create table "r2 B" partition of r2 for values from (20) to (30);
		create index on r1 (id);
		create index r_e on r (e); create index r_ed on r (e, d);
	SQL
	run -1 dbm-index --check=fk,dup pg:dbname=parts
	assert_line --index 0 --partial "$(tsv 'pg:dbname=parts#public.r|fk|missing|warning|id|no index finds the rows that refer to a row of public.p in 2 of 3 partitions: public.r2 B, public.r2a|CREATE INDEX CONCURRENTLY "r2 B_id_idx" ON "public"."r2 B" ("id"); CREATE INDEX CONCURRENTLY "r2a_id_idx" ON "public"."r2a" ("id")')"
	assert_line --index 1 --partial "$(tsv 'pg:dbname=parts#public.r|dup|partitioned|notice|e|r_ed begins with the same keys|\N')"
	assert_equal "${#lines[@]}" 2
	run -1 dbm-index --check=fk pg:dbname=parts#r2a
	assert_output --partial "$(tsv 'pg:dbname=parts#public.r2a|fk|missing')"
	follow pg:dbname=parts parts
	run -0 dbm-index --no-cache --check=fk pg:dbname=parts
	assert_output ''
}

@test "an index is unused until it is used, here or on a replica" {
	database used <<<'create table t as select n from generate_series(1, 1000) n; create index t_n on t (n)'
	"$PG/server" standby "$WORLD/r" "$SERVER" >/dev/null
	local standby="pg:host=$WORLD/r dbname=used"
	# Its counters have begun in this second.
	sleep 1.1
	run -0 dbm-index --check=unused --also "$standby" pg:dbname=used
	assert_output --partial "$(tsv 'unused|too-early|notice|n|it has not been used for')"
	PGHOST=$WORLD/r psql -XqAt -d used -c 'set enable_seqscan = off; select * from t where n = 5' >/dev/null
	counted() { [ "$(PGHOST=$WORLD/r psql -XqAt -d used -c "select idx_scan from pg_stat_user_indexes where indexrelname = 't_n'")" = 1 ]; }
	until_so counted
	run -0 dbm-index --no-cache --check=unused pg:dbname=used
	assert_output --partial too-early
	run -0 dbm-index --no-cache --check=unused --also "$standby" pg:dbname=used
	assert_output ''
	"$PG/server" stop "$WORLD/r"
	run -3 --separate-stderr dbm-index --no-cache --check=unused --also "$standby" pg:dbname=used
	assert_output ''
	"$PG/server" remove "$WORLD/r"
}

@test "a want file, by definition and not by name" {
	database wanted <<-'SQL'
		create schema shop;
		create table shop.items (lot text, item text, "Qty" int, d date);
		create index other_name on shop.items (d, item desc);
		create index cover on shop.items (item, d) include ("Qty") where lot is not null;
		create unique index on shop.items (lower(lot));
	SQL
	printf '%s\n' 'shop.items (d, item desc)' 'items (item, d) include (Qty) where (lot IS NOT NULL)' 'items ((lower(lot))) unique' \
		'items (item, d) include (Qty)' >want
	run -1 dbm-index --want want pg:dbname=wanted
	assert_output --partial "$(tsv 'pg:dbname=wanted#shop.items|want|missing|warning|item,d|line 4 of the want file: there is no such index|CREATE INDEX CONCURRENTLY "items_item_d_idx" ON "shop"."items" ("item", "d") INCLUDE ("Qty")')"
	sed -i 4d want
	run -0 dbm-index --want want pg:dbname=wanted
	assert_output ''
}

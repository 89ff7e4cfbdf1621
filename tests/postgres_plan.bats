# Plans of indexes carried out on a real server, by dbm-index as it is called.
load helper
load pg/helper

setup_file() {
	pg_begin
	database shop <<'SQL'
		create table customers(id int primary key, email varchar(80), "Name" text collate "C", kind text, created timestamptz, amount numeric, active bool, tags text[]);
		create table orders(id int primary key, customer_id int references customers, status varchar(10), day date, total numeric);
		create schema "Sch.ema";
		create table "Sch.ema"."T""a, ble%"("c, ol" int, "d""e" text);
		create function slowly(int) returns int language plpgsql immutable as $$ begin perform pg_sleep(0.02); return $1; end $$;
		create table slow as select n as id from generate_series(1, 150) n;
		create table dear(id int primary key, a int, b int);
		create index dear_a on dear(a);
		create index dear_a_b on dear(a, b);
		create unique index dear_b on dear(b);
SQL
}
teardown_file() { pg_end; }

plan() { printf '%s\n' "$@" >want; dbm-index --plan --want want pg:dbname=shop >plan; }
apply() { dbm-index --apply plan "$@" | cut -f 1-4,6; }
valid() { sql shop "select indisvalid from pg_index where indexrelid = to_regclass('$1')"; }

@test "what is wanted is made, and is found again, whatever the server makes of the SQL" {
	plan 'orders (status, total desc) include (customer_id)' \
		"orders (status) where (status in ('new', 'open')) name o1" \
		"orders (day) where (day >= '2024-01-01' and status <> 'x') name o2" \
		'orders (total) where (total > -1 or status is null and day is not null) name o3' \
		'customers ((lower(email))) where (email is not null) name c1' \
		'customers ("Name" collate "de-x-icu" text_pattern_ops) name c2' \
		'customers (tags) using gin name c3' \
		'customers (kind) unique where (active) name c4' \
		"customers (created desc nulls last) where (created > '2024-01-01 00:00:00+00') name c5" \
		'customers ((amount * 2 + 1), (lower(email) || kind)) name c6' \
		"customers (kind) where (not active and kind like 'a%' or kind = any (array['x', 'y'])) name c7" \
		'customers (id) where (id between 1 and 5) name c8' \
		'customers (id) using hash name c9' \
		'"Sch.ema"."T""a, ble%" ("c, ol", ("d""e" || '"';--'"')) name "i""n, %"'
	assert_equal "$(wc -l <plan)" 14
	run apply --analyze=never
	assert_success
	assert_equal "$(cut -f 4 <<<"$output" | sort | uniq -c | tr -s ' ')" ' 14 created'
	run apply
	assert_success
	assert_equal "$(cut -f 4 <<<"$output" | sort | uniq -c | tr -s ' ')" ' 14 there'
	# What the server alone can compare is planned, and then found to be there.
	dbm-index --plan --want want pg:dbname=shop >plan
	run cut -f 7 plan
	refute_line '\N'
	run apply
	assert_success
	refute_output --partial created
}

@test "a backslash ends no string, whatever the database is set to" {
	sql shop 'alter database shop set standard_conforming_strings = off'
	plan "orders (status) where (status in ('a\\', ' or true or ')) name backslash"
	run apply --analyze=never
	assert_success
	run sql shop "set standard_conforming_strings = on; select pg_get_expr(indpred, indrelid) from pg_index where indexrelid = 'backslash'::regclass"
	assert_output --partial "'a\\'"
	run dbm-index --explain "select 1 from orders where status = 'a\\'; select 2" pg:dbname=shop
	assert_success
	sql shop 'alter database shop reset standard_conforming_strings; drop index backslash'
}

@test "findings, a plan, and nothing is left to be found" {
	run dbm-index --check=fk,dup pg:dbname=shop#public.orders pg:dbname=shop#dear
	assert_failure 1
	dbm-index --plan <<<"$output" >plan
	run cut -f 2,3,11 plan
	assert_output "$(tsv 'create|orders_customer_id_idx|\N' 'drop|dear_a|dear_a_b')"
	run apply
	assert_success
	assert_output "$(tsv 'pg:dbname=shop#public.orders|create|orders_customer_id_idx|created|\N' 'pg:dbname=shop#public.dear|drop|dear_a|dropped|\N' \
		'pg:dbname=shop#public.orders|analyze|\N|analyzed|\N')"
	run dbm-index --check=fk,dup --refresh pg:dbname=shop#public.orders pg:dbname=shop#dear
	assert_success
}

unfinished() { [ "$(valid slow_i)" = f ]; }
gone() { [ -z "$(valid slow_i)" ]; }
# In the background, until it is half way; $job is dbm-index.
begin() {
	sql shop 'drop index if exists slow_i' >/dev/null
	plan 'slow ((public.slowly(id))) name slow_i'
	dbm-index --apply plan >/dev/null 2>&1 3>&- &
	job=$!
	until_so unfinished
}

@test "killed half way, and again: what was left is replaced" {
	begin
	helper=$(ps -o pid= --ppid "$job")
	kill -9 "$job" $helper
	wait "$job" || true
	sql shop "select pg_terminate_backend(pid) from pg_stat_activity where query like 'CREATE INDEX%'" >/dev/null
	unfinished
	run apply --analyze=never
	assert_success
	assert_line --partial created
	assert_equal "$(valid slow_i)" t
}

@test "interrupted: what it began is taken back" {
	begin
	kill -TERM "$job"
	wait "$job" || true
	until_so gone
}

holds_lock() { [ "$(sql shop "select count(*) from pg_locks where relation = 'dear'::regclass and mode = 'RowExclusiveLock'")" = 1 ]; }

@test "who is in the way is named, waited for, and given up on" {
	plan 'dear (b, a) name d1'
	PGHOST=$SERVER psql -XqAt -d shop -c 'begin; lock table dear in row exclusive mode; select pg_sleep(60)' >/dev/null 2>&1 3>&- &
	job=$!
	until_so holds_lock
	run --separate-stderr apply --wait 1s
	assert_line --partial "$(tsv 'pg:dbname=shop#public.dear|create|d1|failed')"
	assert_regex "$stderr" 'dbm-index: pg:dbname=shop#public.dear: .*[0-9]+'
	assert_equal "$(valid d1)" ''
	kill "$job"
	sql shop "select pg_terminate_backend(pid) from pg_stat_activity where query like 'begin; lock%'" >/dev/null
	run apply --analyze=never
	assert_success
}

@test "a password in a reference is not in the plan, nor in what became of it" {
	password=$(printf %s "$READER_PASSWORD" | python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.stdin.read(), safe=""))')
	printf 'dear (b, id) name d2\n' >want
	dbm-index -q --plan --want want "postgresql://reader:$password@/shop?host=$SERVER" >plan 2>err
	run grep -c S3CRET plan err
	assert_output "$(printf 'plan:0\nerr:0')"
	assert_equal "$(wc -l <plan)" 1
}

@test "names that are no UTF-8, through findings and a plan in JSON" {
	sql postgres "create database no_encoding template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'"
	printf 'create table p(id int primary key); create table "t\351" (id int references p)' | PGCLIENTENCODING=SQL_ASCII sql_file no_encoding
	dbm-index --check=fk -f json pg:dbname=no_encoding >findings || true
	dbm-index --plan -f json <findings >plan
	run -0 dbm-index --apply - <plan
	run -0 dbm-index --no-cache --check=fk pg:dbname=no_encoding
	assert_output ''
}

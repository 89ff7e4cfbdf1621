# PgBouncer in transaction mode between: everything works, and nothing is left behind in its connections to the server.
load helper
load pg/helper

setup_file() {
	pg_begin
	"$PG/pooler" start "$WORLD/pooler" "$SERVER" >/dev/null
	database shop <<'END'
		do $$ begin
			for i in 1..50 loop
				execute pg_catalog.format('create table t%s as select n as id, ''name '' || n as name from generate_series(1, 20) n', to_char(i, 'FM000'));
			end loop;
		end $$;
		create view failing as select 1 / (id - id) as x from t001;
		create view slow as select id from t001 where pg_sleep(600) is not null;
		analyze;
END
}
teardown_file() { pg_end; }

SETTINGS='search_path transaction_read_only default_transaction_read_only statement_timeout lock_timeout timezone datestyle intervalstyle bytea_output
	extra_float_digits jit client_encoding application_name idle_in_transaction_session_timeout standard_conforming_strings role'

# What a session that comes next finds in the pooler's one connection to the server: its process there, and all settings of it.
left_behind() {
	local name
	for name in $SETTINGS; do echo "show $name;"; done |
		PGHOST=$WORLD/pooler PGAPPNAME=next psql -XqAt shop
	PGHOST=$WORLD/pooler PGAPPNAME=next psql -XqAt shop <<-'END'
		select pg_backend_pid();
		select name, setting from pg_settings where source in ('session', 'client') and name not in ('application_name', 'client_encoding') order by name;
		select count(*) from pg_prepared_statements;
		select count(*) from pg_cursors;
		select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory';
	END
}

@test "every program through the pooler; the next session finds its connection as it was" {
	before=$(left_behind)
	export PGHOST=$WORLD/pooler
	run --separate-stderr dbm-list pg:dbname=shop
	assert_equal "$status:$stderr" 0:
	assert_equal "$(echo "$output" | wc -l)" 52
	grep -v 'failing\|slow' <<<"$output" >tables
	log_mark
	run --separate-stderr dbm-preview -n 2 - <tables
	assert_equal "$status:$stderr" 0:
	assert_equal "$(grep -c '^1,name 1' <<<"$output")" 50
	run --separate-stderr dbm-linecount -b - <tables
	assert_equal "$status:$stderr" 0:
	assert_equal "$(grep -cx 20 <<<"$output")" 50
	run --separate-stderr dbm-profile -f json 'pg:dbname=shop#public.t001'
	assert_equal "$status:$stderr" 0:
	run --separate-stderr dbm-profile -f json --exact 'pg:dbname=shop#public.t001'
	assert_equal "$status:$stderr" 0:
	run --separate-stderr dbm-linecount --ttl 0 -b 'pg:dbname=shop#public.t001'
	assert_equal "$status:$output" 0:20
	run --separate-stderr dbm-preview --sample --tail -n 2 'pg:dbname=shop#public.t001'
	run --separate-stderr dbm-list -k index,fk,column pg:dbname=shop
	run --separate-stderr dbm-list -k slot pg:dbname=shop
	assert_success
	# What fails leaves nothing behind either.
	run --separate-stderr dbm-preview 'pg:dbname=shop#public.failing' 'pg:dbname=shop#public.nothere' 'pg:dbname=shop#public.t001'
	assert_failure 3
	# The server has seen one session for all of that: the pooler's.
	assert_equal "$(connections_logged)" 0
	assert_equal "$(left_behind)" "$before"
}

@test "a statement that is cancelled or takes too long, through the pooler" {
	before=$(left_behind)
	export PGHOST=$WORLD/pooler
	run --separate-stderr timeout 30 dbm-linecount --timeout 1s 'pg:dbname=shop#public.slow'
	assert_equal "$status:$output" 4:
	until_so none_running
	dbm-linecount --timeout 10m 'pg:dbname=shop#public.slow' >out 2>err </dev/null 3>&- &
	job=$!
	until_so is_running
	kill -TERM $job
	wait $job || true
	until_so none_running
	after=$(left_behind)
	# A cancelled session may have been given up by the pooler; the one that is there is clean.
	assert_equal "$(grep -vxE '[0-9]{2,}' <<<"$after")" "$(grep -vxE '[0-9]{2,}' <<<"$before")"
	run --separate-stderr dbm-linecount -b 'pg:dbname=shop#public.t001'
	assert_equal "$status:$output:$stderr" 0:20:
}

@test "many commands at once share the pooler's one connection" {
	export PGHOST=$WORLD/pooler
	log_mark
	for n in $(seq 10); do dbm-preview --no-cache -n 1 "pg:dbname=shop#public.t0$((n + 10))" >out.$n 2>&1 3>&- & done
	wait
	assert_equal "$(cat out.* | sort | uniq -c | tr -s ' ')" $' 10 1,name 1\n 10 id,name'
	assert_equal "$(connections_logged)" 0
}

@test "the pooler's server is gone: one line" {
	export PGHOST=$WORLD/pooler
	"$PG/server" stop "$SERVER"
	run --separate-stderr timeout 60 dbm-preview --timeout 3s --no-cache 'pg:dbname=shop#public.t001'
	"$PG/server" again "$SERVER"
	assert_equal "$status:$output" 4:
	assert_equal "$(echo "$stderr" | wc -l)" 1
}

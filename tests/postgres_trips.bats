# How often a server is asked: connections and round trips, as the trace says, and as a proxy and the server's log have counted.
load helper
load pg/helper

setup_file() {
	pg_begin
	database many <<'END'
		do $$ begin
			for i in 1..500 loop
				execute pg_catalog.format('create table t%s(id int primary key, name text, value numeric)', to_char(i, 'FM000'));
				execute pg_catalog.format('insert into t%s select n, ''name '' || n, n * %s from generate_series(1, 20) n', to_char(i, 'FM000'), i);
			end loop;
		end $$;
		create view failing as select 1 / (id - id) as x from t001;
		analyze;
END
	for n in $(seq 50); do printf 'pg:dbname=many#public.t%03d\n' "$n"; done >"$WORLD/fifty"
}
teardown_file() { pg_end; }

# A proxy that counts waits, however slowly the client runs; programs go through it from now on.
counting() {
	proxy counting --quiet 50
	export PGHOST=$WORLD/counting
	traced
	log_mark
}

# assert_trips N: one connection, and N waits for the server behind it.
assert_trips() {
	assert_equal "$(counted counting connections)" 1
	assert_equal "$(counted counting trips)" $((1 + $1))
	assert_equal "$(connections_logged)" 1
	assert_equal "$(events connect)" 1
	assert_equal "$(events exchange)" "$1"
}

# Counts of rows that the server was asked for; a stamp counts names alone.
counts_logged() { logged | grep -ciE 'execute.*count\(\*\) n, .* FROM "public"'; }

@test "a list of 500 tables: one connection, one round trip" {
	counting
	run --separate-stderr dbm-list pg:dbname=many
	assert_success
	assert_equal "$(echo "$output" | wc -l)" 501
	assert_line $'pg:dbname=many#public.t500\ttable\t20\t\\N\t\\N'
	assert_trips 1
}

@test "50 previews: one connection, two round trips" {
	counting
	run --separate-stderr dbm-preview -n 2 - <"$WORLD/fifty"
	assert_equal "$status:$stderr" 0:
	assert_equal "$(grep -c '^1,name 1,' <<<"$output")" 50
	assert_trips 2
}

@test "50 previews whose columns are known: one connection, one round trip" {
	counting
	dbm-preview -n 2 - <"$WORLD/fifty" >first
	assert_trips 2
	traced
	log_mark
	run --separate-stderr dbm-preview --refresh -n 2 - <"$WORLD/fifty"
	assert_equal "$status:$stderr" 0:
	assert_output "$(cat first)"
	# Both ways to the server together: two connections, three trips behind them.
	assert_equal "$(counted counting connections)" 2
	assert_equal "$(counted counting trips)" 5
	assert_equal "$(events connect):$(events exchange)" 1:1
}

@test "known columns that have changed: the new ones" {
	sql many 'create table changing(a int, b int); insert into changing values (1, 2)'
	run --separate-stderr dbm-preview 'pg:dbname=many#public.changing'
	assert_output $'a,b\n1,2'
	sql many "alter table changing add c text default 'new'; alter table changing drop a"
	run --separate-stderr dbm-preview --refresh 'pg:dbname=many#public.changing'
	assert_output $'b,c\n2,new'
	sql many "alter table changing rename b to d"
	run --separate-stderr dbm-preview --refresh 'pg:dbname=many#public.changing'
	assert_output $'d,c\n2,new'
	sql many 'drop table changing'
	run -4 dbm-preview --refresh 'pg:dbname=many#public.changing'
}

@test "all 501 tables of a database, given by its name alone: trips by the hundred of them" {
	counting
	run --separate-stderr dbm-linecount -b pg:dbname=many
	assert_equal "$status:$stderr" 0:
	assert_equal "$(grep -cx 20 <<<"$output")" 501
	assert_equal "$(counted counting connections)" 1
	assert [ "$(counted counting trips)" -le 16 ]
}

@test "of fifty tables one is missing, one may not be read, one view fails: each its line, the other 47 right" {
	sql many 'grant usage on schema public to stranger; grant select on all tables in schema public to stranger; revoke select on t020 from stranger'
	sed -e 's/t010$/missing/' -e 's/t030$/failing/' "$WORLD/fifty" >refs
	counting
	export PGUSER=stranger
	run --separate-stderr dbm-preview -n 2 - <refs
	assert_failure 3
	assert_equal "$(grep -c '^1,name 1,' <<<"$output")" 47
	assert_equal "$(echo "$stderr" | wc -l)" 3
	assert_regex "$stderr" 'dbm-preview: pg:dbname=many#public\.missing: no such table'
	assert_regex "$stderr" 'dbm-preview: pg:dbname=many#public\.t020: permission denied for table t020'
	assert_regex "$stderr" 'dbm-preview: pg:dbname=many#public\.failing: division by zero'
	assert_trips 2
}

@test "a name that the server cannot read fails alone" {
	counting
	run --separate-stderr dbm-preview -n 1 'pg:dbname=many#public.t001' 'pg:dbname=many#public.t%FF' 'pg:dbname=many#public.t002' 'pg:dbname=many#public.gone'
	assert_equal "$status:$(grep -c '^1,name 1,' <<<"$output")" 3:2
	assert_equal "$(echo "$stderr" | wc -l)" 2
	assert_regex "$stderr" 'dbm-preview: pg:dbname=many#public\.t%FF: invalid byte sequence'
	assert_regex "$stderr" 'dbm-preview: pg:dbname=many#public\.gone: no such table: it has public\.failing, public\.t001, '
	assert_equal "$(grep -o 't001,' <<<"$stderr")" 't001,'
	assert_trips 3
}

@test "a cached hit: no connection, the server's log is silent" {
	for look in "dbm-list pg:dbname=many" "dbm-preview pg:dbname=many#public.t001" "dbm-linecount -b pg:dbname=many#public.t001" \
		"dbm-profile pg:dbname=many#public.t001" "dbm-list -k column pg:dbname=many#public.t001"; do
		# Which server libpq is led to is part of what an answer is kept under.
		counting
		first=$($look)
		assert_equal "$(counted counting connections)" 1
		traced
		log_mark
		run --separate-stderr $look
		assert_equal "$status:$stderr" 0:
		assert_output "$first"
		assert_equal "$(counted counting connections)" 1
		assert_equal "$(logged | grep -cE '^[0-9]+ \[many/|application_name=dbm')" 0
		assert_equal "$(events hit):$(events connect)" 1:0
		unset PGHOST && export PGHOST=$SERVER
	done
}

@test "a count whose ttl is over: one tiny statement while nothing has changed, read again where it has" {
	ref='pg:dbname=many#public.t001'
	run dbm-linecount -b "$ref"
	assert_output 20
	traced
	log_mark
	run dbm-linecount -b --ttl 0 "$ref"
	assert_output 20
	assert_equal "$(counts_logged)" 0
	assert_equal "$(events connect):$(events hit)" 1:1
	sql many 'insert into t001 values (21)'
	log_mark
	run dbm-linecount -b --ttl 0 "$ref"
	assert_output 21
	assert_equal "$(counts_logged)" 1
	sql many 'delete from t001 where id = 21'
	run dbm-linecount -b --ttl 0 "$ref"
	assert_output 20
}

@test "counts beside a writer: none is older than the question, and none from the future" {
	sql many 'create table written(a int)'
	PGAPPNAME=writer psql -XqAt many -c 'do $$ begin for i in 1..10000000 loop insert into written values (i); commit; end loop; end $$' >/dev/null 2>&1 3>&- &
	job=$!
	begun() { [ "$(sql many 'select count(*) from written')" -gt 0 ]; }
	until_so begun
	for n in $(seq 8); do
		before=$(sql many 'select count(*) from written')
		run --separate-stderr dbm-linecount -b --ttl 0 'pg:dbname=many#public.written'
		after=$(sql many 'select count(*) from written')
		assert_success
		assert [ "$before" -le "$output" -a "$output" -le "$after" ]
	done
	sql many "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'writer'" >/dev/null
	wait $job || true
	all=$(sql many 'select count(*) from written')
	# Of a transaction that is still open nothing is counted; and all of it, once it has ended.
	mkfifo hold
	psql -XqAt many <hold >held 2>&1 3>&- &
	exec 9>hold
	echo "begin; insert into written values (0); select 'held';" >&9
	held() { grep -q held held; }
	until_so held
	for n in 1 2; do
		run --separate-stderr dbm-linecount -b --ttl 0 'pg:dbname=many#public.written'
		assert_output "$all"
	done
	echo "commit; select 'done';" >&9
	committed() { grep -q done held; }
	until_so committed
	exec 9>&-
	run --separate-stderr dbm-linecount -b --ttl 0 'pg:dbname=many#public.written'
	assert_output $((all + 1))
	sql many 'drop table written'
}

@test "50 counts whose ttl is over are proven in one connection" {
	counting
	dbm-linecount -b - <"$WORLD/fifty" >first
	assert_equal "$(counts_logged)" 50
	before=$(counted counting trips)
	log_mark
	run --separate-stderr dbm-linecount -b --ttl 0 - <"$WORLD/fifty"
	assert_equal "$status:$stderr" 0:
	assert_output "$(cat first)"
	assert_equal "$(counted counting connections)" 2
	assert_equal "$(counts_logged)" 0
	assert [ "$(($(counted counting trips) - before))" -le 3 ]
}

@test "only what is printed is fetched: the columns asked for, and no more of a cell than is shown" {
	sql many "create table wide as select n as id, repeat('x', 100000) as a, repeat('y', 100000) as b from generate_series(1, 100) n"
	counting
	run --separate-stderr dbm-preview -n 5 -c id 'pg:dbname=many#public.wide'
	assert_output $'id\n1\n2\n3\n4\n5'
	narrow=$(counted counting down)
	counting
	run --separate-stderr dbm-preview -n 5 -c a --width 100 'pg:dbname=many#public.wide'
	assert_success
	cut=$(counted counting down)
	assert [ "$((cut - narrow))" -lt 2000 ]
	sql many 'drop table wide'
}

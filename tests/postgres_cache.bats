# What is kept of a PostgreSQL server: warmed, counted, forgotten; another server behind a reference, and one that is gone.
load helper
load pg/helper

setup_file() { pg_begin; }
teardown_file() { pg_end; }

# Makes a database of N tables t1 … tN, each with rows 1 … 20.
tables() {
	database "$1" <<-END
		do \$\$ begin
			for i in 1..$2 loop
				execute pg_catalog.format('create table t%s(id int primary key, name text)', i);
				execute pg_catalog.format('insert into t%s select n, ''name '' || n from generate_series(1, 20) n', i);
			end loop;
		end \$\$;
		analyze;
	END
}

@test "a list is warmed: each program finds its answer, and the server hears nothing of it" {
	tables warm 40
	dbm-list pg:dbname=warm >list
	run --separate-stderr dbm-warm --for preview,count,profile,schema - <list
	assert_success
	traced
	log_mark
	for look in dbm-preview 'dbm-linecount -b' dbm-profile 'dbm-list -k column' 'dbm-list -k index' 'dbm-list -k fk' dbm-schema; do
		traced
		run --separate-stderr $look - <list
		assert_success
		echo "$look"
		assert_equal "$(events hit):$(events miss)" 40:0
	done
	assert_silent
	# What does not expire for a while is left alone; with --older-than what was read before is read again.
	run --separate-stderr dbm-warm --for count - <list
	assert_silent
}

@test "warm from the name of a database: few trips" {
	tables few 40
	traced
	run --separate-stderr dbm-warm --for list,preview,count pg:dbname=few
	assert_success
	assert_equal "$(events connect)" 1
	assert [ "$(events exchange)" -le 12 ]
	traced
	dbm-preview pg:dbname=few >out
	assert_equal "$(events hit):$(events miss)" 41:0
}

@test "statistics and metrics say the reference, and neither the environment nor a password" {
	tables told 2
	export PGOPTIONS='-c geqo=off'
	dbm-preview "pg:dbname=told password=S3CRETword#public.t1" >out
	dbm-preview "pg:dbname=told password=S3CRETword#public.t1" >out
	for look in "dbm-stats" "dbm-stats --latency" "dbm-stats --entries" "dbm-stats -f prom" "dbm-invalidate -n -v pg:dbname=told"; do
		run --separate-stderr $look
		assert_success
		refute_output --partial geqo
		refute_output --partial S3CRETword
	done
	run --separate-stderr dbm-stats
	assert_output --partial 'pg:dbname=told'
	run grep -rla S3CRETword "$XDG_CACHE_HOME" "$XDG_STATE_HOME" "$DBM_TRACE"
	assert_output ''
}

@test "forgotten: a table, a kind, a database, and what is older" {
	tables forgotten 3
	ref=pg:dbname=forgotten
	warm() { dbm-preview $ref#public.t1 $ref#public.t2 >out && dbm-linecount $ref#public.t1 >out; }
	again() { traced; warm; echo "$(events hit) $(events miss)"; }
	warm
	assert_equal "$(again)" '3 0'
	dbm-invalidate $ref#public.t1
	assert_equal "$(again)" '1 2'
	dbm-invalidate -k count $ref
	assert_equal "$(again)" '2 1'
	dbm-invalidate $ref
	assert_equal "$(again)" '0 3'
	dbm-invalidate --older-than 1h $ref
	assert_equal "$(again)" '3 0'
	dbm-invalidate --older-than 0s $ref
	assert_equal "$(again)" '0 3'
	PGOPTIONS='-c geqo=off' dbm-invalidate $ref
	assert_equal "$(again)" '3 0'
}

@test "a database that was dropped and made again under its name: what was kept of the one before is no hit" {
	tables again 2
	dbm-preview pg:dbname=again >first
	sql postgres 'drop database again with (force)'
	database again <<<'create table t1(id int, name text); insert into t1 values (1, $$new$$); create table t3()'
	run --separate-stderr dbm-linecount -b 'pg:dbname=again#public.t3'
	assert_output 0
	assert_equal "$(events 'identity changed=1')" 1
	run --separate-stderr dbm-preview 'pg:dbname=again#public.t1'
	assert_output $'id,name\n1,new'
	run --separate-stderr -4 dbm-preview 'pg:dbname=again#public.t2'
	traced
	run --separate-stderr dbm-preview 'pg:dbname=again#public.t1'
	assert_equal "$(events hit)" 1
}

@test "a server that is gone: lists, columns and previews of the last good look, marked as old" {
	"$PG/server" start "$WORLD/gone" >/dev/null
	export PGHOST=$WORLD/gone
	psql -XqAt -d postgres -c 'create table a(x int, y text); insert into a values (1, $$one$$); create table "b c"(z int)'
	dbm-list pg:dbname=postgres >list
	dbm-list -k column pg:dbname=postgres >columns
	dbm-preview pg:dbname=postgres >previews
	dbm-linecount -b 'pg:dbname=postgres#public.a' >count
	"$PG/server" stop "$WORLD/gone" immediate
	old() { [[ "$stderr" == *': this is what it was '*' ago'* ]]; }
	run --separate-stderr dbm-list --ttl 0 pg:dbname=postgres
	assert_success && assert_output "$(cat list)" && old
	run --separate-stderr dbm-list --ttl 0 -k column pg:dbname=postgres
	assert_success && assert_output "$(cat columns)" && old
	run --separate-stderr dbm-preview --ttl 0 pg:dbname=postgres
	assert_success && assert_output "$(cat previews)" && old
	run --separate-stderr dbm-linecount --ttl 0 -b 'pg:dbname=postgres#public.a'
	assert_success && assert_output 1 && old
	# What was never asked for itself.
	run --separate-stderr dbm-list 'pg:dbname=postgres#public.a'
	assert_success && assert_output "$(head -1 list)" && old
	run --separate-stderr dbm-list -k column 'pg:dbname=postgres#public.b%20c'
	assert_success && assert_output "$(grep 'b%20c' columns)" && old
	run --separate-stderr dbm-preview --ttl 0 --columns 'pg:dbname=postgres#public.a'
	assert_success && assert_equal "$(cut -f 3 <<<"$output")" $'x\ny' && old
	run --separate-stderr -4 dbm-list --ttl 0 --strict pg:dbname=postgres
	run --separate-stderr -4 dbm-profile 'pg:dbname=postgres#public.a'
	assert_equal "$(wc -l <<<"$stderr")" 1
}

@test "a count whose ttl is over on a hot standby is always read again" {
	tables standing 1
	"$PG/server" standby "$WORLD/standby" "$SERVER" >/dev/null
	there() { [ "$(PGHOST=$WORLD/standby psql -XqAt -d standing -c 'select count(*) from t1' 2>/dev/null)" = "$1" ]; }
	until_so there 20
	export PGHOST=$WORLD/standby
	run --separate-stderr dbm-linecount -b 'pg:dbname=standing#public.t1'
	assert_output 20
	sql standing 'insert into t1 select n, null from generate_series(21, 30) n'
	until_so there 30
	run --separate-stderr dbm-linecount -b --ttl 0 'pg:dbname=standing#public.t1'
	assert_output 30
}

# Indexes made and dropped on a server: what is there already, what others left, who is in the way, and whatever may go wrong half way.
load helper
load pg/helper

setup_file() {
	pg_begin log_lock_waits=on deadlock_timeout=100ms max_prepared_transactions=5
	database shop <<'END'
		create function slowly(int) returns int language plpgsql immutable as $$ begin perform pg_sleep(0.02); return $1; end $$;
		create table t(id int primary key, a int, b text, "c.d%" text);
		insert into t select n, n % 10, 'b' || n, 'c' || n from generate_series(1, 1000) n;
		create table slow as select n as id from generate_series(1, 150) n;
		create table other(id int);
		create view v as select * from t;
		create table twice as select n % 10 as id from generate_series(1, 20) n;
		create table wide as select n as id, (select string_agg(md5(n::text || m), '') from generate_series(1, 60) m) as text from generate_series(1, 6000) n;
		create table p(id int, k int, x text) partition by range(id);
		create table p1 partition of p for values from (0) to (1000);
		create table p2 partition of p for values from (1000) to (2000) partition by list(k);
		create table p2a partition of p2 for values in (1);
		create table "P2.b" partition of p2 for values in (2);
		insert into p select n, 1 + n % 2, 'x' || n from generate_series(0, 1999) n;
		grant select on t to stranger;
END
}
teardown_file() { pg_end; }

# Nothing is left behind by a test, whatever it has done to the server.
teardown() {
	[ -f "$SERVER/data/postmaster.pid" ] || "$PG/server" again "$SERVER" >/dev/null
	sql postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'shop'" >/dev/null
	sql_file shop >/dev/null <<-'END'
		select format('drop index %s', indexrelid::regclass) from pg_index join pg_class c on c.oid = indexrelid where not relispartition and relname like 'i\_%' \gexec
	END
}

# ask OPERATION NAME=VALUE...: of the database shop; limits are 2 s, and 200 ms for locks behind which others wait.
ask() { "$PG/ask" "$(dirname "$(command -v dbm-list)")/../libexec/dbm-source-postgresql" "${REFERENCE:-pg:dbname=shop}" "$@"; }
create() { ask create_index wait="${WAIT:-2000}" lock_timeout=200 "$@"; }
drop() { ask drop_index wait="${WAIT:-2000}" lock_timeout=200 "$@"; }
# The index on public.slow takes three seconds.
SLOW=(table=slow name=i_slow 'key=expression|public.slowly(id)|asc|||')

# last: what the answer ended with, and the row before that.
last() { tail -n 2 <<<"$output"; }
assert_made() { assert_equal "$(last)" "[\"$1\", null, null, null]
end 1"; }
# phases: those that the rows had, but for those in which a slow machine may be seen.
phases() { sed -n 's/^\["\([a-z ]*\)".*/\1/p' <<<"$output" | grep -vxE 'starting|waiting|validating' | uniq | tr '\n' ' '; }
# state INDEX: whether it is valid; nothing where there is none.
state() { sql shop "select indisvalid from pg_index where indexrelid = to_regclass('$1')"; }
assert_nothing() { assert_equal "$(state "$1")" ''; }

# background NAME=VALUE...: makes an index; $job is the process that asks, whose only child is the helper.  finished waits for it
# and has its output.
background() {
	: >out
	# A background job of a script ignores SIGINT.
	env --default-signal=INT,HUP "$PG/ask" "$(dirname "$(command -v dbm-list)")/../libexec/dbm-source-postgresql" pg:dbname=shop \
		create_index wait="${WAIT:-2000}" lock_timeout=200 "$@" >out 2>&1 </dev/null 3>&- &
	job=$!
}
finished() {
	wait "$job" || true
	output=$(cat out)
}
has_output() { grep -q "$1" out; }

# session NAME SQL: somebody else, who stays; session_end NAME [SQL].
declare -A sessions
session() {
	local fd
	mkfifo "$1.fifo"
	PGAPPNAME=$1 PGOPTIONS='-c client_min_messages=warning' psql -XqAt -d shop <"$1.fifo" >"$1.out" 2>&1 3>&- &
	exec {fd}>"$1.fifo"
	sessions[$1]=$fd
	echo "$2" >&"$fd"
	until_so is_idle "$1"
}
is_idle() { [ "$(sql postgres "select count(*) from pg_stat_activity where application_name = '$1' and state like 'idle%' and query <> ''")" = 1 ]; }
session_end() {
	local fd=${sessions[$1]}
	[ $# = 1 ] || echo "$2" >&"$fd"
	exec {fd}>&-
}
nobody() { [ "$(sql postgres "select count(*) from pg_stat_activity where application_name like 'dbm%'")" = 0 ]; }
pid_of() { sql postgres "select pid from pg_stat_activity where application_name = '$1'"; }

@test "once it is made, then it is there: with all that an index may have" {
	ALL=(table=t name='i_"all' unique method=btree 'key=expression|lower(b)|desc|first||' 'key=column|c.d%|asc||pg_catalog.C|pg_catalog.text_pattern_ops'
		'include=a|id' 'predicate=a > 5')
	run create "${ALL[@]}"
	assert_made created
	assert_equal "$(phases)" 'building created '
	assert_equal "$(sql shop "select pg_get_indexdef('\"i_\"\"all\"'::regclass)")" \
		'CREATE UNIQUE INDEX "i_""all" ON public.t USING btree (lower(b) DESC, "c.d%" COLLATE "C" text_pattern_ops) INCLUDE (a, id) WHERE (a > 5)'
	log_mark
	run create "${ALL[@]}"
	assert_output "$(printf '["there", null, null, null]\nend 1')"
	# It was made again on an empty table, and taken back.
	assert_equal "$(logged | grep -cE 'CREATE (UNIQUE )?INDEX CONCURRENTLY|DROP INDEX')" 0
	assert_equal "$(sql shop "select count(*) from pg_class where relname = 'dbm_index'")" 0
	run ask drop_index table=public.t 'name=i_"all' -- drop_index table=public.t 'name=i_"all' -- analyze table=public.t
	assert_output "$(printf '["%s", null, null, null]\n' dropping dropped | cat - <(echo end 1; echo '["absent", null, null, null]'; echo end 1
		printf '["%s", null, null, null]\n' analyzing analyzed; echo end 1))"
	assert_nothing 'i_"all'
	for method in hash brin gin; do
		column=a class=''
		[ $method != gin ] || column='to_tsvector('\''pg_catalog.simple'\'', b)'
		kind=column
		[ $method != gin ] || kind=expression
		run create table=t name=i_$method method=$method "key=$kind|$column|asc|||$class"
		assert_made created
	done
}

@test "a name that something else has: a conflict" {
	sql shop 'create index i_same on t (a)'
	for difference in 'key=column|a|desc|||' 'key=column|b|asc|||' 'key=column|a|asc||| include=id' 'key=column|a|asc||| method=hash' \
		'key=column|a|asc||| unique' 'key=column|a|asc|last||pg_catalog.int4_ops predicate=a>1'; do
		# shellcheck disable=SC2086
		run create table=t name=i_same $difference
		assert_output 'end 3 conflict: there is another index i_same: CREATE INDEX i_same ON public.t USING btree (a)'
	done
	run create table=t name=i_same 'key=column|a|asc|last||pg_catalog.int4_ops'
	assert_made there
	run create table=other name=i_same 'key=column|id|asc|||'
	assert_output 'end 3 conflict: i_same is the name of something else: CREATE INDEX i_same ON public.t USING btree (a)'
	run create table=t name=other 'key=column|a|asc|||'
	assert_output 'end 3 conflict: other is the name of something else: a table, view or sequence'
}

@test "what cannot be: a sentence, and the server was asked for no index" {
	log_mark
	run create table=t name=i_x 'key=column|aa|asc|||'
	assert_output 'end 3 has no column aa'
	run create table=t name=i_x 'key=column|a|asc|||' include=bb
	assert_output 'end 3 has no column bb'
	run create table=v name=i_x 'key=column|a|asc|||'
	assert_output 'end 3 is a view, which has no indexes'
	run create table=t name=i_x
	assert_output 'end 3 an index has a name and columns'
	run create table=t name="i_$(printf 'x%.0s' {1..70})" 'key=column|a|asc|||'
	assert_regex "$output" '^end 3 i_x*: is longer than the 63 bytes that a name may have$'
	run create table=nowhere name=i_x 'key=column|a|asc|||'
	assert_regex "$output" '^end 3 no such table: it has '
	REFERENCE='pg:dbname=shop user=stranger' run create table=t name=i_x 'key=column|a|asc|||'
	assert_output 'end 3 may only be changed by its owner'
	REFERENCE='pg:dbname=shop user=stranger' run ask analyze table=t
	assert_output 'end 3 may only be changed by its owner'
	REFERENCE='pg:dbname=shop options='\''-c default_transaction_read_only=on'\' run create table=t name=i_x 'key=column|a|asc|||'
	assert_output 'end 3 is read-only (default_transaction_read_only)'
	run ask drop_index table=t name=t_pkey -- drop_index table=other name=t_pkey
	assert_output 'end 3 t_pkey is what the constraint t_pkey is kept by: it goes with that
end 3 t_pkey is no index of it: CREATE UNIQUE INDEX t_pkey ON public.t USING btree (id)'
	sql shop 'create unique index i_r on p1 (id); alter table p1 alter id set not null; alter table p1 replica identity using index i_r'
	run ask drop_index table=p1 name=i_r
	assert_output 'end 3 i_r identifies its rows for replication (REPLICA IDENTITY)'
	sql shop 'alter table p1 replica identity default; drop index i_r'
	run ask wal
	assert_regex "$output" '^end 4 '
	assert_equal "$(logged | grep -cE '(CREATE|DROP) (UNIQUE )?INDEX')" 0
}

@test "names and SQL that would be more than that are not" {
	sql shop 'create schema "S.%""x"; create table "S.%""x"."T; drop" ("a"" b" int, "select" text)'
	run create 'table=S%2E%25"x.T; drop' 'name=i_");drop table t;--' 'key=column|a" b|asc|||' 'key=column|select|desc|||'
	assert_made created
	run create 'table=S%2E%25"x.T; drop' 'name=i_");drop table t;--' 'key=column|a" b|asc|||' 'key=column|select|desc|||'
	assert_made there
	run drop 'table=S%2E%25"x.T; drop' 'name=i_");drop table t;--'
	assert_made dropped
	# Statements are sent one at a time, so that SQL that goes on is an error.
	run create table=t name=i_x 'key=column|a|asc|||' 'predicate=a > 1; drop table other'
	assert_regex "$output" 'end 3 cannot insert multiple commands into a prepared statement$'
	assert_equal "$(sql shop "select to_regclass('other')")" other
	# What schemas have under the names of the system's is not found.
	sql shop "create function lower(text) returns text language sql immutable as 'select upper(\$1)'; alter database shop set search_path = public, pg_catalog"
	run create table=t name=i_x 'key=expression|lower(b)|asc|||'
	assert_made created
	assert_equal "$(sql shop "set search_path = ''; select pg_get_indexdef('public.i_x'::regclass)")" 'CREATE INDEX i_x ON public.t USING btree (lower(b))'
	sql shop 'drop function public.lower(text); alter database shop reset search_path; drop schema "S.%""x" cascade'
}

@test "an index that was left invalid is removed first" {
	run sql shop 'create unique index concurrently i_u on twice (id)'
	assert_equal "$(state i_u)" f
	oid=$(sql shop "select 'i_u'::regclass::oid")
	run create table=twice name=i_u unique 'key=column|id|asc|||'
	assert_equal "$(phases)" 'removing building removing '
	assert_equal "$(tail -n 1 <<<"$output")" 'end 3 could not create unique index "i_u": Key (id)=(1) is duplicated'
	assert_nothing i_u
	sql shop 'create unique index concurrently i_u on twice (id)' || true
	run create table=twice name=i_u 'key=column|id|asc|||'
	assert_equal "$(phases)" 'removing building created '
	assert_equal "$(state i_u)" t
	refute [ "$(sql shop "select 'i_u'::regclass::oid")" = "$oid" ]
}

@test "whoever sees the database as it was is listed, waited for, and not longer than is to be waited" {
	for sql in 'begin isolation level repeatable read; select 1 from other;' 'begin; update t set a = a where id = 1;'; do
		session blocker "$sql"
		pid=$(pid_of blocker)
		WAIT=1500 run create table=t name=i_a 'key=column|a|asc|||'
		assert_equal "$(phases)" 'blocked '
		assert_regex "$(head -1 <<<"$output")" "^\[\"blocked\", null, null, \"process $pid \(user postgres, application blocker\), idle in transaction, [0-9]+ s into its transaction\"]\$"
		assert_regex "$(tail -1 <<<"$output")" "^end 5 process $pid \(user postgres, application blocker\), idle in transaction, [0-9]+ s into its transaction, is in the way for longer than the 1\.5 s to be waited \(--wait\)\$"
		# Of what others do nothing is told.
		refute_output --regexp 'select|update'
		assert_nothing i_a
		WAIT=20000 background table=t name=i_a 'key=column|a|asc|||'
		until_so has_output blocked
		assert_nothing i_a
		session_end blocker 'commit;'
		finished
		assert_made created
		run drop table=t name=i_a
		assert_made dropped
		rm blocker.fifo
	done
	WAIT=0 run create table=t name=i_a 'key=column|a|asc|||'
	assert_made created
}

@test "a prepared transaction is in the way as well" {
	sql shop 'begin; insert into other values (1); prepare transaction '\''p'\'
	WAIT=500 run create table=other name=i_o 'key=column|id|asc|||'
	assert_regex "$(tail -1 <<<"$output")" '^end 5 a prepared transaction \(pg_prepared_xacts\), is in the way '
	assert_nothing i_o
	sql shop "rollback prepared 'p'"
}

@test "who comes while it is made and stays: given up, and removed once that is possible" {
	WAIT=500 background "${SLOW[@]}"
	until_so has_output scanning
	session late 'begin isolation level repeatable read; select 1 from other;'
	finished
	assert_regex "$(phases)" '^building (blocked )?removing $'
	assert_regex "$(tail -1 <<<"$output")" '^end 5 process [0-9]+ \(user postgres, application late\), .* is in the way for longer than the 0\.5 s to be waited \(--wait\)$'
	assert_nothing i_slow
	session_end late
}

@test "somebody else makes one of that name, or another: waited for, and then looked at again" {
	psql -Xq -d shop -c 'create index concurrently i_slow on slow (slowly(id))' >/dev/null 2>&1 3>&- &
	until_so is_being_made
	WAIT=20000 run create "${SLOW[@]}"
	assert_regex "$(phases)" '^blocked there $'
	assert_output --regexp 'application psql'
	wait
	sql shop 'drop index i_slow'
	psql -Xq -d shop -c 'create index concurrently i_slow on slow (slowly(id))' >/dev/null 2>&1 3>&- &
	until_so is_being_made
	WAIT=500 run create table=slow name=i_id 'key=column|id|asc|||'
	assert_regex "$(tail -1 <<<"$output")" '^end 5 process [0-9]+ \(user postgres, application psql\), active, .* is in the way'
	wait
	assert_equal "$(state i_slow)" t
	assert_nothing i_id
}
is_being_made() { [ "$(sql postgres "select count(*) from pg_stat_progress_create_index where phase like 'building%'")" = 1 ]; }

@test "two at once: one works, the other says who does" {
	background "${SLOW[@]}"
	until_so has_output scanning
	pid=$(sql postgres "select pid from pg_stat_progress_create_index")
	run create table=slow name=i_second 'key=column|id|asc|||'
	assert_regex "$output" "^end 5 its indexes are changed by another dbm at present: process $pid \(user postgres, application dbm"
	run create table=t name=i_a 'key=column|a|asc|||'
	assert_made created
	finished
	assert_made created
	assert_nothing i_second
}

@test "killed half way, by itself or with the server: the next time mends it; ended by a signal: nothing is left" {
	for how in KILL TERM INT HUP gone server; do
		background "${SLOW[@]}"
		until_so has_output scanning
		case $how in
		gone) kill -KILL "$job" ;;
		server) "$PG/server" stop "$SERVER" immediate && "$PG/server" again "$SERVER" ;;
		*) kill -$how "$(pgrep -P "$job")" ;;
		esac
		finished
		until_so nobody
		case $how in
		KILL) assert_equal "$(state i_slow)" f ;;
		*) assert_nothing i_slow ;;
		esac
	done
	run sql_file shop <<<'set statement_timeout = 1000; create index concurrently i_slow on slow (slowly(id));'
	assert_equal "$(state i_slow)" f
	run create "${SLOW[@]}"
	assert_regex "$(phases)" '^removing building created $'
	assert_equal "$(state i_slow)" t
}

@test "the connection is ended half way: what was made is removed over another" {
	background "${SLOW[@]}"
	until_so has_output scanning
	sql postgres 'select pg_terminate_backend(pid) from pg_stat_progress_create_index'
	finished
	assert_regex "$(tail -1 <<<"$output")" '^end 5 terminating connection due to administrator command$'
	assert_equal "$(phases)" 'building removing '
	assert_nothing i_slow
}

@test "no writer waits, while it is made or while it waits" {
	cat >writes.sql <<-'END'
		set lock_timeout = '200ms';
		select 'insert into slow values (' || 100000 + n || '); update slow set id = id + 1000000 where id = ' || 100000 + n || '; select pg_sleep(0.01)' from generate_series(1, 300) n \gexec
	END
	log_mark
	background "${SLOW[@]}"
	PGAPPNAME=writer psql -XqAt -v ON_ERROR_STOP=1 -d shop -f writes.sql >written 2>&1 3>&- &
	writer=$!
	finished
	assert_made created
	wait $writer
	assert_equal "$(tr -d '\n' <written)" ''
	assert_equal "$(sql shop 'set enable_seqscan = on; select count(*) from slow where id > 1000000')" 300
	# The index has them all.
	assert_equal "$(sql shop "select count(*) from slow" )" 450
	# log_lock_waits: whoever waits for longer than deadlock_timeout.
	assert_equal "$(tail -c +$((LOGGED + 1)) "$SERVER/log" | grep '/writer\]' | grep -c 'still waiting')" 0
	sql shop 'delete from slow where id > 1000'
	# Behind somebody who keeps such changes out, one waits in the queue; writers do not queue behind it.
	session locker 'begin; lock table t in share update exclusive mode;'
	PGAPPNAME=waits psql -Xq -d shop -c 'create index concurrently i_w on t (a)' >/dev/null 2>&1 3>&- &
	waits() { [ "$(sql postgres "select count(*) from pg_stat_activity where application_name = 'waits' and wait_event_type = 'Lock'")" = 1 ]; }
	until_so waits
	assert_equal "$(sql shop "set lock_timeout = '100ms'; update t set a = a where id = 2; select 1")" 1
	session_end locker 'rollback;'
	wait
}

@test "no room: the sentence of the server, and nothing is left" {
	session blocker 'begin; insert into wide values (0);'
	WAIT=20000 background table=wide name=i_wide 'key=column|text|asc|||'
	until_so has_output blocked
	# Its process may write no file beyond 17 MiB (the server's own log is of 16): the index has more.
	for pid in $(sql postgres "select pid from pg_stat_activity where application_name like 'dbm%'"); do "$PG/server" run "$SERVER" prlimit --pid "$pid" --fsize=17825792; done
	session_end blocker 'rollback;'
	finished
	assert_regex "$(tail -1 <<<"$output")" '^end [35] .*(File too large|could not (write|extend))'
	assert_regex "$(phases)" '^blocked building removing $'
	assert_nothing i_wide
	run sql shop "select count(*) from pg_class where relname like 'i\\_wide%'"
	assert_output 0
}

@test "a partitioned table: on each partition, and again where it was broken off" {
	X=(table=p name=i_x 'key=column|x|asc|||' include=k)
	run create "${X[@]}"
	assert_made created
	assert_equal "$(sql shop "select indrelid::regclass, indexrelid::regclass, indisvalid from pg_index where indexrelid::regclass::text like '%i_x%' order by 1")" \
		'p|i_x|t
p1|p1_i_x|t
p2|p2_i_x|t
p2a|p2a_i_x|t
"P2.b"|"P2.b_i_x"|t'
	run create "${X[@]}"
	assert_output "$(printf '["there", null, null, null]\nend 1')"
	# A partition has it, and may have none of that name that is something else.
	run create table=p1 name=p1_i_x 'key=column|x|asc|||' include=k
	assert_made there
	run create table=p1 name=p1_i_x 'key=column|k|asc|||'
	assert_regex "$output" '^end 3 conflict: there is another index p1_i_x'
	run drop table=p1 name=p1_i_x
	assert_output 'end 3 p1_i_x is a part of the index of a partitioned table, and goes with that'
	session reader 'begin; select count(*) from p;'
	WAIT=700 run drop table=p name=i_x
	assert_regex "$(tail -1 <<<"$output")" '^end 5 process [0-9]+ \(user postgres, application reader\)'
	assert_equal "$(state i_x)" t
	session_end reader
	run drop table=p name=i_x
	assert_made dropped
	assert_equal "$(sql shop "select count(*) from pg_class where relname like '%i_x'")" 0
	# As if killed: the whole one is there, one partition is done but not attached, one was left invalid.
	sql shop 'create index i_x on only p (x) include (k)'
	sql shop 'create index p1_i_x on p1 (x) include (k)'
	sql shop 'create index p2_i_x on only p2 (x) include (k)'
	session writer 'begin; insert into p2a values (1001, 1);'
	run sql_file shop <<<'set lock_timeout = 100; create index concurrently p2a_i_x on p2a (x) include (k);'
	session_end writer
	assert_equal "$(state p2a_i_x)" f
	oid=$(sql shop "select 'p1_i_x'::regclass::oid")
	run create "${X[@]}"
	assert_made created
	assert_equal "$(sql shop "select count(*), bool_and(indisvalid) from pg_index where indexrelid::regclass::text like '%i_x%'")" '5|t'
	assert_equal "$(sql shop "select 'p1_i_x'::regclass::oid")" "$oid"
	run drop table=p name=i_x
	run create table=p name=i_x unique 'key=column|x|asc|||'
	assert_regex "$(tail -1 <<<"$output")" '^end 3 unique constraint on partitioned table must include all partitioning columns'
	assert_nothing i_x
}

@test "an open transaction on a partitioned table: its lock is tried for in short, and not behind it" {
	session writer 'begin; insert into p values (1, 1, '\''y'\'');'
	WAIT=1000 run create table=p name=i_x 'key=column|x|asc|||'
	assert_regex "$(tail -1 <<<"$output")" '^end 5 process [0-9]+ \(user postgres, application writer\)'
	assert_nothing i_x
	session_end writer
}

@test "a drop that cannot be made: the index stays" {
	sql shop 'create index i_a on t (a)'
	session reader 'begin; select count(*) from t;'
	WAIT=700 run drop table=t name=i_a
	assert_regex "$(tail -1 <<<"$output")" '^end 5 process [0-9]+ \(user postgres, application reader\), .* is in the way'
	assert_equal "$(state i_a)" t
	session_end reader
}

@test "a hot standby is read-only; a pooler is no way to change an index" {
	"$PG/server" standby "$WORLD/standby" "$SERVER" >/dev/null
	REFERENCE="pg:host=$WORLD/standby dbname=shop" run create table=t name=i_a 'key=column|a|asc|||'
	assert_output 'end 3 is read-only: the server is a standby, and gets its indexes from its primary'
	"$PG/server" stop "$WORLD/standby" immediate
	for mode in transaction session; do
		"$PG/pooler" start "$WORLD/$mode" "$SERVER" pool_mode=$mode >/dev/null
		REFERENCE="pg:host=$WORLD/$mode dbname=shop" run create table=t name=i_a 'key=column|a|asc|||'
		assert_output 'end 3 there is a pooler in front of the server: indexes are changed over a connection to the server itself'
		"$PG/pooler" stop "$WORLD/$mode"
	done
	assert_nothing i_a
}

# What dbm-index makes of it.
WANT='public.slow ((public.slowly(id))) name i_slow
public.t (a, b desc) include ("c.d%") where (a > 3) name i_ab'
plan() { dbm-index --want - --plan pg:dbname=shop <<<"${1-$WANT}"; }
apply() { dbm-index --apply - --wait "${WAIT:-2s}" --analyze never; }
results() { awk -F '\t' '{printf "%s %s ", $3, $4}' <<<"$output"; }

@test "a want file, from the plan to the indexes; then there is nothing to do" {
	plan >made
	run --separate-stderr apply <made
	assert_success
	assert_equal "$(results)" 'i_slow created i_ab created '
	assert_equal "$(sql shop "select pg_get_indexdef('i_ab'::regclass)")" 'CREATE INDEX i_ab ON public.t USING btree (a, b DESC) INCLUDE ("c.d%") WHERE (a > 3)'
	run --separate-stderr apply <made
	assert_success
	assert_equal "$(results)" 'i_slow there i_ab there '
	run --separate-stderr plan
	assert_equal "$status:$output" 0:
}

@test "plans that are no longer so: a column that has gone, a name that another has, a table that was changed" {
	sql shop 'create table gone(id int, k int)'
	plan 'public.gone (k) name i_k' >made
	sql shop 'create index i_k on gone (id)'
	run --separate-stderr apply <made
	assert [ "$status" -ne 0 ]
	assert_regex "$(results)" '^i_k (conflict|refused) $'
	sql shop 'drop index i_k; alter table gone drop column k'
	run --separate-stderr apply <made
	assert [ "$status" -ne 0 ]
	assert_regex "$(results)" '^i_k (failed|refused) $'
	assert_nothing i_k
	run --separate-stderr plan 'public.gone (kk) name i_k'
	assert [ "$status" -ne 0 ]
	assert_regex "$stderr" 'kk'
	sql shop 'drop table gone'
}

@test "dbm-index waits for who is in the way, says who that is, and gives up" {
	plan 'public.t (a) name i_a' >made
	session blocker 'begin isolation level repeatable read; select 1 from other;'
	pid=$(pid_of blocker)
	WAIT=1500ms run --separate-stderr apply <made
	assert [ "$status" -ge 3 ]
	assert_regex "$stderr" "process $pid \(user postgres, application blocker\), idle in transaction, .* is in the way for longer than the 1\.5 s"
	assert_nothing i_a
	session_end blocker
}

@test "two of them at once; one that is ended or killed half way leaves nothing that the next does not mend" {
	plan 'public.slow ((public.slowly(id))) name i_slow' >made
	for signal in none TERM KILL; do
		dbm-index --apply - <made >out 2>&1 3>&- &
		job=$!
		until_so is_being_made
		run --separate-stderr apply <made
		assert [ "$status" -ne 0 ]
		assert_regex "$stderr" '(its indexes are changed by another dbm at present: process [0-9]+ |i_slow: somebody is making it now$)'
		[ $signal = none ] || kill -$signal $job
		wait $job || true
		until_so nobody
		case $signal in
		none) assert_equal "$(state i_slow)" t && sql shop 'drop index i_slow' ;;
		*) assert_nothing i_slow ;;
		esac
	done
	run --separate-stderr apply <made
	assert_success
	assert_equal "$(results)" 'i_slow created '
}

# What goes wrong with a server: the right old answer with a warning, or one clear line and the status; never a hang past the
# timeout, never a part shown as the whole.
load helper
load pg/helper

setup_file() {
	pg_begin
	database shop <<'END'
		create table t(id int primary key, name text);
		insert into t select n, 'name ' || n from generate_series(1, 100) n;
		create table wide as select n as id, repeat(md5(n::text), 100) as text from generate_series(1, 2000) n;
		create view slow as select id from t where pg_sleep(600) is not null;
		create table locked(id int);
		insert into locked values (1);
		grant select on t to stranger;
		create role limited login connection limit 0;
		analyze;
END
}
teardown_file() { pg_end; }

# Nothing is left behind by a test, whatever it has done to the server.
teardown() {
	[ -f "$SERVER/data/postmaster.pid" ] || "$PG/server" again "$SERVER" >/dev/null
	sql postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'shop'" >/dev/null
}

REF='pg:dbname=shop#public.t'
SLOW='pg:dbname=shop#public.slow'

# assert_one_line STATUS REGEX: nothing but one sentence.
assert_one_line() {
	assert_equal "$status:$output" "$1:"
	assert_equal "$(echo "$stderr" | wc -l)" 1
	assert_regex "$stderr" "$2"
}

# old_answer: the same answer as first, with a warning that says that it is old.
assert_old() {
	assert_equal "$status" 0
	assert_output "$first"
	assert_equal "$(echo "$stderr" | wc -l)" 1
	assert_regex "$stderr" ': this is what it was [0-9]+ s ago$'
}

# What rows are there are the first ones, and a line and the status say that it is not all.
assert_part_said() {
	assert [ "$status" = 3 -o "$status" = 4 ]
	assert_equal "$(echo "$stderr" | wc -l)" 1
	assert_equal "${first:0:${#output}}" "$output"
}

# background COMMAND...: has its process in $job; finished waits for it and has status, output and stderr as run does.
background() {
	"$@" >out 2>err </dev/null 3>&- &
	job=$!
}
finished() {
	status=0
	wait "$job" || status=$?
	output=$(cat out) stderr=$(cat err)
}

@test "no server: one line; an old answer with a warning, never with --strict; what is not kept, not" {
	run --separate-stderr dbm-preview -n 3 "$REF"
	assert_success
	first=$output
	count=$(dbm-linecount -b "$REF")
	list=$(dbm-list pg:dbname=shop)
	"$PG/server" stop "$SERVER"
	# Within its ttl nobody notices.
	run --separate-stderr dbm-preview -n 3 "$REF"
	assert_equal "$status:$output:$stderr" "0:$first:"
	run --separate-stderr dbm-preview --ttl 0 -n 3 "$REF"
	assert_old
	run --separate-stderr dbm-preview --ttl 0 --strict -n 3 "$REF"
	assert_equal "$status" 4
	run --separate-stderr dbm-preview --ttl 0 --sie 0 -n 3 "$REF"
	assert_one_line 4 '^dbm-preview: pg:dbname=shop#public\.t: .*(connect|No such file)'
	first=$count
	run --separate-stderr dbm-linecount -b --ttl 0 "$REF"
	assert_old
	first=$list
	run --separate-stderr dbm-list --ttl 0 pg:dbname=shop
	assert_old
	run --separate-stderr dbm-preview 'pg:dbname=shop#public.wide'
	assert_one_line 4 'public\.wide: '
	run --separate-stderr dbm-preview -n 3 --ttl 0 "$REF" "$TOP/tests/cases/bom.csv"
	assert_success
}

@test "the server is killed, or stopped, while a command runs; the next one finds it again" {
	for how in immediate fast; do
		background timeout 60 dbm-linecount "$SLOW"
		until_so is_running
		"$PG/server" stop "$SERVER" $how
		finished
		assert_one_line 4 "^dbm-linecount: $SLOW: "
		"$PG/server" again "$SERVER"
		run --separate-stderr dbm-linecount -b "$REF"
		assert_equal "$status:$output:$stderr" 0:100:
		rm -rf "$XDG_CACHE_HOME"
	done
}

@test "a backend is terminated, or killed, while a command runs: that line alone" {
	for how in "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'dbm%'" KILL; do
		background timeout 60 dbm-linecount -b "$REF" "$SLOW"
		until_so is_running
		if [ "$how" = KILL ]; then
			kill -KILL "$(sql postgres "select pid from pg_stat_activity where application_name like 'dbm%' and state = 'active'")"
		else
			sql postgres "$how"
		fi
		finished
		assert_equal "$status:$output" 3:100
		assert_equal "$(echo "$stderr" | wc -l)" 1
		assert_regex "$stderr" "^dbm-linecount: $SLOW: "
		up() { sql postgres 'select 1' >/dev/null; }
		until_so up
		rm -rf "$XDG_CACHE_HOME"
	done
}

@test "a server that accepts and never answers: the timeout; the old answer" {
	# What is kept is under the reference and where it leads.
	proxy mute
	export PGHOST=$WORLD/mute
	run --separate-stderr dbm-preview -n 3 "$REF"
	assert_success
	first=$output
	proxy mute --mute
	run --separate-stderr timeout 30 dbm-preview --ttl 0 --timeout 1s -n 3 "$REF"
	assert_old
	run --separate-stderr timeout 30 dbm-preview --no-cache --timeout 1s "$REF"
	assert_one_line 4 "^dbm-preview: $REF: "
	run --separate-stderr timeout 30 dbm-preview --no-cache --timeout 1s "$REF" "$TOP/tests/cases/bom.csv"
	assert_equal "$status" 3
	assert_equal "$(counted mute connections)" 3
}

@test "what is no PostgreSQL, and what hangs up at once" {
	proxy odd --say 'HTTP/1.0 400 Bad Request\r\n\r\n'
	export PGHOST=$WORLD/odd
	run --separate-stderr timeout 30 dbm-preview --timeout 5s "$REF"
	assert_one_line 4 "^dbm-preview: $REF: "
	assert [ "$(counted odd connections)" -ge 1 ]
	proxy odd --say 'R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05ID\xff\xff\xff\xff\x00\x01'
	run --separate-stderr timeout 30 dbm-preview --timeout 2s "$REF"
	assert_one_line 4 "^dbm-preview: $REF: "
	assert [ "$(counted odd connections)" -ge 1 ]
	proxy odd --hang-up
	run --separate-stderr timeout 30 dbm-preview --timeout 5s "$REF"
	assert_one_line 4 "^dbm-preview: $REF: "
	assert [ "$(counted odd connections)" -ge 1 ]
}

# message TYPE BODY: one of the server's, as the proxy takes it, whose body may have escapes of two hexadecimal digits.
message() {
	local plain=${2//\\x??/_}
	printf '%s\\x00\\x00\\x%02x\\x%02x%s' "$1" $(((${#plain} + 4) / 256)) $(((${#plain} + 4) % 256)) "$2"
}

@test "a server that answers with other columns, with none, or with a COPY" {
	z='\x00' ready=$(message Z I) begun=$(message 1 '')$(message 2 '')
	column="c$z$z$z$z$z$z$z$z$z$z\x19\xff\xff\xff\xff\xff\xff$z$z"
	one=$(message T "$z\x01$column")$(message D "$z\x01$z$z$z\x01x")$(message C "SELECT 1$z")
	none=$(message T "$z$z")$(message D "$z$z")$(message C "SELECT 1$z")
	for answer in "$one" "$none" "$(message H "$z$z$z")$(message d x)$(message c '')$(message C "COPY 1$z")" \
		"$(message n '')$(message I '')" "$(message n '')$(message C "SELECT 1$z")"; do
		proxy odd --say "$(message R "$z$z$z$z")$ready" --say "$begun$one$begun$answer$ready"
		PGHOST=$WORLD/odd run --separate-stderr timeout 30 dbm-preview "$REF"
		assert_one_line 4 "^dbm-preview: $REF: the server has (answered with (other columns than were asked for|a COPY)|not said that these are all rows)$"
	done
}

@test "a connection that breaks in the middle of a result: never a part as the whole, never kept" {
	proxy broken
	export PGHOST=$WORLD/broken
	run --separate-stderr dbm-preview -n 200 'pg:dbname=shop#public.wide'
	assert_success
	first=$output
	for at in 200000 400000; do
		proxy broken --break $at
		run --separate-stderr timeout 30 dbm-preview --ttl 0 --timeout 5s -n 200 'pg:dbname=shop#public.wide'
		assert_part_said
		proxy broken --stall $at
		run --separate-stderr timeout 30 dbm-preview --ttl 0 --timeout 1s -n 200 'pg:dbname=shop#public.wide'
		assert_part_said
	done
	# Where nothing was printed yet, the old one takes its place.
	proxy broken --break 600
	run --separate-stderr timeout 30 dbm-preview --ttl 0 -n 200 'pg:dbname=shop#public.wide'
	assert_old
	# The whole of what is kept is what was whole.
	"$PG/server" stop "$SERVER"
	run --separate-stderr dbm-preview -n 200 'pg:dbname=shop#public.wide'
	assert_equal "$status:$output" "0:$first"
}

@test "a list that breaks off half way is done in part" {
	sql postgres 'create database many_tables'
	for n in $(seq 1 800); do echo "create table a_name_that_takes_some_bytes_$n();"; done | sql_file many_tables
	proxy half
	export PGHOST=$WORLD/half
	run --separate-stderr dbm-list pg:dbname=many_tables
	assert_equal "$status:${#lines[@]}" 0:800
	whole=$output
	proxy half --break 40000
	run --separate-stderr timeout 30 dbm-list --refresh --timeout 5s pg:dbname=many_tables
	assert_equal "$status" 3
	assert_regex "$stderr" '^dbm-list: pg:dbname=many_tables: the server closed the connection'
	assert [ "${#lines[@]}" -gt 10 ]
	assert_equal "${whole:0:${#output}}" "$output"
	proxy half --break 900
	run -4 --separate-stderr timeout 30 dbm-list --refresh --timeout 5s pg:dbname=many_tables
	assert_output ''
}

@test "a connection that breaks anywhere: the whole answer, or a failure" {
	run --separate-stderr dbm-preview -n 20 --no-cache "$REF"
	first=$output
	proxy anywhere
	PGHOST=$WORLD/anywhere dbm-preview -n 20 --no-cache "$REF" >/dev/null
	whole=$(counted anywhere down)
	export PGHOST=$WORLD/anywhere
	for at in $(seq 1 $((whole / 12)) "$whole"); do
		proxy anywhere --break "$at"
		run --separate-stderr timeout 30 dbm-preview -n 20 --no-cache --timeout 5s "$REF"
		if [ "$status" = 0 ]; then
			assert_output "$first"
		else
			assert_part_said
		fi
	done
}

@test "too many clients, and a role's limit: the remedy is in the line" {
	run --separate-stderr env PGUSER=limited dbm-preview "$REF"
	assert_one_line 4 'too many connections for role "limited"'
	"$PG/server" start "$WORLD/full" max_connections=2 superuser_reserved_connections=1 max_wal_senders=0 wal_level=minimal >/dev/null
	for n in 1 2; do
		PGHOST=$WORLD/full PGUSER=postgres PGAPPNAME=holder psql -XqAtc 'select pg_sleep(600)' postgres >/dev/null 2>&1 3>&- &
		echo $! >>holders
		both() { [ "$(grep -c 'application_name=holder' "$WORLD/full/log")" = "$n" ]; }
		until_so both
	done
	run --separate-stderr env PGHOST="$WORLD/full" dbm-preview pg:dbname=postgres#t
	assert_one_line 4 'too many clients.*pooler'
	while read -r n; do kill "$n"; done <holders
	"$PG/server" remove "$WORLD/full"
}

@test "a role without rights, a database that is not there, a role that is not there" {
	run --separate-stderr env PGUSER=stranger dbm-preview 'pg:dbname=shop#public.wide'
	assert_one_line 4 'dbm-preview: pg:dbname=shop#public\.wide: permission denied for table wide$'
	run --separate-stderr env PGUSER=stranger dbm-list pg:dbname=shop
	assert_success
	run --separate-stderr dbm-list pg:dbname=nothere
	assert_one_line 4 'dbm-list: pg:dbname=nothere: .*database "nothere" does not exist'
	run --separate-stderr env PGUSER=nobody-knows dbm-list pg:dbname=shop
	assert_one_line 4 'role "nobody-knows" does not exist'
}

@test "a statement that takes too long is ended by the server, and the old answer counts" {
	run --separate-stderr timeout 30 dbm-linecount --timeout 1s "$SLOW"
	assert_one_line 4 "^dbm-linecount: $SLOW: .*(time|statement timeout)"
	until_so none_running
	sql shop 'create or replace view changing as select id from t'
	run --separate-stderr dbm-linecount -b 'pg:dbname=shop#public.changing'
	assert_output 100
	first=$output
	sql shop 'create or replace view changing as select id from t where pg_sleep(600) is not null'
	run --separate-stderr timeout 30 dbm-linecount -b --ttl 0 --timeout 1s 'pg:dbname=shop#public.changing'
	assert_old
	sql shop 'drop view changing'
	until_so none_running
}

@test "a backend that is stopped by SIGSTOP: the command ends by its own deadline" {
	background timeout 60 dbm-linecount --timeout 5s "$SLOW"
	until_so is_running
	backend=$(sql postgres "select pid from pg_stat_activity where application_name like 'dbm%' and state = 'active'")
	kill -STOP "$backend"
	finished
	kill -CONT "$backend"
	assert_one_line 4 "^dbm-linecount: $SLOW: "
	until_so none_running
}

@test "a table that somebody has locked: its line after a second at most, the others are done" {
	mkfifo hold
	PGAPPNAME=holder psql -XqAt shop <hold >held 2>&1 3>&- &
	exec 9>hold
	echo "begin; lock table locked in access exclusive mode; select 'held';" >&9
	held() { grep -q held held; }
	until_so held
	run --separate-stderr timeout 30 dbm-linecount -b "$REF" 'pg:dbname=shop#public.locked'
	# The list needs no lock.
	list=$(timeout 30 dbm-list -l pg:dbname=shop | wc -l)
	exec 9>&-
	assert_equal "$status:$output" 3:100
	assert_regex "$stderr" 'public\.locked: .*lock timeout'
	assert_equal "$list" "$(sql shop "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')")"
}

@test "Ctrl-C, SIGTERM, SIGKILL of the command: the statement is cancelled on the server" {
	for signal in INT:130 TERM:143 KILL:137; do
		# A shell's background jobs ignore SIGINT: it is started as a terminal would.
		python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.setpgid(0, 0); os.execvp(sys.argv[1], sys.argv[1:])' \
			dbm-linecount --timeout 10m "$SLOW" >out 2>err </dev/null 3>&- &
		job=$!
		until_so is_running
		kill "-${signal%:*}" $job
		finished
		assert_equal "$status:$output" "${signal#*:}:"
		until_so none_running
	done
	# The whole group, as a terminal does it, and the helper with it.
	python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.setpgid(0, 0); os.execvp(sys.argv[1], sys.argv[1:])' \
		dbm-linecount --timeout 10m "$SLOW" >out 2>err </dev/null 3>&- &
	job=$!
	until_so is_running
	kill -INT -- -$job
	finished
	assert_equal "$status:$output" 130:
	until_so none_running
}

@test "Ctrl-C while a server is waited for: the helper is gone, too" {
	proxy silent --mute
	export PGHOST=$WORLD/silent
	for signal in INT TERM KILL; do
		python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])' \
			dbm-list --timeout 10m pg:dbname=shop >out 2>err </dev/null 3>&- &
		job=$!
		is_connected() { grep -q ' open=1 ' "$WORLD/silent/counts"; }
		until_so is_connected
		kill "-$signal" $job
		finished
		assert_equal "$status:$output" "$((128 + $(kill -l $signal))):"
		counted silent connections
	done
}

@test "one of several hosts is down, or is not what is asked for" {
	mkdir "$WORLD/empty"
	run --separate-stderr dbm-linecount -b "pg:host=$WORLD/empty,$SERVER dbname=shop#public.t"
	assert_equal "$status:$output:$stderr" 0:100:
	run --separate-stderr dbm-linecount -b "pg:host=$WORLD/empty,$SERVER dbname=shop target_session_attrs=read-write#public.t"
	assert_equal "$status:$output:$stderr" 0:100:
	run --separate-stderr timeout 30 dbm-linecount -b "pg:host=$WORLD/empty,$SERVER dbname=shop target_session_attrs=standby#public.t"
	assert_equal "$status:$output" 4:
	assert_regex "$stderr" 'standby'
}

@test "a reader that stops reading leaves no transaction open" {
	sql shop 'create table long as select n as id, repeat(md5(n::text), 10) as text from generate_series(1, 200000) n'
	mkfifo pipe
	dbm-preview --no-cache -n 200000 'pg:dbname=shop#public.long' >pipe 2>err 3>&- &
	job=$!
	exec 9<pipe
	head -c 100 <&9 >/dev/null
	exec 9<&-
	finished
	assert_equal "$status" 141
	until_so none_running
	gone() { [ "$(sql postgres "select count(*) from pg_stat_activity where application_name like 'dbm%'")" = 0 ]; }
	until_so gone
	sql shop 'drop table long'
}

@test "TLS: as libpq is told, never less" {
	"$PG/certificates" "$WORLD/certificates" "$SERVER"
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	"$PG/server" start "$WORLD/tls" listen_addresses=127.0.0.1 port="$port" ssl=on \
		ssl_cert_file="$WORLD/certificates/server.crt" ssl_key_file="$WORLD/certificates/server.key" >/dev/null
	PGHOST=$WORLD/tls PGPORT=$port psql -XqAt postgres -c 'create table t(a int); insert into t values (1)'
	export PGHOST=localhost PGPORT=$port
	right="sslmode=verify-full sslrootcert=$WORLD/certificates/ca.crt"
	run --separate-stderr dbm-linecount -b "pg:dbname=postgres $right#public.t"
	assert_equal "$status:$output:$stderr" 0:1:
	run --separate-stderr dbm-linecount -b "postgresql:///postgres?sslmode=verify-full&sslrootcert=${WORLD//\//%2F}%2Fcertificates%2Fca.crt#public.t"
	assert_equal "$status:$output:$stderr" 0:1:
	run --separate-stderr dbm-linecount -b "pg:dbname=postgres host=127.0.0.1 $right#public.t"
	assert_one_line 4 'certificate.*does not match'
	run --separate-stderr dbm-linecount -b "pg:dbname=postgres host=127.0.0.1 ${right/full/ca}#public.t"
	assert_equal "$status:$output:$stderr" 0:1:
	run --separate-stderr dbm-linecount -b "pg:dbname=postgres ${right/ca.crt/other.crt}#public.t"
	assert_one_line 4 'certificate verify failed'
	PGSSLMODE=verify-full PGSSLROOTCERT=$WORLD/certificates/other.crt run --separate-stderr dbm-linecount -b "pg:dbname=postgres#public.t"
	assert_one_line 4 'certificate verify failed'
	"$PG/server" remove "$WORLD/tls"
}

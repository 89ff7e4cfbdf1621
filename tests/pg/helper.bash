# Loaded by the bats files about PostgreSQL, behind helper: a file has a server of its own, and what it makes besides is in the
# same folder, and ends with the file.  Each file calls pg_begin in setup_file and pg_end in teardown_file.

PG=$TOP/tests/pg
READER_PASSWORD='S3CRET word%2F@:/?#&'  # as tests/pg/server has it

# pg_begin [NAME=VALUE...]: a server with these settings.  Its folder is $SERVER, and $WORLD has room for more.
pg_begin() {
	WORLD=$(mktemp -d /tmp/dbm-pg.XXXXXX) || return
	chmod 755 "$WORLD"
	export WORLD SERVER=$WORLD/s
	"$PG/server" start "$SERVER" "$@" >/dev/null
}

pg_end() {
	local it
	for it in "$WORLD"/*.proxy; do [ ! -f "$it" ] || kill "$(cat "$it")" 2>/dev/null; done
	for it in "$WORLD"/*/ini; do [ ! -f "$it" ] || "$PG/pooler" stop "${it%/ini}"; done
	for it in "$WORLD"/*/data; do [ ! -d "$it" ] || "$PG/server" remove "${it%/data}"; done
	rm -rf "$WORLD"
}

# Behind the setup of helper: what libpq finds where nothing is said is the file's server, as its superuser.
setup() {
	local name
	cd "$BATS_TEST_TMPDIR" || exit 1
	own_world "$BATS_TEST_TMPDIR" C
	mkdir -p work "$HOME"
	cd work || exit 1
	for name in "${!PG@}"; do [ "$name" = PG ] || unset "$name"; done
	export PGHOST=$SERVER PGUSER=postgres DBM_TRACE=$BATS_TEST_TMPDIR/trace
	: >"$DBM_TRACE"
	LOGGED=0
}

# sql DATABASE TEXT [ARGUMENT...]: has the server do it, as its superuser; prints rows as psql -At does.
sql() { PGPORT=5432 PGHOST=$SERVER PGUSER=postgres PGOPTIONS='-c client_min_messages=warning' psql -XqAt -v ON_ERROR_STOP=1 -d "$1" -c "$2" "${@:3}" 2>&1; }
# sql_file DATABASE: the same for a script on standard input.
sql_file() { PGPORT=5432 PGHOST=$SERVER PGUSER=postgres PGOPTIONS='-c client_min_messages=warning' psql -XqAt -v ON_ERROR_STOP=1 -d "$1" -f - 2>&1; }
# database NAME: makes one, from the SQL on standard input.
database() {
	sql postgres "create database \"$1\"" || return
	sql_file "$1"
}

# What the server's log has of programs other than psql since the last log_mark.
log_mark() { LOGGED=$(stat -c %s "$SERVER/log"); }
logged() { tail -c +$((LOGGED + 1)) "$SERVER/log" | grep -v '/psql\] ' || true; }
connections_logged() { logged | grep -c 'connection authorized: .*application_name=dbm'; }
statements_logged() { logged | grep -cE 'LOG:  (execute|statement)'; }
# Nobody but the tests' psql has asked the server for anything, not even for a connection.
assert_silent() { assert_equal "$(logged | grep -vE 'connection (received|authenticated|authorized).*psql|: connection received: |disconnection: ' | grep -E 'connection|statement|execute|ERROR')" ''; }

# events NAME: how many the trace has.
events() { grep -c "^$1" "$DBM_TRACE"; }
traced() { : >"$DBM_TRACE"; }

# proxy NAME [OPTION...]: a proxy (tests/pg/proxy) before the server, or, with --before=SOCKET, before another.  Its folder, $WORLD/NAME,
# is a PGHOST.  One of that name is replaced.
proxy() {
	local name=$1 target=$SERVER/.s.PGSQL.5432
	shift
	case ${1-} in --before=*) target=${1#--before=} && shift ;; esac
	mkdir -p "$WORLD/$name"
	proxy_end "$name"
	"$PG/proxy" "$WORLD/$name/.s.PGSQL.5432" "$target" "$WORLD/$name/counts" "$@" >"$WORLD/$name.proxy"
}
proxy_end() {
	[ ! -f "$WORLD/$1.proxy" ] || kill "$(cat "$WORLD/$1.proxy")" 2>/dev/null || true
	rm -f "$WORLD/$1.proxy" "$WORLD/$1/.s.PGSQL.5432"
}

# counted NAME WHICH: what a proxy has counted (connections, trips, up, down), once nobody is connected to it.
counted() {
	nobody_connected() { grep -q ' open=0 ' "$WORLD/$1/counts"; }
	until_so nobody_connected "$1" || { echo 'somebody is still connected' && return 1; }
	tr ' ' '\n' <"$WORLD/$1/counts" | sed -n "s/^$2=//p"
}

# Waits until COMMAND holds, for 30 seconds at most.
until_so() {
	local i
	for ((i = 0; i < 1500; i++)); do "$@" && return; sleep 0.02; done
	echo "never: $*"
	return 1
}

# What dbm's statements are doing on the server: their number.
running() { sql postgres "select count(*) from pg_stat_activity where application_name like 'dbm%' and state = 'active'"; }
is_running() { [ "$(running)" -ge 1 ]; }
none_running() { [ "$(running)" = 0 ]; }

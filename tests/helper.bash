# Loaded by every bats file: HOME, XDG_*, the settings and the current folder are the test's own.
bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
PATH=${DBM_BIN:-$TOP/bin}:$PATH
DATA=$TOP/tests/data
PROGRAMS='dbm-list dbm-preview dbm-linecount dbm-profile'  # those that read databases and print what they read

# own_world FOLDER LOCALE: all that a program keeps is in FOLDER, and nothing is set.
own_world() {
	export HOME=$1/home XDG_CACHE_HOME=$1/cache XDG_CONFIG_HOME=$1/config XDG_STATE_HOME=$1/state LC_ALL=$2 TERM=xterm
	unset DBM_FORMAT DBM_TIMEOUT DBM_TTL DBM_SWR DBM_SIE DBM_STRICT DBM_BACKGROUND DBM_METRICS DBM_CACHE_LIMIT DBM_TRACE
	unset DBM_HELPER_DEBUG DBM_HELPER_PATH NO_COLOR COLUMNS
}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	own_world "$BATS_TEST_TMPDIR" C
	mkdir -p work "$HOME"
	cd work || exit 1
	printf 'id,name\n1,Ada\n2,Bob\n' >people.csv
}

# As a user who is not root, for what root may always do.
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# The files below the current folder, with their contents' sums and times.
snapshot() { find . -printf '%p %y %s %T@ %m\n' | sort; }

# events NAME [TRACE]: how many a trace has.
events() { grep -c "^$1" "${2-$DBM_TRACE}"; }

# Waits until COMMAND holds, for 30 seconds at most.
until_so() {
	local i
	for ((i = 0; i < 1500; i++)); do "$@" && return; sleep 0.02; done
	echo "never: $*"
	return 1
}

# Bytes that a trace says were read.
bytes_read() { awk -F= '/^read /{n += $2} END{print n + 0}' "$1"; }

# N rows of CSV with a quoted newline in each.
quoted_rows() { awk -v n="$1" 'BEGIN{print "id,text"; for (i = 1; i <= n; i++) printf "%d,\"line one\nline two, %d\"\n", i, i}'; }

# facts FOLDER OPERATION ROW...: what the server facts:FOLDER answers, its columns' names first; fields have bars between them.
facts() {
	export DBM_HELPER_PATH=$TOP/tests/sources DBM_TTL=0
	local file=$1/$2
	mkdir -p "$1"
	shift 2
	tsv "$@" >"$file"
}

# tsv FIELDS...: a line of them for each argument.
tsv() { printf '%s\n' "$@" | tr '|' '\t'; }

# figures FIELDS FILE...: those fields of each column's record, of dbm-profile.
figures() {
	local fields=$1
	shift
	dbm-profile -q -f json "$@" | python3 -c '
import json, sys
for line in sys.stdin:
    record = json.loads(line)
    print(*(json.dumps(record[field], ensure_ascii=False) for field in sys.argv[1].split(",")))' "$fields"
}

# Settings: from a flag, else a variable, else the file, else the default; and whatever the file may be.
load helper

config() {
	mkdir -p "$XDG_CONFIG_HOME/dbm"
	printf '%s\n' "$@" >"$XDG_CONFIG_HOME/dbm/config"
}

# says STATUS SENTENCE COMMAND...: ends so, and prints nothing else.
says() {
	local want=$1 sentence=$2
	shift 2
	run --separate-stderr timeout 5 "$@"
	assert_equal "$* -> $status" "$* -> $want"
	assert_equal "$stderr" "$sentence"
	assert_equal "$output" ''
}

@test "a format: default, file, variable, flag" {
	run dbm-preview -n 1 people.csv
	assert_output $'id,name\n1,Ada'
	config '# how rows are shown' '' 'format = json'
	run dbm-preview -n 1 people.csv
	assert_output '{"ref":"people.csv","row":{"id":"1","name":"Ada"}}'
	DBM_FORMAT='' run dbm-preview -n 1 people.csv
	assert_output '{"ref":"people.csv","row":{"id":"1","name":"Ada"}}'
	DBM_FORMAT=tsv run dbm-preview -n 1 people.csv
	assert_output $'1\tAda'
	DBM_FORMAT=tsv run dbm-preview -n 1 -f csv people.csv
	assert_output $'id,name\n1,Ada'
}

@test "a timeout: file, variable, flag" {
	mkfifo fifo
	config 'timeout = 10ms'
	says 4 'dbm-linecount: fifo: is a FIFO that nobody writes to' dbm-linecount fifo
	exec 9<>fifo
	printf 'a\n1\n' >&9
	says 4 'dbm-linecount: fifo: timed out after 0.01 s' dbm-linecount fifo
	DBM_TIMEOUT=20ms says 4 'dbm-linecount: fifo: timed out after 0.02 s' dbm-linecount fifo
	DBM_TIMEOUT=20ms says 4 'dbm-linecount: fifo: timed out after 0.03 s' dbm-linecount --timeout 30ms fifo
	exec 9>&-
}

@test "a trace: file, variable, flag; helpers write to the same" {
	python3 -c 'import sqlite3; sqlite3.connect("t.db").execute("CREATE TABLE t(a)")'
	config "trace = $PWD/by file"
	run -0 dbm-preview t.db
	assert_equal "$(grep -cE '^(helper|connect)' "by file")" 2
	DBM_TRACE=by-variable run -0 dbm-preview t.db
	assert_equal "$(grep -cE '^(helper|connect)' by-variable)" 2
	DBM_TRACE=other run -0 dbm-preview --trace by-flag t.db
	assert_equal "$(grep -cE '^(helper|connect)' by-flag)" 2
	DBM_TRACE=other run -0 dbm-preview --trace '' t.db
	assert [ ! -e other ]
}

@test "what is wrong in the file or a variable is a wrong call of every program" {
	config '' 'tll = 3s'
	file=$XDG_CONFIG_HOME/dbm/config
	for p in $PROGRAMS; do
		says 2 "$p: $file:2: no such setting: tll ($p --help shows the flags)" "$p" people.csv
	done
	config 'ttl = 3x'
	says 2 "dbm-list: $file:1: a time such as 200ms, 1.5s, 2m, 1h or 1d is wanted, not '3x' (dbm-list --help shows the flags)" \
		dbm-list --ttl 5s people.csv
	printf 'ttl = 3s\033[2J\n' >"$file"
	run dbm-list people.csv
	refute_output --partial $'\033'
	printf '\0' >"$file"
	says 2 "dbm-list: $file:1: there is a NUL byte (dbm-list --help shows the flags)" dbm-list people.csv
	rm "$file"
	DBM_CACHE_LIMIT=1KB says 2 \
		"dbm-list: DBM_CACHE_LIMIT: a size such as 4096, 64K, 100M or 1G is wanted, not '1KB' (dbm-list --help shows the flags)" \
		dbm-list people.csv
	DBM_SWR=3x run -0 dbm-list --swr 0 people.csv
}

@test "with a wrong file, what a program says of itself is still said" {
	config 'tll = 3s'
	for p in $PROGRAMS; do
		for flag in --help --version --describe; do
			DBM_FORMAT=xml run --separate-stderr "$p" $flag
			assert_equal "$status:$stderr" 0:
			assert [ -n "$output" ]
		done
	done
}

@test "a file that cannot be read is a failure; one that is not there, or out of sight, is none" {
	# The way from the root is not open to everybody, the one from here is.
	export XDG_CONFIG_HOME=/proc/self/cwd/config
	file=$XDG_CONFIG_HOME/dbm/config
	mkdir -p config/dbm
	echo 'format = json' >"$file"
	chmod 755 . .. config config/dbm
	chmod 0 "$file"
	run -4 as_nobody "$(command -v dbm-list)" people.csv
	assert_output "dbm-list: $file: cannot open: Permission denied"
	chmod 700 config
	run -0 as_nobody "$(command -v dbm-list)" people.csv
	refute_output --partial '{'
	rm "$file"
	mkdir "$file"
	says 4 "dbm-list: $file: is no plain file" dbm-list people.csv
	rmdir "$file"
	mkfifo "$file"
	says 4 "dbm-list: $file: is no plain file" dbm-list people.csv
	rm "$file"
	head -c 1048576 /dev/zero >"$file"
	says 4 "dbm-list: $file: is larger than 64 KiB" dbm-list people.csv
	XDG_CONFIG_HOME=/dev/null run -0 dbm-list people.csv
	ln -sf config "$file"
	run --separate-stderr -4 dbm-list people.csv
	assert_regex "$stderr" "^dbm-list: $file: cannot look at: (Too many levels of symbolic links|Symbolic link loop)\$"
}

@test "what is not there costs one system call; stderr is asked nothing, SIGCHLD left alone, where there is no need" {
	ASAN_OPTIONS=detect_leaks=0 run -0 strace -o calls dbm-list people.csv
	assert_equal "$(grep -c "$XDG_CONFIG_HOME" calls)" 1
	assert_equal "$(grep -c "stat.*$XDG_CONFIG_HOME/dbm/config.*ENOENT" calls)" 1
	assert_equal "$(grep -cE 'ioctl\(2,|SIGCHLD, ' calls)" 0
}

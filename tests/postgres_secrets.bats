# No password in what is printed, kept, traced, named or given to a process.
load helper
load pg/helper

setup_file() {
	pg_begin
	database shop <<'END'
		create table t(id int primary key, name text);
		insert into t select n, 'name ' || n from generate_series(1, 100) n;
		create view slow as select id from t where pg_sleep(600) is not null;
		grant select on t, slow to reader;
		analyze;
END
}
teardown_file() { pg_end; }

# The password as it stands, and any part of it, holds this.
MARK=S3CRET
# As a URI and as a conninfo string hold it: a URI's percent signs are libpq's, a conninfo string's are the reference's.
IN_URI='S3CRET%20word%252F%40%3A%2F%3F%23%26'
IN_CONNINFO="'S3CRET word%252F@:/?%23&'"

# Nothing that was kept, traced or printed holds the password; nor the names of files.
assert_no_secret() {
	assert_equal "$(grep -rl "$MARK" "$BATS_TEST_TMPDIR" --exclude=.pgpass --exclude=.pg_service.conf --exclude=calls 2>/dev/null)" ''
	assert_equal "$(find "$BATS_TEST_TMPDIR" -name "*$MARK*")" ''
	refute_regex "$output$stderr" "$MARK"
}

# every_program REFERENCE: they all work, and leave nothing of the password.
every_program() {
	local program
	for program in dbm-list dbm-preview dbm-linecount dbm-profile 'dbm-list -k database' 'dbm-list -k column'; do
		run --separate-stderr $program "$1#public.t"
		[ "$program" != 'dbm-list -k database' ] || run --separate-stderr $program "$1"
		assert_success
		printf '%s' "$output" >"out.$RANDOM"
		printf '%s' "$stderr" >"err.$RANDOM"
		assert_no_secret
	done
	run --separate-stderr dbm-stats -f json
	assert_no_secret
	run --separate-stderr dbm-invalidate -v "$1"
	assert_no_secret
}

@test "in the environment, in .pgpass, in a service file" {
	export PGUSER=reader
	run --separate-stderr dbm-linecount pg:dbname=shop#public.t
	assert_failure 4
	assert_regex "$stderr" 'password'
	PGPASSWORD=$READER_PASSWORD every_program pg:dbname=shop
	sed 's/[:\\]/\\&/g' <<<"$READER_PASSWORD" | sed 's/^/*:*:*:reader:/' >"$HOME/.pgpass"
	chmod 600 "$HOME/.pgpass"
	every_program pg:dbname=shop
	rm "$HOME/.pgpass"
	printf '[shop]\ndbname=shop\nuser=reader\nhost=%s\npassword=%s\n' "$SERVER" "$READER_PASSWORD" >"$HOME/.pg_service.conf"
	unset PGUSER PGHOST
	every_program pg:service=shop
}

@test "in a reference: used, left out of what is printed, and warned about once" {
	for database in "postgresql://reader:$IN_URI@/shop" "postgresql:///shop?user=reader&password=$IN_URI" "pg:dbname=shop user=reader password=$IN_CONNINFO"; do
		every_program "$database"
		run --separate-stderr dbm-linecount --no-cache "$database#public.t" "$database#public.t"
		assert_success
		assert_equal "$(echo "$stderr" | wc -l)" 1
		assert_regex "$stderr" 'password.*\.pgpass.*PGPASSWORD'
		# What is printed leads there where the password is found elsewhere.
		run --separate-stderr env PGPASSWORD="$READER_PASSWORD" PGUSER=reader dbm-linecount -b "${output%%$'\t'*}"
		assert_equal "$status:$output" 0:100
		assert_no_secret
	done
}

@test "a wrong one: the server's refusal, without it" {
	for database in "postgresql://reader:${IN_URI}x@/shop" "pg:dbname=shop user=reader password=${MARK}x"; do
		for program in $PROGRAMS; do
			run --separate-stderr $program "$database"
			assert_equal "$status:$output" 4:
			assert_regex "$stderr" 'password authentication failed for user "reader"'
			assert_no_secret
		done
	done
	printf '*:*:*:reader:%sx\n' "$MARK" >"$HOME/.pgpass"
	chmod 644 "$HOME/.pgpass"
	PGUSER=reader run --separate-stderr dbm-list pg:dbname=shop
	assert_equal "$status:$output" 4:
	assert_regex "$stderr" '\.pgpass'
	assert_no_secret
}

@test "references that are malformed: a sentence of its own, no word of libpq's" {
	n=0
	while read -r reference; do
		for program in $PROGRAMS; do
			run --separate-stderr $program "$reference"
			assert_equal "$status:$output" 4:
			# At most that there is a password, and what is wrong.
			assert [ "$(grep -c . <<<"$stderr")" -ge 1 ]
			assert [ "$(grep -vc 'PGPASSWORD' <<<"$stderr")" = 1 ]
			assert_no_secret
		done
		n=$((n + 1))
	done <<'END'
postgresql://u:pa%zzS3CRET@h/d
postgresql://u:S3CRET@[::1/d
postgresql://u:S3CRET%@h/d
postgresql://u:%00S3CRET@h/d
postgresql://u:S3CRET@h:port/d
postgresql://u:S3CRET@h/d?nothere=1
postgresql://u@h/d?password=S3CRET%zz
postgresql://u:S3CRET@[::1]x/d
pg:user=u password='S3CRET
pg:user=u password = 'a S3CRET' nothere=1
pg:password=S3CRET user
pg:PASSWORD=S3CRET host=/nowhere
pg:dbname='postgresql://u:S3CRET@/nothere?host=/nowhere'
postgresql://u:S3CRET@/d?host=/nowhere#t#S3
END
	assert_equal $n 14
}

@test "in no process's arguments but the caller's own" {
	export DBM_FORMAT=tsv
	reference="postgresql://reader:$IN_URI@/shop"
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -s 100000 -e trace=execve -o calls dbm-linecount "$reference#public.t" >/dev/null 2>&1
	assert [ "$(grep -c execve calls)" -ge 2 ]
	assert_equal "$(grep -c "$MARK" calls)" 1
	assert_equal "$(head -1 calls | grep -c "$MARK")" 1
	# As they can be seen while a statement runs.
	dbm-linecount "$reference#public.slow" >/dev/null 2>&1 </dev/null 3>&- &
	job=$!
	until_so is_running
	holders=$(python3 -c 'import glob, os
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try: text = open(path, "rb").read()
    except OSError: continue
    if b"S3CRET" + b"%20" in text: print(path.split("/")[2])')
	kill $job
	wait $job || true
	assert_equal "$holders" $job
}

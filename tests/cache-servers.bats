# What the cache promises of servers (dbm-cache.5, Servers; server_key.h, identity.h, keeping.h).

load helper

BIN=${DBM_BIN:-$TOP/bin}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	own_world "$BATS_TEST_TMPDIR" C
	unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGSERVICE PGSERVICEFILE PGOPTIONS PGSYSCONFDIR
	mkdir -p work/s work/helpers "$HOME"
	ln -s "$TOP/tests/sources/dbm-source-slow" work/helpers/dbm-source-postgresql
	export DBM_HELPER_PATH=$PWD/work/helpers:$TOP/tests/sources:$BIN/../libexec DBM_TRACE=$BATS_TEST_TMPDIR/trace
	cd work || exit 1
	printf 'one\ntwo\n' >s/rows
	: >"$DBM_TRACE"
	: >s/asked
}

events() { grep -c "^$1" "$DBM_TRACE"; }
asked() { grep -c . s/asked; }
nothing_yet() { : >"$DBM_TRACE"; : >s/asked; }

@test "PostgreSQL: each variable that leads elsewhere is part of the key, and another scheme's is not" {
	for name in PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGSERVICE PGSERVICEFILE PGOPTIONS; do
		dbm-preview pg:s#t
		nothing_yet
		run --separate-stderr env $name=x dbm-preview pg:s#t
		assert_output "$(printf 'v\none\ntwo')"
		echo "$name"
		assert_equal "$(asked)" 1
		assert_equal "$(events 'miss kind=preview why=absent')" 1
		run --separate-stderr env $name=x dbm-preview pg:s#t
		env $name= dbm-preview pg:s#t
		assert_equal "$(asked)" 2
		dbm-preview pg:s#t
		assert_equal "$(asked)" 2
	done
	env PGPASSWORD=secret PGSSLMODE=require dbm-preview pg:s#t
	dbm-preview slow:s#t
	nothing_yet
	env PGHOST=x dbm-preview slow:s#t
	assert_equal "$(asked)" 0
	run grep -rla secret "$XDG_CACHE_HOME" "$DBM_TRACE"
	assert_output ""
}

@test "PostgreSQL: two values are not one that holds both, nor is a newline an end" {
	PGHOST=a PGPORT=1 dbm-preview pg:s#t
	nothing_yet
	PGHOST='a PGPORT=1' dbm-preview pg:s#t
	PGHOST=$'a\nPGPORT=1' dbm-preview pg:s#t
	PGHOST='a%20PGPORT=1' dbm-preview pg:s#t
	assert_equal "$(events 'miss kind=preview why=absent')" 3
	assert_equal "$(asked)" 3
}

@test "PostgreSQL: a file of services that has changed makes other answers, where a service is meant" {
	mkdir s1
	cp s/rows s1/rows
	mv s1 s,service=shop
	look() { dbm-preview "$@" >out; }
	printf '[shop]\ndbname=a\n' >"$HOME/.pg_service.conf"
	look pg:s,service=shop#t
	nothing_yet
	look pg:s,service=shop#t
	assert_equal "$(events hit)" 1
	printf '[shop]\ndbname=b\n' >"$HOME/.pg_service.conf"
	look pg:s,service=shop#t
	assert_equal "$(events 'miss kind=preview why=absent')" 1
	printf '[shop]\ndbname=c\n' >own
	export PGSERVICEFILE=$PWD/own
	look pg:s#t
	PGSERVICE=shop look pg:s#t
	nothing_yet
	printf '[shop]\ndbname=d\n' >own
	look pg:s#t
	assert_equal "$(events hit)" 1
	PGSERVICE=shop look pg:s#t
	assert_equal "$(events hit)" 1
	assert_equal "$(asked)" 1
}

@test "PostgreSQL: a hit starts no helper, and takes fewer than 30 system calls" {
	dbm-preview pg:s#t
	nothing_yet
	dbm-preview pg:s#t
	assert_equal "$(cat "$DBM_TRACE")" "hit kind=preview"
	[ "$DBM_VARIANT" = static ] || return 0
	unset DBM_TRACE
	strace -f -o calls dbm-preview pg:s#t >/dev/null
	calls=$(grep -vc ' exited with ' calls)
	echo "$calls"
	[ "$calls" -lt 30 ]
}

@test "PostgreSQL: what is kept is forgotten, listed and counted under its reference" {
	export PGHOST=there
	dbm-preview pg:s#t
	dbm-linecount pg:s#t
	run --separate-stderr dbm-invalidate --dry-run -v pg:s
	assert_output --partial 'pg:s#t'
	refute_output --partial there
	refute_output --partial user=
	for flags in "" --entries; do
		run --separate-stderr dbm-stats -f csv $flags
		assert_success
		assert_output --partial pg:s
		refute_output --partial user=
	done
	dbm-invalidate pg:s#t
	nothing_yet
	dbm-preview pg:s#t
	assert_equal "$(events 'miss kind=preview why=generation')" 1
}

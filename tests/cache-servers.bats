# What the cache promises of servers (dbm-cache.5, Servers; server_key.h, identity.h, keeping.h).

load helper

BIN=${DBM_BIN:-$TOP/bin}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	own_world "$BATS_TEST_TMPDIR" C
	unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGSERVICE PGSERVICEFILE PGOPTIONS PGTARGETSESSIONATTRS PGSYSCONFDIR
	mkdir -p work/s work/helpers "$HOME"
	ln -s "$TOP/tests/sources/dbm-source-slow" work/helpers/dbm-source-postgresql
	export DBM_HELPER_PATH=$PWD/work/helpers:$TOP/tests/sources:$BIN/../libexec DBM_TRACE=$BATS_TEST_TMPDIR/trace
	cd work || exit 1
	printf 'one\ntwo\n' >s/rows
	: >"$DBM_TRACE"
	: >s/asked
}

asked() { grep -c . s/asked; }
nothing_yet() { : >"$DBM_TRACE"; : >s/asked; }

@test "PostgreSQL: each variable that leads elsewhere is part of the key, and another scheme's is not" {
	for name in PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGSERVICE PGSERVICEFILE PGOPTIONS PGTARGETSESSIONATTRS; do
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

# FILE [N]: references to N tables.
many() { for n in $(seq "${2:-50}"); do echo "slow:s#t$n"; done >"$1"; }

@test "identity: asked for once a connection, in the batch of the first answers" {
	printf 'server 1' >s/identity
	many refs
	dbm-preview -f json - <refs >out
	assert_equal "$(wc -l <s/identified)" 1
	assert_equal "$(cat s/batches)" 51
	assert_equal "$(events roundtrip)" 1
	nothing_yet
	dbm-preview -f json - <refs >out
	assert_equal "$(wc -l <s/identified)" 1
	assert_equal "$(events hit)" 50
	# Past the cache nobody needs to know.
	dbm-preview --no-cache -f json - <refs >out
	assert_equal "$(wc -l <s/identified)" 1
}

@test "identity: another server behind the same reference: what was kept is no hit after the next look" {
	printf 'server 1' >s/identity
	many refs 5
	dbm-preview - <refs >out
	dbm-linecount slow:s#t1 >out
	printf 'server 2' >s/identity
	printf 'new\n' >s/rows
	nothing_yet
	# Nobody has looked yet.
	dbm-preview - <refs >out
	assert_equal "$(events hit)" 5
	run --separate-stderr dbm-preview slow:s#t9
	assert_output "$(printf 'v\nnew')"
	assert_equal "$(events 'identity changed=1')" 1
	assert_equal "$(events 'unstored kind=preview why=identity')" 1
	nothing_yet
	run --separate-stderr dbm-preview slow:s#t1
	assert_output "$(printf 'v\nnew')"
	run --separate-stderr dbm-linecount -b slow:s#t1
	assert_output 1
	run --separate-stderr dbm-preview slow:s#t9
	assert_equal "$(events 'miss .* why=generation')" 2
	assert_equal "$(events 'identity changed=1')" 0
	nothing_yet
	dbm-preview slow:s#t1 slow:s#t9
	assert_equal "$(events hit)" 2
	assert_equal "$(asked)" 0
}

@test "identity: one that is said no more, or cannot be had: nothing is kept on its word" {
	printf 'server 1' >s/identity
	dbm-preview slow:s#t
	: >s/identity
	dbm-preview slow:s#u
	dbm-preview slow:s#u
	assert_equal "$(events 'unstored kind=preview why=identity')" 2
	rm s/identity
	dbm-preview slow:s#u
	nothing_yet
	dbm-preview slow:s#t
	assert_equal "$(events 'miss kind=preview why=generation')" 1
	dbm-preview slow:s#t
	assert_equal "$(events hit)" 1
}

@test "identity: where nothing was ever said, the first word changes nothing" {
	dbm-preview slow:s#t
	printf 'server 1' >s/identity
	dbm-preview slow:s#u
	nothing_yet
	dbm-preview slow:s#t slow:s#u
	assert_equal "$(events hit)" 2
}

@test "identity: the old answer of another server does not take the place of a failure" {
	printf 'server 1' >s/identity
	dbm-preview slow:s#t
	printf 'the server is down' >s/fail
	run --separate-stderr dbm-preview --ttl 0 slow:s#t
	assert_success
	printf 'server 2' >s/identity
	run --separate-stderr -4 dbm-preview --ttl 0 slow:s#t
	assert_equal "$stderr" "dbm-preview: slow:s#t: the server is down"
	# It has been forgotten, too.
	rm s/identity
	run --separate-stderr -4 dbm-preview --ttl 0 slow:s#t
}

@test "identity: what is warmed while another server is noticed is warmed all the same" {
	printf 'server 1' >s/identity
	for n in $(seq 40); do echo t$n; done >s/tables
	dbm-warm --for preview slow:s >out
	printf 'server 2' >s/identity
	run --separate-stderr dbm-warm --refresh --for preview slow:s
	assert_success
	assert_equal "$(events 'identity changed=1')" 1
	nothing_yet
	dbm-preview slow:s >out
	assert_equal "$(events 'hit kind=preview')" 40
	assert_equal "$(grep -c scan s/asked)" 0
}

@test "identity: the first table of a batch that fails costs no round trip more" {
	printf 'server 1' >s/identity
	dbm-preview slow:s#t 2>/dev/null
	many refs
	nothing_yet
	rm s/batches
	printf 'server 2' >s/identity
	printf 'no such table' >s/fail.t1
	run -3 --separate-stderr dbm-preview -f csv - <refs
	assert_equal "$stderr" "dbm-preview: slow:s#t1: no such table"
	assert_equal "$(cat s/batches)" 51
	assert_equal "$(events 'unstored kind=preview why=identity')" 49
}

@test "stamps: 50 counts that have expired are one round trip, and two where all have changed" {
	printf 'state 1' >s/stamp
	printf 'server 1' >s/identity
	many refs
	dbm-linecount - <refs | cut -f 1-7 >first
	assert_equal "$(cat s/batches)" 151
	for flags in "" --strict; do
		rm s/batches
		nothing_yet
		dbm-linecount --ttl 0 $flags - <refs | cut -f 1-7 >out
		cmp out first
		assert_equal "$(cat s/batches)" 51
		assert_equal "$(sort s/asked | uniq -c | sed 's/ *//')" "50 stamp"
		assert_equal "$(events 'hit kind=count')" 50
	done
	printf 'state 2' >s/stamp
	printf 'three\n' >>s/rows
	rm s/batches
	nothing_yet
	dbm-linecount --ttl 0 -f csv - <refs >out
	assert_equal "$(grep -c ',3,' out)" 50
	assert_equal "$(cat s/batches)" "$(printf '51\n150')"
	nothing_yet
	dbm-linecount -f csv - <refs >out
	assert_equal "$(events hit)" 50
}

@test "stamps: some stand, one has changed, one has none, one failed" {
	printf 'state 1' >s/stamp
	: >s/stamp.t3
	many refs 6
	dbm-linecount -f csv - <refs >first
	printf 'state 2' >s/stamp.t2
	: >s/stamp.t4
	printf 'three\n' >>s/rows
	rm s/batches
	nothing_yet
	dbm-linecount --ttl 0 -f csv - <refs >out
	assert_equal "$(cut -d , -f 2 out | tr '\n' ' ')" "records 2 3 3 3 2 2 "
	assert_equal "$(events 'hit kind=count')" 3
	assert_equal "$(sort s/asked | uniq -c | sed 's/ *//' | tr '\n' ' ')" "3 count 11 stamp "
	assert_equal "$(cat s/batches)" "$(printf '9\n6')"
}

@test "stamps: a count of another server stands for nothing, whatever its stamp" {
	printf 'state 1' >s/stamp
	printf 'server 1' >s/identity
	dbm-linecount slow:s#t
	printf 'server 2' >s/identity
	printf 'three\n' >>s/rows
	nothing_yet
	run --separate-stderr dbm-linecount --ttl 0 -b slow:s#t
	assert_output 3
	assert_equal "$(events 'identity changed=1')" 1
	dbm-linecount -b slow:s#t
	assert_equal "$(events hit)" 1
}

@test "stamps: two commands that renew the same counts in opposite order do not wait for each other for ever" {
	printf 'state 1' >s/stamp
	many refs
	dbm-linecount - <refs | cut -f 1-7 | sort >first
	for round in 1 2 3; do
		dbm-linecount --ttl 0 - <refs >one &
		tac refs | dbm-linecount --ttl 0 - >two &
		wait
		cut -f 1-7 one | sort | cmp - first
		cut -f 1-7 two | sort | cmp - first
	done
}

@test "--swr: what still stands is only renewed behind the command, all in one round trip" {
	printf 'state 1' >s/stamp
	many refs 20
	dbm-linecount -f csv - <refs >first
	rm s/batches
	nothing_yet
	dbm-linecount -q --ttl 0 --swr 60 -f csv - <refs >out 2>err
	assert_equal "$(grep -c 'is being refreshed' err)" 20
	refreshed() { [ "$(events 'refresh kind=count ok=1')" = 20 ]; }
	for ((i = 0; i < 1000; i++)); do refreshed && break; sleep 0.01; done
	assert_equal "$(sort s/asked | uniq -c | sed 's/ *//')" "20 stamp"
	assert_equal "$(cat s/batches)" 21
}

@test "--swr: rows of several tables are had anew behind the command, however many" {
	refs=()
	refreshed() { [ "$(events "refresh kind=preview ok=[01]")" = ${#refs[@]} ]; }
	for n in $(seq 8); do
		refs+=("pg:s#t$n")
		dbm-preview "${refs[@]}" >out
		nothing_yet
		dbm-preview -q --ttl 0 --swr 60 "${refs[@]}" >out 2>err
		for ((i = 0; i < 1000; i++)); do refreshed && break; sleep 0.01; done
		assert_equal "$(events 'refresh kind=preview ok=1')" "$n"
	done
}

@test "dbm-warm: what has expired is renewed, 32 in one round trip" {
	printf 'state 1' >s/stamp
	for n in $(seq 60); do echo t$n; done >s/tables
	dbm-warm --for count slow:s >out
	rm s/batches
	nothing_yet
	dbm-warm --ttl 0 --for count slow:s >out
	assert_equal "$(sort s/asked | uniq -c | sed 's/ *//' | grep -v tables)" "60 stamp"
	[ "$(wc -l <s/batches)" -le 3 ]
}

@test "a server that is gone: what is kept of all tables tells of one, marked as old" {
	printf 't\nu\nv w\n' >s/tables
	dbm-list slow:s >list
	dbm-list -k column slow:s >columns
	nothing_yet
	# While it answers, what it says of the one table counts.
	dbm-list slow:s#u >out
	assert_equal "$(events 'miss kind=list why=absent')" 1
	assert_equal "$(cat s/asked)" tables
	printf 'the server is down' >s/fail
	for of in t 'v%20w'; do
		run --separate-stderr dbm-list "slow:s#$of"
		assert_success
		assert_output "$(grep -F "slow:s#$of"$'\t' list)"
		[[ "$stderr" == "dbm-list: slow:s#$of: the server is down: this is what it was "*" ago" ]]
		run --separate-stderr dbm-list -k column "slow:s#$of"
		assert_success
		assert_output "$(grep -F "slow:s#$of"$'\t' columns)"
		[[ "$stderr" == *"this is what it was "*" ago" ]]
	done
	run --separate-stderr dbm-list -f json "slow:s#t"
	assert_output --partial '"cache":"old"'
	# One that the list does not have is not known, nor is a kind that was not kept.
	run --separate-stderr -4 dbm-list slow:s#nope
	assert_equal "$stderr" "dbm-list: slow:s#nope: the server is down"
	run --separate-stderr -4 dbm-list -k index slow:s#t
	run --separate-stderr -4 dbm-list --strict slow:s#t
	run --separate-stderr dbm-list --cached slow:s#t
	assert_output "$(grep -F "slow:s#t"$'\t' list)"
}

@test "a server that is gone: the names and types of columns from the preview that is kept, and previews of all its tables" {
	printf 't\nu\n' >s/tables
	dbm-preview slow:s >all
	printf 'die' >s/fail
	run --separate-stderr dbm-preview --ttl 0 --columns slow:s#u
	assert_success
	assert_output "$(printf 'slow:s#u\t1\tv\ttext\tdeclared')"
	[[ "$stderr" == "dbm-preview: slow:s#u: "*": this is what it was "*" ago" ]]
	run --separate-stderr dbm-preview --ttl 0 slow:s
	assert_success
	assert_output "$(cat all)"
	run --separate-stderr dbm-preview --ttl 0 -n 1 -c v slow:s#t
	assert_output "$(printf 'v\none')"
}

@test "known columns: what a kept preview had goes along with the next, to the helper for PostgreSQL alone" {
	mkdir -p pgs
	printf 'a\n' >pgs/rows
	dbm-preview pg:pgs#t
	dbm-preview slow:s#t
	assert [ ! -e pgs/known ]
	for flags in "--ttl 0" --refresh "--ttl 0 -n 9" "-c v"; do
		rm -f pgs/known
		dbm-preview --ttl 0 $flags pg:pgs#t
		assert_equal "$(cat pgs/known)" "v text"
	done
	rm pgs/known
	dbm-preview --no-cache pg:pgs#t
	dbm-preview pg:pgs#u
	dbm-linecount --ttl 0 pg:pgs#t
	dbm-invalidate pg:pgs#t
	dbm-preview pg:pgs#t
	assert [ ! -e pgs/known ]
	dbm-preview --refresh slow:s#t
	assert [ ! -e s/known ]
}

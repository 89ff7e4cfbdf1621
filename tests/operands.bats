# References and operands: one loop for every program.
load helper

@test "lines of standard input are references up to their first tab" {
	run dbm-linecount -b <<<$'people.csv\tfile\t12'
	assert_output 2
	run bash -c 'dbm-list . | dbm-linecount -b'
	assert_output 2
	run bash -c 'dbm-list -H . | dbm-linecount -b'
	assert_output 2
	run bash -c 'printf people.csv | dbm-linecount -b'
	assert_output 2
	run bash -c 'printf "\n\npeople.csv\n\n" | dbm-linecount -b'
	assert_output 2
}

@test "JSON lines are references by their ref member" {
	run bash -c 'dbm-list -f json . | dbm-linecount -b'
	assert_output 2
	run bash -c "printf '%s\n' '{\"x\":{\"ref\":\"no\"},\"n\":[1,{}],\"ref\":\"peop\\u006ce.csv\"}' | dbm-linecount -b"
	assert_output 2
	cp people.csv '{odd.csv'
	run bash -c 'echo "{odd.csv" | dbm-linecount -b'
	assert_output 2
}

@test "-0: NUL-separated references" {
	printf 'a\n1\n' >$'new\nline.csv'
	run bash -c 'find . -name "new*" -print0 | dbm-linecount -0 -b'
	assert_output 1
	run bash -c 'find . -name "new*" -print0 | dbm-linecount -0 | cut -f1'
	assert_output './new%0Aline.csv'
}

@test "-0: names as find(1) prints them are tried as they stand first" {
	mkdir d
	printf 'n\n1\n' >'d/50%.csv'
	printf 'n\n1\n2\n3\n' >'d/50%25.csv'
	printf 'n\n1\n2\n' >'d/50%.csv#b.csv'
	run bash -c 'find d -type f -print0 | sort -z | dbm-linecount -0 | cut -f1,2'
	assert_output $'d/50%25.csv\t1\nd/50%25.csv%23b.csv\t2\nd/50%2525.csv\t3'
}

@test "- stands for standard input at its place" {
	cp people.csv first.csv
	cp people.csv last.csv
	run bash -c 'echo people.csv | dbm-linecount first.csv - last.csv | cut -f1'
	assert_output $'first.csv\npeople.csv\nlast.csv'
	run --separate-stderr dbm-linecount -b - - <<<people.csv
	assert_equal "$status" 3
	assert_equal "$stderr" 'dbm-linecount: -: standard input can be read only once'
	run --separate-stderr dbm-linecount -b csv:- csv:- <people.csv
	assert_equal "$status" 3
}

@test "a table where references are read: what to do stands behind the first complaint, once" {
	hint='dbm-linecount: references are read on standard input, as -f tsv and json print them: the name of a table that is read there is csv:-'
	run --separate-stderr dbm-linecount <people.csv
	assert_equal "$status:$output" 4:
	assert_equal "$(sed -n 2p <<<"$stderr"):$(grep -cF "$hint" <<<"$stderr")" "$hint:1"
	run --separate-stderr bash -c 'dbm-list -f csv . | dbm-linecount'
	assert_equal "$(sed -n 2p <<<"$stderr")" "$hint"
	run --separate-stderr dbm-linecount -q <people.csv
	refute_regex "$stderr" csv:-
	run --separate-stderr dbm-linecount <<<$'missing.csv\nmissing,too.csv'
	refute_regex "$stderr" csv:-
}

@test "no references are no error" {
	run dbm-linecount </dev/null
	assert_success
	assert_output ''
}

@test "one bad operand never stops the others" {
	for program in dbm-linecount dbm-preview dbm-list; do
		run --separate-stderr $program nosuch.csv people.csv also-not.csv
		assert_equal "$status" 3
		assert_equal "${#stderr_lines[@]}" 2
		assert_equal "$stderr" "$program: nosuch.csv: no such file or folder"$'\n'"$program: also-not.csv: no such file or folder"
		assert [ -n "$output" ]
	done
}

@test "a reference is decoded first and, where nothing is there, taken as it stands" {
	printf 'n\n1\n' >'a%41.csv'
	run dbm-linecount 'a%41.csv'
	assert_output --regexp $'^a%2541\\.csv\t1'
	printf 'n\n1\n2\n' >aA.csv
	run dbm-linecount 'a%41.csv'
	assert_output --regexp $'^aA\\.csv\t2'
	run dbm-linecount 'a%2541.csv'
	assert_output --regexp $'^a%2541\\.csv\t1'
	printf 'n\n' >'we#ird.csv'
	run dbm-linecount 'we#ird.csv'
	assert_output --regexp $'^we%23ird\\.csv\t0'
}

@test "DIR#orders is the one orders.* there is" {
	mkdir d
	cp people.csv d/orders.csv
	run dbm-linecount d#orders d#orders.csv d/#orders
	assert_line --index 0 --regexp $'^d/orders\\.csv\t2'
	assert_line --index 1 --regexp $'^d/orders\\.csv\t2'
	assert_line --index 2 --regexp $'^d/orders\\.csv\t2'
	cp people.csv d/orders.tsv
	run -4 dbm-linecount d#orders
	assert_output 'dbm-linecount: d#orders: several tables of that name: orders.csv, orders.tsv'
	run -4 dbm-linecount d#nope
	assert_output 'dbm-linecount: d#nope: no such table: it has orders.csv, orders.tsv'
	run -4 dbm-linecount 'd#../people'
	assert_output --partial 'no such table'
	run -4 dbm-linecount people.csv#x
	assert_output 'dbm-linecount: people.csv#x: no such table: it is one delimited table, without names inside'
}

@test "names that would read as something else get ./ in front" {
	for name in -n.csv @home.csv csv:-.csv '{.csv' --help; do
		cp people.csv "./$name"
	done
	run bash -c 'dbm-linecount -- -n.csv %40home.csv ./@home.csv csv:-.csv --help | cut -f1,2'
	assert_output $'./-n.csv\t2\n./@home.csv\t2\n./@home.csv\t2\n./csv:-.csv\t2\n./--help\t2'
}

@test "servers and registered names: one line, no password" {
	DBM_HELPER_PATH=/nonexistent run -4 dbm-linecount 'postgresql://u:S3CRET@h/d#t' 'pg:password=S3CRET' '@nobody#t'
	refute_output --partial S3CRET
	assert_line --index 0 'dbm-linecount: postgresql://…: no file of that name, and there is no helper dbm-source-postgresql'
	assert_line --index 1 'dbm-linecount: pg:…: no file of that name, and there is no helper dbm-source-postgresql'
	assert_line --index 2 'dbm-linecount: @nobody#t: no database or group of that name is registered'
}

# Of PostgreSQL and of any other server.
@test "a password that is taken apart by what is not percent-encoded: refused, and nothing of it said" {
	for uri in 'u:S3/CRET@h/d' 'u:12/S3CRET@h/d' 'u:S3?CRET@h/d' 'u:S3#CRET@h/d' 'u:S3@CRET@h/d' 'u:S3#CRET@h/d?password=S3'; do
		for p in dbm-list 'dbm-linecount --cached' dbm-warm 'dbm-invalidate -v'; do
			run -4 --separate-stderr $p "postgresql://$uri"
			refute_output --partial S3
			assert_equal "$stderr" \
				"${p%% *}: postgresql://…: each @, /, ? and # of a user, a password or a database's name must be %40, %2F, %3F and %23"
		done
	done
}

@test "URIs that no client can read: one line, no password" {
	for uri in 'u:pa%zzS3CRET@h/d' 'u:S3CRET@[::1/d' 'u:S3CRET@h:port/d' '[::1?password=S3CRET' 'h/d?pass%77ord=S3CRET&nosuch=1' \
		'h/d?password=S3CRET&&' 'u:S3CRET@h:99999/d'; do
		for text in "postgresql://$uri" "pg:dbname='postgresql://$uri" "pg:password='S3CRET" 'pg:password=%27S3CRET S3CRET%27 x'; do
			run --separate-stderr timeout 10 dbm-list -q --timeout 2s "$text"
			assert_equal "$status:$output:${#stderr_lines[@]}" 4::1
			[[ $stderr != *S3* ]] || fail "$stderr"
		done
	done
}

@test "a password in an operand is used, left out of what is printed, and warned about once" {
	export DBM_HELPER_PATH=$TOP/tests/sources
	warning="a password in a reference can be seen in lists of processes and in histories: PostgreSQL's clients take it from \
~/.pgpass, PGPASSWORD or a service file"
	for p in dbm-list dbm-preview dbm-linecount dbm-profile dbm-warm; do
		rm -f given
		TOY_REFERENCE=$PWD/given run --separate-stderr $p 'toy://u:S3CRET@h/d#t' 'toy:host=h password=S3CRET#t' 'toy://u:S3CRET@h/e#t'
		assert_equal "$status:$(grep 'a password' <<<"$stderr")" "0:$p: $warning"
		assert_equal "$(grep -c S3CRET <<<"$stderr$output")" 0
		run grep -c S3CRET given
		assert_output 3
		run --separate-stderr $p -q 'toy://u:S3CRET@h/d#t'
		assert_equal "$stderr" ''
		run -0 $p 'toy://u@h:5/d#t' 'toy:passfile=f#t'
		refute_output --partial 'a password'
	done
	run --separate-stderr dbm-invalidate 'toy://u:S3CRET@h/d#t'
	assert_equal "$status:$stderr" "0:dbm-invalidate: $warning"
}

@test "whatever a reference is mistaken for, its password is not said" {
	for text in 'POSTGRESQL://u:S3CRET@h/d' ' postgresql://u:S3CRET@h/d' $'\xef\xbb\xbfpostgresql://u:S3CRET@h/d' \
		'postgresql://h/d?password=S3CRET' 'pg:host=h PASSWORD = S3CRET' '{"ref":"postgresql://u:S3CRET@h",}'; do
		run -4 dbm-linecount "$text"
		refute_output --partial S3CRET
		run -4 dbm-linecount <<<"$text"
		refute_output --partial S3CRET
	done
}

@test "a line that is too long is refused, the lines behind it are done" {
	run --separate-stderr bash -c '(head -c 3M /dev/zero | tr "\0" x; echo; echo people.csv) | dbm-linecount -b'
	assert_equal "$status" 3
	assert_output 2
	assert_equal "$stderr" 'dbm-linecount: standard input: a line is longer than 1048576 bytes'
}

@test "a folder of which nothing can be read is a failure of nothing done" {
	mkdir d && printf 'PK\3\4' >d/a.csv
	run -4 dbm-linecount d
	cp people.csv d/
	run -3 dbm-linecount d
}

@test "a file called ref is no header" {
	cp people.csv ref
	run bash -c 'dbm-list ref | dbm-linecount | cut -f1,2'
	assert_output $'./ref\t2'
}

@test "10,000 operands: one process, few descriptors, little memory" {
	for i in $(seq 1000); do echo people.csv; done >refs
	run bash -c 'prlimit --nofile=12 dbm-linecount -b <refs | sort -u | tr "\n" " "'
	assert_output '2 '
}

@test "operands are done in their order, whatever answers them" {
	db=$DATA/elections.db
	run --separate-stderr dbm-linecount people.csv "$db#parties" nosuch.csv "$db#winners" people.csv
	assert_equal "$status" 3
	assert_equal "$(cut -f 1,2 <<<"$output")" \
		"$(printf '%s\n' $'people.csv\t2' "$db#parties"$'\t2' "$db#winners"$'\t475' $'people.csv\t2')"
	assert_equal "$stderr" 'dbm-linecount: nosuch.csv: no such file or folder'
}

@test "one helper and one open for all tables of a database, however they are named" {
	db=$DATA/elections.db
	run bash -c "dbm-list '$db' | dbm-preview -n 1 --trace trace - '$db#winners' '$db'"
	assert_success
	assert_equal "$(grep -c '^helper' trace) $(grep -c '^connect' trace)" '1 1'
}

@test "all tables of a database take two round trips" {
	run dbm-preview --trace trace "$DATA/elections.db"
	assert_success
	assert_equal "$(grep '^roundtrip' trace)" $'roundtrip requests=1\nroundtrip requests=3'
}

# What a person sees: in a real terminal (tmux), with data that mean harm.
load helper

# on_terminal COMMAND: runs it in a terminal of 60 columns and prints the screen.
on_terminal() {
	local socket=$BATS_TEST_TMPDIR/tmux
	tmux -S "$socket" -f /dev/null new-session -d -x 60 -y 24 \
		"env PATH='$PATH' LC_ALL=C.UTF-8 sh -c '$1; touch done; sleep 30'"
	for _ in $(seq 100); do [ -e done ] && break; sleep 0.05; done
	sleep 0.2
	tmux -S "$socket" capture-pane -p -t 0
	tmux -S "$socket" display-message -p 'title=#{pane_title} history=#{history_size} cursor=#{cursor_x},#{cursor_y}'
	tmux -S "$socket" kill-server
}

hostile() {
	printf 'name,text\n'
	printf 'title,"\033]0;owned\007"\nclear,"\033[2J\033[H"\nbell,"\007\010\010"\nc1,"\302\2332J"\nraw8,"\2332J"\n'
	printf 'bidi,"\342\200\256evil"\nback,"abc\rxyz"\nlines,"one\ntwo"\n'
}

@test "a table of hostile cells does nothing to the terminal" {
	hostile >evil.csv
	for format in table csv tsv json md; do
		rm -f done
		run on_terminal "echo first; dbm-preview -n 20 -f $format evil.csv"
		assert_line --index 0 first
		refute_line --partial 'title=owned'
		for word in title clear bell c1 raw8 bidi back lines; do
			assert_output --partial $word
		done
	done
}

@test "the default on a terminal is a table that fits it" {
	(echo "id,$(printf 'a%.0s' {1..50}),note"; echo "1,$(printf 'x%.0s' {1..200}),end") >wide.csv
	run on_terminal 'dbm-preview wide.csv'
	assert_line --index 0 wide.csv
	assert_line --index 1 --regexp '^ +id  a+…? +note'
	assert_line --index 4 --regexp ' 1  x+…  end$'
}

@test "of references that are too wide the end is left, where the table is named" {
	mkdir a-folder-of-a-long-name
	for name in orders customers; do echo a >"a-folder-of-a-long-name/$name-of-all-the-years-until-now.csv"; done
	run on_terminal 'dbm-list a-folder-of-a-long-name'
	assert_line --index 2 --regexp '^…[^ ]*-until-now.csv  file'
	echo "ref,n,$(printf 'a%.0s' {1..200})" >ref.csv
	echo "$(printf 'start%.0s' {1..40}),1,$(printf 'x%.0s' {1..200})" >>ref.csv
	run on_terminal 'dbm-preview ref.csv'
	assert_line --index 4 --regexp '^start'
}

@test "columns that do not fit are left out, and said" {
	awk 'BEGIN{for (r = 0; r < 3; r++) {for (c = 0; c < 100; c++) printf "%s%d", c ? "," : "", 1000000 * c; print ""}}' >many.csv
	run on_terminal 'dbm-preview many.csv'
	assert_line --index 0 many.csv
	assert_output --partial '94 columns do not fit the terminal'
}

@test "bold and dim only where a terminal shows them and NO_COLOR does not forbid it" {
	run script -qec 'dbm-preview people.csv' /dev/null
	assert_output --partial $'\033[1m'
	NO_COLOR=1 run script -qec 'dbm-preview people.csv' /dev/null
	refute_output --partial $'\033'
	TERM=dumb run script -qec 'dbm-preview people.csv' /dev/null
	refute_output --partial $'\033'
	run dbm-preview -f table people.csv
	refute_output --partial $'\033'
}

@test "what takes over a second shows progress, on a terminal that was not asked to be quiet" {
	slow='{ cat people.csv; sleep 1.2; echo 3,Eve; sleep 0.1; } |'
	run script -qec "$slow dbm-linecount -b csv:-" /dev/null
	assert_output --partial $'\rdbm-linecount: 0 MiB\033[K'
	assert_output --partial $'\r\033[K3'
	run script -qec "$slow dbm-linecount -bq csv:-" /dev/null
	assert_output $'3\r'
	TERM=dumb run script -qec "$slow dbm-linecount -b csv:-" /dev/null
	assert_output $'3\r'
	run bash -c "$slow dbm-linecount -b csv:- 2>&1"
	assert_output 3
}

@test "without operands a program that would wait for references prints one line, and no heading" {
	for command in dbm-linecount 'dbm-linecount -f csv' 'dbm-linecount -f md' 'dbm-index -H -f tsv' 'dbm-index --check' dbm-warm \
		dbm-preview dbm-profile dbm-schema 'dbm-schema --check' dbm-invalidate; do
		run script -qec "$command" /dev/null
		program=${command%% *}
		assert_equal "$status:$output" \
			"2:$program: name a table, or pipe references in ($program --help shows the flags)"$'\r'
	done
}

@test "error lines show control characters, too" {
	run script -qec $'dbm-preview "$(printf \'\\033[2J\')"' /dev/null
	refute_output --partial $'\033'
	assert_output --partial '\x1b[2J'
}

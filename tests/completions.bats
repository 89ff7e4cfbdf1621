# Completion in the real shells: typed on a pseudo terminal, from the files as they are installed.
load helper

setup_file() {
	make -s -C "$BATS_TEST_DIRNAME/.." install-completions DESTDIR= PREFIX="$BATS_FILE_TMPDIR"
}

# line SHELL TYPED [SHOWN]: what TYPED becomes by a TAB; with SHOWN, what the shell shows as well.
line() {
	local share=$BATS_FILE_TMPDIR/share load
	case $1 in
	bash) load="source $share/bash-completion/completions/dbm-list" ;;
	zsh) load="fpath=($share/zsh/site-functions \$fpath); autoload -Uz compinit; compinit -u -d $BATS_FILE_TMPDIR/zcompdump" ;;
	fish) load="set fish_complete_path $share/fish/vendor_completions.d" ;;
	esac
	LC_ALL=C.UTF-8 python3 "$TOP/tests/complete.py" "$1" "$load" "$2" "${3-line}"
}

# becomes SHELL TYPED LINE
becomes() { assert_equal "$1: $(line "$1" "$2")" "$1: [$3]"; }

# means SHELL TYPED REFERENCE: the completed line, run by the shell, prints the reference, and nothing in the names is run.
means() {
	local completed
	completed=$(line "$1" "$2")
	completed=${completed#[}
	refute [ -e pwned ]
	run "$1" -c "${completed%]} | cut -f 1"
	assert_equal "$1: $2: $output" "$1: $2: $3"
	refute [ -e pwned ]
}

hostile() {
	mkdir 'a shop;$(touch pwned)'
	for name in '$(touch pwned).csv' '`touch pwned`;q.csv' ';touch pwned.csv' "it's \"so\".csv" $'new\nline.csv' 'z[1]*?.csv'; do
		cp people.csv "$name"
		cp people.csv "a shop;\$(touch pwned)/$name"
	done
}

@test "long flags" {
	for shell in bash zsh fish; do
		becomes $shell 'dbm-list --hea' 'dbm-list --header '
		becomes $shell 'dbm-linecount --tot' 'dbm-linecount --total '
		becomes $shell 'dbm-profile --desc' 'dbm-profile --describe '
		becomes $shell 'dbm-list --wid' 'dbm-list --wid'
	done
	becomes bash 'dbm-preview --wi' 'dbm-preview --width '
	becomes zsh 'dbm-preview --wi' 'dbm-preview --width='
	becomes fish 'dbm-preview --wi' 'dbm-preview --width '
}

@test "a flag whose value may be left out takes no word behind it" {
	for shell in bash zsh fish; do becomes $shell 'dbm-index --check peo' 'dbm-index --check people.csv '; done
}

@test "the flags are shown, with help where the shell shows it" {
	run line bash 'dbm-list -' shown
	for flag in --all --match -k; do assert_output --regexp "(^|[[:space:]])$flag "; done
	refute_output --partial --bare
	run line zsh 'dbm-linecount -' shown
	assert_output --regexp '--bare +-b +-- the number of records alone'
	run line fish 'dbm-preview --del' shown
	assert_line --index 0 '[dbm-preview --delimiter ]'
	run fish --no-config -c "set fish_complete_path '$BATS_FILE_TMPDIR/share/fish/vendor_completions.d'; complete -C 'dbm-list --f'"
	assert_output $'--format\ttsv, csv, json, table or md'
}

@test "choices, behind =, a blank and a letter" {
	for shell in bash zsh fish; do
		becomes $shell 'dbm-list --format=j' 'dbm-list --format=json '
		becomes $shell 'dbm-preview people.csv --format j' 'dbm-preview people.csv --format json '
		becomes $shell 'dbm-list -Hf j' 'dbm-list -Hf json '
		becomes $shell 'dbm-stats -f p' 'dbm-stats -f prom '
		becomes $shell 'dbm-list -f p' 'dbm-list -f p'
		run line $shell 'dbm-list -k ' shown
		assert_output --regexp 'database .*table .*view'
		refute_output --partial people
	done
}

@test "files: of --trace, and as operands" {
	mkdir folder
	for shell in bash zsh fish; do
		becomes $shell 'dbm-list --trace peo' 'dbm-list --trace people.csv '
		becomes $shell 'dbm-list --trace=peo' 'dbm-list --trace=people.csv '
		becomes $shell 'dbm-preview -n 2 peo' 'dbm-preview -n 2 people.csv '
		becomes $shell 'dbm-linecount fol' 'dbm-linecount folder/'
		becomes $shell 'dbm-preview --width peo' 'dbm-preview --width peo'
	done
}

@test "tables of a folder" {
	mkdir -p data/a:b=c@d 'data/my shop'
	touch data/orders.csv data/old.tsv.gz data/a:b=c@d/orders.csv 'data/my shop/orders.csv'
	for shell in bash zsh fish; do
		becomes $shell 'dbm-preview data#or' 'dbm-preview data#orders.csv '
		becomes $shell 'dbm-preview -- data/#ol' 'dbm-preview -- data/#old.tsv.gz '
		becomes $shell 'dbm-preview data#o' 'dbm-preview data#o'
		becomes $shell 'dbm-preview data/a:b=c@d#' 'dbm-preview data/a:b=c@d#orders.csv '
		becomes $shell 'dbm-preview data/my\ shop#' 'dbm-preview data/my\ shop#orders.csv '
		becomes $shell 'dbm-preview "data/my shop#o' 'dbm-preview "data/my shop#orders.csv" '
		becomes $shell 'dbm-preview nothing#' 'dbm-preview nothing#'
		becomes $shell 'dbm-preview people.csv#' 'dbm-preview people.csv#'
	done
	run line bash 'dbm-preview data#' shown
	assert_output --regexp 'data#old.tsv.gz +data#orders.csv'
}

@test "the tables of a server" {
	facts s tables 'name|kind|rows_estimate|bytes|modified|format|compression|coverage' \
		'public.orders|table|1|\N|\N|\N|\N|\N' 'public.parts|table|1|\N|\N|\N|\N|\N'
	for shell in bash zsh fish; do
		becomes $shell 'dbm-preview facts:s#public.o' 'dbm-preview facts:s#public.orders '
		becomes $shell 'dbm-preview facts:s#p' 'dbm-preview facts:s#public.'
	done
}

@test "tables that are listed as DB#TABLE" {
	mkdir fake
	printf '#!/bin/sh\nprintf '\''shop.db#customers\\ttable\\nshop.db#$(touch pwned)`;\\tview\\n'\''\n' >fake/dbm-list
	chmod +x fake/dbm-list
	PATH=$PWD/fake:$PATH
	for shell in bash zsh fish; do
		becomes $shell 'dbm-preview shop.db#c' 'dbm-preview shop.db#customers '
	done
	becomes bash 'dbm-preview shop.db#\$' 'dbm-preview shop.db#\$\(touch\ pwned\)\`\; '
	becomes zsh 'dbm-preview shop.db#\$' 'dbm-preview shop.db#\$\(touch\ pwned\)\`\; '
	becomes fish 'dbm-preview shop.db#\$' 'dbm-preview shop.db#\$\(touch\ pwned\)`\; '
	refute [ -e pwned ]
}

@test "hostile names of files are quoted, never run" {
	hostile
	for shell in bash zsh fish; do
		means $shell 'dbm-list \$' '$(touch pwned).csv'
		means $shell 'dbm-list \`' '`touch pwned`;q.csv'
		means $shell 'dbm-list "it' "it's \"so\".csv"
		means $shell 'dbm-list new' 'new%0Aline.csv'
	done
}

@test "hostile names of tables and folders are quoted, never run" {
	hostile
	db='a\ shop\;\$\(touch\ pwned\)#'
	for shell in bash zsh fish; do
		means $shell "dbm-list $db\\\$" 'a shop;$(touch pwned)/$(touch pwned).csv'
		means $shell "dbm-list $db\\\`" 'a shop;$(touch pwned)/`touch pwned`;q.csv'
		means $shell "dbm-list $db\\;" 'a shop;$(touch pwned)/;touch pwned.csv'
		means $shell "dbm-list ${db}z" 'a shop;$(touch pwned)/z[1]*?.csv'
		means $shell "dbm-list ${db}it" "a shop;\$(touch pwned)/it's \"so\".csv"
		means $shell "dbm-list 'a shop;\$(touch pwned)#it" "a shop;\$(touch pwned)/it's \"so\".csv"
		means $shell 'dbm-list "a shop;\$(touch pwned)#\$' 'a shop;$(touch pwned)/$(touch pwned).csv'
		means $shell "dbm-list ${db}new" 'a shop;$(touch pwned)/new%0Aline.csv'
	done
}

@test "bash: a lone backslash before the cursor, and ! in double quotes" {
	mkdir one two
	cp people.csv 'one/;touch pwned.csv'
	cp people.csv 'two/a!b`$".csv'
	becomes bash 'dbm-list one#\' 'dbm-list one#\;touch\ pwned.csv '
	becomes bash 'dbm-list "one#\' 'dbm-list "one#;touch pwned.csv" '
	becomes bash 'dbm-list "two#' 'dbm-list "two#a"\!"b\`\$\".csv" '
	means bash 'dbm-list "two#' 'two/a!b`$".csv'
}

@test "a flag that is renamed in the table alone is another completion" {
	mkdir fake
	printf '#!/bin/sh\n"%s" --describe | sed s/columns/colums/\n' "$(command -v dbm-preview)" >fake/dbm-preview
	chmod +x fake/dbm-preview
	for file in dbm.bash _dbm dbm.fish; do
		run diff <("$TOP/completions/generate" "completions/$file") "$TOP/completions/$file"
		assert_success
		run diff <(PATH=$PWD/fake:$PATH "$TOP/completions/generate" "completions/$file") "$TOP/completions/$file"
		assert_failure
		assert_output --regexp '< .*colums'
	done
}

@test "a program that does not describe itself stops the generator" {
	mkdir fake
	printf '#!/bin/sh\nexit 2\n' >fake/dbm-list
	chmod +x fake/dbm-list
	PATH=$PWD/fake:$PATH run "$TOP/completions/generate" completions/dbm.bash
	assert_failure
	assert_output ''
}

@test "tables of an SQLite database" {
	cp "$DATA/elections.db" shop.db
	for shell in bash zsh fish; do
		becomes $shell 'dbm-preview shop.db#w' 'dbm-preview shop.db#winners '
		becomes $shell "dbm-preview $PWD/shop.db#ne" "dbm-preview $PWD/shop.db#newcomers "
	done
	rm shop.db
}

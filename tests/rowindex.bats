load helper

# Files of some MiB, the marks in which fall on whatever is hard; made and counted once for all tests.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit 1
	own_world "$BATS_FILE_TMPDIR" C
	mkdir -p "$HOME"
	python3 - <<'END'
import random

STRIDE = 256 * 1024

def make(name, header, rows, across, parts=2, mark=b'', end=b'\n'):
    """Rows at random; `across` lies over each mark, as a field of its own row, with its middle at the mark."""
    chance = random.Random(name)
    text = bytearray(mark + header + end)
    for i in range(1, parts * 4):
        while len(text) < i * STRIDE - 400:
            text += rows(chance, len(text)) + end
        # The row begins behind the mark in the file of which the header alone is longer.
        fill = i * STRIDE - len(text) - len(across) // 2 - 2
        if fill > 0:
            text += b'z' * fill + b',2' + across
    while len(text) < parts * 4 * STRIDE + 1000:
        text += rows(chance, len(text)) + end
    open(name, 'wb').write(text)

def plain(chance, at):
    return b'%d,%s' % (at, b'y' * chance.randrange(60))

def quoted(chance, at):
    return b'%d,"%s""\n\r\n,%s"' % (at, b'y' * chance.randrange(30), b'"",""\n' * chance.randrange(4))

def blank(chance, at):
    return plain(chance, at) + b'\n' * chance.randrange(4)

def odd(chance, at):
    return plain(chance, at) + chance.choice([b'a"b', b'"', b'"",', b',"c"d', b',"c"d,"e"', b''])

def ragged(chance, at):
    return plain(chance, at) + b',3' * chance.randrange(3)

def large(chance, at):
    if chance.randrange(3000) == 0:
        return b'%d,"%s"' % (at, b'one\n""two""\r\n' * chance.randrange(60000))
    return plain(chance, at)

make('plain.csv', b'at,text', plain, b'\n3,4\n')
make('begins.csv', b'at,text', plain, b'\n\n')
make('quoted.csv', b'at,text', quoted, b'\n3,"a\nb\n"\n')
make('pair.csv', b'at,text', quoted, b'\n3,"a""b"\n')
make('crlf.csv', b'at,text', ragged, b'\r\n', end=b'\r\n')
make('cr.csv', b'at,text', plain, b'\r\r', end=b'\r')
make('crlfquoted.csv', b'at,text', quoted, b'\r\n3,"\r\n"\r\n', end=b'\r\n')
make('mark.csv', b'at,text', quoted, b'\n3,"\n"\n', mark=b'\xef\xbb\xbf')
make('semicolon.csv', b'at;text', lambda c, at: quoted(c, at).replace(b',', b';'), b'\n3;4\n')
make('blank.csv', b'at,text', blank, b'\n\n\n\n')
make('odd.csv', b'at,text', odd, b'\n"a"b\n')
make('ragged.csv', b'at,text', ragged, b'\n3,4\n')
make('large.csv', b'at,text', large, b'\n3,4\n')
make('header.csv', b'at,"' + b'x\n' * 200000 + b'"', plain, b'\n3,4\n')
make('open.csv', b'at,text', quoted, b'\n3,4\n')
open('open.csv', 'ab').write(b'7,"not closed\n' + b'8,9\n' * 100000)
make('noend.csv', b'at,text', quoted, b'\n3,4\n')
open('noend.csv', 'ab').write(b'7,"no end"')
make('nothing.csv', b'', quoted, b'\n3,4\n')
make('big.csv', b'at,text', quoted, b'\n3,"\n"\n', parts=32)
make('changed.csv', b'at,text', plain, b'\n3,4\n')
END
	sleep 2.1
	for file in *.csv; do
		dbm-linecount -q $(flags "$file") "$file" >"$file.count" || exit 1
	done
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit 1
	trace=$BATS_TEST_TMPDIR/trace
}

flags() { [ "$1" != nothing.csv ] || echo --no-header; }

records() { cut -f 2 "$1.count"; }

# Rows around each mark and each end.  In the part of a text before a mark as many records end or are begun as this counts.
hard_offsets() {
	local n
	for ((at = 262144; at < $(stat -c %s "$1"); at += 262144 * ${2-1})); do
		n=$(head -c $at "$1" | dbm-linecount -b -q $(flags "$1") csv:-)
		echo $((n - 2)) $((n - 1)) $((n)) $((n + 1))
	done | tr ' ' '\n' | awk '$1 >= 100'
	n=$(records "$1")
	echo 100 $((n - 5)) $((n - 4)) $((n - 1)) "$n" $((n + 1)) $((n + 1000)) | tr ' ' '\n'
}

# With the index and without: the same rows, and the same is said.  In a format that shows types as many rows are looked at for
# columns whether or not the answer is kept.
same() { # same FILE FLAGS...
	local file=$1 out=$BATS_TEST_TMPDIR
	shift
	dbm-preview -f md --width 100 $(flags "$file") "$@" --trace "$trace" "$file" >"$out/with" 2>"$out/with.said"
	dbm-preview -f md --width 100 $(flags "$file") "$@" --no-cache "$file" >"$out/without" 2>"$out/without.said"
	cmp "$out/with" "$out/without" && cmp "$out/with.said" "$out/without.said" || {
		echo "$file $*"
		diff "$out/with" "$out/without" | head -5
		return 1
	}
}

@test "a counted file: --offset, --tail and --sample read what they show" {
	# Fewer rows first: more answer fewer.
	for how in '--offset 200000' '--tail -n 0' --tail --sample '--sample --seed 5' '--offset 9999999'; do
		rm -f "$trace"
		run --separate-stderr dbm-preview -n 2 $how --trace "$trace" big.csv
		assert_success
		assert_equal "$stderr" ''
		grep -x 'hit kind=rowindex' "$trace"
		assert [ "$(bytes_read "$trace")" -le 1048576 ]
	done
	rm -f "$trace"
	dbm-preview --offset 9999998 --trace "$trace" big.csv
	assert_equal "$(bytes_read "$trace")" 16384
	rm -f "$trace"
	dbm-preview --tail -n 3 --trace "$trace" big.csv
	assert [ "$(bytes_read "$trace")" -le $((16384 + 262144 + 65536)) ]
}

@test "--offset: the rows, and the lines in notes, are those of reading from the start" {
	for file in [!blo]*.csv blank.csv large.csv odd.csv; do
		for offset in $(hard_offsets $file | sort -nu); do
			same $file -n 3 --offset "$offset"
		done
		[ $file != changed.csv ] || continue
		assert [ "$(grep -cx 'hit kind=rowindex' "$trace")" -ge 20 ]
		run ! grep 'miss kind=rowindex' "$trace"
		rm "$trace"
	done
}

@test "--offset in a larger file" {
	for offset in $(hard_offsets big.csv 20); do
		same big.csv -n 3 --offset "$offset"
	done
}

@test "--tail: the rows are those of reading the whole" {
	for file in *.csv; do
		for n in 0 1 2 7 3000; do
			same $file -q --tail -n $n
		done
		run ! grep 'miss kind=rowindex' "$trace"
	done
	same plain.csv -q --tail -n 10000000
}

@test "--tail and the csv module of Python" {
	for file in plain quoted pair crlf crlfquoted mark blank large big; do
		dbm-preview -q --width 0 --tail -n 50 $file.csv >"$BATS_TEST_TMPDIR/tail.csv"
		python3 - $file.csv "$BATS_TEST_TMPDIR/tail.csv" <<'END'
import csv, sys
csv.field_size_limit(1 << 30)
def rows(name):
    with open(name, newline='', encoding='utf-8-sig') as f:
        return [r for r in csv.reader(f) if r]
def trim(row):
    # Short rows are filled up, and a header gets the names that it lacks.
    return trim(row[:-1]) if row and row[-1] == '' else row
whole, tail = map(rows, sys.argv[1:])
assert tail[0][:2] == whole[0] and list(map(trim, tail[1:])) == list(map(trim, whole[-50:])), sys.argv[1]
END
	done
}

@test "--sample: rows of the table in their order; the same seed takes the same rows with an index and without" {
	for file in *.csv; do
		for n in 0 1 5; do
			same $file -q --sample --seed 17 -n $n
		done
	done
	run --separate-stderr dbm-preview --sample -n 6 -c 1 --trace "$trace" plain.csv
	assert_equal "${#lines[@]}" 7
	run ! grep 'miss kind=rowindex' "$trace"
	grep -Fxf <(tail -n +2 <<<"$output") <(cut -d , -f 1 plain.csv) | diff - <(tail -n +2 <<<"$output")
}

@test "a sample of nearly everything reads the file once" {
	run --separate-stderr dbm-preview --sample -n 5000 --trace "$trace" plain.csv
	assert_success
	assert_regex "$stderr" 'read whole \([0-9]+ bytes\) to find the sampled rows'
	assert_equal "$(bytes_read "$trace")" "$(stat -c %s plain.csv)"
}

@test "every row of a sample is as likely as another" {
	(echo n; seq -w 1 20 | awk '{printf "%s,", $1; for (i = 0; i < 7000; i++) printf "0123456789"; print ""}') >twenty.csv
	sleep 2.1
	dbm-linecount twenty.csv >/dev/null
	for i in $(seq 400); do
		dbm-preview -q -c 1 --width 2 --sample -n 2 --trace "$trace" twenty.csv | tail -n +2
	done | sort | uniq -c >"$BATS_TEST_TMPDIR/often"
	assert_equal "$(grep -cx 'hit kind=rowindex' "$trace")" 400
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/often")" 20
	# 40 each; six standard deviations.
	run awk '$1 < 4 || $1 > 76' "$BATS_TEST_TMPDIR/often"
	assert_output ''
	rm twenty.csv
}

@test "what changes where the rows are has an index of its own" {
	run -0 dbm-preview -q -n 1 --tail --no-header --trace "$trace" plain.csv
	grep -x 'miss kind=rowindex why=absent' "$trace"
	rm "$trace"
	run -0 dbm-preview -q -n 1 --tail --delimiter ';' --trace "$trace" plain.csv
	grep -x 'miss kind=rowindex why=absent' "$trace"
	rm "$trace"
	run -0 dbm-preview -q -n 1 --tail --delimiter , --trace "$trace" "../$(basename "$PWD")/.//plain.csv"
	grep -x 'hit kind=rowindex' "$trace"
}

@test "a file that has changed: the index is not used" {
	printf 'new,row\n' >>changed.csv
	run --separate-stderr dbm-preview -n 1 --tail --trace "$trace" changed.csv
	assert_output $'at,text\nnew,row'
	assert_regex "$stderr" 'read whole'
	grep -x 'miss kind=rowindex why=stamp' "$trace"
	# One counted while it is young is kept and not believed.
	dbm-linecount --refresh changed.csv >/dev/null
	rm "$trace"
	run -0 dbm-preview -q -n 1 --tail --trace "$trace" changed.csv
	grep -x 'miss kind=rowindex why=young' "$trace"
}

@test "--no-cache neither writes nor reads it; nor do texts that are not plain, large files" {
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	mkdir "$XDG_CACHE_HOME"
	dbm-linecount --no-cache plain.csv >/dev/null
	run ls -A "$XDG_CACHE_HOME"
	assert_output ''
	export DBM_TRACE=$trace
	dbm-linecount --at-least 10 plain.csv >/dev/null
	dbm-linecount -e big.csv >/dev/null
	dbm-linecount --encoding latin1 plain.csv >/dev/null
	dbm-linecount csv:- <plain.csv >/dev/null
	gzip -c plain.csv >"$BATS_TEST_TMPDIR/t.csv.gz"
	dbm-linecount "$BATS_TEST_TMPDIR/t.csv.gz" >/dev/null
	head -c 1000000 plain.csv >"$BATS_TEST_TMPDIR/small.csv"
	dbm-linecount "$BATS_TEST_TMPDIR/small.csv" >/dev/null
	grep 'store kind=count' "$trace"
	run ! grep kind=rowindex "$trace"
	dbm-linecount plain.csv >/dev/null
	grep -x 'store kind=rowindex bytes=[0-9]*' "$trace"
	rm "$trace"
	run -0 dbm-preview -q -n 1 --tail --no-cache plain.csv
	run ! grep kind= "$trace"
}

@test "no place for a cache: everything works, silently" {
	whole=$(dbm-preview -q --no-cache --tail plain.csv)
	count=$(cut -f 1-7 plain.csv.count)
	without() { # without COMMAND...: before each program
		run --separate-stderr "$@" dbm-linecount plain.csv
		assert_success
		assert_equal "$(cut -f 1-7 <<<"$output")$stderr" "$count"
		run --separate-stderr "$@" dbm-preview -q --tail plain.csv
		assert_success
		assert_equal "$output$stderr" "$whole"
	}
	without env -u HOME -u XDG_CACHE_HOME
	without env XDG_CACHE_HOME=/proc
	touch "$BATS_TEST_TMPDIR/file"
	without env XDG_CACHE_HOME="$BATS_TEST_TMPDIR/file"
	without env XDG_CACHE_HOME="$BATS_TEST_TMPDIR/nowhere/nowhere"
	# One that can be read alone serves.
	mkdir "$BATS_TEST_TMPDIR/cache"
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	dbm-linecount plain.csv >/dev/null
	chmod -R a-w "$XDG_CACHE_HOME"
	without env
	# And one that is damaged does not.
	chmod -R u+w "$XDG_CACHE_HOME"
	slot=$(grep -rla rowindex "$XDG_CACHE_HOME")
	printf x | dd of="$slot" bs=1 seek=200 conv=notrunc status=none
	run -0 dbm-preview -q -n 7 --tail --trace "$trace" plain.csv
	assert_equal "$(head -n 1 <<<"$output")$(tail -n 5 <<<"$output")" "$(head -n 1 <<<"$whole")$(tail -n 5 <<<"$whole")"
	grep -x 'miss kind=rowindex why=damaged' "$trace"
}

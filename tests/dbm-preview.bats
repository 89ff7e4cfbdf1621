load helper

@test "the header and five rows, as CSV where no terminal looks" {
	seq 100 | awk 'BEGIN{print "n,square"} {print $1 "," $1 * $1}' >squares.csv
	run dbm-preview squares.csv
	assert_output $'n,square\n1,1\n2,4\n3,9\n4,16\n5,25'
}

@test "several tables are separated by an empty line; --ref tells them apart" {
	cp people.csv more.csv
	run dbm-preview -n 1 people.csv more.csv
	assert_output $'id,name\n1,Ada\n\nid,name\n1,Ada'
	run dbm-preview -n 1 --ref people.csv
	assert_output $'ref,id,name\npeople.csv,1,Ada'
}

@test "-c takes names and numbers, in the order asked for" {
	printf 'a,"x,y",c\n1,2,3\n' >t.csv
	run dbm-preview -c 3,x%2Cy,a t.csv
	assert_output $'c,"x,y",a\n3,2,1'
	run dbm-preview -c nope t.csv
	assert_equal "$status" 4
	assert_output 'dbm-preview: t.csv: no such column: nope: it has a, x,y, c'
	run dbm-preview -c 4 t.csv
	assert_equal "$status" 4
}

@test "--columns: names and sampled types, one a line" {
	printf 'i,r,d,t,b,s,e\n1,1.5,2024-01-02,2024-01-02 03:04:05,true,x,\n2,-2e-3,2024-01-03,2024-01-02T03:04Z,false,5885E9,\n' >t.csv
	run bash -c 'dbm-preview --columns t.csv | cut -f2-'
	assert_output $'1\ti\tinteger\tsampled:2\n2\tr\treal\tsampled:2\n3\td\tdate\tsampled:2\n4\tt\ttimestamp\tsampled:2\n5\tb\tboolean\tsampled:2\n6\ts\ttext\tsampled:2\n7\te\ttext\tsampled:2'
}

@test "hexadecimal ids and codes with leading zeros are text" {
	printf 'hex,zip,plus\n5885E9,007,+1\n588,123,2\n' >t.csv
	run bash -c 'dbm-preview --columns t.csv | cut -f4 | sort -u'
	assert_output text
}

@test "--offset passes over rows" {
	seq 20 | sed '1i n' >t.csv
	run dbm-preview --offset 17 t.csv
	assert_output $'n\n18\n19\n20'
	run dbm-preview --offset 100 t.csv
	assert_output n
}

@test "--tail shows the last rows and says that it read the whole" {
	quoted_rows 50 >t.csv
	run --separate-stderr dbm-preview --tail -n 2 t.csv
	assert_output $'id,text\n49,"line one\nline two, 49"\n50,"line one\nline two, 50"'
	assert_equal "$stderr" "dbm-preview: t.csv: read whole ($(stat -c %s t.csv) bytes) to find the last rows"
	run --separate-stderr dbm-preview -q --tail -n 2 t.csv
	assert_equal "$stderr" ''
}

@test "the last rows that are kept were not read again, and nobody says so" {
	seq 20000 >t.csv
	sleep 2.1
	run --separate-stderr dbm-preview --tail -n 1 -f json t.csv
	assert_equal "$stderr" "dbm-preview: t.csv: read whole ($(stat -c %s t.csv) bytes) to find the last rows"
	run --separate-stderr dbm-preview --tail -n 1 --trace "$BATS_TEST_TMPDIR/trace" t.csv
	assert_equal "$output:$stderr" $'1\n20000:'
	run cat "$BATS_TEST_TMPDIR/trace"
	assert_output 'hit kind=preview'
	run --separate-stderr dbm-profile --sample t.csv
	assert_regex "$stderr" 'read whole'
}

@test "--sample shows rows of the table, each once, in their order" {
	seq 1000 | sed '1i n' >t.csv
	run --separate-stderr dbm-preview --sample -n 50 t.csv
	assert_success
	assert_equal "${#lines[@]}" 51
	assert_equal "$(tail -n +2 <<<"$output" | sort -n -u)" "$(tail -n +2 <<<"$output")"
	run --separate-stderr dbm-preview --sample -n 5000 t.csv
	assert_equal "$output" "$(cat t.csv)"
}

@test "--width cuts cells inside no character, and says so" {
	printf 'a\nééééé\n' >t.csv
	run --separate-stderr dbm-preview --width 5 t.csv
	assert_output $'a\néé…'
	assert_equal "$stderr" 'dbm-preview: t.csv: 1 cells are cut to 5 bytes (--width 0 shows all)'
	run dbm-preview --width 10 t.csv
	assert_output $'a\nééééé'
	run --separate-stderr dbm-preview --width 5 -f json t.csv
	assert_output '{"ref":"t.csv","row":{"a":"éé…"},"cut":["a"]}'
}

@test "cells are cut at 4096 bytes unless asked otherwise" {
	(echo a; head -c 5000 /dev/zero | tr '\0' x; echo) >t.csv
	run --separate-stderr bash -c 'dbm-preview t.csv | wc -c'
	assert_output $((2 + 4096 + 3 + 1))
	run bash -c 'dbm-preview --width 0 t.csv | wc -c'
	assert_output 5003
}

@test "reads no more than it shows: at most 128 KiB of any file" {
	quoted_rows 200000 >big.csv
	run dbm-preview --trace trace big.csv
	assert_success
	assert [ "$(bytes_read trace)" -le 131072 ]
	awk 'BEGIN{for (r = 0; r < 100; r++) {for (c = 0; c < 1000; c++) printf "%s%d", c ? "," : "", r * c; print ""}}' >wide.csv
	run dbm-preview --trace trace.wide wide.csv
	assert [ "$(bytes_read trace.wide)" -le 131072 ]
}

@test "a cell of 100 MiB: bounded memory, cut and said; the row behind it whole" {
	(printf 'id,blob\n1,"'; head -c 100M /dev/zero | tr '\0' x; printf '"\n2,small\n') >t.csv
	run --separate-stderr prlimit --data=8388608 "$(command -v dbm-preview)" -c id,blob t.csv
	if [ "${DBM_VARIANT-}" != san ]; then
		assert_success
		assert_equal "${#lines[1]}" $((2 + 4096 + 3))
		assert_equal "${lines[2]}" 2,small
		assert_regex "$stderr" '1 cells are cut to 4096 bytes'
	fi
	run dbm-linecount -b t.csv
	assert_output 2
}

@test "compressed files are read only as far as needed" {
	quoted_rows 100000 >t.csv
	gzip -k t.csv
	zstd -q t.csv
	for z in t.csv.gz t.csv.zst; do
		rm -f trace
		run dbm-preview -n 1 --trace trace $z
		assert_output $'id,text\n1,"line one\nline two, 1"'
		assert [ "$(bytes_read trace)" -le 131072 ]
		run grep -c '^helper program=' trace
		assert_output 1
		run dbm-linecount -b $z
		assert_output 100000
	done
}

@test "compressed data that are cut short inside a record: it is none" {
	(echo a && seq 100000 400000) | gzip >whole.csv.gz
	for size in 50100 50203 60001; do
		head -c $size whole.csv.gz >t.csv.gz
		gzip -dc t.csv.gz 2>gzip.err | grep -x '[0-9]\{6\}' | tail -n 1 >want
		for flags in '' '--offset 20000'; do
			# shellcheck disable=SC2086
			run --separate-stderr dbm-preview $flags -n 1000000 t.csv.gz
			assert_equal "$status" 3
			assert_equal "${lines[-1]}" "$(cat want)"
		done
		# Nor is it known which rows would be the last, or which others there are.
		for flags in --tail --sample; do
			run --separate-stderr dbm-preview $flags t.csv.gz
			assert_equal "$status:$output" 4:
			assert_equal "$stderr" 'dbm-preview: t.csv.gz: gzip says the data are damaged or cut short (exit status 1)'
		done
	done
}

@test "compressed data that are cut short before the header ends: status 4" {
	printf 'a,b\n' | gzip | head -c 12 >t.csv.gz
	for program in 'dbm-preview' 'dbm-preview --no-header' 'dbm-preview --columns' dbm-linecount dbm-profile; do
		run --separate-stderr $program t.csv.gz
		assert_equal "$status:$output" 4:
		assert_equal "$stderr" \
			"${program%% *}: t.csv.gz: gzip says the data are damaged or cut short (exit status 1)"
	done
}

@test "compressed data that are cut short: the rows there are, one line, status 3" {
	quoted_rows 50000 | gzip >t.csv.gz
	truncate -s -100 t.csv.gz
	run --separate-stderr dbm-preview -n 100000 t.csv.gz
	assert_equal "$status" 3
	assert_equal "${lines[0]}" id,text
	assert_equal "$stderr" 'dbm-preview: t.csv.gz: gzip says the data are damaged or cut short (exit status 1)'
	run --separate-stderr dbm-linecount t.csv.gz
	assert_equal "$status" 4
	run dbm-preview -n 1 t.csv.gz
	assert_success
}

@test "without gzip or zstd: one line that says what is missing" {
	gzip -k people.csv
	program=$(command -v dbm-preview)
	PATH=/nonexistent run -4 "$program" people.csv.gz
	assert_output 'dbm-preview: people.csv.gz: cannot run gzip: No such file or directory'
}

@test "the dialect is found, or told" {
	printf 'a;b\n1,5;2\n3,5;4\n' >semicolon.csv
	printf 'a|b\n1|2\n' >pipe.csv
	printf 'a\tb\n1\t2\n' >tab.csv
	printf 'c0\nv0\na;b\n' >one.csv
	for f in semicolon pipe tab; do
		run bash -c "dbm-preview --columns $f.csv | cut -f3"
		assert_output $'a\nb'
	done
	run dbm-preview -f json one.csv
	assert_line --index 1 '{"ref":"one.csv","row":{"c0":"a;b"}}'
	run --separate-stderr dbm-preview --delimiter , -n 1 semicolon.csv
	assert_line --index 0 '"a;b",column2'
	run dbm-preview --delimiter tab tab.csv
	assert_output $'a,b\n1,2'
}

@test "encodings: bytes that are no characters of EUC-KR or Shift_JIS are shown as such, and nothing is written over" {
	for bytes in '\xc8\x41 EUC-KR' '\xee\xef Shift_JIS'; do
		# shellcheck disable=SC2059
		(printf 'a\n' && printf "${bytes% *}%.0s" {1..100000} && printf 'z\n') >t.csv
		run --separate-stderr dbm-linecount -b --encoding "${bytes#* }" t.csv
		assert_equal "$status:$output" 0:1
		run --separate-stderr dbm-preview --width 12 --encoding "${bytes#* }" t.csv
		assert_equal "$status" 0
		assert_regex "$stderr" '[12]00000 characters are not of that encoding: shown as U\+FFFD$'
	done
}

@test "encodings: GB18030 beyond the BMP is read rightly, or not at all" {
	printf 'a\n\x94\x39\xfc\x36\n' >t.csv
	run dbm-preview --encoding gb18030 t.csv
	if [ "$status" = 2 ]; then
		assert_output --partial "the encoding 'gb18030' is not read rightly here: put iconv -f gb18030 -t utf-8 in front"
	else
		assert_output $'a\n\U1F600'
	fi
}

@test "encodings: UTF-16 by its mark, others by name" {
	printf 'name\nJosé\n' >t.csv
	iconv -f UTF-8 -t UTF-16 t.csv >utf16.csv
	iconv -f UTF-8 -t UTF-16BE t.csv | (printf '\xfe\xff'; cat) >be.csv
	iconv -f UTF-8 -t LATIN1 t.csv >latin1.csv
	printf 'name\n\x80\n' >cp1252.csv
	for f in utf16.csv be.csv '--encoding latin1 latin1.csv'; do
		run dbm-preview $f
		assert_output $'name\nJosé'
	done
	run dbm-preview --encoding cp1252 cp1252.csv
	assert_output $'name\n€'
	run dbm-preview -f json latin1.csv
	assert_output '{"ref":"latin1.csv","row":{"name":{"b64":"Sm9z6Q=="}}}'
	run --separate-stderr dbm-preview --encoding ascii latin1.csv
	assert_output $'name\nJos\xef\xbf\xbd'
	assert_equal "$stderr" 'dbm-preview: latin1.csv: 1 characters are not of that encoding: shown as U+FFFD'
}

@test "ragged rows are reported, never dropped" {
	printf 'a,b\n1\n1,2,3\n1,2\n' >t.csv
	run --separate-stderr dbm-preview t.csv
	assert_output $'a,b,column3\n1,,\n1,2,3\n1,2,'
	assert_equal "$stderr" 'dbm-preview: t.csv: 2 of 3 rows do not have 2 cells (the first on line 2, with 1)'
}

@test "a quote that is never closed is a warning with its line; in the header an error" {
	printf 'a,b\n1,2\n3,"x\n4,5\n' >t.csv
	run --separate-stderr dbm-preview -f json t.csv
	assert_success
	assert_equal "${lines[1]}" '{"ref":"t.csv","row":{"a":"3","b":"x\n4,5\n"}}'
	assert_regex "$stderr" 'a quote that opens on line 3 is never closed'
	printf 'a,"b\n1,2\n' >h.csv
	run dbm-preview h.csv
	assert_equal "$status" 4
	assert_output "dbm-preview: h.csv: the header's quote that opens on line 1 is never closed"
}

@test "a single column keeps its rows: a lone NULL is written as an empty string" {
	printf 'a,b\n1,2\n,3\n' >t.csv
	run dbm-preview -c a t.csv
	assert_output $'a\n1\n""'
	run dbm-preview -c a -f tsv t.csv
	assert_output $'1\n\\N'
	run dbm-preview -c a -f json t.csv
	assert_line --index 1 '{"ref":"t.csv","row":{"a":null}}'
}

@test "a pipe is data: csv:-, /dev/fd, FIFOs" {
	run bash -c 'cat people.csv | dbm-preview -n 1 csv:-'
	assert_output $'id,name\n1,Ada'
	run bash -c 'dbm-preview -n 1 <(cat people.csv)'
	assert_output $'id,name\n1,Ada'
	mkfifo fifo
	cat people.csv >fifo &
	run dbm-preview -n 1 fifo
	assert_output $'id,name\n1,Ada'
	run bash -c 'gzip -c people.csv | dbm-preview csv:-'
	assert_equal "$status" 4
	assert_output 'dbm-preview: csv:-: is gzip data, not delimited text: put gzip -dc in front'
}

@test "a pipe that stays open: the rows are there as soon as they can be" {
	run timeout 5 bash -c '(cat people.csv; sleep 2) | { dbm-preview -n 2 csv:-; pkill -P $$ sleep; }'
	assert_output --partial $'1,Ada\n2,Bob'
}

@test "a folder is previewed table by table; a reader that goes away is no error" {
	cp people.csv second.csv
	run dbm-preview -n 1 .
	assert_output $'id,name\n1,Ada\n\nid,name\n1,Ada'
	quoted_rows 100000 >big.csv
	run --separate-stderr bash -c 'dbm-preview -n 100000 big.csv | head -1; echo ${PIPESTATUS[0]}'
	assert_line --index 1 --regexp '^(0|141)$'
	assert_equal "$stderr" ''
}

@test "table: aligned by the width of characters, types under names, numbers to the right" {
	printf 'name,n\n日本,1\ne\xcc\x81a,22\n' >t.csv
	run dbm-preview -f table t.csv
	assert_output $'t.csv\nname        n\ntext  integer\n────  ───────\n日本        1\ne\xcc\x81a         22'
}

@test "JSON keys: names that are not UTF-8 cannot break out; no key comes twice" {
	printf 'h,"a""\xff,""ref"":""evil"\n1,2\n' >t.csv
	run dbm-preview -f json t.csv
	assert_output '{"ref":"t.csv","row":{"h":"1","a\"%FF%2C\"ref\":\"evil":"2"}}'
	(echo a,column3; for i in $(seq 120); do echo 1,2; done; echo 1,2,3) >wide.csv
	run dbm-preview -q --tail -n 1 -f json wide.csv
	assert_output '{"ref":"wide.csv","row":{"a":"1","column3":"2","column3_2":"3"}}'
}

@test "recoding: characters of any length, what iconv holds back, a bad unit of UTF-16" {
	python3 -c "
open('u16.csv', 'wb').write(b'\xff\xfe' + 'a,b\n1,2\n'.encode('utf-16-le') + b'\x00\xd8' + 'x,y\n3,4\n'.encode('utf-16-le'))
open('u32.csv', 'wb').write('a,b\n1,2\n'.encode('utf-32'))
open('plain16.csv', 'wb').write('a,b\n1,2\n'.encode('utf-16-le'))"
	run --separate-stderr dbm-preview u16.csv
	assert_output $'a,b\n1,2\n\xef\xbf\xbdx,y\n3,4'
	run dbm-preview u32.csv
	assert_output $'a,b\n1,2'
	run dbm-preview --encoding utf-16 plain16.csv
	assert_output $'a,b\n1,2'
	run bash -c 'printf "a\nabc" | dbm-preview --encoding cp1255 csv:-'
	assert_output $'a\nabc'
	run bash -c '(printf a; sleep 0.3; head -c 70000 /dev/zero | tr "\0" x) | dbm-linecount -b --no-header --encoding latin1 csv:-'
	assert_output 1
	if [[ ${DBM_VARIANT-} =~ ^(dynamic|san)$ ]]; then # musl does not know it
		(echo a; head -c 60000 /dev/zero | tr '\0' '\202'; echo) >tscii.csv
		run --separate-stderr dbm-linecount -b --encoding TSCII tscii.csv
		assert_output 1
	fi
}

@test "without a header a first record of any size tells the columns" {
	(head -c 200000 /dev/zero | tr '\0' x; printf ',2\n3,4\n') >t.csv
	run --separate-stderr dbm-preview --no-header --width 3 t.csv
	assert_output $'column1,column2\nxxx…,2\n3,4'
	run dbm-preview -q --no-header -c 2 t.csv
	assert_output $'column2\n2\n4'
	run dbm-preview -q --no-header --offset 1 t.csv
	assert_output $'column1,column2\n3,4'
	run dbm-preview -q --no-header --tail -n 1 t.csv
	assert_output $'column1,column2\n3,4'
	run dbm-preview --no-header -n 0 -c 1 people.csv
	assert_output column1
}

@test "table: rows beyond the first thousand lose nothing" {
	(echo a; for i in $(seq 1100); do echo 1; done; echo 1,EXTRA; echo longer-than-all-before) >t.csv
	run bash -c 'dbm-preview -q -n 2000 -f table t.csv | tail -2'
	assert_output $'      1  EXTRA\nlonger-than-all-before'
}

@test "table: memory is bounded, whatever the rows' widths" {
	python3 -c "open('t.csv', 'w').write('a\n' + '1\n' * 998 + ',' * 131071 + '\n')"
	[ "${DBM_VARIANT-}" = san ] || run -0 prlimit --as=200000000 "$(command -v dbm-preview)" -q -n 1000 -f table t.csv
}

@test "where SIGCHLD is ignored or SIGALRM blocked, nothing changes" {
	gzip -k people.csv
	run python3 -c "
import os, signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp('dbm-preview', ['dbm-preview', '-n', '1', 'people.csv.gz'])"
	assert_output $'id,name\n1,Ada'
	mkfifo fifo
	run timeout 5 python3 -c "
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
os.execvp('dbm-preview', ['dbm-preview', '--timeout', '100ms', 'fifo'])"
	assert_equal "$status" 4
}

@test "flags of a program and shared ones do not exclude each other" {
	run dbm-preview -q --tail --refresh -n 1 people.csv
	assert_success
	run dbm-linecount -b --total --no-cache people.csv
	assert_output 2
}

@test "warnings name the line on which a record begins" {
	printf 'a,b\n\n\n1\n' >t.csv
	run dbm-preview t.csv
	assert_output --partial 'the first on line 4, with 1'
}

@test "more columns than a row may have: said, status 3" {
	python3 -c "open('t.csv', 'w').write(','.join('c%d' % i for i in range(140000)) + '\n')"
	run --separate-stderr bash -c 'dbm-preview -n 0 t.csv | tr , "\n" | wc -l; exit ${PIPESTATUS[0]}'
	assert_equal "$status" 3
	assert_output 131072
	assert_equal "$stderr" 'dbm-preview: t.csv: 8928 cells beyond the 131072-th of their rows are left out'
}

@test "rows that are passed on as they lie are those that are made of their cells" {
	printf 'a,b,c\n1,,3\r\n\n4,5\n6,7,8,9\nx;y,|z,\t\n"q",1,2\nlast,\xff,end' >odd.csv
	for f in "$DATA"/*.csv odd.csv; do
		columns=$(dbm-preview -q -f tsv --columns "$f" | cut -f 2 | paste -sd ,)
		dbm-preview -q -n 100000 --width 0 "$f" | sed '/^6,7,8,9$/d' >whole
		dbm-preview -q -n 100000 --width 0 -c "$columns" "$f" | sed '/^6,7,8,9$/d' >made
		cmp whole made
	done
	printf 'a,b\nlong,1\n' >t.csv
	run dbm-preview -q --width 2 t.csv
	assert_output $'a,b\nlo…,1'
}

@test "a server: --columns asks for no rows, declared types; the notes of a sample are said, not with -q" {
	facts s scan 'id|name' '1|Ada'
	run --separate-stderr dbm-preview --columns 'facts:s#public.t'
	assert_equal "$output:$stderr" "$(tsv 'facts:s#public.t|1|id|text|declared' 'facts:s#public.t|2|name|text|declared'):"
	assert_equal "$(cat s/asked)" 'scan table=public.t limit=0 width=4096'
	echo 'a sample of whole pages' >s/notes
	run --separate-stderr dbm-preview --sample --seed 5 'facts:s#public.t'
	assert_equal "$output:$stderr" $'id,name\n1,Ada:dbm-preview: facts:s#public.t: a sample of whole pages'
	run --separate-stderr dbm-preview -q --sample --seed 5 'facts:s#public.t'
	assert_equal "$stderr" ''
}

load helper

@test "records and lines, exact; a header is no record, a quoted newline ends none" {
	quoted_rows 1000 >t.csv
	run bash -c 'dbm-linecount t.csv | cut -f1-7'
	assert_output $'t.csv\t1000\t2001\t'"$(stat -c %s t.csv)"$'\texact\t1000\t1000'
}

@test "terminators: LF, CRLF, CR, none at the end; blank lines are no records" {
	check() { # check CONTENT RECORDS LINES
		printf "$1" >t.csv
		run bash -c 'dbm-linecount t.csv | cut -f2,3'
		assert_output "$2"$'\t'"$3"
	}
	check 'a\n1\n2\n' 2 3
	check 'a\r\n1\r\n2\r\n' 2 3
	check 'a\r1\r2\r' 2 3
	check 'a\n1\n2' 2 3
	check 'a\n\n1\n\n\n2\n\n' 2 7
	check '' 0 0
	check '\n\n' 0 2
	check 'a\n' 0 1
	check '\xef\xbb\xbfa\n1\n' 1 2
	check 'a\n"x\r\ny"\n' 1 3
}

@test "--no-header counts every record" {
	run dbm-linecount -b --no-header people.csv
	assert_output 3
}

@test "-b prints bare numbers, --total the sum alone" {
	cp people.csv more.csv
	run dbm-linecount -b people.csv more.csv
	assert_output $'2\n2'
	run dbm-linecount -b --total people.csv more.csv
	assert_output 4
	run bash -c 'dbm-linecount --total people.csv more.csv | cut -f1-7'
	assert_output $'\\N\t4\t6\t40\texact\t4\t4'
}

@test "a total of which a part is missing says so" {
	run --separate-stderr bash -c 'dbm-linecount --total people.csv nosuch.csv | cut -f2-7; exit ${PIPESTATUS[0]}'
	assert_equal "$status" 3
	assert_output $'2\t3\t20\tat-least\t2\t\\N'
}

@test "--at-least stops reading once it knows; status 1 where there are fewer" {
	quoted_rows 300000 >t.csv
	run --separate-stderr dbm-linecount --at-least 10 --trace trace t.csv
	assert_success
	assert_regex "$output" $'\tat-least\t'
	assert [ "$(bytes_read trace)" -le 131072 ]
	run dbm-linecount --at-least 3 people.csv
	assert_equal "$status" 1
	assert_output --partial $'\t2\t3\t20\texact\t2\t2'
	run dbm-linecount --at-least 2 people.csv
	assert_success
	assert_output --partial $'\texact\t'
}

@test "--at-least: a record that a block cuts off before its newline is counted" {
	python3 -c "
k = 16384
b = b'a\n' + b'x\n' * ((k - 7) // 2)
open('t.csv', 'wb').write(b + b'y' * (k - len(b)) + b'\n')"
	run bash -c 'dbm-linecount --at-least 5 t.csv | cut -f2,5'
	assert_output $'8188\tat-least'
	run dbm-linecount -b t.csv
	assert_output 8189
}

@test "preview and count agree" {
	quoted_rows 3000 >t.csv
	printf '\n\nx,"un\nclosed' >>t.csv
	rows=$(dbm-preview -q -n 100000 -f json t.csv | wc -l)
	run --separate-stderr dbm-linecount -b t.csv
	assert_output "$rows"
	assert_regex "$stderr" 'a quote that opens on line 6004 is never closed'
}

@test "JSON: integers stay integers" {
	run dbm-linecount -f json people.csv
	assert_output --regexp '^\{"ref":"people\.csv","records":2,"lines":3,"bytes":20,"method":"exact","low":2,"high":2,"as_of":"[^"]+","cache":"off"\}$'
}

@test "reads every byte once, in blocks" {
	quoted_rows 20000 >t.csv
	run dbm-linecount --trace trace t.csv
	assert_equal "$(bytes_read trace)" "$(stat -c %s t.csv)"
}

@test "--timeout: a pipe that says nothing is given up" {
	run -4 bash -c 'sleep 2 | dbm-linecount --timeout 200ms csv:-; s=$?; pkill -P $$ sleep; exit $s'
	assert_output 'dbm-linecount: csv:-: timed out after 0.2 s'
	mkfifo fifo
	run -4 dbm-linecount --timeout 100ms fifo people.csv.nosuch
	assert_line --index 0 'dbm-linecount: fifo: is a FIFO that nobody writes to'
}

@test "a file cut short while it is counted: an answer or an error line, never a signal" {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		quoted_rows 100000 >t.csv
		dbm-linecount -b t.csv >out 2>&1 &
		pid=$!
		truncate -s 0 t.csv
		wait $pid && status=0 || status=$?
		assert_regex "$status" '^[034]$'
	done
}

@test "--lines-of counts the newlines in a column" {
	printf 'id,text\n1,"a\nb\n"\n2,c\n3,\n4,"\n"\n' >t.csv
	run --separate-stderr dbm-linecount --lines-of text t.csv
	assert_success
	assert_equal "$(cut -f 2,3,5 <<<"$output")" $'4\t3\texact'
	run -4 dbm-linecount --lines-of nothing t.csv
	assert_output 'dbm-linecount: t.csv: no such column: nothing: it has id, text'
}

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

# A loop of truncations and of additions at chance moments: prints status, what was said and how often.
counted_while() { # counted_while BYTES cut|grown
	python3 - "$1" "$2" <<'END'
import os, random, subprocess, sys, time

size, how = int(sys.argv[1]), sys.argv[2]
chance, line = random.Random(1), b"1,some text,2\n"
old, more = b"id,text,n\n" + line * (size // len(line)), line * 10  # within a page, so that it is written at once
seen = set()
for _ in range(100):
    with open("t.csv", "wb") as file:
        file.write(old)
    process = subprocess.Popen(["dbm-linecount", "-b", "t.csv"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(chance.random() * 0.003)
    if how == "cut":
        os.truncate("t.csv", 0)
    else:
        with open("t.csv", "ab") as file:
            file.write(more)
    said = process.communicate()[0].decode().strip()
    names = {str(size // len(line)): "old", "0": "empty", str(size // len(line) + 10): "new"}
    seen.add(f"{process.returncode} {names.get(said, said)}")
print("\n".join(sorted(seen)))
END
}

@test "a file cut short while it is counted: the old count or the new one, or a sentence; never a signal" {
	for size in 900000 12000000; do
		run counted_while $size cut
		assert_success
		for line in "${lines[@]}"; do
			assert_regex "$line" '^(0 (old|empty)|4 dbm-linecount: t\.csv: was cut short while it was read)$'
		done
	done
}

@test "a file that grows while it is counted: the old count or the new one" {
	for size in 900000 12000000; do
		run counted_while $size grown
		assert_success
		for line in "${lines[@]}"; do
			assert_regex "$line" '^0 (old|new)$'
		done
	done
}

# 64 MiB: lines of several lengths, over and over.
large_file() {
	awk 'BEGIN { print "id,text,n"; for (i = 0; i < 2048; i++) printf "%d,\"text, %s\",%d\n", i, substr("abcdefghijklmnopqrstuvwxyz", i % 20), i % 7 }' >part
	{ head -n 1 part; yes "$(tail -n +2 part)"; } | head -c 67108864 >large.csv
}

@test "-e reads at most 4 MiB of a large file; the same again with the same --seed" {
	local seed got bytes method low high records
	large_file
	records=$(dbm-linecount -b large.csv)
	for seed in 1 2 3 4 5; do
		rm -f trace
		run bash -c "dbm-linecount -e --seed $seed --trace trace large.csv | cut -f2,4-7"
		read -r got bytes method low high <<<"$output"
		assert_equal "$bytes $method" '67108864 estimate'
		assert [ "$low" -le "$got" ]
		assert [ "$got" -le "$high" ]
		assert [ "$low" -le "$records" ]
		assert [ "$records" -le "$high" ]
		assert [ "$(bytes_read trace)" -le 4194304 ]
		assert_equal "$(dbm-linecount -e --seed $seed -b large.csv)" "$got"
	done
	run dbm-linecount -b -e --seed 5 large.csv people.csv
	assert_output "$got"$'\n2'
	run bash -c 'dbm-linecount -e --total --seed 5 large.csv people.csv | cut -f1,2,4-7'
	assert_output $'\\N\t'"$((got + 2))"$'\t67108884\testimate\t'"$((low + 2))"$'\t'"$((high + 2))"
	run dbm-linecount -b -e --total --seed 5 large.csv people.csv
	assert_output "$((got + 2))"
}

@test "-e counts what is small, comes through a pipe or is compressed" {
	quoted_rows 100000 >t.csv
	run bash -c 'head -c 3900000 t.csv >small.csv; dbm-linecount -e small.csv | cut -f5'
	assert_output exact
	for i in 1 2 3; do cat t.csv; done >large.csv
	run bash -c 'dbm-linecount -e large.csv | cut -f5'
	assert_output estimate
	gzip -1 -k large.csv
	run bash -c 'dbm-linecount -e large.csv.gz | cut -f2,5-7'
	assert_output $'300002\texact\t300002\t300002'
	run bash -c 'cat large.csv | dbm-linecount -e csv:- | cut -f2,5-7'
	assert_output $'300002\texact\t300002\t300002'
}

@test "--or-estimate: an estimate where time runs out, and the reason on stderr; without it a failure" {
	large_file
	for i in 1 2 3 4 5 6 7 8 9 10; do
		# So little time may be over before the file is opened.
		run --separate-stderr dbm-linecount --timeout 0.1ms --threads 1 --or-estimate large.csv
		assert_success
		assert_equal "$(cut -f5 <<<"$output")" estimate
		assert_regex "$stderr" '^dbm-linecount: large\.csv: (timed out after 0\.0001 s|no time was left to count it): estimated$'
	done
	run --separate-stderr dbm-linecount --timeout 1ms --or-estimate --seed 1 --threads 1 large.csv
	assert_success
	assert_regex "$stderr" '^dbm-linecount: large\.csv: (timed out after 0\.001 s|no time was left to count it): estimated$'
	assert_equal "$(cut -f2,4-7 <<<"$output")" "$(dbm-linecount -e --seed 1 large.csv | cut -f2,4-7)"
	run -4 dbm-linecount --timeout 1ms --threads 1 large.csv
	assert_output 'dbm-linecount: large.csv: timed out after 0.001 s'
	run bash -c 'dbm-linecount --timeout 1h --or-estimate large.csv | cut -f5'
	assert_output exact
}

@test "--or-estimate: the deadline of what cannot be estimated holds, also where it has passed" {
	large_file
	mkfifo fifo
	sleep 20 >fifo 3>&- &
	sleeper=$!
	run --separate-stderr timeout 10 dbm-linecount --timeout 0.1ms --threads 1 --or-estimate -b large.csv fifo
	kill $sleeper
	assert_equal "$status" 3
	assert_equal "${#lines[@]}" 1
	assert_regex "$stderr" 'dbm-linecount: fifo: timed out after 0\.0001 s$'
}

@test "--or-estimate: a header that is longer than the time there is" {
	{ printf 'a,"'; yes x | head -c 20000000; printf '"\n'; yes 1,2 | head -c 8000000; } >t.csv
	run --separate-stderr dbm-linecount --timeout 1ms --or-estimate t.csv
	assert_success
	assert_equal "$(cut -f5 <<<"$output")" estimate
}

@test "--at-least wants no estimate, and there is no count by no threads" {
	run -2 dbm-linecount -e --at-least 5 people.csv
	assert_output --partial 'dbm-linecount: --at-least wants records that are there: no estimate will do'
	run -2 dbm-linecount --or-estimate --at-least 5 people.csv
	assert_output --partial 'dbm-linecount: --at-least wants records that are there: no estimate will do'
	run -2 dbm-linecount --threads 0 people.csv
	assert_output --partial "dbm-linecount: --threads: a whole number from 1 to 64 is wanted, not '0'"
	run -2 dbm-linecount -e --or-estimate people.csv
}

@test "--lines-of counts the newlines in a column" {
	printf 'id,text\n1,"a\nb\n"\n2,c\n3,\n4,"\n"\n' >t.csv
	run --separate-stderr dbm-linecount --lines-of text t.csv
	assert_success
	assert_equal "$(cut -f 2,3,5 <<<"$output")" $'4\t3\texact'
	run -4 dbm-linecount --lines-of nothing t.csv
	assert_output 'dbm-linecount: t.csv: no such column: nothing: it has id, text'
}

@test "-e asks a server for an estimate, of the age of its statistics; --lines-of leaves the counting to it" {
	facts s count 'records|lines|bytes|method|low|high|as_of' '1200|\N|\N|estimate|\N|\N|2024-02-03T04:05:06Z'
	run --separate-stderr dbm-linecount -e 'facts:s#public.t'
	assert_equal "$output:$stderr" "$(tsv 'facts:s#public.t|1200|\N|\N|estimate|\N|\N|2024-02-03T04:05:06Z'):"
	assert_equal "$(cat s/asked)" 'count table=public.t effort=estimate'
	run dbm-linecount -e -f json 'facts:s#public.t'
	assert_output --partial '"method":"estimate","low":null,"high":null,"as_of":"2024-02-03T04:05:06Z"'
	run dbm-linecount -e --total 'facts:s#public.t' people.csv
	assert_output "$(tsv '\N|1202|\N|\N|estimate|\N|\N|2024-02-03T04:05:06Z')"
	# Statistics whose age is not known are not as of now.
	facts s count 'records|lines|bytes|method|low|high|as_of' '1200|\N|\N|estimate|\N|\N|\N'
	run dbm-linecount --refresh -e 'facts:s#public.t'
	assert_output "$(tsv 'facts:s#public.t|1200|\N|\N|estimate|\N|\N|\N')"
	run dbm-linecount -e --total 'facts:s#public.t' people.csv
	assert_output "$(tsv '\N|1202|\N|\N|estimate|\N|\N|\N')"
	facts s count 'records|lines|bytes|method|low|high|as_of' '5|7|\N|exact|5|5|\N'
	run bash -c 'dbm-linecount --lines-of note "facts:s#public.t" | cut -f 1-7'
	assert_output "$(tsv 'facts:s#public.t|5|7|\N|exact|5|5')"
	assert_equal "$(grep lines_of s/asked)" 'count table=public.t lines_of=note'
}

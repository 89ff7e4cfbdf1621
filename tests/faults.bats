# Odd worlds: full disks, closed streams, few descriptors, little memory, no processes, signals, files that change.  A status
# that is documented or a right answer, and never a changed or a new file.  tests/fault/loop fails every single call.
# shellcheck disable=SC2016,SC2154  # inner shells expand; bats sets stderr
load helper

# rows N: a table of N rows, some 16 bytes each.
rows() { seq "$1" | awk 'BEGIN{print "id,text"} {printf "%d,value %d\n", $1, $1}'; }

# A compressed table of 400 MB that takes gzip more than a second.
long_gzip() { yes 'a,b' | head -c 400M | gzip -1 >"$1"; }

# with_memory MIB COMMAND..., with_descriptors N COMMAND...: bats has some open that are not the program's.
with_memory() { prlimit --as=$(($1 << 20)) "${@:2}"; }
with_descriptors() { prlimit --nofile="$1" "${@:2}" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; }

# As a user who is not root and has no place for anything.
homeless() { as_nobody env -u HOME -u XDG_CACHE_HOME -u XDG_CONFIG_HOME -u XDG_STATE_HOME "$@"; }

# memory_of COMMAND...: the status and the most memory that it took, in MiB.
memory_of() {
	python3 -c '
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)' "$@"
}

@test "a disk that fills up half way: what is there is the beginning, and it is said" {
	unshare -m true 2>/dev/null || return 0 # who may not mount has the next test
	rows 50000 >t.csv
	dbm-preview -n 50000 t.csv >right
	mkdir small
	run --separate-stderr unshare -m bash -c '
		mount -t tmpfs -o size=64k none small
		dbm-preview -n 50000 t.csv >small/out
		echo $?
		cmp -n "$(stat -c %s small/out)" small/out right && stat -c %s small/out'
	assert_equal "$output" $'4\n65536'
	assert_equal "$stderr" 'dbm-preview: write error: No space left on device'
	# A trace that cannot be kept is no reason not to answer.
	run --separate-stderr unshare -m bash -c '
		mount -t tmpfs -o size=4k none small
		head -c 4096 t.csv >small/fill
		dbm-linecount -b --trace small/trace t.csv'
	assert_equal "$status:$output:$stderr" 0:50000:
}

@test "a file size limit: a write error, no death by SIGXFSZ" {
	rows 50000 >t.csv
	dbm-preview -n 50000 t.csv >right
	for parent in true "trap '' XFSZ"; do
		run --separate-stderr bash -c "$parent; ulimit -f 64; dbm-preview -n 50000 t.csv >out; exit \$?"
		assert_equal "$status" 4
		assert_equal "$stderr" 'dbm-preview: write error: File too large'
		assert_equal "$(stat -c %s out)" 65536
		cmp -n 65536 out right
	done
}

@test "standard streams closed in every combination: the input stays as it is, and only lost output is a failure" {
	rows 2000 >t.csv
	gzip -k t.csv
	before=$(snapshot; sha256sum t.csv t.csv.gz)
	for p in $PROGRAMS; do
		for file in t.csv t.csv.gz; do
			for streams in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
				case $streams in *' >&-'* | '>&-'*) want=4 ;; *) want=0 ;; esac
				run bash -c "$p $file $streams"
				assert_equal "$p $file $streams: $status" "$p $file $streams: $want"
			done
		done
	done
	assert_equal "$(snapshot; sha256sum t.csv t.csv.gz)" "$before"
}

@test "no home at all, no terminal, a folder that is nobody's to write to: as at home, and nothing new" {
	gzip -c people.csv >people.csv.gz
	chmod 555 . && chmod 755 ..
	before=$(snapshot)
	for p in $PROGRAMS; do
		program=$(command -v "$p")
		right=$("$p" --quiet -f csv . | sed 's/20..-..-..T..:..:..Z//g')
		for world in '' HOME=/nonexistent 'HOME= XDG_CACHE_HOME= TMPDIR=' 'HOME=relative XDG_CACHE_HOME=cache XDG_CONFIG_HOME=c'; do
			# shellcheck disable=SC2086  # words are wanted
			run --separate-stderr as_nobody setsid -w env -i PATH=/usr/bin:/bin $world "$program" -f csv . </dev/null
			assert_equal "$world:$status" "$world:0"
			assert_equal "${output//20??-??-??T??:??:??Z/}" "$right"
			assert_equal "$stderr" ''
		done
	done
	assert_equal "$(snapshot)" "$before"
	chmod 755 .
}

@test "twelve descriptors are enough for any number of tables; where there are none left, it is said" {
	mkdir d
	for i in $(seq 40); do gzip -c people.csv >"d/$i.csv.gz"; done
	run --separate-stderr with_descriptors 12 dbm-linecount -b --total d d d
	assert_equal "$status:$output:$stderr" 0:240:
	run --separate-stderr with_descriptors 12 dbm-list d
	assert_equal "$status:${#lines[@]}:$stderr" 0:40:
	# With four, the trace takes the last one; or the file does, and gzip needs a pipe.
	for p in $PROGRAMS; do
		run --separate-stderr with_descriptors 4 "$p" --trace /dev/null people.csv
		assert_equal "$status:$output" 4:
		assert_regex "$stderr" "^$p: people\\.csv: cannot open: (Too many open files|No file descriptors available)\$"
	done
	for p in dbm-preview dbm-linecount; do
		run --separate-stderr with_descriptors 4 "$p" d/1.csv.gz people.csv
		assert_equal "$status" 3
		assert_regex "$stderr" "^$p: d/1\\.csv\\.gz: pipe: (Too many open files|No file descriptors available)\$"
		assert_output --partial 2
	done
}

@test "16 MiB of address space are enough for a table of any size" {
	rows 2000000 >t.csv
	gzip -1k t.csv
	for file in t.csv t.csv.gz; do
		run --separate-stderr with_memory 16 dbm-linecount -b $file
		assert_equal "$status:$output:$stderr" 0:2000000:
		run --separate-stderr with_memory 16 dbm-preview -q --tail -n 1 $file
		assert_equal "$status:$output:$stderr" $'0:id,text\n2000000,value 2000000:'
		with_memory 16 dbm-preview -n 2000000 -f json $file >out
		assert_equal "$(wc -l <out)" 2000000
	done
}

@test "memory that runs out: one sentence, and status 4" {
	# Rows that are put by are what takes memory without bound.
	rows 2000000 >t.csv
	for format in csv json; do
		run --separate-stderr with_memory 16 dbm-preview --tail -n 2000000 -f $format t.csv
		assert_equal "$status" 4
		assert_equal "$output" ''
		assert_equal "$stderr" 'dbm-preview: out of memory'
	done
}

@test "no process to be had: what needs none is done, the rest is said" {
	gzip -c people.csv >z.csv.gz
	chmod 755 . ..
	for p in dbm-preview dbm-linecount; do
		run --separate-stderr homeless prlimit --nproc=1 "$(command -v "$p")" z.csv.gz people.csv
		assert_equal "$status" 3
		assert_equal "$stderr" "$p: z.csv.gz: cannot run gzip: Resource temporarily unavailable"
		assert_output --partial 2
	done
	run as_nobody prlimit --nproc=1 "$(command -v dbm-list)" .
	assert_success
	assert_equal "${#lines[@]}" 2
}

@test "SIGTERM, SIGINT, SIGHUP at any time: died by, no child left, nothing written" {
	long_gzip t.csv.gz
	truncate -s 3G t.csv
	before=$(snapshot)
	# With set -m a job is a process group of its own and is not told to ignore SIGINT.
	run env --default-signal=INT,TERM,HUP bash -c '
		set -m
		ulimit -c 0
		signals=(TERM INT HUP)
		for round in $(seq 60); do
			signal=${signals[round % 3]} file=t.csv.gz
			[ $((round % 4)) -gt 0 ] || file=t.csv
			dbm-linecount $file &
			pid=$!
			sleep 0.0$((RANDOM % 7))$((RANDOM % 10))
			kill -$signal $pid
			wait $pid
			status=$?
			[ $status -eq $((128 + $(kill -l $signal))) ] || echo "SIG$signal: $status"
			# A child sees its pipe closed; what is left of it once it has ended is for init.
			for try in $(seq 100); do
				pgrep -g $pid -r R,S,D,T >/dev/null || break
				[ $try -lt 100 ] || echo "SIG$signal: a child is left"
				sleep 0.02
			done
		done 2>/dev/null'
	assert_equal "$status:$output" 0:
	assert_equal "$(snapshot)" "$before"
}

@test "a reader that has gone: died of SIGPIPE, whether it is ignored or not" {
	mkdir many
	(cd many && seq -f '%06g.csv' 3000 | xargs touch)
	for command in 'dbm-list many' 'dbm-linecount many' 'dbm-preview -n 1000000 t.csv' 'dbm-preview -n 1000000 t.csv.gz'; do
		[ -e t.csv.gz ] || { rows 200000 >t.csv && gzip -1k t.csv; }
		for trap in ':' "trap '' PIPE"; do
			run --separate-stderr bash -c "$trap; $command | head -1 >/dev/null; exit \${PIPESTATUS[0]}"
			assert_equal "$trap; $command: $status" "$trap; $command: $((128 + $(kill -l PIPE)))"
			assert_equal "$stderr" ''
		done
	done
}

@test "a file that grows while it is counted: the old number or the new one" {
	rows 100000 >base
	for _ in $(seq 30); do
		cp base t.csv
		dbm-linecount -b t.csv >out 2>err 3>&- &
		pid=$!
		sleep 0.00$((RANDOM % 4))
		echo 'one,more' >>t.csv
		wait $pid
		assert_regex "$(<out)" '^10000[01]$'
		assert [ ! -s err ]
	done
}

@test "a file that is cut short while its last rows are looked for: rows or a sentence" {
	rows 100000 >base
	for _ in $(seq 20); do
		cp base t.csv
		dbm-preview -q --tail t.csv >out 2>err 3>&- &
		pid=$!
		sleep 0.00$((RANDOM % 6))
		truncate -s 40000 t.csv
		wait $pid && status=0 || status=$?
		assert_regex "$status" '^[034]$'
		# Each row printed is one that was there, but for one that the cut went through.
		assert [ "$(awk -F, 'NR > 1 && $2 != "value " $1' out | wc -l)" -le 1 ]
	done
}

@test "a sparse file of 5 GiB: a preview reads its beginning, a count takes no memory" {
	cp people.csv t.csv
	for i in $(seq 10); do echo "$i,name"; done >>t.csv
	truncate -s 5G t.csv
	run --separate-stderr with_memory 16 timeout 10 dbm-preview --trace trace t.csv
	assert_equal "$status:${#lines[@]}:$stderr" 0:6:
	assert [ "$(bytes_read trace)" -le 131072 ]
	run dbm-list t.csv
	assert_output --partial $'\t5368709120\t'
	truncate -s 300M t.csv
	run --separate-stderr with_memory 16 timeout 60 dbm-linecount -b t.csv
	assert_equal "$status:$output:$stderr" 0:13:
}

@test "a quote that is never closed: 300 MiB of it take no memory" {
	run --separate-stderr bash -c "(printf 'a\n\"'; yes x) | head -c 300M | prlimit --as=$((16 << 20)) dbm-linecount -b csv:-"
	assert_equal "$status:$output" 0:1
	assert_equal "$stderr" 'dbm-linecount: csv:-: a quote that opens on line 2 is never closed'
	run --separate-stderr bash -c "(printf '\"'; yes x) | head -c 300M | prlimit --as=$((16 << 20)) dbm-linecount -b csv:-"
	assert_equal "$status:$output" 4:
	assert_equal "$stderr" "dbm-linecount: csv:-: the header's quote that opens on line 1 is never closed"
}

@test "a folder of every kind of entry, as nobody: the tables are done, the rest is said" {
	mkdir d && cp people.csv d/a.csv && cp people.csv d/z.csv
	mkdir d/folder.csv
	mkfifo d/fifo.csv
	ln -s gone d/dangling.csv
	ln -s loop.csv d/loop.csv
	ln -s /dev/zero d/zero.csv
	ln -s a.csv d/link.csv
	(cd d && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket.csv")')
	cp people.csv d/secret.csv && chmod 0 d/secret.csv
	chmod 755 . .. d
	before=$(snapshot)
	run --separate-stderr as_nobody timeout 5 "$(command -v dbm-linecount)" -b d
	assert_equal "$status:$output" $'3:2\n2\n2'
	assert_equal "${#stderr_lines[@]}" 6
	assert_equal "${stderr_lines[0]}" 'dbm-linecount: d/secret.csv: cannot open: Permission denied'
	run --separate-stderr as_nobody timeout 5 "$(command -v dbm-preview)" d
	assert_equal "$status" 3
	assert_equal "$(grep -c Ada <<<"$output")" 3
	assert_equal "${#stderr_lines[@]}" 6
	# What may not be read is listed all the same.
	run --separate-stderr as_nobody timeout 5 "$(command -v dbm-list)" d
	assert_equal "$status:${#lines[@]}" 3:4
	assert_equal "${#stderr_lines[@]}" 5
	assert_equal "$(snapshot)" "$before"
}

@test "names of every kind, there and not there: without a cache and metrics nothing is opened for writing" {
	long=$(head -c 255 /dev/zero | tr '\0' n)
	names=(.. ../.. ../../etc/passwd -rf --help '*' "$long" "${long}n" $'new\nline' $'\033[2J' $'\xff\xfe' .csv ' ' '~' '|touch x' '$(touch x)')
	mkdir d
	for name in "${names[@]}"; do
		case $name in */* | .. | "${long}n") continue ;; esac
		cp people.csv "d/$name"
	done
	cd d || return 1
	before=$(snapshot)
	export DBM_METRICS=no
	for p in $PROGRAMS; do
		for name in "${names[@]}" ./-rf; do
			run strace -f -qq -o ../calls -e trace='?open,?openat,?creat,?mkdir,?mkdirat,?unlink,?unlinkat,?rename,?renameat,?renameat2,?truncate,?socket,?execve' \
				"$p" --no-cache -- "$name"
			assert_regex "$status" '^[034]$'
			# The first execve is the program itself.
			run grep -cE 'O_WRONLY|O_RDWR|O_CREAT|creat|mkdir|unlink|rename|truncate|socket|execve' ../calls
			assert_output 1
		done
	done
	assert_equal "$(snapshot)" "$before"
}

@test "dbm-profile's memory is bounded: 1,000 columns and 64 MiB; a header that is narrower than its rows" {
	python3 -c '
row = ",".join(str(i * 7919 % 1000003) for i in range(1000))
block = (row + "\n") * 100
import sys
sys.stdout.write(",".join(f"c{i}" for i in range(1000)) + "\n")
for i in range((64 << 20) // len(block)): sys.stdout.write(block)' >t.csv
	for n in 1 2 8; do
		run memory_of dbm-profile --threads $n t.csv
		assert_output --regexp '^0 ([0-9]|[1-5][0-9]|6[0-3])$'
	done
	(echo a; yes , | head -n 2000 | tr -d '\n'; echo) >w.csv
	run --separate-stderr memory_of dbm-profile -q w.csv
	assert_output --regexp '^0 ([0-9]|[1-5][0-9]|6[0-3])$'
}

@test "a thread that cannot be made is none; the others do its work" {
	rows 1000000 >t.csv
	chmod 755 . ..
	run --separate-stderr homeless prlimit --nproc=1 "$(command -v dbm-profile)" --threads 4 -c id t.csv
	assert_success
	assert_output --partial $'\t1000000\t0\t0\t'
	assert_equal "$stderr" ''
}

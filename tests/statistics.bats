# dbm-profile of a server's table: from what its statistics say, or by reading it.  The server is dbm-source-slow.
# shellcheck disable=SC2154  # bats sets stderr
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	own_world "$BATS_TEST_TMPDIR" C
	export DBM_HELPER_PATH=$BATS_TEST_DIRNAME/sources
	mkdir -p "$HOME" server
	seq 1 300 >server/rows
	: >server/asked
}

# says FIELD...: a line of the server's statistics.
says() { (IFS=$'\t'; echo "$*") >>server/statistics; }

# ages AGO: when the statistics were gathered, so long ago.
ages() { date -u -d "$1 ago" +%Y-%m-%dT%H:%M:%SZ; }

# A thousand rows: whole numbers of which 40 of 100 are 7 and 10 are NULL, and the others are from 0 to 100, evenly.
numbers() {
	says v integer 1000 100 101 4 '\N' '\N' '[["7", 0.4]]' '["0","10","20","30","40","50","60","70","80","90","100"]' "${1:-2026-01-02T03:04:05Z}"
}

asked() {
	sort server/asked | uniq -c | awk '{print $2 ":" $1}' | paste -sd ' '
}

@test "statistics tell what they know, and nothing else, for one request" {
	numbers
	run figures type,confidence,rows,nulls,empties,distinct,distinct_method,distinct_error,method,as_of slow:server#t
	assert_output '"integer" null 1000 100 0 101 "statistics" null "statistics" "2026-01-02T03:04:05Z"'
	run figures min,max,mean,stddev,p05,p25,p50,p75,p95,rank_error,length_min,length_mean,length_max,types slow:server#t
	assert_output '0 100 null null 7 7 10 50 90 null null null null null'
	run figures top slow:server#t
	assert_output '[{"value": "7", "count": 400, "high": null}]'
	run asked
	assert_output statistics:1
}

@test "a histogram has the ranges between bounds, and the frequent values where they are" {
	numbers
	run figures histogram slow:server#t
	assert_output --partial '{"low": 0, "high": 6, "count": 30}, {"low": 6, "high": 12, "count": 430}, {"low": 12, "high": 18, "count": 30}'
	run bash -c "dbm-profile -q -f json slow:server#t | python3 -c 'import json, sys; print(sum(b[\"count\"] for b in json.loads(sys.stdin.read())[\"histogram\"]))'"
	assert_output 900
	run figures bars slow:server#t
	assert_output --regexp '^"▁█(▁)+"$'
}

@test "to a person it is said where figures come from, and how old that is" {
	numbers "$(ages '3 hours')"
	run --separate-stderr dbm-profile -f table slow:server#t
	assert_line --regexp '^v +integer +▁█(▁)+ +100 +101 +0 +10 +100 +∅ +∅ +∅$'
	assert_equal "$stderr" "dbm-profile: slow:server#t: from the server's statistics of 3 h ago; --exact reads the table"
	run --separate-stderr dbm-profile -q -f md slow:server#t
	assert_equal "$stderr" ''
	run --separate-stderr dbm-profile slow:server#t
	assert_equal "$stderr" ''
	: >server/statistics
	says v integer 10 0 10 4 '\N' '\N' '\N' '["1","10"]' '\N'
	run --separate-stderr dbm-profile -f table --refresh slow:server#t
	assert_equal "$stderr" "dbm-profile: slow:server#t: from the server's statistics; --exact reads the table"
}

@test "--exact reads the table, and neither answer is taken for the other" {
	numbers
	for _ in 1 2; do
		run figures rows,distinct,max,mean,method --exact slow:server#t
		assert_output '300 300 300 150.5 "exact"'
		run figures rows,distinct,max,mean,method slow:server#t
		assert_output '1000 101 100 null "statistics"'
	done
	run asked
	assert_output 'scan:1 stamp:2 statistics:1'
}

@test "where there are no statistics each row is read, and that is said" {
	run --separate-stderr dbm-profile slow:server#t
	assert_equal "$status:$stderr" '0:dbm-profile: slow:server#t: there are no statistics (no such operation): each row was read'
	says v integer '\N' '\N' '\N' '\N' '\N' '\N' '\N' '\N' '\N'
	run --separate-stderr dbm-profile --refresh slow:server#t
	assert_equal "$status:$stderr" '0:dbm-profile: slow:server#t: there are no statistics (none were gathered, or none that this role may see): each row was read'
	run figures rows,method slow:server#t
	assert_output '300 "exact"'
}

@test "texts, truth, bytes and times are as a scan has them" {
	says name text 100 0 -1 9 '\N' '\N' '[["", 0.25], ["Łukasz \"∅\"", 0.2]]' '["a","b"]' '\N'
	says ok boolean 100 0 2 1 f t '[["t", 0.75], ["f", 0.25]]' '\N' '\N'
	says data bytea 100 0 2 3 '\N' '\N' '[["\\x00ff", 0.5], ["\\x41", 0.5]]' '\N' '\N'
	says at 'timestamp(3) with time zone' 100 0 3 8 '\N' '\N' '\N' '["2024-02-03 04:05:06+00","2024-02-04 00:00:00.5+00","2024-03-01 00:00:00+00"]' '\N'
	says day date 100 0 3 4 '\N' '\N' '\N' '["2024-02-03","2024-02-04","2024-02-05"]' '\N'
	says price 'numeric(10,2)' 100 0 3 4 '\N' '\N' '[["NaN", 0.1]]' '["0.50","1.50","Infinity"]' '\N'
	says tags 'integer[]' 100 0 3 4 '\N' '\N' '[["{1,2}", 0.5]]' '\N' '\N'
	run figures column,type,empties,min,p50,max,length_mean slow:server#t
	assert_line --index 0 '"name" "text" 25 null null null 9'
	assert_line --index 1 '"ok" "boolean" 0 false null true null'
	assert_line --index 2 '"data" "bytes" null null null null 3'
	assert_line --index 3 '"at" "timestamp" 0 "2024-02-03T04:05:06Z" "2024-02-04T00:00:00.5Z" "2024-03-01T00:00:00Z" null'
	assert_line --index 4 '"day" "date" 0 "2024-02-03" "2024-02-04" "2024-02-05" null'
	assert_line --index 5 '"price" "real" 0 0.5 1.5 1.5 null'
	assert_line --index 6 '"tags" "text" null null null null 4'
	run figures top -c name,2,data,price slow:server#t
	assert_output $'[{"value": "", "count": 25, "high": null}, {"value": "Łukasz \\"∅\\"", "count": 20, "high": null}]\n[{"value": "true", "count": 75, "high": null}, {"value": "false", "count": 25, "high": null}]\n[{"value": {"b64": "AP8="}, "count": 50, "high": null}, {"value": {"b64": "QQ=="}, "count": 50, "high": null}]\n[{"value": "NaN", "count": 10, "high": null}]'
	run figures top --top 1 -c name slow:server#t
	assert_output '[{"value": "", "count": 25, "high": null}]'
}

@test "-c: columns of the statistics by name and number; one that there is not; a long value is cut" {
	says a text 10 0 1 100 '\N' '\N' "[[\"$(printf 'é%.0s' {1..40})\", 1]]" '\N' '\N'
	says b integer 10 10 0 4 '\N' '\N' '\N' '\N' '\N'
	run figures position,column,nulls,distinct,min,histogram -c b,1 slow:server#t
	assert_output $'1 "b" 10 0 null null\n2 "a" 0 1 null null'
	run figures top -c a slow:server#t
	assert_output "[{\"value\": \"$(printf 'é%.0s' {1..22})\", \"cut\": true, \"count\": 10, \"high\": null}]"
	run --separate-stderr dbm-profile -c nosuch slow:server#t
	assert_equal "$status:$stderr" '4:dbm-profile: slow:server#t: no such column: nosuch: it has a, b'
}

@test "statistics that are none are a failure, not figures" {
	for list in '[["7"]]' '[["7", 2]]' '[["7", -1]]' '[["7", 0.5]' '[["7", 0.5]]]' '["7"]' 7 '' '[[7, 0.5]]' '{}'; do
		: >server/statistics
		says v integer 1000 100 101 4 '\N' '\N' "$list" '\N' '\N'
		run --separate-stderr dbm-profile --refresh slow:server#t
		assert_equal "$status:$output:$stderr" "4::dbm-profile: slow:server#t: the statistics of column v cannot be read"
	done
	for rows in 1e300 -5 x 99999999999999999999 nan; do
		: >server/statistics
		says v integer "$rows" "$rows" "$rows" 4 '\N' '\N' '[["7", 1], ["8", 1], ["9", 1]]' '["-1e308","1e308"]' '\N'
		run -0 --separate-stderr dbm-profile -f table --refresh slow:server#t
	done
	says v integer
	run --separate-stderr dbm-profile --refresh slow:server#t
	assert_equal "$status:$stderr" '4:dbm-profile: slow:server#t: dbm-source-slow breaks the protocol: an answer without the fields it should have'
}

@test "a server that does not answer: the statistics that are kept, and that they are old" {
	numbers
	run -0 dbm-profile slow:server#t
	run -0 dbm-profile --exact slow:server#t
	printf 'it is gone' >server/fail
	run --separate-stderr figures rows,method --ttl 0 slow:server#t
	assert_output '1000 "statistics"'
	assert_regex "$stderr" '^dbm-profile: slow:server#t: it is gone: this is what it was [0-9]+ s ago$'
	run --separate-stderr figures rows,method --ttl 0 --exact slow:server#t
	assert_output '300 "exact"'
	assert_regex "$stderr" '^dbm-profile: slow:server#t: it is gone: this is what it was [0-9]+ s ago$'
}

@test "what has expired: statistics are asked for again, what was read is proven" {
	numbers
	printf 'one' >server/stamp
	run -0 dbm-profile slow:server#t
	run -0 dbm-profile --exact slow:server#t
	: >server/asked
	run -0 dbm-profile --ttl 0 slow:server#t
	run asked
	assert_output statistics:1
	: >server/asked
	run -0 dbm-profile --ttl 0 --exact slow:server#t
	run asked
	assert_output stamp:1
}

@test "dbm-warm asks what dbm-profile does" {
	numbers
	run -0 dbm-warm --for profile slow:server#t
	: >server/asked
	run figures method slow:server#t
	assert_output '"statistics"'
	assert_equal "$(cat server/asked)" ''
}

@test "--sample: rows at random, how many is said, and it is not kept" {
	seq 1 50000 | sed '1i n' >n.csv
	run figures rows,method,nulls,type --sample n.csv
	assert_output '10000 "sampled:10000" 0 "integer"'
	printf 'n\n1\n2\n' >few.csv
	run figures rows,method,min,max --sample few.csv
	assert_output '2 "sampled:2" 1 2'
	DBM_TRACE=trace run -0 dbm-profile --sample n.csv
	run grep -cE '^(hit|miss|store) ' trace
	assert_output 0
	run --separate-stderr dbm-profile --sample --exact n.csv
	assert_equal "$status" 2
}

@test "--exact of a file is what is done anyway" {
	seq 1 50000 | sed '1i n' >n.csv
	sleep 2.1
	run -0 dbm-profile n.csv
	DBM_TRACE=trace run figures rows,method --exact n.csv
	assert_output '50000 "exact"'
	run grep -c '^hit kind=profile' trace
	assert_output 1
}

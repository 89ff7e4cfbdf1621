load helper

INDEXES='table|name|columns|unique|origin|partial|sql|method|predicate|valid|building|replica|of|root|bytes|scans|since|clustered'
KEYS='table|index|position|column|expression|included|descending|nulls_first|collation|collated|family|class'

# A server with the tables p and c, which refers to p twice; c has an index for one of the keys, and another one beside it.
server() {
	facts shop tables 'name|kind|rows_estimate|bytes|modified|format|compression|coverage' \
		's.c|table|1000|81920|\N|\N|\N|\N' 's.p|table|10|8192|\N|\N|\N|\N'
	facts shop columns 'table|name|position|type|nullable|default|key|known' 's.c|a|1|int|true|\N|\N|declared' 's.c|b|2|int|true|\N|\N|declared'
	facts shop indexes "$INDEXES" \
		's.c|c_b|b|false|index|false|\N|btree|\N|true|false|false|\N|\N|8192|7|2026-01-01T00:00:00Z|false' \
		's.c|c_b2|b|false|index|false|\N|btree|\N|true|false|false|\N|\N|8192|0|2026-01-01T00:00:00Z|false'
	facts shop index_keys "$KEYS" \
		's.c|c_b|1|b|\N|false|false|false|\N|false|int|\N' 's.c|c_b2|1|b|\N|false|false|false|\N|false|int|\N'
	facts shop foreign_keys 'table|name|columns|parent|parent_columns|on_update|on_delete|number|found|identified|valid|root' \
		's.c|c_a_fkey|a|s.p|id|NO ACTION|CASCADE|1|true|true|true|\N' 's.c|c_b_fkey|b|s.p|id|NO ACTION|CASCADE|2|true|true|true|\N'
	facts shop foreign_key_columns 'table|number|position|column|parent_column|collation|families|collated' \
		's.c|1|1|a|id|\N|int|false' 's.c|2|1|b|id|\N|int|false'
}

# An index that is not used: c_d, since DAYS ago, with the scans given.
unused() {
	facts "$1" indexes "$INDEXES" \
		"s.c|c_d|d|false|index|false|\\N|btree|\\N|true|false|false|\\N|\\N|8192|$3|$(date -u -d "$2 days ago" +%FT%TZ)|false"
	facts "$1" index_keys "$KEYS" 's.c|c_d|1|d|\N|false|false|false|\N|false|int|\N'
}

# A file of SQLite, from the SQL on standard input.
sqlite() {
	python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript(sys.stdin.read())' "$1"
}

@test "lists indexes, with what is known of them" {
	server
	run --separate-stderr dbm-index -H facts:shop
	assert_success
	assert_line --index 0 "$(tsv 'ref|name|columns|unique|origin|partial|bytes|scans|method|valid|include|predicate|replica|of|since')"
	assert_line --index 1 "$(tsv 'facts:shop#s.c|c_b|b|false|index|false|8192|7|btree|true|\N|\N|false|\N|2026-01-01T00:00:00Z')"
	assert_equal "${#lines[@]}" 3
	assert_equal "$stderr" ''
}

@test "a server is asked all at once" {
	server
	dbm-index facts:shop >/dev/null
	run cut -d' ' -f1 shop/asked
	assert_output "$(printf '%s\n' tables columns indexes index_keys foreign_keys foreign_key_columns)"
}

@test "columns are written as in a want file" {
	server
	facts shop index_keys "$KEYS" 's.c|c_b|1|a b|\N|false|true|true|\N|false|int|\N' \
		's.c|c_b|2|\N|lower(x, y)|false|false|false|\N|false|text|\N' 's.c|c_b|3|t|\N|false|false|true|s.de|true|text|text_pattern_ops' \
		's.c|c_b|4|z,|\N|true|false|false|\N|false|\N|\N' 's.c|c_b|5|u|\N|true|false|false|\N|false|\N|\N'
	run dbm-index facts:shop
	assert_line --index 0 --partial "$(tsv 'c_b|a%20b desc,(lower(x, y)),t collate s.de text_pattern_ops nulls first|false')"
	assert_line --index 0 --partial "$(tsv 'true|z%2C,u|\N')"
}

@test "--check finds what is wrong, and the status is 1" {
	server
	run --separate-stderr dbm-index --check facts:shop
	assert_failure 1
	assert_equal "$stderr" ''
	assert_line --index 0 "$(tsv 'facts:shop#s.c|fk|missing|warning|a|no index finds the rows that refer to a row of s.p|CREATE INDEX CONCURRENTLY "c_a_idx" ON "s"."c" ("a")|rows=1000 bytes=81920|c_a_fkey|849ec0d641ab3d19')"
	assert_line --index 1 --partial "$(tsv 'dup|duplicate|warning|b|c_b has the same keys|DROP INDEX CONCURRENTLY "s"."c_b2"|rows=1000 bytes=8192 scans=0 since=2026-01-01T00:00:00Z kept: bytes=8192 scans=7 since=2026-01-01T00:00:00Z|c_b2')"
	assert_equal "${#lines[@]}" 2
}

@test "a flag that nothing would look at is refused" {
	server
	for it in --dry-run '--plan --want w --dry-run' '--apply p --want w' '--baseline b' '--plan --want w --baseline b' '--also facts:r' '--want w --also facts:r'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr dbm-index $it facts:shop
		assert_equal "$it: $status:$output" "$it: 2:"
		assert_regex "$stderr" 'dbm-index: --(dry-run|want|baseline|also) goes with --'
	done
}

@test "JSON has the same fields" {
	server
	run dbm-index --check=fk -f json facts:shop
	assert_output --partial '{"ref":"facts:shop#s.c","check":"fk","verdict":"missing","severity":"warning","columns":"a","reason":"no index'
	assert_output --partial '"evidence":"rows=1000 bytes=81920","name":"c_a_fkey","fingerprint":"849ec0d641ab3d19","method":"catalog"'
}

@test "--check=KINDS chooses" {
	server
	run dbm-index --check=dup facts:shop
	assert_equal "$(cut -f2 <<<"$output")" dup
	run dbm-index --check=dup,fk,dup facts:shop
	assert_equal "$(cut -f2 <<<"$output")" $'fk\ndup'
	run dbm-index --check=invalid,unused,unusable facts:shop
	assert_success
	assert_output ''
	run dbm-index --check=fk,nope facts:shop
	assert_failure 2
	assert_output 'dbm-index: --check: no such kind: nope (dbm-index --help shows the flags)'
}

@test "a database that cannot be read: 3, or 4, whatever is found" {
	server
	run dbm-index --check facts:shop nosuch.db
	assert_failure 3
	assert_line --partial c_a_fkey
	run dbm-index --check nosuch.db
	assert_failure 4
	run dbm-index --check people.csv .
	assert_success
	assert_output ''
}

@test "references come from standard input" {
	server
	run bash -c "printf 'facts:shop#s.c\tx\n' | dbm-index --check=fk"
	assert_failure 1
	assert_output --partial c_a_fkey
	assert_equal "$(grep -c 'table=s.c' shop/asked)" 6
}

@test "an index that is not used for long" {
	server
	unused shop 40 0
	run dbm-index --check=unused facts:shop
	assert_failure 1
	assert_output --partial "$(tsv 'unused|unused|warning|d|it has not been used for 40 days, or since it was made|DROP INDEX CONCURRENTLY "s"."c_d"')"
	unused shop 20 0
	run dbm-index --check=unused facts:shop
	assert_success
	assert_output --partial "$(tsv 'unused|too-early|notice|d|it has not been used for 20 days, which is too early to say|\N')"
	unused shop 40 1
	run dbm-index --check=unused facts:shop
	assert_output ''
}

@test "an index that is new is not unused for as long as the server counts" {
	server
	dbm-index --check=unused facts:shop >/dev/null
	unused shop 40 0
	run dbm-index --no-cache --check=unused facts:shop
	assert_success
	assert_output --partial "$(tsv 'unused|too-early|notice|d|it has not been used, but')"
}

@test "several that are too early to say are one line, which can be accepted" {
	server
	facts shop indexes "$INDEXES" \
		"s.c|c_d|d|false|index|false|\\N|btree|\\N|true|false|false|\\N|\\N|8192|0|$(date -u -d '20 days ago' +%FT%TZ)|false" \
		"s.c|c_e|e|false|index|false|\\N|btree|\\N|true|false|false|\\N|\\N|8192|0|$(date -u -d '2 days ago' +%FT%TZ)|false"
	facts shop index_keys "$KEYS" 's.c|c_d|1|d|\N|false|false|false|\N|false|int|\N' 's.c|c_e|1|e|\N|false|false|false|\N|false|int|\N'
	local words='2 indexes have not been used, for less than 30 days as far as is known, which is too early to say'
	run dbm-index --check=unused facts:shop
	assert_success
	assert_output "$(tsv "facts:shop|unused|too-early|notice|\N|$words|\N|\N|\N|${output##*$'\t'}")"
	dbm-index --check=unused facts:shop >one
	printf '%s\t-\tyoung\n' "${output##*$'\t'}" >accepted
	run dbm-index --check=unused --baseline accepted facts:shop
	assert_output 'dbm-index: accepted: 1 finding accepted'
	run dbm-index --check=unused 'facts:shop#s.c'
	assert_output --partial "$(tsv "facts:shop#s.c|unused|too-early|notice|\N|$words")"
	run --separate-stderr dbm-index --plan <one
	assert_success
	assert_output ''
}

@test "--also: what a replica uses is used" {
	server
	unused shop 40 0
	cp -r shop replica
	cp -r shop busy
	unused busy 40 9
	run dbm-index --check=unused --also facts:replica facts:shop
	assert_output --partial "$(tsv 'unused|unused')"
	run dbm-index --check=unused --also facts:replica,facts:busy facts:shop
	assert_success
	assert_output ''
	echo 'cannot reach it' >busy/fail
	run --separate-stderr dbm-index --no-cache --check=unused --also facts:replica,facts:busy facts:shop
	assert_failure 3
	assert_output ''
	assert_equal "$stderr" 'dbm-index: facts:busy: cannot reach it'
}

@test "counters are kept, so that a server that forgot them is known" {
	server
	local ago file now
	now=$(date +%s)
	ago=$(date -u -d '60 days ago' +%s)
	unused shop 3 0
	dbm-index --check=unused facts:shop >/dev/null
	file=$(echo "$XDG_STATE_HOME"/dbm/index/*/scans)
	assert_equal "$(stat -c %a "$file" "$(dirname "$file")" | xargs)" '600 700'
	assert_equal "$(wc -l <"$file")" 2
	printf 'dbm-index scans 1\n%s\t%s\t%s\t5\ts.c\tc_d\n' "$ago" $((now - 3 * 86400 - 3600)) $((ago - 9)) >"$file"
	run dbm-index --check=unused facts:shop
	assert_failure 1
	assert_output --partial 'it has not been used for 60 days, of which nobody saw'
	assert_equal "$(wc -l <"$file")" 3
	cp "$file" before
	dbm-index --check=fk facts:shop >/dev/null || true
	cmp "$file" before
}

@test "counters that cannot be kept are a warning" {
	server
	unused shop 40 0
	mkdir -p "$XDG_STATE_HOME/dbm"
	: >"$XDG_STATE_HOME/dbm/index"
	chmod 600 "$XDG_STATE_HOME/dbm/index"
	run --separate-stderr dbm-index --check=unused facts:shop
	assert_failure 1
	assert_regex "$stderr" '^dbm-index: the counters of indexes are not kept: .*/dbm'
	run --separate-stderr dbm-index -q --check=unused facts:shop
	assert_equal "$stderr" ''
}

@test "--baseline: what is accepted is not found" {
	server
	dbm-index --check facts:shop | awk -F '\t' '{print $10 "\t-\t" $2 ": " $9}' >accepted
	run --separate-stderr dbm-index --check --baseline accepted facts:shop
	assert_success
	assert_output ''
	assert_equal "$stderr" 'dbm-index: accepted: 2 findings accepted'
	sed -i '1s/\t-\t/\tuntil 2020-01-01\t/; $s/^/# /' accepted
	printf '0123456789abcdef\t-\tlong gone\n' >>accepted
	run --separate-stderr dbm-index --check --baseline accepted facts:shop
	assert_failure 1
	assert_equal "${#lines[@]}" 2
	assert_equal "$stderr" "dbm-index: accepted: 1: accepted until 2020-01-01, no longer: fk: c_a_fkey
dbm-index: accepted: 3: there is no such finding any more: long gone"
	run --separate-stderr dbm-index -q --check=dup --baseline accepted facts:shop
	assert_equal "$stderr" ''
}

@test "a baseline that cannot be read: nothing is tried" {
	server
	run dbm-index --check --baseline nosuch facts:shop
	assert_failure 4
	assert_output --partial 'dbm-index: nosuch: cannot open: No such file or directory'
	echo nonsense >accepted
	run dbm-index --check --baseline accepted facts:shop
	assert_failure 4
	assert_output --partial 'dbm-index: accepted:1: is no fingerprint, which has 16 hexadecimal digits: nonsense'
	assert [ ! -e shop/asked ]
}

@test "--want: indexes that are not there" {
	server
	printf '%s\n' 's.c (b)' '# a comment' 's.c (a) name c_b2' 'nosuch (x)' 's.c (nope)' 's.c (a desc) unique' >want
	run --separate-stderr dbm-index --want want facts:shop
	assert_failure 1
	assert_equal "$(cut -f2-5,9 <<<"$output")" "$(tsv 'want|name-taken|error|a|c_b2' 'want|no-table|error|x|\N' 'want|wrong|error|nope|\N' 'want|missing|warning|a desc|\N')"
	assert_line --partial "$(tsv 'line 6 of the want file: there is no such index|CREATE UNIQUE INDEX CONCURRENTLY "c_a_idx" ON "s"."c" ("a" DESC)')"
	run dbm-index --want want --check=fk facts:shop
	assert_equal "$(cut -f2 <<<"$output" | sort | uniq -c | xargs)" '1 fk 4 want'
	echo 's.c (b)' >want
	run dbm-index --want want facts:shop
	assert_success
	echo 's.c (b' >want
	run dbm-index --want want facts:shop
	assert_failure 4
}

@test "names are data" {
	server
	local table=$'s.we%2Eird "t\033[2J'
	facts shop tables 'name|kind|rows_estimate|bytes|modified|format|compression|coverage' "$table|table|1|1|\\N|\\N|\\N|\\N"
	facts shop foreign_keys 'table|name|columns|parent|parent_columns|on_update|on_delete|number|found|identified|valid|root' \
		"$table|k|a|s.p|id|NO ACTION|CASCADE|1|true|true|true|\\N"
	facts shop foreign_key_columns 'table|number|position|column|parent_column|collation|families|collated' \
		"$table|1|1|a\"; drop|id|\\N|int|false"
	run dbm-index --check=fk facts:shop
	assert_failure 1
	assert_equal "$(cut -f1,5 <<<"$output")" "$(tsv 'facts:shop#s.we%2Eird%20"t%1B[2J|a"%3B%20drop' | sed 's/%3B/;/')"
	assert_output --partial 'ON "s"."we.ird ""t\x1b[2J" ("a""; drop")'
}

@test "SQLite: what is there, and what is wrong" {
	sqlite shop.db <<-'SQL'
		create table p(id integer primary key, code text collate nocase unique, plain text);
		create table w(a, b, primary key(a, b)) without rowid;
		create table c(id integer primary key references p, p int references p, code text references p(code), gone references nosuch(id),
			plain references p(plain), a, b, foreign key(b, a) references w(a, b));
		create index c_p on c(p, a); create index c_p2 on c(p); create index c_code on c(code); create index c_id on c(id);
		create index c_misspelt on c("plian"); create index c_led on c(id, a); create index c_ba on c(a desc, b);
	SQL
	run --separate-stderr dbm-index shop.db
	assert_success
	assert_line "$(tsv 'shop.db#c|c_p|p,a|false|index|false|4096|\N|btree|true|\N|\N|false|\N|\N')"
	assert_line --regexp '#w.sqlite_autoindex_w_1.a,b.true.primary key'
	refute_output --partial rowid
	run --separate-stderr dbm-index --check shop.db
	assert_failure 1
	assert_equal "$stderr" ''
	assert_equal "$(cut -f2-5,9 <<<"$output" | sort)" "$(tsv 'dup|prefix|warning|id|c_id' 'dup|prefix|warning|p|c_p2' \
		'fk|operator-or-collation-mismatch|warning|code|\N' 'fk|parent-missing|error|gone|\N' 'fk|parent-not-unique|error|plain|\N' \
		'unusable|constant|error|("plian")|c_misspelt' 'unusable|rowid|warning|id|c_id' 'unusable|rowid-led|notice|id,a|c_led')"
}

@test "SQLite: where no index would do, none is advised" {
	sqlite shop.db <<<'create table p(id integer primary key); create table c(p text references p)'
	run dbm-index --check shop.db
	assert_failure 1
	assert_output --partial "$(tsv 'missing|warning|p|no index finds the rows that refer to a row of p, and none would: their types compare in another way|\N')"
	sqlite shop.db <<<'create index c_p on c(p)'
	run dbm-index --no-cache --check shop.db
	assert_output --partial "$(tsv 'operator-or-collation-mismatch|warning|p|no index finds the rows that refer to a row of p, and none would: their types compare in another way|\N')"
}

@test "SQLite: what was advised is done, and nothing is found any more" {
	sqlite shop.db <<-'SQL'
		create table "p ""x"(id integer primary key, code text collate nocase unique);
		create table c("the, id" int references "p ""x", code text references "p ""x"(code), n int);
		create index c_n on c(n); create index c_n2 on c(n); create index c_code on c(code); create index c_lost on c("lost");
	SQL
	dbm-index --check -f json shop.db | python3 -c '
import json, sqlite3, sys
db = sqlite3.connect("shop.db")
for line in sys.stdin:
    sql = json.loads(line)["sql"]
    db.executescript(sql)'
	run dbm-index --no-cache --check shop.db
	assert_success
	assert_equal "$(cut -f2,3,4 <<<"$output")" ''
}

@test "a fingerprint is the same in every copy, for a table and for its database, and whatever the verdict" {
	sqlite a.db <<<'create table p(id integer primary key); create table c(p int references p, q int references p); create index c_q on c(q)'
	cp a.db b.db
	sqlite b.db <<<'create index c_part on c(p) where q is null; insert into p values (1); analyze'
	run dbm-index --check=fk a.db b.db a.db#c
	assert_equal "$(cut -f3 <<<"$output" | sort | xargs)" 'missing missing partial-index'
	assert_equal "$(cut -f10 <<<"$output" | sort -u | wc -l)" 1
}

@test "reading leaves nothing beside a file, and does not change it" {
	sqlite shop.db <<<'create table p(id integer primary key); create table c(p references p)'
	local before
	before=$(snapshot)
	dbm-index --check shop.db >/dev/null || true
	dbm-index shop.db >/dev/null
	assert_equal "$(snapshot)" "$before"
}

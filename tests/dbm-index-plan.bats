# Plans of changes of indexes, and carrying them out: SQLite files, and servers as facts.
load helper

# A file of SQLite, from the SQL on standard input.
sqlite() {
	python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript(sys.stdin.read())' "$1"
}
# query FILE SQL: the first column of what it answers.
query() {
	python3 -c 'import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(row[0])' "$@"
}
indexes() { query "$1" "select name from sqlite_schema where type = 'index' and sql is not null order by name"; }

shop() {
	sqlite "${1-shop.db}" <<-'SQL'
		create table customers(id integer primary key, email text, Name text);
		create table orders(id integer primary key, customer_id int references customers(id), status text, total real);
		insert into customers values (1, 'a@b', 'Ada'), (2, 'b@b', 'Bob');
		insert into orders values (1, 1, 'new', 3), (2, 2, 'old', 4);
	SQL
}

wants() { printf '%s\n' "$@" >want; }
plan() { dbm-index --plan --want want "${@-shop.db}" >plan; }
# The fields of what became of it, without seconds.
apply() { dbm-index --apply plan "$@" | cut -f 1-4,6; }

INDEXES='table|name|columns|unique|origin|partial|sql|method|predicate|valid|building|replica|of|root|bytes|scans|since|clustered'
KEYS='table|index|position|column|expression|included|descending|nulls_first|collation|collated|family|class'
CHANGE='phase|done|total|detail'

# A server with the table "s"."t, 1", which has an index t_a; index NAME VALID BUILDING COLUMN... adds one.
server() {
	facts srv tables 'name|kind|rows_estimate|bytes|modified|format|compression|coverage' \
		's.t|table|1000|81920|\N|\N|\N|\N' 's.t, 1|table|10|8192|\N|\N|\N|\N' 'r.t|system|10|8192|\N|\N|\N|\N'
	facts srv columns 'table|name|position|type|nullable|default|key|known' 's.t|a|1|integer|true|\N|\N|declared' \
		's.t|b c|2|text|true|\N|\N|declared' 's.t, 1|x"y|1|bigint|true|\N|\N|declared'
	facts srv indexes "$INDEXES"
	facts srv index_keys "$KEYS"
	facts srv foreign_keys 'table|name|columns|parent|parent_columns|on_update|on_delete|number|found|identified|valid|root'
	facts srv foreign_key_columns 'table|number|position|column|parent_column|collation|families|collated'
}
index() {
	tsv "s.t|$1|a|false|index|false|\\N|btree|\\N|$2|$3|false|\\N|\\N|8192|7|2026-01-01T00:00:00Z|false" >>srv/indexes
	for ((i = 4; i <= $#; i++)); do
		tsv "s.t|$1|$((i - 3))|${!i}|\\N|false|false|false|\\N|false|int|\\N" >>srv/index_keys
	done
}
asked() { grep -E '^(create_index|drop_index|analyze)' srv/asked; }

@test "--plan says what is missing of a want file" {
	shop
	wants '# comment' '' 'orders (status, total desc) include (customer_id)' 'ORDERS(status)  name by_status' \
		'customers ((lower(email))) where (email is not null)'
	run --separate-stderr dbm-index -H --plan --want want shop.db
	assert_success
	assert_equal "$stderr" ''
	assert_line --index 0 "$(tsv 'ref|action|name|definition|sql|lock|blocks|bytes|why|basis|instead')"
	assert_line --index 1 --partial "$(tsv 'shop.db#orders|create|orders_status_total_idx|orders (status, total desc) include (customer_id) name orders_status_total_idx|CREATE INDEX "orders_status_total_idx" ON "orders" ("status", "total" DESC, "customer_id")|the write lock of the file')"
	assert_line --index 2 --regexp "by_status	orders \(status\) name by_status	.*	wanted: line 4	[0-9a-f]{16}	\\\\N$"
	assert_line --index 3 --partial "$(tsv 'shop.db#customers|create|customers_expr_idx|customers ((lower(email))) where (email is not null) name customers_expr_idx|CREATE INDEX "customers_expr_idx" ON "customers" ((lower(email))) WHERE email is not null')"
	assert_equal "${#lines[@]}" 4
}

@test "what is there, by whatever name, or wanted twice, is not planned" {
	shop
	sqlite shop.db <<<'create index mine on customers("email" collate nocase desc); create unique index u on orders(status) where total>3'
	wants 'customers (email collate NOCASE desc)' 'orders (STATUS) unique where ((TOTAL > 3))' 'orders (total)' 'orders (total) name again'
	plan
	run cut -f 3 plan
	assert_output orders_total_idx
}

@test "a wrong line is told with its column, and nothing is done" {
	shop
	wants 'orders (status)' 'orders (status desk desc x)'
	run --separate-stderr dbm-index --plan --want want shop.db
	assert_failure 4
	assert_equal "$output" ''
	assert_equal "$stderr" 'dbm-index: want:2: column 26: a comma or ) should be here'
	run dbm-index --plan --want nope shop.db
	assert_failure 4
	assert_output 'dbm-index: nope: cannot open: No such file or directory'
}

@test "lines that a database cannot have are told, and the others planned" {
	shop
	sqlite shop.db <<<'create index taken on orders(id)'
	wants 'orders (statsu)' 'nope (a)' 'orders (total) name taken' 'orders (status) where ("statsu" = 1)' 'orders (status) using gin' \
		'orders (status) unique include (total)' 'orders (status nulls last)' 'orders (total) name SQLite_x' 'orders (status)'
	run --separate-stderr dbm-index --plan --want want shop.db
	assert_failure 3
	assert_equal "${#lines[@]}" 1
	assert_equal "$stderr" "dbm-index: shop.db#orders: want:1: no such column: statsu: it has id, customer_id, status, total
dbm-index: shop.db: want:2: no such table: nope: it has customers, orders
dbm-index: shop.db#orders: want:3: taken is the name of another index: orders (id) name taken
dbm-index: shop.db#orders: want:4: no such column: statsu: it has id, customer_id, status, total
dbm-index: shop.db#orders: want:5: using gin: SQLite has btree indexes only
dbm-index: shop.db#orders: want:6: unique with included columns: SQLite would have them as keys, and more would be unique
dbm-index: shop.db#orders: want:7: status: SQLite has NULLs first, and last where it descends
dbm-index: shop.db#orders: want:8: SQLite_x: SQLite keeps names that begin with sqlite_ for itself"
}

@test "a plan is carried out, and the second time there is nothing to do" {
	shop
	cp shop.db archive.db
	wants 'orders (status)' 'customers ((lower(email)))'
	plan shop.db archive.db
	run apply
	assert_success
	assert_line "$(tsv 'shop.db#orders|create|orders_status_idx|created|the file has grown by 4096 bytes')"
	assert_line --partial "$(tsv 'shop.db#customers|analyze|\N|analyzed')"
	assert_line --partial "$(tsv 'archive.db#orders|create|orders_status_idx|created')"
	assert_equal "${#lines[@]}" 8
	assert_equal "$(indexes archive.db)" 'customers_expr_idx
orders_status_idx'
	sha256sum ./*.db >sums
	run apply
	assert_success
	assert_output "$(tsv 'shop.db#orders|create|orders_status_idx|there|\N' 'shop.db#customers|create|customers_expr_idx|there|\N' \
		'archive.db#orders|create|orders_status_idx|there|\N' 'archive.db#customers|create|customers_expr_idx|there|\N')"
	sha256sum -c --quiet sums
	run dbm-index --plan --want want shop.db archive.db
	assert_success
	assert_output ''
}

@test "--dry-run says the same and changes nothing" {
	shop
	wants 'orders (status)'
	plan
	snapshot >before
	run apply --dry-run
	assert_success
	assert_output "$(tsv 'shop.db#orders|create|orders_status_idx|would-create|\N' 'shop.db#orders|analyze|\N|would-analyze|\N')"
	snapshot >after
	diff <(grep db before) <(grep db after)
}

@test "operands choose records, a table or a database" {
	shop
	shop other.db
	wants 'orders (status)' 'customers (email)'
	plan shop.db other.db
	run apply --dry-run --analyze=never "$PWD/other.db"
	assert_output "$(tsv 'other.db#orders|create|orders_status_idx|would-create|\N' 'other.db#customers|create|customers_email_idx|would-create|\N')"
	run apply --dry-run --analyze=never 'shop.db#customers' nope.db
	assert_line "$(tsv 'shop.db#customers|create|customers_email_idx|would-create|\N')"
	assert_line 'dbm-index: nope.db: no record of the plan is about it'
	assert_equal "${#lines[@]}" 2
	run dbm-index --plan --want want 'shop.db#customers'
	assert_equal "${#lines[@]}" 1
	assert_line --partial customers_email_idx
}

@test "a plan may be JSON, from standard input, with a header, and short of its last fields" {
	shop
	wants 'orders (status)'
	dbm-index -f json --plan --want want shop.db | dbm-index --apply - --dry-run >out
	dbm-index -H --plan --want want shop.db | cut -f 1-4,10 | dbm-index --apply - --dry-run >>out
	run cut -f 1-4 out
	assert_output "$(tsv 'shop.db#orders|create|orders_status_idx|would-create' 'shop.db#orders|analyze|\N|would-analyze' \
		'shop.db#orders|create|orders_status_idx|would-create' 'shop.db#orders|analyze|\N|would-analyze')"
}

@test "what has changed since is refused" {
	shop
	wants 'orders (status)' 'customers (email)'
	plan
	sqlite shop.db <<<'alter table orders add column lot text'
	run -3 --separate-stderr dbm-index --apply plan --analyze=never
	assert_line --index 0 --partial refused
	assert_line --index 1 --partial created
	assert_equal "$stderr" 'dbm-index: shop.db#orders: orders_status_idx: the catalog has changed since it was planned'
	assert_equal "$(indexes shop.db)" customers_email_idx
}

@test "the name of another index, and the definition by another name" {
	shop
	wants 'orders (status)' 'customers (email)'
	plan
	sqlite shop.db <<<'create index orders_status_idx on orders(total); create index mine on customers("EMAIL")'
	run --separate-stderr apply --analyze=never
	assert_output "$(tsv 'shop.db#orders|create|orders_status_idx|conflict|the name is that of another index: orders (total) name orders_status_idx' \
		'shop.db#customers|create|customers_email_idx|there|as mine')"
	assert_equal "$stderr" 'dbm-index: shop.db#orders: orders_status_idx: the name is that of another index: orders (total) name orders_status_idx'
}

@test "a record that somebody has written is checked like any other" {
	shop
	record() { tsv "$1" | dbm-index --apply - | cut -f 4,6; }
	run --separate-stderr record 'shop.db#orders|create|x|orders (statsu)|||||why|0123456789abcdef'
	assert_output "$(tsv 'failed|no such column: statsu: it has id, customer_id, status, total')"
	run --separate-stderr record 'shop.db#orders|create|x|orders (("statsu" + 1))|||||why|0123456789abcdef'
	assert_output "$(tsv 'failed|no such column: statsu: it has id, customer_id, status, total')"
	run --separate-stderr record 'shop.db#orders|create|x|customers (email)'
	assert_output "$(tsv 'failed|the definition is of customers')"
	run --separate-stderr record 'shop.db#orders|create|x|orders (status) name y'
	assert_output "$(tsv 'failed|the record is about x, and its definition about y')"
	run --separate-stderr record 'shop.db#orders|create|x|orders (status) where (total > 1); drop table orders'
	assert_output "$(tsv 'failed|the definition: column 34: unique, using, include, where or name should be here, each once')"
	run --separate-stderr record 'shop.db#orders|create|x|orders (status)'
	assert_output "$(tsv 'refused|the record has no basis, which --plan writes')"
	run --separate-stderr record 'shop.db#orders|alter|x|orders (status)'
	assert_output "$(tsv "failed|the action is 'alter', not create, drop or rebuild")"
	run --separate-stderr record 'shop.db#nope|create|x|orders (status)'
	assert_output "$(tsv 'failed|no such table: nope: it has customers, orders')"
	run --separate-stderr record 'shop.db|create|x|orders (status)'
	assert_output "$(tsv 'failed|names no table')"
	assert_equal "$(indexes shop.db)" ''
}

@test "the statement of a record is never run" {
	shop
	wants 'orders (status)'
	dbm-index --plan --want want shop.db | awk -F '\t' -v OFS='\t' '{$5 = "drop table orders"} 1' >plan
	run apply --analyze=never
	assert_line --partial created
	assert_equal "$(query shop.db 'select count(*) from orders')" 2
}

@test "findings become a plan, and when that is carried out they are gone" {
	shop
	sqlite shop.db <<<'create index a on orders(status); create index b on orders(status, total); create index c on orders(status)'
	dbm-index --check shop.db >findings || true
	dbm-index --plan <findings >plan
	run cut -f 2-3,9,11 plan
	assert_output "$(tsv 'create|orders_customer_id_idx|no index finds the rows that refer to a row of customers|\N' 'drop|a|b does its work|b' 'drop|c|b does its work|b')"
	run apply --analyze=never
	assert_success
	assert_equal "$(indexes shop.db)" 'b
orders_customer_id_idx'
	run dbm-index --check shop.db
	assert_success
	run --separate-stderr dbm-index --plan <findings
	assert_success
	assert_output ''
	assert_equal "$stderr" 'dbm-index: shop.db#orders: the foreign key has an index now
dbm-index: shop.db#orders: there is no such index any more
dbm-index: shop.db#orders: there is no such index any more'
	run apply
	assert_success
	assert_line --index 1 "$(tsv 'shop.db#orders|drop|a|absent|\N')"
}

@test "of two that do each other's work, one stays, whatever findings say" {
	shop
	sqlite shop.db <<<'create index a on orders(status); create index b on orders(status)'
	for name in b a; do tsv "shop.db#orders|dup|duplicate|warning|status|x|DROP|e|$name|0"; done >findings
	run --separate-stderr dbm-index --plan -f json <findings
	assert_success
	assert_equal "${#lines[@]}" 1
	assert_equal "$stderr" 'dbm-index: shop.db#orders: no other index does its work any more'
	dbm-index --plan <<<"$(sed -n 1p findings)" >plan
	dbm-index --plan <<<"$(sed -n 2p findings)" >>plan
	run --separate-stderr apply
	assert_output "$(tsv 'shop.db#orders|drop|b|dropped|\N' 'shop.db#orders|drop|a|refused|b does not do its work any more')"
	assert_equal "$(indexes shop.db)" a
}

@test "what is unique or of a constraint is never dropped" {
	sqlite shop.db <<-'SQL'
		create table t(a int unique, b int, c int, unique (b, c));
		create unique index u on t(c);
		create index i on t(c);
		create index v on t(b);
	SQL
	for name in u sqlite_autoindex_t_1; do tsv "shop.db#t|unused|unused|warning|c|x|DROP|e|$name|0"; done >findings
	run -4 --separate-stderr dbm-index --plan <findings
	assert_output ''
	assert_equal "$stderr" 'dbm-index: shop.db#t: u stays: it is unique: no value may come twice because of it
dbm-index: shop.db#t: sqlite_autoindex_t_1 stays: it belongs to a constraint'
	tsv 'shop.db#t|drop|u|t (c) unique name u|||||x|0' >plan
	run --separate-stderr apply
	assert_output "$(tsv 'shop.db#t|drop|u|refused|it is unique: no value may come twice because of it')"
	tsv 'shop.db#t|dup|duplicate|warning|c|x|DROP|e|i|0' | dbm-index --plan >plan
	run cut -f 2,3,11 plan
	assert_output "$(tsv 'drop|i|u')"
	tsv 'shop.db#t|unused|unused|warning|b|x|DROP|e|v|0' | dbm-index --plan >plan
	sqlite shop.db <<<'drop index v; create index v on t(b, a)'
	run --separate-stderr apply
	assert_output "$(tsv 'shop.db#t|drop|v|refused|it is another index now: t (b, a) name v')"
}

@test "what a foreign key needs by now is not dropped, and a table called sqlite has indexes that may be made" {
	sqlite shop.db <<<'create table p(k int unique); create table sqlite(a int, b int references p(k)); create index v on sqlite(a)'
	tsv 'shop.db#sqlite|unused|unused|warning|a|x|DROP|e|v|0' | dbm-index --plan >plan
	sqlite shop.db <<-'SQL'
		drop table sqlite;
		create table sqlite(a int references p(k), b int references p(k));
		create index v on sqlite(a);
	SQL
	run --separate-stderr apply
	assert_output "$(tsv 'shop.db#sqlite|drop|v|refused|a foreign key needs it')"
	dbm-index --check=fk shop.db | dbm-index --plan >plan
	run apply --analyze=never
	assert_line --partial "$(tsv 'shop.db#sqlite|create|_sqlite_b_idx|created')"
}

@test "standard input without findings, and operands that have no place" {
	run dbm-index --plan </dev/null
	assert_success
	assert_output ''
	run dbm-index --plan shop.db </dev/null
	assert_failure 2
	run dbm-index --plan --want want </dev/null
	assert_failure 2
	run dbm-index --plan <<<'{"ref":'
	assert_failure 4
	assert_output 'dbm-index: standard input: line 1: is no JSON object'
	run dbm-index --apply nope
	assert_failure 4
	assert_output 'dbm-index: nope: cannot open: No such file or directory'
	run dbm-index --plan <<<"$(tsv '|fk|missing|warning|a|b|c')"
	assert_failure 4
	assert_output 'dbm-index: standard input: a finding without a reference'
	run dbm-index --plan <<<"$(tsv 'people.csv|fk|missing|warning|a|b|c')"
	assert_failure 4
	assert_output 'dbm-index: people.csv: is no database that has indexes'
}

@test "killed while it builds: the file is whole, and the next run does the rest" {
	python3 - <<-'PY'
		import sqlite3
		db = sqlite3.connect("shop.db")
		db.execute("create table t(a text, b text)")
		db.execute("with n(i) as (select 1 union all select i + 1 from n where i < 400000) insert into t select hex(i * 7919 % 400009), i from n")
		db.commit()
	PY
	wants 't (a, b)' 't (b)'
	plan
	export DBM_TRACE=trace
	dbm-index --apply plan >out 2>&1 3>&- &
	job=$!
	until_so test -e shop.db-journal
	kill -9 "$job"
	wait "$job" || true
	assert_equal "$(query shop.db 'pragma integrity_check')" ok
	run until_so apply
	assert_success
	assert_equal "$(indexes shop.db)" 't_a_b_idx
t_b_idx'
	assert_equal "$(query shop.db 'pragma integrity_check')" ok
	refute [ -e shop.db-journal ]
}

@test "two at once: each is made once, and both say so" {
	shop
	wants 'orders (status)' 'orders (total)' 'customers (email)'
	plan
	dbm-index --apply plan >one 2>&1 3>&- &
	dbm-index --apply plan >two
	wait $!
	assert_equal "$(cat one two | grep -c '	created	')" 3
	assert_equal "$(cat one two | grep -c '	there	')" 3
}

@test "a server: names, what is asked, and what it says" {
	server
	facts srv create_index "$CHANGE" 'blocked|0|1|session 4711 holds a snapshot' 'blocked|0|1|session 4711 holds a snapshot' \
		'building|5|10|\N' 'blocked|0|1|session 4712' 'created|\N|\N|\N'
	facts srv analyze "$CHANGE" 'analyzed|\N|\N|\N'
	wants 't (a, "b c" collate "de.x" text_pattern_ops desc nulls last) include (a) where ("b c" <> '"''"')' '"s"."t, 1" (x%22y) using hash name n'
	plan facts:srv
	run cut -f 1,3,4,5,8 plan
	assert_line --index 0 "$(tsv 'facts:srv#s.t|t_a_b c_idx|s.t (a, b%20c collate de%2Ex text_pattern_ops desc nulls last) include (a) where ("b c" <> '"''"') name t_a_b%20c_idx|CREATE INDEX CONCURRENTLY "t_a_b c_idx" ON "s"."t" ("a", "b c" COLLATE "de.x" "text_pattern_ops" DESC NULLS LAST) INCLUDE ("a") WHERE "b c" <> '"''"'|\N')"
	assert_line --index 1 "$(tsv 'facts:srv#s.t%2C%201|n|s.t%2C%201 (x%22y) using hash name n|CREATE INDEX CONCURRENTLY "n" ON "s"."t, 1" USING "hash" ("x""y")|222')"
	: >srv/asked
	run --separate-stderr apply --wait 5s --lock-timeout 100ms
	assert_success
	assert_line --index 0 "$(tsv 'facts:srv#s.t|create|t_a_b c_idx|created|\N')"
	assert_line --index 3 "$(tsv 'facts:srv#s.t%2C%201|analyze|\N|analyzed|\N')"
	assert_equal "$stderr" "$(printf 'dbm-index: facts:srv#%s: session %s\n' s.t '4711 holds a snapshot' s.t 4712 s.t%2C%201 '4711 holds a snapshot' s.t%2C%201 4712)"
	run asked
	assert_line --index 0 --partial 'create_index table=s.t name=t_a_b c_idx key=column,a,asc,,, key=column,b c,desc,last,de%2Ex,text_pattern_ops include=a predicate="b c" <> '"''"
	assert_line --index 0 --partial 'wait=5000 lock_timeout=100'
	assert_line --index 2 --partial 'analyze table=s.t'
}

@test "a server: what was not finished is made again, unless somebody is at it" {
	server
	index old false false a
	wants 's.t (a)'
	facts srv create_index "$CHANGE" 'created|\N|\N|\N'
	facts srv drop_index "$CHANGE" 'dropped|\N|\N|\N'
	plan facts:srv
	run cut -f 2,3 plan
	assert_output "$(tsv 'rebuild|old')"
	run apply --analyze=never
	assert_output "$(tsv 'facts:srv#s.t|rebuild|old|created|\N')"
	wants 's.t (a) name new'
	plan facts:srv
	: >srv/asked
	run apply --analyze=never
	assert_output "$(tsv 'facts:srv#s.t|create|new|created|\N')"
	run asked
	assert_line --index 0 --partial 'drop_index table=s.t name=old'
	assert_line --index 1 --partial 'create_index table=s.t name=new'
	server
	index new false true a
	run --separate-stderr apply
	assert_output "$(tsv 'facts:srv#s.t|create|new|refused|somebody is making it now')"
	server
	index new true false a
	run apply
	assert_line --index 0 "$(tsv 'facts:srv#s.t|create|new|there|\N')"
}

@test "a server: failures and conflicts, and the others are still done" {
	server
	wants 's.t (a)' '"s"."t, 1" ("x""y")'
	plan facts:srv
	run -4 --separate-stderr dbm-index --apply plan
	assert_line --index 0 --partial "$(tsv 'failed')"
	assert_equal "${#lines[@]}" 2
	printf 'the disk is full\n' >srv/fail
	: >srv/asked
	run -4 --separate-stderr dbm-index --apply plan
	assert_equal "$stderr" 'dbm-index: facts:srv#s.t: t_a_idx: the disk is full
dbm-index: facts:srv#s.t%2C%201: t, 1_x"y_idx: the disk is full'
	assert_equal "$(cut -d' ' -f1 srv/asked | sort | uniq -c | awk '{print $1}' | sort -u)" 1
}

@test "what is kept of a server is forgotten behind a change, also behind one that failed" {
	server
	facts srv create_index "$CHANGE" 'created|\N|\N|\N'
	export DBM_TTL=1h
	wants 's.t (a)'
	dbm-index facts:srv >/dev/null
	dbm-index 'facts:srv#s.t' >/dev/null
	: >srv/asked
	dbm-index facts:srv >/dev/null
	assert_equal "$(cat srv/asked)" ''
	plan facts:srv
	apply --analyze=never >/dev/null
	: >srv/asked
	dbm-index facts:srv >/dev/null
	assert_equal "$(grep -c ^indexes srv/asked)" 1
	rm srv/create_index
	run -4 dbm-index --apply plan
	: >srv/asked
	dbm-index facts:srv >/dev/null
	assert_equal "$(grep -c ^indexes srv/asked)" 1
}

@test "definitions are asked of the server where its SQL is written in another way" {
	server
	tsv 's.t|x|a|false|index|true|\N|btree|(a + 1 > 0)|true|false|false|\N|\N|8192|7|\N|false' >>srv/indexes
	tsv 's.t|x|1|a|\N|false|false|false|\N|false|int|\N' >>srv/index_keys
	facts srv create_index "$CHANGE" 'there|\N|\N|\N'
	wants 's.t (a) where (1 + a > 0) name x'
	plan facts:srv
	run cut -f 2,3,7 plan
	assert_output "$(tsv 'create|x|an index of that name may be just this one: the server will tell')"
	run apply
	assert_output "$(tsv 'facts:srv#s.t|create|x|there|\N')"
}

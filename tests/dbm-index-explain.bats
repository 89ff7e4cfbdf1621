# dbm-index --explain on SQLite: what is said of plans, and that it is so.

load helper

# shop.db: a table of 5000 sales, one of as many items, a tiny one; no statistics.
shop() {
	sqlite3 shop.db <<-'SQL'
		create table sales(id integer primary key, date text, item int, lot text, quantity int);
		create table items(id integer primary key, code int, name text, ref text);
		create table tiny(a, b);
		create index sales_date_item on sales(date, item);
		create index items_name on items(name);
		insert into tiny values (1, 2);
		with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
			insert into sales select i, date('2020-01-01', i % 700 || ' days'), i % 50, 'ABC' || i, i from n;
		insert into items select id, id * 2, 'name' || id, id from sales;
	SQL
}

# fields LIST SQL [FLAG...]: of the records about shop.db, with bars between them.
explained() {
	local fields=$1 sql=$2
	shift 2
	dbm-index -q --no-cache --explain "$sql" shop.db "$@" | cut -f "$fields" | tr '\t' '|'
}
QUERY=2 ACCESS=4 TABLE=5 INDEX=6 COVERING=7 VERDICT=8 WOULD=9 DETAIL=10 ADVICE=11

# says SQL ADVICE: of the first step.
says() { assert_equal "$(explained $ADVICE "$1" | head -1)" "$2"; }

# becomes SQL PLAN STATEMENT...: what it is on a copy in which the statements have been run.
becomes() {
	local sql=$1 plan=$2
	shift 2
	rm -f made.db
	cp shop.db made.db
	printf '%s;\n' "$@" | sqlite3 made.db
	assert_equal "$(dbm-index -q --no-cache --explain "$sql" made.db | cut -f $ACCESS,$INDEX | tr '\t' '|')" "$plan"
}

@test "steps are what SQLite says, with the names of tables and indexes" {
	shop
	run explained $QUERY-$DETAIL "select * from sales s join items as i on i.id = s.item where s.date > '2021' order by s.lot"
	assert_success
	assert_output - <<-'OUT'
		1|1|search|sales|sales_date_item|false|ok|\N|SEARCH s USING INDEX sales_date_item (date>?)
		1|2|search|items|rowid|false|ok|\N|SEARCH i USING INTEGER PRIMARY KEY (rowid=?)
		1|3|sort|\N|\N|\N|ok|\N|USE TEMP B-TREE FOR ORDER BY
	OUT
	run explained $ACCESS-$VERDICT "select count(*) from sales"
	assert_output 'scan|sales|sales_date_item|true|covering'
	run explained $ACCESS-$VERDICT "select * from items where code in (select item from tiny, sales where a = quantity)"
	assert_line 'scan|items|\N|false|scan'
	assert_line 'scan|tiny|\N|false|scan'
	assert_line 'scan|sales|sales_date_item|true|scan' || assert_line 'scan|sales|\N|false|scan'
}

@test "names that look like a plan are names" {
	sqlite3 shop.db <<-'SQL'
		create table "a USING INDEX b (c=?)"(x, y);
		create index "i (x=?) USING INDEX j" on "a USING INDEX b (c=?)"(x);
		create table a(x);
		create table sub(x);
		create view "SCAN a" as select x from sub as a;
	SQL
	run explained $ACCESS-$INDEX 'select * from "a USING INDEX b (c=?)" where x = 1'
	assert_output 'search|a USING INDEX b (c=?)|i (x=?) USING INDEX j'
	run explained $ACCESS-$INDEX 'select * from a as "a USING INDEX b (c=?)"'
	assert_output 'scan|a|\N'
	run explained $ACCESS-$INDEX 'select * from "SCAN a"'
	assert_output 'scan|sub|\N'
	run explained $ACCESS-$INDEX 'select * from main.a'
	assert_output 'scan|a|\N'
}

@test "max() is searched where an index begins with it, and else reads everything" {
	shop
	assert_equal "$(explained $ACCESS,$INDEX,$VERDICT "select max(quantity) from sales")" 'scan|\N|scan'
	assert_equal "$(explained $ACCESS,$INDEX,$VERDICT "select max(id) from sales")" 'search|rowid|ok'
	assert_equal "$(explained $ACCESS,$INDEX,$VERDICT "select max(date) from sales")" 'search|sales_date_item|ok'
	assert_equal "$(explained $ACCESS,$INDEX,$VERDICT "select max(item) from sales")" 'scan|sales_date_item|covering'
	says "select max(quantity) from sales" 'an index sales (quantity) would be searched'
	becomes "select max(quantity) from sales" 'search|q' 'create index q on sales(quantity)'
	sqlite3 shop.db 'create index items_ref on items(ref collate nocase)'
	assert_equal "$(explained $ACCESS,$INDEX,$VERDICT "select max(ref) from items")" 'scan|items_ref|covering'
}

@test "an index that is made for the query alone is a scan" {
	shop
	run explained $ACCESS-$INDEX,$DETAIL "select * from items i, sales s where +i.code = s.item"
	assert_line --partial 'scan|sales|\N|SEARCH s USING AUTOMATIC COVERING INDEX'
}

@test "status 1 where a query scans, and only there" {
	shop
	local sql
	for sql in "select * from sales where lot = 'x'" "delete from sales where item = 1" "update sales set item = 1 where lot = 'x'" \
		"select * from sales limit 5000" "select * from sales order by lot limit 3" "select count(lot) from sales limit 1" \
		"select * from sales where lot = 'x' limit 1" "select * from sales limit 3 offset 4000"; do
		run dbm-index -q --explain "$sql" shop.db
		assert_equal "$status $sql" "1 $sql"
	done
	for sql in "select 1" "select * from sales where id = 3" "select * from tiny" "select count(*) from sales" \
		"select * from sales limit 1000" "select lot from sales limit 1" "select * from sales order by date limit 3" \
		"insert into tiny values (1, 2)" "select * from sales where date = 'x' order by lot"; do
		run dbm-index -q --explain "$sql" shop.db
		assert_equal "$status $sql" "0 $sql"
	done
	# By statistics, which are believed.
	sqlite3 shop.db "analyze; update sqlite_stat1 set stat = '900 1' where tbl = 'items'"
	run dbm-index -q --explain 'select * from items where ref = 3' shop.db
	assert_success
}

@test "queries on standard input: numbers, comments, quotes; what is wrong with one does not stop the others" {
	shop
	run --separate-stderr dbm-index --no-cache --explain - shop.db <<-'SQL'
		-- one; two
		select ';' from tiny;; /* ; */
		select * form sales;
		select [a;b] from tiny;
		select * from sales where id = 3
	SQL
	assert_equal "$status" 3
	assert_equal "$(cut -f 2,4,8 <<<"$output")" "$(tsv '1|scan|small' '4|search|ok')"
	assert_equal "$stderr" 'dbm-index: shop.db: query 2: near "form": syntax error
dbm-index: shop.db: query 3: no such column: a;b'
	run dbm-index --explain - shop.db <<<'-- nothing; at all'
	assert_equal "$status" 2
	assert_output 'dbm-index: there is no query to explain (dbm-index --help shows the flags)'
	run timeout 20 dbm-index --explain '' shop.db
	assert_equal "$status" 2
	assert_output 'dbm-index: there is no query to explain (dbm-index --help shows the flags)'
}

@test "nothing of a statement is run" {
	shop
	snapshot >before
	local sql
	for sql in 'delete from sales' 'insert into tiny select * from tiny' 'update tiny set a = 3'; do
		run dbm-index -q --explain "$sql" shop.db
		assert_equal "$(snapshot | grep -v before)" "$(grep -v before before)"
	done
	for sql in 'pragma journal_mode = wal' 'create table x(a)' 'drop table tiny' "attach 'new.db' as n" "vacuum into 'new.db'" begin \
		analyze reindex 'alter table tiny rename to t' 'pragma user_version = 3'; do
		run dbm-index -q --explain "$sql" shop.db
		assert_equal "$status" 4
		assert_output 'dbm-index: shop.db: query 1: is no query: SELECT, INSERT, UPDATE and DELETE are explained, nothing else'
		assert_equal "$(snapshot | grep -v before)" "$(grep -v before before)"
	done
}

@test "wrong calls" {
	shop
	run dbm-index --explain 'select 1'
	assert_equal "$status" 2
	assert_output 'dbm-index: name the database whose plan is asked for (dbm-index --help shows the flags)'
	run dbm-index --cached --explain 'select 1' shop.db
	assert_output 'dbm-index: --explain asks the database, which --cached forbids (dbm-index --help shows the flags)'
	run dbm-index --want - --explain - shop.db
	assert_output 'dbm-index: --want - and --explain -: standard input can be read only once (dbm-index --help shows the flags)'
	run dbm-index --explain ' -- ' shop.db
	assert_equal "$status" 2
	assert_output 'dbm-index: there is no query to explain (dbm-index --help shows the flags)'
	run dbm-index --want nosuch --explain 'select 1' shop.db
	assert_equal "$status" 4
	assert_output 'dbm-index: nosuch: cannot open: No such file or directory'
	run dbm-index --explain 'select 1' 'shop.db#sales'
	assert_equal "$status" 4
	assert_output 'dbm-index: shop.db#sales: is a table: queries are explained by the database that it is in'
	run dbm-index --explain 'select 1' people.csv
	assert_output 'dbm-index: people.csv: query 1: delimited text does not answer that'
	run dbm-index --explain - - shop.db <<<'select 1'
	assert_line 'dbm-index: -: standard input can be read only once'
}

@test "--want: what would be done with other indexes" {
	shop
	cat >want <<-'WANT'
		sales (date, item)
		sales (lot)
		sales (item, date, quantity)
	WANT
	run --separate-stderr dbm-index --no-cache --want want shop.db --explain "
		select * from sales where date > '2021-03' and date < '2021-04' and item = 3;
		select * from sales where lot = 'ABC7';
		select sum(quantity) from sales where item = 3 and date > '2021';
		select item, sum(quantity) from sales group by item;
		select * from sales where lot like 'ABC7%';
		select * from sales limit 100"
	assert_equal "$(cut -f 2,4,6,8,9 <<<"$output" | tr '\t' '|')" \
		'1|search|sales_date_item|ok|search sales_item_date_quantity_idx
2|scan|\N|scan|search sales_lot_idx
3|search|sales_date_item|ok|search sales_item_date_quantity_idx (covering)
4|scan|\N|scan|scan sales_item_date_quantity_idx (covering)
4|sort|\N|scan|nothing
5|scan|\N|scan|scan
6|scan|\N|limit|scan'
	assert_equal "$stderr" "dbm-index: shop.db: has no statistics (ANALYZE): what would be done with an index is SQLite's guess"
	# What it would do is what it does once they are there.
	sqlite3 shop.db 'create index sales_lot_idx on sales(lot); create index sales_item_date_quantity_idx on sales(item, date, quantity)'
	assert_equal "$(explained $ACCESS,$INDEX "select * from sales where lot = 'ABC7'")" 'search|sales_lot_idx'
	assert_equal "$(explained $ACCESS-$COVERING 'select item, sum(quantity) from sales group by item')" 'scan|sales|sales_item_date_quantity_idx|true'
	assert_equal "$(explained $WOULD "select * from sales where lot = 'ABC7'" --want want)" 'search sales_lot_idx'
	# What is in its way is none of the question; what cannot be is.
	printf '%s\n' 'sales (quantity) name sales_lot_idx' 'nope (a)' 'sales (nope)' >want
	run dbm-index -q --no-cache --want want shop.db --explain 'select * from sales where quantity = 3'
	assert_equal "$status" 3
	assert_line 'dbm-index: shop.db: want:2: no such table: nope: it has items, sales, tiny'
	assert_line 'dbm-index: shop.db: want:3: no such column: nope: it has id, date, item, lot, quantity'
	assert_line --partial 'search sales_lot_idx (wanted)'
}

@test "statistics are those of the file" {
	sqlite3 shop.db <<-'SQL'
		create table t(a, b, c);
		create index t_a on t(a);
		with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) insert into t select i % 2, i, i from n;
		analyze;
	SQL
	# t_a finds half of the table: the other one is chosen by what is known of it.
	run --separate-stderr dbm-index --no-cache --explain 'select * from t where a = 1 and b = 3' --want - shop.db <<<'t (b)'
	assert_equal "$(cut -f 4,6,9 <<<"$output")" "$(tsv 'search|t_a|search t_b_idx')"
	assert_equal "$stderr" ''
}

@test "in a file that is written to while it is open" {
	sqlite3 shop.db 'pragma journal_mode = wal; create table t(a, b); insert into t values (1, 2)' >/dev/null
	sqlite3 shop.db 'create index t_a on t(a)'
	assert_equal "$(explained $ACCESS,$INDEX,$WOULD 'select * from t where a = 1 and b = 2' --want - <<<'t (a, b)')" 'search|t_a|search t_a_b_idx (covering)'
	assert_equal "$(ls shop.db*)" shop.db
}

@test "a comparison without an index" {
	shop
	says "select * from sales where lot = 'ABC7'" 'an index sales (lot) would be searched'
	becomes "select * from sales where lot = 'ABC7'" 'search|x' 'create index x on sales(lot)'
	says 'select * from sales where quantity > 3 and lot = 1' 'an index sales (lot, quantity) would be searched'
	becomes 'select * from sales where quantity > 3 and lot = 1' 'search|x' 'create index x on sales(lot, quantity)'
	says 'select * from sales where quantity in (1, 2)' 'an index sales (quantity) would be searched'
	says 'select * from sales s join items i on i.code = s.quantity' 'an index sales (quantity) would be searched; an index items (code) would be searched'
	becomes 'select * from sales s join items i on i.code = s.quantity' $'scan|\\N\nsearch|x' 'create index x on items(code)'
	# None of what is searched already, or is a result.
	says "select * from sales where date = 'x' and lot = 'y'" '\N'
	says "with x as (select * from sales) select * from x where lot = 'y'" '\N'
}

@test "an index that begins with another column" {
	shop
	says 'select * from sales where item = 3' 'sales_date_item begins with date, which is not given: an index sales (item) would be searched'
	becomes 'select * from sales where item = 3' 'search|x' 'create index x on sales(item)'
}

@test "LIKE 'ABC%' is not served by a plain index, but by NOCASE, and GLOB is" {
	shop
	local like="select * from sales where lot like 'ABC7%'" glob="select * from sales where lot glob 'ABC7*'"
	says "$like" "LIKE 'ABC7%' finds a for A, which a plain index of lot is not sorted by: an index sales (lot collate NOCASE) would be searched; or GLOB 'ABC7*', which tells a from A, would be searched by an index sales (lot)"
	becomes "$like" 'scan|\N' 'create index x on sales(lot)'
	becomes "$like" 'search|x' 'create index x on sales(lot collate nocase)'
	becomes "$glob" 'search|x' 'create index x on sales(lot)'
	# With the index there.
	says "select * from items where name like 'na''me%'" "LIKE 'na''me%' finds a for A, which a plain index of name is not sorted by: an index items (name collate NOCASE) would be searched; or GLOB 'na''me*', which tells a from A, would be searched by items_name"
	# A pattern that GLOB would take for another one.
	says "select * from items where name like 'a*%'" "LIKE 'a*%' finds a for A, which a plain index of name is not sorted by: an index items (name collate NOCASE) would be searched"
	# Neither helps a number, nor what has an ESCAPE or is a parameter.
	says "select * from sales where quantity like '1%'" '\N'
	says "select * from sales where lot like '1%' escape '\\'" '\N'
	says "select * from sales where lot like ?1" '\N'
	# A column that is NOCASE itself.
	sqlite3 shop.db "create table n(t text collate nocase, u); insert into n select lot, 1 from sales"
	says "select * from n where t like 'ABC7%'" 'an index n (t) would be searched'
	becomes "select * from n where t like 'ABC7%'" 'search|x' 'create index x on n(t)'
}

@test "LIKE '%abc%' is searched by no index, but by FTS5" {
	shop
	local like="select * from items where name like '%abc%'"
	says "$like" "LIKE '%abc%' may begin with anything: no index of name is searched for it, but an FTS5 table with the tokenizer trigram is"
	becomes "$like" 'scan|\N' 'create index x on items(name collate nocase)' 'create index y on items(name)'
	becomes "select * from words where name like '%abc%'" 'search|virtual table' \
		"create virtual table words using fts5(name, tokenize = 'trigram')" 'insert into words select name from items'
	# Too short for three letters.
	says "select * from items where name like '%ab%'" "LIKE '%ab%' may begin with anything: no index of name is searched for it"
}

@test "LIMIT stops in any case" {
	shop
	says 'select * from sales limit 100' 'LIMIT 100 stops there in any case: an index gains nothing'
	assert_equal "$(explained $VERDICT 'select * from sales limit 100')" limit
	says "select * from sales where lot = 'x' limit 100" 'an index sales (lot) would be searched'
}

@test "without a WHERE only an index that holds everything is read" {
	shop
	local sql='select item, sum(quantity) from sales group by item'
	says "$sql" 'without a WHERE every row is read: an index that holds all that is asked for, sales (item, quantity), would be read in place of the table'
	becomes "$sql" 'scan|x' 'create index x on sales(item, quantity)'
	becomes "$sql" $'scan|x\nsort|\\N' 'create index x on sales(quantity, item)'
	says 'select * from sales' '\N'
	says 'select distinct lot from sales limit 3' '\N'
}

@test "an expression needs an index of itself" {
	shop
	local sql="select * from items where lower(name) = 'x'"
	says "$sql" 'an index of name is not sorted by lower(name): an index items ((lower(name))) would be searched'
	becomes "$sql" 'search|x' 'create index x on items(lower(name))'
	says 'select * from items i where 5 < i.code + 1' 'an index of code is not sorted by code + 1: an index items ((code + 1)) would be searched'
	becomes 'select * from items i where 5 < i.code + 1' 'search|x' 'create index x on items(code + 1)'
	becomes 'select * from items i where 5 < i.code + 1' 'scan|\N' 'create index x on items(code)'
	# None can be made of what is another value each time, or of a parameter.
	says 'select * from items where code + random() = 5' '\N'
	says 'select * from items where code + ?1 = 5' '\N'
}

@test "OR needs an index for each side" {
	shop
	local sql='select * from items where code = 3 or ref = 4'
	says "$sql" 'OR is searched where each side of it has an index: items (code), items (ref)'
	becomes "$sql" 'scan|\N' 'create index x on items(code)'
	becomes "$sql" $'other|\\N\nother|\\N\nsearch|x\nother|\\N\nsearch|y' 'create index x on items(code)' 'create index y on items(ref)'
	says 'select * from items where code = 3 or 1 = random()' '\N'
}

@test "no index is searched for what is unequal" {
	shop
	local sql
	for sql in '<> 3' '!= 3' 'not in (3, 4)' "not like 'a%'"; do
		becomes "select * from items where code $sql" 'scan|\N' 'create index x on items(code)'
	done
	says 'select * from items where code <> 3' 'no index of code is searched for <>'
	says 'select * from items where code not in (3, 4)' 'no index of code is searched for NOT IN'
	says "select * from items where ref not like 'a%'" 'no index of ref is searched for NOT LIKE'
	says 'select * from items where code <> 3 and ref = 4' 'an index items (ref) would be searched'
}

@test "an order that an index has" {
	shop
	local sql='select * from items order by code, ref desc'
	says "$sql" 'the rows are sorted for ORDER BY: an index items (code, ref desc) has them in that order'
	becomes "$sql" 'scan|x' 'create index x on items(code, ref desc)'
	becomes "$sql" $'scan|x\nsort|\\N' 'create index x on items(code, ref)'
	says 'select * from items where ref = 3 order by code' 'an index items (ref) would be searched; the rows are sorted for ORDER BY: an index items (ref, code) has them in that order'
	becomes 'select * from items where ref = 3 order by code' 'search|x' 'create index x on items(ref, code)'
}

@test "text that is compared as a number" {
	shop
	local sql='select * from items i left join sales s on s.lot = i.code'
	says 'select * from sales s, items i where i.ref = s.id' 'ref (TEXT) is compared with id (INTEGER) as a number, which an index of it is not sorted by'
	becomes 'select * from sales s, items i where i.ref = s.id' $'scan|\\N\nsearch|rowid' 'create index x on items(ref)'
	becomes 'select * from sales s, items i where i.ref = cast(s.id as text)' $'scan|\\N\nsearch|x' 'create index x on items(ref)'
	run explained $ADVICE "$sql"
	refute_output --partial 'an index sales (lot)'
}

@test "in a table for people advice is a note" {
	shop
	run --separate-stderr dbm-index --no-cache -f table --explain "select * from sales where lot = 'x'" shop.db
	assert_equal "$status" 1
	refute_output --partial advice
	assert_equal "$stderr" 'dbm-index: shop.db: query 1: an index sales (lot) would be searched'
	run --separate-stderr dbm-index -q -f table --explain "select * from sales where lot = 'x'" shop.db
	assert_equal "$stderr" ''
	run dbm-index --no-cache -f json --explain "select * from sales where lot = 'x'" shop.db
	assert_output --partial '"access":"scan","table":"sales","index":null,"covering":false,"verdict":"scan","would":null,"detail":"SCAN sales","advice":"an index sales (lot) would be searched","method":"plan"'
}

@test "hostile schemas" {
	shop
	sqlite3 shop.db <<-'SQL'
		create view r as select 1 as x;
		create view r2 as select * from r;
		create view d0 as select * from tiny;
		pragma writable_schema = on;
		update sqlite_schema set sql = 'create view r as select * from r2' where name = 'r';
		insert into sqlite_schema values ('table', 'odd', 'odd', 0, 'create virtual table odd using nothing_known(x)');
	SQL
	local i
	for i in {1..10}; do echo "create view d$i as select x.a from d$((i - 1)) x, d$((i - 1)) y;"; done | sqlite3 shop.db
	run dbm-index -q --explain 'select * from r' shop.db
	assert_output 'dbm-index: shop.db: query 1: view r is circularly defined'
	run dbm-index -q --explain 'select * from odd' shop.db
	assert_output 'dbm-index: shop.db: query 1: no such module: nothing_known'
	run dbm-index -q --explain 'select * from d10' shop.db
	assert_equal "$status" 4
	assert_output 'dbm-index: shop.db: query 1: too many FROM clause terms, max: 200'
	{ echo -n 'select 0'; for ((i = 0; i < 1000; i++)); do printf ',%.0s1' {1..1000}; done; echo ' from tiny'; } >wide.sql
	run dbm-index -q --explain - shop.db <wide.sql
	assert_output 'dbm-index: shop.db: query 1: is made of too many views or columns: it takes more than 16 MiB of memory to look into them'
	# The rest is as ever; what could not be copied is said where it may matter.
	run --separate-stderr dbm-index --no-cache --explain "select * from sales where lot = 'x'" --want - shop.db <<<'sales (lot)'
	assert_output --partial 'search sales_lot_idx'
	assert_equal "${stderr_lines[0]}" 'dbm-index: shop.db: odd could not be copied: no such module: nothing_known'
}

@test "DESC means nothing in a file of an old format, nor in what is tried instead of it" {
	shop
	printf '\1' | dd of=shop.db bs=1 seek=47 conv=notrunc status=none
	sqlite3 shop.db 'create index lots on sales(lot, quantity desc)'
	echo 'sales (item, quantity desc)' >want
	assert_equal "$(explained $ACCESS,$WOULD 'select lot, quantity from sales order by lot, quantity desc' --want want)" \
		'scan|scan lots (covering)
sort|sort'
	assert_equal "$(explained $ACCESS,$WOULD 'select item, quantity from sales order by item, quantity desc' --want want)" \
		'scan|scan sales_item_quantity_idx (covering)
sort|sort'
}

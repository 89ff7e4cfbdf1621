# What the helper of PostgreSQL answers where no program asks it yet, or not so that it would show.
load helper
load pg/helper

setup_file() {
	pg_begin
	database shop <<'END'
		create table orders(id int primary key, customer text, total numeric, at timestamptz, tags text[], pair point);
		insert into orders select n, case when n % 3 = 0 then null else 'c' || n % 3 end, n * 1.5, timestamptz '2024-01-01 00:00Z' + n * interval '1 day',
			array['x', 'y'], point(n, n) from generate_series(1, 20) n;
		create type couple as (a int, b int);
		create table composed(id int, c couple);
		insert into composed values (1, null), (2, (null, null)), (3, (1, null));
		create table renamed(id int, old text, raw bytea, price numeric);
		insert into renamed values (1, repeat('é', 50), '\x00ff00ff00ff', 1e100);
		analyze;
END
	database alone <<'END'
		create table "only %one.here" as select 1 as id;
END
}
teardown_file() { pg_end; }

# ask OPERATION ...: of the database shop.
ask() { "$PG/ask" "$HELPER" "pg:dbname=${DATABASE:-shop}" "$@"; }

setup_helper() { HELPER=$(dirname "$(command -v dbm-list)")/../libexec/dbm-source-postgresql; }

@test "predicates and orders, by the server's own operators" {
	setup_helper
	run ask scan limit=9 table=orders columns=id 'where=id|>|17' 'order=id|desc' \
		-- scan limit=9 table=orders columns=1 'where=customer|is null' 'where=total|<=|9' \
		-- scan limit=1 table=orders columns=id 'where=customer|is not null' 'where=at|>=|2024-01-10' 'order=customer|asc' 'order=at|desc' \
		-- scan limit=9 table=orders columns=id "where=customer|=|c1' or true --" \
		-- scan limit=9 table=orders columns=id 'where=tags|=|{x,y}' 'where=id|<|2'
	assert_output '["20"]
["19"]
["18"]
end 1
["3"]
["6"]
end 1
["19"]
end 2
end 1
["1"]
end 1'
	run ask scan limit=9 table=orders 'where=id|=|x' -- scan limit=9 table=orders 'where=pair|=|(1,1)' -- scan limit=9 table=orders 'where=no|=|x' -- count table=orders
	assert_line --index 0 'end 3 invalid input syntax for type integer: "x"'
	assert_line --index 1 --regexp '^end 3 operator does not exist: point'
	assert_line --index 2 --regexp '^end 3 no such column: no: it has id, customer'
	assert_line --index 3 '["20", null, null, "exact", "20", "20", null]'
}

@test "a row of NULLs is no NULL" {
	setup_helper
	run ask scan limit=9 width=100 table=composed 'where=c|is null' -- scan limit=9 width=100 table=composed 'where=c|is not null'
	assert_output '["1", null]
end 1
["2", "(,)"]
["3", "(1,)"]
end 1'
}

@test "no table named: the only one there is, else which there are" {
	setup_helper
	DATABASE=alone run ask scan limit=1 -- count
	assert_output '["1"]
end 1
["1", null, null, "exact", "1", "1", null]
end 1'
	run ask count -- stamp
	assert_line --index 0 'end 3 is a database, name one of its tables: it has public.composed, public.orders, public.renamed'
	assert_line --index 2 'end 1'
}

@test "known columns: one trip where they hold, and never a wrong answer" {
	setup_helper
	traced
	run ask scan limit=5 width=10 table=public.renamed 'known=id|integer|old|text|raw|bytes|price|real' -- stamp table=public.renamed -- scan limit=0 table=public.orders
	one=${lines[0]}
	assert_equal "$one" '["1", "\u00c3\u00a9\u00c3\u00a9\u00c3\u00a9\u00c3\u00a9\u00c3\u00a9", "\u0000\u00ff\u0000\u00ff\u0000\u00ff", "1000000000"]'
	assert_equal "$(events exchange)" 1
	run ask scan limit=5 width=10 table=public.renamed 'known=id|integer|old|text|raw|bytes|price|real' -- count table=public.orders
	assert_line --index 0 "$one"
	for known in 'id|integer|old|text|raw|bytes|price|real' 'id|text|old|text|raw|bytes|price|real' 'id|integer|new|text|raw|bytes|price|real' \
		'old|text|id|integer|raw|bytes|price|real' 'id|integer' 'id|integer|old|bytes|raw|text|price|real'; do
		traced
		run ask scan limit=5 width=10 table=public.renamed "known=$known" -- scan limit=1 table=public.composed columns=id 'known=id|integer'
		assert_output "$one
end 1
[\"1\"]
end 2"
		trips=2
		[ "$known" != 'id|integer|old|text|raw|bytes|price|real' ] || trips=1
		assert_equal "$known: $(events exchange)" "$known: $trips"
	done
	# A name with a dot that is no schema's is found another way than it was guessed.
	sql shop 'create table "dot.ted" as select 1 as id'
	run ask scan limit=5 table=dot.ted 'known=id|integer'
	assert_output '["1"]
end 1'
	sql shop 'drop table "dot.ted"'
	run ask scan limit=5 table=public.gone 'known=id|integer'
	assert_output 'end 3 no such table: it has public.composed, public.orders, public.renamed'
}

@test "estimates of partitioned tables: the sum; counted where a part was never looked at" {
	setup_helper
	sql shop "create table parts(id int) partition by range (id); create table parts_0 partition of parts for values from (0) to (100);
		create table parts_1 partition of parts for values from (100) to (200); insert into parts select generate_series(50, 149)"
	run ask count table=parts effort=estimate
	assert_line --index 0 '["100", null, null, "exact", "100", "100", null]'
	sql shop 'analyze parts; create table parts_2 partition of parts for values from (200) to (300)'
	run ask count table=parts effort=estimate
	assert_line --index 0 --regexp '^\["100", null, null, "estimate", null, null, "20..-..-..T'
	sql shop 'insert into parts values (250)'
	run ask count table=parts effort=estimate
	assert_line --index 0 '["101", null, null, "exact", "101", "101", null]'
	sql shop 'drop table parts'
}

@test "estimates of a table that others inherit: the sum of all, as they are all counted" {
	setup_helper
	sql shop 'create table ancestor (id int); create table heir () inherits (ancestor); insert into heir select generate_series(1, 100);
		insert into ancestor values (0); analyze ancestor, heir'
	run ask count table=ancestor effort=estimate
	assert_line --index 0 --regexp '^\["101", null, null, "estimate", null, null, "20..-..-..T'
	run ask count table=heir effort=estimate
	assert_line --index 0 --regexp '^\["100", null, null, "estimate"'
	sql shop 'create table late (id int); insert into late values (1); alter table late inherit ancestor'
	run ask count table=ancestor effort=estimate
	assert_line --index 0 '["102", null, null, "exact", "102", "102", null]'
	sql shop 'drop table ancestor cascade'
}

@test "stamps: another one after every change, none of what is not kept there" {
	setup_helper
	stamp() { ask stamp "table=$1" | head -1; }
	first=$(stamp public.orders)
	assert_regex "$first" '^\["[0-9:,]+ [0-9]+ [0-9A-F]{8} [0-9]+"\]$'
	assert_equal "$(stamp public.orders)" "$first"
	assert [ "$(stamp public.composed)" != "$first" ]
	sql shop 'update orders set total = total where id = 1'
	assert [ "$(stamp public.orders)" != "$first" ]
	sql shop 'create view seen as select * from orders; create unlogged table light(id int)'
	for name in public.seen public.light public.gone; do
		assert_equal "$(stamp $name)" '[null]'
	done
	sql shop 'drop view seen; drop table light'
	# What a policy shows may change while nothing is written.
	sql shop "create table timed(id int); create policy timed on timed using (now() > '2024-01-01'); alter table timed enable row level security"
	sql shop 'grant select on timed to stranger'
	assert_regex "$(stamp public.timed)" '^\["'
	assert_equal "$(PGUSER=stranger stamp public.timed)" '[null]'
	sql shop 'drop table timed'
}

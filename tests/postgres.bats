# PostgreSQL through the programs: what they print of it, and that they only read.
load helper
load pg/helper

setup_file() {
	pg_begin
	database shop <<'END'
		create table customers(id int primary key, name text not null, note text);
		insert into customers values (1, 'Ada', null), (2, 'Bob', ''), (3, 'Eve', E'two\nlines');
		create table orders(id bigint primary key, customer int references customers, total numeric(10,2));
		insert into orders select n, n % 3 + 1, n * 1.5 from generate_series(1, 1000) n;
		create view recent as select * from orders where id > 990;
		create materialized view totals as select customer, sum(total) from orders group by customer;
		create foreign data wrapper nothing;
		create server nowhere foreign data wrapper nothing;
		create foreign table far(a int) server nowhere;
		create schema "a.b";
		create table "a.b"."t%1"(x int);
		create schema other;
		create table other.customers(id int);
		analyze;
END
}
teardown_file() { pg_end; }

@test "tables of every kind, with the estimates of the catalog, opening none" {
	log_mark
	run --separate-stderr dbm-list pg:dbname=shop
	assert_success
	assert_equal "$stderr" ''
	assert_output - <<'END'
pg:dbname=shop#a%2Eb.t%251	table	0	\N	\N
pg:dbname=shop#other.customers	table	0	\N	\N
pg:dbname=shop#public.customers	table	3	\N	\N
pg:dbname=shop#public.far	foreign table	\N	\N	\N
pg:dbname=shop#public.orders	table	1000	\N	\N
pg:dbname=shop#public.recent	view	\N	\N	\N
pg:dbname=shop#public.totals	materialized view	3	\N	\N
END
	assert_equal "$(logged | grep -cE 'execute.*(from|FROM) +"?(public|other|a\.b)')" 0
}

@test "sizes where they are asked for" {
	run --separate-stderr dbm-list -l -f json pg:dbname=shop
	assert_success
	size=$(sql shop "select pg_total_relation_size('orders')")
	assert_line --regexp '"ref":"pg:dbname=shop#public.orders".*"bytes":'"$size"
}

@test "columns, indexes, foreign keys" {
	run --separate-stderr dbm-list -k column 'pg:dbname=shop#orders'
	assert_success
	assert_output - <<'END'
pg:dbname=shop#public.orders	column	id	1	bigint	false	\N	1	declared
pg:dbname=shop#public.orders	column	customer	2	integer	true	\N	\N	declared
pg:dbname=shop#public.orders	column	total	3	numeric(10,2)	true	\N	\N	declared
END
	run --separate-stderr dbm-list -k index 'pg:dbname=shop#orders'
	assert_success
	assert_output --regexp $'^pg:dbname=shop#public.orders\tindex\torders_pkey\tid\ttrue\tprimary key\t'
	run --separate-stderr dbm-list -k fk pg:dbname=shop
	assert_success
	assert_output --regexp $'^pg:dbname=shop#public.orders\tfk\torders_customer_fkey\tcustomer\tpg:dbname=shop#public.customers\tid\t'
}

@test "rows" {
	run --separate-stderr dbm-preview 'pg:dbname=shop#public.customers'
	assert_success
	assert_equal "$stderr" ''
	assert_output - <<'END'
id,name,note
1,Ada,
2,Bob,""
3,Eve,"two
lines"
END
	run --separate-stderr dbm-preview -n 2 -c total,1 'pg:dbname=shop#orders'
	assert_success
	assert_output $'total,id\n1.50,1\n3.00,2'
	log_mark
	run --separate-stderr dbm-preview --no-cache -n 2 -c total 'pg:dbname=shop#orders'
	assert_output $'total\n1.50\n3.00'
	# Nothing of the other columns is asked for.
	refute [ "$(logged | grep -c 'execute.*"customer"')" -gt 0 ]
	run --separate-stderr dbm-preview -n 1 --offset 998 'pg:dbname=shop#orders'
	assert_output $'id,customer,total\n999,1,1498.50'
}

@test "the first rows and the last are so wherever another scan of a large table is" {
	# One row a page: more than a quarter of the server's buffers, from which on scans begin where others are.
	sql shop "create table large(id int, pad char(900)) with (fillfactor = 10); insert into large select i, '' from generate_series(1, 2500) i"
	sql shop "begin; declare c cursor for select * from large; move 1500 in c; commit" >/dev/null
	assert [ "$(sql shop "select id from large limit 1")" -gt 1 ]
	run --separate-stderr dbm-preview -n 1 -c id 'pg:dbname=shop#large'
	assert_equal "$output:$stderr" $'id\n1:'
	run --separate-stderr dbm-preview -n 1 --offset 10 -c id 'pg:dbname=shop#large'
	assert_equal "$output:$stderr" $'id\n11:'
	run --separate-stderr dbm-preview -q -n 1 --tail -c id 'pg:dbname=shop#large'
	assert_equal "$output:$stderr" $'id\n2500:'
	sql shop "drop table large"
}

@test "a name without its schema: the one table of that name" {
	run --separate-stderr dbm-linecount -b 'pg:dbname=shop#orders'
	assert_equal "$status:$output:$stderr" 0:1000:
	run --separate-stderr dbm-preview 'pg:dbname=shop#customers'
	assert_equal "$status:$output" 4:
	assert_regex "$stderr" '^dbm-preview: pg:dbname=shop#customers: .*(other\.customers, public\.customers|public\.customers, other\.customers)$'
	run --separate-stderr dbm-preview 'pg:dbname=shop#nothere'
	assert_equal "$status:$output" 4:
	assert_regex "$stderr" '^dbm-preview: pg:dbname=shop#nothere: no such table: it has .*public\.orders'
	# What is listed is as it has to be written behind the #, and no more than a few.
	sql postgres 'create database many'
	sql_file many >/dev/null <<'END'
		select format('create schema s%s create table "a b#c.d"()', i) from generate_series(1, 12) i \gexec
END
	run --separate-stderr dbm-preview 'pg:dbname=many#a b%23c.d'
	assert_regex "$stderr" 'is in more than one schema: s1\.a%20b%23c%2Ed, s10\.[^,]*(, [^,]*){6} …$'
	run --separate-stderr dbm-preview 'pg:dbname=many#s1.a%20b%23c%2Ed'
	assert_success
}

@test "counts: exact, of a view, at least, from statistics, newlines of a column" {
	run --separate-stderr dbm-linecount -b 'pg:dbname=shop#public.orders' 'pg:dbname=shop#recent'
	assert_equal "$status:$output" "0:1000
10"
	run --separate-stderr dbm-linecount --at-least 100 'pg:dbname=shop#public.orders'
	assert_success
	assert_output --regexp $'#public.orders\t[0-9]+\t\\\\N\t\\\\N\t(at-least|exact)\t'
	log_mark
	run --separate-stderr dbm-linecount --no-cache -e 'pg:dbname=shop#public.orders'
	assert_success
	analyzed=$(sql shop "select to_char(last_analyze at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from pg_stat_all_tables where relname = 'orders'")
	assert_output --regexp $'#public.orders\t1000\t\\\\N\t\\\\N\testimate\t.*\t'"$analyzed"'$'
	assert_equal "$(logged | grep -ciE 'execute.*count\(\*\)')" 0
	run --separate-stderr dbm-linecount --lines-of note -f json 'pg:dbname=shop#public.customers'
	assert_success
	assert_output --partial '"records":3,"lines":1,'
}

@test "a sample, by TABLESAMPLE where the table is large, which is said; the last rows" {
	sql shop 'create table large as select g as id from generate_series(1, 50000) g; analyze large'
	log_mark
	run --separate-stderr dbm-preview --sample -n 5 'pg:dbname=shop#public.large'
	assert_success
	assert_equal "$(echo "$output" | wc -l)" 6
	assert_regex "$stderr" TABLESAMPLE
	assert_equal "$(logged | grep -c 'TABLESAMPLE pg_catalog.system')" 1
	sql shop 'drop table large'
	run --separate-stderr dbm-preview --sample -n 5 'pg:dbname=shop#public.orders'
	assert_success
	assert_equal "$(echo "$output" | wc -l):$stderr" 6:
	run --separate-stderr dbm-preview --tail -n 2 -c id 'pg:dbname=shop#public.orders'
	assert_success
	assert_output $'id\n999\n1000'
	# What the index of a key only carries along may have no order.
	sql shop "create table carried(id int, doc json, primary key (id) include (doc)); insert into carried values (1, '{}'), (2, '[]')"
	run --separate-stderr dbm-preview --tail -n 1 'pg:dbname=shop#public.carried'
	assert_equal "$status:$output" $'0:id,doc\n2,[]'
	sql shop 'drop table carried'
}

@test "a profile: exact by a scan, or from the statistics" {
	run --separate-stderr dbm-profile -f json --exact 'pg:dbname=shop#public.orders'
	assert_success
	assert_equal "$(echo "$output" | wc -l)" 3
	log_mark
	run --separate-stderr dbm-profile -f json 'pg:dbname=shop#public.orders'
	assert_success
	assert_equal "$(echo "$output" | wc -l)" 3
	# From pg_stats for nothing: no table is read.
	assert_equal "$(logged | grep -cE 'execute.*"orders"')" 0
}

@test "all forms of reference lead to the same server, and come back" {
	for database in pg:dbname=shop "pg:host=$SERVER dbname=shop user=postgres" "postgresql:///shop" "postgres://postgres@/shop?host=${SERVER//\//%2F}"; do
		run --separate-stderr dbm-list -m 'public.orders' "$database"
		assert_success
		assert_equal "${lines[0]#*#}" $'public.orders\ttable\t1000\t\\N\t\\N'
		run --separate-stderr dbm-linecount -b - <<<"${output%%$'\t'*}"
		assert_equal "$status:$output:$stderr" 0:1000:
	done
	mkdir -p "$HOME"
	printf '[the_shop]\nhost=%s\nuser=postgres\ndbname=shop\n' "$SERVER" >"$HOME/.pg_service.conf"
	unset PGHOST PGUSER
	run --separate-stderr dbm-linecount -b 'pg:service=the_shop#public.orders'
	assert_equal "$status:$output:$stderr" 0:1000:
}

@test "a program given a database does each of its tables, and one that fails alone fails" {
	run --separate-stderr dbm-linecount -b pg:dbname=shop
	assert_failure 3
	assert_output $'0\n0\n3\n1000\n10\n3'
	assert_equal "$(echo "$stderr" | wc -l)" 1
	assert_regex "$stderr" '^dbm-linecount: pg:dbname=shop#public\.far: '
}

@test "types and values" {
	sql shop "create table types(a smallint, b real, c double precision, d numeric, e boolean, f date, g timestamp, h timestamptz, i bytea, j jsonb,
		k int[], l uuid, m interval, n inet, o xml)"
	sql shop "insert into types values (-1, 0.5, 'NaN', 'NaN', true, '2024-02-03', '2024-02-03 04:05:06', '2024-02-03 04:05:06.7+02', '\\x00ff', '{\"a\": [1, null]}',
		'{1,NULL,3}', '00000000-0000-0000-0000-000000000001', '1 day 2 hours', '10.0.0.1/8', '<a/>'),
		(null, 'Infinity', '-Infinity', 12345678901234567890.123, false, 'infinity', '-infinity', 'infinity', '', 'null', '{}', null, null, null, null)"
	run --separate-stderr dbm-preview -f json 'pg:dbname=shop#public.types'
	assert_success
	row=${lines[0]}
	for cell in '"a":-1' '"b":0.5' '"c":"NaN"' '"d":"NaN"' '"e":true' '"f":"2024-02-03"' '"g":"2024-02-03T04:05:06"' '"h":"2024-02-03T02:05:06.7Z"' \
		'"i":{"b64":"AP8="}' '"j":"{\"a\": [1, null]}"' '"k":"{1,NULL,3}"' '"l":"00000000-0000-0000-0000-000000000001"' \
		'"m":"1 day 02:00:00"' '"n":"10.0.0.1/8"' '"o":"<a/>"'; do
		[[ $row == *"$cell"[,}]* ]] || { echo "$cell is not in $row"; false; }
	done
	row=${lines[1]}
	for cell in '"a":null' '"b":"Infinity"' '"c":"-Infinity"' '"d":12345678901234567890.123' '"e":false' '"f":"infinity"' '"g":"-infinity"' '"h":"infinity"' \
		'"j":"null"' '"k":"{}"' '"l":null'; do
		[[ $row == *"$cell"[,}]* ]] || { echo "$cell is not in $row"; false; }
	done
	# A domain is what it is made of, also through another one.
	sql shop "create domain when_ as timestamptz; create domain since as when_ not null; create domain few as smallint; create domain fewer as few check (value < 9);
		create domain price as numeric(6,2); create domain low as price; create table domains(a since, b fewer, c low); insert into domains values ('2024-02-03', 1, 2)"
	run --separate-stderr dbm-preview -f json 'pg:dbname=shop#public.domains'
	assert_output --partial '{"a":"2024-02-03T00:00:00Z","b":1,"c":2.00}'
	sql shop 'drop table domains'
	run --separate-stderr dbm-preview --columns -f tsv 'pg:dbname=shop#public.types'
	assert_success
	sql shop 'drop table types'
}

@test "a write through any reading path is refused by the transaction itself" {
	sql shop "create table written(at int)
		; create function writes() returns int language plpgsql as \$\$ begin insert into public.written values (1); return 1; end \$\$
		; create view trap as select writes() as a from generate_series(1, 3)
		; create view drops as select public.writes() as a where false or public.writes() = 1"
	for look in dbm-preview 'dbm-preview --sample' 'dbm-preview --tail' 'dbm-linecount --lines-of a' 'dbm-profile' 'dbm-profile --exact'; do
		run --separate-stderr $look 'pg:dbname=shop#public.trap'
		assert_failure
		assert [ "$(grep -c 1 <<<"$output")" = 0 ]
		assert_regex "$stderr" 'read-only transaction'
	done
	run --separate-stderr dbm-linecount 'pg:dbname=shop#public.drops'
	assert_failure 4
	assert_regex "$stderr" 'read-only transaction'
	assert_equal "$(sql shop 'select count(*) from written')" 0
	sql shop 'drop view trap, drops; drop function writes; drop table written'
}

@test "names of every kind are listed, previewed, counted, and come back as references" {
	python3 - >names.sql <<'END'
names = ['quote"double', "quote'single", 'dot.dot', 'hash#hash', 'per%cent', 'per%41cent', 'semi;colon', 'new\nline', 'tab\tab', 'back\\slash',
         ' lead', 'trail ', 'UPPER', 'select', 'com,ma', '\x1b[31mred', 'ü' * 31 + 'x', '…', '--', '/*', "Robert'); DROP TABLE students;--", '$1', '@at', '{"ref":1}']
quoted = lambda name: '"' + name.replace('"', '""') + '"'
for name in names:
    print(f'create table {quoted(name)}({quoted(name)} int, b int); insert into {quoted(name)} values (7, 8), (7, 9);')
print('create schema "s#.%""1"; create table "s#.%""1"."t#.%""1"("c#.%""1" int, b int); insert into "s#.%""1"."t#.%""1" values (7, 8), (7, 9);')
END
	database nasty <names.sql
	run --separate-stderr dbm-list pg:dbname=nasty
	assert_success
	assert_equal "$(echo "$output" | wc -l)" 25
	echo "$output" >list
	run --separate-stderr dbm-linecount -b - <list
	assert_equal "$status:$stderr" 0:
	assert_equal "$(echo "$output" | sort | uniq -c | tr -s ' ')" ' 25 2'
	cut -f1 list | while read -r ref; do
		run --separate-stderr dbm-linecount "$ref"
		assert_equal "$status:$stderr" 0:
		assert_equal "${output%%$'\t'*}" "$ref"
		run --separate-stderr dbm-preview -f json "$ref"
		assert_equal "$status:$stderr" 0:
		assert_equal "$(grep -c ':7,"b":[89]}' <<<"$output")" 2
		run --separate-stderr dbm-preview -c 1 "$ref"
		assert_equal "$status:$stderr" 0:
		assert_equal "$(grep -cx 7 <<<"$output")" 2
		run --separate-stderr dbm-list -k column "$ref"
		assert_equal "$status:$stderr" 0:
		assert_equal "$(wc -l <<<"$output")" 2
		assert_equal "${output%%$'\t'*}" "$ref"
	done
	# No byte of a name acts on a terminal.
	run --separate-stderr dbm-list -f table pg:dbname=nasty
	refute_output --partial $'\e['
}

@test "a database without an encoding: bytes that are no UTF-8, in names and values" {
	sql postgres "create database bytes template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'"
	printf 'create table "na\xefve"("c\xe9" text); insert into "na\xefve" values (E'"'\\\\xe9 ok'"');' | PGCLIENTENCODING=SQL_ASCII sql_file bytes
	run --separate-stderr dbm-list pg:dbname=bytes
	assert_equal "$status:${output%%$'\t'*}" '0:pg:dbname=bytes#public.na%EFve'
	run --separate-stderr dbm-preview 'pg:dbname=bytes#public.na%EFve'
	assert_equal "$status:$output" "0:$(printf 'c\xe9\n\xe9 ok')"
	run --separate-stderr dbm-preview -c 'c%E9' 'pg:dbname=bytes#public.na%EFve'
	assert_equal "$status:$output" "0:$(printf 'c\xe9\n\xe9 ok')"
}

@test "a planted search path traps nobody" {
	database trapped <"$TOP/tests/pg/trap.sql"
	sql trapped "alter role stranger in database trapped set search_path = '\$user', public; grant select on all tables in schema public to stranger
		; create table public.t(id int primary key, n name, a int[]); insert into t values (1, 'x', '{1,2}'); grant select on t to stranger; analyze"
	for user in postgres stranger; do
		export PGUSER=$user
		for look in 'dbm-list -a' 'dbm-list -l' 'dbm-list -k index' 'dbm-list -k fk' 'dbm-list -k column' dbm-preview 'dbm-preview --sample' 'dbm-preview --tail' \
			'dbm-preview --columns' dbm-linecount 'dbm-linecount -e' 'dbm-linecount --lines-of 1' dbm-profile 'dbm-profile --exact'; do
			run --separate-stderr $look --no-cache pg:dbname=trapped
			case $look in
			dbm-list*) assert_success ;;
			*) [ "$status" = 0 ] || [ "$status" = 3 ] || { echo "$look: $status: $stderr" && false; } ;;
			esac
		done
	done
	assert_equal "$(sql trapped 'select * from public.trapped')" ''
	run --separate-stderr dbm-linecount -b "pg:dbname=trapped#Robert'); DROP TABLE students;--"
	assert_equal "$output" 2
}

@test "what one role may see is not what is kept for another" {
	sql shop "create table secret(owner text, v int); insert into secret values ('stranger', 1), ('postgres', 2), ('postgres', 3)
		; alter table secret enable row level security; create policy own on secret using (owner = current_user); grant select on secret to stranger"
	for look in 'dbm-linecount -b' 'dbm-preview -c v'; do
		run --separate-stderr $look 'pg:dbname=shop#public.secret'
		assert_success
		all=$output
		PGUSER=stranger run --separate-stderr $look 'pg:dbname=shop#public.secret'
		assert_success
		refute [ "$output" = "$all" ]
		own=$output
		run --separate-stderr $look 'pg:dbname=shop user=stranger#public.secret'
		assert_output "$own"
		run --separate-stderr $look 'pg:dbname=shop#public.secret'
		assert_output "$all"
	done
	sql shop 'drop table secret'
}

@test "a database in another encoding" {
	sql postgres "create database latin1 template template0 encoding 'LATIN1'"
	sql_file latin1 <<<"set client_encoding = 'UTF8'; create table \"tür\"(a text); insert into \"tür\" values ('café')"
	run --separate-stderr dbm-preview pg:dbname=latin1#tür
	assert_equal "$status:$output:$stderr" $'0:a\ncafé:'
	run --separate-stderr dbm-list pg:dbname=latin1
	assert_output --regexp $'^pg:dbname=latin1#public\\.tür\t'
}

@test "somebody's casts, operators and output are not run for a value to be shown" {
	database casts <<'END'
		create table ran(what text);
		create type pair as (a int, b int);
		create function shown(pair) returns text language plpgsql security definer as $$ begin insert into public.ran values ('cast'); return 'shown'; end $$;
		create cast (pair as text) with function shown(pair) as implicit;
		create type mood as enum ('sad', 'glad');
		create function shown(mood) returns text language plpgsql security definer as $$ begin insert into public.ran values ('cast'); return 'shown'; end $$;
		create cast (mood as text) with function shown(mood) as implicit;
		create function less(mood, mood) returns boolean language plpgsql security definer as $$ begin insert into public.ran values ('<'); return true; end $$;
		create operator public.< (leftarg = mood, rightarg = mood, function = less);
		create domain short as text check (length(value) < 10);
		create table t(p pair, m mood primary key, s short, ps pair[]);
		insert into t values ('(1,2)', 'sad', 'short', '{"(3,4)"}'), (null, 'glad', null, null);
		analyze t;
END
	for look in 'dbm-preview -f json' 'dbm-preview -f json --width 5' 'dbm-preview -f json --tail' 'dbm-preview -f json --sample' 'dbm-linecount --lines-of p' 'dbm-linecount --lines-of m' \
		'dbm-profile' 'dbm-profile --exact'; do
		run --separate-stderr $look --no-cache pg:dbname=casts#t
		assert_success
	done
	run --separate-stderr dbm-preview -f json pg:dbname=casts#t
	assert_line --partial '"row":{"p":"(1,2)","m":"sad","s":"short","ps":"{\"(3,4)\"}"}'
	assert_equal "$(sql casts 'select * from ran')" ''
}

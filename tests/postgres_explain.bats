# dbm-index --explain on PostgreSQL: plans, verdicts, and advice that the server's own plans bear out.

load helper
load pg/helper

setup_file() { pg_begin; }
teardown_file() { pg_end; }

# items: 20000 rows, of which a few are alike; statistics are there.
shop() {
	database "$1" <<-'SQL'
		create table items(id int primary key, code int, name text collate "en-x-icu", ref varchar(20) collate "en-x-icu", q int);
		create table tiny(a int);
		insert into tiny values (1);
		insert into items select i, i, 'name' || i, i, i % 7 from generate_series(1, 20000) i;
		create index items_name on items(name);
		analyze;
	SQL
}

# explained DATABASE FIELDS SQL
explained() { dbm-index -q --no-cache --explain "$3" "postgresql:///$1" | cut -f "$2" | tr '\t' '|'; }
# first DATABASE SQL: how its table is read.
first() { explained "$1" 4,6 "$2" | grep -E '^(scan|search)' | head -1; }
says() { assert_equal "$(explained "$1" 11 "$2" | head -1)" "$3"; }

@test "plans, verdicts and what cannot be known" {
	shop plans
	run explained plans 4-6,8 'select * from items where id = 3'
	assert_line --partial 'search|public.items|items_pkey|ok'
	assert_line --partial 'search|public.items|items_pkey|ok'
	run dbm-index -q --no-cache --explain 'select * from items where code = 3' postgresql:///plans
	assert_equal "$status" 1
	assert_output --partial 'scan	public.items'
	for sql in 'select * from tiny' 'select * from items limit 10' 'select 1' 'select * from items where id = 3'; do
		run dbm-index -q --no-cache --explain "$sql" postgresql:///plans
		assert_equal "$status $sql" "0 $sql"
	done
	printf 'items (code)\n' >want
	run --separate-stderr dbm-index --no-cache --want want --explain 'select * from items where code = 3' postgresql:///plans
	assert_equal "$status" 1
	assert_equal "$stderr" 'dbm-index: postgresql:///plans: what it would do with the indexes of --want is not known: PostgreSQL cannot tell what it would do with an index without making it'
	# Nothing is run, and nothing is wrong with those beside one that is.
	run --separate-stderr dbm-index -q --no-cache --explain 'delete from items; select * form items; update tiny set a = 3' postgresql:///plans
	assert_equal "$status" 3
	assert_equal "$stderr" 'dbm-index: postgresql:///plans: query 2: syntax error at or near "form"'
	assert_equal "$(sql plans 'select count(*) from items')" 20000
	assert_equal "$(sql plans 'select a from tiny')" 1
}

@test "LIKE 'abc%' needs the operators for patterns, or the collation C" {
	shop patterns
	local sql="select * from items where name like 'name123%'"
	says patterns "$sql" "LIKE 'name123%' is searched by a btree index only where that has the collation C or the operators for patterns: public.items (name text_pattern_ops)"
	assert_equal "$(first patterns "$sql")" 'scan|\N'
	sql patterns 'create index by_pattern on items(name text_pattern_ops)'
	assert_equal "$(first patterns "$sql")" 'search|by_pattern'
	sql patterns 'drop index by_pattern; create index by_c on items(name collate "C")'
	assert_equal "$(first patterns "$sql")" 'search|by_c'
	sql="select * from items where ref like '123%'"
	says patterns "$sql" "LIKE '123%' is searched by a btree index only where that has the collation C or the operators for patterns: public.items (ref text_pattern_ops)"
	sql patterns 'create index by_ref on items(ref)'
	assert_equal "$(first patterns "$sql")" 'scan|\N'
	sql patterns 'create index by_ref_pattern on items(ref text_pattern_ops)'
	assert_equal "$(first patterns "$sql")" 'search|by_ref_pattern'
}

@test "LIKE '%abc%' is searched by pg_trgm alone" {
	shop anywhere
	local sql="select * from items where name like '%me1234%'"
	says anywhere "$sql" "LIKE '%me1234%' may begin with anything: no btree index of name is searched for it, but one of pg_trgm (gin, gin_trgm_ops) is"
	sql anywhere 'create index by_pattern on items(name text_pattern_ops); set enable_seqscan = off'
	assert_equal "$(first anywhere "$sql")" 'scan|\N'
	sql anywhere 'create extension pg_trgm; create index by_trigram on items using gin (name gin_trgm_ops)'
	assert_equal "$(first anywhere "$sql")" 'search|by_trigram'
}

@test "an expression, what is unequal, and LIMIT" {
	shop others
	says others "select * from items where lower(name) = 'x'" 'an index of name is not sorted by lower(name): one of the expression itself can be searched, where that is immutable'
	sql others 'create index by_lower on items(lower(name)); analyze items'
	assert_equal "$(first others "select * from items where lower(name) = 'x'")" 'search|by_lower'
	says others 'select * from items where q <> 3' 'no index of q is searched for <>'
	says others 'select * from items limit 100' 'LIMIT 100 stops there in any case: an index gains nothing'
	# Which of its indexes it would choose is not known, and nothing said.
	says others 'select * from items where code = 3' '\N'
}

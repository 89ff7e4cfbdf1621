# What the helper of PostgreSQL says of indexes, foreign keys, schemas and plans: as dbm-source(7) has it, field by field, for every role
# and beside locks.  Whether the verdicts made of it are right is for postgres_indexes.py.
load helper
load pg/helper

setup_file() {
	pg_begin
	database facts <<'END'
		create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
		create extension citext;
		create schema "s.%";
		create table p(id int primary key, t text unique, c text collate ci unique);
		create table k(a int references p on delete cascade, b bigint, t varchar(9), c text references p(c), x citext, n numeric(9,2),
			constraint "two, keys" foreign key (t) references p(t) on update set null deferrable initially deferred, unique (b) include (a));
		alter table k add constraint late foreign key (a) references p not valid;
		create index plain on k (a desc, b nulls first);
		create index awkward on k (lower(t), (a + 1) desc nulls last, t collate "C" varchar_pattern_ops, x text_ops) include (n) where a is not null and t > 'x';
		create index hashed on k using hash (a);
		alter table k replica identity full;
		create table "s.%"."T #1"("ä,b" int not null, "q""q" int generated always as ("ä,b" * 2) stored);
		create unique index "I ""1" on "s.%"."T #1" ("ä,b") nulls not distinct;
		alter table "s.%"."T #1" replica identity using index "I ""1";
		create table parts(id int, at date, v text, r int references p, primary key (id, at)) partition by range (at);
		create index parts_v on parts (v);
		create table parts_1 partition of parts for values from ('2020-01-01') to ('2021-01-01');
		create table parts_2 partition of parts for values from ('2021-01-01') to ('2022-01-01') partition by hash (id);
		create table parts_21 partition of parts_2 for values with (modulus 1, remainder 0);
		insert into p select n, n, n from generate_series(1, 1000) n;
		insert into k select n, n, n from generate_series(1, 1000) n;
END
}
teardown_file() { pg_end; }

# ask OPERATION...: what the helper answers, as tests/pg/ask prints it.
ask() { "$PG/ask" "${DBM_BIN:-$TOP/bin}/../libexec/dbm-source-postgresql" "pg:dbname=${DATABASE-facts}" "$@"; }

@test "indexes: all that is to be known of them" {
	run ask indexes table=public.k
	assert_output - <<'END'
["public.k", "awkward", "(),(),t,x", "false", "index", "true", "CREATE INDEX awkward ON public.k USING btree (lower((t)::text), ((a + 1)) DESC NULLS LAST, t COLLATE \"C\" varchar_pattern_ops, x text_ops) INCLUDE (n) WHERE ((a IS NOT NULL) AND ((t)::text > 'x'::text))", "btree", "((a IS NOT NULL) AND ((t)::text > 'x'::text))", "true", "false", "false", null, null, null, null, null, "false"]
["public.k", "hashed", "a", "false", "index", "false", "CREATE INDEX hashed ON public.k USING hash (a)", "hash", null, "true", "false", "false", null, null, null, null, null, "false"]
["public.k", "k_b_a_key", "b", "true", "unique", "false", "CREATE UNIQUE INDEX k_b_a_key ON public.k USING btree (b) INCLUDE (a)", "btree", null, "true", "false", "false", null, null, null, null, null, "false"]
["public.k", "plain", "a,b", "false", "index", "false", "CREATE INDEX plain ON public.k USING btree (a DESC, b NULLS FIRST)", "btree", null, "true", "false", "false", null, null, null, null, null, "false"]
end 1
END
	run ask indexes 'table=s%2E%25.T #1'
	assert_line '["s%2E%25.T #1", "I \"1", "\u00c3\u00a4%2Cb", "true", "index", "false", "CREATE UNIQUE INDEX \"I \"\"1\" ON \"s.%\".\"T #1\" USING btree (\"\u00c3\u00a4,b\") NULLS NOT DISTINCT", "btree", null, "true", "false", "true", null, null, null, null, null, "false"]'
	run ask indexes table=public.p
	assert_line -p '"p_pkey", "id", "true", "primary key"'
	assert_equal "$(grep -c '"true", "false", "true", null, null, null, null, null, "false"\]$' <<<"$output")" 1 # the primary key identifies rows
}

@test "indexes of partitions: which they are part of; sizes and scans of a partitioned one are sums" {
	sql facts 'set enable_seqscan = off; set enable_bitmapscan = off; begin; select from parts_1 where v = $$1$$; select from parts_21 where v = $$1$$; select from parts_21 where v = $$2$$; commit' >/dev/null
	scanned() { ask indexes table=public.parts sizes | grep -q '"parts_v".*"3", "20'; }
	until_so scanned
	run ask indexes table=public.parts sizes leaves
	assert_line -e '"public.parts", "parts_v", .* null, null, "16384", "3", "20..-..-..T..:..:..Z", "false"\]$'
	assert_line -e '"public.parts_1", "parts_1_v_idx", .* "parts_v", "public.parts", "8192", "1", '
	assert_line -e '"public.parts_2", "parts_2_v_idx", .* "parts_v", "public.parts", null, null, '
	assert_line -e '"public.parts_21", "parts_21_v_idx", .* "parts_v", "public.parts", "8192", "2", '
	assert_line -e '"public.parts_21", "parts_21_pkey", .* "parts_pkey", "public.parts", "8192", "0", '
	assert_equal "$(grep -c '"public' <<<"$output")" 8
	# Without leaves those of the table alone; of all tables those of partitions only with them.
	assert_equal "$(ask indexes table=public.parts | grep -c public)" 2
	assert_equal "$(ask indexes | grep -c 'parts')" 2
	assert_equal "$(ask indexes leaves | grep -c 'parts')" 8
	for operation in tables columns index_keys foreign_keys foreign_key_columns; do
		assert_equal "$operation $(ask $operation table=public.parts leaves | grep -oE '"public.parts[_0-9]*"' | sort -u | wc -l)" "$operation 4"
		assert_equal "$operation $(ask $operation | grep -c '"public.parts_')" "$operation 0"
	done
}

@test "keys of indexes: expressions, order, collations, families and classes of operators" {
	run ask index_keys table=public.k
	assert_output - <<'END'
["public.k", "awkward", "1", null, "lower((t)::text)", "false", "false", "false", "default", null, "btree.pg_catalog.text_ops", null]
["public.k", "awkward", "2", null, "((a + 1))", "false", "true", "false", null, null, "btree.pg_catalog.integer_ops", null]
["public.k", "awkward", "3", "t", null, "false", "false", "false", "C", "true", "btree.pg_catalog.text_pattern_ops", "varchar_pattern_ops"]
["public.k", "awkward", "4", "x", null, "false", "false", "false", "default", "false", "btree.pg_catalog.text_ops", "text_ops"]
["public.k", "awkward", "5", "n", null, "true", null, null, null, null, null, null]
["public.k", "hashed", "1", "a", null, "false", "false", "false", null, "false", "hash.pg_catalog.integer_ops", null]
["public.k", "k_b_a_key", "1", "b", null, "false", "false", "false", null, "false", "btree.pg_catalog.integer_ops", null]
["public.k", "k_b_a_key", "2", "a", null, "true", null, null, null, null, null, null]
["public.k", "plain", "1", "a", null, "false", "true", "true", null, "false", "btree.pg_catalog.integer_ops", null]
["public.k", "plain", "2", "b", null, "false", "false", "true", null, "false", "btree.pg_catalog.integer_ops", null]
end 1
END
	run ask index_keys table=public.p
	assert_line '["public.p", "p_c_key", "1", "c", null, "false", "false", "false", "public.ci", "false", "btree.pg_catalog.text_ops", null]'
	# A class that does what the usual one does is the usual one, by whatever name.
	sql facts 'create table v(a varchar(9), b citext, "d.o%t" text collate "C.utf8"); create index v1 on v (a varchar_ops, b, "d.o%t")'
	run ask index_keys table=public.v
	assert_output - <<'END'
["public.v", "v1", "1", "a", null, "false", "false", "false", "default", "false", "btree.pg_catalog.text_ops", null]
["public.v", "v1", "2", "b", null, "false", "false", "false", "default", "false", "btree.public.citext_ops", null]
["public.v", "v1", "3", "d.o%t", null, "false", "false", "false", "C%2Eutf8", "false", "btree.pg_catalog.text_ops", null]
end 1
END
	sql facts 'drop table v'
}

@test "foreign keys: numbers, whether rows were looked at, whose they are" {
	run ask foreign_keys table=public.k
	assert_output - <<'END'
["public.k", "k_a_fkey", "a", "public.p", "id", "NO ACTION", "CASCADE", "1", "true", "true", "true", null]
["public.k", "k_c_fkey", "c", "public.p", "c", "NO ACTION", "NO ACTION", "2", "true", "true", "true", null]
["public.k", "late", "a", "public.p", "id", "NO ACTION", "NO ACTION", "3", "true", "true", "false", null]
["public.k", "two, keys", "t", "public.p", "t", "SET NULL", "NO ACTION", "4", "true", "true", "true", null]
end 1
END
	run ask foreign_key_columns table=public.k
	integers='btree%2Epg_catalog%2Einteger_ops,hash%2Epg_catalog%2Einteger_ops'
	texts='btree%2Epg_catalog%2Etext_ops,btree%2Epg_catalog%2Etext_pattern_ops,hash%2Epg_catalog%2Etext_ops,hash%2Epg_catalog%2Etext_pattern_ops'
	assert_output - <<END
["public.k", "1", "1", "a", "id", null, "$integers", "false"]
["public.k", "2", "1", "c", "c", "public.ci", "$texts", "true"]
["public.k", "3", "1", "a", "id", null, "$integers", "false"]
["public.k", "4", "1", "t", "t", "default", "$texts", "false"]
end 1
END
	run ask foreign_keys leaves
	assert_line '["public.parts", "parts_r_fkey", "r", "public.p", "id", "NO ACTION", "NO ACTION", "1", "true", "true", "true", null]'
	for part in 1 2 21; do
		assert_line "[\"public.parts_$part\", \"parts_r_fkey\", \"r\", \"public.p\", \"id\", \"NO ACTION\", \"NO ACTION\", \"1\", \"true\", \"true\", \"true\", \"public.parts\"]"
	done
}

@test "a key to a partitioned table is one, and so is that of each partition of its own table" {
	sql facts 'create table far(id int, at date, foreign key (at, id) references parts(at, id)) partition by list (id)
		; create table far_1 partition of far for values in (1); create table far_2 partition of far default'
	assert_equal "$(ask foreign_keys leaves | grep -c '"public.far')" 3
	assert_equal "$(ask foreign_key_columns leaves | grep '"public.far' | cut -d, -f1-5)" '["public.far", "1", "1", "at", "at"
["public.far", "1", "2", "id", "id"
["public.far_1", "1", "1", "at", "at"
["public.far_1", "1", "2", "id", "id"
["public.far_2", "1", "1", "at", "at"
["public.far_2", "1", "2", "id", "id"'
	assert_equal "$(ask schema table=public.far | grep -c '"foreign key"'):$(ask schema table=public.far_1 | grep -c '"foreign key"')" 1:0
	sql facts 'drop table far'
}

@test "a role without any rights sees the same" {
	for operation in 'indexes leaves sizes' 'index_keys leaves' 'foreign_keys leaves' 'foreign_key_columns leaves' 'tables leaves' schema; do
		mine=$(ask $operation)
		assert [ "$(wc -l <<<"$mine")" -gt 5 ]
		assert_equal "$(PGUSER=stranger ask $operation)" "$mine"
	done
}

@test "what nobody may read now is on all lists, without what takes a lock, and nobody waits" {
	sql facts 'create view seen as select k.a from k; create table beside(a int check (a > 0)); create index on beside (a)
		; create table partly(r int references p); create index on partly (r) where r is not null'
	ask schema >before
	mkfifo hold
	psql -XqAt facts <hold >held 2>&1 3>&- &
	exec 9>hold
	echo "begin; lock k, parts_21, partly, \"s.%\".\"T #1\" in access exclusive mode; select 'held';" >&9
	held() { grep -q held held; }
	until_so held
	for operation in 'indexes leaves sizes' 'index_keys leaves' 'foreign_keys leaves' 'foreign_key_columns leaves' schema; do
		run ask $operation
		assert_success
		assert_line 'end 1'
	done
	assert_line '["public.beside", "index", "beside_a_idx", null, "btree (a)"]'
	assert_line '["public.k", "index", "plain", null, null]'
	assert_line '["public.k", "foreign key", "late", null, "FOREIGN KEY (a) REFERENCES public.p(id) NOT VALID"]'
	assert_line '["public.seen", "view", null, null, null]'
	assert_line '["s%2E%25.T #1", "column", "q\"q", "2", null]'
	assert_equal "$(wc -l <<<"$output")" "$(wc -l <before)"
	run ask indexes leaves sizes
	assert_line -e '"public.k", "awkward", .* "true", null, "btree", null, "true", "false", "false", null, null, null, null, "20'
	assert_line -e '"public.parts", "parts_v", .* null, null, null, null, "20'
	assert_line -e '"public.parts_1", "parts_1_v_idx", .* "8192", "[01]", "20'
	assert_line -e '"public.beside", "beside_a_idx", .*, "CREATE INDEX beside_a_idx .*"8192", "0", '
	assert_equal "$(ask index_keys table=public.k | grep -c 'null, null, "false"')" 2
	# A lock makes no finding: all that is known of the partial index is that there is one.
	run --separate-stderr dbm-index --check=fk --no-cache pg:dbname=facts
	assert_equal "$status:$stderr:$(grep -c partly <<<"$output")" 1::0
	echo 'commit;' >&9
	exec 9>&-
	unlocked() { [ "$(ask schema)" = "$(cat before)" ]; }
	until_so unlocked
	sql facts 'drop view seen; drop table beside, partly'
}

@test "an index that somebody makes now, and one that nobody finishes any more" {
	sql facts 'create table busy(a int); insert into busy values (1), (1)'
	run sql facts 'create unique index concurrently left_over on busy (a)'
	assert_failure
	mkfifo hold
	psql -XqAt facts <hold >held 2>&1 3>&- &
	exec 9>hold
	echo "begin isolation level repeatable read; insert into busy values (2); select 'held';" >&9
	held() { grep -q held held; }
	until_so held
	PGAPPNAME=maker psql -XqAt facts -c 'create index concurrently being_made on busy (a)' 3>&- &
	making() { ask indexes table=public.busy | grep -q being_made; }
	until_so making
	for user in postgres stranger; do
		PGUSER=$user run ask indexes table=public.busy
		assert_line -e '"being_made", .*, "btree", null, "false", "true", "false"'
	done
	# Who made it is not told to a stranger: that somebody is at the table is all there is.
	run ask indexes table=public.busy
	assert_line -e '"left_over", .*, "btree", null, "false", "false", "false"'
	echo 'commit;' >&9
	exec 9>&-
	made() { ask indexes table=public.busy | grep -q '"being_made".*"btree", null, "true", "false"'; }
	until_so made
	assert_line -e '"left_over", .*, "btree", null, "false", "false", "false"'
	assert_equal "$(ask schema table=public.busy | grep invalid)" '["public.busy", "index", "left_over", null, "unique btree (a), invalid"]'
	sql facts 'drop table busy'
}

@test "counters begin when they were set back, by whoever, and when the server lost them" {
	since() { ask indexes table=public.p sizes | sed -n '1s/.*, "\(20[^"]*\)", "false"\]$/\1/p'; }
	first=$(since)
	refute [ "$first" = '' ]
	assert_equal "$(sql facts "select to_char(stats_reset at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from pg_stat_archiver")" "$first"
	# Of one kind of the server's counters: nothing to these.
	sleep 1.1
	sql facts "select pg_stat_reset_shared('bgwriter')" >/dev/null
	assert_equal "$(since)" "$first"
	sql facts 'select pg_stat_reset()' >/dev/null
	second=$(since)
	assert [ "$second" \> "$first" ]
	sleep 1.1
	"$PG/server" stop "$SERVER" immediate
	"$PG/server" again "$SERVER" >/dev/null
	assert [ "$(since)" \> "$second" ]
}

@test "a schema, line by line" {
	run ask schema table=public.k
	assert_output - <<'END'
["public.k", "column", "a", "1", "integer"]
["public.k", "column", "b", "2", "bigint"]
["public.k", "column", "c", "4", "text"]
["public.k", "column", "n", "6", "numeric(9,2)"]
["public.k", "column", "t", "3", "character varying(9)"]
["public.k", "column", "x", "5", "public.citext"]
["public.k", "foreign key", "k_a_fkey", null, "FOREIGN KEY (a) REFERENCES public.p(id) ON DELETE CASCADE"]
["public.k", "foreign key", "k_c_fkey", null, "FOREIGN KEY (c) REFERENCES public.p(c)"]
["public.k", "foreign key", "late", null, "FOREIGN KEY (a) REFERENCES public.p(id) NOT VALID"]
["public.k", "foreign key", "two, keys", null, "FOREIGN KEY (t) REFERENCES public.p(t) ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED"]
["public.k", "index", "awkward", null, "btree (lower((t)::text), ((a + 1)) DESC NULLS LAST, t COLLATE \"C\" varchar_pattern_ops, x text_ops) INCLUDE (n) WHERE ((a IS NOT NULL) AND ((t)::text > 'x'::text))"]
["public.k", "index", "hashed", null, "hash (a)"]
["public.k", "index", "plain", null, "btree (a DESC, b NULLS FIRST)"]
["public.k", "table", null, null, "table, replica identity full"]
["public.k", "unique", "k_b_a_key", null, "UNIQUE (b) INCLUDE (a)"]
end 1
END
	database kinds <<'END'
		create schema "s ""1"; create function f() returns trigger language plpgsql as 'begin return new; end';
		create table parent(id int generated always as identity primary key, e text default E'a\nb' collate "C", d int not null default 7 check (d > 0));
		create unlogged table "s ""1"."t ON x USING y"(a int unique, b int generated always as (a + 1) stored, c serial, exclude (a with =)) inherits (parent);
		create unique index "i USING btree" on "s ""1"."t ON x USING y" (b) where a > 1;
		alter table parent enable row level security, force row level security;
		create trigger "tr 1" before insert or update of d on parent for each row when (new.d > 3) execute function f(); alter table parent disable trigger "tr 1";
		create constraint trigger tr2 after insert on parent deferrable for each row execute function f();
		create view v with (security_barrier) as select id, e as "E e" from parent where e = 'two
lines' or d > 1; create materialized view mv as select 1 as one; create unique index on mv (one);
		create table r(a int, b text) partition by list (lower(b)); create table r1 partition of r for values in ('x', 'y') partition by range (a, b);
		create table r11 partition of r1 default; create index r_a on r (a); create trigger tr3 after insert on r for each row execute function f();
		create foreign data wrapper w; create server "s 1" foreign data wrapper w; create foreign table ft(a int) server "s 1" options (x 'y');
		create publication few for table only parent (id, d) where (d > 3), r with (publish = 'insert, update', publish_via_partition_root);
		create publication everything for all tables; create publication schemas for tables in schema public;
END
	DATABASE=kinds run ask schema
	assert_output - <<'END'
["public.ft", "column", "a", "1", "integer"]
["public.ft", "table", null, null, "foreign table server \"s 1\" options (x=y)"]
["public.mv", "column", "one", "1", "integer"]
["public.mv", "index", "mv_one_idx", null, "unique btree (one)"]
["public.mv", "materialized view", null, null, "SELECT 1 AS one"]
["public.parent", "check", "parent_d_check", null, "CHECK ((d > 0))"]
["public.parent", "column", "d", "3", "integer NOT NULL DEFAULT 7"]
["public.parent", "column", "e", "2", "text COLLATE \"C\" DEFAULT 'a\\nb'::text"]
["public.parent", "column", "id", "1", "integer NOT NULL GENERATED ALWAYS AS IDENTITY"]
["public.parent", "primary key", "parent_pkey", null, "PRIMARY KEY (id)"]
["public.parent", "publication", "everything", null, "all tables: insert, update, delete, truncate"]
["public.parent", "publication", "few", null, "table: insert, update, via root (id, d) where (d > 3)"]
["public.parent", "publication", "schemas", null, "schema: insert, update, delete, truncate"]
["public.parent", "table", null, null, "table, row security, row security forced"]
["public.parent", "trigger", "tr 1", null, "BEFORE INSERT OR UPDATE OF d ON public.parent FOR EACH ROW WHEN ((new.d > 3)) EXECUTE FUNCTION public.f(), disabled"]
["public.parent", "trigger", "tr2", null, "AFTER INSERT ON public.parent DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION public.f()"]
["public.r", "column", "a", "1", "integer"]
["public.r", "column", "b", "2", "text"]
["public.r", "index", "r_a", null, "btree (a)"]
["public.r", "publication", "everything", null, "all tables: insert, update, delete, truncate"]
["public.r", "publication", "few", null, "table: insert, update, via root"]
["public.r", "publication", "schemas", null, "schema: insert, update, delete, truncate"]
["public.r", "table", null, null, "partitioned table by LIST (lower(b))"]
["public.r", "trigger", "tr3", null, "AFTER INSERT ON public.r FOR EACH ROW EXECUTE FUNCTION public.f()"]
["public.r1", "column", "a", "1", "integer"]
["public.r1", "column", "b", "2", "text"]
["public.r1", "publication", "everything", null, "all tables: insert, update, delete, truncate"]
["public.r1", "publication", "schemas", null, "schema: insert, update, delete, truncate"]
["public.r1", "table", null, null, "partition of public.r FOR VALUES IN ('x', 'y') by RANGE (a, b)"]
["public.r11", "column", "a", "1", "integer"]
["public.r11", "column", "b", "2", "text"]
["public.r11", "publication", "everything", null, "all tables: insert, update, delete, truncate"]
["public.r11", "publication", "schemas", null, "schema: insert, update, delete, truncate"]
["public.r11", "table", null, null, "partition of public.r1 DEFAULT"]
["public.v", "column", "E e", "2", "text COLLATE \"C\""]
["public.v", "column", "id", "1", "integer"]
["public.v", "view", null, null, "with (security_barrier=true) SELECT parent.id, parent.e AS \"E e\" FROM public.parent WHERE ((parent.e = 'two\\nlines'::text) OR (parent.d > 1))"]
["s \"1.t ON x USING y", "column", "a", "4", "integer"]
["s \"1.t ON x USING y", "column", "b", "5", "integer GENERATED ALWAYS AS ((a + 1)) STORED"]
["s \"1.t ON x USING y", "column", "c", "6", "integer NOT NULL DEFAULT nextval('\"s \"\"1\".\"t ON x USING y_c_seq\"'::regclass)"]
["s \"1.t ON x USING y", "column", "d", "3", "integer NOT NULL DEFAULT 7"]
["s \"1.t ON x USING y", "column", "e", "2", "text COLLATE \"C\" DEFAULT 'a\\nb'::text"]
["s \"1.t ON x USING y", "column", "id", "1", "integer NOT NULL"]
["s \"1.t ON x USING y", "exclusion", "t ON x USING y_a_excl", null, "EXCLUDE USING btree (a WITH =)"]
["s \"1.t ON x USING y", "index", "i USING btree", null, "unique btree (b) WHERE (a > 1)"]
["s \"1.t ON x USING y", "table", null, null, "unlogged table inherits (public.parent)"]
["s \"1.t ON x USING y", "unique", "t ON x USING y_a_key", null, "UNIQUE (a)"]
end 1
END
}

@test "the same schema, made in another order, by another role, and after much was dropped, is the same" {
	for name in one two; do database $name </dev/null; done
	{
		echo 'create role other login superuser; set role other; set search_path = public'
		echo '; create table c(gone int, x text, a int); alter table c drop x; alter table c add x text default $$y$$; alter table c drop gone'
		echo '; create index on c (a); create table a(id int); alter table a add primary key (id); alter table c add foreign key (a) references a(id)'
		echo '; alter table c add check (a > 1); create view v as select a.id, c.x from a join c on true; create publication p for table c, a'
	} | sql_file one
	{
		echo 'create table a(id int primary key); create table c(a int check (a > 1) references a, x text default $$y$$)'
		echo '; create publication p for table a, c; create index on c (a); create view v as select a.id, c.x from a cross join c'
	} | sql_file two
	sql two 'drop view v; create view v as select a.id, c.x from a join c on true'
	DATABASE=one ask schema >one
	DATABASE=two ask schema >two
	assert [ "$(wc -l <one)" -ge 13 ]
	assert_equal "$(diff one two)" ''
	sql postgres "alter database two set search_path = pg_catalog; alter database two set quote_all_identifiers = on; alter database two set datestyle = 'german'"
	assert_equal "$(DATABASE=two ask schema | diff one -)" ''
}

@test "all six questions about 500 tables: one connection, one round trip" {
	sql postgres 'create database many'
	sql many "do \$\$ begin for i in 1..500 loop execute format('create table t%s(id int primary key, r int references %s(id)); create index on t%s (r)', i, case when i = 1 then 't1' else 't' || i - 1 end, i); end loop; end \$\$"
	proxy counting --quiet 50
	export PGHOST=$WORLD/counting
	traced
	run --separate-stderr dbm-index --check=fk,dup,invalid pg:dbname=many
	assert_equal "$status:$output:$stderr" 0::
	assert_equal "$(counted counting connections):$(counted counting trips)" 1:2
	assert_equal "$(events connect):$(events exchange)" 1:1
}

@test "how a query would be answered: steps, tables, indexes; and nothing of it is run" {
	database plans <<'END'
		create table big(id int primary key, a int, b int, t text); insert into big select n, n % 1000, n % 7, 't' || n from generate_series(1, 50000) n;
		create index big_a on big (a); create index big_b on big (b) include (a); create schema "s.1"; create table "s.1"."t%" (id int);
		create table run(at int); create function runs() returns int language plpgsql as 'begin insert into public.run values (1); return 1; end';
		create table cut(id int primary key, v int) partition by range (id); create table cut_1 partition of cut for values from (0) to (10); vacuum analyze;
		create role planner login; create schema planner authorization planner; create table planner.big(only_his int); alter table planner.big owner to planner;
END
	export DATABASE=plans
	plan() { sql plans 'set max_parallel_workers_per_gather = 0' && ask explain "sql=$1"; }
	run plan 'select * from big where id = 3'
	assert_output $'["1", "0", "search", "public.big", "big_pkey", "false", "Index Scan; Index Cond: (big.id = 3)", "1"]\nend 1'
	run plan 'select * from big where a = 3 order by t'
	assert_output - <<'END'
["1", "0", "sort", null, null, null, "Sort; Sort Key: big.t", "50"]
["2", "1", "search", "public.big", "big_a", "false", "Bitmap Heap Scan", "50"]
["3", "2", "search", null, "big_a", null, "Bitmap Index Scan; Index Cond: (big.a = 3)", "50"]
end 1
END
	run plan 'select a from big where b = 1'
	assert_line -p '"search", "public.big", "big_b", "true", "Index Only Scan; Index Cond: (big.b = 1)"'
	run plan 'select * from big order by id limit 1'
	assert_line -p '["2", "1", "scan", "public.big", "big_pkey", "false", "Index Scan", '
	run plan "select * from big where t like 'a%'"
	assert_output -p '["1", "0", "scan", "public.big", null, "false", "Seq Scan; Filter: (big.t ~~ '"'a%'::text"')", '
	run plan 'select * from "s.1"."t%"'
	assert_output -p '"scan", "s%2E1.t%25", null, "false", "Seq Scan"'
	run plan 'select * from cut where id = 3'
	assert_output -p '"public.cut_1"'
	run plan "update big set t = 'x' where id = (select max(o.id) from \"s.1\".\"t%\" o)"
	assert_line -p '"other", null, null, null, "ModifyTable on big; Operation: Update"'
	assert_line -p 'InitPlan 1 (returns $0): Aggregate'
	# Nothing is run, whatever is asked.
	for what in 'select runs()' 'insert into run values (1) returning runs()' 'create table made as select runs()'; do
		run plan "$what"
		assert_line 'end 1'
	done
	run plan 'analyze select runs()'
	assert_output 'end 3 syntax error at or near "analyze"'
	run plan '(analyze) select runs()'
	assert_output -p 'end 3 syntax error'
	run plan 'select 1; select runs()'
	assert_output 'end 3 cannot insert multiple commands into a prepared statement'
	run plan 'do $$ begin perform runs(); end $$'
	assert_output -p 'end 3 syntax error'
	assert_equal "$(sql plans 'select count(*) from run'):$(sql plans "select to_regclass('made')")" 0:
	# Names are what the role would find by them.
	PGUSER=planner run plan 'select * from big'
	assert_output -p '"planner.big"'
	PGUSER=planner run plan 'select * from public.big'
	assert_output 'end 3 permission denied for table big'
	run plan 'select * from nowhere'
	assert_output 'end 3 relation "nowhere" does not exist'
	# What cannot be told.
	run plan 'select * from big where id = $1'
	assert_output 'end 3 a statement with parameters is explained from PostgreSQL 16 on: put values in their place'
	run plan "select 'a \$1', \$x\$ \$1 '\$x\$, \"t\" /* \$1 */ from big -- \$1"
	assert_line 'end 1'
	run ask explain 'sql=select 1' 'with=create index on big (t)'
	assert_output 'end 4 PostgreSQL cannot tell what it would do with an index without making it'
	run ask explain
	assert_output -p 'end 3'
	# What comes behind it is looked for as ever.
	run ask explain 'sql=select 1' -- indexes table=planner.big -- explain 'sql=select 2'
	assert_equal "$(grep -c 'end 1' <<<"$output")" 3
}

@test "a planted search path traps nobody who asks for facts" {
	database trapped <"$TOP/tests/pg/trap.sql"
	sql trapped "alter role stranger in database trapped set search_path = '\$user', public; create table public.t(id int primary key, n name, a int[] check (a[1] > 0))
		; create index on t (n) where id > 1; create view v as select n from t; create publication p for table t where (id > 1)"
	for user in postgres stranger; do
		export PGUSER=$user
		for operation in 'tables leaves sizes' 'indexes leaves sizes' 'indexes table=public.t leaves sizes' 'index_keys leaves' 'foreign_keys leaves' 'foreign_key_columns leaves' schema; do
			DATABASE=trapped run ask $operation
			assert_line 'end 1'
		done
	done
	assert_equal "$(PGUSER=postgres sql trapped 'select * from public.trapped')" ''
}

# examples/ci, as a CI job has it: a shell and a server.
load helper
load pg/helper

setup_file() { pg_begin; }
teardown_file() { pg_end; }

# A project whose migrations make what its schema says.
project() {
	mkdir -p db/migrations
	cat >db/migrations/001.sql <<-'END'
		create table customers(id int primary key, name text not null);
		create table orders(id int primary key, customer int references customers, note text default '100%');
	END
	echo 'create index orders_customer on orders (customer);' >db/migrations/002.sql
	cat db/migrations/*.sql >db/schema.sql
	echo '# nothing accepted yet' >db/accepted
}
job() { run --separate-stderr "$TOP/examples/ci" db/schema.sql db/migrations db/accepted; }

@test "a job passes, also twice; it fails where a foreign key has lost its index, and passes once that is accepted" {
	project
	job
	assert_equal "$status:$output:$stderr" 0::
	job
	assert_equal "$status:$output:$stderr" 0::
	# Somebody takes it out in both places.
	: >db/migrations/002.sql
	cat db/migrations/*.sql >db/schema.sql
	job
	assert_equal "$status:$stderr" 1:
	assert_output --regexp '^::error::pg:dbname=ci_schema#public\.orders: fk: missing: warning: customer: no index finds the rows that refer to a row of public\.customers: CREATE INDEX CONCURRENTLY "orders_customer_idx" ON "public"\."orders" \("customer"\): .*: orders_customer_fkey: [0-9a-f]{16}$'
	dbm-index --check=fk pg:dbname=ci_schema | awk -F '\t' '{print $NF "\t-\tcustomers are never removed"}' >>db/accepted
	job
	assert_equal "$status:$output:$stderr" 0::
}

@test "it fails where the migrations make something else than the schema says" {
	project
	echo 'alter table orders add column paid numeric default 0; drop index orders_customer;' >db/migrations/003.sql
	job
	assert_equal "$status:$stderr" 1:
	assert_output '::error::pg:dbname=ci_migrated#public.orders: +: column: paid: \N: numeric DEFAULT 0
::error::pg:dbname=ci_migrated#public.orders: -: index: orders_customer: btree (customer): \N'
}

@test "it fails where it cannot tell: no server, SQL that is wrong, a baseline that is none" {
	project
	echo 'no baseline' >db/accepted
	job
	assert_equal "$status" 4
	assert_regex "$stderr" '^dbm-index: db/accepted:1: '
	echo 'create tabel t();' >>db/schema.sql
	job
	assert_failure
	assert_output ''
	PGHOST=/nowhere job
	assert_failure
	assert_output ''
}

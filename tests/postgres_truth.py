#!/usr/bin/env python3
"""What is said of a PostgreSQL server's catalog is so: of real schemas (DBM_SHARED, where it is there) what their manifest has, and of
these and an awkward one what the server's own views tell, which are asked by psql.  DBM_BIN: the folder of the programs."""
import collections
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import urllib.parse

from tap import check, finish

TESTS = os.path.dirname(os.path.abspath(__file__))
BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))
SHARED = os.path.abspath(os.environ.get("DBM_SHARED", "no shared data"))

# What dumps do with databases before they begin with the tables.
DATABASES = re.compile(r"^(?:\\c|drop database|create database).*$", re.IGNORECASE | re.MULTILINE)


class Server:
    """A private server with a folder of its own."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "s")
        self.home = folder
        self.script("start", "shared_preload_libraries=pg_stat_statements")

    def script(self, what, *arguments):
        subprocess.run([os.path.join(TESTS, "pg", "server"), what, self.folder, *arguments], check=True, stdout=subprocess.DEVNULL)

    def psql(self, database, *arguments, text=""):
        return subprocess.run(["psql", "-XqAt", "-h", self.folder, "-U", "postgres", "-d", database, *arguments], input=text,
                              capture_output=True, text=True, cwd=self.home, env={**os.environ, "PGOPTIONS": "-c search_path="},
                              check=False)

    def load(self, database, *paths, text=""):
        """A new database of these files; what psql complains of."""
        self.psql("postgres", "-c", f"create database {database}")
        said = ""
        for path in paths:
            with open(path, encoding="utf-8") as file:
                said += subprocess.run(["psql", "-Xqo", os.devnull, "-h", self.folder, "-U", "postgres", "-d", database],
                                       input=DATABASES.sub("", file.read()), capture_output=True, text=True, cwd=self.home, check=False).stderr
        return (said + self.psql(database, text=text).stderr).splitlines()

    def ask(self, database, sql):
        """The rows of a query, each a tuple of what JSON makes of its values."""
        got = self.psql(database, "-c", f"select pg_catalog.json_agg(r) from ({sql}) r")
        assert got.returncode == 0, got.stderr
        return [tuple(row.values()) for row in json.loads(got.stdout.strip() or "null") or []]


class Database:
    """One of its databases, as dbm sees it."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.ref = f"pg:host={server.folder} user=postgres dbname={name}"

    def run(self, program, *arguments):
        got = subprocess.run([os.path.join(BIN, program), "-q", "--no-cache", *arguments], capture_output=True, text=True,
                             env={**os.environ, "HOME": self.server.home}, check=False)
        return [json.loads(line) for line in got.stdout.splitlines()], got.stderr.splitlines()

    def list(self, kind=None, *flags):
        rows, said = self.run("dbm-list", "-f", "json", *(["-k", kind] if kind else []), *flags, self.ref)
        assert not said, said
        return rows

    def table(self, ref):
        """The parts of the name in a reference: what the server calls schema and table."""
        assert ref.startswith(self.ref + "#"), ref
        parts = urllib.parse.unquote(ref[len(self.ref) + 1:].replace("%2E", "%252E").replace("%25", "%2525")).split(".")
        return tuple(urllib.parse.unquote(urllib.parse.unquote(part)) for part in parts)

    def truth(self, sql):
        return self.server.ask(self.name, sql)


def names(text):
    return None if text is None else tuple(urllib.parse.unquote(name) for name in text.split(","))


def different(what, got, wanted):
    """What one has and the other has not."""
    got, wanted = collections.Counter(got), collections.Counter(wanted)
    return [f"{what}: {row} is said and not so" for row in got - wanted] + [f"{what}: {row} is not said" for row in wanted - got]


# The server's views.  Partitions are not listed; of a partitioned table the views say that it is one, as of any table.

LISTED = ("from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f')"
          " and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema')")
TABLES = f"select n.nspname, c.relname {LISTED}"
COLUMNS = ("select n.nspname, c.relname, v.column_name, row_number() over (partition by c.oid order by v.ordinal_position),"
           " case when v.is_identity = 'NO' and v.is_generated = 'NEVER' then v.column_default end,"
           " v.is_nullable = 'YES' from information_schema.columns v, pg_class c, pg_namespace n"
           f" where v.table_schema = n.nspname and v.table_name = c.relname and (n.nspname, c.relname) in ({TABLES})"
           " and c.relnamespace = n.oid")
INDEXES = f"select schemaname, tablename, indexname, indexdef from pg_indexes where (schemaname, tablename) in ({TABLES})"
KEYS = ("select k.constraint_schema, k.table_name, k.constraint_name, json_agg(k.column_name order by k.ordinal_position) columns,"
        " u.table_schema parent_schema, u.table_name parent, json_agg(u.column_name order by k.ordinal_position) parent_columns,"
        " r.update_rule, r.delete_rule"
        " from information_schema.referential_constraints r join information_schema.key_column_usage k"
        " on k.constraint_schema = r.constraint_schema and k.constraint_name = r.constraint_name"
        " join information_schema.key_column_usage u on u.constraint_schema = r.unique_constraint_schema"
        " and u.constraint_name = r.unique_constraint_name and u.ordinal_position = k.position_in_unique_constraint"
        f" where (k.table_schema, k.table_name) in ({TABLES}) and exists (select from pg_constraint c where c.conparentid = 0"
        " and c.conname = r.constraint_name) group by 1, 2, 3, 5, 6, 8, 9")
PRIMARY = ("select table_schema, table_name, column_name, ordinal_position from information_schema.key_column_usage"
           " where (constraint_schema, constraint_name, table_name) in (select constraint_schema, constraint_name, table_name"
           f" from information_schema.table_constraints where constraint_type = 'PRIMARY KEY') and (table_schema, table_name) in ({TABLES})")


def check_views(database):
    """Tables, columns, indexes and keys are those of the server's views, which know nothing of materialised views' columns."""
    table = database.table
    unknown = {table(row["ref"]) for row in database.list() if row["kind"] in ("view", "materialized view")}
    columns = [row for row in database.list("column") if table(row["ref"]) not in unknown]
    problems = different("tables", [table(row["ref"]) for row in database.list()], database.truth(TABLES))
    problems += different("columns", [(*table(row["ref"]), row["name"], row["position"], row["nullable"],
                                       None if (row["default"] or "").startswith("GENERATED ") else row["default"])
                                      for row in columns],
                          [(*row[:4], row[5], row[4]) for row in database.truth(COLUMNS) if row[:2] not in unknown])
    problems += different("primary keys", [(*table(row["ref"]), row["name"], row["key"]) for row in columns if row["key"] is not None],
                          database.truth(PRIMARY))
    problems += different("indexes", [(*table(row["ref"]), row["name"], row["sql"]) for row in database.list("index")],
                          database.truth(INDEXES))
    # The views do not know what a key refers to that has no constraint there but a unique index.
    loose = {name for name, in database.truth("select constraint_name from information_schema.referential_constraints"
                                              " where unique_constraint_name is null")}
    problems += different("foreign keys", [(*table(row["ref"]), row["name"], names(row["columns"]), *table(row["parent"]),
                                            names(row["parent_columns"]), row["on_update"], row["on_delete"])
                                           for row in database.list("fk") if row["name"] not in loose],
                          [(*row[:3], tuple(row[3]), *row[4:6], tuple(row[6]), *row[7:]) for row in database.truth(KEYS)])
    return [f"{database.name}: {problem}" for problem in problems]


# Real schemas, whose manifest another program made.

ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

def check_manifest(database, entry):
    tables, columns = {}, collections.defaultdict(list)
    kinds = {"r": "table", "v": "view", "m": "materialized view"}
    # What an extension has brought with it is not in the manifest.
    for row in database.list():
        if not database.table(row["ref"])[1].startswith("pg_stat_statements"):
            tables[database.table(row["ref"])] = row
    for row in database.list("column"):
        columns[database.table(row["ref"])].append(row)
    wanted = {(table["s"], table["t"]): table for table in entry["tables"]}
    problems = different("tables", [(*name, row["kind"]) for name, row in tables.items()],
                         [(*name, kinds[table["k"]]) for name, table in wanted.items()])
    for name in set(tables) & set(wanted):
        table, got = wanted[name], columns[name]
        if len(got) != table["ncols"] or any(row["key"] for row in got) != table["pk"]:
            problems.append(f"{name}: {len(got)} columns, not {table['ncols']}; or the primary key")
        # The manifest has types as they are called where all schemas are searched, and says what is NOT NULL.
        for row, (column, kind, filled) in zip(got, table.get("columns", [])):
            if row["name"] != column or row["type"].split(".")[-1] != kind.split(".")[-1] or (row["nullable"] is False) != filled:
                problems.append(f"{name}: {row} is not {column} {kind} {filled}")
    table = database.table
    problems += different("foreign keys", [(*table(row["ref"]), row["name"], names(row["columns"]), *table(row["parent"]),
                                            names(row["parent_columns"]), row["on_update"], row["on_delete"])
                                           for row in database.list("fk")],
                          [(key["s"], key["t"], key["fk"], tuple(key["cols"]), key["rs"], key["rt"], tuple(key["rcols"]),
                            ACTIONS[key["upd"]], ACTIONS[key["del"]]) for key in entry["fks"]])
    return [f"{database.name}: {problem}" for problem in problems]


def check_rows(database, entry):
    """All tables can be looked at in one command, and have the rows that the manifest says."""
    wanted = {(table["s"], table["t"]): table for table in entry["tables"]}
    refs = {row["ref"]: wanted.get(database.table(row["ref"]), {}) for row in database.list()}
    rows, problems = database.run("dbm-preview", "-f", "json", "-n", "2", *refs)
    counts, said = database.run("dbm-linecount", "-f", "json", *refs)
    counted = {row["ref"]: row["records"] for row in counts}
    seen = collections.defaultdict(list)
    for row in rows:
        seen[row["ref"]].append(row["row"])
    for ref, table in refs.items():
        if "rows" in table and counted.get(ref) != table["rows"]:
            problems.append(f"{ref}: {counted.get(ref)} rows, not {table['rows']}")
        # The manifest has the first by some column, which need not stand in front.
        first = table.get("first_json", [])
        if first and seen[ref] != first:
            first = [row for row, in database.truth(f"select to_json(t) from only {table['s']}.{table['t']} t limit 2")]
        if seen[ref] != first and "first_json" in table:
            problems.append(f"{ref}: {seen[ref]} are not {first}")
    return [f"{database.name}: {problem}" for problem in problems + said]


def check_real(server):
    with open(os.path.join(SHARED, "truth", "postgres_manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)["databases"]
    problems, loaded = collections.defaultdict(list), 0
    for name, entry in manifest.items():
        paths = [os.path.join(SHARED, path) for path in entry["load"]["files"]]
        if not all(os.path.exists(path) for path in paths):
            continue
        said = [line for line in server.load(name, *paths) if "ERROR" in line]
        if "tables" not in entry:
            problems["what needs a newer server fails to load"] += [] if any("uuidv7" in line for line in said) else [f"{name}: {said[:3]}"]
            continue
        loaded += 1
        database = Database(server, name)
        problems["load"] += [f"{name}: {line}" for line in said] if entry["status"] == "ok" else []
        problems["tables and columns are those of the manifest"] += check_manifest(database, entry)
        problems["tables, columns, indexes and keys are those of the server's views"] += check_views(database)
        problems["rows are counted and previewed"] += check_rows(database, entry)
    for what, list_of in problems.items():
        check(f"real schemas: {what}: {loaded} databases", list_of)


# An awkward schema, of everything that a catalog may have.

AWKWARD = r"""
create schema "a.b%c"; create schema "Sch""ema; --";
create type public.mood as enum ('x'); create domain public.filled as int not null;
create table "a.b%c"."t.1 %x,#\y" (id int primary key, "c,1" text not null default 'x', "p%q" numeric(10,2) generated always as (id * 2)
    stored, "e" int generated by default as identity, E"new
line" text unique, "d""q" int, "back\s" int, "NULL" int, gone int, "{}" int, m public.mood default 'x', f public.filled,
    "()" int);
alter table "a.b%c"."t.1 %x,#\y" drop column gone;
create index ix on "a.b%c"."t.1 %x,#\y" ("c,1", lower("c,1"), "NULL", "()", E"new
line") include ("p%q") where id > 3;
create index ix2 on "a.b%c"."t.1 %x,#\y" ("d""q", "back\s", "{}");
create table "Sch""ema; --"."T.""; x" (id int references "a.b%c"."t.1 %x,#\y" on delete set default on update restrict);
create table public.part (id int, at date, v text, primary key (id, at)) partition by range (at);
create table public.part_1 partition of public.part for values from ('2020-01-01') to ('2021-01-01');
create table public.part_2 partition of public.part for values from ('2021-01-01') to ('2022-01-01') partition by hash (id);
create table public.part_21 partition of public.part_2 for values with (modulus 2, remainder 0);
create table public.part_22 partition of public.part_2 for values with (modulus 2, remainder 1);
create table public.no_parts (a int) partition by list (a);
create table public.keys (a int, b date, self int, pid int primary key, foreign key (a, b) references public.part (id, at)
    on delete cascade on update set null, foreign key (self) references public.keys (pid));
create table public.parent (a int); create table public.child () inherits (public.parent);
create table public.empty_one (); create unlogged table public.unlogged (a int);
create view public.seen as select 1 as one, id from public.part;
create materialized view public.kept as select id from public.part; create index on public.kept (id);
create foreign data wrapper nowhere; create server nowhere foreign data wrapper nowhere;
create foreign table public.far (a int not null, b text) server nowhere;
create table public.apart (during int4range, exclude using gist (during with &&));
insert into public.part select i, date '2020-06-01' + 300 * (i % 2), case i % 3 when 1 then 'a' else 'b' end from generate_series(1, 60) i;
insert into public.parent values (1); insert into public.child values (2), (3);
analyze public.part, public.parent, public.child, public.no_parts;
create table public.part_3 partition of public.part for values from ('2022-01-01') to ('2023-01-01');
insert into public.part values (99, '2022-05-05', 'c');
"""


def check_awkward(server):
    said = server.load("awkward", text=AWKWARD.replace('E"', '"'))
    check("awkward: the schema loads", said)
    database = Database(server, "awkward")
    check("awkward: tables, columns, indexes and keys are those of the server's views", check_views(database))
    rows = {".".join(database.table(row["ref"])): row for row in database.list(None, "-l")}
    said = {name: (rows[name]["kind"], rows[name]["rows_estimate"], rows[name]["coverage"]) for name in rows}
    check("awkward: kinds, estimates and what they leave out", different("table", said.items(), {
        "Sch\"ema; --.T.\"; x": ("table", None, None), "a.b%c.t.1 %x,#\\y": ("table", None, None),
        "public.apart": ("table", None, None), "public.child": ("table", 2, None), "public.empty_one": ("table", None, None),
        "public.far": ("foreign table", None, None), "public.kept": ("materialized view", None, None),
        "public.keys": ("table", None, None), "public.no_parts": ("partitioned table", 0, "0/0"),
        "public.parent": ("table", 3, "2/2"), "public.part": ("partitioned table", 60, "3/4"), "public.seen": ("view", None, None),
        "public.unlogged": ("table", None, None)}.items()))
    sizes = database.truth("select 'public.' || relname as name, pg_total_relation_size(oid) from pg_class where relkind in ('r', 'm')"
                           " and relnamespace = 'public'::regnamespace and not relispartition and relname <> 'parent'")
    sizes += database.truth("select 'public.part' as name, sum(pg_total_relation_size(relid)) from pg_partition_tree('public.part')")
    sizes += database.truth("select 'public.parent' as name, pg_total_relation_size('public.parent') + pg_total_relation_size('public.child')")
    check("awkward: sizes", [f"{name}: {rows[name]['bytes']} bytes, not {size}" for name, size in sizes if rows[name]["bytes"] != size]
          + [f"{name}: {rows[name]['bytes']} bytes" for name in ("public.far", "public.seen") if rows[name]["bytes"] is not None])
    columns = {(row["name"], names(row["columns"]), row["origin"], row["partial"]) for row in database.list("index")}
    check("awkward: what indexes are made of", [str(row) for row in [
        ("ix", ("c,1", "()", "NULL", "()", "new\nline"), "index", True), ("ix2", ('d"q', "back\\s", "{}"), "index", False),
        ("part_pkey", ("id", "at"), "primary key", False), ("apart_during_excl", ("during",), "exclusion", False),
    ] if row not in columns])
    kinds = collections.Counter(row["kind"] for row in database.list(None, "-a"))
    check("awkward: -a has partitions and what is the system's",
          [str(kinds)] if kinds["partition"] != 5 or kinds["system"] < 100 else [])


def check_locked(server):
    """A table that nobody may read now is on all lists, without what takes a lock; none of them waits."""
    tables = "public.keys, public.part_21, public.computed"
    said = server.load("locked", text=AWKWARD.replace('E"', '"') + "create table public.computed (a int primary key, b int generated always"
                       " as (a + 1) stored, c int default 7); create publication partly for table public.computed where (a > 3)")
    check("locked: the schema loads", said)
    database = Database(server, "locked")
    with subprocess.Popen(["psql", "-XqAt", "-h", server.folder, "-U", "postgres", "-d", "locked"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as holder:
        holder.stdin.write(f"begin; lock {tables} in access exclusive mode; select 'held';\n")
        holder.stdin.flush()
        holder.stdout.readline()
        sizes = {".".join(database.table(row["ref"])): row["bytes"] for row in database.list(None, "-l")}
        indexes = {row["name"]: row["sql"] for row in database.list("index")}
        defaults = {row["name"]: row["default"] for row in database.list("column") if row["ref"].endswith("computed")}
        published, complaints = database.run("dbm-list", "-f", "json", "--publication", "partly", database.ref)
        keys = {row["name"] for row in database.list("fk")}
        holder.stdin.close()
    check("locked: a table has no size, and the others have theirs", [f"{name}: {size}" for name, size in sizes.items() if (size is None) != (
        name in ("public.keys", "public.part", "public.computed", "public.far", "public.seen"))])
    check("locked: what takes a lock is not known, and all else is", [str(text) for text in (indexes, defaults, published, keys, complaints) if (
        indexes["keys_pkey"], indexes["ix"] is None, defaults, [row["filter"] for row in published], len(keys), complaints)
        != (None, False, {"a": None, "b": "GENERATED ALWAYS AS (?)", "c": "7"}, ["?"], 3, [])])


# What is published: whoever writes learns from the server whether a table is identified.

PUBLISHED = """
create table public.plain (id int primary key, a text, b int); create table public.no_key (a int); create table public.all_of_it (a int);
alter table public.all_of_it replica identity full;
create table public.by_index (a int not null, b int); create unique index by_a on public.by_index (a);
alter table public.by_index replica identity using index by_a;
create table public.late_key (id int primary key deferrable, z int); create table public.nothing (id int primary key);
alter table public.nothing replica identity nothing;
create table public.lost_index (a int not null); create unique index lost on public.lost_index (a);
alter table public.lost_index replica identity using index lost; drop index public.lost;
create table public.two_keys (a int, b int, c int, primary key (a, b) include (c));
create table public.divided (id int, k int) partition by list (k); create table public.divided_1 partition of public.divided for values in (1);
create table public.divided_2 partition of public.divided (primary key (id)) for values in (2);
create table public.whole (id int primary key) partition by range (id);
create table public.whole_1 partition of public.whole for values from (1) to (9);
create publication wholly for table public.plain, public.no_key, public.all_of_it, public.by_index, public.late_key, public.nothing,
    public.lost_index, public.two_keys, public.divided, public.whole;
create publication columns for table public.plain (a, id), public.two_keys (a, b, c);
create publication few_columns for table public.plain (a, b), public.two_keys (a, c), public.all_of_it (a);
create publication filtered for table public.plain where (id > 3 and id < 9), public.by_index where (a in (1, 2) or a is null),
    public.all_of_it where (a > 1);
create publication wrongly for table public.plain where (b > 3), public.two_keys (a, b) where (c > 1), public.by_index where (a > b);
create publication rooted for table public.divided, public.whole with (publish_via_partition_root);
create publication everything for all tables; create publication of_schema for tables in schema public; create publication nobody;
"""


def check_published(server):
    said = server.load("published", text=PUBLISHED)
    check("published: the schema loads", [line for line in said if "ERROR" in line])
    database = Database(server, "published")
    publications = database.truth("select pubname, puballtables, pubviaroot from pg_publication")
    listed = database.list("publication")
    wanted = [(name, everything, root, database.truth("select count(*) from pg_publication_tables where pubname = "
                                                      f"'{name}'")[0][0]) for name, everything, root in publications]
    check("published: the publications", different("publication", [(row["name"], row["all_tables"], row["via_root"], row["tables"])
                                                                   for row in listed], wanted))
    problems, refused = [], []
    for name, _, _ in publications:
        rows, said = database.run("dbm-list", "-f", "json", "--publication", name, database.ref)
        wanted = database.truth("select schemaname, tablename, to_json(case when r.prattrs is not null then attnames end) attnames, rowfilter"
                                " from pg_publication_tables t left join pg_publication_rel r"
                                " on r.prrelid = format('%I.%I', schemaname, tablename)::regclass"
                                " and r.prpubid = (select oid from pg_publication where pubname = t.pubname)"
                                f" where t.pubname = '{name}'")
        problems += different(name, [(*database.table(row["ref"]), names(row["columns"]) and tuple(sorted(names(row["columns"]))),
                                      row["filter"]) for row in rows],
                              [(*row[:2], row[2] and tuple(sorted(row[2])), row[3]) for row in wanted])
        # Alone there is only one publication to which a table can owe it that it cannot be written.
        others = [f"drop publication {other};" for other, _, _ in publications if other != name]
        for row in rows:
            schema, table = database.table(row["ref"])
            got = server.psql("published", "-c", f"begin; {''.join(others)} delete from {schema}.{table}; rollback")
            if row["identified"] != (got.returncode == 0):
                refused.append(f"{name}: {table}: {row['identified']}, and {got.stderr or 'may be written'}")
    check("published: their tables, columns and filters", problems)
    check("published: a table is identified where the server lets its rows be deleted", refused)


# Statistics of rows that were all looked at, which therefore are exact.

STATISTICS = """
create domain public.small as int; create type public.mood as enum ('low', 'high');
create table public.st (i int, n numeric, f float8, d date, ts timestamp, tz timestamptz, b bool, u uuid, y bytea, t text, tc text collate "C",
    v varchar(9), arr int[], js jsonb, empty int, dom public.small, bx box, nl text, iv interval, ip inet, e public.mood, few int, half text);
insert into public.st select g, case when g % 500 = 0 then 'NaN' else g / 7.0 end, case g when 5 then '-infinity' when 6 then 'NaN'
    else g * 1e10 end, case g when 3 then 'infinity'::date when 4 then '4000-01-01 BC' else date '2020-01-01' + g % 500 end,
    timestamp '2024-02-03' - g * interval '1 hour', timestamptz '2024-02-03' + g * interval '1 day', g % 3 = 0, md5(g::text)::uuid,
    decode(md5(g::text), 'hex'), 'k,"{}\\' || (g % 70), case when g % 2 = 0 then 'Zed' else 'a' || g end, case when g % 2 = 0 then 'Zed'
    else 'ä' || g end, array[g % 5, g], json_build_object('a', g % 3), null, g % 10, box(point(g % 3, 1), point(2, 3)), E'new\\n' || g,
    g * interval '1 hour', ('10.0.0.' || g % 256)::inet, case when g % 3 = 0 then 'low' else 'high' end::public.mood,
    nullif(case when g % 2 = 0 then -5 else g end, 7), case when g % 4 > 0 then 'x' || g % 100 end
    from generate_series(1, 1000) g;
create table public.divided (a int, b text) partition by range (a); create table public.divided_1 partition of public.divided
    for values from (0) to (500); create table public.divided_2 partition of public.divided for values from (500) to (2000);
insert into public.divided select g, g % 7 from generate_series(1, 1000) g;
create table public.parent (a int); create table public.child () inherits (public.parent);
insert into public.parent select generate_series(1, 10); insert into public.child select generate_series(1, 30);
create table public.none (a int); create view public.seen as select 1 as one;
analyze public.st, public.divided, public.parent, public.child; insert into public.none values (1);
create role careful login; grant select (i, t) on public.st to careful;
"""


def ask_helper(reference, operation, **arguments):
    """The rows of an answer of the helper, as dbm-source(7) has it."""
    def number(n):
        return struct.pack("<I", n)

    def text(t):
        return number(len(t.encode())) + t.encode()

    def frame(kind, body):
        return number(len(body)) + kind + body

    body = number(1) + text(operation) + number(len(arguments))
    for name, value in arguments.items():
        body += text(name) + (number(0) if value is None else number(1) + text(value))
    sent = frame(b"O", number(1) + text(reference) + text("30000")) + frame(b"Q", body) + frame(b"G", b"")
    helper = os.path.join(os.path.dirname(BIN), "libexec", "dbm-source-postgresql")
    with subprocess.Popen([helper], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(sent)
        process.stdin.flush()
        rows, kind = [], b""
        while kind != b"E":
            length, kind = struct.unpack("<Ic", process.stdout.read(5))
            body = process.stdout.read(length)
            if kind == b"R":
                cells, at = [], 4
                for _ in range(struct.unpack_from("<I", body)[0]):
                    head = struct.unpack_from("<I", body, at)[0]
                    cells.append(None if head % 8 == 0 else body[at + 4:at + 4 + head // 16].decode())
                    at += 4 + head // 16
                rows.append(cells)
        process.stdin.close()
    assert body[0] == 1, body
    return rows


# Whose least and greatest are not always known; and of which there is a width.
UNSORTED = ("bx", "arr", "js", "ip", "e", "iv")
TEXTS = ("t", "tc", "v", "nl", "half", "y")


def check_statistics(server):
    said = server.load("statistics", text=STATISTICS)
    check("statistics: the schema loads", [line for line in said if "ERROR" in line])
    database = Database(server, "statistics")
    problems = []
    for name, kind, rows, nulls, distinct, width, least, most, common, bounds, _ in ask_helper(database.ref, "statistics", table="public.st"):
        ends = [f"(select format('%s', s.{name}) from public.st s where s.{name} is not null order by s.{name} {way} limit 1) {way}_end"
                for way in ("asc", "desc")]
        truth = database.truth(f"select count(*), count(*) - count({name}) nulls, count(distinct {name}::text) different,"
                               f" avg(octet_length({name}{'' if name == 'y' else '::text'})) width,"
                               f" format_type(a.atttypid, a.atttypmod) as kind{''.join(', ' + end for end in ends if name not in UNSORTED)}"
                               " from public.st, pg_attribute a where a.attrelid = 'public.st'::regclass"
                               f" and a.attname = '{name}' group by a.atttypid, a.atttypmod")[0]
        if [int(rows), int(nulls), kind] != [truth[0], truth[1], truth[4]] or int(distinct or -1) != (-1 if name == "bx" else truth[2]):
            problems.append(f"{name}: {kind}, {rows} rows, {nulls} null, {distinct} distinct: not {truth}")
        if name not in UNSORTED and (least, most) != truth[5:]:
            problems.append(f"{name}: from {least} to {most}, not {truth}")
        if (width is not None) != (name in TEXTS) or width and abs(int(width) - truth[3]) > 1:
            problems.append(f"{name}: {width} bytes, not {truth[3]}")
        values = [value for value, _ in json.loads(common or "[]")] + json.loads(bounds or "[]")
        if any(share <= 0 or share > 1 for _, share in json.loads(common or "[]")):
            problems.append(f"{name}: {common}")
        if values and database.truth(f"select value from json_array_elements_text($json${json.dumps(values)}$json$) value"
                                     f" where value not in (select format('%s', {name}) from public.st where {name} is not null)"):
            problems.append(f"{name}: values that it does not have: {common} {bounds}")
    check("statistics: what is said of each column is so", problems)

    def said_of(table, ref=database.ref):
        return [tuple(row[:5]) + tuple(row[6:8]) for row in ask_helper(ref, "statistics", table=table)]

    check("statistics: of tables with parts, and where there are none", different("statistics", said_of("public.divided") + said_of(
        "public.parent") + said_of("public.none") + said_of("public.seen"), [
            ("a", "integer", "1000", "0", "1000", "1", "1000"), ("b", "text", "1000", "0", "7", "0", "6"),
            ("a", "integer", "40", "0", "30", "1", "30"), ("a", "integer", None, None, None, None, None),
            ("one", "integer", None, None, None, None, None)]))
    known = [row[0] for row in said_of("public.st", database.ref.replace("user=postgres", "user=careful")) if row[3] is not None]
    check("statistics: only of columns that the user may read", different("column", known, ["i", "t"]))


# Who made the schemas may have made functions and operators of any name, too: a statement has to say which it means.

NO_FUNCTIONS = {"LEAST", "COALESCE", "GREATEST", "ARRAY", "set"}


def unqualified(statement):
    """What is looked up by name alone, wherever that leads."""
    text = re.sub(r"'(?:[^']|'')*'", "''", statement)
    text = re.sub(r'"(?:[^"]|"")*"', "quoted", text)
    text = re.sub(r"OPERATOR\(pg_catalog\.[^)]*\)", " ", text)
    known = set(re.findall(r"(\w+)(?: \([\w, ]*\))? AS (?:MATERIALIZED )?\(", text)) | {"LATERAL", "ROWS"}
    found = re.findall(r"::(?!pg_catalog\.)\w+", text)
    # What follows a parenthesis is another name for what stands in it.
    found += [name for name in re.findall(r"(?<!\) )\b([\w.]+)\(", text) if not name.startswith("pg_catalog.") and name not in NO_FUNCTIONS]
    found += re.findall(r"[-=<>+/~|!@#&^%?]+|(?<!SELECT )\*(?!\))", text)
    found += re.findall(r"\b(?:IN|LIKE|BETWEEN|NULLIF|USING|DISTINCT|SIMILAR|OVERLAPS)\b", text)
    return found + [name for name in re.findall(r"\b(?:FROM|JOIN) ([\w.]+)", text) if "." not in name and name not in known]


def check_qualified(server):
    with open(os.path.join(server.folder, "log"), encoding="utf-8") as file:
        sent = {line.split(": ", 2)[2].strip() for line in file if "/dbm] " in line and "execute" in line}
    facts = [statement for statement in sent if "pg_catalog.pg_class" in statement or "pg_catalog.pg_publication" in statement
             or "pg_catalog.pg_replication_slots" in statement]
    check("no statement about the catalog looks anything up but by its schema",
          [f"{unqualified(statement)}: {statement}" for statement in facts if unqualified(statement)] if len(facts) > 8 else [str(sent)])


def main():
    with tempfile.TemporaryDirectory(prefix="dbm-") as folder:
        os.chmod(folder, 0o755)
        server = Server(folder)
        try:
            check_awkward(server)
            check_locked(server)
            check_published(server)
            check_statistics(server)
            Database(server, "awkward").list("slot")
            for operation in ("indexes", "index_keys", "foreign_keys", "foreign_key_columns", "schema"):
                ask_helper(Database(server, "awkward").ref, operation, leaves=None, sizes=None)
            ask_helper(Database(server, "awkward").ref, "index_keys", table="public.part", leaves=None)
            check_qualified(server)
            if os.path.isdir(os.path.join(SHARED, "truth")):
                check_real(server)
        finally:
            server.script("stop", "immediate")
    return finish()


if __name__ == "__main__":
    sys.exit(main())

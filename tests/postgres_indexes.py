#!/usr/bin/env python3
"""What dbm-index says of foreign keys and of indexes that are one too many is so, by what PostgreSQL does: for constructed cases the
pages that a delete of a row of the parent reads, for real schemas (DBM_SHARED, where it is there) the plans.  DBM_BIN: the folder of
the programs."""
import json
import os
import re
import subprocess
import sys
import tempfile

from postgres_truth import SHARED, Database, Server, ask_helper
from tap import check, finish

# Constructed cases.  Each has a parent p and a table k of ROWS rows in a schema of its own.  Of the values of a key each is found in a few rows,
# but of its columns before the last one each is in half of them; so who reads few pages has found them by an index, and with
# all columns of the key.

ROWS, FEW = 10000, 12
# A value of a type, of the number g.
VALUES = {"int": "({})::int", "bigint": "({})::bigint", "smallint": "({})::smallint", "numeric": "({})::numeric", "real": "({})::real",
          "float8": "({})::float8", "text": "'v' || ({})", "varchar(20)": "'v' || ({})", "char(20)": "'v' || ({})",
          "name": "('v' || ({}))::name", "public.citext": "'v' || ({})", "uuid": "pg_catalog.md5(({})::text)::uuid",
          "date": "date '2000-01-01' + ({})::int", "timestamp": "timestamp '2000-01-01' + ({}) * interval '1 day'",
          "timestamptz": "timestamptz '2000-01-01' + ({}) * interval '1 day'", "int[]": "array[({})::int]", "oid": "({})::int::oid",
          "public.small": "({})::int", "public.word": "'v' || ({})", "bytea": "pg_catalog.decode(pg_catalog.md5(({})::text), 'hex')",
          'text collate "C"': "'v' || ({})", "text collate public.ci": "'v' || ({})", "inet": "'10.0.0.0'::inet + ({})",
          "interval": "({}) * interval '1 hour'", "int4range": "int4range(({})::int, ({})::int + 1)"}

SHARED_THINGS = """
create extension citext schema public; create extension btree_gist schema public; create domain public.small as int; create domain public.word as text;
create collation public.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
"""


class Case:
    """`types` are those of the key's columns a, b, c in the child, or (child, parent); `indexes` on k (columns as SQL, with what stands before and
    behind them); `verdict` is dbm's.  `covers` is what the engine does, where that is not what the verdict says, and `why`."""

    def __init__(self, name, types, indexes, verdict, covers=None, why=None, tail="", unmended=None):
        self.name, self.indexes, self.verdict, self.tail, self.unmended = name, indexes, verdict, tail, unmended
        self.types = [kind if isinstance(kind, tuple) else (kind, kind) for kind in types]
        self.covers, self.why = (verdict == "covered") if covers is None else covers, why

    def value(self, i, side, g):
        """That of the ith column in row g; the last one tells the rows apart."""
        kind = self.types[i][side]
        return VALUES[kind].replace("{}", f"{g} % 5000" if i == len(self.types) - 1 else f"({g} / {2 ** i}) % 2")

    def sql(self, schema):
        columns = "abcd"[:len(self.types)]
        names = ", ".join(columns)
        child = ", ".join(f"{name} {kind[0]}" for name, kind in zip(columns, self.types))
        parent = ", ".join(f"{name} {kind[1]}" for name, kind in zip(columns, self.types))
        rows = ", ".join(self.value(i, 0, "g") for i in range(len(columns)))
        referred = ", ".join(self.value(i, 1, "g") for i in range(len(columns)))
        alone = ", ".join(VALUES[kind[1]].replace("{}", "0" if i < len(columns) - 1 else "7777")
                          for i, kind in enumerate(self.types))
        made = "".join(self.make(schema, f"i{n}", index) for n, index in enumerate(self.indexes))
        return f"""create schema {schema}; set search_path = public;
            create table {schema}.p ({parent}, primary key ({names}));
            create table {schema}.k ({child}, x int, y int, filler text){self.tail.format(schema=schema)};
            insert into {schema}.p select {referred} from generate_series(0, {ROWS - 1}) g on conflict do nothing;
            insert into {schema}.p select {alone};
            insert into {schema}.k select {rows}, g % 10, null, repeat('x', 100) from generate_series(0, {ROWS - 1}) g;
            alter table {schema}.k add foreign key ({names}) references {schema}.p;
            {made} vacuum analyze {schema}.k; vacuum analyze {schema}.p;
            """

    def make(self, schema, name, index):
        if index.startswith("ON "):
            table, _, keys = index[3:].partition("(") if index.startswith("ON (") else (index.split()[1], "", index.split(" ", 2)[2])
            return f"create index {schema}_{name} on {schema}.{table or 'k'} {'(' + keys if not table else keys};\n"
        unique = index.startswith("unique ")
        return f"create {'unique ' * unique}index concurrently {name} on {schema}.k {index[7 * unique:]};\n"

    def delete(self, schema):
        return f"delete from {schema}.p where " + " and ".join(
            f"{'abcd'[i]} = {VALUES[kind[1]].replace('{}', '0' if i < len(self.types) - 1 else '7777')}"
            for i, kind in enumerate(self.types))


PARTS = (" partition by range (x); create table {schema}.k1 partition of {schema}.k for values from (0) to (5);"
         " create table {schema}.k2 partition of {schema}.k for values from (5) to (10)")
DEEP = PARTS + (" partition by list (x); create table {schema}.k21 partition of {schema}.k2 for values in (5, 6);"
                " create table {schema}.k22 partition of {schema}.k2 for values in (7, 8, 9)")
MISMATCH = "operator-or-collation-mismatch"
CAST = "values are converted to the parent's type, and no index of the column as it is finds them"

CASES = [
    Case("no index", ["int"], [], "missing"),
    Case("its index", ["int"], ["(a)"], "covered"),
    Case("an index of something else", ["int"], ["(x)", "(y, x)"], "missing"),
    *(Case(f"three columns: {order}", ["int"] * 3, [f"({order})"], "covered")
      for order in ("a, b, c", "a, c, b", "b, a, c", "b, c, a", "c, a, b", "c, b, a")),
    Case("more columns behind", ["int"] * 2, ["(b, a, x)"], "covered"),
    Case("a column between", ["int"] * 2, ["(a, x, b)"], "prefix-only"),
    Case("a column before", ["int"], ["(x, a)"], "missing"),
    Case("some of the columns", ["int"] * 2, ["(a)"], "prefix-only"),
    Case("all of them, each in an index of its own but the last", ["int"] * 3, ["(a)", "(b)"], "prefix-only"),
    Case("the one column that tells rows apart", ["int"] * 2, ["(b)"], "prefix-only", True, "how many rows a value has is not of the schema"),
    Case("included is no key", ["int"] * 2, ["(a) include (b)"], "prefix-only"),
    Case("included alone", ["int"], ["(x) include (a)"], "missing"),
    Case("others included", ["int"] * 2, ["(b, a) include (x, y)"], "covered"),
    Case("partial: its column is not null", ["int"], ["(a) where a is not null"], "covered"),
    Case("partial: all of its columns", ["int"] * 2, ["(a, b) where a is not null and b is not null"], "covered"),
    Case("partial: one of its columns", ["int"] * 2, ["(a, b) where b is not null"], "covered"),
    Case("partial: another column", ["int"], ["(a) where x is not null"], "partial-index"),
    Case("partial: some rows", ["int"], ["(a) where x > 1"], "partial-index"),
    Case("partial: its column, and more", ["int"], ["(a) where a is not null and x > 1"], "partial-index"),
    Case("partial: its column is greater", ["int"], ["(a) where a >= 0"], "partial-index"),
    Case("partial: one or the other", ["int"], ["(a) where a is not null or x > 1"], "partial-index", True,
         "rows where the column is not null are there, but only the one form is taken for that"),
    Case("hash", ["int"], ["using hash (a)"], "covered"),
    Case("hash of one of two", ["int"] * 2, ["using hash (a)"], "missing"),
    Case("hash of text", ["text"], ["using hash (a)"], "covered"),
    Case("hash: smallint refers to bigint", [("smallint", "bigint")], ["using hash (a)"], "covered"),
    Case("BRIN", ["int"], ["using brin (a)"], "access-method"),
    Case("GiST", ["int"], ["using gist (a)"], "access-method", True, "an extension's class of operators; the design takes btree and hash alone"),
    Case("unfinished", ["int"], ["unique (a)"], "invalid-index", unmended="its values are not unique"),
    Case("unfinished, and a good one", ["int"], ["unique (a)", "(a)"], "covered"),
    Case("expression", ["text"], ["(lower(a))"], "missing"),
    Case("expression of the number", ["int"], ["((a + 0))"], "missing"),
    Case("descending, NULLs last", ["int"] * 2, ["(a desc nulls last, b desc)"], "covered"),
    Case("collation of the index", ["text"], ['(a collate "C")'], MISMATCH),
    Case("collation of the column", ['text collate "C"'], ["(a)"], "covered"),
    Case("collation of the child alone", [('text collate "C"', "text")], ["(a)"], "covered"),
    Case("collation of the parent alone", [("text", 'text collate "C"')], ["(a)"], "covered"),
    Case("collation of the parent, under which other text is equal", [("text", "text collate public.ci")], ["(a)"], MISMATCH),
    Case("that collation in the index", [("text", "text collate public.ci")], ["(a collate public.ci)"], "covered"),
    Case("collation of the child, under which other text is equal", [("text collate public.ci", "text")], ["(a)"], "covered"),
    Case("text_pattern_ops", ["text"], ["(a text_pattern_ops)"], "covered"),
    Case("varchar", ["varchar(20)"], ["(a)"], "covered"),
    Case("varchar_pattern_ops", ["varchar(20)"], ["(a varchar_pattern_ops)"], "covered"),
    Case("varchar refers to text", [("varchar(20)", "text")], ["(a)"], "covered"),
    Case("char", ["char(20)"], ["(a)"], "covered"),
    Case("name refers to text", [("name", "text")], ["(a)"], "covered"),
    Case("citext", ["public.citext"], ["(a)"], "covered"),
    Case("citext, as text", ["public.citext"], ["(a text_ops)"], MISMATCH),
    Case("citext refers to text", [("public.citext", "text")], ["(a)"], MISMATCH, unmended="needs text_ops"),
    Case("citext refers to text, as text", [("public.citext", "text")], ["(a text_ops)"], "covered"),
    Case("smallint refers to bigint", [("smallint", "bigint")], ["(a)"], "covered"),
    Case("bigint refers to int", [("bigint", "int")], ["(a)"], "covered"),
    Case("int refers to numeric", [("int", "numeric")], ["(a)"], MISMATCH, why=CAST, unmended=CAST),
    Case("int refers to float8", [("int", "float8")], ["(a)"], MISMATCH, why=CAST, unmended=CAST),
    Case("int refers to numeric, no index", [("int", "numeric")], [], "missing", why=CAST, unmended=CAST),
    Case("char refers to text", [("char(20)", "text")], ["(a)"], MISMATCH, why=CAST, unmended=CAST),
    Case("domain refers to numeric", [("public.small", "numeric")], [], "missing", why=CAST, unmended=CAST),
    Case("real refers to float8", [("real", "float8")], ["(a)"], "covered"),
    Case("date refers to timestamp", [("date", "timestamp")], ["(a)"], "covered"),
    Case("timestamp refers to timestamptz", [("timestamp", "timestamptz")], ["(a)"], "covered"),
    Case("domain", ["public.small"], ["(a)"], "covered"),
    Case("domain refers to what it is of", [("public.small", "int")], ["(a)"], "covered"),
    Case("domain refers to bigint", [("public.small", "bigint")], ["(a)"], "covered"),
    Case("domain of text, text_pattern_ops", [("public.word", "text")], ["(a text_pattern_ops)"], "covered"),
    Case("uuid, bytea, inet", ["uuid", "bytea", "inet"], ["(c, b, a)"], "covered"),
    Case("array", ["int[]"], ["(a)"], "covered"),
    Case("range", ["int4range"], ["(a)"], "covered"),
    Case("interval, oid", ["interval", "oid"], ["(b, a)"], "covered"),
    Case("mixed: one column in another collation", ["int", "text"], ['(a, b collate "C")'], MISMATCH),
    Case("mixed: one column in another class", ["int", "public.citext"], ["(b text_ops, a)"], MISMATCH),
    Case("partitions with their index", ["int"], ["ON (a)"], "covered", tail=PARTS),
    Case("partitions without", ["int"], [], "missing", tail=PARTS),
    Case("one partition without", ["int"], ["ON k1 (a)"], "missing", tail=PARTS),
    Case("each partition with an index of its own", ["int"] * 2, ["ON k1 (a, b)", "ON k2 (b, a)"], "covered", tail=PARTS),
    Case("partitions of partitions", ["int"], ["ON k1 (a)", "ON k2 (a)"], "covered", tail=DEEP),
    Case("one of them without", ["int"], ["ON k1 (a)", "ON k22 (a)"], "missing", tail=DEEP),
    Case("one with another method", ["int"], ["ON k1 (a)", "ON k2 using brin (a)"], "access-method", tail=PARTS),
]


def plans(server, database, script):
    """The plans of all that the server runs of a script and because of it, each with its text: auto_explain tells the client."""
    got = server.psql(database, text="load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on;"
                      "set auto_explain.log_buffers = on; set auto_explain.log_nested_statements = on; set auto_explain.log_format = json;"
                      "set enable_seqscan = off; set jit = off; set plan_cache_mode = force_generic_plan; set client_min_messages = log;"
                      + script)
    found, reader = [], json.JSONDecoder()
    for begin in re.finditer(r"plan:\n", got.stderr):
        found.append(reader.raw_decode(got.stderr, begin.end())[0])
    errors = [line for line in got.stderr.splitlines() if line.startswith("ERROR")]
    return found, errors


def tables_read(plan):
    """Which tables a plan reads, and by how many pages."""
    if "Relation Name" in plan and plan["Node Type"] not in ("ModifyTable", "LockRows"):
        return {plan["Relation Name"]: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]}
    return {table: pages for part in plan.get("Plans", []) for table, pages in tables_read(part).items()}


def pages_read(server, case, schema):
    """What the engine reads of k to find who refers to a row of p, which nobody does: pages of each table."""
    found, errors = plans(server, "cases", f"begin; {case.delete(schema)}; rollback;")
    assert not errors, (case.name, errors)
    referring = [plan for plan in found if f'"{schema}"."k' in plan["Query Text"] and "FOR KEY SHARE" in plan["Query Text"]]
    assert len(referring) == 1, (case.name, [plan["Query Text"] for plan in found])
    return tables_read(referring[0]["Plan"])


def judge(database):
    """dbm's findings about foreign keys, by their schema."""
    rows, said = database.run("dbm-index", "--check=fk", "-f", "json", database.ref)
    assert not said, said
    return {database.table(row["ref"])[0]: row for row in rows}


def check_cases(server):
    server.load("cases", text=SHARED_THINGS)
    schemas = {f"c{n}": case for n, case in enumerate(CASES)}
    loaded, engine, said, partitions = [], [], [], []
    for schema, case in schemas.items():
        errors = [line for line in server.psql("cases", text=case.sql(schema)).stderr.splitlines() if "ERROR" in line]
        loaded += [f"{case.name}: {errors}"] if len(errors) != sum(index.startswith("unique") for index in case.indexes) else []
    check("cases: they load", loaded)
    database = Database(server, "cases")
    found = judge(database)
    for schema, case in schemas.items():
        pages = pages_read(server, case, schema)
        many = sorted(table for table, n in pages.items() if n > FEW)
        if case.covers == bool(many):
            engine.append(f"{case.name}: {pages} pages")
        verdict = found[schema]["verdict"] if schema in found else "covered"
        if verdict != case.verdict:
            said.append(f"{case.name}: {verdict}, not {case.verdict}: {pages}; {found.get(schema)}")
        if len(pages) > 1 and schema in found:
            named = sorted(set(re.findall(r"k[0-9]+", found[schema]["reason"].split(" in ", 1)[1])))
            partitions += [f"{case.name}: {found[schema]['reason']}: {pages}"] if named != many else []
    check(f"cases: what the engine reads is little where the key is covered, and much else: {len(CASES)}", engine)
    check("cases: dbm's verdict is the engine's", said)
    check("cases: the partitions that it names are those that the engine reads", partitions)
    check_mended(server, database, schemas, found)


def check_mended(server, database, schemas, found):
    """What is advised makes the engine read little."""
    problems = []
    for schema, row in found.items():
        case = schemas[schema]
        if (case.why == CAST) != (row["sql"] is None and "none would" in row["reason"]):
            problems.append(f"{case.name}: {row['sql']}: {row['reason']}")
        errors = [line for line in server.psql("cases", text=(row["sql"] or "").replace("; ", ";\n")).stderr.splitlines() if "ERROR" in line]
        pages = pages_read(server, case, schema)
        if (not errors and max(pages.values()) <= FEW) == bool(case.unmended):
            problems.append(f"{case.name}: {row['sql']}: {errors}, {pages}")
    left = {schemas[schema].name: row["verdict"] for schema, row in judge(database).items() if not schemas[schema].unmended}
    check("cases: what is advised mends them", problems + [f"{name}: still {verdict}" for name, verdict in left.items()])


# Real schemas.  Their tables are mostly empty, so it is the plan that is looked at, of what the engine could do with one index alone.

# Each foreign key, by each index of its table: what the engine asks to find those who refer to a row (ri_triggers.c), how many columns that has,
# and whether they are the first keys of the index; which is what makes a search of a condition that the index only can be asked.
REFERENTIAL = """
select n.nspname, c.relname, k.conname, x.relname as index, i.indexrelid::int, i.indrelid::int, cardinality(k.conkey) as columns,
    (select array_agg(u order by u) from unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) u)
        = (select array_agg(u order by u) from unnest(k.conkey) u) and i.indnkeyatts >= cardinality(k.conkey) as leading,
    (select format('select 1 from only %I.%I x where ', n.nspname, c.relname) || string_agg(format('$%s::%s operator(%I.%s) x.%I%s', u.place,
        format_type(b.atttypid, null), m.nspname, o.oprname, a.attname, case when o.oprright <> a.atttypid and t.typtype <> 'p'
        then '::' || format_type(o.oprright, null) else '' end), ' and ' order by u.place)
     from unnest(k.conkey, k.confkey, k.conpfeqop) with ordinality u (child, parent, operator, place)
     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.child join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.parent
     join pg_operator o on o.oid = u.operator join pg_namespace m on m.oid = o.oprnamespace join pg_type t on t.oid = o.oprright) as query
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_index i on i.indrelid = c.oid and i.indisvalid left join pg_class x on x.oid = i.indexrelid
where k.contype = 'f' and c.relkind = 'r' order by 1, 2, 3, 4
"""

# An index, and what a query asks that it is made for: rows by all of its keys, and all rows in its order.
SERVED = """
select i.indexrelid::int, i.indrelid::int, i.indnkeyatts as columns,
    format('select 1 from only %I.%I where ', n.nspname, c.relname) || coalesce(pg_get_expr(i.indpred, i.indrelid) || ' and ', '')
        || string_agg(format('%s = $%s', pg_get_indexdef(i.indexrelid, u.place::int, false), u.place), ' and ' order by u.place) as by_keys,
    format('select 1 from only %I.%I', n.nspname, c.relname) || coalesce(' where ' || pg_get_expr(i.indpred, i.indrelid), '')
        || ' order by ' || string_agg(pg_get_indexdef(i.indexrelid, u.place::int, false) || case when u.option & 1 = 1 then ' desc' else '' end
        || case when u.option & 2 = 2 then ' nulls first' else ' nulls last' end, ', ' order by u.place) as in_order
from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace,
    unnest(i.indoption) with ordinality u (option, place)
where i.indexrelid = '{}'::regclass group by i.indexrelid, i.indrelid, i.indnkeyatts, n.nspname, c.relname, i.indpred
"""


def plans_with(server, database, asked):
    """For each (table, index, query) the plan if the table had no index but that."""
    script = ("set enable_seqscan = off; set enable_sort = off; set plan_cache_mode = force_generic_plan; set jit = off;"
              "set search_path = public;\n")
    for table, index, query in asked:
        parameters = ", ".join(["null"] * len(set(re.findall(r"[$][0-9]+", query))))
        script += (f"begin; update pg_index set indisvalid = indexrelid = {index} where indrelid = {table};\n"
                   f"prepare q as {query};\nexplain (format json) execute q{f'({parameters})' * bool(parameters)};\ndeallocate q; rollback;\n")
    got = server.psql(database, text=script)
    assert not got.stderr, got.stderr[:2000]
    found, at, reader = [], 0, json.JSONDecoder()
    while at < len(got.stdout.rstrip()):
        plan, at = reader.raw_decode(got.stdout, at)
        found.append(plan[0]["Plan"])
        at = re.compile(r"\s*").match(got.stdout, at).end()
    assert len(found) == len(asked)
    return found


def conditions(plan):
    """How many conditions its index is asked for, and whether rows are sorted."""
    parts = [conditions(part) for part in plan.get("Plans", [])]
    asked = plan.get("Index Cond", "")
    return (max([asked.count(" AND ") + bool(asked)] + [n for n, _ in parts]),
            "Sort" in plan["Node Type"] or any(is_sorted for _, is_sorted in parts))


# Where dbm and the manifest differ, and why dbm is right.
EXPLAINED = {
    ("danbooru", "dup", "schema_migrations", "unique_schema_migrations"): "what is unique is never advised away",
}


def check_keys(server, database, entry):
    """Foreign keys without an index: dbm, the manifest and the engine agree on each."""
    keys, rows = {}, server.ask(database.name, REFERENTIAL)
    asked = [(row[5], row[4], row[8]) for row in rows if row[4] is not None]
    found = iter(plans_with(server, database.name, asked))
    for schema, table, name, _, index, _, columns, leading, _ in rows:
        by_it = index is not None and conditions(next(found))[0] == columns and leading
        keys[schema, table, name] = keys.get((schema, table, name), False) or bool(by_it)
    engine = {key for key, covered in keys.items() if not covered}
    listed, said = database.run("dbm-index", "--check=fk", "-f", "json", database.ref)
    judged = {(*database.table(row["ref"]), row["name"]) for row in listed}
    manifest = {tuple(row[:3]) for row in entry["fk_unindexed"]}
    kinds = {row["verdict"] for row in listed} - {"missing", "prefix-only"}
    problems = different_sets("the engine", judged, engine) + different_sets("the manifest", judged, manifest) + sorted(kinds)
    return len(judged), len(keys), [f"{database.name}: {problem}" for problem in problems + said]


def different_sets(who, judged, truth):
    return [f"{one}: {who} finds the rows" for one in judged - truth] + [f"{one}: {who} does not" for one in truth - judged]


def check_redundant(server, database, entry):
    """What is one too many: dbm and the manifest agree, and the engine does with the one that stays what it did with the other."""
    listed, said = database.run("dbm-index", "--check=dup", "-f", "json", database.ref)
    judged = {(database.table(row["ref"])[1], row["name"]): row for row in listed}
    manifest = {(pair["t"], pair["ixs"][1]) for pair in entry["duplicate_indexes"]}
    manifest |= {(row[1], row[2]) for row in entry["prefix_redundant_indexes"]}
    manifest -= {key[2:] for key in EXPLAINED if key[:2] == (database.name, "dup")}
    problems = [str(one) for one in set(judged) ^ manifest]
    asked = []
    for row in listed:
        schema = database.table(row["ref"])[0]
        kept = row["reason"].split(" ")[0]
        (index, table, columns, by_keys, in_order), = server.ask(database.name, SERVED.format(f"{schema}.{row['name']}"))
        (other, *_), = server.ask(database.name, SERVED.format(f"{schema}.{kept}"))
        asked += [(table, it, query) for it in (index, other) for query in (by_keys, in_order)]
    done = [conditions(plan) for plan in plans_with(server, database.name, asked)]
    for n, row in enumerate(listed):
        mine, its = done[4 * n:4 * n + 2], done[4 * n + 2:4 * n + 4]
        if mine[0][0] == 0 or mine[0][0] != its[0][0] or mine[1][1] or its[1][1]:
            problems.append(f"{row['name']}: {row['reason']}: {mine}, {its}")
    return len(judged), [f"{database.name}: {problem}" for problem in problems + said]


def check_dumped(server, name):
    """The schema of what was dumped and loaded again, in the order of the dump, is the same."""
    got = subprocess.run(["pg_dump", "-s", "-h", server.folder, "-U", "postgres", "-d", name], capture_output=True, text=True, check=True)
    server.load(name + "_again", text=got.stdout)
    first, again = (ask_helper(Database(server, one).ref, "schema") for one in (name, name + "_again"))
    return [f"{name}: {line}" for line in first if line not in again] + [f"{name}: {line} is new" for line in again if line not in first]


def check_real(server):
    with open(os.path.join(SHARED, "truth", "postgres_manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)["databases"]
    keys, redundant, drift, missing, all_keys, extra = [], [], [], 0, 0, 0
    for name, entry in manifest.items():
        paths = [os.path.join(SHARED, path) for path in entry["load"]["files"]]
        if "fks" not in entry or not all(os.path.exists(path) for path in paths):
            continue
        server.load(name, *paths)
        n, of, problems = check_keys(server, Database(server, name), entry)
        missing, all_keys, keys = missing + n, all_keys + of, keys + problems
        n, problems = check_redundant(server, Database(server, name), entry)
        extra, redundant = extra + n, redundant + problems
        drift += check_dumped(server, name)
    check(f"real schemas: of {all_keys} foreign keys the {missing} that dbm finds without an index are the engine's and the manifest's", keys)
    check(f"real schemas: the {extra} indexes that dbm finds redundant are the manifest's, and the engine does without them", redundant)
    check("real schemas: dumped and loaded again they are the same", drift)
    check(f"real schemas: {missing + extra} findings, at least 100", [] if missing + extra >= 100 else ["too few"])


def main():
    with tempfile.TemporaryDirectory(prefix="dbm-") as folder:
        os.chmod(folder, 0o755)
        server = Server(folder)
        try:
            check_cases(server)
            if os.path.isdir(os.path.join(SHARED, "truth")):
                check_real(server)
        finally:
            server.script("stop", "immediate")
    return finish()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Of two indexes on a table: what dbm-index --check=dup says of each, in SQLite and in PostgreSQL; and that the engine, once it has
dropped what it was advised to, finds the rows by the other one.  DBM_BIN: the folder of the programs."""
import collections
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

from postgres_truth import BIN, Server
from tap import check, finish

BOTH, LITE, PG = ("sqlite", "postgresql"), ("sqlite",), ("postgresql",)
D, P, W = "duplicate", "prefix", "wide"


class Pair:
    """What stands behind ON t of the indexes a and b, or before the parenthesis too (U for UNIQUE); the verdicts on them; a condition
    that rows are found by."""

    def __init__(self, name, a, b, of_a=None, of_b=None, engines=BOTH, where="x = 5", before="", table=""):
        self.name, self.a, self.b, self.verdicts, self.engines = name, a, b, {"a": of_a, "b": of_b}, engines
        self.where, self.before, self.table = where, before, table

    def statements(self, schema):
        """The table, and the two; an index that is written as a constraint is one."""
        yield f"CREATE TABLE {schema}t(x int NOT NULL, y int, z int, u int, s text{self.table})"
        if self.before:
            yield self.before.format(s=schema)
        for name, text in (("a", self.a), ("b", self.b)):
            if text.startswith("ALTER"):
                yield text.format(s=schema, n=name)
            else:
                unique = text.startswith("U ")
                yield f"CREATE {'UNIQUE ' if unique else ''}INDEX {name} ON {schema}t {text.removeprefix('U ')}"


PAIRS = [
    Pair("the same", "(x)", "(x)", None, D),
    Pair("the same two columns", "(x, y)", "(x, y)", None, D),
    Pair("another order of columns", "(x, y)", "(y, x)"),
    Pair("a prefix", "(x)", "(x, y)", P),
    Pair("a prefix, the other way round", "(x, y)", "(x)", None, P),
    Pair("a prefix of three", "(x, y)", "(x, y, z)", P),
    Pair("a suffix", "(y)", "(x, y)"),
    Pair("the first and the last", "(x, z)", "(x, y, z)"),
    Pair("two keys more", "(x)", "(x, y, z)", P),
    Pair("three keys more", "(x)", "(x, y, z, u)", W),
    Pair("another direction", "(x)", "(x DESC)"),
    Pair("the same direction", "(x DESC)", "(x DESC, y)", P),
    Pair("another direction behind", "(x)", "(x, y DESC)", P),
    Pair("a prefix in another direction", "(x DESC, y)", "(x, y, z)"),
    Pair("NULLs elsewhere", "(y)", "(y NULLS FIRST)", engines=PG),
    Pair("NULLs where they are anyhow", "(y)", "(y NULLS LAST)", None, D, engines=PG, where="y = 5"),
    Pair("another collation", "(s)", "(s COLLATE NOCASE)", engines=LITE),
    Pair("another collation", '(s)', '(s COLLATE "C")', engines=PG),
    Pair("the collation that it has anyhow", "(s)", "(s COLLATE BINARY)", None, D, engines=LITE, where="s = 's5'"),
    Pair("the collation that it has anyhow", '(s)', '(s COLLATE "default")', None, D, engines=PG, where="s = 's5'"),
    Pair("the same collation", "(s COLLATE NOCASE)", "(s COLLATE NOCASE, x)", P, engines=LITE, where="s = 's5' COLLATE NOCASE"),
    Pair("another class", "(s)", "(s text_pattern_ops)", engines=PG),
    Pair("the same class", "(s text_pattern_ops)", "(s text_pattern_ops, x)", P, engines=PG, where="s ~~ 's5'"),
    Pair("the usual class by name", "(s)", "(s text_ops, x)", P, engines=PG, where="s = 's5'"),
    Pair("an expression", "(lower(s))", "(lower(s), x)", P, where="lower(s) = 's5'"),
    Pair("another expression", "(lower(s))", "(upper(s))"),
    Pair("a column and its expression", "(s)", "(lower(s))"),
    Pair("partial and whole", "(x) WHERE y IS NULL", "(x)"),
    Pair("whole and partial", "(x)", "(x, y) WHERE y IS NULL"),
    Pair("partial in the same way", "(x) WHERE y IS NOT NULL", "(x, z) WHERE y IS NOT NULL", P, where="x = 5 AND y IS NOT NULL"),
    Pair("partial in another way", "(x) WHERE y IS NULL", "(x) WHERE z IS NULL"),
    Pair("unique and plain", "U (x)", "(x)", None, D),
    Pair("plain and unique", "(x)", "U (x)", D),
    Pair("unique and longer", "U (x)", "(x, y)"),
    Pair("a prefix of a unique one", "(x)", "U (x, y)", P),
    Pair("two unique ones", "U (x)", "U (x)"),
    Pair("a unique one that is a prefix of a unique one", "U (x)", "U (x, y)"),
    Pair("a constraint's and plain", "ALTER TABLE {s}t ADD CONSTRAINT {n} UNIQUE (x)", "(x)", None, D, engines=PG),
    Pair("a primary key and plain", "ALTER TABLE {s}t ADD CONSTRAINT {n} PRIMARY KEY (x)", "(x)", None, D, engines=PG),
    Pair("a prefix of a primary key", "(x)", "ALTER TABLE {s}t ADD CONSTRAINT {n} PRIMARY KEY (x, y)", P, engines=PG),
    Pair("an exclusion's and plain", "ALTER TABLE {s}t ADD CONSTRAINT {n} EXCLUDE USING btree (x WITH =)", "(x)", None, D, engines=PG),
    Pair("a replica identity", "U (x)", "(x, y)", engines=PG),
    Pair("what the table is clustered by", "(x)", "(x, y)", engines=PG),
    Pair("a prefix of a table's constraint", "(x)", "(z)", P, engines=LITE, table=", UNIQUE(x, y)"),
    Pair("the same as a table's constraint", "(x, y)", "(z)", D, engines=LITE, table=", UNIQUE(x, y)", where="x = 5 AND y = 5"),
    Pair("hash and btree", "USING hash (x)", "(x)", engines=PG),
    Pair("two hashes", "USING hash (x)", "USING hash (x)", None, D, engines=PG),
    Pair("two of brin", "USING brin (x)", "USING brin (x, y)", engines=PG),
    Pair("two of brin with other settings", "USING brin (x)", "USING brin (x) WITH (pages_per_range = 4)", engines=PG),
    Pair("the same of brin", "USING brin (x, y)", "USING brin (x, y)", None, D, engines=PG),
    Pair("two of gin", "USING gin (to_tsvector('simple', s))", "USING gin (to_tsvector('simple', s))", None, D, engines=PG,
         where="to_tsvector('simple', s) @@ 's5'::tsquery"),
    Pair("what it includes the other has not", "(x) INCLUDE (y)", "(x)", None, D, engines=PG),
    Pair("what it includes is a key of the other", "(x) INCLUDE (y)", "(x, y)", P, engines=PG),
    Pair("what it includes the other includes", "(x) INCLUDE (y)", "(x, z) INCLUDE (y)", P, engines=PG),
    Pair("what it includes nobody else has", "(x) INCLUDE (y)", "(x, z)", engines=PG),
    Pair("both include the same", "(x) INCLUDE (y, z)", "(x) INCLUDE (z, y)", None, D, engines=PG),
    Pair("a key and what is only included", "(x, y)", "(x) INCLUDE (y)", None, P, engines=PG),
    Pair("one that was not finished", "(x)", "(x, y)", engines=PG),
    Pair("the rowid behind", "(y)", "(y, id)", P, engines=LITE, table=", id INTEGER PRIMARY KEY", where="y = 5"),
]

ROWS = ("INSERT INTO {}t(x, y, z, u, s) WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 2000)"
        " SELECT n, n, n, n, 's' || n FROM g")


def findings(environment, *refs):
    """The verdicts on indexes, and what is advised, of each reference."""
    got = subprocess.run([os.path.join(BIN, "dbm-index"), "-q", "--no-cache", "--check=dup", "-f", "json", *refs], capture_output=True,
                         text=True, env={**os.environ, **environment}, check=False)
    assert got.returncode in (0, 1) and not got.stderr, got
    found = collections.defaultdict(dict)
    for line in got.stdout.splitlines():
        one = json.loads(line)
        found[one["ref"]][one["name"]] = one
    return found


def judged(pair, found):
    """What is not said as it should be."""
    verdicts = {name: found[name]["verdict"] if name in found else None for name in ("a", "b")}
    problems = [] if verdicts == pair.verdicts else [f"{pair.name}: {verdicts}"]
    problems += [f"{pair.name}: {name} has no advice" for name, one in found.items() if one["verdict"] != W and not one["sql"]]
    return problems + [f"{pair.name}: {name} has advice" for name, one in found.items() if one["verdict"] == W and one["sql"]]


def lite(folder, pairs):
    """The same in SQLite: wrong verdicts; what is not found after what is advised."""
    wrong, lost = [], []
    paths = [os.path.join(folder, f"p{n}.db") for n in range(len(pairs))]
    for path, pair in zip(paths, pairs):
        with sqlite3.connect(path) as db:
            db.executescript(";".join(pair.statements("")) + ";" + ROWS.format("") + "; ANALYZE")
        db.close()
    found = findings({"HOME": folder}, *paths)
    for path, pair in zip(paths, pairs):
        one = found[path + "#t"]
        wrong += judged(pair, one)
        with sqlite3.connect(path) as db:
            for advised in one.values():
                db.execute(advised["sql"] or "SELECT 1")
                plan = db.execute(f"EXPLAIN QUERY PLAN SELECT * FROM t WHERE {pair.where}").fetchall()[0][3]
                lost += [] if "SEARCH" in plan else [f"{pair.name}: {plan}"]
        db.close()
    return wrong, lost


def postgresql(folder, pairs):
    """The same in PostgreSQL."""
    wrong, lost = [], []
    os.chmod(folder, 0o755)
    server = Server(folder)
    try:
        schemas = [f"create schema p{n};" + ";".join(p.statements(f"p{n}.")) + ";" + ROWS.format(f"p{n}.") + ";"
                   for n, p in enumerate(pairs)]
        for n, pair in enumerate(pairs):
            if "replica" in pair.name:
                schemas[n] += f"alter table p{n}.t replica identity using index a;"
            if "clustered" in pair.name:
                schemas[n] += f"alter table p{n}.t cluster on a;"
            if "not finished" in pair.name:
                schemas[n] += f"update pg_index set indisvalid = false where indexrelid = 'p{n}.b'::regclass;"
        said = server.load("pairs", text="\n".join(schemas) + "analyze;")
        assert not said, said
        ref = f"pg:host={server.folder} user=postgres dbname=pairs"
        found = findings({"HOME": folder}, ref)
        for n, pair in enumerate(pairs):
            one = found[f"{ref}#p{n}.t"]
            wrong += judged(pair, one)
            for advised in one.values():
                if advised["sql"]:
                    server.psql("pairs", text=advised["sql"])
                plan = server.psql("pairs", text=f"set enable_seqscan = off; explain (costs off) select * from p{n}.t where {pair.where}").stdout
                lost += [] if "Index" in plan else [f"{pair.name}: {plan}"]
    finally:
        server.script("remove")
    return wrong, lost


def main():
    for engine, judge in (("sqlite", lite), ("postgresql", postgresql)):
        with tempfile.TemporaryDirectory(prefix="dbm-pairs.", dir="/tmp") as folder:
            pairs = [p for p in PAIRS if engine in p.engines]
            wrong, lost = judge(folder, pairs)
            check(f"{engine}: {len(pairs)} pairs of indexes are judged as they should be", wrong)
            check(f"{engine}: whoever follows the advice finds the rows as before", lost)
    return finish()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Whether the foreign keys of SQLite databases have their index: the verdict of dbm-index is the plan of SQLite itself, over
constructed cases and real files (DBM_SHARED, where it is there).  DBM_BIN: the folder of the programs.

The plan is that of the queries by which SQLite enforces the key: EXPLAIN QUERY PLAN of a DELETE from the parent.  Of real files,
whose tables have many keys, it is that of a join that compares as those queries do, with the parent's column on the left; over
the constructed cases both are the same."""
import collections
import contextlib
import itertools
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse

from tap import check, finish

BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))
SHARED = os.path.abspath(os.environ.get("DBM_SHARED", "no shared data"))

COVERED, MISMATCH, PARTIAL, PREFIX, MISSING = (
    "covered", "operator-or-collation-mismatch", "partial-index", "prefix-only", "missing")
LOST, UNIDENTIFIED = "parent-missing", "parent-not-unique"
TYPES = ("INTEGER", "REAL", "NUMERIC", "TEXT", "BLOB")
COLLATIONS = ("BINARY", "NOCASE", "RTRIM")

# Where dbm says another thing than is known, and why that is left so.
DIFFERENCES = {
    "without rowid: the index goes on with the primary key":
        "an index on (m) finds (m, u) by the primary key behind it; dbm asks for one that says so",
    ("conversations", "conversation_index", "sqlite_autoindex_conversations_1"): "it is unique, and nothing unique is advised away",
}


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


# Cases: a name, the SQL, and the word for it where it is no COVERED; the child is `c`, its parent `p`.

def types():
    for parent, child in itertools.product(("INTEGER PRIMARY KEY", *TYPES), TYPES):
        key = parent if "KEY" in parent else parent + " UNIQUE"
        yield (f"types: {parent} and {child}",
               f"CREATE TABLE p (k {key}); CREATE TABLE c (a {child} REFERENCES p (k), b); CREATE INDEX i ON c (a)", MISMATCH)
        yield (f"types: {parent} and the rowid",
               f"CREATE TABLE p (k {key}); CREATE TABLE c (a INTEGER PRIMARY KEY REFERENCES p (k), b)", MISMATCH)
    for parent, child in itertools.product(("ANY", "INT"), repeat=2):
        for strict in ("", " STRICT"):
            yield (f"types: {parent} and {child}{strict}",
                   f"CREATE TABLE p (k {parent} UNIQUE){strict}; CREATE TABLE c (a {child} REFERENCES p (k), b INT){strict};"
                   "CREATE INDEX i ON c (a)", MISMATCH)


def collations():
    for parent, child, index in itertools.product(COLLATIONS, repeat=3):
        for kind in ("TEXT", "INT"):
            yield (f"collations: {parent}, {kind} {child}, index {index}",
                   f"CREATE TABLE p (k TEXT COLLATE {parent} UNIQUE);"
                   f"CREATE TABLE c (a {kind} COLLATE {child} REFERENCES p (k), b); CREATE INDEX i ON c (a COLLATE {index})", MISMATCH)
    for parent in COLLATIONS:
        yield (f"collations: {parent}, the rowid",
               f"CREATE TABLE p (k TEXT COLLATE {parent} UNIQUE); CREATE TABLE c (a INTEGER PRIMARY KEY REFERENCES p (k))", MISMATCH)
        yield (f"collations: {parent}, without rowid",
               f"CREATE TABLE p (k TEXT COLLATE {parent} UNIQUE);"
               "CREATE TABLE c (a TEXT COLLATE NOCASE PRIMARY KEY REFERENCES p (k)) WITHOUT ROWID", MISMATCH)
    for child, index in itertools.product(COLLATIONS, repeat=2):
        yield (f"collations: the parent's rowid, {child}, index {index}",
               "CREATE TABLE p (k INTEGER PRIMARY KEY);"
               f"CREATE TABLE c (a INT COLLATE {child} REFERENCES p (k), b); CREATE INDEX i ON c (a COLLATE {index})", MISMATCH)


def predicates():
    wheres = ("a IS NOT NULL", "a NOTNULL", "A not null", "(a IS NOT NULL)", "c.a IS NOT NULL", '"a" IS NOT NULL', "[a] NOT NULL",
              "a IS NOT NULL AND a NOT NULL", "a IS NOT NULL /* AND b */", "a IS NOT NULL AND b IS NOT NULL", "b IS NOT NULL", "a > 0",
              "a <> ''", "'a IS NOT NULL'", "a IS NOT NULL AND 1", "NOT a IS NULL", "1", "a + 1 IS NOT NULL")
    for where, null in itertools.product(wheres, ("", " NOT NULL")):
        yield (f"partial: {where}{' of a column' + null if null else ''}",
               f"CREATE TABLE p (k INTEGER PRIMARY KEY); CREATE TABLE c (a INT{null} REFERENCES p (k), b);"
               f"CREATE INDEX i ON c (a) WHERE {where}", PARTIAL)


def composite():
    parent = "CREATE TABLE p (k, l, m, UNIQUE (k, l), UNIQUE (k, l, m));"
    two = parent + "CREATE TABLE c (a, b, d, FOREIGN KEY (a, b) REFERENCES p (k, l));"
    three = parent + "CREATE TABLE c (a, b, d, FOREIGN KEY (a, b, d) REFERENCES p (k, l, m));"
    for n in (1, 2, 3):
        for keys in itertools.permutations("abd", n):
            keys = ", ".join(keys)
            for name, sql, of in (("two", two, "ab"), ("three", three, "abd")):
                yield f"{name} columns: index ({keys})", f"{sql} CREATE INDEX i ON c ({keys})", PREFIX if keys[0] in of else MISSING
    for keys, word in (("a DESC, b", None), ("b DESC, a DESC", None), ("a, abs(b)", PREFIX), ("abs(a), b", MISSING),
                       ("a, b COLLATE NOCASE", MISMATCH), ("a COLLATE NOCASE, b", MISMATCH), ("a, 'b'", None), ("a, d, b", PREFIX)):
        yield f"two columns: index ({keys})", f"{two} CREATE INDEX i ON c ({keys})", word
    yield "two columns: an index each", f"{two} CREATE INDEX i ON c (a); CREATE INDEX j ON c (b)", PREFIX
    yield ("two columns: one of them the rowid",
           f"{parent} CREATE TABLE c (a INTEGER PRIMARY KEY, b, FOREIGN KEY (b, a) REFERENCES p (k, l)); CREATE INDEX i ON c (b)", None)
    yield ("two columns: one of them unique", f"{parent} CREATE TABLE c (a UNIQUE, b, FOREIGN KEY (b, a) REFERENCES p (k, l))", None)
    yield "two columns: one of them unique, but otherwise", f"{two} CREATE UNIQUE INDEX i ON c (a COLLATE NOCASE)", MISMATCH
    yield ("without rowid: the index goes on with the primary key",
           f"{parent} CREATE TABLE c (u, v, m, PRIMARY KEY (u, v), FOREIGN KEY (m, u) REFERENCES p (k, l)) WITHOUT ROWID;"
           "CREATE INDEX i ON c (m)", PREFIX)


def others():
    parent = "CREATE TABLE p (k INTEGER PRIMARY KEY, n UNIQUE, o);"
    child = "CREATE TABLE c (a INT REFERENCES p, b);"
    yield "no index", parent + child, MISSING
    yield "an index", parent + child + "CREATE INDEX i ON c (a)", None
    yield "an index of descending order", parent + child + "CREATE INDEX i ON c (a DESC, b)", None
    yield "an index on something else first", parent + child + "CREATE INDEX i ON c (b, a)", MISSING
    yield "an index on an expression of it", parent + child + "CREATE INDEX i ON c (+a)", MISSING
    yield "an index on a misspelt column", parent + child + 'CREATE INDEX i ON c ("aa")', MISSING
    yield "quoted names, comments", ('CREATE TABLE p ("k ""(" INTEGER PRIMARY KEY); CREATE TABLE c ([a, b] INT /* , ( */ REFERENCES "p"'
                                     ' ("k ""("), b); CREATE INDEX "i ( WHERE" ON c ([a, b] -- ) WHERE\n) WHERE [a, b] IS NOT NULL'), None
    yield "a unique constraint", parent + "CREATE TABLE c (a INT UNIQUE REFERENCES p, b)", None
    yield "a primary key without rowid", parent + "CREATE TABLE c (a INT PRIMARY KEY REFERENCES p, b) WITHOUT ROWID", None
    yield "the second of a primary key without rowid", (
        parent + "CREATE TABLE c (b, a INT REFERENCES p, PRIMARY KEY (b, a)) WITHOUT ROWID"), MISSING
    yield "an index without rowid", (
        parent + "CREATE TABLE c (b PRIMARY KEY, a INT REFERENCES p) WITHOUT ROWID; CREATE INDEX i ON c (a)"), None
    yield "a primary key that is no rowid", parent + "CREATE TABLE c (a INTEGER PRIMARY KEY DESC REFERENCES p, b)", None
    yield "a generated column", parent + "CREATE TABLE c (b, a INT AS (b + 1) STORED REFERENCES p); CREATE INDEX i ON c (a)", None
    yield "a computed column", parent + "CREATE TABLE c (b, a INT AS (b + 1) REFERENCES p); CREATE INDEX i ON c (a)", None
    yield "names in other cases", "CREATE TABLE P (K INTEGER PRIMARY KEY); CREATE TABLE C (A INT REFERENCES p (k)); CREATE INDEX I ON c (a)", None
    yield "a table of a name with a dot", parent + 'CREATE TABLE "main.p" (x); ' + child + 'CREATE INDEX "main.i" ON c (a)', None
    for action in ("CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT"):
        yield f"on delete {action}", parent + f"CREATE TABLE c (a INT REFERENCES p ON DELETE {action}, b); CREATE INDEX i ON c (a)", None
    yield "deferred", parent + "CREATE TABLE c (a INT REFERENCES p DEFERRABLE INITIALLY DEFERRED)", MISSING
    for stat in ("1000000 1000000", "1000000 500000", "10 10", "1 1", "1000000 1000000 unordered", "0 0"):
        yield f"statistics: {stat}", parent + child + f"CREATE INDEX i ON c (a); ANALYZE; INSERT INTO sqlite_stat1 VALUES ('c', 'i', '{stat}')", None
    yield "statistics of a better one", (parent + "CREATE TABLE c (a INT REFERENCES p, b); CREATE INDEX i ON c (a, b); CREATE INDEX j ON c (b, a);"
                                         "ANALYZE; INSERT INTO sqlite_stat1 VALUES ('c', 'i', '1000000 900000 2'), ('c', 'j', '1000000 1 1')"), None


def parents():
    index = "CREATE INDEX i ON c (a);"
    for name, sql, word in (
            ("missing", "", LOST),
            ("without that column", "CREATE TABLE p (o PRIMARY KEY)", LOST),
            ("without a key", "CREATE TABLE p (k)", UNIDENTIFIED),
            ("partially unique", "CREATE TABLE p (k, o); CREATE UNIQUE INDEX u ON p (k) WHERE o", UNIDENTIFIED),
            ("of another collation", "CREATE TABLE p (k TEXT COLLATE RTRIM); CREATE UNIQUE INDEX u ON p (k COLLATE NOCASE)", UNIDENTIFIED),
            ("unique with more", "CREATE TABLE p (k, o, UNIQUE (k, o))", UNIDENTIFIED),
            ("unique by an expression", "CREATE TABLE p (k); CREATE UNIQUE INDEX u ON p (+k)", UNIDENTIFIED),
            ("the rowid without a name", "CREATE TABLE p (o); ", None),
            ("unique by its collation", "CREATE TABLE p (k TEXT COLLATE RTRIM); CREATE UNIQUE INDEX u ON p (k COLLATE rtrim)", MISMATCH),
            ("a strange case", "CREATE TABLE p (K TEXT PRIMARY KEY)", None)):
        column = "rowid" if "rowid" in name else "k"
        word = LOST if column == "rowid" else word
        yield f"parent: {name}", f"{sql}; CREATE TABLE c (a REFERENCES p ({column})); {index}", word
    for name, sql, word in (
            ("its primary key", "CREATE TABLE p (o, k PRIMARY KEY)", None),
            ("its primary key of another collation", "CREATE TABLE p (k TEXT, PRIMARY KEY (k COLLATE NOCASE))", None),
            ("no primary key", "CREATE TABLE p (k UNIQUE)", UNIDENTIFIED),
            ("a longer primary key", "CREATE TABLE p (k, l, PRIMARY KEY (k, l))", UNIDENTIFIED)):
        yield f"parent: {name}, unnamed", f"{sql}; CREATE TABLE c (a REFERENCES p); {index}", word
    yield "parent: itself", "CREATE TABLE c (a INTEGER PRIMARY KEY, b INT REFERENCES c); CREATE INDEX i ON c (b)", None
    yield "parent: itself, no index", "CREATE TABLE c (a INTEGER PRIMARY KEY, b INT REFERENCES c)", MISSING


CASES = [case for family in (types, collations, predicates, composite, others, parents) for case in family()]


# What SQLite does.

def searches(line, columns):
    """Whether this step of a plan finds rows by all of the columns, or the only one by a unique part of them."""
    found = re.match(r"SEARCH .* USING .*\((.*)\)$", line, re.S)
    if not found:
        return False
    by = [part.removesuffix("=?").lower() for part in found[1].split(" AND ")]
    return by == ["rowid"] or {column.lower() for column in columns} <= set(by)


def keys_of(db, table):
    """The foreign keys: parent, columns, the parent's columns."""
    keys = {}
    for number, _, parent, column, to, *_ in db.execute(f"PRAGMA main.foreign_key_list({quoted(table)})"):
        key = keys.setdefault(number, (parent, [], []))
        key[1].append(column)
        key[2].append(to)
    return list(keys.values())


def is_unique(db, table, step, columns):
    """Whether the index of this step is one by which there is a row at most, and all of its columns are of the key."""
    name = re.match(r"SEARCH .* INDEX (.*) \(", step, re.S)
    rows = db.execute(f"PRAGMA main.index_list({quoted(table)})").fetchall() if name else []
    if not any(row[1] == name[1] and row[2] and not row[4] for row in rows):
        return False
    keys = [row[2] for row in db.execute(f"PRAGMA main.index_info({quoted(name[1])})")]
    return None not in keys and {key.lower() for key in keys} <= {column.lower() for column in columns}


def plan(db, sql):
    return [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql)]


def enforced(db, table, parent, columns):
    """By the plan of a DELETE: True, False, or what is wrong with the parent."""
    db.execute("PRAGMA foreign_keys = ON")
    try:
        step = plan(db, f"DELETE FROM main.{quoted(parent)}")[-1]
    except sqlite3.OperationalError as error:
        return LOST if "no such table" in str(error) else UNIDENTIFIED
    return searches(step, columns) or is_unique(db, table, step, columns)


def joined(db, table, parent, columns, to):
    """By the plan of a join; the parent's columns are there."""
    if None in to:
        to = [row[1] for row in sorted(db.execute(f"PRAGMA main.table_info({quoted(parent)})"), key=lambda row: row[5]) if row[5]]
    compared = " AND ".join(f"p.{quoted(theirs)} = c.{quoted(mine)}" for mine, theirs in zip(columns, to))
    db.execute("PRAGMA automatic_index = OFF")
    steps = plan(db, f"SELECT 1 FROM main.{quoted(parent)} p CROSS JOIN main.{quoted(table)} c WHERE {compared}")
    step = next(line for line in steps if re.match(r"(SEARCH|SCAN) c\b", line))
    return searches(step, columns) or is_unique(db, table, step, columns)


# What dbm says.

def verdicts(paths, checks="fk"):
    """For each path: what is said of each table and columns."""
    out = subprocess.run([os.path.join(BIN, "dbm-index"), f"--check={checks}", "-q", "-f", "json", *paths], capture_output=True, text=True,
                         check=False)
    said = {path: [] for path in paths}
    for line in out.stdout.splitlines():
        record = json.loads(line)
        path, _, table = record["ref"].rpartition("#")
        said[urllib.parse.unquote(path)].append(dict(record, table=urllib.parse.unquote(table)))
    if out.returncode not in (0, 1):
        print("#", out.stderr.strip().replace("\n", "\n# "))
    return said


def columns_of(record):
    return [urllib.parse.unquote(column) for column in record["columns"].split(",")]


def judged(said, table, columns):
    """What is said of one key: findings do not tell apart keys of the same columns."""
    return [record for record in said if record["table"] == table and columns_of(record) == columns]


def constructed(folder):
    paths = [os.path.join(folder, f"{n}.db") for n in range(len(CASES))]
    for path, (_, sql, _) in zip(paths, CASES):
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.executescript(f"PRAGMA synchronous = OFF; BEGIN; {sql}; COMMIT")
    said, counts = verdicts(paths), collections.Counter()
    for path, (name, _, word) in zip(paths, CASES):
        with contextlib.closing(sqlite3.connect(path)) as db:
            child, = db.execute("SELECT name FROM sqlite_schema WHERE name = 'c' COLLATE NOCASE").fetchone()
            (parent, columns, to), = keys_of(db, child)
            truth = enforced(db, child, parent, columns)
            problems = []
            if isinstance(truth, bool) and truth != joined(db, child, parent, columns, to):
                problems.append("a join is planned in another way")
        # A column that is not there is, to SQLite, a key that does not match.
        wanted = COVERED if truth is True else word if truth is False or (truth, word) == (UNIDENTIFIED, LOST) else truth
        got = ",".join(record["verdict"] for record in judged(said[path], child, columns)) or COVERED
        counts[wanted] += 1
        if name in DIFFERENCES:
            check(f"{name}: differs", problems if got != wanted else ["it does not differ any more"])
        else:
            check(name, problems + ([f"SQLite: {wanted}, dbm: {got}"] if got != wanted else []))
    print("# constructed:", ", ".join(f"{n} {word}" for word, n in sorted(counts.items(), key=str)))


# Real files.

def manifest():
    """Of each real file: its path, and what is known of it."""
    path = os.path.join(SHARED, "truth", "sqlite_manifest.json")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        known = [(os.path.join(SHARED, entry["path"]), entry) for entry in json.load(file)["files"]]
    return [(path, entry) for path, entry in known if os.path.exists(path) and "open_error" not in entry]


def built(folder):
    """Schemas that are there as SQL alone."""
    for name in ("northwind/src/create.sql", "sakila/sqlite-sakila-schema.sql", "synapse/main/full_schemas/72/full.sql.sqlite"):
        path, made = os.path.join(SHARED, "sqlite", name), os.path.join(folder, name.split("/")[0] + ".db")
        if not os.path.exists(path):
            continue
        with contextlib.closing(sqlite3.connect(made, isolation_level=None)) as db, open(path, encoding="utf-8") as file:
            with contextlib.suppress(sqlite3.Error):
                db.executescript("PRAGMA synchronous = OFF;" + file.read())
        yield made


def check_file(path, said, folder):
    """Every key of a file, by the engine: how many there are."""
    copy, problems, n = os.path.join(folder, "copy.db"), [], 0
    shutil.copyfile(path, copy)
    with contextlib.closing(sqlite3.connect(copy)) as db:
        for table, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            for parent, columns, to in keys_of(db, table):
                got = {record["verdict"] for record in judged(said, table, columns)}
                n += 1
                # A DELETE is not planned where any key of the parent's children is wrong: of this one a join tells.
                try:
                    truth = joined(db, table, parent, columns, to)
                except (sqlite3.Error, StopIteration):
                    truth = None
                if (truth is True and got - {UNIDENTIFIED}) or (truth is False and not got) or (truth is None and got != {LOST}):
                    problems.append(f"{table} ({columns}): SQLite: {truth}, dbm: {got}")
    os.remove(copy)
    return n, problems


def real(folder):
    known = dict(manifest())
    paths = [*known, *built(folder)]
    said, total = verdicts(paths, "fk,dup") if paths else {}, 0
    for path in paths:
        name = os.path.relpath(path, SHARED) if path in known else os.path.basename(path)
        keys = [record for record in said[path] if record["check"] == "fk"]
        n, problems = check_file(path, keys, folder)
        total += n
        check(f"{name}: {n} keys", problems)
        if path in known:
            check_known(name, known[path], said[path])
    print(f"# real: {total} keys")


def check_known(name, entry, said):
    """What the manifest says of a file: by others than who wrote this."""
    problems = []
    for table in entry["tables"]:
        for key in table["fks"]:
            got = judged([record for record in said if record["check"] == "fk"], table["name"], key["frm"])
            if bool(key["indexed_truth"]) == bool(got):
                problems.append(f"{table['name']} {key['frm']}: {key['plan']}, dbm: {[record['verdict'] for record in got]}")
    check(f"{name}: keys as they are known", problems)
    found = {(record["table"], record["name"], record["reason"].split(" ")[0]) for record in said if record["check"] == "dup"}
    wanted = {tuple(pair) for pair in entry["duplicate_indexes"] + entry["prefix_redundant_indexes"]} - DIFFERENCES.keys()
    check(f"{name}: duplicates as they are known", [f"dbm: {found}, known: {wanted}"] if found != wanted else [])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update({f"XDG_{kind}_HOME": os.path.join(scratch, kind) for kind in ("CACHE", "CONFIG", "STATE")})
        constructed(scratch)
        real(scratch)
    sys.exit(finish())

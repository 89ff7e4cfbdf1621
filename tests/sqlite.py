#!/usr/bin/env python3
"""What is said of SQLite databases is what Python's sqlite3 module says: over real files (DBM_SHARED, where it is there) and
generated ones.  Reading changes nothing in their folders.  DBM_BIN: the folder of the programs."""
import base64
import collections
import contextlib
import hashlib
import json
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import urllib.parse

from tap import check, finish

BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))
SHARED = os.path.abspath(os.environ.get("DBM_SHARED", "no shared data"))
SEED = 20240229
DATABASES = int(os.environ.get("DATABASES", "150"))


# What is wanted: Python's reading, of a copy, since a plain open may write beside the file.

def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def decoded(name):
    """SQLite's bytes as text; odd ones are kept."""
    return name.decode("utf-8", "surrogateescape")


class Text(bytes):
    """The bytes of a text, which may be no UTF-8."""


class Truth:
    """A database as Python's module sees it."""

    def __init__(self, path, folder):
        copy = os.path.join(folder, "copy.db")
        for suffix in ("", "-wal", "-journal"):
            if os.path.exists(copy + suffix):
                os.remove(copy + suffix)
            if os.path.exists(path + suffix):
                shutil.copyfile(path + suffix, copy + suffix)
        self.db = sqlite3.connect(copy)
        self.db.text_factory = Text

    def close(self):
        self.db.close()

    def ask(self, sql, *values):
        return [[decoded(v) if isinstance(v, bytes) else v for v in row] for row in self.db.execute(sql, values)]

    def pragma(self, name, of, *wanted):
        """The columns wanted of a pragma's rows, by their names.  It is no table, which one in the file could hide."""
        cursor = self.db.execute(f"PRAGMA main.{name}({quoted(of)})" if of is not None else f"PRAGMA main.{name}")
        names = [column[0] for column in cursor.description]
        return [[decoded(v) if isinstance(v, bytes) else v for v in map(dict(zip(names, row)).get, wanted)] for row in cursor]

    def tables(self):
        """Name and kind of each, as dbm-list says them."""
        kinds = self.pragma("table_list", None, "name", "type")
        return {name: "system" if kind == "shadow" or name.lower().startswith("sqlite_") else kind for name, kind in kinds}

    def count(self, table):
        for how in ("", " NOT INDEXED"):
            try:
                return self.ask(f"SELECT count(*) FROM main.{quoted(table)}{how}")[0][0]
            except sqlite3.Error:
                continue
        return None

    def rows(self, table, limit):
        try:
            return list(self.db.execute(f"SELECT * FROM main.{quoted(table)} LIMIT {limit}"))
        except sqlite3.Error:
            return None

    def columns(self, table):
        columns = self.pragma("table_xinfo", table, "name", "type", "notnull", "dflt_value", "pk", "hidden")
        return [[name, number, kind, not notnull, default, key or None]
                for number, (name, kind, notnull, default, key, _) in enumerate((c for c in columns if c[5] != 1), 1)]

    def indexes(self, table):
        origins = {"c": "index", "u": "unique", "pk": "primary key"}
        found = []
        for name, unique, origin, partial in self.pragma("index_list", table, "name", "unique", "origin", "partial"):
            columns = [c for c, key in self.pragma("index_xinfo", name, "name", "key") if key]
            sql = self.ask("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?", name)
            found.append([name, columns, bool(unique), origins[origin], bool(partial), sql[0][0] if sql else None])
        return found

    def foreign_keys(self, table):
        keys = collections.defaultdict(list)
        for number, _, *rest in sorted(self.pragma("foreign_key_list", table, "id", "seq", "table", "from", "to", "on_update", "on_delete"),
                                       key=lambda part: part[:2]):
            keys[number].append(rest)
        return [[[part[1] for part in parts], parts[0][0], None if parts[0][2] is None else [part[2] for part in parts],
                 *parts[0][3:]] for parts in keys.values()]


# What is got.

def run(program, *arguments):
    return subprocess.run([os.path.join(BIN, program), *arguments], capture_output=True)


def records(program, *arguments):
    """The records in JSON, and what was complained of."""
    got = run(program, "-qf", "json", *arguments)
    return [json.loads(line) for line in got.stdout.decode().split("\n")[:-1]], got


def unquoted(text):
    return urllib.parse.unquote(text, errors="surrogateescape")


def table_of(reference):
    return unquoted(reference.split("#", 1)[1])


def text_of(value):
    """A JSON value, where bytes that are no text stand in base64."""
    return decoded(base64.b64decode(value["b64"], validate=True)) if isinstance(value, dict) else value


def listed(value):
    return None if value is None else [unquoted(part) for part in value.split(",")]


def by_table(all_records, take):
    tables = collections.defaultdict(list)
    for record in all_records:
        tables[table_of(record["ref"])].append(take(record))
    return tables


# Comparing.

def is_utf8(text):
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def same_cell(want, got):
    if isinstance(want, bytes):
        plain = isinstance(want, Text) and is_utf8(want)
        return isinstance(got, str if plain else dict) and text_of(got) == decoded(want)
    if isinstance(want, float):
        got = {"Infinity": float("inf"), "-Infinity": float("-inf")}.get(got, got) if isinstance(got, str) else got
        return isinstance(got, float) and struct.pack("<d", want) == struct.pack("<d", got)
    return type(want) is type(got) and want == got


def shorter(value):
    text = repr(value)
    return text if len(text) < 300 else f"{text[:140]} ... {text[-140:]}"


def different(name, what, want, got):
    return [] if want == got else [f"{name}: {what}: {shorter(got)}, not {shorter(want)}"]


def check_tables(name, path, truth):
    found, got = records("dbm-list", "-a", path)
    problems = different(name, "tables", truth.tables(), {table_of(r["ref"]): r["kind"] for r in found})
    return problems + different(name, "status", 0, got.returncode)


def references(path, truth):
    """The database, and its system tables, which are read where they are named alone."""
    return [path, *(f"{path}#{urllib.parse.quote(table, '')}" for table, kind in truth.tables().items() if kind == "system")]


def check_counts(name, path, truth, rows):
    """`rows` is what somebody else counted."""
    found, _ = records("dbm-linecount", *references(path, truth))
    counts = {table_of(r["ref"]): r["records"] for r in found}
    problems = []
    for table in truth.tables():
        problems += different(name, f"count of {table}", truth.count(table), counts.get(table))
        if table in rows:
            problems += different(name, f"count of {table} beside the manifest's", rows[table], counts.get(table))
    return problems + [f"{name}: {table} was not counted" for table in rows if table not in counts]


def check_rows(name, path, truth, limit):
    found, _ = records("dbm-preview", "-n", str(limit), "--width", "0", *references(path, truth))
    got = by_table(found, lambda r: list(r["row"].values()))
    problems = []
    for table in truth.tables():
        want = truth.rows(table, limit)
        if want is None:
            problems += different(name, f"rows of {table}, which has none", [], got[table])
            continue
        if len(want) != len(got[table]):
            problems.append(f"{name}: {table}: {len(got[table])} rows, not {len(want)}")
        for number, (wanted, cells) in enumerate(zip(want, got[table]), 1):
            if len(wanted) != len(cells) or not all(map(same_cell, wanted, cells)):
                problems.append(f"{name}: {table}: row {number} is {shorter(cells)}, not {shorter(wanted)}")
    return problems


def check_parts(name, path, truth):
    takes = {
        "column": (truth.columns, lambda r: [text_of(r["name"]), r["position"], r["type"] or "", r["nullable"], text_of(r["default"]), r["key"]]),
        "index": (truth.indexes, lambda r: [text_of(r["name"]), [None if c == "()" else c for c in listed(r["columns"])], r["unique"],
                                            r["origin"], r["partial"], text_of(r["sql"])]),
        "fk": (truth.foreign_keys, lambda r: [listed(r["columns"]), table_of(r["parent"]), listed(r["parent_columns"]),
                                              r["on_update"], r["on_delete"]]),
    }
    problems = []
    for kind, (wanted, take) in takes.items():
        found, got = records("dbm-list", "-ak", kind, path)
        parts = by_table(found, take)
        for table in truth.tables():
            try:
                problems += different(name, f"{kind} of {table}", wanted(table), parts.pop(table, []))
            except sqlite3.Error as error:
                if not got.stderr:
                    problems.append(f"{name}: {kind} of {table}: no complaint, where Python says {error}")
        problems += [f"{name}: {kind} of {table}, which is not there" for table in parts]
    return problems


def snapshot(folder):
    entries = {}
    for at, _, names in os.walk(folder):
        for name in [".", *names]:
            path = os.path.join(at, name)
            st = os.lstat(path)
            digest = ""
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()
            entries[path] = (st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns, digest)
    return entries


def check_databases(what, databases, limit):
    """`databases`: by path, what else is known of the tables' rows."""
    problems = collections.defaultdict(list)
    tables = 0
    before = {os.path.dirname(path): snapshot(os.path.dirname(path)) for path in databases}
    with tempfile.TemporaryDirectory() as folder:
        for path, rows in databases.items():
            name = os.path.relpath(path, SHARED) if path.startswith(SHARED) else os.path.basename(path)
            truth = Truth(path, folder)
            tables += len(truth.tables())
            problems["lists"] += check_tables(name, path, truth)
            problems["counts"] += check_counts(name, path, truth, rows)
            problems["rows"] += check_rows(name, path, truth, limit)
            problems["columns, indexes and foreign keys"] += check_parts(name, path, truth)
            truth.close()
    for folder, entries in before.items():
        problems["nothing changed beside them"] += different(folder, "folder", entries, snapshot(folder))
    for kind, list_of in problems.items():
        check(f"{what}: {kind}: {len(databases)} databases, {tables} tables", list_of)


# Other people's files.

def shared_databases():
    with open(os.path.join(SHARED, "truth", "sqlite_manifest.json"), encoding="utf-8") as file:
        entries = json.load(file)["files"]
    there = [entry for entry in entries if os.path.exists(os.path.join(SHARED, entry["path"]))]
    texts = [entry["path"] for entry in there if not entry["magic"]]
    check(f"real files: {len(texts)} are no databases, and not taken for any",
          [path for path in texts if b"no SQLite" in run("dbm-list", "-k", "column", os.path.join(SHARED, path)).stderr])
    return {os.path.join(SHARED, entry["path"]): {table["name"]: table["rows"] for table in entry["tables"]}
            for entry in there if entry["magic"]}


# Generated ones.

NAMES = ["a", "B", 'a"b', "select", "x y", "Robert'); DROP TABLE students;--", "main.x", "é", "日本", "🙂", "a\nb", "a\tb", "\x1b[31mred",
         "#", "%41", "%", "a,b", "[x]", "`", "'", "rowid", "_rowid_", "oid", "table_info", "pragma_table_list", "sqlite:x.db", "x" * 255,
         "\\", "{}", "-n", "*", "?", "a\\_b", "1", "ROWID", "A"]
TYPES = ["", "INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC", "VARCHAR(10)", "BOOLEAN", "DATE", "ANY", "STRING", "double precision"]
VALUES = [None, 0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -2**63, 0.0, -0.0, 0.1, 1 / 3, 1e300, -1e-300, 5e-324, 1.7976931348623157e308,
          float("inf"), float("-inf"), 123456789012345680.0, 1e15, 1e22, 4503599627370497.5, "", "x", "é", "日本🙂", "a\nb", "a\0b", "\0",
          "\x1b[0m", '"', "\\", "1", "NULL", b"", b"\0", b"\xff\xfe", bytes(range(256)), "\ufeff", "\u2028", "z" * 5000, b"\x80" * 5000]
NO_TEXT = "CAST(x'ff00c3' AS TEXT)"


def random_columns(chance):
    seen, columns = set(), []
    for name in chance.sample(NAMES, chance.randrange(1, 8)):
        if name.lower() not in seen:
            seen.add(name.lower())
            columns.append(name)
    return columns


def make_table(chance, db, name, parents):
    columns = random_columns(chance)
    types = [chance.choice(TYPES) for _ in columns]
    defined = [f"{quoted(c)} {t}{chance.choice(['', ' NOT NULL', ' DEFAULT 1', ' DEFAULT (abs(-1))', ' UNIQUE', ' COLLATE NOCASE'])}"
               for c, t in zip(columns, types)]
    key = chance.sample(columns, chance.randrange(0, min(3, len(columns)) + 1))
    if key:
        defined.append(f"PRIMARY KEY ({', '.join(map(quoted, key))})")
    if parents and chance.random() < 0.5:
        parent, others = chance.choice(parents)
        n = chance.randrange(1, min(len(columns), len(others)) + 1)
        to = f" ({', '.join(map(quoted, chance.sample(others, n)))})" if chance.random() < 0.7 else ""
        defined.append(f"FOREIGN KEY ({', '.join(map(quoted, chance.sample(columns, n)))}) REFERENCES {quoted(parent)}{to}"
                       f" ON DELETE {chance.choice(['CASCADE', 'SET NULL', 'NO ACTION'])}")
    generated = next((c for c in NAMES if c.lower() not in {d.lower() for d in columns}), None) if chance.random() < 0.3 else None
    if generated:
        defined.insert(len(columns), f"{quoted(generated)} AS (typeof({quoted(columns[0])})) {chance.choice(['STORED', 'VIRTUAL'])}")
    without = key and chance.random() < 0.3
    db.execute(f"CREATE TABLE {quoted(name)} ({', '.join(defined)}){' WITHOUT ROWID' if without else ''}")
    insert = f"INSERT OR IGNORE INTO {quoted(name)} ({', '.join(map(quoted, columns))}) VALUES"
    for _ in range(chance.choice((0, 1, 3, 20, 60))):
        # A key that is an integer takes no other values.
        with contextlib.suppress(sqlite3.IntegrityError):
            db.execute(f"{insert} ({', '.join('?' * len(columns))})", chance.choices(VALUES, k=len(columns)))
    if chance.random() < 0.3:
        with contextlib.suppress(sqlite3.IntegrityError):
            db.execute(f"{insert} ({', '.join([NO_TEXT] * len(columns))})")
    for number in range(chance.choice((0, 0, 1, 3))):
        terms = [quoted(c) + chance.choice(["", " DESC", " COLLATE NOCASE"]) for c in chance.sample(columns, chance.randrange(1, len(columns) + 1))]
        if chance.random() < 0.3:
            terms.append(f"length({quoted(columns[0])})")
        where = f" WHERE {quoted(columns[-1])} IS NOT NULL" if chance.random() < 0.3 else ""
        db.execute(f"CREATE INDEX {quoted(f'{name} {number}')} ON {quoted(name)} ({', '.join(terms)}){where}")
    return name, columns


def make_database(chance, path):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA encoding = '{chance.choice(['UTF-8', 'UTF-8', 'UTF-16le', 'UTF-16be'])}'")
    db.execute(f"PRAGMA page_size = {chance.choice([512, 1024, 4096, 65536])}")
    db.execute(f"PRAGMA auto_vacuum = {chance.choice([0, 1, 2])}")
    db.execute(f"PRAGMA journal_mode = {chance.choice(['DELETE', 'WAL'])}")
    db.execute("PRAGMA user_version = 1")
    db.execute("BEGIN")
    tables, seen = [], set()
    for name in chance.sample(NAMES, chance.randrange(0, 8)):
        if name.lower() not in seen:
            seen.add(name.lower())
            tables.append(make_table(chance, db, name, tables))
    if tables and chance.random() < 0.5:
        db.execute(f"CREATE VIEW \"the view\" AS SELECT *, 1 AS one, 1 AS one FROM {quoted(tables[0][0])}")
    if chance.random() < 0.3:
        db.execute("CREATE VIRTUAL TABLE words USING fts5(body, title)")
        db.execute("INSERT INTO words VALUES ('a b', 'c')")
    if chance.random() < 0.3:
        db.execute("CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1)")
        db.execute("INSERT INTO boxes VALUES (1, 0.5, 2)")
    db.execute("COMMIT")
    if chance.random() < 0.3:
        db.execute("ANALYZE")
    if chance.random() < 0.3:
        db.execute("DROP TABLE IF EXISTS a")
    db.close()


def generated_databases(folder, n):
    chance = random.Random(SEED)
    paths = [os.path.join(folder, f"{number:03}.db") for number in range(n)]
    for path in paths:
        make_database(chance, path)
    return {path: {} for path in paths}


# Damaged ones.

COMMANDS = (("dbm-list", "-a"), ("dbm-list", "-k", "index"), ("dbm-list", "-k", "fk"), ("dbm-linecount",), ("dbm-preview", "-n", "50"),
            ("dbm-preview", "--tail"), ("dbm-preview", "--sample"))


def damaged(chance, data):
    if chance.random() < 0.3:
        return data[:chance.choice((50, 99, 100, 101, 512, 1024, len(data) // 2, len(data) - 1))]
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 10, 100))):
        at = chance.choice((chance.randrange(16, 100), chance.randrange(16, min(1000, len(data))), chance.randrange(16, len(data))))
        changed[at] = chance.choice((0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))
    return bytes(changed)


def check_damaged(folder, databases, n):
    """Whatever a file holds, the helper does not die of it, and ends in time."""
    chance = random.Random(SEED)
    before, problems = snapshot(folder), []
    texts = []
    for path in databases:
        with open(path, "rb") as file:
            texts.append(file.read())
    with tempfile.TemporaryDirectory() as other:
        path = os.path.join(other, "x.db")
        for number in range(n):
            data = damaged(chance, chance.choice(texts))
            with open(path, "wb") as file:
                file.write(data)
            got = run(*chance.choice(COMMANDS), "--timeout", "20s", path)
            said = got.stderr.decode("utf-8", "replace")
            if got.returncode not in (0, 3, 4) or any(word in said for word in (" died ", " exited ", "protocol", "--timeout", "Sanitizer")):
                problems.append(f"file {number}: {got.args}: status {got.returncode}: {shorter(said)}")
            if os.listdir(other) != ["x.db"]:
                problems.append(f"file {number}: {got.args}: {os.listdir(other)}")
    check(f"damaged: {n} files", problems + different("folder", "folder", before, snapshot(folder)))


def main():
    if os.path.isdir(os.path.join(SHARED, "truth")):
        check_databases("real files", shared_databases(), 3)
    with tempfile.TemporaryDirectory() as folder:
        databases = generated_databases(folder, DATABASES)
        check_databases("generated", databases, 100)
        check_damaged(folder, databases, 3 * DATABASES)
    return finish()


if __name__ == "__main__":
    sys.exit(main())

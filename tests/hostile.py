#!/usr/bin/env python3
"""Every program over hostile files: those of others ($DBM_SHARED/fuzz) and mutants of good ones, always the same.  None may
crash, hang, write beside a file or into it, or send an escape to a terminal.  The sanitizers' reports, the helper's too, go to a
folder.  DBM_BIN: the folder of the programs; DBM_HOSTILE: how many files of each kind."""
import concurrent.futures
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from tap import check, finish

BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))
TESTS = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get("DBM_SHARED", "")
SEED = 20240229
# Under sanitizers there is most to see.
FILES = int(os.environ.get("DBM_HOSTILE") or (40 if os.environ.get("DBM_VARIANT") == "san" else 20))
SECONDS = 5

COMMANDS = [
    ["dbm-list", "-al"],
    ["dbm-list", "-k", "column"],
    ["dbm-list", "-k", "index", "-f", "table"],
    ["dbm-list", "-k", "fk"],
    ["dbm-index"],
    ["dbm-index", "--check", "-f", "json"],
    ["dbm-schema"],
    ["dbm-preview"],
    ["dbm-preview", "-n", "100", "-f", "table"],
    ["dbm-preview", "--tail"],
    ["dbm-preview", "--sample"],
    ["dbm-preview", "-n", "100", "-f", "json"],
    ["dbm-linecount"],
    ["dbm-invalidate", "-v"],
    ["dbm-profile", "-f", "json"],
    ["dbm-profile", "-f", "table", "--threads", "3"],
]


# Good databases, to be damaged: each is its files by what their names end in.

TABLES = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'nobody', age INT, photo BLOB, born DATE);
CREATE TABLE pets (owner INTEGER REFERENCES people (id) ON DELETE CASCADE, name TEXT, UNIQUE (owner, name));
CREATE INDEX people_by_age ON people (age DESC, lower(name)) WHERE age IS NOT NULL;
INSERT INTO people WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
    SELECT i, 'name ' || i || char(10, 27, 233), i * 7 % 90, zeroblob(i * 20), '2024-02-29' FROM n;
INSERT INTO pets SELECT id, 'pet of ' || name FROM people;
"""
WITHOUT_ROWID = """
CREATE TABLE pairs (a TEXT, b INTEGER, c REAL AS (b * 1.5), d AS (a || b) STORED, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE UNIQUE INDEX pairs_by_b ON pairs (b COLLATE NOCASE, a);
INSERT INTO pairs WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
    SELECT printf('%.*c', i, 'k'), i FROM n;
"""
VIEWS = """
CREATE VIEW adults AS SELECT p.name, q.name AS pet FROM people p LEFT JOIN pets q ON q.owner = p.id WHERE p.age > 17;
CREATE VIEW "odd \x1b[31m, ""view"" " AS SELECT count(*) AS "n\n#%", group_concat(name) FROM adults;
CREATE TRIGGER grow AFTER INSERT ON people BEGIN UPDATE people SET age = age + 1; END;
ANALYZE;
"""
FULL_TEXT = """
CREATE VIRTUAL TABLE notes USING fts5 (title, body, tokenize = 'porter');
INSERT INTO notes VALUES ('one', 'the first note of all'), ('two', 'another note, not the first');
CREATE VIRTUAL TABLE boxes USING rtree (id, low, high);
INSERT INTO boxes VALUES (1, 0.5, 1.5), (2, 10, 20);
"""


def database(folder, name, *scripts, pragmas=(), left=("",)):
    """A database's files.  In WAL mode the -wal and the -shm are taken while it is open, where they are wanted."""
    path = os.path.join(folder, name)
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in pragmas:
        connection.execute("PRAGMA " + pragma)
    for script in scripts:
        connection.executescript(script)
    if left == ("",):
        connection.close()
    files = {}
    for suffix in left:
        with open(path + suffix, "rb") as file:
            files[suffix] = file.read()
    connection.close()
    return files


def good_databases():
    small = ("page_size = 512",)
    wal = ("page_size = 1024", "journal_mode = WAL", "wal_autocheckpoint = 8")
    with tempfile.TemporaryDirectory() as folder:
        return [
            database(folder, "rollback", TABLES, pragmas=small),
            database(folder, "vacuum", TABLES, VIEWS, pragmas=("page_size = 1024", "auto_vacuum = FULL")),
            database(folder, "utf16", TABLES, WITHOUT_ROWID, pragmas=("encoding = 'UTF-16be'",)),
            database(folder, "pairs", WITHOUT_ROWID, pragmas=small),
            database(folder, "text", FULL_TEXT, pragmas=small),
            database(folder, "still", TABLES, VIEWS, pragmas=wal),
            database(folder, "live", TABLES, WITHOUT_ROWID, pragmas=wal, left=("", "-wal", "-shm")),
            database(folder, "lone", TABLES, VIEWS, pragmas=wal, left=("", "-wal")),
        ]


# Mutants of databases.

HEADER = [(16, 2), (18, 1), (19, 1), (20, 1), (21, 3), (24, 4), (28, 4), (32, 4), (36, 4), (40, 4), (44, 4), (48, 4), (52, 4),
          (56, 4), (60, 4), (64, 4), (92, 4), (96, 4), (100, 1), (101, 2), (103, 2), (105, 2), (107, 1)]
EXTREMES = [0, 1, 2, 3, 4, 0x10, 0x7f, 0x80, 0xff, 0x200, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

# For statements of the schema: SQLite may take them or not, the programs must stand them.
SCHEMAS = [
    "CREATE TABLE people(a);DROP TABLE pets;--",
    "CREATE TABLE people(\"\x1b[2J\x1b]0;x\x07\" TEXT, \"a\nb\r\tc\" INT, \"\"\"\" REAL, \"#%,\\\" BLOB, [] X)",
    "CREATE TABLE people(\"\udcff\udcfe\" \"\x1b[31m\", \"\u202e\" CHAR(99999999999999999999))",
    "CREATE TABLE people(a AS (b), b AS (a))",
    "CREATE TABLE people(a AS (b) STORED, b AS (randomblob(1000000000)))",
    "CREATE TABLE people(a DEFAULT (load_extension('x')), b CHECK (writefile('x', 1)))",
    "CREATE TABLE people(rowid, _rowid_, oid)",
    "CREATE TABLE people(a PRIMARY KEY, b, c) WITHOUT ROWID",
    "CREATE TABLE people(a, b, c) STRICT",
    "CREATE TABLE people(a REFERENCES people(a), b REFERENCES \"\x1b[31m\"(\"\n\"), c REFERENCES pets)",
    "CREATE TABLE people(" + ",".join(f"c{i}" for i in range(300)) + ")",
    "CREATE TABLE people(a " + "(" * 200 + ")",
    "CREATE VIEW people AS SELECT * FROM people",
    "CREATE VIEW adults AS SELECT * FROM adults UNION SELECT * FROM adults",
    "CREATE VIEW adults AS SELECT load_extension('/tmp/x.so'), readfile('/etc/passwd')",
    "CREATE VIEW adults AS SELECT writefile('written', 'x'), edit('x'), fts3_tokenizer('x', x'00')",
    "CREATE VIEW adults AS SELECT randomblob(2000000000), printf('%.*c', 2000000000, 'x')",
    "CREATE VIEW adults AS SELECT * FROM pragma_journal_mode('wal'), pragma_writable_schema(1)",
    "CREATE VIEW adults AS SELECT sql FROM sqlite_schema; ATTACH 'attached' AS x",
    "CREATE VIEW adults(a, a, a) AS SELECT 1, 2, 3",
    # A million times the one table, and nothing that SQLite would stop at.
    "CREATE VIEW adults AS WITH w0 AS (SELECT age FROM people)"
    + "".join(f", w{i} AS (SELECT x.age FROM w{i - 1} x, w{i - 1} y)" for i in range(1, 21)) + " SELECT * FROM w20",
    "CREATE VIEW adults AS SELECT name FROM people WHERE " + "(" * 300 + "1",
    "CREATE INDEX people_by_age ON people(age COLLATE nowhere)",
    "CREATE INDEX people_by_age ON people((SELECT 1))",
    "CREATE INDEX people_by_age ON pets(nothing, nothing)",
    "CREATE VIRTUAL TABLE notes USING fts5(a, content='people', content_rowid='id')",
    "CREATE VIRTUAL TABLE notes USING nowhere(a)",
    "CREATE VIRTUAL TABLE notes USING fts3(a, tokenize=\x1b[31m)",
    "CREATE VIRTUAL TABLE notes USING dbstat",
    "CREATE TRIGGER grow AFTER INSERT ON people BEGIN DELETE FROM people; END",
    "INSERT INTO people VALUES (1)",
    "",
]


def number(chance, size):
    value = chance.choice(EXTREMES) if chance.random() < 0.8 else chance.getrandbits(8 * size)
    return (value % (1 << 8 * size)).to_bytes(size, "big")


def flip(chance, data):
    for _ in range(chance.choice((1, 2, 8, 64))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut(chance, data):
    length = chance.choice((0, 15, 16, 99, 100, 512, chance.randrange(len(data)), len(data) - 1, len(data) - len(data) % 512 - 1))
    del data[max(length, 0):]


def page_size(data):
    size = int.from_bytes(data[16:18], "big")
    return size if size in (512, 1024, 4096) and len(data) >= 2 * size else 512


def swap_pages(chance, data):
    size = page_size(data)
    for _ in range(chance.choice((1, 3))):
        a, b = (chance.randrange(len(data) // size or 1) * size for _ in range(2))
        data[a:a + size], data[b:b + size] = data[b:b + size], data[a:a + size]


def header(chance, data):
    for _ in range(chance.choice((1, 1, 2, 4))):
        place, size = chance.choice(HEADER)
        data[place:place + size] = number(chance, size)


def page_header(chance, data):
    """The head of a B-tree page, its cells' places or the front of a cell."""
    size = page_size(data)
    for _ in range(chance.choice((1, 2, 4))):
        page = chance.randrange(len(data) // size or 1) * size
        place = page + chance.choice((0, 1, 3, 5, 7, 8, 10, 12, 14, chance.randrange(size)))
        width = chance.choice((1, 2, 4))
        data[place:place + width] = number(chance, width)


def schema(chance, data):
    """A statement of the schema becomes another one of its length."""
    for encoding in ("utf-8", "utf-16-be"):
        place, starts = -1, []
        while (place := data.find("CREATE ".encode(encoding), place + 1)) >= 0:
            starts.append(place)
        if not starts:
            continue
        place = chance.choice(starts)
        size, end = len("x".encode(encoding)), place
        while any(byte > 8 for byte in data[end:end + size]):
            end += size
        text = chance.choice(SCHEMAS).encode(encoding, "surrogatepass" if size > 1 else "surrogateescape")
        room = end - place
        data[place:end] = (text + " ".encode(encoding) * room)[:room]


def mutated_database(chance, goods):
    files = {suffix: bytearray(data) for suffix, data in chance.choice(goods).items()}
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        suffix = chance.choice(["", "", *files])
        if suffix == "":
            mutation = chance.choice((flip, cut, swap_pages, header, page_header, page_header, schema, schema))
        else:
            mutation = chance.choice((flip, cut, page_header, header))
        if files[suffix]:
            mutation(chance, files[suffix])
    return {"x.db" + suffix: bytes(data) for suffix, data in files.items()}


# Mutants of texts.

PIECES = [b'"', b'""', b'"\n', b",", b"\t", b";", b"|", b"\r", b"\n", b"\r\n", b"\0", b"\x1b[31m", b"\x1b]0;x\x07", b"\x9b", b"\xff",
          b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x7f", "\u202e".encode(), b"\\",
          b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"SQLite format 3\0"]


def mutated_text(chance, goods):
    data = bytearray(chance.choice(goods))
    for _ in range(chance.choice((1, 2, 4, 16))):
        kind, place = chance.randrange(7), chance.randrange(len(data) + 1)
        end = min(len(data), place + chance.choice((1, 4, 50)))
        if kind <= 1:
            data[place:place] = chance.choice(PIECES)
        elif kind == 2:
            data[place:end] = bytes(chance.randrange(256) for _ in range(end - place))
        elif kind == 3:
            data[place:end] = b""
        elif kind == 4:
            data[place:place] = (bytes(data[place:end]) or b",") * chance.choice((2, 10, 3000))
        elif kind == 5:
            data[place:] = chance.choice(goods)
        elif data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    if chance.random() < 0.1:
        data[0:0] = chance.choice(PIECES[-3:])
    return {"x." + chance.choice(("csv", "csv", "tsv", "csv.gz", "csv.zst")): bytes(data[:1 << 18])}


# Running and judging.

def read_files(folder):
    """All that is there, with contents and times."""
    found = {}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            found[name] = (file.read(), os.stat(path).st_mtime_ns)
    return found


def reports(folder):
    found = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), errors="replace") as file:
            lines = [line.strip() for line in file if "ERROR:" in line or "runtime error" in line or " #" in line]
        os.remove(os.path.join(folder, name))
        found.append("a sanitizer reports " + " / ".join(lines[:6]))
    return found


def judge(command, folder, name, log, environment):
    """Runs one; what is wrong with it."""
    try:
        got = subprocess.run([os.path.join(BIN, command[0]), *command[1:], name], cwd=folder, env=environment,
                             stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return 0, [f"is still running after {SECONDS} s"] + reports(log)
    problems = reports(log)
    if got.returncode not in (0, 1, 3, 4):
        problems.append(f"status {got.returncode}: {got.stderr[-300:]!r}")
    for line in got.stderr.splitlines():
        if not line.startswith(command[0].encode() + b": "):
            problems.append(f"a line on stderr: {line!r}")
        elif any(said in line for said in (b"died of signal", b"exited with status", b"breaks the protocol")):
            problems.append(f"the helper: {line!r}")
    if b"\x1b" in got.stderr or ("table" in command and b"\x1b" in got.stdout):
        problems.append("an escape is printed")
    return got.returncode, problems


def try_file(number, what, files):
    """All commands on one database; the statuses, and what is wrong."""
    statuses, problems = [], []
    with tempfile.TemporaryDirectory(prefix="hostile-") as top:
        folder, log = os.path.join(top, "data"), os.path.join(top, "log")
        os.mkdir(folder)
        os.mkdir(log)
        # In order, so that a -wal is no older than its database.
        for name, data in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        before = read_files(folder)
        sanitizers = f"exitcode=99:log_path={log}/report:allocator_may_return_null=1"
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": top, "ASAN_OPTIONS": sanitizers, "UBSAN_OPTIONS": sanitizers}
        for command in COMMANDS:
            status, wrong = judge(command, folder, next(iter(files)), log, environment)
            statuses.append(status)
            after = read_files(folder)
            for name in sorted(set(before) | set(after)):
                if before.get(name) != after.get(name):
                    wrong.append(f"{name} was {'changed' if name in before and name in after else 'made or removed'}")
            before = after
            problems += [f"{what} {number}, {' '.join(command)}: {problem}" for problem in wrong]
        if problems and "DBM_HOSTILE_KEEP" in os.environ:
            shutil.copytree(folder, os.path.join(os.environ["DBM_HOSTILE_KEEP"], f"{what}-{number}".replace(" ", "-").replace("/", "-")),
                            dirs_exist_ok=True)
    return statuses, problems


def try_all(what, cases, good=False):
    """`cases`: names and files; `good`: every command must succeed."""
    statuses, problems = {}, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for some, wrong in pool.map(lambda case: try_file(case[0], what, case[1]), cases):
            problems += wrong
            for status in some:
                statuses[status] = statuses.get(status, 0) + 1
    if good and set(statuses) != {0}:
        problems.append(f"some commands fail on good files: {statuses}")
    counts = ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))
    check(f"hostile {what}: {len(cases)} files, {sum(statuses.values())} runs (status {counts})", problems)


def shared_files(kind, name):
    """As many as are wanted, evenly taken."""
    paths = sorted(os.path.join(folder, file) for folder, _, files in os.walk(os.path.join(SHARED, "fuzz", kind)) for file in files)
    every = max(1, len(paths) // FILES)
    cases = []
    for path in paths[::every]:
        with open(path, "rb") as file:
            cases.append((os.path.basename(path), {name: file.read()}))
    return cases


def main():
    folder = os.path.join(TESTS, "cases")
    texts = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".csv"):
            with open(os.path.join(folder, name), "rb") as file:
                texts.append(file.read())
    databases, chance = good_databases(), random.Random(SEED)
    undamaged = [(i, {"x.db" + suffix: data for suffix, data in files.items()}) for i, files in enumerate(databases)]
    try_all("databases undamaged", undamaged, good=True)
    try_all("databases", [(i, mutated_database(chance, databases)) for i in range(FILES)])
    try_all("texts", [(i, mutated_text(chance, texts)) for i in range(FILES)])
    if SHARED:
        try_all("databases of others", shared_files("sqlite", "x.db"))
        try_all("texts of others", shared_files("csv", "x.csv"))
    return finish()


if __name__ == "__main__":
    sys.exit(main())

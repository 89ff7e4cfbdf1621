#!/usr/bin/env python3
"""index_large.py [FOLDER]: three indexes for a live and an archive database of DBM_ROWS rows each (50000).

A want file becomes a plan, the plan is carried out over both, statistics are gathered and said.  What was a scan is a search, what
groups all rows scans an index that has all it needs, and what gains nothing is told why.  The plans are asserted; how much faster
each query is, is printed.  With 5000000 rows it takes some minutes and 3 GB of FOLDER.  TAP."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap  # noqa: E402

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
INDEX = os.path.join(os.environ.get("DBM_BIN", os.path.join(TOP, "bin")), "dbm-index")
ROWS = int(os.environ.get("DBM_ROWS", "50000"))
DATABASES = ("live.db", "archive.db")
WANT = "stock (date, item)\nstock (lot)\nstock (item, date, quantity)\n"

# What it is; the query; how it was answered before and is behind: access, index; how much faster it is to be with 5000000 rows.
QUERIES = (
    ("a range of dates of an item", "SELECT * FROM stock WHERE date BETWEEN '2024-03-01' AND '2024-03-09' AND item = 'item77'",
     ("scan", None), ("search", "stock_item_date_quantity_idx"), 20),
    ("a day", "SELECT count(*), sum(length(note)) FROM stock WHERE date = '2024-03-01' AND item >= 'item77'",
     ("scan", None), ("search", "stock_date_item_idx"), 20),
    ("a lot", f"SELECT * FROM stock WHERE lot = 'LOT{ROWS // 2:09d}'", ("scan", None), ("search", "stock_lot_idx"), 20),
    ("the sum of an item", "SELECT sum(quantity) FROM stock WHERE item = 'item77'",
     ("scan", None), ("search", "stock_item_date_quantity_idx"), 20),
    ("all sums", "SELECT item, sum(quantity) FROM stock GROUP BY item",
     ("scan", None), ("scan", "stock_item_date_quantity_idx"), 3),
)
# What gains nothing: what is said of it.
VAIN = (
    ("SELECT * FROM stock WHERE lot LIKE 'ABC%'", ("NOCASE", "GLOB")),
    ("SELECT * FROM stock WHERE lot LIKE '%abc%'", ("FTS5",)),
    ("SELECT * FROM stock LIMIT 100", ("LIMIT 100",)),
)


def make(path, seed):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.executescript(f"""CREATE TABLE stock(id INTEGER PRIMARY KEY, lot TEXT NOT NULL, item TEXT NOT NULL, date TEXT NOT NULL,
            quantity INTEGER, note TEXT);
        BEGIN;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
        INSERT INTO stock SELECT i, printf('LOT%09d', i * 7919 % {ROWS}), 'item' || (i * {seed} % 4999),
            date('2020-01-01', (i * 31 % 2003) || ' days'), i % 97, printf('note %060d', i) FROM n;
        COMMIT""")
    db.close()


def run(*words, stdin=None):
    return subprocess.run([INDEX, *words], input=stdin, capture_output=True, text=True, check=False)


def steps(sql, *words):
    """The steps about the table, as the first database would do them."""
    done = run("-f", "json", "--explain", sql, *words, DATABASES[0])
    return [step for step in map(json.loads, done.stdout.splitlines()) if step["table"] == "stock"], done.stderr


def check_steps(what, sql, want):
    found, err = steps(sql)
    got = [(step["access"], step["index"]) for step in found]
    tap.check(what, [] if got == [want] else [f"{sql}: {got}, not {want} {err}"])


def measure():
    """Seconds that each query takes in each database: the shorter of two."""
    seconds = {}
    for name in DATABASES:
        db = sqlite3.connect(name)
        for what, sql, *_ in QUERIES:
            taken = []
            for _ in range(2):
                began = time.monotonic()
                db.execute(sql).fetchall()
                taken.append(time.monotonic() - began)
            seconds[name, what] = min(taken)
        db.close()
    return seconds


def check_apply():
    plan = run("--plan", "--want", "want", *DATABASES)
    began = time.monotonic()
    done = run("--apply", "-", stdin=plan.stdout)
    print(f"# applied in {time.monotonic() - began:.1f} s")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    made = [(line[0], line[3]) for line in lines]
    want = [(f"{name}#stock", what) for name in DATABASES for what in ("created",) * 3 + ("analyzed",)]
    tap.check("the plan is carried out over both, and statistics are gathered",
              [] if (done.returncode, made) == (0, want) else [f"{done.returncode}: {done.stdout} {done.stderr}"])
    said = [line[5] for line in lines if line[3] == "analyzed"]
    tap.check("and that is said", [] if said == ["all rows were read"] * 2 else [str(said)])
    again = run("--plan", "--want", "want", *DATABASES)
    tap.check("then there is nothing to do", [] if (again.returncode, again.stdout) == (0, "") else [again.stdout + again.stderr])
    problems = []
    for name in DATABASES:
        db = sqlite3.connect(name)
        counts = sorted(stat.split()[0] for stat, in db.execute("SELECT stat FROM sqlite_stat1"))
        if counts != [str(ROWS)] * 3 or (ROWS <= 1000000 and db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]):
            problems.append(f"{name}: {counts}")
        db.close()
    tap.check("the statistics are of all rows, and both are whole", problems)


def main():
    with open("want", "w", encoding="utf-8") as file:
        file.write(WANT)
    for name, seed in zip(DATABASES, (104729, 15485863)):
        make(name, seed)
    for what, sql, before, *_ in QUERIES:
        check_steps(f"before: {what}", sql, before)
    before = measure()
    check_apply()
    for what, sql, _, behind, _ in QUERIES:
        check_steps(f"behind: {what}", sql, behind)
    found, _ = steps(QUERIES[-1][1])
    tap.check("the index has all that sums need", [] if [step["covering"] for step in found] == [True] else [str(found)])
    behind = measure()
    for name in DATABASES:
        for what, _, _, _, times in QUERIES:
            was, now = before[name, what], behind[name, what]
            print(f"# {name}: {what}: {was:.4f} s, {now:.5f} s: {was / now:.0f}x (with 5000000 rows at least {times}x)")
    for sql, words in VAIN:
        found, err = steps(sql, "--want", "want")
        advice = " ".join(step["advice"] or "" for step in found)
        tap.check(f"told why it gains nothing: {sql}", [] if all(word in advice for word in words) else [advice + err])
    return tap.finish()


folder = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else tempfile.mkdtemp()
os.chdir(folder)
for variable in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):
    os.environ[variable] = folder
try:
    status = main()
finally:
    if len(sys.argv) == 1:
        shutil.rmtree(folder)
sys.exit(status)

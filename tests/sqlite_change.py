#!/usr/bin/env python3
"""sqlite_change.py HELPER FOLDER: indexes are made in SQLite files that others read and write all the while, in both journal modes.

Nobody fails, nothing that was committed is lost, the index comes, and two who make it at once make it once.  TAP."""

import os
import sqlite3
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap  # noqa: E402

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
HELPER, FOLDER = sys.argv[1:3]
ROWS = 60000
PATIENCE = 20  # seconds that a reader and a writer wait for a lock
ROUNDS = 3

CREATE = ["create_index", "table=stock", "name=stock_date", "key=column|date|asc|||", "key=column|item|asc|||", "wait=60000",
          "lock_timeout=1000"]
DROP = ["drop_index", "table=stock", "name=stock_date", "wait=60000", "lock_timeout=1000"]
ANALYZE = ["analyze", "table=stock", "wait=60000", "lock_timeout=1000"]


def ask(path, words):
    """The last phase of a change, or how it ended."""
    done = subprocess.run([os.path.join(TOP, "tests/pg/ask"), HELPER, "sqlite:" + path, *words], capture_output=True, text=True,
                          check=False)
    rows = [line for line in done.stdout.splitlines() if line.startswith("[")]
    return rows[-1].split('"')[1] if done.stdout.endswith("end 1\n") and rows else done.stdout


def make(path, mode):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = " + mode)
    db.executescript(f"""CREATE TABLE stock(id INTEGER PRIMARY KEY, date, item, quantity);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
        INSERT INTO stock SELECT i, date('2020-01-01', (i % 1000) || ' days'), 'item' || (i % 500), i FROM n""")
    db.close()


class Worker(threading.Thread):
    """Does one transaction after another until it is told to stop."""

    def __init__(self, path):
        super().__init__()
        self.path, self.done, self.problems, self.over = path, 0, [], threading.Event()
        self.start()

    def run(self):
        db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        try:
            while not self.over.is_set():
                self.once(db)
                self.done += 1
                self.over.wait(0.001)
        except sqlite3.Error as error:
            self.problems.append(f"{type(self).__name__}: {error}")
        db.close()

    def stop(self):
        self.over.set()
        self.join()


class Reader(Worker):
    def once(self, db):
        total, = db.execute("SELECT count(*) FROM stock NOT INDEXED").fetchone()
        if total < ROWS:
            self.problems.append(f"{total} rows")


class Writer(Worker):
    def once(self, db):
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO stock(date, item, quantity) VALUES('2030-01-01', 'new', ?)", (self.done,))
        db.execute("COMMIT")


def check_beside(mode):
    path = os.path.join(FOLDER, mode + ".db")
    make(path, mode)
    workers, problems = [Reader(path), Reader(path), Writer(path)], []
    for _ in range(ROUNDS):
        for words, want in ((CREATE, "created"), (ANALYZE, "analyzed"), (DROP, "dropped")):
            got = ask(path, words)
            if got != want:
                problems.append(f"{words[0]}: {got}")
    ask(path, CREATE)
    for worker in workers:
        worker.stop()
        problems += worker.problems + ([] if worker.done else ["a worker had no turn"])
    db = sqlite3.connect(path)
    added, = db.execute("SELECT count(*) FROM stock WHERE item = 'new'").fetchone()
    indexed, = db.execute("SELECT count(*) FROM stock INDEXED BY stock_date WHERE date >= ''").fetchone()
    if added != workers[2].done or indexed != ROWS + added:
        problems.append(f"{workers[2].done} rows were committed, {added} are there, {indexed} in the index")
    if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        problems.append("integrity_check")
    if db.execute("PRAGMA journal_mode").fetchone() != (mode,):
        problems.append("another journal mode")
    db.close()
    left = [name for name in os.listdir(FOLDER) if name.startswith(mode + ".db-")]
    tap.check(f"{mode}: a reader and a writer at work", problems + [f"left behind: {left}"] * bool(left))


def check_two(mode):
    path, problems = os.path.join(FOLDER, "two.db"), []
    make(path, mode)
    for _ in range(ROUNDS):
        got = []
        both = [threading.Thread(target=lambda: got.append(ask(path, CREATE))) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        if sorted(got) != ["created", "there"]:
            problems.append(f"{got}")
        ask(path, DROP)
    os.remove(path)
    tap.check(f"{mode}: two who make it at once", problems)


for journal in ("delete", "wal"):
    check_beside(journal)
    check_two(journal)
sys.exit(tap.finish())

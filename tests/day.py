#!/usr/bin/env python3
"""A day of looks: 1,000 of them at 50 tables, some of which everybody looks at (Zipf), and writes between them.  Every answer is
right, and the misses are just the first look at each table and the first one after it was written to.

The day has ten hours.  What is written in one of them is looked at once it is two seconds old: before that no answer is kept,
which is not what this is about."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

import tap

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
BIN = os.environ.get("DBM_BIN", os.path.join(TOP, "bin"))
TABLES, LOOKS, HOURS, WRITES = 50, 1000, 10, 8


class Table:
    """One that is a file of its own, CSV or SQLite; its rows are its number and how often it was written to."""

    def __init__(self, top, number):
        self.number, self.version, self.seen = number, 0, -1
        self.sqlite = number % 2 == 0
        self.path = os.path.join(top, f"t{number}." + ("db" if self.sqlite else "csv"))
        self.ref = self.path + ("#t" if self.sqlite else "")
        self.write()

    def rows(self):
        return 6000 + 7 * self.number + 13 * self.version

    def write(self):
        self.version += 1
        if not self.sqlite:
            with open(self.path, "w") as file:
                file.write("id,text\n" + "".join(f"{n},row {n}\n" for n in range(self.rows())))
            return
        with sqlite3.connect(self.path) as db:
            db.executescript("CREATE TABLE IF NOT EXISTS t(a); DELETE FROM t")
            db.executemany("INSERT INTO t VALUES(?)", ((n,) for n in range(self.rows())))
        db.close()


def look(table, env):
    p = subprocess.run(
        [os.path.join(BIN, "dbm-linecount"), "-f", "json", table.ref], capture_output=True, text=True, env=env, timeout=30
    )
    if p.returncode != 0 or p.stderr:
        return f"status {p.returncode}: {p.stderr}"
    record = json.loads(p.stdout)
    want = "miss" if table.seen != table.version else "hit"
    table.seen = table.version
    if record["records"] != table.rows():
        return f"{record['records']} records instead of {table.rows()}"
    return "" if record["cache"] == want else f"a {record['cache']} where there should be a {want}"


def main():
    chance = random.Random(20240229)
    with tempfile.TemporaryDirectory(prefix="dbm-day.") as top:
        env = {**os.environ, "XDG_CACHE_HOME": os.path.join(top, "cache"), "XDG_STATE_HOME": os.path.join(top, "state")}
        os.mkdir(env["XDG_CACHE_HOME"])
        tables = [Table(top, n) for n in range(TABLES)]
        weights = [1 / (rank + 1) for rank in range(TABLES)]
        wrong = []
        for hour in range(HOURS):
            for table in chance.choices(tables, weights, k=WRITES if hour > 0 else 0):
                table.write()
            time.sleep(2.1)
            for table in chance.choices(tables, weights, k=LOOKS // HOURS):
                said = look(table, env)
                wrong += [f"hour {hour}, {table.ref}: {said}"] if said else []
        tap.check(f"{LOOKS} looks at {TABLES} tables, and writes: misses are first looks and looks after a write", wrong)
    return tap.finish()


sys.exit(main())

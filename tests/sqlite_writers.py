#!/usr/bin/env python3
"""sqlite_writers.py MODE LOOKS: looks at an SQLite database in the current folder while another process writes to it.

A transaction adds two rows, whose numbers add up to 0, to the tables a and b, or changes the signs of two that are there.  The writer says which transaction it begins and
which is done; so it is known of every look how many rows it must see at least, and at most.  A look may be refused, but not
be wrong.  Prints the looks and the refusals.  DBM_BIN: the folder of the programs."""
import collections
import contextlib
import json
import mmap
import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys
import time

BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))
DATABASE, PROGRESS = "x.db", "progress"
MODES = ("delete", "truncate", "persist", "wal", "wal-reopened", "wal-checkpointed", "wal-truncated", "wal-killed", "delete-killed",
         "switched")
FIRST, PADDING = 1000, 300  # transactions before the first look; bytes in a row
AHEAD = 3  # transactions for each look that may add rows


class Progress:
    """How many transactions were begun and how many are done, shared with the other process."""

    def __init__(self):
        with open(PROGRESS, "ab") as file:
            file.truncate(32)
        with open(PROGRESS, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 32)

    def begun(self, value=None):
        return self._at(0, value)

    def done(self, value=None):
        return self._at(8, value)

    def looks(self, value=None):
        return self._at(16, value)

    def turns(self, value=None):
        return self._at(24, value)

    def _at(self, place, value):
        if value is not None:
            self.memory[place:place + 8] = struct.pack("<q", value)
        return struct.unpack("<q", self.memory[place:place + 8])[0]


# The writer.

def connect(mode, journal):
    db = sqlite3.connect(DATABASE, isolation_level=None, timeout=60)
    db.execute(f"PRAGMA journal_mode = {journal}")
    db.execute("PRAGMA synchronous = OFF")
    if mode == "wal":
        db.execute("PRAGMA wal_autocheckpoint = 20")
    return db


def add(db, number, cache):
    db.execute(f"PRAGMA cache_size = {cache}")
    db.execute("BEGIN IMMEDIATE")
    for table in "ab":
        db.execute(f"INSERT INTO {table} VALUES (?, ?), (?, ?)", (number, "x" * PADDING, -number, "y" * PADDING))
        if cache == 1:
            db.execute(f"UPDATE {table} SET padding = padding")
    db.execute("COMMIT")


def change(db, number):
    """Two rows that belong together, somewhere in each table."""
    db.execute("BEGIN IMMEDIATE")
    for table in "ab":
        db.execute(f"UPDATE {table} SET n = -n WHERE rowid IN (?, ?)", (2 * number - 1, 2 * number))
    db.execute("COMMIT")


def journal_of(mode, number):
    if mode == "switched":
        return "WAL" if number % 8 < 4 else "DELETE"
    return "WAL" if mode.startswith("wal") else mode.split("-")[0].upper()


def write(mode):
    progress, chance = Progress(), random.Random(os.getpid())
    db, number = None, progress.done()
    if progress.begun() > number:
        # Killed: only what is in the file tells whether that one was done.
        db = connect(mode, journal_of(mode, number))
        number = db.execute("SELECT count(*) / 2 FROM a").fetchone()[0]
        progress.done(number)
    while True:
        turn = progress.turns(progress.turns() + 1)
        if db is None:
            db = connect(mode, journal_of(mode, turn))
        if mode == "switched":
            # Not while it is looked at.
            with contextlib.suppress(sqlite3.OperationalError):
                db.execute(f"PRAGMA journal_mode = {journal_of(mode, turn)}")
        if number >= FIRST + 1 + AHEAD * progress.looks():
            change(db, chance.randrange(1, number))
        else:
            number += 1
            progress.begun(number)
            # With a small cache pages are written before the transaction is done.
            add(db, number, 1 if chance.random() < (0.5 if mode.endswith("-killed") else 0.05) else 1000)
            progress.done(number)
        if mode == "wal-reopened":
            db.close()
            db = None
        if mode == "wal-checkpointed" and chance.random() < 0.5:
            db.execute("PRAGMA wal_checkpoint(" + chance.choice(("PASSIVE", "FULL", "RESTART", "TRUNCATE")) + ")").fetchall()
        if mode == "wal-truncated":
            db.execute("PRAGMA busy_timeout = 5")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if chance.random() < 0.3:
            time.sleep(chance.random() * 0.004)


# The looks.

def dbm(program, *arguments):
    return subprocess.run([os.path.join(BIN, program), "-q", *arguments], capture_output=True)


def count_one(problems, least, most):
    got = dbm("dbm-linecount", "-b", DATABASE + "#a")
    if got.returncode != 0:
        return got.stderr
    number = int(got.stdout)
    if number % 2 or not 2 * least <= number <= 2 * most():
        problems.append(f"count of a: {number}, not {2 * least} to {2 * most()}")
    return None


def count_both(problems, least, most):
    got = dbm("dbm-linecount", "-f", "json", DATABASE)
    if got.returncode != 0:
        return got.stderr
    a, b = [json.loads(line)["records"] for line in got.stdout.splitlines()]
    if a % 2 or b % 2 or not 2 * least <= a <= b <= 2 * most():
        problems.append(f"counts: {a} and {b}, not {2 * least} to {2 * most()}")
    return None


def rows(problems, least, most):
    got = dbm("dbm-preview", "-n", "1000000", "-f", "json", DATABASE + "#b")
    if got.returncode != 0:
        return got.stderr
    values = [json.loads(line)["row"] for line in got.stdout.splitlines()]
    numbers = [row["n"] for row in values]
    if len(numbers) % 2 or sum(numbers) or not 2 * least <= len(numbers) <= 2 * most():
        problems.append(f"rows: {len(numbers)}, their sum {sum(numbers)}, not {2 * least} to {2 * most()}")
    if any(set(row["padding"]) - {"x", "y"} or len(row["padding"]) != PADDING for row in values):
        problems.append("rows: a cell is not as it was written")
    return None


def tail(problems, least, most):
    got = dbm("dbm-preview", "-n", "2", "--tail", "-c", "n", "-f", "json", DATABASE + "#a")
    if got.returncode != 0:
        return got.stderr
    values = [json.loads(line)["row"]["n"] for line in got.stdout.splitlines()]
    if sum(values) or not least <= abs(values[0]) <= most():
        problems.append(f"tail: {values}, not {least} to {most()}")
    return None


def listing(problems, _, __):
    got = dbm("dbm-list", "-k", "column", DATABASE)
    if got.returncode == 0 and got.stdout.count(b"\n") != 4:
        problems.append(f"columns: {got.stdout}")
    return got.stderr if got.returncode else None


def wait_until(reached):
    end = time.monotonic() + 20
    while not reached() and time.monotonic() < end:
        time.sleep(0.001)


def start_writer(mode):
    return subprocess.Popen([sys.executable, __file__, mode])


def main(mode, looks):
    db = connect(mode, journal_of(mode, 0))
    db.executescript("CREATE TABLE a (n INTEGER, padding TEXT); CREATE TABLE b (n INTEGER, padding TEXT)")
    progress, chance = Progress(), random.Random(20240229)
    for number in range(1, FIRST + 1):
        add(db, number, 1000)
    progress.begun(FIRST)
    progress.done(FIRST)
    db.close()
    problems, refusals, kills = [], collections.Counter(), 0
    writer = start_writer(mode)
    try:
        wait_until(lambda: progress.done() > FIRST)
        for look in range(looks):
            progress.looks(look)
            if mode.endswith("-killed") and look % 3 == 0:
                wait_until(lambda at=progress.turns(): progress.turns() > at + 1)
                time.sleep(chance.random() * 0.01)
                writer.kill()
                writer.wait()
                kills += 1
            refused = chance.choice((count_one, count_both, count_one, rows, tail, listing))(problems, progress.done(), progress.begun)
            if refused is not None:
                refusals[refused.decode("utf-8", "replace").split(": ", 2)[-1].strip()] += 1
            if writer.poll() is not None and not mode.endswith("-killed"):
                problems.append(f"the writer ended with status {writer.returncode}")
                break
            if writer.poll() is not None and look % 3 == 1:
                writer = start_writer(mode)
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    print(f"# {mode}: {looks} looks, {progress.turns()} transactions, {kills} kills, {sum(refusals.values())} refused: {dict(refusals)}")
    for problem in problems[:5]:
        print("# " + problem)
    if sum(refusals.values()) > looks * 2 // 3:
        problems.append("too few looks were answered to tell anything")
    print(f"{len(problems)} wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) == 2:
        write(sys.argv[1])
    sys.exit(main(sys.argv[1], int(sys.argv[2])))

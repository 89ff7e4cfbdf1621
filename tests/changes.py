#!/usr/bin/env python3
"""What is kept of a file is not the answer any more once the file has changed, in whatever way: each change is noticed at the
next look, and while nothing changes the answer is the kept one.  Python's csv and sqlite3 modules say what is right.

A row of the table is a generator: it makes a file, yields, changes it, yields, and so on.  All go through their turns together,
and wait together until what they made is no longer young (lib/stamp.h).  DBM_BIN: the folder of the programs."""
import contextlib
import csv
import gzip
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from tap import check, finish

BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))
SEED = 20240229
YOUNG = 2.1  # seconds
SIZE = 100_000  # bytes of a table, which are worth keeping its count
LARGE = 24 << 20  # bytes that take long enough to read
QUICK = 30  # changes without a wait
SHM_HEADERS = 96  # bytes: WalIndexHdr, twice (SQLite's walformat.html)

# What a row may say when it yields.
EITHER = "either"  # the answers are the same as before: a kept one is right too
UNSEEN = "unseen"  # not to be looked at before the next change
# Or the path of another file that says what is right.


# Tables of text.

def text_of(records, size=SIZE):
    """As many records in as many bytes."""
    rows = ["id,text\n"] + [f"{i},x\n" for i in range(records - 1)]
    rows.append(f"{records},{'y' * (size - sum(map(len, rows)) - len(str(records)) - 2)}\n")
    return "".join(rows).encode()


def write(path, data):
    """Over what is there: the inode stays."""
    with open(path, "r+b" if os.path.exists(path) else "wb") as file:
        file.write(data)
        file.truncate()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def take_times(path, other):
    st = os.stat(other)
    os.utime(path, ns=(st.st_atime_ns, st.st_mtime_ns))


@contextlib.contextmanager
def times_kept(path):
    st = os.stat(path)
    yield
    os.utime(path, ns=(st.st_atime_ns, st.st_mtime_ns))


def copy_over(path, other):
    subprocess.run(["cp", "-p", other, path], check=True)


def appended(path):
    write(path, text_of(1000))
    yield
    with open(path, "ab") as file:
        file.write(b"1,x\n")
    yield


def same_size(path):
    write(path, text_of(1000))
    yield
    write(path, text_of(1001))
    yield


def same_size_and_time(path):
    write(path, text_of(1000))
    yield
    with times_kept(path):
        write(path, text_of(1001))
    yield


def copied_over(path):
    write(path, text_of(1000))
    write(path + ".other", text_of(1001))
    take_times(path + ".other", path)
    yield
    copy_over(path, path + ".other")
    yield


def renamed(path):
    write(path, text_of(1000))
    write(path + ".other", text_of(1001))
    take_times(path + ".other", path)
    yield
    os.replace(path + ".other", path)
    yield


def truncated(path):
    write(path, text_of(1000))
    yield
    os.truncate(path, 0)
    write(path, text_of(1001))
    yield


def touched(path):
    write(path, text_of(1000))
    yield
    os.utime(path)
    yield EITHER


def of_a_year(year):
    def row(path):
        seconds = (year - 1970) * 365.25 * 86400
        write(path, text_of(1000))
        os.utime(path, (seconds, seconds))
        yield
        with times_kept(path):
            write(path, text_of(1001))
        yield
    return row


def led_elsewhere(path):
    folder = os.path.dirname(path)
    for name, records in (("one", 1000), ("two", 1001)):
        write(os.path.join(folder, name), text_of(records))
        os.symlink(name, path if name == "one" else path + ".new")
    take_times(os.path.join(folder, "two"), os.path.join(folder, "one"))
    yield
    os.replace(path + ".new", path)
    yield


def compressed(path):
    chance = random.Random(SEED)
    rows = [f"{i},{chance.randrange(10 ** 40)}\n" for i in range(5000)]
    write(path, gzip.compress("".join(["id,text\n"] + rows).encode()))
    yield
    write(path + ".new", gzip.compress("".join(["id,text\n"] + rows[1:]).encode()))
    os.replace(path + ".new", path)
    yield


# Changed while it is read.

def reads(process, path):
    """True where a process has the file open."""
    with contextlib.suppress(OSError):
        folder = f"/proc/{process.pid}/fd"
        return any(os.readlink(os.path.join(folder, fd)) == path for fd in os.listdir(folder))
    return False


def is_stopped(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"


def stopped_reading(row, chance):
    """A count that was stopped somewhere on its way through the file."""
    for _ in range(100):
        process = row.start("dbm-linecount", "-b", row.path)
        while process.poll() is None and not reads(process, row.path):
            pass
        time.sleep(chance.random() * 0.001)
        process.send_signal(signal.SIGSTOP)
        while process.poll() is None and not is_stopped(process):
            pass
        if reads(process, row.path):
            return process
        process.send_signal(signal.SIGCONT)
        process.communicate()
        # It was done.  What it counted may be kept, and the next one would read nothing.
        shutil.rmtree(row.cache, ignore_errors=True)
    raise RuntimeError("a count is never seen at work")


def while_read(change, goes_on=True):
    """`goes_on`: the reader does so at once, not when the change is no longer young."""
    def turns(row):
        path = row.path
        chance = random.Random(path)
        line = b"1," + b"z" * 1000 + b"\n"
        write(path, b"id,text\n" + line * (LARGE // len(line)))
        before = csv_truth(path)["count"]
        yield UNSEEN
        process = stopped_reading(row, chance)
        try:
            change(path)
            if not goes_on:
                yield UNSEEN
            process.send_signal(signal.SIGCONT)
            out, err = process.communicate()
        finally:
            process.kill()
        if process.returncode != 0 or int(out) not in (before, before + 1):
            row.wrong.append(f"while it changes: {out}{err}, not {before} or one more")
        yield
    return turns


def append_line(path):
    with open(path, "ab") as file:
        file.write(b"1,new\n")


def split_line(path):
    """One record becomes two, and nothing else changes that is not the kernel's."""
    with times_kept(path), open(path, "r+b") as file:
        file.seek(2000)
        file.write(b"\n1,")


# SQLite.

def connect(path):
    return contextlib.closing(sqlite3.connect(path, isolation_level=None))


def do(path, *statements):
    """By a connection of its own."""
    with connect(path) as db:
        for sql in statements:
            db.execute(sql).fetchall()


def change(number):
    """A transaction that changes what a preview shows, and the count."""
    return ("BEGIN", f"UPDATE t SET text = 'change {number}' WHERE id = {number}", f"INSERT INTO t (text) VALUES ('row of {number}')",
            "COMMIT")


def make(path, journal="DELETE", word="text"):
    do(path, f"PRAGMA journal_mode = {journal}", "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)", f"""
       INSERT INTO t SELECT value, '{word} ' || value FROM (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL
       SELECT value + 1 FROM n WHERE value < 300) SELECT value FROM n)""")


class Other:
    """Another process that has the database open, and does what it is told."""

    def __init__(self, path, *statements):
        self.process = subprocess.Popen([sys.executable, __file__, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.do(*statements)

    def do(self, *statements):
        for sql in statements:
            self.process.stdin.write(json.dumps(sql).encode() + b"\n")
            self.process.stdin.flush()
            if self.process.stdout.readline() != b"done\n":
                raise RuntimeError("failed: " + sql)

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Without being told it closes the database, which ends the -wal."""
        self.process.communicate()


def serve(path):
    with connect(path) as db:
        for line in sys.stdin:
            db.execute(json.loads(line)).fetchall()
            print("done", flush=True)


def committed(journal):
    def row(path):
        make(path, journal)
        yield
        do(path, f"PRAGMA journal_mode = {journal}", *change(1))
        yield
        do(path, f"PRAGMA journal_mode = {journal}", *change(2))
        yield
    return row


def committed_by_another(journal):
    def row(path):
        make(path, journal)
        with Other(path, "SELECT * FROM t") as other:
            yield
            other.do(*change(1))
            yield
            other.do(*change(2))
            yield
    return row


def in_a_transaction(journal):
    def row(path):
        make(path, journal)
        with Other(path, *change(1)[:-1]) as other:
            yield
            other.do("COMMIT")
            yield
    return row


def write_header(path, data):
    with open(path, "r+b") as file:
        file.write(data)


def save_with_wal(path, to):
    for suffix in ("", "-wal"):
        if os.path.exists(path + suffix):
            shutil.copyfile(path + suffix, to + suffix)


def wal_restarted(path):
    make(path, "WAL")
    with Other(path, "PRAGMA wal_autocheckpoint = 0", *change(1), *change(2), *change(3)) as other:
        size = os.path.getsize(path + "-wal")
        yield
        other.do("PRAGMA wal_checkpoint(RESTART)")
        yield EITHER
        other.do(*change(4))
        assert os.path.getsize(path + "-wal") == size
        yield


def wal_truncated(path):
    make(path, "WAL")
    with Other(path, *change(1)) as other:
        yield
        other.do("PRAGMA wal_checkpoint(TRUNCATE)")
        yield EITHER
        other.do(*change(2))
        yield


def wal_closed(path):
    make(path, "WAL")
    with Other(path, *change(1)):
        yield
    assert not os.path.exists(path + "-wal")
    yield EITHER
    do(path, *change(2))
    yield


def wal_late(path):
    """Writing a commit to the disk takes its time: it stands in the -wal, but is none until it is in the -shm too."""
    before = path + ".before"
    make(path, "WAL")
    with Other(path, "PRAGMA wal_autocheckpoint = 0", *change(1)) as other:
        save_with_wal(path, before)
        earlier = read(path + "-shm")[:SHM_HEADERS]
        other.do(*change(2))
        later = read(path + "-shm")[:SHM_HEADERS]
        write_header(path + "-shm", earlier)
        yield before
        write_header(path + "-shm", later)
        yield


def analyzed(path):
    make(path)
    yield
    do(path, "ANALYZE")
    yield
    do(path, *change(1), "ANALYZE")
    yield


def vacuumed(path):
    make(path)
    do(path, "DELETE FROM t WHERE id % 2")
    yield
    do(path, "VACUUM")
    yield EITHER


def made_again(path):
    make(path)
    yield
    do(path, "DROP TABLE t", "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)", "INSERT INTO t VALUES (7, 'new')")
    yield


def another_table(path):
    make(path)
    yield
    do(path, "CREATE TABLE u (n)")
    yield


def two_of_a_size(path):
    make(path)
    make(path + ".other", word="word")
    take_times(path + ".other", path)
    assert os.path.getsize(path) == os.path.getsize(path + ".other")


def database_renamed(path):
    two_of_a_size(path)
    yield
    os.replace(path + ".other", path)
    yield


def database_copied_over(path):
    two_of_a_size(path)
    yield
    copy_over(path, path + ".other")
    yield


def backed_up_into(path):
    two_of_a_size(path)
    yield
    with connect(path) as to, connect(path + ".other") as db:
        db.backup(to)
    yield


def journal_switched(path):
    make(path)
    with Other(path) as other:
        yield
        other.do("PRAGMA journal_mode = WAL", *change(1))
        yield
        other.do("PRAGMA journal_mode = DELETE", *change(2))
        yield


def killed(path):
    make(path, "WAL")
    Other(path, *change(1)).kill()
    yield
    Other(path, *change(2)).kill()
    yield
    for suffix in ("-wal", "-shm"):
        os.remove(path + suffix)
    yield


def wal_alone(path):
    """Of a writer that was killed a database and its -wal were saved; and then the -wal once more."""
    living = path + ".living"
    make(living, "WAL")
    other = Other(living, "PRAGMA wal_autocheckpoint = 0", *change(1))
    save_with_wal(living, path)
    other.do(*change(2))
    other.kill()
    yield
    copy_over(path + "-wal", living + "-wal")
    yield


def wal_of_another_mode(path):
    """The header says that there is no -wal, and SQLite reads the one that comes to lie there."""
    living = path + ".living"
    make(living, "WAL")
    shutil.copyfile(living, path)
    write_header(path, read(path)[:18] + b"\1\1")
    Other(living, *change(1)).kill()
    yield
    for suffix in ("-shm", "-wal"):
        shutil.copyfile(living + suffix, path + suffix)
    yield


# What is right.

def csv_truth(path):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", newline="") as file:
        return {"count": sum(1 for _ in csv.reader(file)) - 1}


def sqlite_answers(path):
    with connect(path) as db:
        tables = {name: None for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")}
        if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").fetchall():
            tables.update((name, int(stat.split()[0])) for name, stat in db.execute("SELECT tbl, stat FROM sqlite_stat1"))
        return {"count": db.execute("SELECT count(*) FROM t").fetchone()[0],
                "preview": [["id", "text"]] + [[str(id), text] for id, text in db.execute("SELECT * FROM t LIMIT 5")], "list": tables}


def sqlite_truth(path):
    """Of a copy, since whoever opens and closes a database may change it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy.db")
        save_with_wal(path, copy)
        return sqlite_answers(copy)


# The looks.

LOOKS = {
    "count": ("dbm-linecount", ["-b"], "t", int),
    "preview": ("dbm-preview", ["-f", "csv"], "t", lambda out: list(csv.reader(io.StringIO(out)))),
    "list": ("dbm-list", ["-f", "json"], None,
             lambda out: {r["ref"].rsplit("#", 1)[1]: r["rows_estimate"] for r in map(json.loads, out.splitlines())}),
}


class Row:
    """A row of the table: its file, its cache and what is wrong."""

    def __init__(self, name, folder, file):
        self.name, self.path = name, os.path.join(folder, file)
        self.cache, self.trace = os.path.join(folder, "cache"), os.path.join(folder, "trace")
        os.mkdir(folder)
        self.database = file.endswith(".db")
        self.truth = sqlite_truth if self.database else csv_truth
        self.wrong, self.not_kept = [], []
        self.turns, self.turn, self.said = iter(()), 0, None

    def start(self, program, *arguments):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.trace)
        return subprocess.Popen([os.path.join(BIN, program), "-q", "--trace", self.trace, *arguments], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, "XDG_CACHE_HOME": self.cache, "LC_ALL": "C.UTF-8"})

    def go_on(self):
        """To the next change: False where there is none."""
        try:
            self.said = next(self.turns)
        except StopIteration:
            return False
        self.turn += 1
        return True

    def hits(self):
        """What was found in the cache and believed: the kinds of it."""
        with contextlib.suppress(FileNotFoundError), open(self.trace, encoding="utf-8") as file:
            return [line.split()[1].removeprefix("kind=") for line in file if line.startswith("hit ")]
        return []

    def look(self, when):
        """All there is to see: what of it was kept, by the kinds found in the cache."""
        kept = {}
        right = self.truth(self.path if self.said in (None, EITHER) else self.said)
        for what, answer in right.items():
            program, flags, table, parse = LOOKS[what]
            process = self.start(program, *flags, self.path + (f"#{table}" if self.database and table else ""))
            out, err = process.communicate()
            got = parse(out) if process.returncode == 0 else err
            if got != answer:
                self.wrong.append(f"{what}, turn {self.turn}, {when}: {got}, not {answer}")
            kept[what] = self.hits()
        return kept

    def look_at_change(self):
        if self.said == UNSEEN:
            return
        kept = [what for what, hits in self.look("at once").items() if hits]
        if kept and self.said != EITHER:
            self.wrong.append(f"turn {self.turn}: kept from before the change: {', '.join(kept)}")

    def look_when_old(self):
        if self.said == UNSEEN:
            return
        self.look("later")
        # Where the rows of a text are is no answer.
        read_again = [what for what, hits in self.look("once more").items() if set(hits) <= {"rowindex"}]
        if read_again:
            self.not_kept.append(f"turn {self.turn}: not kept: {', '.join(read_again)}")


TEXTS = {
    "lines are appended": appended,
    "written over, the same size": same_size,
    "written over, the same size and mtime": same_size_and_time,
    "cp -p of another file of that size and mtime over it": copied_over,
    "another file of that size and mtime renamed to it": renamed,
    "truncated and written again": truncated,
    "touched": touched,
    "of 2099, written over": of_a_year(2099),
    "of 1960, written over": of_a_year(1960),
    "a link that leads elsewhere": led_elsewhere,
}
READ = {
    "a line appended while it is read": while_read(append_line),
    "a line appended while it is read, and read on later": while_read(append_line, goes_on=False),
    "a line split while it is read": while_read(split_line),
    "a line split while it is read, and read on later": while_read(split_line, goes_on=False),
}
DATABASES = {
    "a commit": committed("DELETE"),
    "a commit, journal_mode = TRUNCATE": committed("TRUNCATE"),
    "a commit, journal_mode = PERSIST": committed("PERSIST"),
    "a commit, WAL": committed("WAL"),
    "a commit by another process, which stays": committed_by_another("DELETE"),
    "the first commits to a -wal, which stays": committed_by_another("WAL"),
    "the end of a transaction": in_a_transaction("DELETE"),
    "the end of a transaction, WAL": in_a_transaction("WAL"),
    "a commit after a WAL restart, the size of the -wal is the same": wal_restarted,
    "a commit after a truncating checkpoint": wal_truncated,
    "the -wal goes with its last process": wal_closed,
    "a commit that is long in the -wal before it is in the -shm": wal_late,
    "ANALYZE": analyzed,
    "VACUUM": vacuumed,
    "a table dropped and made again": made_again,
    "another table": another_table,
    "another file of that size and mtime renamed to it": database_renamed,
    "cp -p of another file of that size and mtime over it": database_copied_over,
    "another file backed up into it": backed_up_into,
    "journal mode from DELETE to WAL and back": journal_switched,
    "writers killed, and their -wal removed": killed,
    "a -wal alone, which is another one": wal_alone,
    "a -wal beside a file that knows of none": wal_of_another_mode,
}


def table(folder):
    rows = []

    def add(name, turns, file, of_path=True):
        row = Row(name, os.path.join(folder, str(len(rows))), file)
        row.turns = turns(row.path if of_path else row)
        rows.append(row)

    for name, turns in TEXTS.items():
        add(name, turns, "t.csv")
    for name, turns in READ.items():
        add(name, turns, "t.csv", of_path=False)
    add("a compressed file", compressed, "t.csv.gz")
    for name, turns in DATABASES.items():
        add("SQLite: " + name, turns, "x.db")
    return rows


def check_table(folder):
    rows = table(folder)
    at_work = [row for row in rows if row.go_on()]
    while at_work:
        time.sleep(YOUNG)
        for row in at_work:
            row.look_when_old()
        at_work = [row for row in at_work if row.go_on()]
        for row in at_work:
            row.look_at_change()
    for row in rows:
        check(f"{row.name}: what is said is so", row.wrong)
        check(f"{row.name}: kept while nothing changes", row.not_kept)


# Without a wait.

def check_rewritten(folder):
    """So soon that the clock of the file system has not moved, at times."""
    row = Row("rewritten", os.path.join(folder, "rewritten"), "t.csv")
    texts = [text_of(1000 + i) for i in range(QUICK)]
    for i, text in enumerate(texts):
        write(row.path, text)
        os.utime(row.path, (1000, 1000))
        out, err = row.start("dbm-linecount", "-b", row.path).communicate()
        if out != f"{1000 + i}\n":
            row.wrong.append(f"{out}{err}, not {1000 + i}")
    check("a file that changes again and again: what is said is so", row.wrong)


def check_commits(folder, journal):
    row = Row(journal, os.path.join(folder, journal), "x.db")
    make(row.path, journal)
    with Other(row.path, "PRAGMA synchronous = OFF") as other:
        for i in range(1, QUICK):
            other.do(*change(i))
            row.look_at_change()
    check(f"commits one after another, {journal}: what is said is so", row.wrong)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        os.environ["HOME"] = folder
        os.environ.pop("DBM_TRACE", None)
        check_rewritten(folder)
        check_commits(folder, "DELETE")
        check_commits(folder, "WAL")
        check_table(folder)
    return finish()


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1]) if len(sys.argv) == 2 else main())

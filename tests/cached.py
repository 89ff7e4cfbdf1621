#!/usr/bin/env python3
"""
cached.py [SEED [SECONDS]]: what is kept is answered as the source would answer it.

Random looks at the same few sources, each by a program with random flags: from the cache, which fills as it goes on, and with
--no-cache.  Output, complaints and status are compared.
"""
import gzip
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

SOURCES = ("a.csv", "a.csv.gz", "a.db#t", "a.db#t", "a.db#T2%20x", "a.db#v", "a.db")
COLUMNS = ([], [], ["-c", "1"], ["-c", "2,1"], ["-c", "name"], ["-c", "name,id"], ["-c", "9"], ["-c", "1,1"])
FORMATS = ("tsv", "csv", "json", "table", "md")
READ_AS = (
    ([], [], [], ["--delimiter", ";"], ["--delimiter", "tab"]),
    ([], [], ["--no-header"]),
    ([], [], ["--encoding", "latin1"], ["--encoding", "cp1252"]),
)
PREVIEW = (
    ([], [], [], ["--columns"], ["--tail"], ["--sample", "--seed", "1"], ["--offset", "0"], ["--offset", "99"], ["--offset", "1990"]),
    ([], ["-n", "0"], ["-n", "1"], ["-n", "7"], ["-n", "50"], ["-n", "2000"]),
    ([], ["--width", "0"], ["--width", "1"], ["--width", "7"], ["--width", "9999"]),
    ([], ["--ref"]),
)
LINECOUNT = (([], [], ["--lines-of", "1"], ["--lines-of", "name"]),)
PROFILE = (([], ["--exact"]), ([], ["--top", "1"], ["--top", "50"]), COLUMNS)
LIST = (([], ["-l"], ["-a"], ["-k", "index"], ["-k", "column"], ["-k", "view"], ["-m", "*t*"]),)


def make_sources():
    cells = [b"", b"Ada", b"\xe4\xf6", b'"a""b"']
    rows = b"".join(b'%d,%s,"line %d\nsecond;%d",%s\n' % (i, cells[i % 4], i, i % 7, [b"x" * (i % 50), b"", b" "][i % 3]) for i in range(3000))
    text = b'id,name,"t,x",n;m\n' + rows
    for name, opener in (("a.csv", open), ("a.csv.gz", gzip.open)):
        with opener(name, "wb") as file:
            file.write(text)
    base = sqlite3.connect("a.db")
    base.execute("create table t(id integer primary key, name text, big text, x real)")
    base.execute('create table "T2 x"(a, b)')
    base.execute("create view v as select id, name from t")
    base.execute("create index i on t(name)")
    words = ["", "Ada", None, "\xe4" * 200]
    base.executemany("insert into t values (?, ?, ?, ?)", ((i, words[i % 4], "z" * (i % 300 * 20), i / 2 if i % 5 else None) for i in range(2000)))
    base.executemany('insert into "T2 x" values (?, ?)', ((i, b"\0\1" * i) for i in range(50)))
    base.commit()
    base.close()
    time.sleep(3)  # what has just been written is not answered from the cache


def command(rnd):
    source = rnd.choice(SOURCES)
    program, flags = rnd.choice((("preview", PREVIEW), ("preview", PREVIEW), ("linecount", LINECOUNT), ("profile", PROFILE), ("list", LIST)))
    words = [word for choices in flags for word in rnd.choice(choices)]
    if program == "preview" and "--columns" not in words:
        words += rnd.choice(COLUMNS)
    if ".csv" in source:
        words += [word for choices in READ_AS for word in rnd.choice(choices)]
    elif "--sample" in words:
        words = words[words.index("--sample") + 3:]
    return [f"dbm-{program}", *words, "-f", rnd.choice(FORMATS), source]


def answer(words):
    """Status, output and complaints, without what says when and how it was had."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    said = re.sub(rb"dbm-preview: \S+: read whole .*\n", b"", done.stderr)
    return done.returncode, re.sub(rb'20\d\d-\d\d-\d\dT[\d:]+Z|"cache":"\w+"', b"", done.stdout), said


def compare(rnd, seconds):
    pool, n, end = [], 0, time.monotonic() + seconds
    while time.monotonic() < end and n < 1500:
        words = command(rnd) if rnd.random() < 0.7 or not pool else rnd.choice(pool)
        pool = [*pool, words][-60:]
        n += 1
        kept, true = answer(words), answer([words[0], "--no-cache", *words[1:]])
        if kept != true:
            print(f"# {' '.join(words)}\n# kept: {str(kept)[:600]}\n# true: {str(true)[:600]}")
            return n, False
    return n, True


def main():
    seed, seconds = int((sys.argv + ["1"])[1]), float((sys.argv + ["1", "25"])[2])
    with tempfile.TemporaryDirectory(prefix="dbm-cached.") as folder:
        os.chdir(folder)
        os.environ.update(XDG_CACHE_HOME=f"{folder}/cache", XDG_STATE_HOME=f"{folder}/state", DBM_TTL="1h")
        make_sources()
        n, same = compare(random.Random(seed), seconds)
        os.chdir("/")
    print(f"{'ok' if same else 'not ok'} 1 - {n} looks, kept and asked anew, are the same (seed {seed})\n1..1")
    sys.exit(not same)


main()

#!/usr/bin/env python3
"""Entries of the cache that are not what was written: cut at every byte, a bit flipped in every byte, of another version, another
file in their place.  Whatever is there, the programs give the right answer with status 0 and without a word."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time

import tap

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
BIN = os.environ.get("DBM_BIN", os.path.join(TOP, "bin"))


def look(command, **env):
    p = subprocess.run([os.path.join(BIN, command[0]), *command[1:]], capture_output=True, env={**os.environ, **env}, timeout=30)
    return p.returncode, p.stdout, p.stderr


def entries(cache):
    found = []
    for folder, _, files in os.walk(os.path.join(cache, "dbm", "v1")):
        found += [os.path.join(folder, f) for f in files if len(f) == 16]
    return found


def put(path, data):
    with open(path, "wb") as file:
        file.write(data)


def odd(path, data):
    """What stands there instead, one after another: its name, and how to put it there."""
    for n in range(len(data)):
        yield f"cut to {n} bytes", lambda n=n: put(path, data[:n])
    for n in range(len(data)):
        flipped = bytearray(data)
        flipped[n] ^= 1 << n % 8
        yield f"a bit of byte {n}", lambda b=bytes(flipped): put(path, b)
    yield "a byte more", lambda: put(path, data + b"x")
    newer = data[:8] + bytes([data[8] + 1]) + data[9:]
    yield "a newer version", lambda: put(path, newer)
    yield "nothing but zeros", lambda: put(path, bytes(len(data)))
    yield "a terabyte of nothing", lambda: (put(path, data), os.truncate(path, 1 << 40))
    yield "a FIFO", lambda: os.mkfifo(path, 0o600)
    yield "a folder", lambda: os.mkdir(path, 0o700)
    yield "a link to nowhere", lambda: os.symlink("nowhere", path)
    yield "a link to a device", lambda: os.symlink("/dev/zero", path)
    yield "a link to itself", lambda: os.symlink(path, path)
    yield "a socket's name", lambda: os.mknod(path, 0o140600)
    yield "one that others may write", lambda: (put(path, data), os.chmod(path, 0o666))


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    elif os.path.lexists(path):
        os.unlink(path)


def check(name, command, top):
    """Each odd thing in the place of the one entry that the command leaves."""
    cache = os.path.join(top, "cache-" + name)
    os.mkdir(cache, 0o700)
    env = {"XDG_CACHE_HOME": cache}
    want = look(command, **env)
    paths = [p for p in entries(cache)]
    tap.check(f"{name}: leaves one entry", [] if want[0] == 0 and want[2] == b"" and len(paths) == 1 else [str(want), *paths])
    if len(paths) != 1:
        return
    with open(paths[0], "rb") as file:
        data = file.read()
    wrong = []
    for what, make in odd(paths[0], data):
        remove(paths[0])
        make()
        got = look(command, **env)
        if got != want:
            wrong.append(f"{what}: {got}")
    remove(paths[0])
    tap.check(f"{name}: whatever stands in the place of its {len(data)} bytes", wrong)


def main():
    with tempfile.TemporaryDirectory(prefix="dbm-entries.") as top:
        with sqlite3.connect(os.path.join(top, "shop.db")) as db:
            db.executescript("CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 'x'), (2, NULL)")
        with open(os.path.join(top, "a.csv"), "w") as file:
            file.write("id,text\n" + "".join(f"{n},row {n}\n" for n in range(6000)))
        time.sleep(2.1)
        shop = os.path.join(top, "shop.db")
        check("preview", ["dbm-preview", shop + "#t"], top)
        check("list", ["dbm-list", shop], top)
        check("count", ["dbm-linecount", "-b", os.path.join(top, "a.csv")], top)
    return tap.finish()


sys.exit(main())

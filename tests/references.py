#!/usr/bin/env python3
"""A printed reference leads back to its file, whatever bytes the names of files and folders hold: by standard input in every
form, and as an operand.  DBM_BIN: the folder of the programs."""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata
import urllib.parse

from tap import check, finish

BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))
SEED = 20240229
FILES = 10000


# Names.

PIECES = [bytes([code]) for code in range(1, 256) if code != ord("/")]
AWKWARD = [b"#", b"%", b"%41", b"%2F", b"%23", b"%00", b"%0", b"%zz", b"%%", b" ", b"\t", b"\n", b"\r", b"\\", b"\\N", b"{}",
           b"-", b"@", b".", b"..", b":", b"csv:-", b"x:y", b"ref", b'"', b"'", b",", b"*", b"?", b"[a]", b"$HOME", b"~", b"\x1b[31m",
           b"\xff", b"\xc3", "é".encode(), "e\u0301".encode(), "日本".encode(), "\u202e".encode(), "\u0085".encode(),
           b"a", b"b", b"1"]
FIRST = [b"-", b"--", b"@", b"{", b".", b" ", b"#", b"%", b"~", b"csv:-", b"x:", b"postgresql:", b"x#y"]
WHOLE = [b"csv:-", b"-", b"--help", b"x:y", b"@group", b'{"ref":"x"}', b"{", b"ref", b"ref\tkind", b"a#b", b"a#", b"#a", b"%41",
         b"%", b"%25", b"%2541", b" ", b"\n", b"\t", b"\\", b"\\N", b"~", b".a", b"..a", b"...", b"a.csv#b", b"a%23b",
         b"\xff", b"\xed\xa0\x80"]


def random_name(chance, longest):
    length = chance.choice((1, 3, 8, 20, longest))
    pieces = [chance.choice(FIRST)] if chance.random() < 0.3 else []
    pieces += chance.choices(chance.choice((PIECES, AWKWARD, AWKWARD + PIECES)), k=chance.randrange(1, length + 1))
    return b"".join(pieces)[:longest]


def decoded(reference):
    """Without its %HH; %00, which no path can hold, stays."""
    return urllib.parse.unquote_to_bytes(reference.replace(b"%00", b"%2500"))


def ambiguous(path):
    """Whether a path that is taken for a reference, as it stands, means something else that is there."""
    before, mark, table = path.rpartition(b"#")
    if not mark:
        return decoded(path) != path and os.path.exists(decoded(path))
    if os.path.isdir(decoded(before)):
        return any(name == decoded(table) or name.startswith(decoded(table) + b".") for name in os.listdir(decoded(before)))
    return os.path.exists(decoded(before))


def make_files(chance):
    """Files below the current folder: each path's records, a number of its own, and the folders."""
    folders, records = {b"."}, {}
    folders.update(b"./" + name for name in WHOLE)
    while len(folders) < 60:
        name = random_name(chance, 255)
        if name not in (b".", b".."):
            folders.add(b"./" + name)
    folders = sorted(folders)
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    names = [(folder, name) for folder in folders[:8] for name in WHOLE]
    while len(records) < FILES:
        folder, name = names.pop() if names else (chance.choice(folders), random_name(chance, 251))
        path = folder + b"/" + name + b".csv"
        if path not in records:
            records[path] = len(records)
            with open(path, "wb") as file:
                file.write(b"a\n" * (records[path] + 1))
    return folders, records


# References.

def encoded(path):
    return "".join(f"%{byte:02x}" for byte in path)


def path_of(reference):
    """The path below the current folder that a printed reference means."""
    path = decoded(reference)
    return path if path.startswith(b"./") else b"./" + os.path.relpath(path)


def run(program, *arguments, stdin=b""):
    return subprocess.run([os.path.join(BIN, program), *arguments], input=stdin, capture_output=True)


def tsv_records(output):
    return [(line.split(b"\t")[0], int(line.split(b"\t")[1])) for line in output.split(b"\n")[:-1]]


def json_records(output):
    return [(record["ref"].encode(), record["records"]) for record in map(json.loads, output.split(b"\n")[:-1])]


def check_counts(what, got, printed, records):
    """`printed`: (reference, records) pairs; `records` what they must be, by path."""
    problems = [f"status {got.returncode}: {got.stderr!r}"] if got.returncode != 0 or got.stderr else []
    times = collections.Counter(path_of(reference) for reference, _ in printed)
    for reference, number in printed:
        wanted = records.get(path_of(reference))
        if number != wanted:
            problems.append(f"{reference!r} is {path_of(reference)!r}: {number} records, not {wanted}")
    problems += [f"{path!r} appears {times[path]} times" for path in records if times[path] != 1]
    check(f"{what}: {len(records)} files", problems)


def harmful(references):
    """Those that are not UTF-8, or hold a control character, a backslash or a raw `#`."""
    return [f"{reference!r}" for reference in references
            if any(unicodedata.category(c) == "Cc" or c in "\\#\u202e\ufffd" for c in reference.decode("utf-8", "replace"))]


def main():
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as top:
        os.chdir(top)
        folders, records = make_files(chance)
        # Every other folder is named by its full path.
        operands = [encoded(os.fsencode(os.path.realpath(top)) + folder[1:] if number % 2 else folder[2:] or folder)
                    for number, folder in enumerate(folders)]

        listed = run("dbm-list", "-a", *operands)
        counted = run("dbm-linecount", stdin=listed.stdout)
        pairs = tsv_records(counted.stdout)
        check_counts("dbm-list | dbm-linecount", counted, pairs, records)
        references = [line.split(b"\t")[0] for line in listed.stdout.split(b"\n")[:-1]]
        same = references == [reference for reference, _ in pairs]
        check("dbm-linecount prints the references that dbm-list prints", [] if same else ["they differ"])
        check("a printed reference is harmless", harmful(references))

        listed = run("dbm-list", "-a", "-f", "json", *operands)
        counted = run("dbm-linecount", "-f", "json", stdin=listed.stdout)
        check_counts("dbm-list -f json | dbm-linecount -f json", counted, json_records(counted.stdout), records)

        printed = subprocess.run(["find", ".", "-type", "f", "-print0"], capture_output=True, check=True).stdout
        found = [path for path in printed.split(b"\0")[:-1] if not ambiguous(path)]
        counted = run("dbm-linecount", "-0", stdin=b"".join(path + b"\0" for path in found))
        wanted = {path: records[path] for path in found}
        check_counts("find -print0 | dbm-linecount -0", counted, tsv_records(counted.stdout), wanted)

        some = chance.sample(references, 300)
        wanted = {path_of(reference): records[path_of(reference)] for reference in some}
        for what, mark in (("behind --", ["--"]), ("without --", [])):
            counted = run("dbm-linecount", *mark, *some)
            check_counts(f"operands {what}", counted, tsv_records(counted.stdout), wanted)
        os.chdir("/")
    return finish()


if __name__ == "__main__":
    sys.exit(main())

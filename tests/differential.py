#!/usr/bin/env python3
"""Cells and records of delimited text are those of Python's csv module: over real files (DBM_SHARED, where it is there),
generated ones, and texts laid over the boundaries of blocks.  DBM_BIN: the folder of the programs."""
import base64
import collections
import csv
import io
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.parse

from tap import check, finish

BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))
SHARED = os.path.abspath(os.environ.get("DBM_SHARED", "no shared data"))
SEED = 20240229
KIB, MIB = 1 << 10, 1 << 20
csv.field_size_limit(1 << 30)


# What is wanted: Python's reading.

def decoded(data):
    """The text: UTF-16 by its byte order mark, else UTF-8 whose odd bytes are kept; a mark is dropped."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


def wanted(data, delimiter):
    """Rows of cells as bytes; a line with nothing on it is no row."""
    rows = csv.reader(io.StringIO(decoded(data), newline=""), delimiter=delimiter)
    return [[cell.encode("utf-8", "surrogateescape") for cell in row] for row in rows if row]


# What is got.

def run(program, *arguments, stdin=b""):
    return subprocess.run([os.path.join(BIN, program), *arguments], input=stdin, capture_output=True)


def preview(delimiter, *operands, stdin=b""):
    return run("dbm-preview", "-qn", "100000000", "--width", "0", "-f", "json", "--no-header", "--delimiter", delimiter,
               *operands, stdin=stdin)


def linecount(delimiter, *operands, stdin=b""):
    return run("dbm-linecount", "-q", "--no-header", "--delimiter", delimiter, *operands, stdin=stdin)


def cell_bytes(cell):
    if cell is None:
        return b""
    return base64.b64decode(cell["b64"], validate=True) if isinstance(cell, dict) else cell.encode("utf-8")


def rows_by_reference(output):
    """The rows that dbm-preview printed, by the path that their `ref` means."""
    tables = collections.defaultdict(list)
    for line in output.decode().split("\n")[:-1]:
        record = json.loads(line)
        tables[record["ref"]].append(list(record["row"].values()))
    return {urllib.parse.unquote(ref): rows for ref, rows in tables.items()}


def counts_by_reference(output):
    records = (line.split("\t") for line in output.decode().split("\n")[:-1])
    return {urllib.parse.unquote(record[0]): int(record[1]) for record in records}


def shorter(value):
    text = repr(value)
    return text if len(text) < 160 else f"{text[:60]} ... {text[-60:]} ({len(text)} characters)"


def difference(name, want, got):
    """The first difference between the rows wanted and those printed, which NULLs may follow: a list, empty for none."""
    if len(want) != len(got):
        return [f"{name}: {len(got)} rows, not {len(want)}"]
    for number, (cells, printed) in enumerate(zip(want, got), 1):
        width = len(cells)
        if [cell_bytes(cell) for cell in printed[:width]] != cells or any(cell is not None for cell in printed[width:]):
            return [f"{name}: row {number} is {shorter(printed)}, not {shorter(cells)}"]
    return []


def check_tables(what, texts, delimiter, *operands, stdin=b""):
    """`texts`: the bytes of each path that the operands, or the references on standard input, name."""
    got, counts = preview(delimiter, *operands, stdin=stdin), linecount(delimiter, *operands, stdin=stdin)
    rows, records = rows_by_reference(got.stdout), counts_by_reference(counts.stdout)
    unread, uncounted = [], []
    for path, data in texts.items():
        want = wanted(data, delimiter)
        name = f"{path} {shorter(data[:1000])}"
        unread += difference(name, want, rows.get(path, []))
        if records.get(path) != len(want):
            uncounted.append(f"{name}: {records.get(path)} records, not {len(want)}")
    unread += [f"status {got.returncode}: {got.stderr!r}"] if got.returncode != 0 else []
    uncounted += [f"status {counts.returncode}: {counts.stderr!r}"] if counts.returncode != 0 else []
    check(f"{what}: the cells of {len(texts)} texts", unread)
    check(f"{what}: the records of {len(texts)} texts", uncounted)


def check_files(what, texts, delimiter):
    check_tables(what, texts, delimiter, "-0", stdin=b"".join(path.encode() + b"\0" for path in texts))


def check_folder(what, texts, delimiter):
    """The texts as the tables of one folder."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {os.path.join(folder, f"{number:05}.csv"): text for number, text in enumerate(texts)}
        for path, text in paths.items():
            with open(path, "wb") as file:
                file.write(text)
        check_tables(what, paths, delimiter, folder)


def check_pipe(what, texts):
    """Each text through a pipe of its own."""
    unread, uncounted = [], []
    for number, text in enumerate(texts):
        want, name = wanted(text, ","), f"text {number} {shorter(text[:1000])}"
        unread += difference(name, want, rows_by_reference(preview(",", "csv:-", stdin=text).stdout).get("csv:-", []))
        got = linecount(",", "-b", "csv:-", stdin=text)
        if got.stdout != b"%d\n" % len(want):
            uncounted.append(f"{name}: {got.stdout!r} records, not {len(want)}")
    check(f"{what}: the cells of {len(texts)} texts through a pipe", unread)
    check(f"{what}: the records of {len(texts)} texts through a pipe", uncounted)


# (a) and (b): other people's files.

def manifest_files(kinds, classes):
    """Those of the manifest, by delimiter: entry by path."""
    with open(os.path.join(SHARED, "truth", "csv_manifest.json"), encoding="utf-8") as file:
        entries = json.load(file)["files"]
    groups = collections.defaultdict(dict)
    for entry in entries:
        path = os.path.join(SHARED, entry["path"])
        if entry["path"].split("/")[0] in kinds and entry["cls"] in classes and os.path.exists(path):
            groups[entry["dialect"]["delim"]][path] = entry
    return groups


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def real_files():
    for name, kinds, classes in (("well-formed", ("csv",), ("A", "A-")), ("malformed", ("csv",), ("B", "C")),
                                 ("hostile", ("fuzz",), ("A", "A-", "B", "C"))):
        for delimiter, entries in manifest_files(kinds, classes).items():
            check_files(f"{name} files, {delimiter!r}", {path: contents(path) for path in entries}, delimiter)


def compared():
    program = shlex.quote(os.path.join(BIN, "dbm-linecount"))
    of_file = [f"--cmd={program} -b --delimiter , {{delim_opt}} {{file}}", "--delim-opt=--delimiter={delim}"]
    for kind, arguments in (("csv", [*of_file, "--what=data"]), ("tables", of_file), ("fuzz", of_file),
                            ("inline", [f"--cmd={program} -b --no-header csv:-"])):
        got = subprocess.run([sys.executable, os.path.join(SHARED, "truth", "compare.py"), kind, *arguments],
                             capture_output=True, text=True)
        passed = re.search(r"'pass': (\d+)", got.stdout)
        problems = [] if got.returncode == 0 and passed else (got.stdout + got.stderr).splitlines() or ["it said nothing"]
        check(f"compare.py {kind}: {passed[1] if passed else 0} passed", problems)


# (c): generated texts.

def random_text(chance, delimiter):
    """Anything, of bytes that matter."""
    alphabet = [delimiter, *',;\t|""\r\n a1é\0', "\r\n", '""', "\udcff"]
    text = "".join(chance.choices(alphabet, k=chance.randrange(40)))
    if chance.random() < 0.1:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(alphabet) * chance.randrange(300) + text[at:]
    return "\ufeff" * (chance.random() < 0.05) + text


def written_text(chance, delimiter):
    """Well-formed, by csv.writer."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=chance.choice(("\n", "\r\n", "\r")),
                        quoting=chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)))
    for _ in range(chance.randrange(6)):
        width = chance.randrange(1, 5)
        writer.writerow("".join(chance.choices(',;\t|"\r\n a1é\0', k=chance.randrange(8))) for _ in range(width))
    return out.getvalue()


def misquoted_texts(delimiter):
    """A quote, or two, more or fewer than is right, at every place of a well-formed text."""
    text = f'a{delimiter}"b ""c"""{delimiter}\n""{delimiter}"d\r\ne"{delimiter}f\r"g"'
    for at in range(len(text) + 1):
        yield text[:at]
        for more in ('"', '""', '"x', 'x"', f'"{delimiter}', '\n"', '"\r', "\0"):
            yield text[:at] + more + text[at:]
        yield text[:at] + text[at + 1:]


def generated_texts(delimiter, number):
    chance = random.Random(f"{SEED} {delimiter}")
    texts = ["", "\ufeff", "\n", *misquoted_texts(delimiter)]
    while len(texts) < number:
        texts.append(chance.choice((random_text, random_text, written_text))(chance, delimiter))
    return [text.encode("utf-8", "surrogateescape") for text in texts]


def generated():
    for delimiter in ",;\t|":
        check_folder(f"generated texts, {delimiter!r}", generated_texts(delimiter, 2500), delimiter)


def bytewise(data, program, *arguments):
    """What the program prints where each read(2) gives it one byte: on a pipe of packets."""
    reading, writing = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
    with subprocess.Popen([os.path.join(BIN, program), *arguments], stdin=reading, stdout=subprocess.PIPE) as process:
        os.close(reading)
        for byte in data:
            os.write(writing, bytes([byte]))
        os.close(writing)
        return process.stdout.read()


def boundaries_everywhere():
    """A block that ends behind every byte."""
    unread, uncounted = [], []
    texts = [text for text in generated_texts(",", 2500) if len(text) < 100][::10]
    for text in texts:
        want = wanted(text, ",")
        printed = bytewise(text, "dbm-preview", "-qn999", "-fjson", "--no-header", "--delimiter=,", "csv:-")
        unread += difference(repr(text), want, rows_by_reference(printed).get("csv:-", []))
        counted = bytewise(text, "dbm-linecount", "-qb", "--no-header", "--delimiter=,", "csv:-")
        if counted != b"%d\n" % len(want):
            uncounted.append(f"{text!r}: {counted!r} records, not {len(want)}")
    check(f"a byte a block: the cells of {len(texts)} texts", unread)
    check(f"a byte a block: the records of {len(texts)} texts", uncounted)


# (d): what lies on the boundary of two blocks: text before it, it, text behind it.

ROW = "abcdefghij," * 9 + "\n"
LAID = {
    "a quoted newline": ('"', "\n", 'z",b\n'),
    "a quoted CRLF": ('"', "\r\n", 'z",b\n'),
    "a doubled quote": ('"', '""', 'z",b\n'),
    "a closing quote": ('"', '"\r\n', "c,d\n"),
    "text behind a closing quote": ('"', '"x"y', ',"b\n"\n'),
    "a CRLF": ("", "\r\n", "c,d\r\n"),
    "a CR": ("", "\r", "c,d\r"),
    "a character": ("", "é😀", ",b\n"),
}


def laid(base, rows, reach=4):
    """Every one of them at the offsets around `base`, behind short rows or inside one cell that begins the text."""
    for before, it, behind in LAID.values():
        for offset in range(base - reach, base + reach + 1):
            room = offset - len(before)
            short = ROW * (room // len(ROW) - 1) if rows else ""
            yield (short + before + "x" * (room - len(short)) + it + behind + "last,row\n").encode()


def boundaries():
    for base in (16 * KIB, 32 * KIB, 64 * KIB):
        for rows in (True, False):
            where = f"{len(LAID)} things on the boundary at {base}, {'behind rows' if rows else 'in the first cell'}"
            check_folder(where, laid(base, rows), ",")
            check_pipe(where, list(laid(base, rows)))


def large_records():
    """Records about as large as what is split whole, and much larger ones."""
    lines = 'one ""line"", and\r\nanother\n'
    texts = [f'a,{"x" * (MIB + more)}\nlast,row\n' for more in range(-6, 3)]
    texts += [f'a,"{"x" * (MIB + more)}"\r\nlast,row\n' for more in range(-9, 3)]
    texts += [f'"{lines * (3 * MIB // len(lines))}",b\nlast,row\n', f'a,"{lines * (3 * MIB // len(lines))}', '"' * 3 * MIB,
              "abcdefghij," * 110000 + "\nlast,row\n", '"abcdefghij",' * 110000 + '"k"l\nlast,row\n']
    check_folder("records around 1 MiB and of 3 MiB", [text.encode() for text in texts], ",")
    check_pipe("records around 1 MiB and of 3 MiB", [text.encode() for text in texts])
    # A record is split in pieces from the first block on that takes it over 1 MiB.
    for base in (MIB, MIB + 64 * KIB):
        check_folder(f"{len(LAID)} things on the boundary at {base}, in the first cell", laid(base, False, 2), ",")


def main():
    if os.path.isdir(SHARED):
        real_files()
        compared()
    else:
        print("# no shared data")
    generated()
    boundaries_everywhere()
    boundaries()
    large_records()
    return finish()


if __name__ == "__main__":
    sys.exit(main())

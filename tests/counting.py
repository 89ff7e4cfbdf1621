#!/usr/bin/env python3
"""dbm-linecount counts what Python's csv module counts, and of well-formed texts what was written: generated files of every
dialect, small ones and such as threads count.  DBM_FILES: how many (1500).  DBM_BIN: the folder of the programs."""
import collections
import itertools
import os
import random
import sys
import tempfile

from differential import SEED, counts_by_reference, linecount, random_text, run, shorter, wanted
from tap import check, finish

FILES = int(os.environ.get("DBM_FILES", "1500"))
FOLDER = 125  # files a call
KIB, MIB = 1 << 10, 1 << 20
STRIDE = 256 * KIB  # where threads join what they counted (lib/rowindex.h)
DELIMITERS = ",;\t|"
KERNELS = ("portable", "avx2", "best")

Text = collections.namedtuple("Text", "kind data records")  # records: None where only Python knows


# Texts.

def cell(chance):
    return "".join(chance.choices(',;\t|"\r\n a1é\0', k=chance.randrange(chance.choice((2, 8, 8, 60)))))


def record(chance, delimiter, quoting):
    """A record, with quotes where they are needed or, at times, where they are not."""
    cells = [cell(chance) for _ in range(chance.randrange(1, 6))]
    lonely = len(cells) == 1
    return delimiter.join('"' + text.replace('"', '""') + '"'
                          if chance.random() < quoting or set(text) & {delimiter, '"', "\r", "\n"} or (lonely and not text)
                          else text for text in cells)


def orderly_text(chance, delimiter, size):
    """Well-formed text, and how many records were written."""
    end = chance.choice(("\n", "\r\n", "\r"))
    blank, quoting = chance.choice((0, 0, 0.1)), chance.choice((0, 0.1, 0.5, 1))
    parts, length = [], 0
    while length < size:
        parts.append(record(chance, delimiter, quoting) + end)
        length += len(parts[-1])
    records = len(parts)
    parts = [part + end * (chance.random() < blank) for part in parts]
    text = "".join(parts)
    if parts and chance.random() < 0.3:
        text = text.rstrip("\r\n")
    return text.encode(), records


ODD = [b'"', b'""', b'"""', b'x"', b'"x', b' "', b'" ', b'"\n', b'\n"', b'\r', b'\n', b'\r\n', b'\0', b',"', b'",', b'\xff']


def spoilt(chance, data, near=None):
    """Something at some places that should not be there, or not be missing.  `near`: places at multiples of that."""
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        at = chance.randrange(len(data) + 1)
        if near and len(data) > near and chance.random() < 0.7:
            at = chance.randrange(1, len(data) // near + 1) * near + chance.randrange(-4, 5)
        data = data[:at] + chance.choice(ODD) + data[at + chance.randrange(3):]
    return data


def small_text(chance, delimiter):
    size = chance.choice((0, 20, 200, 1000, 4000, 4000)) * chance.random()
    kind = chance.choice(("orderly", "orderly", "spoilt", "random"))
    if kind == "random":
        texts = (random_text(chance, delimiter) for _ in range(chance.choice((1, 1, 20))))
        return Text(kind, "".join(texts).encode("utf-8", "surrogateescape"), None)
    data, records = orderly_text(chance, delimiter, size)
    return Text(kind, data, records) if kind == "orderly" else Text(kind, spoilt(chance, data), None)


def large_text(chance, delimiter):
    """From 1.1 to 6 MiB: parts repeated, so that making it takes no time, with a cell across a stride here and there."""
    size = chance.uniform(1.1, 6) * MIB
    parts = [orderly_text(chance, delimiter, chance.choice((300, 20000, 200000))) for _ in range(chance.randrange(1, 4))]
    parts = [(data.rstrip(b"\r\n") + b"\n", records) for data, records in parts]
    pieces, length, records = [], 0, 0
    while length < size:
        data, number = chance.choice(parts)
        if chance.random() < 0.01:
            data, number = b'"' + b"x\n" * chance.choice((10, STRIDE // 4, STRIDE)) + b'"\n', 1
        pieces.append(data)
        length += len(data)
        records += number
    data = b"".join(pieces)
    kind = chance.choice(("orderly", "orderly", "spoilt"))
    return Text(kind, data, records) if kind == "orderly" else Text(kind, spoilt(chance, data, STRIDE), None)


# Counting them.

def by_python(texts, delimiter):
    return {path: len(wanted(text.data, delimiter)) for path, text in texts.items()}


def compare(texts, python_counts, got):
    counts, problems = counts_by_reference(got.stdout), []
    for path, text in texts.items():
        python, count = python_counts[path], counts.get(path)
        if count != python or text.records not in (None, python):
            problems.append(f"{text.kind}, {count} records, not {python}, {text.records} written: {shorter(text.data)}")
            keep(path, text)
    return problems + ([] if got.returncode == 0 else [f"status {got.returncode}: {got.stderr!r}"])


def keep(path, text):
    """What went wrong stays in the folder DBM_COUNTING_KEEP."""
    folder = os.environ.get("DBM_COUNTING_KEEP")
    if folder:
        with open(os.path.join(folder, path.replace("/", "_")), "wb") as file:
            file.write(text.data)


def written(folder, texts):
    paths = {os.path.join(folder, f"{number:05}.csv"): text for number, text in enumerate(texts)}
    for path, text in paths.items():
        with open(path, "wb") as file:
            file.write(text.data)
    return paths


def count_small(chance, number):
    """So many files, a folder of them a call, with each kernel and dialect in turn."""
    problems = []
    ways = itertools.cycle(itertools.product(KERNELS, DELIMITERS))
    for first in range(0, number, FOLDER):
        os.environ["DBM_KERNEL"], delimiter = next(ways)
        with tempfile.TemporaryDirectory() as folder:
            texts = [small_text(chance, delimiter) for _ in range(min(FOLDER, number - first))]
            # Behind one that pays for asking what the processor can do, the small ones get the same kernel.
            paths = written(folder, [Text("first", *orderly_text(chance, delimiter, 110 * KIB)), *texts])
            problems += compare(paths, by_python(paths, delimiter), linecount(delimiter, folder))
    check(f"{number} files of up to some KiB", problems)


def count_large(chance, number):
    """Each by one to eight threads."""
    problems = []
    for turn in range(number):
        delimiter = DELIMITERS[turn % 4]
        with tempfile.TemporaryDirectory() as folder:
            paths = written(folder, [large_text(chance, delimiter)])
            os.environ["DBM_KERNEL"] = KERNELS[turn % 3]
            python_counts = by_python(paths, delimiter)
            for threads in range(1, 9):
                problems += compare(paths, python_counts, linecount(delimiter, "--threads", str(threads), folder))
    check(f"{number} files of 1.1 to 6 MiB, by 1 to 8 threads", problems)


def count_headers(chance, number):
    """The header is no record, wherever threads begin behind it."""
    problems = []
    for turn in range(number):
        delimiter = DELIMITERS[turn % 4]
        data, records = orderly_text(chance, delimiter, 3000)
        header = chance.choice((b"a", b'"a\nb"', b'"' + b"x\r\n" * chance.randrange(40000) + b'"')) + chance.choice(
            (b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r\n"))
        mark = chance.choice((b"", b"\xef\xbb\xbf"))
        data = data.rstrip(b"\r\n") + b"\n"
        times = chance.choice((1, 500))
        with tempfile.TemporaryDirectory() as folder:
            paths = written(folder, [Text("header", mark + header + data * times, records * times)])
            got = run("dbm-linecount", "-qb", "--delimiter", delimiter, "--threads", str(turn % 8 + 1), *paths)
            if got.stdout != b"%d\n" % (records * times):
                problems.append(f"{got.stdout!r}, {got.stderr!r}, not {records * times}: {shorter(header + data)}")
    check(f"{number} files with a header", problems)


def main():
    chance = random.Random(os.environ.get("DBM_SEED", SEED))
    large = max(12, FILES // 250)
    count_small(chance, FILES)
    count_headers(chance, max(24, FILES // 500))
    count_large(chance, large)
    return finish()


if __name__ == "__main__":
    sys.exit(main())

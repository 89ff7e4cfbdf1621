#!/usr/bin/env python3
"""What dbm-preview prints as csv, tsv and json is read back as the values that were in the file, whatever bytes they hold,
and tsv and json hold no byte that could act on a terminal.  DBM_BIN: the folder of the programs."""
import base64
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

from tap import check, finish

BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))


# The values: bytes, or None for NULL.

def bytes_alone_and_in_pairs():
    for code in range(256):
        byte = bytes([code])
        yield from (byte, b'"' + byte, byte + b'"', b'""' + byte, b"\\" + byte, b"x" + byte + b"y", byte + byte)


def awkward_values():
    texts = ['"', '""', "\r", "\n", "\r\n", "\n\r", "\t", "\\", "\\N", "\\n", "\\x41", "\\.", ",", ",,", " ", " a ", "NULL",
             "null", "true", "007", "1e5", "{}", "#", "日本語", "e\u0301", "👩‍👩‍👧", "🇩🇪", "\u0080", "\u009b31m", "\u202eabc",
             "\u2066x\u2069", "\u200b", "\ufeff", "\u2028", "\uffff", "\U000e0041", "\U0010ffff", "\x1b[31m", "\x1b]0;title\x07",
             "\x1b[2J", "\x7f", "=1+1", "<b>", "…", "x" * 5000, "é" * 70000]
    yield from (text.encode() for text in texts)
    yield from (b"\xff", b"a\xffb", b"\xc3", b"\xc0\x80", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf",
                b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80",
                b"\x80", b"\xc3\n", b"\xff\xfe", b"\xff,\"\r\n\\\t")
    yield from (None, b"")


def every_character():
    for first in range(0, 0x110000, 64):
        yield "".join(chr(code) for code in range(first, first + 64) if not 0xd800 <= code < 0xe000).encode() or None


def table_of(values):
    """Rows that each hold a value, a NULL and an empty string."""
    return [[b"%d" % number, value, None, b""] for number, value in enumerate(values)]


NAMES = [b"number", b"value", b"nothing", b"empty"]


def quoted(value):
    return b"" if value is None else b'"' + value.replace(b'"', b'""') + b'"'


def plain_if_possible(value):
    return value if value and not re.search(rb'[,"\r\n]', value) else quoted(value)


def written(rows, form):
    return b"".join(b",".join(map(form, row)) + b"\r\n" for row in rows)


# The readers.

def preview(form, operand, *flags, stdin=b""):
    got = subprocess.run([os.path.join(BIN, "dbm-preview"), "-n", "100000000", "--width", "0", "-f", form, *flags, operand],
                         input=stdin, capture_output=True)
    if got.returncode != 0 or got.stderr:
        print(f"# status {got.returncode}: {got.stderr[:300]!r}")
    return got.stdout


def read_csv(output):
    """Python's csv does not tell an empty string from NULL; everything else it does."""
    text = io.StringIO(output.decode("utf-8", "surrogateescape"), newline="")
    return [[cell.encode("utf-8", "surrogateescape") for cell in row] for row in csv.reader(text)]


COPY_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def copy_unescaped(match):
    return bytes([int(match[1], 16)]) if match[1] else COPY_ESCAPES.get(match[2], match[2])


def read_tsv(output):
    """COPY's text form (PostgreSQL 15, COPY, Text Format)."""
    return [[None if field == rb"\N" else re.sub(rb"(?s)\\(?:x([0-9A-Fa-f]{1,2})|(.))", copy_unescaped, field)
             for field in line.split(b"\t")] for line in output.split(b"\n")[:-1]]


def json_row(line):
    try:
        return json.loads(line)["row"]
    except ValueError as error:
        print(f"# {error}: {line[:300]}".encode("ascii", "backslashreplace").decode())
        return {}


def json_rows(output):
    return [json_row(line) for line in output.decode().split("\n")[:-1]]


def json_value(cell):
    return base64.b64decode(cell["b64"], validate=True) if isinstance(cell, dict) else None if cell is None else cell.encode()


def read_json(output):
    return [[json_value(cell) for cell in row.values()] for row in json_rows(output)]


def differences(want, got):
    found = [f"{len(got)} rows, not {len(want)}"] if len(got) != len(want) else []
    return found + [f"row {number}: {printed!r:.200}, not {row!r:.200}"
                    for number, (row, printed) in enumerate(zip(want, got), 1) if row != printed]


def harmful(output):
    """Control characters other than the ends of cells and lines, what reorders text, and what is no UTF-8."""
    try:
        text = output.decode()
    except UnicodeDecodeError as error:
        return [str(error)]
    found = {c for c in set(text) - {"\t", "\n"} if unicodedata.category(c) == "Cc" or c in "\u200e\u200f\u061c"
             or 0x202a <= ord(c) <= 0x202e or 0x2066 <= ord(c) <= 0x2069}
    return [f"it holds {', '.join(sorted(map(ascii, found)))}"] if found else []


# The tests.

def round_trips(what, rows, form, folder):
    path = os.path.join(folder, "table.csv")
    with open(path, "wb") as file:
        file.write(written([NAMES, *rows], form))
    as_csv, as_tsv, as_json = (preview(kind, path) for kind in ("csv", "tsv", "json"))
    check(f"{what}: csv", differences([[cell or b"" for cell in row] for row in [NAMES, *rows]], read_csv(as_csv)))
    check(f"{what}: tsv", differences(rows, read_tsv(as_tsv)))
    check(f"{what}: json", differences(rows, read_json(as_json)))
    check(f"{what}: csv read by dbm-preview again",
          differences(json_rows(as_json), json_rows(preview("json", "csv:-", stdin=as_csv))))
    check(f"{what}: nothing in tsv acts on a terminal", harmful(as_tsv))
    check(f"{what}: nothing in json acts on a terminal", harmful(as_json))
    alone = preview("csv", path, "-c", "value")
    check(f"{what}: csv of one column", differences([[row[1] or b""] for row in rows], read_csv(alone)[1:]))
    check(f"{what}: tsv of one column", differences([[row[1]] for row in rows], read_tsv(preview("tsv", path, "-c", "value"))))


def column_names(names):
    """Hostile names: of a header that is read as columns, and printed."""
    names = list(dict.fromkeys(name for name in names if name))
    source = written([names, [b"1"] * len(names)], quoted)
    as_csv = preview("csv", "csv:-", stdin=source)
    check("column names: csv", differences([names], read_csv(as_csv)[:1]))
    check("column names: tsv", differences([names], read_tsv(preview("tsv", "csv:-", "-H", stdin=source))[:1]))
    as_json = preview("json", "csv:-", stdin=source)
    keys = [key.encode() for row in json_rows(as_json) for key in row]
    valid = [name for name in names if name.decode("utf-8", "ignore").encode() == name]
    check("column names: json", [f"{name!r}" for name in valid if name not in keys]
          + ([] if len(keys) == len(set(keys)) == len(names) else [f"{len(set(keys))} different keys of {len(names)}"]))
    check("column names: csv read by dbm-preview again",
          differences(json_rows(as_json), json_rows(preview("json", "csv:-", stdin=as_csv))))
    check("column names: nothing in json acts on a terminal", harmful(as_json))


def keys_stay_apart():
    """A name that is not UTF-8 has a key that no other column has."""
    printed = preview("json", "csv:-", stdin=written([[b"\xff", b"%FF"], [b"1", b"2"]], quoted))
    check("column names: a key is no other column's", [] if len(json_row(printed)) == 2 else [repr(printed)])


def exchanged(what, rows):
    """Small tables whose csv might be taken for something else: another encoding, kind of file, or delimiter."""
    source = written(rows, quoted)
    as_csv = preview("csv", "csv:-", stdin=source)
    first, again = preview("json", "csv:-", stdin=source), preview("json", "csv:-", stdin=as_csv)
    check(f"{what}: csv read by dbm-preview again", [] if first == again else [f"{as_csv!r} is {again!r}, not {first!r}"])


def main():
    csv.field_size_limit(1 << 30)
    values = [*bytes_alone_and_in_pairs(), *awkward_values()]
    with tempfile.TemporaryDirectory() as folder:
        round_trips("awkward values in quotes", table_of(values), quoted, folder)
        round_trips("awkward values as they stand", table_of(values), plain_if_possible, folder)
        round_trips("every character", table_of(every_character()), plain_if_possible, folder)
    column_names(values)
    for name in (b"\xef\xbb\xbfa", b"\xff\xfea", b"\xfe\xffa", b"%PDF-"):
        exchanged(f"a first name of {name!r}", [[name, b"b"], [b"1", b"2"]])
    for byte in (b";", b"|", b"\t"):
        exchanged(f"one column that holds {byte!r}", [[b"a"], [b"1" + byte + b"2"], [b"3" + byte + b"4"]])
        exchanged(f"one column whose name holds {byte!r}", [[b"a" + byte + b"b"], [b"1" + byte + b"2"], [b"3"]])
    keys_stay_apart()
    return finish()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""What dbm-profile says, held to what is so: an exact reading of a delimited file that shares no code with dbm.

profile_truth.py truth FILE                   the exact record of each column, as JSON, one a line
profile_truth.py check FILE <OUTPUT           OUTPUT (dbm-profile -f json FILE) within the errors it states, or what is wrong
profile_truth.py check-files DIR              runs dbm-profile over the tables that `generate` made, and checks each
profile_truth.py check-truth DIR MANIFEST     runs it over the files of a manifest (paths are under DIR), and compares both
profile_truth.py generate DIR SEED N          N small tables of each awkward kind, always the same for a seed

--delimiter D for truth and check (default: a comma).  DBM_BIN: the folder of the programs."""
import argparse
import bisect
import json
import os
import re
import subprocess
import sys
from decimal import Decimal

import profile_tables
from profile_columns import NUMBERS, TIMES, cell_type, columns_of, instant

BIN = os.path.abspath(os.environ.get("DBM_BIN", "bin"))
QUANTILES = {"p05": Decimal("0.05"), "p25": Decimal("0.25"), "p50": Decimal("0.5"), "p75": Decimal("0.75"),
             "p95": Decimal("0.95")}
FIELDS = ("ref position column type confidence rows nulls empties distinct distinct_method distinct_error min max mean stddev "
          "p05 p25 p50 p75 p95 rank_error length_min length_mean length_max types top histogram method").split()
TEXT_KEPT, VALUE_KEPT, CUT = 4096, 48, "\u2026".encode()  # bytes of min and max, of a frequent value; what shows a cut
DOUBLE = Decimal("1e-14")  # relative: a double has 53 bits, and its text is read back

LEAST = Decimal("5e-324")  # the least double above 0


# The exact record.

def shown(value):
    """Bytes as JSON text, or base64 where they are no text."""
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"b64": profile_tables.base64_text(value)}


def number(value):
    """A Decimal as a JSON number."""
    return None if value is None else int(value) if value == value.to_integral_value() and abs(value) < 10**18 else float(value)


def bins(column, most=8):
    """Of equal width from the least to the greatest, each without its upper edge but the last."""
    low, high = float(column.values[0]), float(column.values[-1])
    edges = sorted({low * (1 - i / most) + high * (i / most) for i in range(most)} | {low, high})
    if len(edges) == 1:
        return [{"low": low, "high": high, "count": len(column.values)}]
    places = [bisect.bisect_left(column.values, edge) for edge in edges[1:-1]]
    places = [0] + places + [len(column.values)]
    return [{"low": edges[i], "high": edges[i + 1], "count": places[i + 1] - places[i]} for i in range(len(edges) - 1)]


def cell_of(column, value):
    """The text of an instant that is in the column."""
    return next(shown(cell) for cell in column.counts if cell and instant(cell) == value)


def truth(column, ref):
    record = dict.fromkeys(FIELDS)
    numeric = column.type in NUMBERS
    record.update(ref=ref, position=column.position, column=shown(column.name), type=column.type, confidence=1.0,
                  rows=column.rows, nulls=column.nulls, empties=column.empties, distinct=len(column.counts),
                  distinct_method="exact", distinct_error=0, min=shown(column.low), max=shown(column.high), types=column.types,
                  top=[{"value": shown(v), "count": n, "high": n} for v, n in column.counts.most_common(10)], method="exact")
    if column.lengths:
        record.update(length_min=min(column.lengths), length_mean=sum(column.lengths) / len(column.lengths),
                      length_max=max(column.lengths))
    if column.values:
        show = number if numeric else lambda value: cell_of(column, value)
        record.update({name: show(column.quantile(p)) for name, p in QUANTILES.items()}, rank_error=0,
                      min=show(column.values[0]), max=show(column.values[-1]))
    if numeric:
        mean, deviation = column.moments
        record.update(mean=float(mean), stddev=None if deviation is None else float(deviation), histogram=bins(column))
    return record


# The check: each function yields what is wrong.

def cell(value):
    """The bytes of a JSON value that shows a cell, or the value itself where it shows none."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, dict) and set(value) == {"b64"}:
        return profile_tables.base64_bytes(value["b64"])
    return value


def place(column, value):
    """Where a JSON value is among the column's values; None where it is none of their kind."""
    if column.type in NUMBERS:
        return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None
    text = cell(value)
    return instant(text) if isinstance(text, bytes) and cell_type(text) in TIMES else None


def slack(column, value):
    """How far a value may be off that went through a double; a whole number below 2^53 not at all, a time a microsecond."""
    if column.type in TIMES:
        return Decimal("1e-6")
    return 0 if column.type == "integer" and abs(value) < 2**53 else abs(value) * DOUBLE + LEAST


def near(got, wanted, off):
    return isinstance(got, (int, Decimal)) and not isinstance(got, bool) and abs(Decimal(got) - wanted) <= off


def within(got, low, high):
    return isinstance(got, (int, Decimal)) and not isinstance(got, bool) and low <= got <= high


def check_counts(got, column):
    for field in ("rows", "nulls", "empties", "position"):
        if got[field] != getattr(column, field):
            yield f"{field}: {got[field]}, not {getattr(column, field)}"
    if isinstance(shown(column.name), str) and got["column"] != shown(column.name):
        yield f"column: {got['column']!r}, not {shown(column.name)!r}"
    if got["type"] != column.type and not (column.type == "null" and got["type"] == "text"):
        yield f"type: {got['type']}, not {column.type}"
    types = {name: count for name, count in (got["types"] or {}).items() if count}
    if types != dict(column.types):
        yield f"types: {types}, not {dict(column.types)}"
    if got["confidence"] is not None and not within(got["confidence"], 0, 1):
        yield f"confidence: {got['confidence']} is no share"


def check_distinct(got, column):
    error, wanted = got["distinct_error"], len(column.counts)
    if got["distinct_method"] not in ("exact", "hyperloglog"):
        yield f"distinct_method: {got['distinct_method']}"
    elif not within(error, 0, 0.05) or (error == 0) != (got["distinct_method"] == "exact"):
        yield f"distinct_error: {error} of {got['distinct_method']}"
    elif not within(got["distinct"], 0, len(column.lengths)):
        yield f"distinct: {got['distinct']} of {len(column.lengths)} values"
    elif not near(got["distinct"], wanted, 4 * Decimal(error) * wanted):
        yield f"distinct: {got['distinct']}, not {wanted} with an error of {error}"


def check_lengths(got, column):
    lengths = column.lengths
    wanted = (min(lengths), Decimal(sum(lengths)) / len(lengths), max(lengths)) if lengths else (None,) * 3
    for field, value in zip(("length_min", "length_mean", "length_max"), wanted):
        if got[field] is not value and (value is None or not near(got[field], value, value * Decimal("1e-9"))):
            yield f"{field}: {got[field]}, not {value if value is None else float(value)}"


def is_kept(got, value):
    """A text as it is, or its beginning and an ellipsis where it is longer than is kept of it."""
    got = cell(got)
    if value is None or len(value) <= TEXT_KEPT or got == value:
        return got == value
    return isinstance(got, bytes) and got.endswith(CUT) and value.startswith(got.removesuffix(CUT)) and \
        TEXT_KEPT - 6 <= len(got.removesuffix(CUT)) <= TEXT_KEPT


def check_range(got, column):
    """min and max."""
    wanted = (column.values[0], column.values[-1]) if column.values else (column.low, column.high)
    for field, value in zip(("min", "max"), wanted):
        if column.values:
            at = place(column, got[field])
            wrong = at is None or abs(at - value) > slack(column, value)
        else:
            wrong = not is_kept(got[field], value) and not (column.type in ("null", "boolean") and got[field] is None)
        if wrong:
            yield f"{field}: {got[field]!r}, not {float(value) if column.type in NUMBERS else value!r}"


def check_moments(got, column):
    """Rounding goes by the size of the numbers: a sum of many may lose some bits, a deviation around a running mean few.  Where
    sums or squares leave the range of doubles, nothing is said."""
    mean, deviation = column.moments if column.type in NUMBERS else (None, None)
    size = max(abs(column.values[0]), abs(column.values[-1])) if column.values else 0
    for field, value, off, most in (
            ("mean", mean, size * Decimal("1e-13") + LEAST, Decimal("1e305")),
            ("stddev", deviation, size * Decimal("2e-15") + (deviation or 0) * Decimal("1e-9") + LEAST, Decimal("1e150"))):
        if got[field] is None and size > most:
            continue
        if got[field] is not value and (value is None or not near(got[field], value, off)):
            yield f"{field}: {got[field]}, not {value if value is None else float(value)}"


def check_quantiles(got, column):
    if not column.values:
        yield from (f"{field}: {got[field]!r}, not null" for field in QUANTILES if got[field] is not None)
        return
    if not within(got["rank_error"], 0, 0.05):
        yield f"rank_error: {got['rank_error']}"
        return
    n, before = len(column.values), None
    for field, p in QUANTILES.items():
        at = place(column, got[field])
        if at is None:
            yield f"{field}: {got[field]!r} is no {column.type}"
            continue
        off = slack(column, at)
        less, most = bisect.bisect_left(column.values, at - off), bisect.bisect_right(column.values, at + off)
        error = Decimal(got["rank_error"]) * n + 1
        if less > p * n + error or most < p * n - error:
            yield f"{field}: {got[field]} has the ranks {less} to {most} of {n}"
        if got["rank_error"] == 0 and less == most:
            yield f"{field}: {got[field]} is not in the column"
        if before is not None and at < before:
            yield f"{field}: {got[field]} is less than the one before"
        before = at


def whole_listed(got, column):
    """The frequent values that are listed whole, with how often at most; yields what is wrong with them."""
    counts = column.counts
    listed = {}
    for entry in got["top"] or []:
        value, count, high = cell(entry["value"]), entry["count"], entry["high"]
        if entry.get("cut"):
            continue
        if not isinstance(value, bytes) or value in listed:
            yield f"top: {entry['value']!r} is no text, or is there twice"
            continue
        listed[value] = high
        if not (isinstance(count, int) and isinstance(high, int)) or not count <= counts[value] <= high or counts[value] == 0:
            yield f"top: {entry['value']!r} is {count} to {high} times there, not {counts[value]}"


def cut_listed(got, column):
    """Those of which the beginning is listed: several may look alike, and each must be another value that is so often there."""
    free = sorted((value for value in column.counts if len(value) > VALUE_KEPT), key=lambda value: column.counts[value])
    for entry in sorted((entry for entry in got["top"] or [] if entry.get("cut")), key=lambda entry: entry["high"]):
        value, count, high = cell(entry["value"]), entry["count"], entry["high"]
        if not isinstance(value, bytes) or not VALUE_KEPT - 6 <= len(value) < VALUE_KEPT:
            yield f"top: {entry['value']!r} is not the beginning of a value"
            continue
        one = next((v for v in free if v.startswith(value) and count <= column.counts[v] <= high), None)
        if one is None:
            yield f"top: {entry['value']!r}... is {count} to {high} times there, which no value is"
        else:
            free.remove(one)


def check_top(got, column):
    """What is listed, and that nothing more frequent is left out."""
    yield from whole_listed(got, column)
    yield from cut_listed(got, column)
    entries = got["top"] or []
    whole = {cell(entry["value"]) for entry in entries if not entry.get("cut")}
    beginnings = [cell(entry["value"]) for entry in entries if entry.get("cut")]
    least = min((entry["high"] for entry in entries), default=len(column.lengths) // 10)
    missing = [value for value, count in column.counts.items() if count > least and value not in whole]
    # Of those that begin alike there must be as many as are listed.
    long = [value for value in missing if len(value) > VALUE_KEPT]
    if len(long) > len(beginnings):
        yield f"top: {len(beginnings)} values are listed cut, and {len(long)} are more frequent than the last"
    for value in missing:
        if len(value) <= VALUE_KEPT or not value.startswith(tuple(beginnings)):
            yield f"top: {value[:60]!r} is {column.counts[value]} times there and is not listed"


def wrong_bin(column, edges, counts, off):
    """The first bin whose count is off by more than `off`, or None.  Values on an edge may be on either side of it: of how many
    values are below each edge, what is possible with the counts so far is an interval."""
    low = high = 0
    for i, count in enumerate(counts):
        edge = edges[i + 1]
        least = bisect.bisect_left(column.values, edge - slack(column, edge))
        most = bisect.bisect_right(column.values, edge + slack(column, edge))
        if i + 1 == len(counts):
            least = most = len(column.values)
        if low + count - off > most or high + count + off < least:
            return i
        low, high = max(low + count - off, least), min(high + count + off, most)
    return None


def check_histogram(got, column):
    listed, n = got["histogram"] or [], len(column.values)
    if not listed or not column.values:
        if listed or column.type in NUMBERS:
            yield f"histogram: {len(listed)} bins of {n} values"
        return
    edges = [place(column, listed[0]["low"])] + [place(column, entry["high"]) for entry in listed]
    lows = [place(column, entry["low"]) for entry in listed]
    if None in edges or lows != edges[:-1] or edges != sorted(edges):
        yield "histogram: the bins are not one behind the other"
        return
    if edges[0] - slack(column, edges[0]) > column.values[0] or edges[-1] + slack(column, edges[-1]) < column.values[-1]:
        yield f"histogram: from {edges[0]} to {edges[-1]} is less than the column's range"
    counts = [entry["count"] for entry in listed]
    if not all(within(count, 0, n) for count in counts) or abs(sum(counts) - n) > len(counts):
        yield f"histogram: the counts {counts} are not {n} together"
        return
    wrong = wrong_bin(column, edges, counts, 2 * Decimal(got["rank_error"] or 0) * n + 2)
    if wrong is not None:
        yield f"histogram: not {counts[wrong]} from {edges[wrong]} to {edges[wrong + 1]}"


CHECKS = (check_counts, check_distinct, check_lengths, check_range, check_moments, check_quantiles, check_top, check_histogram)


def check_record(got, column):
    missing = [field for field in FIELDS if field not in got]
    if missing:
        return ["fields are missing: " + " ".join(missing)]
    problems = [] if [field for field in got if field in FIELDS] == FIELDS else ["the fields are in another order"]
    for one in CHECKS:
        try:
            problems += one(got, column)
        except (TypeError, KeyError, AttributeError, ValueError, ArithmeticError) as error:
            problems.append(f"{one.__name__}: a figure of another form: {error!r}")
    return problems


def check_output(text, data, delimiter):
    """What is wrong with an output for a file of these bytes."""
    columns = columns_of(data, delimiter)
    try:
        got = [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
    except ValueError as error:
        return [f"no JSON: {error}"]
    problems = [] if len(got) == len(columns) else [f"{len(got)} records of {len(columns)} columns"]
    for record, column in zip(got, columns):
        problems += (f"column {column.position}: {problem}" for problem in check_record(record, column))
    return problems


# Running dbm-profile.

def profile(path, delimiter, flags=()):
    """Its output, and a sentence if it failed."""
    command = [os.path.join(BIN, "dbm-profile"), "-q", "-f", "json", "--delimiter", delimiter.decode(), *flags, path]
    done = subprocess.run(command, capture_output=True)
    text = done.stdout.decode("utf-8", "replace")
    return text, f"status {done.returncode}: {done.stderr.decode(errors='replace')[:200]}" if done.returncode else None


def delimiter_of(text):
    return b"\t" if text in ("tab", "\\t") else text.encode()


def check_file(path, delimiter, flags=()):
    with open(path, "rb") as f:
        data = f.read()
    text, failure = profile(path, delimiter, flags)
    return text, ([failure] if failure else []) + check_output(text, data, delimiter)


THEIR_NUMBER = re.compile(rb"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def compare_column(got, stats, column):
    """With what other readers counted: NULL and an empty text are one thing to them, and a number is more than to dbm."""
    wanted = [("nulls and empties", got["nulls"] + got["empties"], got["rows"] - stats["nonempty"]),
              ("distinct", got["distinct"] - (got["empties"] > 0), stats["distinct"] if got["distinct_error"] == 0 else None),
              ("length_max", got["length_max"], stats["len_max"]),
              ("length_min", got["length_min"], stats["len_min"] if got["empties"] == 0 else None)]
    numbers = [value for value in column.counts if THEIR_NUMBER.fullmatch(value)]
    if all(cell_type(value) in NUMBERS for value in numbers):
        wanted.append(("numbers", sum(got["types"].get(name, 0) for name in NUMBERS), stats["numeric"]))
        wanted.append(("integers", got["types"].get("integer", 0), stats["integer"]))
    problems = [f"{what}: {a}, not {b}" for what, a, b in wanted if b is not None and a != b and (a or b)]
    if got["type"] in NUMBERS and stats["numeric"] == stats["nonempty"]:
        for what, a, b in (("min", got["min"], stats["num_min"]), ("max", got["max"], stats["num_max"]),
                           ("sum", got["mean"] * stats["numeric"], stats["num_sum"])):
            if not near(a, Decimal(b), abs(Decimal(b)) * Decimal("1e-9") + Decimal("1e-6")):
                problems.append(f"{what}: {a}, not {b}")
    return problems


def compare_manifest(text, entry, columns):
    got = [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
    problems = [f"rows: {record['rows']}, not {entry['rows']}" for record in got[:1] if record["rows"] != entry["rows"]]
    if len(got) != entry["width_max"]:
        problems.append(f"{len(got)} columns, not {entry['width_max']}")
    for record, stats, column in zip(got, entry.get("stats", []), columns):
        problems += (f"column {record['position']}: manifest: {p}" for p in compare_column(record, stats, column))
    return problems


def check_truth(folder, manifest):
    with open(manifest) as f:
        files = json.load(f, parse_float=Decimal)["files"]
    for entry in files:
        path, delimiter = os.path.join(folder, entry["path"]), entry["delim"].encode()
        text, problems = check_file(path, delimiter)
        with open(path, "rb") as f:
            columns = columns_of(f.read(), delimiter)
        yield entry["path"], problems + (compare_manifest(text, entry, columns) if text else [])


def check_files(folder):
    with open(os.path.join(folder, "tables.json")) as f:
        for name, delimiter in json.load(f).items():
            yield name, check_file(os.path.join(folder, name), delimiter.encode())[1]


def report(results):
    """Prints what is wrong, a line each; the exit status."""
    files = wrong = 0
    for name, problems in results:
        files += 1
        wrong += bool(problems)
        for problem in problems:
            print(f"{name}: {problem[:300]}")
    print(f"{files} files, {wrong} with something wrong")
    return wrong > 0


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("command", choices=["truth", "check", "check-files", "check-truth", "generate"])
    options.add_argument("arguments", nargs="+")
    options.add_argument("--delimiter", type=delimiter_of, default=b",")
    options = options.parse_args()
    first, *rest = options.arguments
    if options.command == "generate":
        return profile_tables.generate(first, int(rest[0]), int(rest[1]))
    if options.command == "check-files":
        return report(check_files(first))
    if options.command == "check-truth":
        return report(check_truth(first, rest[0]))
    with open(first, "rb") as f:
        data = f.read()
    if options.command == "check":
        return report([(first, check_output(sys.stdin.read(), data, options.delimiter))])
    for column in columns_of(data, options.delimiter):
        print(json.dumps(truth(column, first)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

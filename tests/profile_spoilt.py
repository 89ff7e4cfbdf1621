#!/usr/bin/env python3
"""The checker of profiles is checked: its own truth passes, and so does what a good sketch would say; each figure that is
spoilt is noticed in every column that has it.  Its reading of files is that of Python's csv module."""
import csv
import functools
import io
import json
import random
import sys

import profile_tables
import profile_truth
from profile_columns import columns_of, decoded, records
from tap import check, finish

csv.field_size_limit(1 << 30)
SEED = 7


def python_rows(data, delimiter):
    text = decoded(data).decode("utf-8", "surrogateescape")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter.decode())
    return [[cell.encode("utf-8", "surrogateescape") for cell in row] for row in rows if row]


def own_rows(data, delimiter):
    return [[cell or b"" for cell in row] for row in records(decoded(data), delimiter)]


# Spoiling: each takes a record and its column and changes the record, or returns False where it has no such figure.

def add(field, amount):
    def spoil(record, column):
        if record[field] is None or isinstance(record[field], (str, dict)):
            return False
        record[field] += amount
    return spoil


def put(field, value):
    def spoil(record, column):
        if record[field] == value:
            return False
        record[field] = value
    return spoil


def scale(field, factor):
    def spoil(record, column):
        if not record[field] or isinstance(record[field], (str, dict)):
            return False
        record[field] *= factor
    return spoil


def longer(field):
    def spoil(record, column):
        if column.type not in ("text", "boolean") or not isinstance(record[field], str):
            return False
        record[field] += "x"
    return spoil


def later(field):
    def spoil(record, column):
        if column.type not in ("date", "timestamp"):
            return False
        record[field] = "2500-01-01"
    return spoil


def rank(field, share):
    """A quantile that is so much of the values further on."""
    def spoil(record, column):
        n = len(column.values)
        at = max(0, min(n - 1, int((profile_truth.QUANTILES[field] + profile_truth.Decimal(share)) * n)))
        if n < 1000 or record["distinct"] < 1000:
            return False
        value = column.values[at]
        record[field] = profile_truth.number(value) if column.type in ("integer", "real") else \
            profile_truth.cell_of(column, value)
        record["rank_error"] = 0.0103
        return True
    return spoil


def estimate(factor, error=0.0163, method="hyperloglog"):
    def spoil(record, column):
        if record["distinct"] < 100:
            return False
        record.update(distinct=int(record["distinct"] * factor), distinct_error=error, distinct_method=method)
    return spoil


def more_or_all(record, column):
    """3 % more, as far as there are values."""
    return False if record["distinct"] < 100 else record.update(
        distinct=min(int(record["distinct"] * 1.03), len(column.lengths)), distinct_error=0.0163, distinct_method="hyperloglog")


def entry(change, least=1):
    """Something about the first of the frequent values."""
    def spoil(record, column):
        return False if len(record["top"]) < least else change(record["top"])
    return spoil


def cut_short(change):
    """Frequent values that are long are listed by their beginning; one of them is changed."""
    def spoil(record, column):
        long = [e for e in record["top"] if isinstance(e["value"], str) and len(e["value"].encode()) > 48]
        for e in long:
            e.update(value=e["value"].encode()[:45].decode(errors="ignore"), cut=True)
        if not long:
            return False
        change(long[0], record["top"])
    return spoil


def leave_out(top):
    if top[0]["count"] == top[-1]["count"]:
        return False
    del top[0]


def bins(change, least=3):
    def spoil(record, column):
        return False if len(record["histogram"] or []) < least or record["rows"] < 100 else change(record["histogram"])
    return spoil


def move(share):
    """From one bin into the next."""
    def change(histogram):
        most = max(range(len(histogram)), key=lambda i: histogram[i]["count"])
        count = int(histogram[most]["count"] * share)
        histogram[most]["count"] -= count
        histogram[most - 1]["count"] += count
    return change


def reorder(record, column):
    record["rows"] = record.pop("rows")


SPOILT = {
    **{f"{field} {amount:+}": add(field, amount) for amount in (1, -1) for field in (
        "rows", "nulls", "empties", "position", "distinct", "length_min", "length_max")},
    "min beside": scale("min", 1.000001), "max beside": scale("max", 0.999999),
    "min longer": longer("min"), "max longer": longer("max"), "min later": later("min"), "max later": later("max"),
    "min null": lambda r, c: False if c.type in ("boolean", "null") else put("min", None)(r, c),
    "max a number": lambda r, c: False if c.type in ("integer", "real") else put("max", 7)(r, c),
    "column": put("column", "another"), "type": put("type", "bytes"), "confidence": put("confidence", 1.5),
    "types": lambda r, c: r["types"].update(text=r["types"].get("text", 0) + 1), "no types": lambda r, c: bool(
        r["types"]) and r["types"].clear(),
    "mean": scale("mean", 1.0001), "mean null": lambda r, c: False if c.name == b"beyond" else put("mean", None)(r, c),
    "stddev": lambda r, c: False if c.name in (b"offset", b"odd") else scale("stddev", 1.000001)(r, c),
    "stddev double": lambda r, c: False if c.name == b"odd" else scale("stddev", 2)(r, c),
    "stddev zero": lambda r, c: False if c.name == b"odd" else put("stddev", 0)(r, c),
    "mean text": put("mean", "1"), "mean NaN": put("mean", float("nan")),
    "length_mean": scale("length_mean", 1.00001), "length_mean null": put("length_mean", None),
    "distinct more than there are": lambda r, c: r["distinct"] > 100 and r["distinct"] == len(c.lengths) and r.update(
        distinct=r["distinct"] + 1, distinct_error=0.0163, distinct_method="hyperloglog"),
    "distinct 10 % more": estimate(1.1), "distinct 10 % less": estimate(0.9), "distinct without an error": estimate(1, 0),
    "distinct with any error": estimate(1.1, 0.5), "distinct, another method": estimate(1, 0.0163, "guess"),
    **{f"{field}, 4 % further": rank(field, "0.04") for field in ("p05", "p25", "p50", "p75")},
    "p95, 4 % back": rank("p95", "-0.04"), "p50 null": put("p50", None), "p25 text": put("p25", "x"),
    "p50 not there": lambda r, c: False if c.type != "integer" or r["distinct"] < 20 or c.name == b"large" else put(
        "p50", r["p50"] + 0.25)(r, c),
    "p05 over p25": lambda r, c: False if r["distinct"] < 20 or r["p05"] is None else r.update(p05=r["p75"]),
    "any rank_error": lambda r, c: bool(c.values) and r.update(rank_error=0.5),
    "top count": entry(lambda t: t[0].update(count=t[0]["count"] + 1, high=t[0]["high"] + 1)),
    "top high": entry(lambda t: t[0].update(count=t[0]["count"] - 1, high=t[0]["high"] - 1)),
    "top cut, another beginning": cut_short(lambda e, t: e.update(value="?" + e["value"][1:])),
    "top cut, more": cut_short(lambda e, t: e.update(count=e["high"] + 1000, high=e["high"] + 1001)),
    "top cut too short": cut_short(lambda e, t: e.update(value=e["value"][:30])),
    "top cut twice": cut_short(lambda e, t: [t.append(e) for _ in range(20)]),
    "min cut at another place": lambda r, c: False if not isinstance(r["max"], str) or len(r["max"]) < 5000 else put(
        "max", r["max"][:3000] + "\u2026")(r, c),
    "top left out": entry(leave_out, 2), "top twice": entry(lambda t: t.append(t[0])),
    "top unknown": entry(lambda t: t[0].update(value="not there")), "top number": entry(lambda t: t[0].update(value=1)),
    "top none": lambda r, c: False if max(c.counts.values(), default=0) <= len(c.lengths) // 10 else put("top", [])(r, c),
    "bins moved": bins(move(0.4)), "bin left out": bins(lambda h: h.__delitem__(1)), "bins gap": bins(lambda h: h[1].update(
        low=h[1]["low"] + (h[1]["high"] - h[1]["low"]) / 2)),
    "bins more": bins(lambda h: h[0].update(count=h[0]["count"] + 50)),
    "bins from further on": bins(lambda h: h[0].update(low=h[0]["low"] + (h[0]["high"] - h[0]["low"]) / 2)),
    "bins null": lambda r, c: bool(r["histogram"]) and put("histogram", None)(r, c),
    "order": reorder, "a field less": lambda r, c: r.pop("method") and None,
}
SKETCHED = {
    "distinct 3 % more": more_or_all, "distinct 3 % less": estimate(0.97),
    **{f"{field}, 0.9 % further": rank(field, "0.009") for field in profile_truth.QUANTILES},
    "top cut": cut_short(lambda e, t: None),
    "max cut": lambda r, c: False if not isinstance(r["max"], str) or len(r["max"]) < 5000 else put(
        "max", r["max"][:4096] + "\u2026")(r, c),
    "top a little more": entry(lambda t: [e.update(count=max(0, e["count"] - 2), high=e["high"] + 2) for e in t] and None),
}


@functools.lru_cache(maxsize=None)
def truth(column):
    return json.dumps(profile_truth.truth(column, "x"))


def output(columns, change, only=None):
    """The truth with a change in one column; None where it has no such figure."""
    lines = []
    for column in columns:
        record = json.loads(truth(column))
        if column is only and change(record, column) is False:
            return None
        lines.append(json.dumps(record))
    return "\n".join(lines) + "\n"


def changes(table, kinds, wrong):
    """Every change in every column of a table: whether it is noticed (`wrong`) or passes."""
    seen = {name: ([], 0) for name in kinds}
    columns = columns_of(table, b",")
    for name, change in kinds.items():
        problems, tried = seen[name]
        for column in columns:
            text = output([column], change, column)
            if text is None:
                continue
            record = json.loads(text, parse_float=profile_truth.Decimal)
            said = profile_truth.check_record(record, column)
            tried += 1
            if bool(said) != wrong:
                problems.append(f"{name}: {column.name.decode()}: " + ("not noticed" if wrong else said[0]))
        seen[name] = problems, tried
    return seen


def main():
    tables = list(profile_tables.tables(SEED, 3))
    for name, delimiter, data in tables:
        delimiter = delimiter.encode()
        if name.startswith("large") and name != "large_0.csv":
            continue
        check(f"{name} is read as Python reads it",
              [] if own_rows(data, delimiter) == python_rows(data, delimiter) else ["other cells"])
        columns = columns_of(data, delimiter)
        check(f"the truth of {name} passes", profile_truth.check_output(output(columns, None), data, delimiter))
    every = profile_tables.table(random.Random(SEED), list(profile_tables.COLUMNS), 400)
    large = next(data for name, _, data in tables if name == "large_0.csv")
    for kinds, wrong, what in ((SPOILT, True, "noticed"), (SKETCHED, False, "no mistake")):
        first, second = changes(every, kinds, wrong), changes(large, kinds, wrong)
        for name in kinds:
            tried = first[name][1] + second[name][1]
            problems = first[name][0] + second[name][0]
            check(f"{name} is {what}, {tried} columns", problems if tried else ["no column has it"])
    whole = output(columns_of(every, b","), None)
    for what, text in (("a column less", whole.split("\n", 1)[1]), ("a column more", whole + whole.split("\n", 1)[0] + "\n"),
                       ("no JSON", whole + "x\n"), ("nothing", "")):
        check(f"{what} is noticed", [] if profile_truth.check_output(text, every, b",") else ["not noticed"])
    return finish()


if __name__ == "__main__":
    sys.exit(main())

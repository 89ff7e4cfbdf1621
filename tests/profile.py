#!/usr/bin/env python3
"""What dbm-profile says of awkward tables is so: with every kernel, with 1 to 4 threads, and over real files (DBM_SHARED, where
it is there).  profile_truth.py is the checker.  DBM_BIN: the folder of the programs."""
import json
import os
import random
import sys
import tempfile

import profile_tables
import profile_truth
from tap import check, finish

SHARED = os.environ.get("DBM_SHARED", "")
MIB = 1 << 20
# What does not depend on who read which rows.
EXACT = ("rows nulls empties position column type confidence types min max length_min length_mean length_max").split()


def problems_of(results):
    return [f"{name}: {problem}" for name, problems in results for problem in problems]


def large_table(chance, size, quoted):
    """Rows of some long cells, so that the checker has little to do for many bytes."""
    texts = ["".join(chance.choice("abcdefgh,\n") for _ in range(500)) if quoted else "x" * chance.randrange(200, 800)
             for _ in range(50)]
    texts = ['"' + text + '"' if quoted else text for text in texts]
    row = lambda i: f"{i},{chance.choice(texts)},{chance.choice(texts)},{chance.uniform(-1, 1):.4f},{i % 7 or ''}\n"
    text, i = ["id,text,other,number,few\n"], 0
    while size > 0:
        text.append(row(i))
        size -= len(text[-1])
        i += 1
    return "".join(text).encode()


def check_threads(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(data)
    columns = profile_truth.columns_of(data, b",")
    first = None
    for threads in range(1, 5):
        text, failure = profile_truth.profile(path, b",", ["--threads", str(threads)])
        problems = [failure] if failure else []
        got = [json.loads(line, parse_float=profile_truth.Decimal) for line in text.splitlines()]
        for record, column in zip(got, columns):
            problems += (f"column {column.position}: {p}" for p in profile_truth.check_record(record, column))
        same = [[record[field] for field in EXACT] for record in got]
        first = first or same
        if same != first or len(got) != len(columns):
            problems.append("other figures than by one thread")
        check(f"{name} of {len(data) >> 20} MiB by {threads} threads", problems)
    os.unlink(path)


def main():
    with tempfile.TemporaryDirectory() as folder:
        profile_tables.generate(folder, 1, 4)
        for kernel in ("", "avx2", "portable"):
            os.environ["DBM_KERNEL"] = kernel
            check(f"68 tables, kernel {kernel or 'of this machine'}", problems_of(profile_truth.check_files(folder)))
        os.environ.pop("DBM_KERNEL")
        for name, size, quoted in (("plain", 2 * MIB, False), ("quoted", 20 * MIB, True), ("plain", 17 * MIB, False)):
            check_threads(folder, f"{name}_{size >> 20}.csv", large_table(random.Random(name), size, quoted))
    manifest = os.path.join(SHARED, "truth", "tables_manifest.json")
    if SHARED and os.path.exists(manifest):
        check("real files", problems_of(profile_truth.check_truth(SHARED, manifest)))
    return finish()


if __name__ == "__main__":
    sys.exit(main())

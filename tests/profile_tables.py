"""Small tables that are awkward to profile, always the same ones for a seed."""
import base64
import json
import os
import random


def base64_text(value):
    return base64.b64encode(value).decode()


def base64_bytes(text):
    return base64.b64decode(text, validate=True)


# Columns: each takes a random.Random and a row number and makes a cell; None is NULL.

def often(chance, i):
    return min(int(chance.paretovariate(1)), 500)


def mixed(chance, i):
    return chance.choice([None, "", 7, -3, "2.50", "1e+5", "true", "2024-02-29", "2024-02-29T10:00Z", "x", "007", "+1", " 1",
                          "1."])


def day(chance, i):
    return f"{chance.randrange(1600, 2400):04}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"


def moment(chance, i):
    time = f"{day(chance, i)}{chance.choice('T ')}{chance.randrange(24):02}:{chance.randrange(60):02}"
    time += chance.choice(["", f":{chance.randrange(60):02}", f":{chance.randrange(60):02}.{chance.randrange(1000):03}"])
    return time + chance.choice(["", "Z", "+02:00", "-11:30"])


def impossible(chance, i):
    """What the calendar or the clock has not."""
    return chance.choice(["2021-02-30", "2100-02-29", "2000-02-29", "2021-13-01", "2021-00-10", "0000-01-01",
                          "2021-04-31T10:00", "2021-01-01 25:00", "2021-01-01 10:60", "2021-01-01T10:00:61",
                          "2021-01-01T10:00:00+24:00"])


def leap(chance, i):
    """Dates and times at the edges of what there is."""
    return chance.choice(["0001-01-01", "9999-12-31", "2000-02-29", "2016-12-31T23:59:60Z", "1969-12-31T23:59:59.999999Z",
                          "0001-01-01T00:00-23:59", "9999-12-31T23:59:59+23:59", "1900-03-01", "2400-02-29 00:00:00.5"])


def beyond(chance, i):
    """Numbers at the edges of doubles."""
    return chance.choice(["1.0e308", "-1.7e308", "4.9e-324", "1.0e-400", "0.1", "9007199254740993", "-0", "0.0"] +
                         ["1.0e309"] * (i % 97 == 96))


COLUMNS = {
    "id": lambda chance, i: i + 1,
    "null": lambda chance, i: None,
    "empty": lambda chance, i: chance.choice([None, ""]),
    "same": lambda chance, i: 7,
    "often": often,
    "negative": lambda chance, i: chance.randrange(-10**6, 1000),
    "large": lambda chance, i: chance.choice([1, -1]) * chance.randrange(10**17, 10**18),
    "offset": lambda chance, i: 10**15 + chance.randrange(10),
    "decimal": lambda chance, i: None if chance.random() < 0.1 else f"{chance.uniform(-100, 100):.{chance.randrange(1, 7)}f}",
    "exponent": lambda chance, i: f"{chance.uniform(-9, 9):.3f}e{chance.randrange(-60, 60)}",
    "either": lambda chance, i: chance.choice([chance.randrange(9), f"{chance.randrange(9)}.50", '""']),
    "hex": lambda chance, i: chance.choice([f"{chance.randrange(16**6):06X}", "5885E9", "123456"]),
    "flag": lambda chance, i: chance.choice(["true", "FALSE", "False", None]),
    "date": day,
    "moment": lambda chance, i: chance.choice([day, moment])(chance, i),
    "mixed": mixed,
    "long": lambda chance, i: chance.choice("ab") * chance.choice([0, 1, 300, 70000]),
    "note": lambda chance, i: chance.choice(["a\nb", 'say "x"', "a,b;c\td", "\r\n", "tränen", "日本", "", None]),
    "impossible": impossible,
    "leap": leap,
    "until": lambda chance, i: chance.choice(["9999-12-31", day(chance, i)]),
    "beyond": beyond,
    "odd": lambda chance, i: 2**53 + chance.randrange(4),
    "edge": lambda chance, i: "x" * chance.choice([43, 44, 45, 46, 47, 48]) + chance.choice(["", "é", "日", "𝄞", "yy"]),
    "page": lambda chance, i: "z" * chance.choice([4093, 4094, 4095, 4096, 4097]) + chance.choice(["", "é", "日", "𝄞"]),
    "few": lambda chance, i: chance.choice(["red", "red", "red", "blue", "green"]),
}


def written(cell, chance, delimiter):
    """A cell's text: quoted where it has to be, and now and then where it has not."""
    if cell is None:
        return ""
    text = "" if cell == '""' else str(cell)
    if text == "" or chance.random() < 0.03 or any(c in text for c in '"\r\n' + delimiter):
        return '"' + text.replace('"', '""') + '"'
    return text


def table(chance, names, rows, delimiter=",", end="\n", ragged=False):
    lines = [delimiter.join(names)]
    for i in range(rows):
        cells = [written(COLUMNS[name](chance, i), chance, delimiter) for name in names]
        if ragged and chance.random() < 0.3:
            cells = cells[:chance.randrange(1, len(cells) + 1)] if chance.random() < 0.5 else cells + ["more", "", "7"]
        # A line with nothing on it would be no record.
        lines.append(delimiter.join(cells) or '""')
    return (end.join(lines) + (end if chance.random() < 0.8 else "")).encode()


def any_columns(chance):
    return chance.sample(list(COLUMNS), chance.randrange(1, 9))


def malformed(chance):
    bits = [b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"1", b"2.5", b"x", b"\xff", b"\0", b'a"b', b'"c"d']
    return b"a,b,c\n" + b"".join(chance.choice(bits) for _ in range(chance.randrange(200)))


# Kinds of tables: what makes one, and its delimiter.
KINDS = {
    "any": (lambda c: table(c, any_columns(c), c.randrange(2, 300)), ","),
    "every": (lambda c: table(c, list(COLUMNS), c.randrange(1, 200)), ","),
    "no_row": (lambda c: table(c, any_columns(c), 0), ","),
    "one_row": (lambda c: table(c, any_columns(c), 1), ","),
    "two_rows": (lambda c: table(c, any_columns(c), 2), ","),
    "one_column": (lambda c: table(c, [c.choice(list(COLUMNS))], c.randrange(1, 500)), ","),
    "ragged": (lambda c: table(c, any_columns(c), c.randrange(2, 100), ragged=True), ","),
    "large": (lambda c: table(c, ["id", "often", "decimal", "hex", "date", "moment", "large", "few"], 20000), ","),
    "semicolon": (lambda c: table(c, any_columns(c), c.randrange(1, 100), ";"), ";"),
    "tab": (lambda c: table(c, any_columns(c), c.randrange(1, 100), "\t"), "\t"),
    "crlf": (lambda c: table(c, any_columns(c), c.randrange(1, 100), end="\r\n"), ","),
    "cr": (lambda c: table(c, any_columns(c), c.randrange(1, 100), end="\r"), ","),
    "mark": (lambda c: b"\xef\xbb\xbf" + table(c, any_columns(c), c.randrange(1, 100)), ","),
    "utf16": (lambda c: table(c, any_columns(c), c.randrange(1, 50)).decode().encode("utf-16"), ","),
    "names": (lambda c: b"a,,a,\"a b\"\n" + table(c, ["id", "few", "often", "mixed"], 20).split(b"\n", 1)[1], ","),
    "blank_lines": (lambda c: table(c, ["id", "few", "often"], 50).replace(b"\n", b"\n\n\r\n"), ","),
    "malformed": (malformed, ","),
}


def tables(seed, n):
    """n of each kind: their name, delimiter and bytes."""
    for kind, (make, delimiter) in KINDS.items():
        for i in range(n):
            yield f"{kind}_{i}.csv", delimiter, make(random.Random(f"{seed} {kind} {i}"))


def generate(folder, seed, n):
    """Into the folder, with tables.json, which says what separates the fields of each."""
    os.makedirs(folder, exist_ok=True)
    delimiters = {}
    for name, delimiter, data in tables(seed, n):
        delimiters[name] = delimiter
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    with open(os.path.join(folder, "tables.json"), "w") as f:
        json.dump(delimiters, f, indent=1)
    return 0

"""An exact reading of delimited text and of what its columns hold: by the rules of dbm's manual, and with none of its code."""
import calendar
import collections
import decimal
import functools
import math
import re
from decimal import Decimal

NUMBERS, TIMES = ("integer", "real"), ("date", "timestamp")
# Sums and squares of numbers to 1e300 are exact.
decimal.getcontext().prec = 3000


# The file: records of cells, an unquoted empty one as None.

def decoded(data):
    """UTF-16 by its byte order mark as UTF-8, other bytes as they are; a mark is dropped."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace").encode("utf-8")
    return data.removeprefix(b"\xef\xbb\xbf")


def quoted_text(data, at):
    """What is between the quotes, and where it goes on."""
    text = b""
    while True:
        end = data.find(b'"', at)
        if end < 0:
            return text + data[at:], len(data)
        text += data[at:end]
        at = end + 1
        if data[at:at + 1] != b'"':
            return text, at
        text += b'"'
        at += 1


def records(data, delimiter):
    """As Python's csv module reads malformed quoting: a quote in a plain field is a character, text behind a closing quote goes
    on plain.  A line with nothing on it is no record."""
    plain = re.compile(b"[^\r\n" + re.escape(delimiter) + b"]*")
    at, row = 0, []
    while at < len(data):
        if not row and data[at] in b"\r\n":
            at += 1
            continue
        quoted, text = data[at] == ord('"'), b""
        if quoted:
            text, at = quoted_text(data, at + 1)
        rest = plain.match(data, at)
        text, at = text + rest.group(), rest.end()
        row.append(text if text or quoted else None)
        if data[at:at + 1] == delimiter:
            at += 1
            if at == len(data):
                row.append(None)
        else:
            yield row
            row, at = [], at + 1
            continue
    if row:
        yield row


def header_names(cells, width):
    """An empty name is columnN, a second `a` is a_2 or the next that is free."""
    names = [(cells[i] if i < len(cells) else None) or b"column%d" % (i + 1) for i in range(width)]
    taken = set(names)
    seen = set()
    for i, name in enumerate(names):
        if name in seen:
            number = 2
            while name + b"_%d" % number in taken:
                number += 1
            names[i] = name + b"_%d" % number
            taken.add(names[i])
        seen.add(names[i])
    return names


# The types.

INTEGER = re.compile(rb"-?(0|[1-9][0-9]{0,17})")
NUMBER_LENGTH = 400  # bytes; longer ones are text
REAL = re.compile(rb"-?(0|[1-9][0-9]{0,17})(\.[0-9]+([eE][+-]?[0-9]+)?|[eE][+-][0-9]+)")
BOOLEAN = re.compile(rb"true|false", re.IGNORECASE)
DATE = re.compile(rb"([0-9]{4})-([01][0-9])-([0-3][0-9])")
TIMESTAMP = re.compile(DATE.pattern + rb"[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]+)?))?(Z|[+-][0-9]{2}:[0-9]{2})?")
KINDS = (("integer", INTEGER), ("real", REAL), ("boolean", BOOLEAN), ("date", DATE), ("timestamp", TIMESTAMP))


def on_calendar(match):
    """Whether a date or a timestamp is one that there is: a second may be 60, the year 0 is none."""
    year, month, day, hour, minute, second, offset = (match.groups() + (None,) * 4)[:7]
    year, month, day = int(year), int(month), int(day)
    if year == 0 or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(2000 + year % 400, month)[1]:
        return False
    if offset and offset != b"Z" and (int(offset[1:3]) > 23 or int(offset[4:]) > 59):
        return False
    return int(hour or 0) <= 23 and int(minute or 0) <= 59 and int((second or b"0")[:2]) <= 60


def cell_type(cell):
    for name, pattern in KINDS:
        match = pattern.fullmatch(cell)
        if match is None:
            continue
        if name in TIMES and not on_calendar(match):
            return "text"
        if name in NUMBERS and (len(cell) > NUMBER_LENGTH or math.isinf(float(cell))):
            return "text"
        return name
    return "text"


def join(types):
    """The type of a column with cells of these types."""
    if len(types) < 2:
        return next(iter(types), "null")
    return "real" if types == {"integer", "real"} else "timestamp" if types == {"date", "timestamp"} else "text"


def days(year, month, day):
    """Since 0000-03-01, in the proleptic Gregorian calendar, counting years from March."""
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1


def instant(cell):
    """Seconds of a date or a timestamp, UTC."""
    match = DATE.fullmatch(cell) or TIMESTAMP.fullmatch(cell)
    year, month, day, hour, minute, second, offset = (match.groups() + (None,) * 4)[:7]
    seconds = days(int(year), int(month), int(day)) * 86400 + int(hour or 0) * 3600 + int(minute or 0) * 60
    if offset and offset != b"Z":
        seconds -= (1 if offset[:1] == b"+" else -1) * (int(offset[1:3]) * 3600 + int(offset[4:]) * 60)
    return seconds + Decimal((second or b"0").decode())


class Column:
    """What is so of one column.  `values`: its numbers or instants, sorted."""

    def __init__(self, name, position, cells):
        self.name, self.position, self.rows = name, position, len(cells)
        here = [cell for cell in cells if cell is not None]
        self.nulls, self.empties = len(cells) - len(here), here.count(b"")
        self.counts = collections.Counter(here)
        self.types = collections.Counter()
        for cell, count in self.counts.items():
            if cell:
                self.types[cell_type(cell)] += count
        self.type = join(set(self.types))
        self.low, self.high = (min(here), max(here)) if here else (None, None)
        self.lengths = [len(cell) for cell in here]
        value = (lambda cell: Decimal(cell.decode())) if self.type in NUMBERS else instant
        counted = self.type in NUMBERS + TIMES
        self.values = sorted(value(cell) for cell in here if cell) if counted else []

    @functools.cached_property
    def moments(self):
        """Mean and sample standard deviation."""
        n = len(self.values)
        total, squares = sum(self.values), sum(v * v for v in self.values)
        with decimal.localcontext() as context:
            around = squares * n - total * total
            context.prec = 40
            return total / n, (around / n / (n - 1)).sqrt() if n > 1 else None

    def quantile(self, p):
        return self.values[max(0, math.ceil(p * len(self.values)) - 1)]


def columns_of(data, delimiter):
    rows = list(records(decoded(data), delimiter))
    if not rows:
        return []
    width = max(map(len, rows))
    names = header_names(rows[0], width)
    return [Column(names[i], i + 1, [row[i] if i < len(row) else None for row in rows[1:]]) for i in range(width)]

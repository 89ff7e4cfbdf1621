#!/usr/bin/env python3
"""Runs the examples of the manual and of README.md: what stands behind `$ ` prints what stands below it."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from tap import check, finish

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def transcripts(path):
    """The literal blocks of an mdoc page, or the console blocks of a Markdown file, that hold a command."""
    text = open(path, encoding="utf-8").read()
    if path.endswith(".md"):
        blocks = re.findall(r"^```console\n(.*?)^```", text, re.S | re.M)
    else:
        blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.S | re.M)
        blocks = [unescape(b) for b in blocks]
    return [b for b in blocks if b.startswith("$ ")]


def unescape(block):
    """mdoc's own escapes undone."""
    block = re.sub(r"^\\&", "", block, flags=re.M)
    return block.replace("\\&", "").replace("\\-", "-").replace("\\e", "\\").replace("\\(aq", "'").replace("\\(ga", "`")


def commands(block):
    """(command, wanted output) pairs; a line that ends in a backslash goes on."""
    pairs, lines = [], block.splitlines()
    for line in lines:
        if line.startswith("$ "):
            pairs.append([line[2:], ""])
        elif pairs and pairs[-1][0].endswith("\\") and pairs[-1][1] == "":
            pairs[-1][0] = pairs[-1][0][:-1] + line.removeprefix("> ").strip()
        elif pairs:
            pairs[-1][1] += line + "\n"
    return pairs


def count(state):
    """What dbm-stats shows."""
    os.makedirs(os.path.join(state, "dbm"), mode=0o700, exist_ok=True)
    log = os.path.join(state, "dbm/metrics")
    shutil.copyfile(os.path.join(TOP, "tests/data/metrics"), log)
    os.chmod(log, 0o600)


def main():
    pages = [os.path.join("man", p) for p in sorted(os.listdir(os.path.join(TOP, "man")))] + ["README.md"]
    bin_folder = os.path.abspath(os.environ.get("DBM_BIN", os.path.join(TOP, "bin")))
    os.environ["PATH"] = bin_folder + os.pathsep + os.environ["PATH"]
    state = os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()
    for page in pages:
        # What is kept is kept by the page's own examples.
        os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(dir=state)
        count(state)
        for block in transcripts(os.path.join(TOP, page)):
            for command, wanted in commands(block):
                got = subprocess.run(["bash", "-c", command], cwd=TOP, capture_output=True, stdin=subprocess.DEVNULL)
                printed = (got.stdout + got.stderr).decode("utf-8", "replace")
                same = printed.strip("\n") == wanted.strip("\n")
                check(f"{page}: {command}", [] if same else ["got: " + line for line in printed.splitlines()] or ["nothing"])
    shutil.rmtree(state)
    return finish()


if __name__ == "__main__":
    sys.exit(main())

"""TAP for the tests in Python: check() for each thing, finish() at the end."""

results = []


def check(what, problems):
    """One line of TAP, and the first few problems."""
    results.append(not problems)
    print(f"{'not ok' if problems else 'ok'} {len(results)} - {what}")
    for problem in problems[:5]:
        print("# " + problem[:600])
    if len(problems) > 5:
        print(f"# and {len(problems) - 5} more")


def finish():
    """The plan; the exit status."""
    print(f"1..{len(results)}")
    return 0 if results and all(results) else 1

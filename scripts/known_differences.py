#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Marks, in a corpus of telegrams, the readings that are known to differ, and why.

usage: known_differences.py CORPUS.jsonl > MARKED.jsonl

CORPUS.jsonl holds a JSON object a line: driver, id, and in expected the readings of wmbusmeters.
The names of those that decode/meters/known_differences.tsv lists are added to doubtful, the list
of readings that a comparison does not count; each is said on standard error with its reason.
"""
import fnmatch
import json
import pathlib
import sys

LIST = pathlib.Path(__file__).parent.parent / "decode/meters/known_differences.tsv"
COLUMNS = ("driver", "id", "field", "theirs", "ours", "why")


def read_list(path):
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        values = line.split("\t")
        if len(values) != len(COLUMNS):
            sys.exit(f"{path}:{number}: expected {len(COLUMNS)} columns")
        rows.append(dict(zip(COLUMNS, values)))
    return rows


def text_of(value):
    return "" if value is None else str(value)


def reason(rows, telegram, field, value):
    """Why it differs; None if it is not known to."""
    for row in rows:
        if (row["driver"] == telegram["driver"]
                and fnmatch.fnmatchcase(telegram["id"], row["id"])
                and fnmatch.fnmatchcase(field, row["field"])
                and fnmatch.fnmatchcase(text_of(value), row["theirs"])
                and not (row["ours"].startswith("x") and not value)):  # 0 times 10 is 0
            return row["why"]
    return None


def mark(rows, telegram):
    for field, value in telegram["expected"].items():
        why = reason(rows, telegram, field, value)
        if why and field not in telegram.setdefault("doubtful", []):
            telegram["doubtful"].append(field)
            print(f"n={telegram.get('n')} {telegram['driver']} {field} = {text_of(value)}: {why}",
                  file=sys.stderr)


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    rows = read_list(LIST)
    with open(sys.argv[1], encoding="utf-8") as corpus:
        for line in corpus:
            if line.strip():
                telegram = json.loads(line)
                mark(rows, telegram)
                print(json.dumps(telegram, ensure_ascii=False))


if __name__ == "__main__":
    main()

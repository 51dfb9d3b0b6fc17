#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Copies what the benches measured and makes the tables of a page of it.

    save.py MEASURED_DIR KEEP_DIR PAGE

In PAGE whatever stands between "<!-- NAME -->" and "<!-- end -->" is replaced by the table of bench
NAME; "machine" is where and when it was measured. No number gets into a table by hand.
"""

import json
import os
import re
import shutil
import sys


def number(value):
    for places, limit in ((0, 100), (1, 10), (2, 0.1)):
        if abs(value) >= limit:
            return "%.*f" % (places, value)
    return "%.2g" % value


def row_line(row):
    bar = "%s %g" % tuple(row["bar"]) if row["bar"] else ""
    bar = bar.replace(">=", "≥").replace("<=", "≤")
    verdict = {None: "", True: "met", False: "**missed**"}[row["ok"]]
    rounds = row.get("rounds") or []
    span = "%s to %s" % (number(min(rounds)), number(max(rounds))) if len(rounds) > 1 else ""
    return "| %s | %s %s | %s | %s | %s |" % (row["what"], number(row["value"]), row["unit"], span,
                                              bar, verdict)


def table(bench):
    head = ["| what | measured | least to most | bar | |", "| --- | ---: | ---: | ---: | --- |"]
    commands = "`" + "`, `".join(c.strip() for c in bench["commands"]) + "`"
    return "\n".join(head + [row_line(r) for r in bench["rows"]] + ["", commands])


def where(benches):
    lines = ["| bench | date | processor | cores | kernel | load before, after | versions |",
             "| --- | --- | --- | ---: | --- | --- | --- |"]
    for b in benches:
        m = b["machine"]
        lines.append("| %s | %s | %s | %d | %s | %.1f, %.1f | %s |" % (
            b["bench"], b["date"], m["processor"], m["cores"], m["kernel"], m["load"],
            m["load_after"], "; ".join(b["versions"].values())))
    return "\n".join(lines)


def main():
    measured, keep, page = sys.argv[1:4]
    os.makedirs(keep, exist_ok=True)
    part, benches = {}, []
    for name in sorted(os.listdir(measured)):
        path = os.path.join(measured, name)
        stem, ending = os.path.splitext(name)
        shutil.copy(path, keep)
        with open(path) as f:
            if ending == ".json":
                benches.append(json.load(f))
                part[stem] = table(benches[-1])
            else:
                part[stem] = "```\n%s```" % f.read()
    part["machine"] = where(benches)
    with open(page) as f:
        text = f.read()
    for name, body in part.items():
        text = re.sub(r"(<!-- %s -->\n).*?(<!-- end -->)" % name,
                      lambda m, body=body: m.group(1) + body + "\n" + m.group(2), text,
                      flags=re.S)
    with open(page, "w") as f:
        f.write(text)


if __name__ == "__main__":
    main()

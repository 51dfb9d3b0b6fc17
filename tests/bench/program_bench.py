#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Runs a bench that is a program of its own and keeps what it says, with when and where.

    program_bench.py NAME BINARIES OUT_DIR

It prints a table for people and judges itself: "bars: VALUE of LIMIT words, ...; ...: met", each
VALUE to be at most LIMIT, and its status.
"""

import os
import re
import subprocess
import sys

import stage as st


def main():
    name, binaries, out_dir = sys.argv[1:4]
    results = st.Results(name, out_dir)
    results.weft(binaries)
    results.command(name + "_bench")
    with st.Stage() as stage:
        p = stage.process(os.path.join(os.path.abspath(binaries), "tests/bench", name + "_bench"),
                          stdout=subprocess.PIPE, text=True, first=True)
        said = ""
        for line in p.stdout:
            print("  " + line, end="", flush=True)
            said += line
        p.wait(st.RUN_S)
    if p.returncode not in (0, 1):
        raise SystemExit("%s_bench: status %d" % (name, p.returncode))
    results.data["text"] = said
    bars = re.search(r"^bars: (.*): (?:met|MISSED)$", said, re.M)
    for part in re.split(r"[,;] (?=[\d.]+ of )", bars.group(1)) if bars else ():
        value, limit, words = re.match(r"([\d.]+) of ([\d.]+) (.*)", part).groups()
        results.row("%s bench: %s" % (name, words), float(value), "", bar=("<=", float(limit)))
    return results.save() or p.returncode


if __name__ == "__main__":
    sys.exit(main())

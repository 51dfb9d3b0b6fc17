#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The first frame after a silence: how long until it is out on the other side.

    wake_bench.py BINARIES OUT_DIR [ROUNDS [IDLE_MS]]

Beside it, in turns, what the machine takes to wake a thread at all, and what a bare loop of read()
and write() takes from TAP to TAP.
"""

import os
import statistics
import sys

import frames_bench
import stage as st

ROUNDS, IDLE_MS, TURNS, BAR_US = 36, 1000, 3, 50
JUDGED = ("a ring in memory", "TAP to TAP")
LAB = "lab: pair\nswitches: {s: {}}\nhosts:\n  a: {switch: s}\n  b: {switch: s}\n"


def way_through(a, b):
    return [a.path, "eth0", b.path, "eth0"]


def main():
    binaries, out_dir = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS
    idle_ms = int(sys.argv[4]) if len(sys.argv) > 4 else IDLE_MS
    probe = os.path.join(os.path.abspath(binaries), "tests/bench/wake_bench")
    arguments = [probe, str(max(rounds // TURNS, 1)), str(idle_ms * 1000)]
    results = st.Results("wake", out_dir)
    results.weft(binaries)
    results.command("wake_bench %s %s" % tuple(arguments[1:]))
    with st.Stage() as stage:
        weft = st.Weft(stage, binaries)
        weft.up("pair", LAB)
        loop = frames_bench.Loop(stage, os.path.dirname(probe), "loop")
        ways = {"a thread that only waits": ["bare"], "a ring in memory": [],
                "TAP to TAP, a bare loop": way_through(loop.a, loop.b),
                "TAP to TAP": way_through(weft.host("a"), weft.host("b"))}
        us = {way: [] for way in ways}
        for _ in range(TURNS):
            for way, more in ways.items():
                us[way].append(float(st.run(*arguments, *more).split()[0]))
    for way, medians in us.items():
        results.row("first frame after %d ms: %s" % (idle_ms, way), statistics.median(medians),
                    "us", rounds=medians,
                    bar=("<=", BAR_US) if way in JUDGED else None)
    return results.save()


if __name__ == "__main__":
    sys.exit(main())

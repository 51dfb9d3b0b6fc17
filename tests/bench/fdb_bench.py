#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What the station table costs at 1,000, 100,000 and a million stations.

    fdb_bench.py BINARIES OUT_DIR [ROUNDS]
"""

import os
import statistics
import sys

import stage as st

ROUNDS = 9
FLUSH = "a port of 100 is flushed"
LEARN = "a new station is learned"
BAR = 3  # times as much for a thousand times the stations; it is no more but for the clock's own


def main():
    binaries, out_dir = sys.argv[1:3]
    rounds = sys.argv[3] if len(sys.argv) > 3 else str(ROUNDS)
    results = st.Results("fdb", out_dir)
    results.weft(binaries)
    results.command("fdb_bench " + rounds)
    program = os.path.join(os.path.abspath(binaries), "tests/bench/fdb_bench")
    flush = {}
    for line in st.run(program, rounds).splitlines():
        size, what, unit, *values = line.split("\t")
        values = [float(v) for v in values]
        median = statistics.median(values)
        results.row("%s: %s stations" % (what, size), median, unit, rounds=values)
        if what == LEARN:
            results.row("stations learned in a second: %s stations" % size, 1e3 / median,
                        "million", rounds=[1e3 / v for v in values])
        if what == FLUSH:
            flush[int(size)] = median
    results.row("a flush of a port at 1000000 stations, times that at 1000",
                flush[1000000] / flush[1000], "", bar=("<=", BAR))
    return results.save()


if __name__ == "__main__":
    sys.exit(main())

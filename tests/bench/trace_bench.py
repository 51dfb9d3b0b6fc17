#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What a trace costs whose filter matches nothing: the worker's time a frame with it, times without.

    trace_bench.py BINARIES OUT_DIR [ROUNDS [SECONDS]]

From machine to machine (vhost rings, 64 octets, each frame a datagram from another host) both ways
take turns of a tenth of a second in one process; from TAP to TAP a daemon carries a flood, and
`weft trace` comes and goes between the rounds.
"""

import os
import statistics
import subprocess
import sys

import stage as st
from frames_bench import LAB, Weft, flood

ROUNDS, SECONDS, BAR = 5, 0.7, 1.05
JUDGED = "icmp"  # others look at more of a frame
TAP_FILTER = "tcp port 12345"


def machines(results, binaries):
    results.command("vhost_bench --filters")
    said = st.run(os.path.join(os.path.abspath(binaries), "tests/bench/vhost_bench"), "--filters")
    for line in said.splitlines():
        name, cycles, *times = line.split("\t")
        times = [float(t) for t in times]
        if not name:
            results.row("vhost, 64 octets, no trace", float(cycles), "TSC cycles/frame")
            continue
        results.row("vhost, 64 octets: times with a trace of \"%s\"" % name,
                    statistics.median(times), "", rounds=times,
                    bar=("<=", BAR) if name == JUDGED else None)


def taps(results, binaries, rounds, seconds):
    tools = os.path.join(os.path.abspath(binaries), "tests/bench")
    times = []
    results.command("weft trace --port a.eth0 --filter '%s'" % TAP_FILTER)
    with st.Stage() as stage:
        weft = Weft(stage, binaries)
        flood(weft, tools, 0.3)
        for _ in range(rounds):
            plain = flood(weft, tools, seconds)[1]
            trace = stage.process(weft.weft.cli, "trace", "--port", "a.eth0", "--filter",
                                  TAP_FILTER, env=weft.weft.env, stdout=subprocess.DEVNULL)
            flood(weft, tools, 0.1)  # the trace is at work
            times.append(flood(weft, tools, seconds)[1] / plain)
            stage.end(trace)
    results.row("TAP to TAP, 60 octets: times with a trace of \"%s\"" % TAP_FILTER,
                statistics.median(times), "", rounds=times, bar=("<=", BAR))


def main():
    binaries, out_dir = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else SECONDS
    results = st.Results("trace", out_dir)
    results.weft(binaries)
    machines(results, binaries)
    taps(results, binaries, rounds, seconds)
    return results.save()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""iperf3 between two hosts through one switch: Weft beside a Linux bridge and Open vSwitch. Weft
once with devices of its own, once with veth pairs as the bridge has them.

    tcp_bench.py BINARIES OUT_DIR [ROUNDS [SECONDS]]

All switches stand at once and take turns, so that a round's ratios are of the same minute. The
ratio that is judged is the median of the rounds' ratios.
"""

import json
import statistics
import subprocess
import sys

import stage as st
import switches

ROUNDS, SECONDS, WARM_S = 7, 3, 1
KINDS = [  # what, iperf3's options, bars against (bridge, ovs), rounds, seconds (0: as asked)
    ("TCP, one stream", [], (0.9, 3), 0, 0),
    ("TCP, one stream, cubic", ["-C", "cubic"], None, 5, 2),
    ("TCP, one stream, reverse", ["-R"], None, 2, 2),
    ("TCP, four streams", ["-P", "4"], None, 2, 2),
    ("UDP, 1400 octets", ["-u", "-b", "0", "-l", "1400"], None, 2, 2),
]


def iperf(stage, sw, options, seconds):
    """One run: Gbit/s received and the share of a core that the switch's own thread took."""
    server = stage.process(*sw.b.command("iperf3", "-s", "-1", "--forceflush"),
                           stdout=subprocess.PIPE, text=True)
    while "listening" not in (line := server.stdout.readline()):
        if not line:
            raise SystemExit("iperf3 does not listen")
    before = st.cpu_s(sw.thread) if sw.thread else 0
    said = json.loads(sw.a.run("iperf3", "-c", sw.address, "-J", "-t", str(seconds), *options))
    cpu = (st.cpu_s(sw.thread) - before) / seconds if sw.thread else 0
    stage.end(server)
    end = said["end"]
    if "sum_received" in end:
        bits = end["sum_received"]["bits_per_second"]
    else:
        bits = end["sum"]["bits_per_second"] * (1 - end["sum"]["lost_percent"] / 100)
    return bits / 1e9, cpu


def measure(stage, results, peers, kind, rounds, seconds):
    what, options, bars, _, _ = kind
    rates = {p.name: [] for p in peers}
    cpu = {p.name: [] for p in peers}
    results.command("iperf3 -c ADDRESS -J -t %d %s" % (seconds, " ".join(options)))
    for p in peers:
        iperf(stage, p, options, WARM_S)
    for i in range(rounds):
        for p in peers:
            rate, load = iperf(stage, p, options, seconds)
            rates[p.name].append(rate)
            cpu[p.name].append(load)
        if rounds > 2:
            results.note("round %d: " % (i + 1) +
                         ", ".join("%s %.2f" % (p.name, rates[p.name][-1]) for p in peers))
    for p in peers:
        results.row("%s: %s" % (what, p.name), statistics.median(rates[p.name]), "Gbit/s",
                    rounds=rates[p.name], switch_cpu=cpu[p.name])
    for i, p in enumerate(peers[1:]):
        ratio = [a / b for a, b in zip(rates["weft"], rates[p.name])]
        results.row("%s: weft / %s" % (what, p.name), statistics.median(ratio), "times",
                    bar=(">=", bars[i]) if bars and i < len(bars) else None, rounds=ratio,
                    **st.spread(ratio))


def main():
    binaries, out_dir = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS
    seconds = int(sys.argv[4]) if len(sys.argv) > 4 else SECONDS
    results = st.Results("tcp", out_dir)
    results.weft(binaries)
    results.version("iperf3", "iperf3", "--version")
    results.version("congestion control", "sysctl", "net.ipv4.tcp_congestion_control")
    results.version("Open vSwitch", "ovs-vswitchd", "--version")
    with st.Stage() as stage:
        weft = switches.WeftSwitch(stage, "10.77.1", binaries)
        peers = [weft, switches.Bridge(stage, "10.77.2"), switches.OpenVSwitch(stage, "10.77.3"),
                 switches.WeftNetdev(stage, "10.77.4", weft.weft)]
        for kind in KINDS:
            measure(stage, results, peers, kind, kind[3] or rounds, kind[4] or seconds)
    return results.save()


if __name__ == "__main__":
    sys.exit(main())

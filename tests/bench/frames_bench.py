#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Frames of 60 octets from TAP to TAP: Weft beside a bare loop of read() and write().

    frames_bench.py BINARIES OUT_DIR [ROUNDS [SECONDS]]

One core floods host a's device, the other one carries. Host b counts what reached it; it has no
protocol that takes the frames, so they end right behind its device. A round's ratios are of the
same minute; the median of them is judged.
"""

import os
import statistics
import subprocess
import sys

import stage as st

ROUNDS, SECONDS, BAR = 7, 2, 1.3
MAC_A, MAC_B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
LAB = """lab: pair
switches: {s: {}}
hosts:
  a: {switch: s, mac: "%s"}
  b: {switch: s, mac: "%s"}
""" % (MAC_A, MAC_B)


class Weft:
    name = "weft"

    def __init__(self, stage, binaries):
        self.weft = st.Weft(stage, binaries)
        self.weft.up("pair", LAB)
        self.a, self.b = self.weft.host("a"), self.weft.host("b")
        self.thread = self.weft.worker()


class Loop:
    def __init__(self, stage, tools, name, *options):
        self.name = name
        self.a, self.b = stage.namespace(), stage.namespace()
        carrier = stage.process(tools + "/tap_loop", *options, str(self.a.pid), "eth0",
                                str(self.b.pid), "eth0", stdout=subprocess.PIPE, text=True)
        if not carrier.stdout.readline():
            raise SystemExit("tap_loop does not start")
        for host, mac in ((self.a, MAC_A), (self.b, MAC_B)):
            host.run("ip", "link", "set", "eth0", "address", mac)
        self.thread = "/proc/%d/task/%d" % (carrier.pid, carrier.pid)


def flood(peer, tools, seconds):
    """Frames a second that arrived, nanoseconds of the carrying thread for each."""
    peer.b.run(tools + "/frame_flood", "eth0", MAC_A, MAC_B, "0.01")  # b is learnt
    frames, cpu = peer.b.received()["eth0"], st.ran_s(peer.thread)
    sent, ns = peer.a.run(tools + "/frame_flood", "eth0", MAC_B, MAC_A, str(seconds)).split()
    cpu = st.ran_s(peer.thread) - cpu
    frames = peer.b.received()["eth0"] - frames
    return frames / int(ns) * 1e9, cpu / frames * 1e9, int(sent) / int(ns) * 1e9


def main():
    binaries, out_dir = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else SECONDS
    tools = os.path.join(os.path.abspath(binaries), "tests/bench")
    results = st.Results("frames", out_dir)
    results.weft(binaries)
    results.command("frame_flood eth0 %s %s %g" % (MAC_B, MAC_A, seconds))
    rate, cpu = {}, {}
    with st.Stage() as stage:
        peers = [Weft(stage, binaries), Loop(stage, tools, "loop"),
                 Loop(stage, tools, "loop with offload headers", "-o")]
        for p in peers:
            rate[p.name], cpu[p.name] = [], []
            flood(p, tools, 0.3)
        for _ in range(rounds):
            for p in peers:
                got, ns, sent = flood(p, tools, seconds)
                rate[p.name].append(got / 1e6)
                cpu[p.name].append(ns)
                results.note("%s: %.3f of %.3f Mframes/s, %.0f ns of the carrier a frame"
                             % (p.name, got / 1e6, sent / 1e6, ns))
    for p in rate:
        results.row("60 octets: %s" % p, statistics.median(rate[p]), "Mframes/s", rounds=rate[p])
        results.row("60 octets: %s, its thread" % p, statistics.median(cpu[p]), "ns/frame",
                    rounds=cpu[p])
    slower = [b / a for a, b in zip(rate["weft"], rate["loop"])]
    costlier = [a / b for a, b in zip(cpu["weft"], cpu["loop"])]
    results.row("60 octets: loop's rate / weft's", statistics.median(slower), "times",
                bar=("<=", BAR), rounds=slower, **st.spread(slower))
    results.row("60 octets: weft's time a frame / loop's", statistics.median(costlier), "times",
                bar=("<=", BAR), rounds=costlier, **st.spread(costlier))
    return results.save()


if __name__ == "__main__":
    sys.exit(main())

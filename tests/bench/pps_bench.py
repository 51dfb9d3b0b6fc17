#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Frames from one virtual machine to another: Weft beside Open vSwitch and DPDK's own forwarder.

    pps_bench.py BINARIES OUT_DIR [ROUNDS [SECONDS]]

Each peer has a generator of its own on core 0: dpdk-testpmd with two net_virtio_user ports, split
rings of 512, MRG_RXBUF and IN_ORDER as DPDK negotiates them. The device under test has core 1. All
stand at once, those that are not in turn are stopped by SIGSTOP, so that a round's ratios are of
the same seconds.

The generator sends each of its ports' frames with that port's address to the other's, then only
hands on what comes: in io mode a frame that comes in at its port 1 leaves at its port 0. A frame
from A's address to B's thus always enters the switch at A's port and leaves at B's, round after
round, and a learning switch sees two stations that stay where they are.
"""

import functools
import os
import re
import signal
import statistics
import sys
import time

import stage as st
import switches
import testpmd

# Short turns and many: whoever runs this virtual machine moves its cores every few seconds, and a
# line of cache then takes twice as long from one to the other, or half.
ROUNDS, SECONDS, SETTLE_S = 12, 0.3, 0.05
GEN_CORE, DUT_CORE = 0, 1
GEN_MB, DUT_MB, OVS_MB = 128, 128, 512
QUEUE = 512
FLIGHT = 384  # frames that circulate, each way
MAC = ("02:00:00:00:00:0a", "02:00:00:00:00:0b")
RATE_BARS = {"testpmd": 1.0, "ovs": 1.4}
CYCLES_BAR = 0.5
IMIX = ((64, 7), (594, 4), (1514, 1))  # octets, how many of twelve


class Peer:
    """A device under test with its generator; .dut is the process that has DUT_CORE."""

    dut = None

    def generator(self, stage, paths, **more):
        log = open(os.path.join(stage.dir, "gen-%s.log" % self.name), "wb")
        devices = [testpmd.virtio_user(i, p, queues=1, queue_size=QUEUE, mac=MAC[i], **more)
                   for i, p in enumerate(paths)]
        words = ["--no-flush-rx"] + ["--eth-peer=%d,%s" % (i, MAC[1 - i]) for i in (0, 1)]
        self.gen = testpmd.Testpmd(first(stage), log, devices, GEN_CORE, GEN_MB, "gen" + self.name,
                                   words)

    def turn(self, on):
        for p in (self.dut, self.gen.process):
            p.send_signal(signal.SIGCONT if on else signal.SIGSTOP)

    def count(self):
        """Starts to count the cycles of the device under test."""

    def cycles(self):
        """TSC cycles in which the device under test was busy, for each frame since count()."""
        return None


def first(stage):
    """A core that does something else for 5 ms stops the circle of a few hundred frames."""
    return functools.partial(stage.process, first=True, deaf=True)


class Weft(Peer):
    name = "weft"

    def __init__(self, stage, binaries):
        self.weft = st.Weft(stage, binaries, DUT_CORE, True)
        self.dut = self.weft.process
        self.dut_words = self.dut.args
        self.weft.ask("switch", "add", "s")
        paths = []
        for name in "ab":
            self.weft.ask("port", "add", name, "switch", "s", "type", "vhost_user")
            paths.append("%s/vhost/%s.sock" % (self.weft.run_dir, name))
        self.generator(stage, paths)

    def count(self):
        self.before = self.weft.busy()

    def cycles(self):
        after = self.weft.busy()
        return (after[0] - self.before[0]) / max(after[1] - self.before[1], 1)


class Forwarder(Peer):
    """What two vhost devices cost with nothing between them. It does not say how busy it was."""

    name = "testpmd"

    def __init__(self, stage):
        paths = [os.path.join(stage.dir, "vhost%d.sock" % i) for i in (0, 1)]
        log = open(os.path.join(stage.dir, "testpmd.log"), "wb")
        devices = [testpmd.vhost(i, p, queues=1) for i, p in enumerate(paths)]
        forwarder = testpmd.Testpmd(first(stage), log, devices, DUT_CORE, DUT_MB, "dut")
        forwarder.ask("start")
        self.dut = forwarder.process
        self.dut_words = self.dut.args
        self.generator(stage, paths)


class OpenVSwitch(Peer):
    name = "ovs"

    def __init__(self, stage):
        self.ovs = switches.OvsDpdk(stage, DUT_CORE, GEN_CORE)
        self.dut = self.ovs.process
        self.dut_words = ["ovs-vsctl", "set", "Open_vSwitch", ".", *self.ovs.config]
        paths = [os.path.join(stage.dir, "ovs%d.sock" % i) for i in (0, 1)]
        for i, p in enumerate(paths):
            self.ovs.plug("vm%d" % i, p)
        # It looks for its servers once a second.
        self.generator(stage, paths, server=1)

    def count(self):
        self.ovs.ask("dpif-netdev/pmd-stats-clear")

    def cycles(self):
        said = self.ovs.ask("dpif-netdev/pmd-perf-show", "-nh")
        found = re.search(r"Rx packets:.*?([\d.]+) cycles/pkt", said)
        return float(found.group(1)) if found else None


def load(peer, sizes):
    """Takes the frames that circulate away and puts FLIGHT others there, mixed finely."""
    ask, groups = peer.gen.ask, 1 if len(sizes) == 1 else 4
    ask("stop", "set fwd rxonly", "start")
    time.sleep(SETTLE_S)
    burst = FLIGHT // groups // sum(n for _, n in sizes)
    burst, times = (32, burst // 32) if groups == 1 else (burst, 1)
    ask("stop", "set fwd io", "set burst %d" % burst)
    for _ in range(groups):
        for octets, n in sizes:
            ask("set txpkts %d" % octets, "start tx_first %d" % (n * times), "stop")
    ask("set burst 32", "start")


def measure(peer, seconds):
    """Frames a second that came through, both ways together, in millions; cycles for each."""
    time.sleep(SETTLE_S)
    peer.count()
    frames, began = sum(peer.gen.received()), time.monotonic()
    time.sleep(seconds)
    frames, took = sum(peer.gen.received()) - frames, time.monotonic() - began
    return frames / took / 1e6, peer.cycles()


def compare(results, peers, what, sizes, rounds, seconds):
    rate, cycles = {p.name: [] for p in peers}, {p.name: [] for p in peers}
    for p in peers:
        p.turn(True)
        load(p, sizes)
        p.turn(False)
    for i in range(rounds):
        for p in peers[i % len(peers):] + peers[:i % len(peers)]:
            p.turn(True)
            r, c = measure(p, seconds)
            p.turn(False)
            rate[p.name].append(r)
            if c is not None:
                cycles[p.name].append(c)
        results.note("%s, round %d: " % (what, i + 1) + ", ".join(
            "%s %.2f" % (p.name, rate[p.name][-1]) for p in peers))
    for p in peers:
        results.row("%s: %s" % (what, p.name), statistics.median(rate[p.name]), "Mframes/s",
                    rounds=rate[p.name])
    for p in peers[1:]:
        ratio = [a / b if b else 0 for a, b in zip(rate["weft"], rate[p.name])]
        results.row("%s: weft / %s" % (what, p.name), statistics.median(ratio), "times",
                    bar=(">=", RATE_BARS[p.name]), rounds=ratio, **st.spread(ratio))
    for p in peers:
        if cycles[p.name]:
            results.row("%s: %s, busy" % (what, p.name), statistics.median(cycles[p.name]),
                        "TSC cycles/frame", rounds=cycles[p.name])
    if cycles["weft"] and cycles.get("ovs"):
        ratio = [a / b for a, b in zip(cycles["weft"], cycles["ovs"])]
        results.row("%s: weft's cycles / ovs's" % what, statistics.median(ratio), "times",
                    bar=("<=", CYCLES_BAR), rounds=ratio, **st.spread(ratio))


def main():
    binaries, out_dir = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else SECONDS
    results = st.Results("pps", out_dir)
    results.weft(binaries)
    results.version("DPDK", "dpkg-query", "-W", "-f", "dpdk ${Version}", "dpdk")
    results.version("Open vSwitch", switches.OvsDpdk.program, "--version")
    with st.Stage() as stage:
        stage.huge_pages(3 * GEN_MB + DUT_MB + OVS_MB)
        peers = []
        for make in (lambda: Weft(stage, binaries), lambda: Forwarder(stage),
                     lambda: OpenVSwitch(stage)):
            peers.append(make())
            peers[-1].turn(False)
        for what, sizes in (("64 octets", [(64, 1)]), ("1,514 octets", [(1514, 1)]),
                            ("IMIX", IMIX)):
            compare(results, peers, what, sizes, rounds, seconds)
        for words in [peers[0].gen.process.args, *(p.dut_words for p in peers)]:
            results.command(" ".join(words).replace(stage.dir, "DIR"))
    return results.save()


if __name__ == "__main__":
    sys.exit(main())

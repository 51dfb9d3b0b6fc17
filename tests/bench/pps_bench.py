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

The two cores of a virtual machine may be near one another or far, for seconds or minutes, and then
every peer waits for the same lines of cache. How long one takes there and back is measured between
the rounds. There are more of them until enough had near cores, and then those are judged; the others
have rows of their own.
"""

import functools
import os
import re
import signal
import statistics
import subprocess
import sys
import time

import stage as st
import switches
import testpmd

ROUNDS, SECONDS, SETTLE_S = 12, 0.3, 0.05
ROUNDS_MOST, NEAR_ENOUGH, NEAR_NS = 36, 5, 150  # rounds with near cores, and when they are near
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
        self.weft.ask("switch", "add", "s", "loops", "allow")  # the generator is one
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


def line_ns(stage, binaries):
    """How long a line of cache takes to the other core and back."""
    p = stage.process(os.path.join(binaries, "tests/bench/vhost_bench"), "--line", first=True,
                      stdout=subprocess.PIPE, text=True)
    return float(p.communicate()[0])


class Round:
    """What each peer had in it, by name; .line is the longer of before it and after it."""

    def __init__(self, peers, seconds):
        self.rate, self.cycles, self.line = {}, {}, 0
        for p in peers:
            p.turn(True)
            self.rate[p.name], self.cycles[p.name] = measure(p, seconds)
            p.turn(False)

    def is_near(self):
        return self.line < NEAR_NS

    def ratio(self, peer):
        return self.rate["weft"] / self.rate[peer] if self.rate[peer] else 0


def play(results, peers, what, rounds, seconds, line):
    """At least so many rounds, and more until enough of them had near cores."""
    done, before = [], line()
    while len(done) < rounds or (sum(r.is_near() for r in done) < NEAR_ENOUGH and
                                 len(done) < max(rounds, ROUNDS_MOST)):
        first_up = len(done) % len(peers)
        r = Round(peers[first_up:] + peers[:first_up], seconds)
        after = line()
        r.line, before = max(before, after), after
        done.append(r)
        results.note("%s, round %d: " % (what, len(done)) + ", ".join(
            "%s %.2f" % (p.name, r.rate[p.name]) for p in peers) + ", line %.0f ns" % r.line)
    return done


def compare(results, peers, what, sizes, rounds, seconds, line):
    for p in peers:
        p.turn(True)
        load(p, sizes)
        p.turn(False)
    done = play(results, peers, what, rounds, seconds, line)
    near = [r for r in done if r.is_near()]
    judged = near if len(near) >= NEAR_ENOUGH else done
    others = [r for r in done if r not in judged]
    lines = [r.line for r in judged]
    results.row("%s: a line there and back, %d of %d rounds" % (what, len(judged), len(done)),
                statistics.median(lines), "ns", rounds=lines, **st.spread(lines))
    for p in peers:
        rates = [r.rate[p.name] for r in judged]
        results.row("%s: %s" % (what, p.name), statistics.median(rates), "Mframes/s",
                    rounds=rates, **st.spread(rates))
    for p in peers[1:]:
        ratio = [r.ratio(p.name) for r in judged]
        results.row("%s: weft / %s" % (what, p.name), statistics.median(ratio), "times",
                    bar=(">=", RATE_BARS[p.name]), rounds=ratio, **st.spread(ratio))
        ratio = [r.ratio(p.name) for r in others]
        if ratio:
            results.row("%s: weft / %s, %d rounds with far cores" % (what, p.name, len(others)),
                        statistics.median(ratio), "times", rounds=ratio, **st.spread(ratio))
    for p in peers:
        cycles = [r.cycles[p.name] for r in judged if r.cycles[p.name]]
        if cycles:
            results.row("%s: %s, busy" % (what, p.name), statistics.median(cycles),
                        "TSC cycles/frame", rounds=cycles, **st.spread(cycles))
    ratio = [r.cycles["weft"] / r.cycles["ovs"] for r in judged if r.cycles["ovs"]]
    if ratio:
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
            compare(results, peers, what, sizes, rounds, seconds,
                    functools.partial(line_ns, stage, binaries))
        for words in [peers[0].gen.process.args, *(p.dut_words for p in peers)]:
            results.command(" ".join(words).replace(stage.dir, "DIR"))
    return results.save()


if __name__ == "__main__":
    sys.exit(main())

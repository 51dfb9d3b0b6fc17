#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""One TCP stream between two user-mode Linux guests: Weft beside Open vSwitch with DPDK.

    guests_bench.py BINARIES OUT_DIR [ROUNDS [SECONDS]]

Four guests stand at once, two on each switch, and take turns. The switch that is not in turn is
stopped by SIGSTOP: the thread of Open vSwitch would poll on one of two cores. Weft offers guests
TSO, Open vSwitch as it is installed does not (other_config:userspace-tso-enable).

A guest has one processor: its kernel and its programs are processes that wake one another at each
system call, on one core in 3 us, across two in 33. So a guest is tied to a core, as people tie
the processors of their machines, where each switch does best: with Weft each has its own, with
Open vSwitch both have the one that its thread does not poll on. Where nothing is tied, the host's
scheduler has a bigger part in the figures than either switch; that row is for information.
"""

import os
import signal
import statistics
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../sys"))
import stage as st
import switches
import vhost_lib as vh
import vhost_relay

ROUNDS, SECONDS, BAR = 7, 2, 3
POLLS_ON, OTHER = 1, 0  # cores of Open vSwitch
OVS_MB = 512
GUEST_MB = 512  # with less a guest's TCP has windows that are too small for either switch
KINDS = (  # what, iperf3's words, are the guests tied to cores, the bar
    ("TCP between guests", [], True, BAR),
    ("TCP between guests, reverse", ["-R"], True, BAR),
    ("TCP between guests, not tied", [], False, None),
)


class Place(vh.Place):
    """Guests come before other work on their cores, as the switches do."""

    def process(self, *command, **more):
        p = subprocess.Popen(command, preexec_fn=st.die_with_parent_and_come_first, **more)
        self.callback(vh.end, p)
        return p


def tie(guest, cores):
    """All processes of the guest, and so those that it will have."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getpgid(int(pid)) == guest.process.pid:
                os.sched_setaffinity(int(pid), cores)
        except ProcessLookupError:
            pass


class Pair:
    """Two guests, at the ends of a switch whose process is .process; .cores is where they run."""

    def boot(self, place, net, sockets):
        self.address = net + ".2"
        self.guests = [vh.Uml(place, self.name + "-" + side, s, mib=GUEST_MB)
                       for side, s in zip("ab", sockets)]
        for i, guest in enumerate(self.guests, 1):
            guest.boot()
            guest.up("%s.%d/24" % (net, i))
        self.a, self.b = self.guests
        self.b.iperf_server()
        self.a.reaches(self.address)

    def place(self, tied):
        for guest, core in zip(self.guests, self.cores):
            tie(guest, {core} if tied else {POLLS_ON, OTHER})

    def turn(self, on):
        self.process.send_signal(signal.SIGCONT if on else signal.SIGSTOP)


class Weft(Pair):
    name = "weft"
    cores = 0, 1

    def __init__(self, stage, place, binaries):
        weft = st.Weft(stage, binaries, first=True)
        self.process = weft.process
        weft.ask("switch", "add", "s")
        for port in "ab":
            weft.ask("port", "add", port, "switch", "s", "type", "vhost_user")
        self.boot(place, "10.77.4", ["%s/vhost/%s.sock" % (weft.run_dir, port) for port in "ab"])


class OpenVSwitch(Pair):
    name = "ovs"
    cores = OTHER, OTHER

    def __init__(self, stage, place):
        ovs = switches.OvsDpdk(stage, POLLS_ON, OTHER)
        self.process = ovs.process
        sockets = []
        for port in "ab":
            sockets.append(os.path.join(stage.dir, "relay-%s.sock" % port))
            vhost_relay.Relay(stage, sockets[-1], ovs.listen("vm" + port))
        self.boot(place, "10.77.5", sockets)


def main():
    binaries, out_dir = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS
    seconds = int(sys.argv[4]) if len(sys.argv) > 4 else SECONDS
    results = st.Results("guests", out_dir)
    results.weft(binaries)
    results.version("guests", "dpkg-query", "-W", "-f", "user-mode-linux ${Version}",
                    "user-mode-linux")
    results.version("iperf3", "iperf3", "--version")
    results.version("Open vSwitch", switches.OvsDpdk.program, "--version")
    with st.Stage() as stage:
        stage.huge_pages(OVS_MB)
        place = stage.enter_context(Place(stage.dir))
        peers = []
        for make in (lambda: Weft(stage, place, binaries), lambda: OpenVSwitch(stage, place)):
            peers.append(make())
            peers[-1].turn(False)
        for what, words, tied, bar in KINDS:
            for p in peers:
                p.place(tied)
            results.command("iperf3 -c ADDRESS -t %d -f m %s" % (seconds, " ".join(words)))
            rates = {p.name: [] for p in peers}
            for i in range(rounds):
                for p in peers:
                    p.turn(True)
                    rates[p.name].append(p.a.iperf(p.address, seconds, *words) / 1e3)
                    p.turn(False)
                results.note("round %d: " % (i + 1) +
                             ", ".join("%s %.2f" % (p.name, rates[p.name][-1]) for p in peers))
            for p in peers:
                results.row("%s: %s" % (what, p.name), statistics.median(rates[p.name]), "Gbit/s",
                            rounds=rates[p.name])
            ratio = [a / b for a, b in zip(*rates.values())]
            results.row("%s: weft / ovs" % what, statistics.median(ratio), "times",
                        bar=(">=", bar) if bar else None, rounds=ratio, **st.spread(ratio))
    return results.save()


if __name__ == "__main__":
    sys.exit(main())

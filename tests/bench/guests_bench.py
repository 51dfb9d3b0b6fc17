#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""One TCP stream between two user-mode Linux guests: Weft beside Open vSwitch with DPDK.

    guests_bench.py BINARIES OUT_DIR [ROUNDS [SECONDS]]

Four guests stand at once, two on each switch, and take turns. The switch that is not in turn is
stopped by SIGSTOP: the thread of Open vSwitch would poll on one of two cores. Weft offers guests
TSO, Open vSwitch as it is installed does not (other_config:userspace-tso-enable).
"""

import os
import signal
import statistics
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../sys"))
import stage as st
import switches
import vhost_lib as vh
import vhost_relay

ROUNDS, SECONDS, BAR = 7, 2, 3
OVS_MB = 512
GUEST_MB = 512  # with less a guest's TCP has windows that are too small for either switch
KINDS = (("TCP between guests", [], BAR), ("TCP between guests, reverse", ["-R"], None))


class Pair:
    """Two guests, at the ends of a switch whose process is .process."""

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

    def turn(self, on):
        self.process.send_signal(signal.SIGCONT if on else signal.SIGSTOP)


class Weft(Pair):
    name = "weft"

    def __init__(self, stage, place, binaries):
        weft = st.Weft(stage, binaries, first=True)
        self.process = weft.process
        weft.ask("switch", "add", "s")
        for port in "ab":
            weft.ask("port", "add", port, "switch", "s", "type", "vhost_user")
        self.boot(place, "10.77.4", ["%s/vhost/%s.sock" % (weft.run_dir, port) for port in "ab"])


class OpenVSwitch(Pair):
    name = "ovs"

    def __init__(self, stage, place):
        ovs = switches.OvsDpdk(stage, 1, 0)
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
        place = stage.enter_context(vh.Place(stage.dir))
        peers = []
        for make in (lambda: Weft(stage, place, binaries), lambda: OpenVSwitch(stage, place)):
            peers.append(make())
            peers[-1].turn(False)
        for what, words, bar in KINDS:
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

#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""DPDK's net_virtio_user driver on vhost_user ports: each of its ring modes, both roles."""

import contextlib
import itertools
import os
import re
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../bench")]
import testpmd
import vhost_lib as vh

MAC = ("02:00:00:00:79:0a", "02:00:00:00:79:0b")
QUEUE, FIRST, ROUND, PAIRS = 256, 4 * 32, 20000, 4


class Ports:
    """a and b on switch s; roles: the daemon's, of each."""

    def __init__(self, scene):
        self.scene, self.roles, self.pairs = scene, {}, 1
        scene.start()
        scene.weft("switch", "add", "s", "loops", "allow")  # testpmd is one
        self.roles_are("server", "client")

    def roles_are(self, *roles, pairs=1):
        for name in self.roles:
            self.scene.weft("port", "remove", name)
        self.roles, self.pairs = dict(zip("ab", roles)), pairs
        for name, role in self.roles.items():
            self.scene.weft("port", "add", name, "switch", "s", "type", "vhost_user", "role", role,
                            "path", self.path(name), "queues", str(pairs))

    def path(self, name):
        return os.path.join(self.scene.dir, name + ".sock")

    @contextlib.contextmanager
    def testpmd(self, **mode):
        """Whatever becomes of it, the next one finds the ports free."""
        devices = []
        for i, (name, role) in enumerate(self.roles.items()):
            more = dict(mode, server=1) if role == "client" else mode
            devices.append(testpmd.virtio_user(i, self.path(name), queues=self.pairs,
                                               queue_size=QUEUE, mac=MAC[i], **more))
        # Frames of one station always come from its own port: see pps_bench.py.
        peers = ["--eth-peer=%d,%s" % (i, MAC[1 - i]) for i in (0, 1)]
        queues = ["--%s=%d" % (way, self.pairs) for way in ("rxq", "txq")]
        p = testpmd.Testpmd(self.scene.process, self.scene.log("testpmd"), devices, core=None,
                            prefix="weft%d" % os.getpid(),
                            options=[*peers, *queues, "--txonly-multi-flow"])
        try:
            self.connected()
            yield p
        finally:
            p.quit()
            for name in "ab":
                vh.wait_for("no carrier of " + name, lambda name=name:
                            not self.scene.show(name)["status"]["carrier"])

    def connected(self):
        for name in "ab":
            vh.wait_for("carrier of " + name,
                        lambda name=name: self.scene.show(name)["status"]["carrier"])

    def counts(self):
        """In and out, of a and of b."""
        ports = [self.scene.show(name)["status"] for name in "ab"]
        return [p[way]["frames"] for p in ports for way in ("in", "out")]


def go_round(p):
    """Frames are sent and handed on until enough have come in at both ports."""
    before = p.received()
    p.ask("start tx_first %d" % (FIRST // 32))
    vh.wait_for("frames both ways",
                lambda: all(n - b >= ROUND for n, b in zip(p.received(), before)))
    p.ask("stop")


def agree(p, ports, before):
    """What the driver says to have sent and received is what the ports have counted."""
    def told():
        (rx_a, rx_b), (tx_a, tx_b) = p.received(), p.sent()
        in_a, out_a, in_b, out_b = (n - b for n, b in zip(ports.counts(), before))
        # What still lies in a receive queue has been given, and not been taken.
        return (in_a, in_b) == (tx_a, tx_b) and 0 <= out_a - rx_a <= QUEUE * ports.pairs \
            and 0 <= out_b - rx_b <= QUEUE * ports.pairs

    vh.wait_for("counters that agree", told)


def a_mode(words, mode):
    def test(_, ports):
        before = ports.counts()
        with ports.testpmd(**mode) as p:
            for name in "ab":
                took = ports.scene.show(name)["status"]["features"]
                for feature, word in (("ring_packed", "packed_vq"), ("in_order", "in_order"),
                                      ("mrg_rxbuf", "mrg_rxbuf")):
                    vh.same(feature in took, bool(mode[word]), "%s: %s" % (name, feature))
            go_round(p)
            agree(p, ports, before)

    test.__name__ = "frames go round: " + words
    return test


def modes():
    for packed, in_order, mergeable, vectorized in itertools.product((0, 1), repeat=4):
        words = ["packed" if packed else "split"]
        words += [word for on, word in ((in_order, "in order"), (mergeable, "mergeable buffers"),
                                        (vectorized, "vectorized")) if on]
        yield a_mode(", ".join(words), {"packed_vq": packed, "in_order": in_order,
                                        "mrg_rxbuf": mergeable, "vectorized": vectorized})


def frames_go_round_in_all_pairs_of_queues(scene, ports):
    ports.roles_are("server", "client", pairs=PAIRS)
    for packed in (0, 1):
        before = ports.counts()
        with ports.testpmd(packed_vq=packed) as p:
            for name in "ab":
                vh.wait_for("all pairs of " + name,
                            lambda name=name: scene.show(name)["status"]["pairs"] == PAIRS)
            go_round(p)
            for port, pair, way in itertools.product((0, 1), range(PAIRS), ("rx", "tx")):
                said = p.ask("show port xstats %d" % port)
                count = re.search(r"%s_q%d_?(?:good_)?packets: (\d+)" % (way, pair), said)
                assert count and int(count.group(1)) > 0, "port %d: %s of pair %d: %s" % (
                    port, way, pair, said)
            agree(p, ports, before)


def a_driver_that_listens_outlives_the_daemon(scene, ports):
    """The one that connects does not come back by itself, as DPDK is made."""
    ports.roles_are("client", "client")
    for packed in (0, 1):
        with ports.testpmd(packed_vq=packed) as p:
            for signo in (signal.SIGKILL, signal.SIGTERM):
                go_round(p)
                scene.daemon.kill(signo)
                vh.wait_for("no link", lambda p=p: not p.link_up(0) and not p.link_up(1))
                scene.daemon.start()
                ports.connected()
                vh.wait_for("link", lambda p=p: p.link_up(0) and p.link_up(1))
            go_round(p)


vh.need(dpdk_dev=vh.TESTPMD)
vh.main([*modes(), frames_go_round_in_all_pairs_of_queues,
         a_driver_that_listens_outlives_the_daemon], vh.Scene("dpdk"), Ports)

#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A machine moves from one QEMU to another, from port to port, while it receives a file. That each
octet is logged is told by tests/graph/vhost_session_test.c: TCP hides a page that was forgotten."""

import hashlib
import json
import os
import random
import re
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import vhost_lib as vh
import vhost_qmp

GUEST, HOST, PORT = "10.80.0.1", "10.80.0.2", 7000
OCTETS = 24 << 20
LOST_S = 5  # without an answer; the machine that tests may be busy

# Sends OCTETS that nobody could guess, over five seconds.
SENDER = """
import random, socket, sys, time
data = random.Random(79).randbytes(int(sys.argv[3]))
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
for at in range(0, len(data), len(data) // 50):
    s.sendall(data[at:at + len(data) // 50])
    time.sleep(0.1)
s.shutdown(socket.SHUT_WR)
s.recv(1)
"""


class Move:
    """The machine is at port a, and has a place at port b; host h is on the same switch."""

    def __init__(self, scene):
        kernel = vh.Kernel(scene)
        scene.start()
        mac = "02:00:00:00:80:01"
        scene.weft("switch", "add", "s")
        for name in "ab":
            scene.weft("port", "add", name, "switch", "s", "type", "vhost_user", "mac", mac)
        scene.weft("host", "add", "h", "--switch", "s", "--address", HOST + "/24")
        self.way = "unix:" + os.path.join(scene.dir, "way")
        self.qmp = {n: os.path.join(scene.dir, n + ".qmp") for n in "ab"}
        self.a, self.b = (
            vh.Qemu(scene, n, scene.show(n)["status"]["socket"], kernel, "client", mac,
                    ["-qmp", "unix:%s,server=on,wait=off" % self.qmp[n], *more])
            for n, more in (("a", []), ("b", ["-incoming", self.way])))


def a_machine_runs_and_its_place_is_kept(scene, m):
    m.a.boot()
    m.a.up(GUEST + "/24")
    m.a.reaches(HOST)
    m.b.console, theirs = socket.socketpair()
    with theirs:
        m.b.process = m.b.start(theirs)
    vh.wait_for("port b", lambda: scene.show("b")["status"]["state"] == "connected")
    assert not scene.show("b")["status"]["carrier"]


def it_moves_while_a_file_comes_in(scene, m):
    m.a.send("%s nc -l -p %d </dev/null >/file; %s sha256sum /file" % (vh.BUSYBOX, PORT,
                                                                      vh.BUSYBOX))
    vh.wait_for("nc", lambda: scene.on_host("h", "ping", "-c", "1", GUEST))
    scene.process("nsenter", "--net=%s/run/netns/h" % scene.dir, "ping", "-i", "0.1", GUEST,
                  stdout=open(os.path.join(scene.dir, "pings"), "wb"))
    sender = scene.process("nsenter", "--net=%s/run/netns/h" % scene.dir, sys.executable, "-c",
                           "import time; time.sleep(1)\n" + SENDER, GUEST, str(PORT), str(OCTETS))
    before = scene.show("a")["status"]["out"]["bytes"]
    vh.wait_for("the file's beginning",
                lambda: scene.show("a")["status"]["out"]["bytes"] > before + OCTETS // 20)
    monitor = vhost_qmp.Monitor(m.qmp["a"])
    monitor.ask("migrate", uri=m.way)
    seen = False

    def done():
        nonlocal seen
        seen |= scene.show("a")["status"].get("migrating", False)
        how = monitor.ask("query-migrate")
        assert how["status"] != "failed", how
        return how["status"] == "completed" and how

    how = vh.wait_for("the move", done)
    print("# moved in %d ms, stood still for %d ms, %d rounds" % (
        how["total-time"], how["downtime"], how["ram"]["dirty-sync-count"]))
    assert seen, "no page was ever logged"
    assert sender.poll() is None, "the file was there before the machine moved"
    vh.wait_for("carrier at b", lambda: scene.show("b")["status"]["carrier"])
    assert not scene.show("a")["status"]["carrier"]


def the_file_is_whole(_, m):
    wanted = hashlib.sha256(random.Random(79).randbytes(OCTETS)).hexdigest()
    status, said = m.b.result()
    vh.same(status, 0)
    vh.same(said.split()[0], wanted)


def nobody_missed_it_for_long(scene, m):
    with open(os.path.join(scene.dir, "pings")) as f:
        heard = [int(n) for n in re.findall(r"icmp_seq=(\d+) ttl", f.read())]
    gap = max(b - a for a, b in zip(heard, heard[1:]))
    print("# longest gap: %.1f s" % ((gap - 1) * 0.1))
    assert gap * 0.1 < LOST_S
    m.a.process.send_signal(signal.SIGKILL)
    m.b.reaches(HOST)
    vh.same([s["port"] for s in json.loads(scene.weft("fdb", "list", "-o", "json"))
             if s["mac"] == m.b.mac], ["b"])


vh.need(qemu_system_x86=vh.QEMU, busybox_static=vh.BUSYBOX, iperf3="iperf3")
vh.main([
    a_machine_runs_and_its_place_is_kept,
    it_moves_while_a_file_comes_in,
    the_file_is_whole,
    nobody_missed_it_for_long,
], vh.Scene("migrate"), Move)

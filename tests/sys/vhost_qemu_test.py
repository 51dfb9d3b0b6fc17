#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""QEMU with a stock Debian kernel on vhost_user ports: in both roles, through a daemon's end, a cut
link and reboots. Emulated, so nothing here is fast."""

import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import vhost_lib as vh

NET = "10.79.0.%d/24"
A, B, HOST = "10.79.0.1", "10.79.0.2", "10.79.0.3"
PINGS, EVERY_S = 60, 0.1
LOST = 30  # of them: three seconds, on a machine that is busy with other things as well


class Guests:
    """a: QEMU connects to the daemon. b: the daemon to QEMU. Both on switch s with host h."""

    def __init__(self, scene):
        kernel = vh.Kernel(scene)
        scene.start()
        theirs = os.path.join(scene.dir, "b.sock")
        scene.weft("switch", "add", "s")
        scene.weft("port", "add", "a", "switch", "s", "type", "vhost_user")
        scene.weft("port", "add", "b", "switch", "s", "type", "vhost_user", "role", "client",
                   "path", theirs)
        scene.weft("host", "add", "h", "--switch", "s", "--address", NET % 3)
        a, b = (scene.show(name)["status"] for name in "ab")
        self.a = vh.Qemu(scene, "a", a["socket"], kernel, "client", a["mac"])
        self.b = vh.Qemu(scene, "b", b["socket"], kernel, "server", b["mac"])


def boots(scene, guest, address):
    guest.boot()
    guest.up(address)
    guest.reaches(HOST)
    assert scene.show(guest.name)["status"]["carrier"]


def a_guest_boots_on_a_qemu_that_connects_to_us(scene, g):
    boots(scene, g.a, NET % 1)


def a_guest_boots_on_a_qemu_that_we_connect_to(scene, g):
    boots(scene, g.b, NET % 2)


def the_guest_has_the_address_of_its_port(scene, g):
    for guest in (g.a, g.b):
        vh.same(guest.file("/sys/class/net/eth0/address"), scene.show(guest.name)["status"]["mac"])


def guests_ping_one_another(_, g):
    g.a.reaches(B)
    vh.same(g.a.pings(B, 5), 5)
    vh.same(g.b.pings(A, 5), 5)


def tcp_runs_between_guest_and_host_both_ways(scene, g):
    scene.iperf_server("h")
    assert g.a.iperf(HOST) > 0
    assert g.a.iperf(HOST, 1, "-R") > 0


def is_outlived(scene, g, signo):
    """Both guests ping while the daemon ends and the next one begins."""
    ups = [guest.uptime() for guest in (g.a, g.b)]
    for guest, address in ((g.a, B), (g.b, HOST)):
        guest.send("ping -c %d -i %g -W 1 %s" % (PINGS, EVERY_S, address))
    before = scene.show("h.eth0")["status"]["out"]["frames"]
    vh.wait_for("pings", lambda: scene.show("h.eth0")["status"]["out"]["frames"] > before + 5)
    scene.daemon.kill(signo)
    scene.daemon.start()
    for guest, up in zip((g.a, g.b), ups):
        said = guest.result()[1]
        lost = PINGS - int(re.search(r"(\d+) packets received", said).group(1))
        print("# %s lost %d of %d pings, one each %g s; %s" % (guest.name, lost, PINGS, EVERY_S,
                                                               said.strip().splitlines()[-1]))
        assert lost <= LOST, said
        assert guest.uptime() > up, "%s has rebooted" % guest.name
        guest.reaches(HOST)


def a_daemon_that_is_killed_and_comes_back_finds_its_guests(scene, g):
    is_outlived(scene, g, signal.SIGKILL)


def a_daemon_that_is_stopped_and_comes_back_finds_its_guests(scene, g):
    is_outlived(scene, g, signal.SIGTERM)


def a_cut_link_reaches_the_guest(scene, g):
    for guest in (g.a, g.b):
        scene.weft("port", "set", guest.name, "up", "no")
        vh.wait_for("no carrier in " + guest.name, lambda guest=guest: not guest.carrier())
        scene.weft("port", "set", guest.name, "up", "yes")
        vh.wait_for("carrier in " + guest.name, guest.carrier)
        guest.reaches(HOST)


def a_guest_that_reboots_gets_its_port_back(scene, g):
    scene.weft("port", "set", "a", "access", "1")
    before = scene.show("a")
    g.a.reboot()
    g.a.up(NET % 1)
    g.a.reaches(HOST)
    after = scene.show("a")
    vh.same([after[k] for k in ("access", "mtu")], [before[k] for k in ("access", "mtu")])
    for way in ("in", "out"):
        assert after["status"][way]["frames"] > before["status"][way]["frames"], way


def a_qemu_that_is_killed_and_started_anew_gets_its_port_back(scene, g):
    g.b.kill()
    vh.wait_for("no carrier", lambda: not scene.show("b")["status"]["carrier"])
    boots(scene, g.b, NET % 2)


vh.need(qemu_system_x86=vh.QEMU, busybox_static=vh.BUSYBOX, iperf3="iperf3")
vh.main([
    a_guest_boots_on_a_qemu_that_connects_to_us,
    a_guest_boots_on_a_qemu_that_we_connect_to,
    the_guest_has_the_address_of_its_port,
    guests_ping_one_another,
    tcp_runs_between_guest_and_host_both_ways,
    a_daemon_that_is_killed_and_comes_back_finds_its_guests,
    a_daemon_that_is_stopped_and_comes_back_finds_its_guests,
    a_cut_link_reaches_the_guest,
    a_guest_that_reboots_gets_its_port_back,
    a_qemu_that_is_killed_and_started_anew_gets_its_port_back,
], vh.Scene("qemu"), Guests)

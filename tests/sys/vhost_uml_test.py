#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""User-mode Linux guests on vhost_user ports: real Linux drivers at both ends of our rings."""

import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import vhost_lib as vh

NET = "10.78.0.%d/24"
A, B, HOST = "10.78.0.1", "10.78.0.2", "10.78.0.3"
CTRL_VQ = 17


class Guests:
    """a and b on switch s, both with a trunk; host h beside them in VLAN 1, host h5 in VLAN 5."""

    def __init__(self, scene):
        scene.start()
        scene.weft("switch", "add", "s")
        for name in "ab":
            scene.weft("port", "add", name, "switch", "s", "type", "vhost_user", "trunk", "1,5",
                       "native", "1")
        scene.weft("host", "add", "h", "--switch", "s", "--address", NET % 3)
        scene.weft("host", "add", "h5", "--switch", "s", "--access", "5", "--address",
                   "10.78.5.3/24")
        self.scene = scene
        self.a, self.b = (vh.Uml(scene, n, scene.show(n)["status"]["socket"]) for n in "ab")

    def boot(self):
        for guest, address in ((self.a, NET % 1), (self.b, NET % 2)):
            guest.boot()
            guest.up(address)


def received(answer):
    return int(re.search(r"(\d+) received", answer).group(1))


def guests_boot_with_their_ports_as_nics(scene, g):
    g.boot()
    for name in "ab":
        vh.wait_for("carrier of " + name, lambda: scene.show(name)["status"]["carrier"])


def the_guest_has_the_address_of_its_port(scene, g):
    vh.same(g.a.file("/sys/class/net/eth0/address"), scene.show("a")["status"]["mac"])


def the_control_queue_is_offered_and_taken(_, g):
    vh.same(g.a.file("/sys/class/net/eth0/device/features")[CTRL_VQ], "1")


def guests_ping_one_another(_, g):
    g.a.reaches(B)
    vh.same(g.a.pings(B, 5), 5)
    vh.same(g.b.pings(A, 5), 5)


def guests_and_hosts_ping_one_another(scene, g):
    g.a.reaches(HOST)
    vh.same(g.a.pings(HOST), 3)
    vh.same(received(scene.on_host("h", "ping", "-c", "3", "-i", "0.2", "-W", "5", A)), 3)


def packets_of_all_sizes_come_through(_, g):
    for size in (0, 18, 1472, 4000, 30000, 65000):
        said = g.a.ask("ping -c 1 -W 10 -s %d %s" % (size, B))
        vh.same(received(said), 1, "%d octets" % size)


def tcp_runs_between_guests_both_ways(_, g):
    g.b.iperf_server()
    assert g.a.iperf(B) > 0
    assert g.a.iperf(B, 1, "-R") > 0


def tcp_runs_between_guest_and_host_both_ways(scene, g):
    scene.iperf_server("h")
    assert g.a.iperf(HOST) > 0
    assert g.a.iperf(HOST, 1, "-R") > 0


def a_vlan_subinterface_on_a_trunk_reaches_that_vlan(scene, g):
    for guest, address in ((g.a, "10.78.5.1/24"), (g.b, "10.78.5.2/24")):
        guest.ask("ip link add link eth0 name eth0.5 type vlan id 5")
        guest.up(address, "eth0.5")
    g.a.reaches("10.78.5.2")
    g.a.reaches("10.78.5.3")
    vh.same(received(scene.on_host("h5", "ping", "-c", "2", "-W", "5", "10.78.5.1")), 2)


def a_vlan_that_the_trunk_lacks_reaches_nobody(_, g):
    for guest, address in ((g.a, "10.78.6.1/24"), (g.b, "10.78.6.2/24")):
        guest.ask("ip link add link eth0 name eth0.6 type vlan id 6")
        guest.up(address, "eth0.6")
    vh.same(g.a.pings("10.78.6.2", 2), 0)


def the_driver_sets_address_and_receive_mode(_, g):
    """Both are commands on the control queue: the driver waits for our answer to each."""
    g.a.ask("ip link set eth0 promisc on && ip link set eth0 promisc off")
    g.a.ask("ip link set eth0 allmulticast on && ip link set eth0 allmulticast off")
    g.a.ask("ip link set eth0 address 02:00:00:00:78:01")
    g.a.reaches(B)
    g.a.reaches(HOST)


def a_cut_link_stops_traffic_and_a_mended_one_lets_it_through(scene, g):
    scene.weft("port", "set", "a", "up", "no")
    vh.wait_for("no carrier in the guest", lambda: not g.a.carrier())
    vh.same(g.a.pings(B, 2), 0)
    scene.weft("port", "set", "a", "up", "yes")
    vh.wait_for("carrier in the guest", g.a.carrier)
    g.a.reaches(B)


def a_guest_that_reboots_gets_its_port_back(scene, g):
    scene.weft("port", "set", "a", "trunk", "1,5,7")
    before = scene.show("a")
    g.a.reboot()
    g.a.up(NET % 1)
    g.a.reaches(B)
    vh.same(g.a.pings(HOST), 3)
    after = scene.show("a")
    vh.same([after[k] for k in ("trunk", "native", "mtu")],
            [before[k] for k in ("trunk", "native", "mtu")])
    for way in ("in", "out"):
        assert after["status"][way]["frames"] > before["status"][way]["frames"], way


def a_guest_that_dies_loses_its_carrier_and_comes_back(scene, g):
    g.a.kill()
    vh.wait_for("no carrier", lambda: not scene.show("a")["status"]["carrier"])
    vh.same(g.b.pings(HOST), 3)
    g.a.boot()
    g.a.up(NET % 1)
    g.a.reaches(B)


def a_guest_whose_daemon_was_killed_has_its_nic_from_its_next_boot_on(scene, g):
    """User-mode Linux takes it away at once, and for good."""
    scene.daemon.kill(signal.SIGKILL)
    scene.daemon.start()
    for guest, address in ((g.a, NET % 1), (g.b, NET % 2)):
        guest.reboot()
        guest.up(address)
    g.a.reaches(B)
    vh.same(g.b.pings(HOST), 3)


vh.need(user_mode_linux=vh.UML, busybox_static=vh.BUSYBOX, iperf3="iperf3")
SCENE = vh.Scene("uml")
vh.main([
    guests_boot_with_their_ports_as_nics,
    the_guest_has_the_address_of_its_port,
    the_control_queue_is_offered_and_taken,
    guests_ping_one_another,
    guests_and_hosts_ping_one_another,
    packets_of_all_sizes_come_through,
    tcp_runs_between_guests_both_ways,
    tcp_runs_between_guest_and_host_both_ways,
    a_vlan_subinterface_on_a_trunk_reaches_that_vlan,
    a_vlan_that_the_trunk_lacks_reaches_nobody,
    the_driver_sets_address_and_receive_mode,
    a_cut_link_stops_traffic_and_a_mended_one_lets_it_through,
    a_guest_that_reboots_gets_its_port_back,
    a_guest_that_dies_loses_its_carrier_and_comes_back,
    a_guest_whose_daemon_was_killed_has_its_nic_from_its_next_boot_on,
], SCENE, Guests)

#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The TAP of a virtual machine as a port of type netdev: QEMU reads and writes it, through vhost-net
where the kernel has that. It knows nothing of Weft, and has its TAP back afterwards."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import vhost_lib as vh

NET, VLAN_NET = "10.82.0.%d/24", "10.82.5.%d/24"
GUEST, HOST, VLAN_HOST = "10.82.0.1", "10.82.0.3", "10.82.5.3"
VHOST_NET = "on" if os.path.exists("/dev/vhost-net") else "off"
LARGE = 4000  # octets a frame: many times the MTU


class Tapped(vh.Qemu):
    """In the network of the process PID, which has the TAP."""

    def hardware(self):
        return ["-m", vh.MEMORY,
                "-netdev", "tap,id=net,ifname=vm0,script=no,downscript=no,vhost=" + VHOST_NET,
                "-device", "virtio-net-pci,netdev=net,vectors=0,mac=" + self.mac]


class Net:
    """A network of its own with the TAP; switch s with hosts h in VLAN 1 and h5 in VLAN 5."""

    def __init__(self, scene):
        kernel = vh.Kernel(scene)
        holder = scene.process("unshare", "-n", "sleep", "1000")
        self.path = "/proc/%d/ns/net" % holder.pid
        with open("/proc/%d/stat" % holder.pid) as f:
            started = f.read().rpartition(")")[2].split()[19]
        ours = os.readlink("/proc/self/ns/net")
        vh.wait_for("a network", lambda: os.readlink(self.path) != ours)
        self.inside("ip", "tuntap", "add", "dev", "vm0", "mode", "tap", "vnet_hdr")
        # A device that was up once keeps a queue when it is down again.
        self.inside("ip", "link", "set", "vm0", "up")
        self.inside("ip", "link", "set", "vm0", "down")
        self.before = self.device()
        scene.start()
        scene.weft("switch", "add", "s")
        scene.weft("host", "add", "h", "--switch", "s", "--address", NET % 3)
        scene.weft("host", "add", "h5", "--switch", "s", "--access", "5", "--address",
                   VLAN_NET % 3)
        scene.weft("port", "add", "vm", "switch", "s", "type", "netdev", "netns", "pid:%d:%s" % (holder.pid, started),
                   "device", "vm0", "trunk", "1,5", "native", "1")
        self.guest = Tapped(scene, "vm", None, kernel, None, "02:00:00:00:82:01")
        process, scene.process = scene.process, lambda *words, **more: process(
            "nsenter", "--net=" + self.path, *words, **more)
        try:
            self.guest.boot()
        finally:
            scene.process = process

    def inside(self, *command):
        return subprocess.run(["nsenter", "--net=" + self.path, *command], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def device(self):
        return [self.inside("tc", "qdisc", "show", "dev", "vm0"),
                self.inside("tc", "filter", "show", "dev", "vm0", "ingress"),
                self.inside("tc", "filter", "show", "dev", "vm0", "egress"),
                "PROMISC" in self.inside("ip", "link", "show", "vm0")]


def frame_size(scene, way):
    c = scene.show("vm")["status"][way]
    return c["bytes"] // max(c["frames"], 1)


def a_machine_behind_a_tap_reaches_hosts(scene, n):
    n.guest.up(NET % 1)
    n.guest.reaches(HOST)
    vh.same(n.guest.pings(HOST, 5), 5)
    assert " 0% packet loss" in scene.on_host("h", "ping", "-c", "3", "-i", "0.2", GUEST)


def tcp_runs_both_ways_in_large_frames(scene, n):
    scene.iperf_server("h")
    for way, more in (("in", []), ("out", ["-R"])):
        assert n.guest.iperf(HOST, 2, *more) > 0
        size = frame_size(scene, way)
        assert size > LARGE, "%s: %d octets a frame" % (way, size)


def a_vlan_subinterface_on_a_trunk_reaches_that_vlan(_, n):
    n.guest.ask("ip link add link eth0 name eth0.5 type vlan id 5")
    n.guest.up(VLAN_NET % 1, "eth0.5")
    n.guest.reaches(VLAN_HOST)


def a_cut_port_stops_traffic_and_a_mended_one_lets_it_through(scene, n):
    scene.weft("port", "set", "vm", "up", "no")
    vh.same(n.guest.pings(HOST, 2), 0)
    scene.weft("port", "set", "vm", "up", "yes")
    n.guest.reaches(HOST)


def its_tap_is_given_back_as_it_was(scene, n):
    assert n.device() != n.before
    scene.weft("port", "remove", "vm")
    vh.same(n.device(), n.before)
    assert n.guest.process.poll() is None
    vh.same(n.guest.pings(HOST, 1), 0)


vh.need(qemu_system_x86=vh.QEMU, busybox_static=vh.BUSYBOX, iperf3="iperf3")
vh.main([
    a_machine_behind_a_tap_reaches_hosts,
    tcp_runs_both_ways_in_large_frames,
    a_vlan_subinterface_on_a_trunk_reaches_that_vlan,
    a_cut_port_stops_traffic_and_a_mended_one_lets_it_through,
    its_tap_is_given_back_as_it_was,
], vh.Scene("tapped"), Net)

#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Machines that are started with the very words of `weft port show --qemu`: what they know of their
NICs, all of their queues, jumbo frames, VLANs on trunks, and memory that is put in while they run."""

import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import vhost_lib as vh
import vhost_qmp

NET, VLAN_NET = "10.81.0.%d/24", "10.81.5.%d/24"
A, B, HOST, VLAN_HOST = "10.81.0.1", "10.81.0.2", "10.81.0.3", "10.81.5.3"
MTU, PAIRS = 9000, 2
DIMM_MIB, LEFT_MIB = 128, 160


class Printed(vh.Qemu):
    """Words of ours are only those that no NIC is concerned with."""

    # With MSI-X, which the printed words ask for, QEMU 7.2 itself falls over under TCG.
    boot_words = "pci=nomsi"

    def hardware(self):
        return ["-smp", str(PAIRS), *self.scene.weft("port", "show", self.name, "--qemu").split()]


class Guests:
    """a: QEMU connects to the daemon. b: the daemon to QEMU, at a path that has to be quoted, and
    with packed rings."""

    def __init__(self, scene):
        kernel = vh.Kernel(scene)
        scene.start()
        self.qmp = os.path.join(scene.dir, "a.qmp")
        ours = ["type", "vhost_user", "queues", str(PAIRS), "mtu", str(MTU), "trunk", "1,5",
                "native", "1"]
        scene.weft("switch", "add", "s", "mtu", str(MTU))
        scene.weft("port", "add", "a", "switch", "s", *ours)
        scene.weft("port", "add", "b", "switch", "s", *ours, "role", "client", "path",
                   os.path.join(scene.dir, "b,1=2.sock"))
        scene.weft("host", "add", "h", "--switch", "s", "--address", NET % 3)
        scene.weft("host", "add", "h5", "--switch", "s", "--access", "5", "--address",
                   VLAN_NET % 3)
        more = ["-m", "slots=2,maxmem=4G", "-qmp", "unix:%s,server=on,wait=off" % self.qmp]
        self.a = Printed(scene, "a", None, kernel, None, None, more)
        # Nobody asks QEMU for packed rings unless he knows them: they are its user's to choose.
        self.b = Printed(scene, "b", None, kernel, None, None,
                         ["-global", "virtio-net-pci.packed=on"])


def boots(scene, guest, address):
    guest.boot()
    guest.up(address)
    guest.reaches(HOST)
    assert scene.show(guest.name)["status"]["carrier"]


def a_machine_starts_with_the_words_for_a_port_that_listens(scene, g):
    boots(scene, g.a, NET % 1)


def a_machine_starts_with_the_words_for_a_port_that_connects(scene, g):
    boots(scene, g.b, NET % 2)


def it_knows_address_and_mtu_of_its_port(scene, g):
    for guest in (g.a, g.b):
        about = "/sys/class/net/eth0/"
        vh.same(guest.file(about + "address"), scene.show(guest.name)["status"]["mac"])
        vh.same(guest.file(about + "mtu"), str(MTU))


def uses_all_queues(scene, guest):
    vh.same(guest.ask("ls /sys/class/net/eth0/queues").split(), ["rx-0", "rx-1", "tx-0", "tx-1"])
    status = scene.show(guest.name)["status"]
    vh.same(status["pairs"], PAIRS)
    vh.same([r["name"] for r in status["rings"] if r["running"]], ["rx0", "tx0", "rx1", "tx1"])
    vh.same({r["layout"] for r in status["rings"]}, {"packed" if guest.name == "b" else "split"})


def it_uses_all_its_queues(scene, g):
    for guest in (g.a, g.b):
        uses_all_queues(scene, guest)


def jumbo_frames_cross(_, g):
    g.a.reaches(B)
    for octets in (56, 1472, MTU - 28):
        said = g.a.ask("ping -c 1 -W 10 -s %d %s" % (octets, B))
        assert " 1 packets received" in said, "%d octets: %s" % (octets, said)


def tcp_runs_between_machines_both_ways(_, g):
    g.b.iperf_server()
    for more in ([], ["-R"]):
        assert g.a.iperf(B, 1, "-P", "4", *more) > 0


def a_vlan_subinterface_on_a_trunk_reaches_that_vlan(_, g):
    for guest, address in ((g.a, VLAN_NET % 1), (g.b, VLAN_NET % 2)):
        guest.ask("ip link add link eth0 name eth0.5 type vlan id 5")
        guest.up(address, "eth0.5")
    g.a.reaches(VLAN_HOST)
    g.b.reaches(VLAN_HOST)
    vh.same(g.a.pings("10.81.5.2"), 3)


def memory_is_put_in_while_it_runs(scene, g):
    before = scene.show("a")["status"]["memory"]
    monitor = vhost_qmp.Monitor(g.qmp)
    g.a.send("iperf3 -c %s -t 4" % B)
    for i in (1, 2):
        monitor.ask("object-add", **{"qom-type": "memory-backend-memfd", "id": "m%d" % i,
                                     "size": DIMM_MIB << 20, "share": True})
        monitor.ask("device_add", driver="pc-dimm", id="d%d" % i, memdev="m%d" % i)
        vh.wait_for("memory", lambda i=i: scene.show("a")["status"]["memory"] ==
                    before + i * (DIMM_MIB << 20))
    status, said = g.a.result()
    vh.same(status, 0, said)
    vh.same(g.a.pings(B), 3)
    assert scene.show("a")["status"]["carrier"]


def a_machine_that_would_be_full_without_it_goes_on(_, g):
    """Less is free than was put in, so some of that is in use."""
    g.a.ask("for m in /sys/devices/system/memory/memory*; do "
            "[ $(cat $m/state) = online ] || echo online_kernel >$m/state; done")
    kib = int(g.a.ask("grep MemFree /proc/meminfo").split()[1])
    assert kib > 2 * DIMM_MIB << 10, "%d KiB free" % kib
    g.a.ask("mount -t tmpfs -o size=95% tmpfs /mnt")
    g.a.ask("%s fallocate -l %d /mnt/full" % (vh.BUSYBOX, (kib - (LEFT_MIB << 10)) << 10))
    for more in ([], ["-R"]):
        assert g.a.iperf(B, 1, *more) > 0
    vh.same(g.a.pings(HOST), 3)
    g.a.ask("umount /mnt")


def a_daemon_that_comes_back_finds_all_of_it(scene, g):
    scene.daemon.kill(signal.SIGKILL)
    scene.daemon.start()
    for guest in (g.a, g.b):
        guest.reaches(HOST)
        uses_all_queues(scene, guest)
    g.a.reboot()
    g.a.up(NET % 1)
    g.a.reaches(B)
    uses_all_queues(scene, g.a)


vh.need(qemu_system_x86=vh.QEMU, busybox_static=vh.BUSYBOX, iperf3="iperf3")
vh.main([
    a_machine_starts_with_the_words_for_a_port_that_listens,
    a_machine_starts_with_the_words_for_a_port_that_connects,
    it_knows_address_and_mtu_of_its_port,
    it_uses_all_its_queues,
    jumbo_frames_cross,
    tcp_runs_between_machines_both_ways,
    a_vlan_subinterface_on_a_trunk_reaches_that_vlan,
    memory_is_put_in_while_it_runs,
    a_machine_that_would_be_full_without_it_goes_on,
    a_daemon_that_comes_back_finds_all_of_it,
], vh.Scene("printed"), Guests)

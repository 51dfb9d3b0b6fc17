# SPDX-License-Identifier: Apache-2.0
"""Weft, a Linux bridge and Open vSwitch with two hosts each, set up as their users would.

Each has .name, .a and .b (namespaces of the hosts, device eth0) and .address of b.
"""

import os

import stage as st

LAB = """lab: pair
switches: {s: {}}
hosts:
  a: {switch: s, address: %s.1/24}
  b: {switch: s, address: %s.2/24}
"""


class WeftSwitch:
    name = "weft"

    def __init__(self, stage, net, binaries):
        self.weft = st.Weft(stage, binaries)
        self.weft.up("pair", LAB % (net, net))
        self.a, self.b = self.weft.host("a"), self.weft.host("b")
        self.address = net + ".2"
        self.thread = self.weft.worker()


class Bridge:
    """A kernel bridge in a namespace of its own, a veth pair to each host."""

    name = "bridge"
    thread = None

    def __init__(self, stage, net):
        middle, self.a, self.b = (stage.namespace() for _ in range(3))
        self.address = net + ".2"
        middle.run("ip", "link", "add", "br0", "type", "bridge")
        for i, host in enumerate((self.a, self.b), 1):
            port = "p%d" % i
            middle.run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns",
                       str(host.pid))
            middle.run("ip", "link", "set", port, "master", "br0", "up")
            host.up("eth0", "%s.%d/24" % (net, i))
        # A bridge is no firewall: without this it would be slower than it has to be.
        for what in ("iptables", "ip6tables", "arptables"):
            if os.path.exists("/proc/sys/net/bridge/bridge-nf-call-" + what):
                middle.run("sysctl", "-qw", "net.bridge.bridge-nf-call-%s=0" % what)
        middle.run("ip", "link", "set", "br0", "up")


class OpenVSwitch:
    """Open vSwitch in user space, as the package gives it: datapath_type=netdev, its own TAPs."""

    name = "ovs"

    def __init__(self, stage, net):
        middle, self.a, self.b = (stage.namespace() for _ in range(3))
        self.address = net + ".2"
        self.dir = os.path.join(stage.dir, "ovs")
        os.mkdir(self.dir)
        self.db = "unix:%s/db.sock" % self.dir
        names = ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR")
        self.env = dict(os.environ, **{n: self.dir for n in names})
        st.run("ovsdb-tool", "create", self.dir + "/conf.db",
               "/usr/share/openvswitch/vswitch.ovsschema")
        self.start(stage, "ovsdb-server", "ovsdb-server", self.dir + "/conf.db",
                   "--remote=p" + self.db)
        st.wait_for("ovsdb-server", lambda: os.path.exists(self.dir + "/db.sock"))
        self.set("--no-wait", "init")
        self.process = self.start(stage, "ovs-vswitchd", *middle.command("ovs-vswitchd", self.db))
        self.set("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev")
        for i, host in enumerate((self.a, self.b), 1):
            port = "t%d" % i
            self.set("add-port", "br0", port, "--", "set", "interface", port, "type=internal")
            middle.run("ip", "link", "set", port, "netns", str(host.pid), "name", "eth0")
            host.up("eth0", "%s.%d/24" % (net, i))
        self.thread = "/proc/%d" % self.process.pid

    def start(self, stage, name, *command):
        with open("%s/%s.out" % (self.dir, name), "w") as out:
            return stage.process(*command, "--unixctl=%s/%s.ctl" % (self.dir, name),
                                 "--log-file=%s/%s.log" % (self.dir, name), "-vconsole:off",
                                 env=self.env, stdout=out, stderr=out)

    def set(self, *words):
        st.run("ovs-vsctl", "--timeout=10", "--db=" + self.db, *words, env=self.env)

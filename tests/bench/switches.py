# SPDX-License-Identifier: Apache-2.0
"""Weft, a Linux bridge and Open vSwitch with two hosts each, set up as their users would.

Each has .name, .a and .b (namespaces of the hosts, device eth0) and .address of b.
"""

import os
import tempfile

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


def wire(middle, i, host):
    """A veth pair: pI in the middle, eth0 at the host."""
    port = "p%d" % i
    middle.run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns",
               str(host.pid))
    return port


class WeftNetdev:
    """The same daemon, with one end of a veth pair to each host attached (type netdev)."""

    name = "weft-netdev"

    def __init__(self, stage, net, weft):
        middle, self.a, self.b = (stage.namespace() for _ in range(3))
        self.address = net + ".2"
        self.thread = weft.worker()
        weft.ask("switch", "add", "wired")
        for i, host in enumerate((self.a, self.b), 1):
            port = wire(middle, i, host)
            host.up("eth0", "%s.%d/24" % (net, i))
            weft.ask("port", "add", port, "--switch", "wired", "--type", "netdev", "--device", port,
                     "--netns", "pid:%d:%s" % (middle.pid, st.started(middle.pid)))


class Bridge:
    """A kernel bridge in a namespace of its own, a veth pair to each host."""

    name = "bridge"
    thread = None

    def __init__(self, stage, net):
        middle, self.a, self.b = (stage.namespace() for _ in range(3))
        self.address = net + ".2"
        middle.run("ip", "link", "add", "br0", "type", "bridge")
        for i, host in enumerate((self.a, self.b), 1):
            port = wire(middle, i, host)
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
        ovs = Ovs(stage, "ovs-vswitchd", middle)
        for i, host in enumerate((self.a, self.b), 1):
            port = "t%d" % i
            ovs.set("add-port", "br0", port, "--", "set", "interface", port, "type=internal")
            middle.run("ip", "link", "set", port, "netns", str(host.pid), "name", "eth0")
            host.up("eth0", "%s.%d/24" % (net, i))
        self.thread = "/proc/%d" % ovs.process.pid


class Ovs:
    """A database and a daemon of their own, with bridge br0 (NORMAL: a learning switch)."""

    def __init__(self, stage, program, net, *config, first=False):
        self.dir = tempfile.mkdtemp(prefix="ovs.", dir=stage.dir)
        self.db = "unix:%s/db.sock" % self.dir
        names = ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR")
        self.env = dict(os.environ, **{n: self.dir for n in names})
        st.run("ovsdb-tool", "create", self.dir + "/conf.db",
               "/usr/share/openvswitch/vswitch.ovsschema")
        self.start(stage, "ovsdb-server", "ovsdb-server", self.dir + "/conf.db",
                   "--remote=p" + self.db)
        st.wait_for("ovsdb-server", lambda: os.path.exists(self.dir + "/db.sock"))
        self.set("--no-wait", "init")
        self.config = config
        if config:
            self.set("--no-wait", "set", "Open_vSwitch", ".", *config)
        self.process = self.start(stage, "ovs-vswitchd", *net.command(program, self.db),
                                  first=first)
        self.set("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev")

    def start(self, stage, name, *command, **more):
        with open("%s/%s.out" % (self.dir, name), "w") as out:
            return stage.process(*command, "--unixctl=%s/%s.ctl" % (self.dir, name),
                                 "--log-file=%s/%s.log" % (self.dir, name), "-vconsole:off",
                                 env=self.env, stdout=out, stderr=out, **more)

    def set(self, *words):
        st.run("ovs-vsctl", "--timeout=30", "--db=" + self.db, *words, env=self.env)

    def ask(self, *words):
        return st.run("ovs-appctl", "--timeout=10", "--target=%s/ovs-vswitchd.ctl" % self.dir,
                      *words, env=self.env)


class OvsDpdk(Ovs):
    """Open vSwitch with DPDK, one polling thread on CORE, a vhost-user port for each socket.

    It connects to sockets of type dpdkvhostuserclient and listens on those of dpdkvhostuser.
    """

    program = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk"

    def __init__(self, stage, core, other_core):
        super().__init__(stage, self.program, stage.namespace(), "other_config:dpdk-init=true",
                         "other_config:dpdk-extra=--in-memory --no-pci --single-file-segments",
                         "other_config:dpdk-socket-mem=384",
                         "other_config:dpdk-lcore-mask=%#x" % (1 << other_core),
                         "other_config:pmd-cpu-mask=%#x" % (1 << core), first=True)

    def plug(self, port, path):
        """The frontend listens on PATH."""
        self.set("add-port", "br0", port, "--", "set", "interface", port,
                 "type=dpdkvhostuserclient", "options:vhost-server-path=" + path)

    def listen(self, port):
        """The frontend connects to what is returned."""
        self.set("add-port", "br0", port, "--", "set", "interface", port, "type=dpdkvhostuser")
        return os.path.join(self.dir, port)

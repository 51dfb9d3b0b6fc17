# SPDX-License-Identifier: Apache-2.0
"""For vhost_*: machines and drivers that nobody here wrote, as frontends of vhost_user ports.

A Guest is a Linux that obeys line by line on its console. Uml boots Debian's user-mode Linux on
this machine's own files; Qemu boots Debian's cloud kernel with a small initramfs, by emulation.
Whatever is put on a Scene goes when it ends. DPDK's packet mover is in ../bench/testpmd.py.
"""

import contextlib
import ctypes
import glob
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

import api_lib

PR_SET_PDEATHSIG = 1
PATIENCE_S = 180  # what anything may take on a machine with better things to do
UML, QEMU, TESTPMD = "linux.uml", "qemu-system-x86_64", "dpdk-testpmd"
BUSYBOX = "/usr/bin/busybox"
# 192 MiB and two pages: a machine under TCG whose memory is a multiple of 256 KiB loses pages when
# QEMU moves it, before version 9.0 (it cleared dirty bits behind the TLB's back).
MEMORY = "196616k"
# What a stock kernel loads before a virtio NIC with VLANs works, in this order; a module that is
# built in is not missed.
MODULES = """drivers/virtio/virtio_ring drivers/virtio/virtio drivers/virtio/virtio_pci_legacy_dev
    drivers/virtio/virtio_pci_modern_dev drivers/virtio/virtio_pci net/core/failover
    drivers/net/net_failover drivers/net/virtio_net net/llc/llc net/802/stp net/802/garp net/802/mrp
    net/8021q/8021q""".split()
# The guest's first and only process.
INIT = """#!%s
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run
bb=%s
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs dev /dev
for d in /run /mnt /tmp /var/tmp; do $bb mount -t tmpfs tmpfs $d; done
for m in %s; do
	[ -e %s/$m.ko ] && $bb insmod %s/$m.ko
done
$bb stty raw -echo
cd /run
echo "@@ready"
while IFS= read -r line; do
	( eval "$line" ) </dev/null 2>&1
	echo "@@done $?"
done
$bb poweroff -f
"""


same = api_lib.same


class Skip(Exception):
    """This cannot be tried here, and why."""


def need(**programs):
    """PACKAGE=PROGRAM or a pattern of files: the whole script is skipped if one is missing."""
    for package, what in programs.items():
        if not (glob.glob(what) if "/" in what else shutil.which(what)):
            print("1..0 # SKIP %s is missing: package %s" % (what, package.replace("_", "-")))
            sys.exit(0)


def wait_for(what, check, seconds=PATIENCE_S):
    """The first true answer of CHECK."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError("%s: not within %d s" % (what, seconds))
        time.sleep(0.05)


class Place(contextlib.ExitStack):
    """A folder, and processes that are ended with their whole groups."""

    def __init__(self, folder):
        super().__init__()
        self.dir = folder

    def process(self, *command, **more):
        p = subprocess.Popen(command, preexec_fn=child, **more)
        self.callback(end, p)
        return p

    def log(self, name):
        return open(os.path.join(self.dir, name + ".log"), "ab")


class Scene(Place):
    """With a daemon of its own."""

    def __init__(self, name):
        self.daemon = api_lib.Daemon(name)
        super().__init__(self.daemon.dir)
        self.callback(self.daemon.close)

    def start(self):
        self.daemon.start()

    def weft(self, *words):
        done = subprocess.run([api_lib.BIN + "/weft", *words], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=dict(os.environ, WEFT_SOCKET=self.daemon.socket, NO_COLOR="1"),
                              timeout=PATIENCE_S, check=False)
        if done.returncode:
            raise AssertionError("weft %s: status %d: %s" % (" ".join(words), done.returncode,
                                                             done.stderr.strip()))
        return done.stdout

    def show(self, port):
        return json.loads(self.weft("port", "show", port, "-o", "json"))

    def on_host(self, host, *command):
        return self.weft("host", "exec", host, "--", *command)

    def iperf_server(self, host):
        self.process("nsenter", "--net=%s/run/netns/%s" % (self.dir, host), "iperf3", "-s",
                     stdout=subprocess.DEVNULL)
        wait_for("iperf3 of " + host, lambda: ":5201" in self.on_host(host, "ss", "-Hltn"))

    def tail(self, name, lines=5):
        with open(os.path.join(self.dir, name), errors="replace") as f:
            return f.read().splitlines()[-lines:]


def child():
    """Of this process: it dies with it. A group of its own: what it starts dies with it."""
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end(p):
    """User-mode Linux hears no SIGTERM, and its helpers outlive it; nothing has to be saved."""
    try:
        os.killpg(p.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    p.wait()


class Guest:
    """A Linux with a shell on its console. boot() may be called again when it has ended."""

    def __init__(self, scene, name):
        self.scene, self.name = scene, name
        self.process = self.console = None
        self.said = b""

    def start(self, console):
        """Starts the machine with this socket as its console."""
        raise NotImplementedError

    def boot(self):
        if self.console:
            self.console.close()
        self.console, theirs = socket.socketpair()
        self.said = b""
        with theirs:
            self.process = self.start(theirs)
        self.until(b"@@ready")
        return self

    def until(self, mark, seconds=PATIENCE_S):
        """What it says up to the line that begins with MARK, and the rest of that line."""
        limit = time.monotonic() + seconds
        while True:
            before, found, after = self.said.partition(b"\n" + mark)
            if not found and self.said.startswith(mark):
                before, found, after = b"", mark, self.said[len(mark):]
            if found and b"\n" in after:
                rest, _, self.said = after.partition(b"\n")
                return text(before), text(rest)
            if not select.select([self.console], [], [], max(0, limit - time.monotonic()))[0]:
                self.kill()  # whoever asks next need not wait as long
                raise AssertionError("%s: not within %d s: %s" % (self.name, seconds,
                                                                  text(self.said)[-3000:]))
            try:
                more = self.console.recv(65536)
            except ConnectionError:
                more = b""
            if not more:
                raise AssertionError("%s has ended: %s" % (self.name, text(self.said)[-3000:]))
            self.said += more

    def send(self, command):
        """Has it begin; its end is awaited by result()."""
        with contextlib.suppress(BrokenPipeError):
            self.console.sendall(command.encode() + b"\n")

    def result(self, seconds=PATIENCE_S):
        said, status = self.until(b"@@done ", seconds)
        return int(status), said

    def ask(self, command, seconds=PATIENCE_S):
        """What the command says; it must succeed."""
        self.send(command)
        status, said = self.result(seconds)
        if status:
            raise AssertionError("%s: %s: status %d: %s" % (self.name, command, status, said))
        return said

    def file(self, path):
        return self.ask("cat " + path).strip()

    def up(self, address, device="eth0"):
        self.ask("ip address add %s dev %s && ip link set %s up" % (address, device, device))

    def pings(self, address, count=3):
        """How many answers came. The first may be lost to whatever still settles."""
        self.send("ping -c %d -i 0.2 -W 2 %s" % (count, address))
        return int(re.search(r"(\d+)( packets)? received", self.result()[1]).group(1))

    def reaches(self, address, seconds=PATIENCE_S):
        wait_for("%s reaches %s" % (self.name, address), lambda: self.pings(address, 1), seconds)

    def carrier(self, device="eth0"):
        return self.file("/sys/class/net/%s/carrier" % device) == "1"

    def iperf_server(self):
        self.ask("iperf3 -s -D >/dev/null")
        wait_for("iperf3 of " + self.name, lambda: ":1451 " in self.ask("cat /proc/net/tcp*"))

    def iperf(self, address, seconds=1, *words):
        """Mbit/s that arrived."""
        said = self.ask("iperf3 -c %s -t %d -f m %s" % (address, seconds, " ".join(words)))
        return float(re.search(r"([\d.]+) Mbits/sec.*receiver", said).group(1))

    def uptime(self):
        return float(self.file("/proc/uptime").split()[0])

    def poweroff(self):
        self.send("%s poweroff -f" % BUSYBOX)
        self.process.wait(PATIENCE_S)

    def reboot(self):
        self.send("%s reboot -f" % BUSYBOX)
        self.until(b"@@ready")

    def kill(self):
        end(self.process)


def text(octets):
    return octets.decode(errors="replace").replace("\r", "")


class Uml(Guest):
    """Debian's user-mode Linux on this machine's files, read only. NICs: one a socket."""

    def __init__(self, scene, name, *sockets, mib=128):
        super().__init__(scene, name)
        self.sockets, self.mib = sockets, mib
        self.init = write_init(os.path.join(scene.dir, "init.uml"), "/bin/sh",
                               "/usr/lib/uml/modules/$(uname -r)/kernel")

    def start(self, console):
        fd = console.fileno()
        nics = ["virtio_uml.device=%s:1" % s for s in self.sockets]
        with self.scene.log(self.name) as log:
            return self.scene.process(
                UML, "mem=%dM" % self.mib, "umid=" + self.name, "uml_dir=%s/uml/" % self.scene.dir,
                "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "init=" + self.init,
                "con=null", "con0=fd:%d,fd:%d" % (fd, fd), "ssl=null", "quiet", *nics,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[fd])


class Qemu(Guest):
    """QEMU without KVM. ROLE is its side of the vhost-user socket: "client" or "server"."""

    boot_words = ""

    def __init__(self, scene, name, vhost_socket, kernel, role, mac, more=()):
        super().__init__(scene, name)
        self.socket, self.kernel, self.role, self.mac = vhost_socket, kernel, role, mac
        self.more = more

    def hardware(self):
        """Memory and NIC."""
        how = "server=on,wait=off" if self.role == "server" else "reconnect=1"
        return ["-machine", "pc,memory-backend=mem",
                "-m", MEMORY, "-object", "memory-backend-memfd,id=mem,size=%s,share=on" % MEMORY,
                "-chardev", "socket,id=vu,path=%s,%s" % (self.socket, how),
                "-netdev", "vhost-user,id=net,chardev=vu",
                # With MSI-X vectors QEMU 7.2 itself falls over under TCG.
                "-device", "virtio-net-pci,netdev=net,vectors=0,mac=" + self.mac]

    def start(self, console):
        with self.scene.log(self.name) as log:
            return self.scene.process(
                QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio",
                "-accel", "tcg", "-cpu", "max", *self.hardware(),
                "-kernel", self.kernel.image, "-initrd", self.kernel.initramfs,
                "-append", "console=ttyS0 quiet panic=1 no_timer_check " + self.boot_words,
                *self.more, stdin=console, stdout=console, stderr=log)


def write_init(path, shell, modules):
    with open(path, "w") as f:
        f.write(INIT % (shell, BUSYBOX, " ".join(MODULES), modules, modules))
    os.chmod(path, 0o755)
    return path


class Kernel:
    """Debian's cloud kernel and an initramfs with what INIT wants: nothing of it is installed."""

    def __init__(self, scene):
        folder = os.path.join(os.path.dirname(api_lib.BIN), "guest-kernel")
        fetch = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vhost_kernel.sh")
        done = subprocess.run(["bash", fetch, folder], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=240, check=False)
        if done.returncode:
            raise Skip("no guest kernel: " + " ".join(done.stdout.split()))
        self.image = os.path.join(folder, "vmlinuz")
        self.initramfs = os.path.join(scene.dir, "initramfs")
        files = {"init": write_init(os.path.join(scene.dir, "init.qemu"), BUSYBOX + " sh",
                                    "/modules")}
        for m in MODULES:
            found = os.path.join(folder, "modules", os.path.basename(m) + ".ko")
            if os.path.exists(found):
                files["modules/%s.ko" % m] = found
        for program in (BUSYBOX, shutil.which("iperf3")):
            files.update((f.lstrip("/"), f) for f in [program, *libraries(program)])
        with open(self.initramfs, "wb") as f:
            write_cpio(f, files)


def libraries(program):
    said = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", said)


def write_cpio(out, files):
    """An archive as the kernel wants its initramfs (cpio's "newc"): NAME -> file here."""
    folders = {"proc", "sys", "dev", "run", "mnt", "tmp"}
    for name in [*files, "var/tmp/x"]:
        while name := os.path.dirname(name):
            folders.add(name)
    entries = [(d, 0o40755, b"") for d in sorted(folders)]
    entries += [("bin/" + a, 0o120777, BUSYBOX.encode())
                for a in "sh cat ip ping mount ls sleep tail grep head wc dmesg".split()]
    folders.add("bin")
    entries.insert(0, ("bin", 0o40755, b""))
    for name, source in files.items():
        with open(source, "rb") as f:
            entries.append((name, 0o100755, f.read()))
    for i, (name, mode, data) in enumerate(entries + [("TRAILER!!!", 0, b"")]):
        fields = (i + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
        out.write(head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4))


def main(tests, scene, make):
    """Each test is a function whose name is a sentence; it is given what MAKE made of the scene."""
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root")
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failed = False
    with scene:
        try:
            more = make(scene)
        except Skip as e:
            print("1..0 # SKIP %s" % e)
            return
        print("1..%d" % len(tests), flush=True)
        for number, test in enumerate(tests, 1):
            name = test.__name__.replace("_", " ")
            began = time.monotonic()
            try:
                test(scene, more)
                print("ok %d - %s" % (number, name), flush=True)
            except Skip as e:
                print("ok %d - %s # SKIP %s" % (number, name, e), flush=True)
            except Exception as e:  # one that fails must not hide the next
                failed = True
                print("not ok %d - %s" % (number, name))
                tail = scene.tail("log")
                for line in ("%s: %s" % (type(e).__name__, e)).splitlines()[:20] + tail:
                    print("# " + line)
                sys.stdout.flush()
            if os.environ.get("V"):
                print("# %.1f s" % (time.monotonic() - began), flush=True)
    sys.exit(failed)

# SPDX-License-Identifier: Apache-2.0
"""DPDK's dpdk-testpmd, driven through its prompt."""

import os
import re
import select
import subprocess
import time

PROMPT = b"testpmd> "


def virtio_user(number, path, **more):
    """A vhost-user frontend as a device. MORE: the driver's own words."""
    words = "".join(",%s=%s" % item for item in more.items())
    return "net_virtio_user%d,path=%s%s" % (number, path, words)


def vhost(number, path, **more):
    """A vhost-user backend as a device."""
    words = "".join(",%s=%s" % item for item in more.items())
    return "net_vhost%d,iface=%s%s" % (number, path, words)


class Testpmd:
    """SPAWN starts a process: spawn(command ..., stdin=, stdout=, stderr=). With HUGE_MB the memory
    is of that many MiB of huge pages, else of ordinary ones. CORE forwards; None: any does."""

    def __init__(self, spawn, log, devices, core=0, huge_mb=0, prefix="weft", options=()):
        memory = ["--in-memory", "--single-file-segments", "-m", str(huge_mb)]
        if not huge_mb:
            memory = ["--no-huge", "--no-shconf", "-m", "96"]
        everywhere = "(0-%d)" % (os.cpu_count() - 1)
        cores = everywhere, everywhere if core is None else core
        self.log = log
        self.process = spawn(
            "stdbuf", "-oL", "dpdk-testpmd", *memory, "--no-pci", "--no-telemetry",
            "--file-prefix=" + prefix, "--lcores", "0@%s,1@%s" % cores,
            "--log-level=lib.vhost:error",
            *(word for d in devices for word in ("--vdev", d)), "--", "-i", "--nb-cores=1",
            "--total-num-mbufs=%d" % (16384 if huge_mb else 8192), "--forward-mode=io", *options,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.answer()

    def answer(self, seconds=100):
        said, limit = b"", time.monotonic() + seconds
        while not said.endswith(PROMPT):
            if not select.select([self.process.stdout], [], [], limit - time.monotonic())[0]:
                raise AssertionError("testpmd: no answer: " + said.decode()[-500:])
            more = self.process.stdout.read1(65536)
            self.log.write(more)
            if not more:
                raise AssertionError("testpmd has ended: " + said.decode()[-500:])
            said += more
        return said.decode()

    def ask(self, *commands):
        said = ""
        for c in commands:
            self.process.stdin.write(c.encode() + b"\n")
            self.process.stdin.flush()
            said = self.answer()
        return said

    def received(self):
        """Frames received so far: a number for each port."""
        return [int(n) for n in re.findall(r"RX-packets: (\d+)", self.ask("show port stats all"))]

    def sent(self):
        return [int(n) for n in re.findall(r"TX-packets: (\d+)", self.ask("show port stats all"))]

    def link_up(self, port):
        return "Link status: up" in self.ask("show port info %d" % port)

    def quit(self):
        self.process.stdin.write(b"stop\nquit\n")
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.wait()

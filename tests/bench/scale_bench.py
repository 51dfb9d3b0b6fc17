#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What many objects cost: an idle daemon, a lab of 200 hosts, 1,000 ports on one switch, the CLI.

    scale_bench.py BINARIES OUT_DIR [ROUNDS [IDLE_SECONDS]]
"""

import functools
import json
import os
import statistics
import sys
import time

import labs
import stage as st
import testpmd

ROUNDS, IDLE_S = 3, 10
TESTPMD_PORTS = 25  # it has room for 32
HOSTS, SWITCHES, IDLE_PORTS, PORTS = 200, 10, 50, 1000


def process_s(pid):
    tasks = "/proc/%d/task" % pid
    return sum(st.ran_s("%s/%s" % (tasks, tid)) for tid in os.listdir(tasks))


def idle_cpu(weft, seconds):
    """Percent of a core."""
    time.sleep(5)  # what the hosts say when they come up is over
    before = process_s(weft.process.pid)
    time.sleep(seconds)
    return (process_s(weft.process.pid) - before) / seconds * 100


def idle(stage, results, binaries, seconds):
    weft = st.Weft(stage, binaries)
    weft.up("idle", labs.campus("idle", IDLE_PORTS, 1))
    cpu = idle_cpu(weft, seconds)
    results.row("idle, %d ports: processor" % IDLE_PORTS, cpu, "%", bar=("<", 0.2))
    results.row("idle, %d ports: memory" % IDLE_PORTS, st.rss_mib(weft.process.pid), "MiB RSS",
                bar=("<=", 30))
    times = []
    for _ in range(21):
        began = time.monotonic()
        weft.ask("switch", "list")
        times.append((time.monotonic() - began) * 1e3)
    results.row("weft switch list", statistics.median(times), "ms", rounds=times)


def machines(stage, results, binaries, seconds):
    """Drivers that have set their queues up and say nothing: DPDK's before it forwards."""
    weft = st.Weft(stage, binaries)
    weft.ask("switch", "add", "s")
    devices = []
    for i in range(IDLE_PORTS):
        weft.ask("port", "add", "m%d" % i, "switch", "s", "type", "vhost_user")
        devices.append(testpmd.virtio_user(i, "%s/vhost/m%d.sock" % (weft.run_dir, i), queues=1,
                                           queue_size=64))
    for i in range(0, IDLE_PORTS, TESTPMD_PORTS):
        log = open(os.path.join(stage.dir, "testpmd%d.log" % i), "wb")
        testpmd.Testpmd(functools.partial(stage.process, deaf=True), log,
                        devices[i:i + TESTPMD_PORTS], core=None, prefix="idle%d" % i)
    st.wait_for("%d drivers" % IDLE_PORTS, lambda: all(
        p["status"]["carrier"] for p in json.loads(weft.ask("port", "list", "-o", "json"))))
    cpu = idle_cpu(weft, seconds)
    results.row("idle, %d virtual machines: processor" % IDLE_PORTS, cpu, "%", bar=("<", 0.2))


def lab(stage, results, binaries, rounds):
    weft = st.Weft(stage, binaries)
    text = labs.campus("large", HOSTS, SWITCHES)
    up, down, before = [], [], weft.left()
    for _ in range(rounds):
        up.append(weft.up("large", text))
        down.append(weft.down("large"))
        st.wait_for("the machine as it was", lambda: weft.left() == before)
    what = "%d hosts on %d switches: " % (HOSTS, SWITCHES)
    results.row(what + "weft up", statistics.median(up), "s", bar=("<=", 10), rounds=up)
    results.row(what + "weft down", statistics.median(down), "s", rounds=down)
    results.row(what + "memory after", st.rss_mib(weft.process.pid), "MiB RSS")


def ports(stage, results, binaries):
    tools = os.path.join(os.path.abspath(binaries), "tests/bench")
    weft = st.Weft(stage, binaries)
    api = weft.api()
    st.call(api, "PUT", "/v1/switches/s", {})
    for host in ("many", "one"):
        st.call(api, "PUT", "/v1/hosts/" + host, {})
        # A thousand devices that greet a thousand others would be a bench of its own.
        weft.host(host).run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    times = []
    for i in range(PORTS - 1):
        began = time.monotonic()
        st.call(api, "PUT", "/v1/ports/p%d" % i,
                {"switch": "s", "type": "tap", "host": "many", "device": "e%d" % i})
        times.append((time.monotonic() - began) * 1e3)
    first, last = statistics.median(times[:50]), statistics.median(times[-50:])
    what = "%d ports on one switch: " % PORTS
    results.row(what + "the first 50, each", first, "ms", rounds=times)
    results.row(what + "the last 50, each", last, "ms")
    st.call(api, "PUT", "/v1/ports/last", {"switch": "s", "type": "tap", "host": "one"})
    changes = []
    for vid in (10, 1) * 5:
        began = time.monotonic()
        st.call(api, "PATCH", "/v1/ports/last", {"access": vid})
        changes.append((time.monotonic() - began) * 1e3)
    results.row(what + "one more change", statistics.median(changes), "ms", rounds=changes)
    results.row(what + "reached by a broadcast", reached(weft, tools), "ports",
                bar=(">=", PORTS - 1))
    results.row(what + "memory", st.rss_mib(weft.process.pid), "MiB RSS")


def reached(weft, tools):
    """Ports that saw a broadcast from the last one."""
    many, before = weft.host("many"), weft.host("many").received()
    weft.host("one").run(tools + "/frame_flood", "eth0", "ff:ff:ff:ff:ff:ff", "02:00:00:00:00:0c",
                         "0.000001")
    time.sleep(0.5)
    return sum(n > before[name] for name, n in many.received().items())


def main():
    binaries, out_dir = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else IDLE_S
    results = st.Results("scale", out_dir)
    results.weft(binaries)
    results.command("weft up LAB; weft down LAB; PUT /v1/ports/NAME")
    for part, more in ((idle, [seconds]), (machines, [seconds]), (lab, [rounds]), (ports, [])):
        with st.Stage() as stage:
            part(stage, results, binaries, *more)
    return results.save()


if __name__ == "__main__":
    sys.exit(main())

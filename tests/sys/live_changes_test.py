#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What changes live costs nobody else a frame: a stream between two machines, both ways, while
everything around their ports is added, changed and removed. Each frame is numbered and compared;
frames under way are fewer than any ring holds, so one that is lost the daemon lost."""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from api_lib import BIN, PATIENCE_S, Daemon, main, same  # noqa: E402

ROUNDS = 4
CHANGES = 100  # at least
BETWEEN = 500  # frames that cross between two changes, at least
ENOUGH_S = 90  # a machine that leaves us no processor is shown fewer changes

daemon = Daemon("live")
daemon.args += ["--workers", "2"]


class Stream:
    def __init__(self, a, b):
        self.process = subprocess.Popen([BIN + "/tests/sys/live_stream", a, b], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def frames(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line.strip().isdigit():
            raise AssertionError("the stream ended: " + line + self.process.stdout.read())
        return int(line)

    def flows_past(self, frames):
        """Until so many frames have crossed; if they do not, the stream itself ends and says so."""
        while self.frames() < frames:
            time.sleep(0.001)

    def end(self):
        self.process.stdin.close()
        said = self.process.stdout.read()
        same(self.process.wait(PATIENCE_S), 0, "the stream's program")
        return json.loads(said.splitlines()[-1])


class Enough(Exception):
    """No more changes."""


class Changes:
    """Requests that are made while the stream flows; each is counted if something changed."""

    def __init__(self, stream):
        self.stream, self.n = stream, 0
        self.end = time.monotonic() + ENOUGH_S

    def call(self, method, path, body=None, refused=False):
        if time.monotonic() > self.end:
            raise Enough
        before = self.stream.frames()
        answer = daemon.call(method, path, body)
        if answer.status // 100 != 2:
            if refused and answer.status in (409, 422):
                return
            raise AssertionError("%s %s: %s" % (method, path, answer.raw[:400]))
        self.n += 1
        self.stream.flows_past(before + BETWEEN)

    def add(self, **objects):
        self.call("POST", "/v1/apply", objects)

    def patch(self, path, refused=False, **fields):
        self.call("PATCH", "/v1/" + path, fields, refused)

    def remove(self, path):
        self.call("DELETE", "/v1/" + path)


def machines():
    for name in "ab":
        same(daemon.call("PUT", "/v1/ports/" + name, {
            "switch": "s1", "type": "vhost_user", "access": 10}).status, 201, "port " + name)
    return [daemon.call("GET", "/v1/ports/" + name).json["status"]["socket"] for name in "ab"]


def lab(n):
    return {"switches": {"k1": {"aging": 10 + n}, "k2": {}},
            "hosts": {"kh%d" % i: {"switch": "k%d" % (1 + (i + n) % 2)} for i in range(1 + n)},
            "links": {"kt": {"a": "k1", "b": "k2", "trunk": [10, 20 + n]},
                      "kw": {"mode": "wire", "a": "kh0.eth1", "b": "kh0.eth2"},
                      "ks": {"a": "k1", "b": "s1", "trunk": "all"}}}


def change_things(c, i):
    """A round: all that a person does to what the stream's ports have nothing to do with."""
    c.add(hosts={"h": {"switch": "s1", "access": 10}})  # in their VLAN
    c.patch("ports/h.eth0", access=20)
    c.patch("ports/h.eth0", access=None, trunk="10,20,100-199", native=10)
    c.add(switches={"s2": {}})
    c.add(links={"t": {"a": "s1", "b": "s2", "trunk": "all"}})
    c.add(links={"ring": {"a": "s1", "b": "s2", "trunk": "all"}})
    c.patch("links/t", up=False)
    c.remove("fdb?port=h.eth0")
    c.call("PUT", "/v1/vlans/s1.%d" % (100 + i), {"switch": "s1", "vid": 100 + i, "title": "x"})
    c.patch("ports/h.eth0", up=False)
    c.remove("fdb?switch=s1&vid=20")
    c.call("PUT", "/v1/labs/k", lab(1))
    c.patch("switches/s1", aging=300 + i)
    c.call("PUT", "/v1/labs/k", lab(2))
    c.patch("links/t", up=True)
    c.remove("labs/k")
    c.patch("ports/h.eth0", up=True)
    c.add(hosts={"w": {}}, links={"w": {"mode": "wire", "a": "w.eth0", "b": "w.eth1"}})
    c.patch("switches/s2", mtu=1500 + i)
    c.remove("hosts/w")
    c.remove("links/ring")
    c.remove("switches/s2?cascade=true")
    c.remove("hosts/h")


def change_settings(c, path, kind):
    """Each field of an object, to its example and back, as far as that alone makes sense."""
    kinds = daemon.call("GET", "/v1/schema").json["kinds"]
    for f in next(k for k in kinds if k["kind"] == kind)["fields"]:
        if f["fixed"] or "only" in f or "example" not in f:
            continue
        typed = f["example"] if f["type"] not in ("bool", "int", "vid") else json.loads(f["example"])
        c.patch(path, refused=True, **{f["name"]: typed})
        c.patch(path, refused=True, **{f["name"]: None})


def change_everything(c):
    for i in range(ROUNDS):
        change_things(c, i)
    c.add(hosts={"h": {"switch": "s1", "access": 10}})
    change_settings(c, "ports/h.eth0", "port")
    c.call("PUT", "/v1/vlans/s1.20", {"switch": "s1", "vid": 20})
    change_settings(c, "vlans/s1.20", "vlan")
    for worker in (0, 1, 1, 0, None):  # and their own ports, from worker to worker
        c.patch("ports/a", worker=worker)
        c.patch("ports/b", worker=worker)


def a_stream_across_a_hundred_live_changes_loses_nothing():
    same(daemon.call("PUT", "/v1/switches/s1", {}).status, 201, "switch s1")
    stream = Stream(*machines())
    c = Changes(stream)
    stream.flows_past(BETWEEN)
    try:
        change_everything(c)
        if c.n < CHANGES:
            raise AssertionError("only %d changes" % c.n)
    except Enough:
        print("# the machine is busy with something else")
    saw = stream.end()
    print("# %d changes, %d frames, %d frames/s" %
          (c.n, saw["frames"], saw["frames"] / saw["seconds"]))
    same({k: saw[k] for k in ("lost", "late", "strange")}, {"lost": 0, "late": 0, "strange": 0},
         "of %d frames" % saw["frames"])


def no_port_of_the_stream_dropped_a_frame():
    for name in "ab":
        same(daemon.call("GET", "/v1/ports/" + name).json["status"]["drops"], [], "port " + name)


main(daemon, [
    a_stream_across_a_hundred_live_changes_loses_nothing,
    no_port_of_the_stream_dropped_a_frame,
])

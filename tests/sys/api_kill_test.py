#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment, then a start: every acknowledged change is there, and what was being
changed is either as before or as asked, in the API and in the kernel."""

import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from api_lib import Daemon, main, same  # noqa: E402

ROUNDS = 12
daemon = Daemon("kill")
chance = random.Random(0x1a)


def spec_of(o):
    return {k: v for k, v in o.items() if k not in ("name", "status")}


def read_all():
    out = {}
    for plural in daemon.call("GET", "/v1").json["kinds"]:
        for o in daemon.call("GET", "/v1/" + plural).json["items"]:
            out[plural, o["name"]] = o
    return out


def lab(n):
    """A lab with N hosts on one of two switches each, and a link between the switches."""
    return {"switches": {"k1": {"aging": 10 + n}, "k2": {}},
            "hosts": {"kh%d" % i: {"switch": "k%d" % (1 + (i + n) % 2), "access": 10}
                      for i in range(n)},
            "links": {"kt": {"a": "k1", "b": "k2", "trunk": [10, 20 + n]}}}


class Writer(threading.Thread):
    """Changes objects until the daemon dies; knows what was acknowledged last."""

    def __init__(self):
        super().__init__()
        self.known, self.asked = {}, {}
        self.lab, self.lab_asked = None, None
        self.told = 0
        self.start()

    def run(self):
        try:
            while True:
                self.step()
        except (OSError, EOFError, ValueError):
            pass
        except Exception as e:  # http.client's own way to say that the daemon has gone
            if "http.client" not in type(e).__module__:
                raise

    def step(self):
        if chance.random() < 0.3:
            n = chance.randrange(5)
            self.lab_asked = n
            same(daemon.call("PUT", "/v1/labs/kill", lab(n)).status, 200)
            self.lab = n
        else:
            name, body = "s%d" % chance.randrange(5), {"aging": chance.randrange(1, 1000)}
            if chance.random() < 0.3:
                body = None
            self.asked = {name: body}
            if body is None:
                daemon.call("DELETE", "/v1/switches/" + name)
            else:
                daemon.call("PUT", "/v1/switches/" + name, body)
            self.known[name] = body
            self.asked = {}
        self.told += 1


def check(objects, writer):
    for name in ("s%d" % i for i in range(5)):
        got = objects.get(("switches", name))
        got = got and {"aging": got["aging"]}
        may = [writer.known[name]] if name in writer.known else []
        may += [writer.asked[name]] if name in writer.asked else []
        if may and got not in may:
            raise AssertionError("switch %s is %r, not one of %r" % (name, got, may))
    may = [n for n in (writer.lab, writer.lab_asked) if n is not None]
    if may:
        dry = [daemon.call("PUT", "/v1/labs/kill?dry_run=true", lab(n)) for n in may]
        if [] not in [d.json.get("changes") for d in dry]:
            raise AssertionError("the lab is none of %r: %s" % (may, dry[0].raw[:300]))


def namespaces():
    run = subprocess.run(["ls", daemon.dir + "/run/netns"], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False)
    return sorted(run.stdout.decode().split())


def every_acknowledged_change_survives_kill():
    told = 0
    for _ in range(ROUNDS):
        writer = Writer()
        while writer.told < 2 and writer.is_alive():
            time.sleep(0.01)
        time.sleep(chance.random() * 0.4)
        daemon.kill()
        writer.join()
        told += writer.told
        daemon.start()
        objects = read_all()
        check(objects, writer)
        faults = {k: o["status"] for k, o in objects.items() if "fault" in o["status"]}
        same(faults, {}, "everything is up again")
        same(namespaces(), sorted(n for k, n in objects if k == "hosts"), "namespaces")
    print("# %d changes acknowledged in %d lives" % (told, ROUNDS))


def a_restart_without_a_kill_changes_nothing():
    before = {k: spec_of(o) for k, o in read_all().items()}
    daemon.kill(15)
    daemon.start()
    same({k: spec_of(o) for k, o in read_all().items()}, before)


def a_second_daemon_refuses_to_start():
    # Everything its own but the state; then everything the first one's.
    other = [a.replace("/run", "/run2") for a in daemon.args]
    other[other.index("--instance") + 1] += "-2"
    for args, why in ((other, b"another weftd uses it"), (daemon.args, b"another weftd uses the")):
        second = subprocess.run(args, stderr=subprocess.PIPE, timeout=20, check=False)
        same(second.returncode != 0, True, "it says no")
        if why not in second.stderr:
            raise AssertionError(second.stderr.decode().strip())
        same(daemon.call("GET", "/v1").status, 200)


main(daemon, [every_acknowledged_change_survives_kill, a_restart_without_a_kill_changes_nothing,
              a_second_daemon_refuses_to_start])

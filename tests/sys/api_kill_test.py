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
    """Changes objects until the daemon dies. Begins with what the life before left; KNOWN and LAB
    are what was acknowledged last, ASKED and LAB_ASKED what may be so instead."""

    def __init__(self, known, number):
        super().__init__()
        self.known, self.asked = known, {}
        self.lab = self.lab_asked = number
        self.told = 0
        self.fault = None
        self.start()

    def run(self):
        try:
            while True:
                self.step()
        except (OSError, EOFError, ValueError):
            pass
        except Exception as e:  # http.client's own way to say that the daemon has gone
            if "http.client" not in type(e).__module__:
                self.fault = e

    def step(self):
        if chance.random() < 0.3:
            n = chance.randrange(5)
            self.lab_asked = n
            same(daemon.call("PUT", "/v1/labs/kill", lab(n)).status, 200, "PUT of the lab")
            self.lab = n
        else:
            name, body = "s%d" % chance.randrange(5), {"aging": chance.randrange(1, 1000)}
            is_there = self.known[name] is not None
            if chance.random() < 0.3:
                body = None
            self.asked = {name: body}
            method, yes, no = ("PUT", 200, 201) if body else ("DELETE", 204, 404)
            status = daemon.call(method, "/v1/switches/" + name, body).status
            same(status, yes if is_there else no, "%s of %s" % (method, name))
            self.known[name] = body
            self.asked = {}
        self.told += 1


def lab_is(n):
    if n is None:
        return daemon.call("GET", "/v1/labs/kill").status == 404
    return daemon.call("PUT", "/v1/labs/kill?dry_run=true", lab(n)).json.get("changes") == []


def check(objects, writer):
    """What is there, for the next life: the switches, and the number of the lab."""
    there = {}
    for name, known in writer.known.items():
        got = objects.get(("switches", name))
        there[name] = got and {"aging": got["aging"]}
        may = [known, writer.asked.get(name, known)]
        if there[name] not in may:
            raise AssertionError("switch %s is %r, not one of %r" % (name, there[name], may))
    for n in (writer.lab, writer.lab_asked):
        if lab_is(n):
            return there, n
    raise AssertionError("the lab is neither %r nor %r" % (writer.lab, writer.lab_asked))


def namespaces():
    run = subprocess.run(["ls", daemon.dir + "/run/netns"], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False)
    return sorted(run.stdout.decode().split())


def every_acknowledged_change_survives_kill():
    told, left = 0, ({"s%d" % i: None for i in range(5)}, None)
    for _ in range(ROUNDS):
        writer = Writer(*left)
        while writer.told < 2 and writer.is_alive():
            time.sleep(0.01)
        time.sleep(chance.random() * 0.4)
        daemon.kill()
        writer.join()
        if writer.fault:
            raise writer.fault
        told += writer.told
        daemon.start()
        objects = read_all()
        left = check(objects, writer)
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
        second = subprocess.run(args, stderr=subprocess.PIPE, timeout=60, check=False)
        same(second.returncode != 0, True, "it says no")
        if why not in second.stderr:
            raise AssertionError(second.stderr.decode().strip())
        same(daemon.call("GET", "/v1").status, 200)


main(daemon, [every_acknowledged_change_survives_kill, a_restart_without_a_kill_changes_nothing,
              a_second_daemon_refuses_to_start])

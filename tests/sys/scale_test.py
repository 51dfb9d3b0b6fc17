#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Many objects work, and go without a trace: 200 hosts on 10 switches, 1,000 ports on one switch.

What they cost is measured by tests/bench/scale_bench.py.
"""

import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench"))
import labs  # noqa: E402
import stage as st  # noqa: E402

HOSTS, SWITCHES, PAIRS, PORTS = 200, 10, 24, 1000
EVERYBODY, SENDER = "ff:ff:ff:ff:ff:ff", "02:00:00:00:00:0c"
TESTS = 9
# Some may be lost: a hundred hosts say hello at this moment, and the machine may be busy.
PING = 'for _ in $(seq 20); do ping -q -c 1 -W 2 "$1" && exit; done; exit 1'


class Tap:
    def __init__(self):
        self.n, self.bad = 0, 0
        print("1..%d" % TESTS)

    def check(self, good, sentence, why=""):
        self.n += 1
        print("%s %d - %s" % ("ok" if good else "not ok", self.n, sentence))
        if not good:
            self.bad += 1
            print("# %s" % why)
        sys.stdout.flush()


def gone(weft, before, seconds=60):
    """Is nothing more there than before? The kernel frees namespaces and devices in its own time.
    The daemon may still have had a connection open before, whose client had gone."""
    end = time.monotonic() + seconds
    while True:
        mounts, devices, files = weft.left()
        if (mounts, devices) == before[:2] and files <= before[2]:
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.05)


def large_lab(tap, stage, binaries):
    weft = st.Weft(stage, binaries)
    text, before = labs.campus("large", HOSTS, SWITCHES), weft.left()
    weft.up("large", text)
    hosts = st.call(weft.api(), "GET", "/v1/hosts")["items"]
    tap.check(len(hosts) == HOSTS, "a lab of 200 hosts on 10 switches comes up",
              "%d hosts" % len(hosts))

    again = st.call(weft.api(), "GET", "/v1/ports")["items"]
    weft.up("large", text)
    now = st.call(weft.api(), "GET", "/v1/ports")["items"]
    tap.check([p["status"]["id"] for p in again] == [p["status"]["id"] for p in now],
              "brought up again it stays as it is", "ports were made anew")

    pick, pings = random.Random(0x5eed), []
    for _ in range(PAIRS):
        a, b = pick.sample(range(HOSTS), 2)
        pings.append((a, b, subprocess.Popen(
            weft.host("h%d" % a).command("sh", "-c", PING, "sh", labs.address(b)),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=st.die_with_parent)))
    silent = ["h%d to h%d" % (a, b) for a, b, p in pings if p.wait()]
    tap.check(not silent, "hosts picked at random reach one another", ", ".join(silent))

    weft.down("large")
    tap.check(gone(weft, before), "it goes down and leaves nothing",
              "mounts, devices, files: %s, before %s" % (weft.left(), before))


def octets(mac):
    return ",".join("0x" + o for o in mac.split(":"))


def send(host, to):
    host.run("trafgen", "--dev", "eth0", "--num", "5", "--cpus", "1", "--no-sock-mem",
             "{ %s, %s, 0x88, 0xb5, fill(0, 46) }" % (octets(to), octets(SENDER)))


def quiet(host):
    """What its devices have received when no more comes."""
    last, now = None, host.received()
    while now != last:
        time.sleep(0.3)
        last, now = now, host.received()
    return now


def who_hears(weft, to, wanted):
    """Devices of the host with many that receive frames sent TO an address; not before all WANTED
    have, or a minute has gone."""
    many, one = weft.host("many"), weft.host("one")
    before, end = quiet(many), time.monotonic() + 60
    send(one, to)
    while time.monotonic() < end:
        now = many.received()
        if all(now[d] > before[d] for d in wanted):
            break
        time.sleep(0.05)
    return {d for d, n in quiet(many).items() if n > before[d]}


def many_ports(tap, stage, binaries):
    weft = st.Weft(stage, binaries)
    api = weft.api()
    st.call(api, "GET", "/v1")  # from now on the connection is one of the daemon's files
    before = weft.left()
    st.call(api, "POST", "/v1/apply", {"switches": {"s": {}}, "hosts": {"many": {}, "one": {}}})
    for host in ("many", "one"):
        # A thousand devices that greet a thousand others would take a minute.
        weft.host(host).run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    names = {"e%d" % i for i in range(PORTS - 1)}
    ports = {d: {"switch": "s", "host": "many", "device": d} for d in names}
    ports["last"] = {"switch": "s", "host": "one"}
    made = st.call(api, "POST", "/v1/apply", {"ports": ports})["changes"]
    tap.check(len(made) == PORTS, "a switch takes 1,000 ports in one change",
              "%d changes" % len(made))

    heard = who_hears(weft, EVERYBODY, names)
    tap.check(heard == names, "a broadcast reaches all of them", "%d heard it" % len(heard))

    mac = st.call(api, "GET", "/v1/ports/e500")["status"]["mac"]
    weft.host("many").run("trafgen", "--dev", "e500", "--num", "1", "--cpus", "1", "--no-sock-mem",
                          "{ %s, %s, 0x88, 0xb5, fill(0, 46) }" % (octets(EVERYBODY), octets(mac)))
    st.wait_for("the station", lambda: st.call(api, "GET", "/v1/fdb?port=e500")["items"])
    heard = who_hears(weft, mac, {"e500"})
    tap.check(heard == {"e500"}, "a frame for one of them reaches that one only",
              "%s heard it" % sorted(heard)[:5])

    st.call(api, "PATCH", "/v1/ports/e7", {"access": 10})
    heard = who_hears(weft, EVERYBODY, names - {"e7"})
    tap.check(heard == names - {"e7"}, "one that was put into another VLAN hears no more",
              "%d heard it" % len(heard))

    for name in ("switches/s", "hosts/many", "hosts/one"):
        st.call(api, "DELETE", "/v1/%s?cascade=true" % name)
    tap.check(gone(weft, before), "all of it goes and leaves nothing",
              "mounts, devices, files: %s, before %s" % (weft.left(), before))


def main():
    binaries = os.environ.get("WEFT_BIN", "build/plain")
    tap = Tap()
    with st.Stage() as stage:
        large_lab(tap, stage, binaries)
    with st.Stage() as stage:
        many_ports(tap, stage, binaries)
    return 1 if tap.bad else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Stations put by hand, limits of learning and moving, flushes: through the API and the CLI, with
frames from hosts."""

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from api_lib import BIN, PATIENCE_S, Daemon, main, same  # noqa: E402

daemon = Daemon("fdb")
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
EVERYBODY = bytes.fromhex("ffffffffffff")
HOSTS = ("a", "b", "c")
line = {}
happened = []


def open_in(host, device="eth0"):
    """A socket on a device of a host; this process stays where it is."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(daemon.dir + "/run/netns/" + host, os.O_RDONLY)
    try:
        if LIBC.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
        s.bind((device, 0x88b5))
        s.settimeout(PATIENCE_S)
        return s
    finally:
        LIBC.setns(here, CLONE_NEWNET)
        os.close(here)
        os.close(there)


def mac(n):
    return "02:fd:b0:00:%02x:%02x" % (n >> 8, n & 255)


def say(host, source, to=EVERYBODY, text=b"x"):
    """One frame of station SOURCE (a text) out of HOST."""
    frame = to + bytes.fromhex(source.replace(":", "")) + b"\x88\xb5" + text
    line[host].send(frame.ljust(60, b"\0"))


def hear(host, text):
    """Waits for the frame with TEXT."""
    while not line[host].recv(2048)[14:].startswith(text):
        pass


def stations(**query):
    path = "/v1/fdb?" + "&".join("%s=%s" % i for i in query.items())
    return {i["mac"]: i for i in daemon.call("GET", path).json["items"]
            if i["mac"].startswith("02:fd:b0")}


def until(what, true):
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            raise AssertionError("it is never so: " + what)
        time.sleep(0.02)


def put(path, body, status=None):
    answer = daemon.call("PUT", path, body)
    if answer.status not in ((200, 201) if status is None else (status,)):
        raise AssertionError("PUT %s: %d %s" % (path, answer.status, answer.raw[:300]))
    return answer.json


def patch(path, body):
    answer = daemon.call("PATCH", path, body)
    same(answer.status, 200, "PATCH %s: %s" % (path, answer.raw[:300]))
    return answer.json


def status(path):
    return daemon.call("GET", path).json["status"]


def sentence(answer, code):
    same(answer.status, code, answer.raw[:300])
    return " ".join(e["message"] for e in answer.json["errors"])


def listen():
    """Writes down what happens, from the daemon's start on."""
    stream = daemon.raw()
    stream.settimeout(None)
    stream.sendall(b"GET /v1/events?since=0 HTTP/1.0\r\nHost: x\r\n\r\n")
    for row in stream.makefile():
        if row.startswith("data: "):
            event = json.loads(row[6:])
            happened.append((event["type"], event["message"]))


def events(kind):
    return [message for t, message in happened if t == kind]


def weft(*words, code=0):
    done = subprocess.run([BIN + "/weft", *words], env=dict(os.environ, WEFT_SOCKET=daemon.socket),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    same(done.returncode, code, done.stdout + done.stderr)
    return done.stdout + done.stderr


def a_lab_of_three_hosts_comes_up():
    put("/v1/switches/s1", {"fdb_size": 64})
    for h in HOSTS:
        put("/v1/hosts/" + h, {})
        put("/v1/ports/%s.eth0" % h, {"switch": "s1", "host": h, "access": 10})
        subprocess.run(["nsenter", "--net=%s/run/netns/%s" % (daemon.dir, h), "sysctl", "-qw",
                        "net.ipv6.conf.all.disable_ipv6=1"], check=True)
        line[h] = open_in(h)
    say("a", mac(1), text=b"hello")
    hear("b", b"hello")
    until("it is learned", lambda: mac(1) in stations(switch="s1"))
    item = stations()[mac(1)]
    same(item["kind"], "dynamic")
    same(item["expires_s"] <= 300 - item["age_s"] and item["expires_s"] > 200, True, "expiry")


def a_static_station_is_moved_by_no_frame():
    answer = put("/v1/fdb/" + mac(2), {"port": "b.eth0"})
    same((answer["kind"], answer["vid"], answer["port"], answer["age_s"], answer["expires_s"]),
         ("static", 10, "b.eth0", None, None))
    say("c", mac(2), text=b"liar")
    hear("a", b"liar")  # it is forwarded, but teaches nothing
    same(stations()[mac(2)]["port"], "b.eth0")
    until("it is counted", lambda: status("/v1/switches/s1")["held_static"] >= 1)
    say("b", mac(2), text=b"truth")
    hear("a", b"truth")
    until("it is heard", lambda: stations()[mac(2)]["age_s"] is not None)
    say("a", mac(1), bytes.fromhex(mac(2).replace(":", "")), b"for b")
    hear("b", b"for b")
    same(weft("fdb", "flush", "--switch", "s1", "--vlan", "10").split()[1].startswith("station"),
         True)
    same(stations()[mac(2)]["kind"], "static")
    same(mac(1) in stations(), False, "it was flushed")


def what_cannot_be_is_refused_with_a_sentence():
    same("port b.eth0 is not in VLAN 20" in
         sentence(daemon.call("PUT", "/v1/fdb/" + mac(3), {"port": "b.eth0", "vid": 20}), 422),
         True)
    same("there is no port x" in
         sentence(daemon.call("PUT", "/v1/fdb/" + mac(3), {"port": "x"}), 404), True)
    same("in switch s1, not in s2" in
         sentence(daemon.call("PUT", "/v1/fdb/" + mac(3), {"port": "b.eth0", "switch": "s2"}), 422),
         True)
    sentence(daemon.call("PUT", "/v1/fdb/01:00:5e:00:00:01", {"port": "b.eth0"}), 422)
    sentence(daemon.call("DELETE", "/v1/fdb/" + mac(99)), 404)


def a_permanent_station_is_an_object():
    weft("fdb", "add", mac(4), "--port", "c.eth0", "--vid", "10", "--permanent", "--name",
         "printer")
    same(status("/v1/stations/printer")["active"], True)
    item = stations()[mac(4)]
    same((item["kind"], item["station"], item["port"]), ("permanent", "printer", "c.eth0"))
    same("it is permanent" in sentence(daemon.call("PUT", "/v1/fdb/" + mac(4),
                                                   {"port": "a.eth0"}), 409), True)
    put("/v1/ports/t", {"switch": "s1", "type": "pcap", "record": "t.pcap", "trunk": 20})
    put("/v1/fdb/" + mac(4), {"port": "t", "vid": 20})
    same("it is permanent" in sentence(daemon.call("DELETE", "/v1/fdb/" + mac(4)), 409), True)
    same(list(stations(vid=20)), [mac(4)], "refused, so the one of VLAN 20 is still there")
    same(daemon.call("DELETE", "/v1/fdb/%s?vid=20" % mac(4)).json["removed"], 1)
    same(daemon.call("DELETE", "/v1/ports/t").status, 204)
    same("station printer says already" in sentence(
        daemon.call("PUT", "/v1/stations/other", {"port": "a.eth0", "mac": mac(4)}), 422), True)
    same("is not in VLAN 10" in sentence(
        daemon.call("PATCH", "/v1/ports/c.eth0", {"access": 20}), 422), True)
    patch("/v1/stations/printer", {"port": "b.eth0"})
    same(stations()[mac(4)]["port"], "b.eth0")
    weft("fdb", "add", mac(5), "--port", "c.eth0", "--permanent")
    same("s1.02-fd-b0-00-00-05" in weft("station", "list"), True)


def they_survive_the_daemon_and_static_ones_do_not():
    for s in line.values():
        s.close()
    daemon.kill()
    daemon.start()
    same({m: i["kind"] for m, i in stations().items()},
         {mac(4): "permanent", mac(5): "permanent"})
    for h in HOSTS:
        until("%s has its device" % h,
              lambda h=h: status("/v1/ports/%s.eth0" % h)["carrier"])
        line[h] = open_in(h)
    threading.Thread(target=listen, daemon=True).start()


def they_go_with_their_port_or_by_hand():
    put("/v1/hosts/d", {})
    put("/v1/ports/d.eth0", {"switch": "s1", "host": "d", "access": 10})
    put("/v1/stations/short", {"port": "d.eth0", "mac": mac(6)})
    put("/v1/fdb/" + mac(7), {"port": "d.eth0"})
    same({mac(6), mac(7)} <= set(stations()), True)
    same(daemon.call("DELETE", "/v1/hosts/d?cascade=true").status, 200)
    same(daemon.call("GET", "/v1/stations/short").status, 404)
    same({mac(6), mac(7)} & set(stations()), set())
    put("/v1/fdb/" + mac(7), {"port": "a.eth0"})
    same("1 station removed" in weft("fdb", "remove", mac(7)), True)
    same("1 station removed" in weft("fdb", "remove", mac(4)), True)
    same(daemon.call("GET", "/v1/stations/printer").status, 404)
    same(set(stations()), {mac(5)})
    weft("fdb", "remove", mac(5), "--switch", "s1")
    weft("fdb", "remove", mac(5), code=1)


def a_lab_file_has_them():
    path = daemon.dir + "/desk.yaml"
    text = "lab: desk\nswitches: {s9: {move_limit: 10}}\nhosts: {z: {switch: s9, learn_limit: 5}}\n"
    with open(path, "w") as f:
        f.write(text + "stations: {desk: {port: z.eth0, mac: '%s'}}\n" % mac(8))
    weft("up", path)
    same(stations(switch="s9")[mac(8)]["kind"], "permanent")
    with open(path, "w") as f:
        f.write(text)
    weft("up", path)
    same(stations(switch="s9"), {})
    weft("down", "desk")


def behind(port):
    return daemon.call("GET", "/v1/ports/" + port).json["status"]


def dropped(port, cause):
    return sum(d["frames"] for d in daemon.call("GET", "/v1/drops").json["items"]
               if d["port"] == port and d["cause"].startswith(cause))


def fill(limit):
    """As many stations at a as may be, whoever was there before."""
    daemon.call("DELETE", "/v1/fdb?switch=s1")
    patch("/v1/ports/a.eth0", {"learn_limit": limit})
    n = 0
    while behind("a.eth0")["stations"] < limit:
        n += 1
        text = b"fill %d." % n
        say("a", mac(100 + n), text=text)
        hear("b", text)
        until("it is there", lambda n=n: mac(100 + n) in stations(port="a.eth0"))


def a_port_that_is_full_drops_frames_of_others():
    fill(4)
    before = len(events("port.learn_limit"))
    for i in range(20):
        say("a", mac(200 + i))
    until("they are dropped", lambda: dropped("a.eth0", "port has as many stations") >= 20)
    same(behind("a.eth0")["stations"], 4)
    until("it is told", lambda: len(events("port.learn_limit")) > before)
    same("port a.eth0 has 4 stations" in events("port.learn_limit")[-1], True)
    known = sorted(stations(port="a.eth0"))[0]
    say("a", known, text=b"known")
    hear("b", b"known")


def or_floods_them():
    fill(3)
    patch("/v1/ports/a.eth0", {"learn_beyond": "flood"})
    say("a", mac(300), text=b"unknown")
    hear("b", b"unknown")
    same(mac(300) in stations(), False)


def or_is_shut_until_somebody_opens_it():
    patch("/v1/ports/a.eth0", {"learn_beyond": "shut"})
    fill(3)
    say("a", mac(301))
    until("it is shut", lambda: "shut" in behind("a.eth0"))
    same(behind("a.eth0")["shut"], "learned more than 3 stations")
    until("its far side sees it", lambda: not behind("a.eth0")["carrier"])
    until("it is told", lambda: any("port a.eth0 is shut: more than 3 stations" in e
                                    for e in events("port.learn_limit")))
    same(weft("port", "set", "a.eth0", "up", "true"), "port a.eth0: opened\n")
    until("it is open", lambda: "shut" not in behind("a.eth0") and behind("a.eth0")["carrier"])
    fill(3)
    say("a", mac(301))
    until("it is shut again", lambda: "shut" in behind("a.eth0"))
    patch("/v1/ports/a.eth0", {"learn_limit": None, "learn_beyond": None})
    until("it is open", lambda: "shut" not in behind("a.eth0") and behind("a.eth0")["carrier"])

    def passes():
        say("a", mac(302))
        return mac(302) in stations(port="a.eth0")
    until("frames pass", passes)


def who_moves_too_often_stays():
    patch("/v1/switches/s1", {"move_limit": 5})

    def storms():
        for h in ("b", "c") * 20:
            say(h, mac(400))
        return events("switch.move_storm")
    until("a storm is told", storms)
    told = events("switch.move_storm")[0]
    same(mac(400) in told and "b.eth0" in told and "c.eth0" in told, True, told)
    s = status("/v1/switches/s1")
    same(s["held_moves"] > 0 and s["moved"] > 0, True)


def numbers_are_in_the_metrics():
    text = daemon.call("GET", "/metrics").raw.decode()
    for name in ("weft_switch_stations_learned_total", "weft_switch_stations_moved_total",
                 "weft_switch_stations_flushed_total", "weft_switch_stations_aged_total",
                 "weft_switch_stations_most"):
        same('%s{switch="s1"}' % name in text, True, name)
    same('reason="learn_limit"' in text, True)


main(daemon, [a_lab_of_three_hosts_comes_up, a_static_station_is_moved_by_no_frame,
              what_cannot_be_is_refused_with_a_sentence, a_permanent_station_is_an_object,
              they_survive_the_daemon_and_static_ones_do_not, they_go_with_their_port_or_by_hand,
              a_lab_file_has_them,
              a_port_that_is_full_drops_frames_of_others, or_floods_them,
              or_is_shut_until_somebody_opens_it, who_moves_too_often_stays,
              numbers_are_in_the_metrics])

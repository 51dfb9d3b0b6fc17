#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon against openapi.yaml: each request that is made here must be answered as declared
there, and at the end each answer that is declared must have been seen."""

import json
import os
import subprocess
import sys
import time

import jsonschema
import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from api_lib import Daemon, main, same  # noqa: E402

TREE = os.path.dirname(os.path.abspath(__file__)) + "/../.."
with open(TREE + "/openapi.yaml") as f:
    SPEC = yaml.safe_load(f)
RESOLVER = jsonschema.RefResolver("", SPEC)
SEEN = set()
# What this test has no means to bring about: a machine that refuses (500), or that has what is to be
# made already. Nothing refers to a mirror, and what refers to a host or link goes with it.
NOT_SEEN = {"DELETE hosts 409", "DELETE links 409", "DELETE mirrors 409", "DELETE stations 409",
            "PATCH hosts 409", "PATCH links 409"}

daemon = Daemon("openapi")


def resolve(node):
    while isinstance(node, dict) and "$ref" in node and len(node) == 1:
        node = RESOLVER.resolve(node["$ref"])[1]
    return node


def validate(value, schema, what):
    v = jsonschema.Draft202012Validator(schema, resolver=RESOLVER)
    for e in v.iter_errors(value):
        raise AssertionError("%s: %s at %s" % (what, e.message, "/".join(map(str, e.path))))


def template_of(path):
    """The declared path that PATH is meant by, literal words before {name}."""
    words = path.split("?")[0].split("/")
    for template in sorted(SPEC["paths"], key=lambda t: t.count("{")):
        parts = template.split("/")
        if len(parts) == len(words) and all(
                p.startswith("{") or p == w for p, w in zip(parts, words)):
            return template
    raise AssertionError(path + " is not declared")


def check_answer(method, path, answer):
    template = template_of(path)
    operation = SPEC["paths"][template][method.lower()]
    what = "%s %s: %d" % (method, path, answer.status)
    declared = operation["responses"].get(str(answer.status))
    if declared is None:
        raise AssertionError("%s is not declared: %s" % (what, answer.raw[:300]))
    SEEN.add((template, method.lower(), str(answer.status)))
    content = resolve(declared).get("content", {})
    if not content:
        same(answer.raw, b"", what)
        return
    if answer.type not in content:
        raise AssertionError("%s is %s" % (what, answer.type))
    if "schema" in content[answer.type]:
        validate(answer.json, content[answer.type]["schema"], what)


def call(method, path, body=None, headers=None, status=None):
    answer = daemon.call(method, path, body, headers)
    check_answer(method, path, answer)
    if status is not None and answer.status != status:
        raise AssertionError("%s %s: %d, not %d: %s" %
                             (method, path, answer.status, status, answer.raw[:400]))
    return answer


def refused(method, path, body, status, code, pointer=None, headers=None):
    answer = call(method, path, body, headers, status)
    same(answer.json["code"], code, path)
    same(answer.json["errors"][0]["message"], answer.json["message"], path)
    if pointer is not None:
        same(answer.json["errors"][0]["pointer"], pointer, "%s %s" % (path, body))
    return answer


# ---- the tests -----------------------------------------------------------------------------------

def the_document_is_sound():
    same(SPEC["openapi"], "3.1.0")
    for path, item in SPEC["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            for status, response in operation["responses"].items():
                for content in resolve(response).get("content", {}).values():
                    if "schema" in content:
                        jsonschema.Draft202012Validator.check_schema(resolve(content["schema"]))
                if int(status) >= 400:
                    same(list(resolve(response)["content"]), ["application/problem+json"], path)
    names = [o["operationId"] for i in SPEC["paths"].values() for m, o in i.items()
             if m != "parameters"]
    same(len(names), len(set(names)), "operationId")


TYPES = {
    "bool": {"type": "boolean"}, "int": {"type": "integer"}, "text": {"type": "string"},
    "choice": {"type": "string"}, "name": "Name", "ref": "Name", "refs": "Names", "vid": "Vid", "vids": "VidSet",
    "mac": "Mac", "ip": "Ip", "cidrs": "Cidrs", "routes": "Routes", "device": "Device",
    "file": "File", "pcp": "Pcp", "rate": "Rate", "macs": "Macs", "ips": "Ips",
    "vlan": "VidOrTitle",
    "vlans": "VlanSet",
}


def declared_field(field):
    """A field of /v1/schema as openapi.yaml has to have it."""
    kind = TYPES[field["type"]]
    out = {"$ref": "#/components/schemas/" + kind} if isinstance(kind, str) else dict(kind)
    for ours, theirs in (("help", "description"), ("default", "default"), ("choices", "enum"),
                         ("ref", "x-ref"), ("only", "x-only")):
        if ours in field:
            out[theirs] = field[ours]
    if field["type"] == "int":
        out.update(minimum=field["min"], maximum=field["max"])
    if field["type"] == "text":
        out["maxLength"] = field["max"]
    if field["type"] in ("macs", "ips"):
        out["maxItems"] = field["max"]
    for flag in ("fixed", "cascade", "interrupts"):
        if field.get(flag):
            out["x-" + flag] = True
    return out


def every_field_is_in_both():
    kinds = call("GET", "/v1/schema").json["kinds"]
    same([k["plural"] for k in kinds], call("GET", "/v1").json["kinds"])
    for kind in kinds:
        declared = SPEC["components"]["schemas"][kind["kind"].capitalize() + "Fields"]
        same(declared["description"], kind["help"])
        same(declared.get("required", []), [f["name"] for f in kind["fields"] if f["required"]])
        same(list(declared["properties"]), [f["name"] for f in kind["fields"]])
        for field in kind["fields"]:
            same(declared["properties"][field["name"]], declared_field(field),
                 "%s.%s" % (kind["kind"], field["name"]))


OBJECTS = [
    ("switches", "s1", {"aging": 60}, {"mtu": 1500}),
    ("switches", "s2", {}, {"aging": None}),
    ("vlans", "s1.10", {"switch": "s1", "vid": 10, "title": "staff"}, {"title": "Bücher"}),
    ("hosts", "a", {}, {"forwarding": True}),
    ("links", "t", {"up": False}, {"up": True}),
    ("ports", "t.a", {"switch": "s1", "type": "cable", "link": "t", "end": "a", "trunk": "all"},
     {"trunk": [20, "30-40"]}),
    ("ports", "a.eth0", {"switch": "s1", "host": "a", "device": "eth0", "access": 10,
                         "address": "10.0.10.1/24", "mac": "02-00-00-00-00-0A"},
     {"address": ["10.0.10.2/24", "fd00::1/64"]}),
    ("ports", "p", {"switch": "s2", "type": "pcap", "record": "p.pcap"}, {"up": False}),
    ("mirrors", "m", {"switch": "s1", "ports": "a.eth0", "file": "m.pcapng"},
     {"ports": ["a.eth0", "t.a"], "direction": "in"}),
    ("stations", "desk", {"port": "a.eth0", "mac": "02-00-00-00-00-0B", "vid": 10}, {"vid": None}),
]


def objects_are_put_read_and_patched():
    for plural, name, body, patch in OBJECTS:
        path = "/v1/%s/%s" % (plural, name)
        made = call("PUT", path, body, status=201).json
        same(call("PUT", path, body, status=200).json["name"], name)
        same({k: v for k, v in call("GET", path).json.items() if k != "status"},
             {k: v for k, v in made.items() if k != "status"}, path)
        call("PATCH", path, patch, status=200)
        # What was read can be sent back, and is the same.
        read = call("GET", path).json
        again = call("PUT", path, read, {"If-None-Match": "*"}, 200).json
        same({k: v for k, v in again.items() if k != "status"},
             {k: v for k, v in read.items() if k != "status"}, path)
    same(call("GET", "/v1/ports/t.a").json["trunk"], "20,30-40")
    same(call("GET", "/v1/ports/a.eth0").json["mac"], "02:00:00:00:00:0a")
    same(call("GET", "/v1/vlans/s1.10").json["title"], "Bücher")
    for plural in ("switches", "vlans", "hosts", "links", "ports", "mirrors", "stations"):
        items = call("GET", "/v1/%s" % plural).json["items"]
        same([i["name"] for i in items], sorted(i["name"] for i in items))
        same(call("GET", "/v1/%s?lab=nothing" % plural).json["items"], [])


def objects_that_are_used_stay():
    problem = refused("DELETE", "/v1/switches/s1", None, 409, "conflict").json
    same(problem["message"], "switch s1 is used by port a.eth0, port t.a")
    refused("DELETE", "/v1/switches/s2", None, 409, "conflict")
    for path, patch in (("/v1/switches/s1", {"fdb_size": 64}), ("/v1/vlans/s1.10", {"vid": 11}),
                        ("/v1/ports/p", {"type": "tap"}), ("/v1/ports/t.a", {"end": "b"}),
                        ("/v1/mirrors/m", {"switch": "s2"}),
                        ("/v1/stations/desk", {"mac": "02:00:00:00:00:0c"})):
        refused("PATCH", path, patch, 409, "conflict", "/" + list(patch)[0])
        refused("PUT", path, dict(call("GET", path).json, **patch), 409, "conflict") \
            if path != "/v1/ports/p" else None
    problem = refused("PUT", "/v1/switches/s1", {"aging": 61}, 409, "conflict",
                      headers={"If-None-Match": "*"}).json
    same(problem["message"], "switch s1 exists already, with aging 60")


def a_title_that_is_used_stays():
    call("PUT", "/v1/vlans/s1.40", {"switch": "s1", "vid": 40, "title": "desks"}, status=201)
    call("PATCH", "/v1/ports/a.eth0", {"access": "desks"}, status=200)
    problem = refused("DELETE", "/v1/vlans/s1.40", None, 409, "conflict").json
    same(problem["message"],
         "port a.eth0 has access desks, but no VLAN of switch s1 would be called that")
    refused("PATCH", "/v1/vlans/s1.40", {"title": "chairs"}, 409, "conflict")
    # Where the switch goes, that it is used says it all.
    problem = refused("DELETE", "/v1/switches/s1", None, 409, "conflict").json
    same(len(problem["errors"]), 1)
    refused("PUT", "/v1/vlans/s1.41", {"switch": "s1", "vid": 41, "title": "desks"}, 409, "conflict")
    refused("PATCH", "/v1/ports/a.eth0", {"access": "chairs"}, 422, "invalid", "/access")
    call("PATCH", "/v1/ports/a.eth0", {"access": 10}, status=200)
    call("DELETE", "/v1/vlans/s1.40", status=204)


def a_vlan_interrupts_only_who_is_in_it():
    quiet = {"learn": False, "flood": False}
    for vlan, cuts in ((10, True), (35, True), (50, False), (51, False)):
        body = {"vlans": {"s1.%d" % vlan: dict(quiet, switch="s1", vid=vlan)}}
        changes = call("POST", "/v1/apply?dry_run=true", body, status=200).json["changes"]
        same([c["interrupts"] for c in changes], [cuts], vlan)
    # Of the two ends of one transaction: who is not there yet loses nothing, who is does.
    port = {"ports": {"new": {"switch": "s1", "type": "pcap", "record": "n", "access": 50}}}
    changes = call("POST", "/v1/apply", dict(body, **port), status=200).json["changes"]
    same([(c["name"], c["interrupts"]) for c in changes], [("s1.51", False), ("new", False)])
    changes = call("POST", "/v1/apply?dry_run=true", {
        "vlans": {"s1.50": dict(quiet, switch="s1", vid=50)},
        "ports": {"new": {"switch": "s1", "type": "pcap", "record": "n", "access": 60}}},
        status=200).json["changes"]
    same([(c["name"], c["interrupts"]) for c in changes], [("s1.50", True), ("new", True)])
    call("DELETE", "/v1/ports/new", status=204)
    call("DELETE", "/v1/vlans/s1.51", status=204)


def a_station_interrupts_only_at_a_port_that_is_there():
    body = {"ports": {"new": {"switch": "s1", "type": "pcap", "record": "n"}},
            "stations": {"x": {"port": "new", "mac": "02:00:00:00:00:0e"},
                         "y": {"port": "a.eth0", "mac": "02:00:00:00:00:0f"}}}
    changes = call("POST", "/v1/apply?dry_run=true", body, status=200).json["changes"]
    same([(c["name"], c["interrupts"]) for c in changes],
         [("new", False), ("x", False), ("y", True)])


def every_kind_refuses_alike():
    for plural, name, body, _ in OBJECTS:
        path = "/v1/%s/%s" % (plural, name)
        refused("GET", "/v1/%s/nobody" % plural, None, 404, "not-found")
        refused("PATCH", "/v1/%s/nobody" % plural, {}, 404, "not-found")
        refused("DELETE", "/v1/%s/nobody" % plural, None, 404, "not-found")
        refused("DELETE", path + "?cascade=maybe", None, 422, "invalid")
        refused("GET", "/v1/%s?lap=x" % plural, None, 422, "invalid")
        for method in ("PUT", "PATCH"):
            refused(method, path, b'{"a":', 400, "syntax")
            refused(method, path, b" " * ((8 << 20) + 1), 413, "too-large")
            refused(method, path, [], 422, "invalid", "")
            refused(method, path, dict(body, nonsense=1), 422, "invalid", "/nonsense")
        refused("PUT", "/v1/%s/-x" % plural, body, 422, "invalid", "")
        different = dict(body, **{"aging": 7} if plural == "switches" else {"title": "x"}
                         if plural == "vlans" else {"forwarding": False} if plural == "hosts"
                         else {"direction": "out"} if plural == "mirrors"
                         else {"vid": 10} if plural == "stations" else {"up": False})
        if name != "p":
            refused("PUT", path, different, 409, "conflict", headers={"If-None-Match": "*"})


WRONG = {
    "bool": ["yes", 1, [], {}], "int": ["1", 1.5, True, [], {}], "text": [1, True, [], "a\nb"],
    "name": [1, "", "a b", "../x"], "ref": [1, "", "a b", "x" * 64, []],
    "refs": [1, "", "a b", ["a b"], [1], [[]], {}, ["a", "a"]],
    "choice": ["", "other", 1, []], "vid": [0, 4095, -1, "10", 1.5, 2 ** 40, True],
    "vids": ["0", "4095", "a", "9-1", [0], [{}], True, {}, -1, 1.5],
    "mac": ["", "01:00:00:00:00:00", "02:00:00:00:00", "x", 1, "00:00:00:00:00:00"],
    "ip": ["", "10.0.0.300", 1], "cidrs": ["10.0.0.1", "10.0.0.1/33", 1, [1], "::/0"],
    "routes": ["default", "default via x", 1, [[]]],
    "device": ["", "x" * 16, "a/b", "a b", "..", 1], "file": ["", "../x", "a/b", "x" * 256, 1],
    "rate": ["", "10", "10M", "10MB/s", "0fps", 10], "macs": [1, ["x"], "01:00:5e:00:00:01"],
    "ips": [1, ["10.0.0.1/24"], "10.0.0.300"],
    "vlan": [0, 4095, -1, "10", "9-1", "", "a,b", "nobody", 1.5, 2 ** 40, True],
    "vlans": ["0", "4095", "nobody", "9-1", [0], [{}], True, {}, -1, 1.5, "10,,20"],
    "pcp": ["", "8", 8, -1, "1-0:2", "1:2,0-3:4", "3:", True, 1.5, [], {}],
}


def every_field_refuses_what_it_is_not():
    bodies = {"switches": {}, "vlans": {"switch": "s1", "vid": 9}, "hosts": {}, "links": {},
              "stations": {"port": "p", "mac": "02:00:00:00:00:0d"}}
    for kind in call("GET", "/v1/schema").json["kinds"]:
        for field in kind["fields"]:
            body = dict(bodies.get(kind["plural"], {"switch": "s1"}))
            if "only" in field:
                body["type"] = field["only"].split()[0]
            wrong = list(WRONG[field["type"]])
            if field["type"] in ("macs", "ips"):
                wrong.append(["02:00:00:00:01:%02x" % i if field["type"] == "macs" else
                              "10.0.0.%d" % i for i in range(field["max"] + 1)])
            if "min" in field:
                wrong += [field["min"] - 1, field["max"] + 1]
            for value in wrong:
                body[field["name"]] = value
                answer = refused("PUT", "/v1/%s/w" % kind["plural"], body, 422, "invalid")
                pointers = [e["pointer"] for e in answer.json["errors"]]
                if not any(p.split("/")[1:2] == [field["name"]] for p in pointers):
                    raise AssertionError("%s: %r: %s" % (field["name"], value, pointers))
    refused("GET", "/v1/switches/w", None, 404, "not-found")


LAB = {
    "description": "for the test", "autostart": False,
    "switches": {"l1": {"vlans": {"10": "staff"}}, "l2": None},
    "hosts": {"la": {"switch": "l1", "access": 10}, "lr": {"nics": {"eth1": {"switch": "l1"}}}},
    "links": {"lt": {"a": "l1", "b": "l2", "trunk": [10, 20]}},
}


def labs_are_made_changed_and_removed():
    call("PUT", "/v1/labs/lab?dry_run=true", LAB, status=200)
    refused("GET", "/v1/labs/lab", None, 404, "not-found")
    changes = call("PUT", "/v1/labs/lab", LAB, status=200).json["changes"]
    same({c["action"] for c in changes}, {"add"})
    same(call("PUT", "/v1/labs/lab", LAB).json["changes"], [])
    lab = call("GET", "/v1/labs/lab").json
    same(lab["objects"], {"switches": 2, "vlans": 1, "hosts": 2, "links": 1, "ports": 4})
    same(lab["members"]["ports"], ["la.eth0", "lr.eth1", "lt.a", "lt.b"])
    same(len(call("GET", "/v1/ports?lab=lab").json["items"]), 4)
    LAB["hosts"]["la"]["access"] = 20
    LAB["switches"]["l2"] = {"fdb_size": 64}
    changes = call("PUT", "/v1/labs/lab", LAB).json["changes"]
    same([(c["action"], c["name"], c["interrupts"]) for c in changes],
         [("replace", "l2", True), ("set", "la.eth0", True), ("replace", "lt.b", True)])
    same(changes[1]["fields"], {"access": {"from": 10, "to": 20}})
    call("PATCH", "/v1/labs/lab", {"autostart": True}, status=200)
    same(call("GET", "/v1/labs").json["items"][0]["autostart"], True)

    refused("PATCH", "/v1/labs/nobody", {}, 404, "not-found")
    refused("PATCH", "/v1/labs/lab", {"autostart": 1}, 422, "invalid", "/autostart")
    refused("PATCH", "/v1/labs/lab", b"{", 400, "syntax")
    refused("PATCH", "/v1/labs/lab", b" " * ((8 << 20) + 1), 413, "too-large")
    refused("PUT", "/v1/labs/lab", b"{", 400, "syntax")
    refused("PUT", "/v1/labs/lab", b" " * ((8 << 20) + 1), 413, "too-large")
    refused("PUT", "/v1/labs/other", {"switches": {"l1": {}}}, 409, "conflict", "/switches/l1")
    wrong = refused("PUT", "/v1/labs/lab", {
        "switches": {"l1": {"aging": "long"}}, "hosts": {"la": {"switch": "l1", "access": 4095}},
        "links": {"lt": {"a": "l1", "b": "l3"}}, "hots": {}}, 422, "invalid")
    same(sorted(e["pointer"] for e in wrong.json["errors"]),
         ["/hosts/la/access", "/hots", "/links/lt/b", "/switches/l1/aging"])
    call("PUT", "/v1/ports/guest", {"switch": "l1", "type": "pcap", "record": "g"}, status=201)
    refused("DELETE", "/v1/labs/lab", None, 409, "conflict")
    call("DELETE", "/v1/ports/guest", status=204)
    refused("DELETE", "/v1/labs/lab?dry_run=1", None, 422, "invalid")
    call("DELETE", "/v1/labs/lab?dry_run=true", status=200)
    changes = call("DELETE", "/v1/labs/lab", status=200).json["changes"]
    same({c["action"] for c in changes}, {"remove"})
    refused("DELETE", "/v1/labs/lab", None, 404, "not-found")


def fragments_are_applied():
    body = {"switches": {"f1": {}},
            "ports": {"fp": {"switch": "f1", "type": "pcap", "record": "f.pcap"}}}
    same(len(call("POST", "/v1/apply?dry_run=true", body, status=200).json["changes"]), 2)
    same(len(call("POST", "/v1/apply?create=true", body, status=200).json["changes"]), 2)
    same(call("POST", "/v1/apply?create=true", body).json["changes"], [])
    body["switches"]["f1"] = {"aging": 5}
    refused("POST", "/v1/apply?create=true", body, 409, "conflict", "/switches/f1")
    refused("POST", "/v1/apply", {"autostart": True}, 422, "invalid", "/autostart")
    refused("POST", "/v1/apply", b"nothing", 400, "syntax")
    refused("POST", "/v1/apply", b" " * ((8 << 20) + 1), 413, "too-large")
    gone = call("DELETE", "/v1/switches/f1?cascade=true", status=200).json["changes"]
    same([(c["action"], c["name"]) for c in gone], [("remove", "f1"), ("remove", "fp")])
    refused("GET", "/v1/ports/fp", None, 404, "not-found")


def what_frames_do_can_be_asked():
    # The host's own first frames (IPv6 neighbour discovery) are there to be learnt.
    for _ in range(600):
        stations = call("GET", "/v1/fdb?switch=s1&vid=10&port=a.eth0").json["items"]
        stations = {s["mac"]: s["kind"] for s in stations}
        if len(stations) > 1:
            break
        time.sleep(0.1)
    same(stations, {"02:00:00:00:00:0a": "dynamic", "02:00:00:00:00:0b": "permanent"})
    same(call("GET", "/v1/fdb?mac=02:00:00:00:00:0b").json["items"][0]["station"], "desk")
    made = call("PUT", "/v1/fdb/02:00:00:00:00:0c", {"port": "a.eth0"}, status=200).json
    same((made["kind"], made["age_s"], made["vid"]), ("static", None, 10))
    refused("PUT", "/v1/fdb/02:00:00:00:00:0c", b"{", 400, "syntax")
    refused("PUT", "/v1/fdb/02:00:00:00:00:0c", {"port": "nobody"}, 404, "not-found")
    refused("PUT", "/v1/fdb/02:00:00:00:00:0c", {"port": "a.eth0", "vid": 11}, 422, "invalid",
            "/vid")
    refused("PUT", "/v1/fdb/02:00:00:00:00:0b", {"port": "a.eth0"}, 409, "conflict")
    refused("DELETE", "/v1/fdb/02:00:00:00:00:0b", None, 409, "conflict")
    refused("DELETE", "/v1/fdb/02:00:00:00:00:0c?vid=x", None, 422, "invalid")
    same(call("DELETE", "/v1/fdb/02:00:00:00:00:0c", status=200).json, {"removed": 1})
    refused("DELETE", "/v1/fdb/02:00:00:00:00:0c", None, 404, "not-found")
    call("GET", "/v1/drops")
    counted = call("GET", "/v1/vlan-counters?switch=s1").json["items"]
    same([c["vid"] for c in counted], [10])
    refused("GET", "/v1/vlan-counters?switch=nobody", None, 404, "not-found")
    workers = call("GET", "/v1/workers").json["items"]
    same([w["worker"] for w in workers], [0])
    same({"port": "a.eth0", "queue": 0} in [{k: q[k] for k in ("port", "queue")}
                                            for q in workers[0]["queues"]], True)
    same(call("GET", "/v1/ports/a.eth0").json["status"]["workers"], [0])
    refused("PATCH", "/v1/ports/a.eth0", {"worker": 1}, 422, "invalid", "/worker")
    refused("PATCH", "/v1/ports/a.eth0", {"worker": -1}, 422, "invalid", "/worker")
    same(call("DELETE", "/v1/fdb?port=a.eth0", status=200).json["removed"] >= 0, True)
    for method in ("GET", "DELETE"):
        refused(method, "/v1/fdb?switch=nobody", None, 404, "not-found")
        refused(method, "/v1/fdb?vid=4095", None, 422, "invalid")
    same("vsw-forward" in call("GET", "/v1/graph").raw.decode(), True)
    same(call("GET", "/metrics").raw.decode().endswith("# EOF\n"), True)


def stream(path, headers=""):
    """The start of an answer that does not end, and its socket."""
    s = daemon.raw()
    s.sendall(("GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n" % (path, headers)).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += s.recv(4096)
    head, rest = head.split(b"\r\n\r\n", 1)
    content = resolve(SPEC["paths"][template_of(path)]["get"]["responses"]["200"])["content"]
    same(head.split(b" ")[1], b"200")
    if not any(b"Content-Type: " + t.encode() in head for t in content):
        raise AssertionError(head)
    SEEN.add((template_of(path), "get", "200"))
    return s, rest


def read_until(s, have, text):
    while text not in have:
        more = s.recv(65536)
        if not more:
            raise AssertionError("the stream has ended: %r" % have[-200:])
        have += more
    return have


def events_are_told_as_they_happen():
    s, rest = stream("/v1/events")
    call("PUT", "/v1/links/e1", {}, status=201)
    text = read_until(s, rest, b"link.added").decode()
    text = read_until(s, text[text.index("id: "):].encode(), b"}").decode()
    event = json.loads(text[text.index("data: ") + 6:text.index("}") + 1])
    validate(event, {"$ref": "#/components/schemas/Event"}, "event")
    same((event["kind"], event["name"]), ("link", "e1"))
    s.close()
    call("DELETE", "/v1/links/e1", status=204)
    s, rest = stream("/v1/events", "Last-Event-ID: %d\r\n" % event["id"])
    read_until(s, rest, b"link.removed")
    s.close()
    s, rest = stream("/v1/events?since=0")
    read_until(s, rest, b"switch.added")
    s.close()
    refused("GET", "/v1/events?since=-1", None, 422, "invalid")


def a_capture_is_a_pcap_file():
    s, rest = stream("/v1/ports/t.a/capture?count=1")
    magic = read_until(s, rest, b"\r\n")
    while len(magic.split(b"\r\n", 1)[1]) < 24:
        magic += s.recv(4096)
    header = magic.split(b"\r\n", 1)[1]
    if header[:4] not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        raise AssertionError("no pcap: %r" % header[:24])
    same(header[20:24], b"\x01\0\0\0", "link type")
    s.close()
    refused("GET", "/v1/ports/nobody/capture", None, 404, "not-found")
    refused("GET", "/v1/ports/t.a/capture?count=0", None, 422, "invalid")


WAY = {"$ref": "#/components/schemas/Way"}


def a_made_frame_finds_its_way():
    question = {"from": "a", "to": "t.a", "vlan": 10}
    way = call("POST", "/v1/trace", question, status=200).json
    same((way["frame"]["port"], way["steps"][0]["station"]), ("a.eth0", "port-rx"))
    way = call("POST", "/v1/trace", dict(question, to="02:00:00:00:00:99", vlan=4094)).json
    same(way["verdict"]["delivered"], False)
    same(way["verdict"]["object"]["kind"], "port")
    refused("POST", "/v1/trace", b"{", 400, "syntax")
    refused("POST", "/v1/trace", b" " * ((8 << 20) + 1), 413, "too-large")
    refused("POST", "/v1/trace", {"from": "nobody", "to": "a"}, 404, "not-found", "/from")
    refused("POST", "/v1/trace", {"from": "a", "to": "nobody"}, 404, "not-found", "/to")
    refused("POST", "/v1/trace", {"from": "a", "to": "a"}, 422, "invalid", "/to")
    refused("POST", "/v1/trace", {"from": "a"}, 422, "invalid")
    refused("POST", "/v1/trace", dict(question, protocol="tcp"), 422, "invalid", "/port")
    refused("POST", "/v1/trace", dict(question, colour="red"), 422, "invalid", "/colour")
    call("PUT", "/v1/hosts/lonely", {}, status=201)
    refused("POST", "/v1/trace", {"from": "lonely", "to": "a"}, 409, "conflict", "/from")
    call("DELETE", "/v1/hosts/lonely", status=204)


def live_frames_are_followed():
    s, rest = stream("/v1/ports/a.eth0/trace?count=1")
    while b"\n\n" not in rest.split(b"data: ", 1)[-1] or b"data: " not in rest:
        daemon.call("POST", "/v1/trace", {"from": "a", "to": "t.a", "vlan": 10})  # is not seen
        subprocess.run(["nsenter", "--net=%s/run/netns/a" % daemon.dir, "ping", "-c1", "-W1",
                        "10.0.10.99"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        s.settimeout(0.2)
        try:
            rest += s.recv(65536)
        except TimeoutError:
            pass
    way = json.loads(rest.split(b"data: ", 1)[1].split(b"\n\n")[0])
    validate(way, WAY, "way")
    same(way["frame"]["time_ns"] > 0, True)
    s.close()
    refused("GET", "/v1/ports/nobody/trace", None, 404, "not-found")
    refused("GET", "/v1/ports/a.eth0/trace?count=0", None, 422, "invalid")
    answer = refused("GET", "/v1/ports/a.eth0/trace?filter=icmp%20and%20and", None, 422, "invalid")
    same("syntax error" in answer.json["message"], True)
    many = [stream("/v1/ports/a.eth0/trace?filter=icmp")[0] for _ in range(8)]
    refused("GET", "/v1/ports/t.a/trace", None, 409, "conflict")
    for s in many:
        s.close()


def a_path_or_method_that_is_not_declared_is_refused():
    problem = SPEC["components"]["schemas"]["Problem"]
    for method, path, status in (("GET", "/", 404), ("GET", "/v1/", 404), ("GET", "/v2", 404),
                                 ("GET", "/v1/switches/a/b", 404), ("GET", "/v1/%00", 404),
                                 ("GET", "/v1/%ff%2e%2e", 404), ("GET", "/v1//switches", 404)):
        answer = daemon.call(method, path)
        same(answer.status, status, path)
        validate(answer.json, problem, path)
    for template, item in SPEC["paths"].items():
        path = template.replace("{name}", "s1")
        for method in ("GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "BREW"):
            if method.lower() in item:
                continue
            answer = daemon.call(method, path, {} if method in ("PUT", "POST", "PATCH") else None)
            same(answer.status, 405, "%s %s" % (method, path))
            validate(answer.json, problem, path)
            same(sorted(answer.headers["Allow"].split(", ")),
                 sorted(m.upper() for m in item if m != "parameters"), path)


def objects_are_removed():
    problem = refused("DELETE", "/v1/ports/t.a", None, 409, "conflict").json
    same(problem["message"], "port t.a is used by mirror m")
    call("DELETE", "/v1/mirrors/m", status=204)
    call("DELETE", "/v1/stations/desk", status=204)
    call("DELETE", "/v1/ports/t.a", status=204)
    call("DELETE", "/v1/links/t", status=204)
    call("DELETE", "/v1/vlans/s1.10", status=204)
    # The host's port refers to it by a reference that cascades.
    call("DELETE", "/v1/hosts/a", status=204)
    refused("GET", "/v1/ports/a.eth0", None, 404, "not-found")
    call("DELETE", "/v1/switches/s1", status=204)
    call("DELETE", "/v1/switches/s2?cascade=true", status=200)
    for plural, name, body, _ in OBJECTS:
        call("PUT", "/v1/%s/%s" % (plural, name), body, status=201)
    for plural, name, _, _ in reversed(OBJECTS):
        call("DELETE", "/v1/%s/%s?cascade=true" % (plural, name), status=200)
    same(call("GET", "/v1/ports").json["items"], [])


def requests_that_make_no_sense_harm_nobody():
    waiting = []
    for text in (b"", b"\0" * 100, b"GET", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 1000,
                 b"PUT /v1/switches/x HTTP/1.1\r\nContent-Length: 50\r\n\r\n{",
                 b"PUT /v1/switches/x HTTP/1.1\r\nContent-Length: -1\r\n\r\n{}",
                 b"PUT /v1/switches/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                 b"GET /" + b"a" * 100000, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20000):
        s = daemon.raw()
        try:
            s.sendall(text)
        except OSError:
            pass
        waiting.append(s)  # a slow client: it says nothing more, and does not leave
        same(daemon.call("GET", "/v1").status, 200, text[:40])
    for s in waiting:
        s.close()
    deep = b'{"a":' * 100000
    refused("PUT", "/v1/switches/x", deep, 400, "syntax")
    refused("PUT", "/v1/labs/x", b"[" * 100000, 400, "syntax")
    refused("PUT", "/v1/switches/x", b'{"aging":1e999}', 400, "syntax")
    refused("PUT", "/v1/switches/x", b'{"aging":99999999999999999999}', 400, "syntax")
    refused("GET", "/v1/switches/x", None, 404, "not-found")
    same(daemon.alive(), True)


def every_declared_answer_was_seen():
    missing = []
    for path, item in SPEC["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            for status in operation["responses"]:
                name = "%s %s %s" % (method.upper(), (path + "/").split("/")[2], status)
                if status != "500" and name not in NOT_SEEN and (path, method, status) not in SEEN:
                    missing.append("%s %s %s" % (method.upper(), path, status))
    same(missing, [], "declared, but never seen")


main(daemon, [
    the_document_is_sound, every_field_is_in_both, objects_are_put_read_and_patched,
    objects_that_are_used_stay, a_title_that_is_used_stays, a_vlan_interrupts_only_who_is_in_it,
    a_station_interrupts_only_at_a_port_that_is_there, every_kind_refuses_alike, every_field_refuses_what_it_is_not,
    labs_are_made_changed_and_removed, fragments_are_applied, what_frames_do_can_be_asked,
    events_are_told_as_they_happen, a_capture_is_a_pcap_file, a_made_frame_finds_its_way,
    live_frames_are_followed,
    a_path_or_method_that_is_not_declared_is_refused, objects_are_removed,
    requests_that_make_no_sense_harm_nobody, every_declared_answer_was_seen,
])

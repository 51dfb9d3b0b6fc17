#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual against the tables of the programs: every field, command and option is described, with
its default, and nothing is described that is not there."""

import json
import os
import re
import subprocess
import sys

os.chdir(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BIN = os.environ.get("WEFT_BIN", "build/plain")
MAN = "packaging/man/"


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def text(page):
    with open(MAN + page) as f:
        return f.read()


def plain(source):
    """The words of mdoc source, without its macros."""
    source = re.sub(r"^\.\w+ ?", "", source, flags=re.M)
    return re.sub(r"\s+", " ", source.replace("\\-", "-"))


def items(source):
    """{name: what stands below it} of the lists of a part."""
    out = {}
    for part in re.split(r"^\.It ", source, flags=re.M)[1:]:
        head, _, body = part.partition("\n")
        for name in re.findall(r"[\w-]+", head.replace("Cm ", "", 1)):
            out[name] = body
    return out


def lab_sections():
    """{plural: its items}; the fields of a vlan stand behind the second list of "switches"."""
    parts = re.split(r"^\.Ss ", text("weft-lab.5"), flags=re.M)[1:]
    out = {p.split("\n", 1)[0]: p for p in parts}
    lists = out["switches"].split(".El\n")
    out["switches"], out["vlans"] = lists[0], lists[1]
    return {plural: items(part) for plural, part in out.items()}


def faults_of_fields(tables):
    sections = lab_sections()
    for kind in tables["kinds"]:
        described = sections.get(kind["plural"], {})
        known = {f["name"] for f in kind["fields"]}
        for f in kind["fields"]:
            body = described.get(f["name"])
            if body is None:
                yield "%s: field %s is not described" % (kind["kind"], f["name"])
                continue
            default = f["default"]
            if default not in (None, "[]", '""') and \
                    "The default is %s" % default.strip('"') not in plain(body):
                yield "%s: %s: its default %s is not told" % (kind["kind"], f["name"], default)
        form = {"switches": {"vlans"}, "hosts": {"nics"}, "links": {"a", "b"}}
        for name in set(described) - known - form.get(kind["plural"], set()):
            yield "%s: field %s is described and does not exist" % (kind["kind"], name)


def faults_of_commands(tables):
    words = plain(text("weft.1"))
    for command in tables["commands"]:
        if not re.search(r"\b%s\b" % command["name"], words) and command["name"] != "help":
            yield "weft %s is not described" % command["name"]
        for option in command["options"]:
            if "-" + option.replace("_", "-") not in words:
                yield "weft %s --%s is not described" % (command["name"], option)
    for noun in tables["nouns"]:
        if not re.search(r"\b%s\b" % noun["name"], words):
            yield "weft %s is not described" % noun["name"]
        for verb in noun["verbs"]:
            if not re.search(r"\b%s\b" % verb["name"], words):
                yield "weft %s %s is not described" % (noun["name"], verb["name"])


def faults_of_daemon():
    words = plain(text("weftd.8"))
    for option in re.findall(r"^ +--([\w-]+)", said(BIN + "/weftd", "--help"), re.M):
        if "-" + option not in words:
            yield "weftd --%s is not described" % option


def faults_of_pages():
    for page in sorted(os.listdir(MAN)):
        p = subprocess.run(["mandoc", "-Tlint", "-Wall", "-Werror", MAN + page], text=True,
                           capture_output=True, check=False)
        if p.returncode or p.stdout:
            yield p.stdout + p.stderr


def faults_of_help(tables):
    commands = [[c["name"]] for c in tables["commands"]]
    commands += [[n["name"], v["name"]] for n in tables["nouns"] for v in n["verbs"]]
    for words in commands + [[]] + [[n["name"]] for n in tables["nouns"]]:
        p = subprocess.run([BIN + "/weft"] + words + ["--help"], capture_output=True, text=True,
                           check=False)
        if p.returncode or "\nExample: " not in p.stdout or p.stderr:
            yield "weft %s --help: no example" % " ".join(words)


def main():
    tables = json.loads(said(BIN + "/weft", "tables"))
    tests = [
        ("every field is described with its default", faults_of_fields(tables)),
        ("every command and option is described", faults_of_commands(tables)),
        ("every option of the daemon is described", faults_of_daemon()),
        ("the pages are well formed", faults_of_pages()),
        ("every level has a help with an example", faults_of_help(tables)),
    ]
    print("1..%d" % len(tests))
    bad = False
    for number, (sentence, faults) in enumerate(tests, 1):
        faults = list(faults)
        bad |= bool(faults)
        print("%sok %d - %s" % ("not " if faults else "", number, sentence))
        print("".join("# %s\n" % f for f in faults), end="")
    sys.exit(bad)


main()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Makes the tables and plots of a page from raw numbers.

    report.py MEASURED_DIR KEEP_DIR PAGE

What the benches left in MEASURED_DIR is copied to KEEP_DIR; everything that lies there then becomes
tables in PAGE and plots beside the numbers. In PAGE whatever stands between "<!-- NAME -->" and
"<!-- end -->" is replaced: NAME is a bench, "machine" is where and when, "bars" is each bar and by
how much it is met or missed. No number gets into a table by hand.
"""

import glob
import json
import os
import re
import shutil
import sys

import plot

ORDER = ("pps", "vhost", "engine", "limits", "fdb", "storm", "guests", "wake", "scale", "trace", "tcp",
         "frames")
SIGN = {">=": "≥", "<=": "≤", "<": "<"}
number = plot.number


class Bench:
    """What one bench measured; rows as stage.Results has them. Text: what a program said itself."""

    def __init__(self, path):
        with open(path) as f:
            self.json = json.load(f)
        self.name, self.rows = self.json["bench"], self.json["rows"]
        self.text = self.json.get("text")

    def table(self):
        if self.text:
            return "```\n%s```" % self.text
        head = ["| what | measured | least to most | bar | |", "| --- | ---: | ---: | ---: | --- |"]
        commands = [c.strip() for c in self.json["commands"]]
        return "\n".join(head + [row_line(r) for r in self.rows] + ["", "```"] + commands + ["```"])


def bar_of(row):
    return "%s %g" % (SIGN[row["bar"][0]], row["bar"][1]) if row["bar"] else ""


def row_line(row):
    verdict = {None: "", True: "met", False: "**missed**"}[row["ok"]]
    rounds = row.get("rounds") or []
    span = "%s to %s" % (number(min(rounds)), number(max(rounds))) if len(rounds) > 1 else ""
    return "| %s | %s %s | %s | %s | %s |" % (row["what"], number(row["value"]), row["unit"], span,
                                              bar_of(row), verdict)


def verdicts(benches):
    lines = ["| what | measured | bar | how far from it |", "| --- | ---: | ---: | --- |"]
    for b in benches:
        for r in b.rows:
            if r["bar"]:
                by = abs(r["value"] / r["bar"][1] - 1) * 100
                lines.append("| %s | %s %s | %s | %s |" % (
                    r["what"], number(r["value"]), r["unit"], bar_of(r),
                    "met, by %s %%" % number(by) if r["ok"] else
                    "**MISSED by %s %%**" % number(by)))
    return "\n".join(lines)


def where(benches):
    lines = ["| bench | date | processor | cores | kernel | load before, after | versions |",
             "| --- | --- | --- | ---: | --- | --- | --- |"]
    for b in benches:
        m = b.json["machine"]
        lines.append("| %s | %s | %s | %d | %s | %.1f, %.1f | %s |" % (
            b.name, b.json["date"], m["processor"], m["cores"], m["kernel"], m["load"],
            m["load_after"], "; ".join(b.json["versions"].values())))
    return "\n".join(lines)


# ---- plots ---------------------------------------------------------------------------------------

def as_groups(rows, unit):
    """"WHAT: PEER" rows of this unit, a group for each WHAT, a bar for each PEER."""
    groups = {}
    for r in rows:
        what, _, peer = r["what"].rpartition(": ")
        if r["unit"] == unit and what and "/" not in peer:
            rounds = r.get("rounds") or [r["value"]]
            groups.setdefault(what, []).append((peer.split(",")[0], r["value"], min(rounds),
                                                max(rounds), r["bar"] and r["bar"][1]))
    return [(two_lines(what), bars) for what, bars in groups.items()]


def two_lines(words):
    """Broken after the comma that is nearest to the middle."""
    commas = [i for i in range(len(words)) if words.startswith(", ", i)]
    if len(words) < 14 or not commas:
        return words
    at = min(commas, key=lambda i: abs(i - len(words) / 2))
    return words[:at + 1] + "\n" + words[at + 2:]


def bars_plot(title, unit, shown=None):
    def make(bench):
        groups = as_groups(bench.rows, unit)
        return plot.bars(title, shown or unit, groups) if groups else None
    return make


def vhost_plot(bench):
    line = re.compile(r"^(split|packed|copy) *([a-z_ ]*?) +(\d+) stations +(\d+) octets +([\d.]+) min +"
                      r"([\d.]+) median", re.M)
    groups = {}
    for kind, more, stations, octets, least, median in line.findall(bench.text):
        label = "%s stations\n%s octets" % (stations, octets)
        limit = {"64": 110, "1514": 220}.get(octets) if not more and kind == "split" else None
        name = " ".join([kind] + more.replace("event_idx", "events").replace(
            "mergeable", "merged").split())
        groups.setdefault(label, []).append((name, float(median), float(least), float(median),
                                             limit))
    return plot.bars("Machine to machine: what a frame costs the worker", "core cycles",
                     list(groups.items())) if groups else None


def engine_plot(bench):
    line = re.compile(r"^ *(ports alone|\d+ stations) +(\d+) octets +([\d.]+) min +([\d.]+) median",
                      re.M)
    groups = {}
    for what, octets, least, median in line.findall(bench.text):
        groups.setdefault(what, []).append((octets + " octets", float(median), float(least),
                                            float(median), None))
    return plot.bars("The engine alone, memory ports", "ns/frame",
                     list(groups.items())) if groups else None


def ports_plot(bench):
    for r in bench.rows:
        if r["what"].endswith("the first 50, each"):
            return plot.curve("Ports added one after another to one switch", "ms", "the n-th port",
                              r["rounds"])
    return None


PLOTS = {
    "pps": (("pps", bars_plot("From machine to machine: frames a second", "Mframes/s")),
            ("cycles", bars_plot("From machine to machine: the switch's busy cycles for a frame",
                                 "TSC cycles/frame", "TSC cycles"))),
    "vhost": (("vhost", vhost_plot),),
    "engine": (("engine", engine_plot),),
    "fdb": (("fdb", bars_plot("The station table: what a station costs", "ns")),),
    "guests": (("guests", bars_plot("One TCP stream between two guests", "Gbit/s")),),
    "wake": (("wake", bars_plot("The first frame after a silence", "us", "µs")),),
    "tcp": (("tcp", bars_plot("Two hosts on one switch", "Gbit/s")),),
    "frames": (("frames", bars_plot("Frames of 60 octets, TAP to TAP", "Mframes/s")),),
    "scale": (("ports", ports_plot),),
}


def plots(bench, keep):
    """Writes them; the lines that show them."""
    shown = []
    for name, make in PLOTS.get(bench.name, ()):
        svg = make(bench)
        if svg:
            with open(os.path.join(keep, name + ".svg"), "w") as f:
                f.write(svg)
            shown.append("![%s](%s/%s.svg)" % (name, os.path.basename(keep), name))
    return "\n".join(shown)


def main():
    measured, keep, page = sys.argv[1:4]
    os.makedirs(keep, exist_ok=True)
    for path in glob.glob(measured + "/*.json"):
        shutil.copy(path, keep)
    benches = [Bench(p) for p in glob.glob(keep + "/*.json")]
    benches.sort(key=lambda b: (ORDER.index(b.name) if b.name in ORDER else len(ORDER), b.name))
    part = {"machine": where(benches), "bars": verdicts(benches)}
    for b in benches:
        part[b.name] = "\n\n".join(filter(None, (b.table(), plots(b, keep))))
    with open(page) as f:
        text = f.read()
    for name, body in part.items():
        text = re.sub(r"(<!-- %s -->\n).*?(<!-- end -->)" % re.escape(name),
                      lambda m, body=body: m.group(1) + body + "\n" + m.group(2), text,
                      flags=re.S)
    with open(page, "w") as f:
        f.write(text)


if __name__ == "__main__":
    main()

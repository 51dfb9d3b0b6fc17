#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A frame costs the engine no more instructions than tests/bench/instructions.txt says.

    engine_cost.py [--write]

Callgrind counts what worker_run() executes, without what the bench's own ports do. The count is the
same on each run of one program, so 5 % more is a change of ours, and fails. The compiler has its
part in it: another one than the file names is no fault, and the test is skipped. `make instructions`
writes the file anew.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, "../bench/instructions.txt")
BENCH = os.path.join(os.path.abspath(os.environ.get("WEFT_BIN", "build/plain")),
                     "tests/bench/engine_bench")
FRAMES = 64000
PORTS = ("generate", "memory_tx")  # the bench's, not the engine's
MARGIN = 1.05
ROWS = {  # name: what engine_bench is asked for
    "unicast-64": ["2", "64"],
    "unicast-1514": ["2", "1514"],
    "stations-64": ["1000", "64"],
    "flood-64": ["2", "64", "flood"],
    "mirror-64": ["2", "64", "mirror"],
}


def inclusive(path):
    """What each function cost with all that it called, from a callgrind file: by callers' lines."""
    names, cost, callee, is_call = {}, {}, None, False
    for line in open(path):
        name = re.match(r"c?fn=\((\d+)\)(?: (.*))?", line)
        if name and name[2]:
            names[name[1]] = name[2].strip()
        if line.startswith("cfn="):
            callee = names[name[1]]
        elif line.startswith("calls="):
            is_call = True
        elif is_call:
            cost[callee] = cost.get(callee, 0) + int(line.split()[1])
            is_call = False
    return cost


def count(args):
    with tempfile.NamedTemporaryFile(prefix="weft-callgrind.") as out:
        run = subprocess.run(["valgrind", "-q", "--tool=callgrind",
                              "--callgrind-out-file=" + out.name, BENCH, "--frames", str(FRAMES)]
                             + args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if run.returncode:
            sys.exit("Bail out! %s" % run.stdout.decode(errors="replace")[-300:])
        cost = inclusive(out.name)
    return (cost["worker_run"] - sum(cost[name] for name in PORTS)) / FRAMES


def compiler():
    """As the program itself says it."""
    dump = subprocess.run(["readelf", "-p", ".comment", BENCH], stdout=subprocess.PIPE, check=True)
    return "; ".join(sorted(set(re.findall(r"\[ *[0-9a-f]+\] +(.+)", dump.stdout.decode()))))


def read():
    kept = {}
    for line in open(KEPT):
        if line.strip() and not line.startswith("#"):
            name, value = line.split(None, 1)
            kept[name] = value.strip()
    return kept


def write():
    with open(KEPT, "w") as out:
        out.write("# SPDX-License-Identifier: Apache-2.0\n"
                  "# Instructions that one frame costs the engine, as tests/sys/engine_cost.py\n"
                  "# counts them. `make instructions` writes this file.\n")
        out.write("%-13s %s\n" % ("compiler", compiler()))
        for name, args in ROWS.items():
            out.write("%-13s %.1f\n" % (name, count(args)))
    sys.stdout.write(open(KEPT).read())


def check():
    kept = read()
    if not shutil.which("valgrind"):
        print("1..0 # SKIP valgrind is not installed")
        return 0
    if compiler() != kept["compiler"]:
        print("1..0 # SKIP figures are kept for %s, this is %s" % (kept["compiler"], compiler()))
        return 0
    print("1..%d" % len(ROWS))
    bad = 0
    for i, (name, args) in enumerate(ROWS.items(), 1):
        now, was = count(args), float(kept[name])
        good = now <= was * MARGIN
        bad += not good
        print("%s %d - %s costs no more instructions than before" % ("ok" if good else "not ok", i,
                                                                   name))
        print("# %.1f a frame, kept: %.1f%s" % (
            now, was, "; it fell, `make instructions` renews the file"
            if now * MARGIN < was else ""), flush=True)
    return bad > 0


sys.exit(write() if sys.argv[1:] == ["--write"] else check())

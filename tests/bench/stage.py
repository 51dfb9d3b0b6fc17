# SPDX-License-Identifier: Apache-2.0
"""What the benches share: namespaces, a daemon of their own, processor time, results.

Whatever a bench puts on its Stage ends with it, also when it is interrupted. A namespace lives as
long as the process that holds it, and that one dies with the bench, so nothing has to be unmounted.
"""

import contextlib
import ctypes
import datetime
import http.client
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PR_SET_PDEATHSIG = 1
HOLD_S = "1800"  # no namespace outlives this, whatever happens
RUN_S = 120  # no single command takes longer


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def die_with_parent_and_come_first():
    """Before whatever else wants a core: without that a bench measures its neighbours."""
    die_with_parent()
    os.setsid()  # nice values are of a session, where the kernel groups by it
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    try:
        write("/proc/self/autogroup", -20)
    except OSError:
        pass


def run(*command, **more):
    """Runs a short command to its end; what it printed. It must succeed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent,
                          timeout=RUN_S, **more)
    if done.returncode:
        raise SystemExit("%s: status %d: %s" % (" ".join(command), done.returncode,
                                                (done.stderr or done.stdout).strip()))
    return done.stdout


def write(path, value):
    with open(path, "w") as f:
        f.write(str(value))


def wait_for(what, check, seconds=60):
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            raise SystemExit("%s: not within %d s" % (what, seconds))
        time.sleep(0.01)


class Namespace:
    """A network namespace, by the path that names it."""

    def __init__(self, path):
        self.path = path

    def command(self, *command):
        return ["nsenter", "--net=" + self.path] + list(command)

    def run(self, *command):
        return run(*self.command(*command))

    def up(self, device, address):
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "address", "add", address, "dev", device)
        self.run("ip", "link", "set", device, "up")

    def received(self):
        """Frames that each device has received, as the namespace counts them."""
        frames = {}
        for line in self.run("cat", "/proc/net/dev").splitlines()[2:]:
            name, _, rest = line.partition(":")
            if name.strip() != "lo":
                frames[name.strip()] = int(rest.split()[1])
        return frames


class Stage(contextlib.ExitStack):
    """Everything that has to go again."""

    def __enter__(self):
        super().__enter__()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("interrupted"))
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.dir = tempfile.mkdtemp(prefix="weft-bench.", dir="/tmp")
        self.callback(shutil.rmtree, self.dir, ignore_errors=True)
        return self

    def __exit__(self, *what):
        """Nothing interrupts this: who is impatient would leave huge pages and processes."""
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, signal.SIG_IGN)
        return super().__exit__(*what)

    def process(self, *command, first=False, deaf=False, **more):
        """Ends with the stage. FIRST: it goes before others on its core. DEAF: to SIGTERM."""
        more.setdefault("stdin", subprocess.DEVNULL)
        how = die_with_parent_and_come_first if first else die_with_parent
        p = subprocess.Popen(command, preexec_fn=how, **more)
        self.callback(self.kill if deaf else self.end, p)
        return p

    @staticmethod
    def kill(p):
        p.kill()
        p.wait()

    @staticmethod
    def end(p):
        if p.poll() is None:
            p.terminate()
            p.send_signal(signal.SIGCONT)
            try:
                p.wait(30)
            except subprocess.TimeoutExpired:
                p.kill()
        p.wait()

    def huge_pages(self, mib):
        """So many MiB of 2 MiB pages for the time of the bench; says no if memory is too short."""
        path = "/proc/sys/vm/nr_hugepages"
        with open(path) as f:
            before = int(f.read())
        self.callback(write, path, before)
        write(path, before + mib // 2)
        with open(path) as f:
            if int(f.read()) < before + mib // 2:
                raise SystemExit("no %d MiB of huge pages can be had" % mib)

    def namespace(self):
        ours = os.readlink("/proc/self/ns/net")
        holder = self.process("unshare", "--net", "sleep", HOLD_S)
        path = "/proc/%d/ns/net" % holder.pid
        wait_for("a namespace", lambda: os.readlink(path) != ours)
        n = Namespace(path)
        n.pid = holder.pid
        return n


def started(pid):
    """When it started, as the kernel counts: field 22 of proc(5)'s stat."""
    with open("/proc/%d/stat" % pid) as f:
        return f.read().rpartition(")")[2].split()[19]


class Connection(http.client.HTTPConnection):
    """HTTP on a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Weft:
    """A daemon with a state, a socket and an instance of its own.

    CORE: the only one that it has. FIRST: as with Stage.process().
    """

    def __init__(self, stage, binaries, core=None, first=False):
        self.dir = tempfile.mkdtemp(prefix="weft.", dir=stage.dir)
        self.run_dir = os.path.join(self.dir, "run")
        self.socket = os.path.join(self.run_dir, "weft.sock")
        self.cli = os.path.join(binaries, "weft")
        self.env = dict(os.environ, WEFT_SOCKET=self.socket)
        self.instance = "bench%d" % os.getpid()
        self.command = [os.path.join(binaries, "weftd"), "--state-dir", self.dir + "/state",
                        "--run-dir", self.run_dir, "--log", "warn",
                        "--instance", self.instance]
        stage.callback(self.purge)
        pin = [] if core is None else ["taskset", "-c", str(core)]
        self.process = stage.process(*pin, *self.command, first=first)
        wait_for("weftd", self.answers)

    def answers(self):
        if self.process.poll() is not None:
            raise SystemExit("weftd has ended with status %d" % self.process.returncode)
        return not subprocess.run([self.cli, "status"], env=self.env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def purge(self):
        subprocess.run(self.command + ["--purge"], stdin=subprocess.DEVNULL)

    def ask(self, *words):
        return run(self.cli, *words, env=self.env)

    def up(self, name, text):
        """Brings a lab up from its text; the seconds that the command took."""
        path = os.path.join(self.dir, name + ".yaml")
        with open(path, "w") as f:
            f.write(text)
        began = time.monotonic()
        self.ask("up", path)
        return time.monotonic() - began

    def down(self, name):
        began = time.monotonic()
        self.ask("down", name)
        return time.monotonic() - began

    def busy(self):
        """TSC cycles that its workers were busy in, frames that they took in."""
        totals = [w["total"] for w in json.loads(self.ask("worker", "list", "-o", "json"))]
        return sum(t["busy_cycles"] for t in totals), sum(t["frames"] for t in totals)

    def api(self):
        return Connection(self.socket)

    def host(self, name):
        return Namespace(os.path.join(self.run_dir, "netns", name))

    def left(self):
        """What could be left behind: mounts, devices, open files of the daemon."""
        with open("/proc/self/mountinfo") as f:
            mounts = sum(self.dir in line for line in f)
        devices = [d for d in os.listdir("/sys/class/net")
                   if alias(d).startswith("weft:%s:" % self.instance)]
        return mounts, devices, len(os.listdir("/proc/%d/fd" % self.process.pid))

    def worker(self):
        """The thread that moves frames."""
        return thread_named(self.process.pid, "weft-worker")


def alias(device):
    try:
        with open("/sys/class/net/%s/ifalias" % device) as f:
            return f.read()
    except OSError:
        return ""


def call(connection, method, path, body=None):
    """One request; the answer's JSON, which must not be an error."""
    connection.request(method, path, json.dumps(body) if body is not None else None,
                       {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise SystemExit("%s %s: %d %s" % (method, path, answer.status, text.decode()))
    return json.loads(text) if text else None


# ---- processor time, from /proc ------------------------------------------------------------------

def thread_named(pid, name):
    for tid in os.listdir("/proc/%d/task" % pid):
        path = "/proc/%d/task/%s" % (pid, tid)
        with open(path + "/comm") as f:
            if f.read().strip() == name:
                return path
    raise SystemExit("process %d has no thread %s" % (pid, name))


def cpu_s(path):
    """utime + stime of a thread (/proc/P/task/T) or a process (/proc/P)."""
    with open(path + "/stat") as f:
        field = f.read().rsplit(")", 1)[1].split()
    return (int(field[11]) + int(field[12])) / os.sysconf("SC_CLK_TCK")


def ran_s(path):
    """The same to the nanosecond, as the scheduler counts it; of a thread only."""
    try:
        with open(path + "/schedstat") as f:
            return int(f.read().split()[0]) / 1e9
    except FileNotFoundError:
        return cpu_s(path)


def rss_mib(pid):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise SystemExit("process %d has no memory" % pid)


# ---- results -------------------------------------------------------------------------------------

def machine():
    model = "?"
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "load": os.getloadavg()[0]}


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


class Results:
    """Raw numbers of one bench, a row for each thing that it measured."""

    def __init__(self, name, out_dir):
        self.path = os.path.join(out_dir, name + ".json")
        self.data = {"bench": name, "date": datetime.date.today().isoformat(),
                     "machine": machine(), "versions": {}, "commands": [], "rows": []}
        self.failed = False

    def version(self, name, *command):
        self.data["versions"][name] = run(*command).splitlines()[0].strip()

    def weft(self, binaries):
        """Which Weft this is: its version, and the commit where there is one."""
        done = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*"],
                              cwd=os.path.dirname(os.path.abspath(__file__)), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        self.version("weft", os.path.join(binaries, "weftd"), "--version")
        if not done.returncode:
            self.data["versions"]["weft"] += ", " + done.stdout.strip()

    def command(self, text):
        if text not in self.data["commands"]:
            self.data["commands"].append(text)

    def row(self, what, value, unit, bar=None, **raw):
        """bar: (">=", "<=" or "<", number); without one the row is for information."""
        ok = None
        if bar:
            ok = {">=": value >= bar[1], "<=": value <= bar[1], "<": value < bar[1]}[bar[0]]
            self.failed = self.failed or not ok
        self.data["rows"].append(dict(raw, what=what, value=value, unit=unit, bar=bar, ok=ok))
        verdict = {None: "", True: "ok", False: "MISSED"}[ok]
        print("  %-52s %10.4g %-10s %-9s %s" % (what, value, unit, "%s %g" % bar if bar else "",
                                                verdict))
        sys.stdout.flush()

    def note(self, text):
        print("  " + text)
        sys.stdout.flush()

    def save(self):
        self.data["machine"]["load_after"] = os.getloadavg()[0]
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, "w") as f:
            json.dump(self.data, f, indent=1)
            f.write("\n")
        return 1 if self.failed else 0

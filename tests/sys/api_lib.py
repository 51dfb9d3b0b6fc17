# SPDX-License-Identifier: Apache-2.0
"""For api_*_test.py: a daemon of its own on a private state directory, its HTTP API, and TAP."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 60  # a bound on what comes at once, unless the machine is busy
BIN = os.path.abspath(os.environ.get("WEFT_BIN", "build/plain"))


class Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout=PATIENCE_S):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.type = (response.getheader("Content-Type") or "").split(";")[0]
        self.raw = response.read()
        self.json = json.loads(self.raw) if self.type.endswith("json") else None


class Daemon:
    def __init__(self, name):
        self.dir = tempfile.mkdtemp(prefix="weft-%s." % name, dir="/tmp")
        self.socket = self.dir + "/run/weft.sock"
        self.args = [BIN + "/weftd", "--state-dir", self.dir + "/state", "--run-dir",
                     self.dir + "/run", "--instance", "%s%d" % (name[:4], os.getpid())]
        self.process = None

    def start(self):
        log = open(self.dir + "/log", "a")
        self.process = subprocess.Popen(self.args, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if self.call("GET", "/v1").status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        sys.exit("Bail out! weftd does not answer: " + open(self.dir + "/log").read()[-500:])

    def kill(self, signo=signal.SIGKILL):
        self.process.send_signal(signo)
        return self.process.wait(PATIENCE_S)

    def alive(self):
        return self.process.poll() is None

    def close(self):
        if self.process and self.alive():
            self.kill(signal.SIGTERM)
        subprocess.run(self.args + ["--purge"], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def call(self, method, path, body=None, headers=None):
        """BODY: bytes as they are, or anything else as JSON."""
        c = Connection(self.socket)
        try:
            if body is not None and not isinstance(body, bytes):
                body = json.dumps(body).encode()
            c.request(method, path, body, headers or {})
            return Answer(c.getresponse())
        finally:
            c.close()

    def raw(self):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.settimeout(PATIENCE_S)
        s.connect(self.socket)
        return s


class Tap:
    def __init__(self, tests):
        self.failed = False
        self.number = 0
        print("1..%d" % len(tests), flush=True)

    def run(self, test):
        self.number += 1
        name = test.__name__.replace("_", " ")
        try:
            test()
            print("ok %d - %s" % (self.number, name), flush=True)
        except Exception as e:  # a test that fails must not hide the next one
            self.failed = True
            for line in ("%s: %s" % (type(e).__name__, e)).splitlines()[:20]:
                print("# " + line)
            print("not ok %d - %s" % (self.number, name), flush=True)


def main(daemon, tests):
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root: hosts are network namespaces")
        return
    tap = Tap(tests)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        daemon.start()
        for test in tests:
            tap.run(test)
    finally:
        daemon.close()
    sys.exit(tap.failed)


def same(got, wanted, what=""):
    if got != wanted:
        raise AssertionError("%s: %r instead of %r" % (what, got, wanted))

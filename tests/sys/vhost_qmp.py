# SPDX-License-Identifier: Apache-2.0
"""For vhost_*: QEMU's own protocol, to have it do something to its machine."""

import json
import os
import socket

import vhost_lib as vh


class Monitor:
    """PATH: what the machine was started with, as in -qmp unix:PATH,server=on,wait=off."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        vh.wait_for("a monitor", lambda: os.path.exists(path))
        self.socket.settimeout(vh.PATIENCE_S)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        json.dump({"execute": command, "arguments": arguments}, self.file)
        self.file.flush()
        while True:
            said = json.loads(self.file.readline())
            if "error" in said:
                raise AssertionError("%s: %s" % (command, said["error"]))
            if "return" in said:
                return said["return"]

# SPDX-License-Identifier: Apache-2.0
"""Stands between a vhost-user frontend and a backend and hides feature bits from the frontend.

Only messages pass here, and the descriptors that they carry; frames do not. A user-mode Linux hands
its control queue to the backend and waits for ever for one that takes the queue and never answers,
as DPDK's does; and it starts packed rings with their wrap counters at 0, where DPDK waits for ever.
With CTRL_VQ, what depends on it and RING_PACKED hidden, the two agree.
"""

import os
import socket
import struct
import threading

GET_FEATURES = 1
# CTRL_VQ, CTRL_RX, CTRL_VLAN, CTRL_RX_EXTRA, GUEST_ANNOUNCE, MQ, CTRL_MAC_ADDR; RING_PACKED
HIDDEN = sum(1 << bit for bit in (17, 18, 19, 20, 21, 22, 23, 34))
HEADER = struct.Struct("=III")
FDS = 8


class Relay:
    """FRONT is where the frontend connects. BACK is where the backend listens, or, with
    back_listens=False, where it connects."""

    def __init__(self, stage, front, back, hide=HIDDEN, back_listens=True):
        self.hide, self.back, self.back_listens = hide, back, back_listens
        self.front = listener(stage, front)
        self.back_listener = None if back_listens else listener(stage, back)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                frontend = self.front.accept()[0]
                if self.back_listener:
                    backend = self.back_listener.accept()[0]
                else:
                    backend = socket.socket(socket.AF_UNIX)
                    backend.connect(self.back)
            except OSError:
                return
            # Requests in one direction; answers, which may be changed, in the other.
            for source, target, change in ((frontend, backend, None),
                                           (backend, frontend, self.mask)):
                threading.Thread(target=copy, args=(source, target, change), daemon=True).start()

    def mask(self, request, body):
        if request == GET_FEATURES and len(body) == 8:
            return struct.pack("=Q", struct.unpack("=Q", body)[0] & ~self.hide)
        return body


def listener(stage, path):
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    s.listen(4)
    stage.callback(s.close)
    return s


def copy(source, target, change):
    try:
        while True:
            head, fds, _, _ = socket.recv_fds(source, HEADER.size, FDS)
            while head and len(head) < HEADER.size:
                head += source.recv(HEADER.size - len(head))
            if not head:
                break
            request, flags, size = HEADER.unpack(head)
            body = b""
            while len(body) < size:
                more = source.recv(size - len(body))
                if not more:
                    break
                body += more
            if change:
                body = change(request, body)
            socket.send_fds(target, [HEADER.pack(request, flags, size) + body], fds)
            for fd in fds:
                os.close(fd)
    except OSError:
        pass
    for s in (source, target):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

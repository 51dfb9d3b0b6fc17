# SPDX-License-Identifier: Apache-2.0
"""A daemon that answers what it is told to: for what the real one never says.

    python3 cli_fake.py SOCKET ANSWER

ANSWER is one of the keys below. Every request gets the same.
"""

import json
import os
import socket
import sys

PORTS = [{"name": "\x1b[31mred\x1b[0m\nnext", "switch": "s\u202e1", "type": "tap", "lab": "\u009b2J",
          "status": {"carrier": True, "surprise": {"deep": [1, {"x": None}]}}}]


def http(status, body, kind="application/json", length=None):
    body = body if isinstance(body, bytes) else body.encode()
    head = "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (
        status, kind, len(body) if length is None else length)
    return head.encode() + body


ANSWERS = {
    "hostile": http("200 OK", json.dumps({"items": PORTS})),
    "hostile-fault": http("409 Conflict", json.dumps(
        {"code": "conflict", "message": "it \x1b]0;title\x07 is", "object": "port \x9bx", "hint": "\r"})),
    "stations": http("200 OK", json.dumps({"items": [
        {"switch": s, "vid": v, "mac": "02:00:00:00:00:0" + m, "port": "p" + m, "age_s": 1}
        for s, v, m in (("s2", 1, "1"), ("s1", 10, "1"), ("s1", 9, "b"), ("s1", 9, "a"))]})),
    "not-json": http("200 OK", "<html>hello</html>"),
    "half-json": http("200 OK", '{"items": ['),
    "wrong-shape": http("200 OK", '{"items": {"name": 7}, "changes": "many", "status": []}'),
    "list": http("200 OK", '[1, 2, "x"]'),
    "empty": http("200 OK", ""),
    "cut-short": http("200 OK", '{"items": []', length=5000),
    "no-reason": http("503 Service Unavailable", "busy", "text/plain"),
    "no-http": b"\x00\xff\x00 what is this",
    "nothing": b"",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
}


def main():
    path, answer = sys.argv[1], ANSWERS[sys.argv[2]]
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(8)
    while True:
        client, _ = server.accept()
        client.settimeout(5)
        try:
            client.recv(65536)
            client.sendall(answer)
            client.shutdown(socket.SHUT_WR)
            client.recv(65536)
        except OSError:
            pass
        client.close()


main()

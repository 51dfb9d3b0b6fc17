#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Probes that are old or forged block nobody's port, however many; one that comes back at once does.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 5
start_daemon

told() { grep -c "port $1 is blocked" "$DIR/weftd.log"; }
# What x and y do with frames of the probes' type; FILE is where one leaves them for the other.
cat >"$DIR/probes.py" <<'END'
import random, socket, sys

what, path, device = sys.argv[1:4]


def opened(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
    s.bind((name, 0x88b5))
    return s


def heard(s):
    while True:
        try:
            return s.recv(100)
        except OSError:  # its carrier is gone for a moment
            pass


s = opened(device)
if what == "record":
    print("ready", flush=True)
    with open(path, "w") as f:
        f.write(heard(s).hex())
elif what == "replay":
    old = bytes.fromhex(open(path).read())
    random.seed(1)
    s.send(old)
    for _ in range(2000):  # number and seal drawn, the rest as it was
        s.send(old[:22] + random.randbytes(16) + old[38:])
else:  # relay
    print("ready", flush=True)
    out = opened(sys.argv[4])
    while True:
        out.send(heard(s))
END
# Not a function: what is put into the background is ended by its number. At the latest by itself.
ACTOR=(timeout 120 weft host exec)
again() { weft port set x.eth0 up false >/dev/null && weft port set x.eth0 up true >/dev/null; }
recorded() { [ -s "$DIR/probe" ]; }
ready() { grep -q ready "$DIR/$1"; }

flooded() {
	[ "$(weft port show x.eth1 -o json | python3 -c 'import json, sys
print(json.load(sys.stdin)["status"]["out"]["frames"])')" -ge 1000 ]
}

weft switch add s1 >/dev/null
weft host add x --switch s1 --access 10 >/dev/null
weft port add x.eth1 --host x --device eth1 --switch s1 --access 10 >/dev/null
weft host add y --switch s1 --access 10 >/dev/null

"${ACTOR[@]}" x -- python3 "$DIR/probes.py" record "$DIR/probe" eth0 >"$DIR/record" 2>&1 &
RECORDER=$!
eventually ready record
again
check "a port whose carrier comes is probed" 0 '*' eventually recorded
wait $RECORDER
sleep 3 # not for something to happen: until what was recorded is too old
"${ACTOR[@]}" y -- python3 "$DIR/probes.py" replay "$DIR/probe" eth0
check "what is forged is switched as any frame" 0 '*' eventually flooded
same "what is old blocks nobody" "$(told y.eth0)" 0

"${ACTOR[@]}" x -- python3 "$DIR/probes.py" relay "$DIR/probe" eth0 eth1 >"$DIR/relay" 2>&1 &
RELAY=$!
eventually ready relay
again
check "what comes back at once is a ring" 0 '*' eventually grep -q \
	'port x.eth1 is blocked: what it sends comes back at port x.eth0' "$DIR/weftd.log"
same "nobody else was blocked meanwhile" "$(grep -c 'is blocked: what' "$DIR/weftd.log")" 1
kill $RELAY
wait $RELAY 2>/dev/null
exit "$BAD"

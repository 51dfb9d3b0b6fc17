#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A macvtap as a port: its user is behind its descriptor, as a virtual machine would be. It talks to
# the switch and to nobody on the device that the macvtap is made over.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/netdev_lib.sh
. tests/sys/netdev_lib.sh
alone "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
mount -t sysfs sysfs /sys # of this network
ip link add low type veth peer name beyond
ip link set beyond up
if ! ip link add link low name mv0 type macvtap mode bridge 2>"$DIR/why"; then
	echo "1..0 # SKIP no macvtap here: $(cat "$DIR/why")"
	exit 0
fi
plan 8
IFS=: read -r major minor <"$(echo /sys/class/net/mv0/tap*/dev)"
mknod "$DIR/tap" c "$major" "$minor"
ip link set low up
# A device that was up once keeps a queue when it is down again.
ip link set mv0 up
ip link set mv0 down
BEFORE=$(devices)

start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 --address 10.77.1.1/24 >/dev/null
check "a macvtap is attached" 0 '*port vm: added*' \
	weft port add vm --switch s1 --type netdev --device mv0
await carrier vm True
verdict $? "its port has a carrier"

# The user of the macvtap. It says what it hears.
cat >"$DIR/guest.py" <<'PY'
import os, socket, struct, sys, time

tap = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
mac, router = bytes.fromhex(sys.argv[2].replace(":", "")), sys.argv[3]
beyond = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
beyond.bind(("beyond", 0))
NO_OFFLOAD = bytes(10)


def heard(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            yield os.read(tap, 65536)[10:]
        except BlockingIOError:
            time.sleep(0.01)


def arp(op, target):
    return mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, op) + mac + \
        socket.inet_aton("10.77.1.9") + bytes(6) + socket.inet_aton(target)


beyond.send(b"\xff" * 6 + b"\x02\0\0\0\0\x99" + b"\x88\xb5" + b"from beyond".ljust(50))
beyond.setblocking(False)
answer = None
for _ in range(20):
    os.write(tap, NO_OFFLOAD + b"\xff" * 6 + arp(1, router))
    for frame in heard(0.25):
        if frame[12:14] == b"\x88\xb5":
            print("a frame from beyond")
        if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\2":
            answer = frame
            break
    if answer:
        print("an answer for", answer[:6].hex(":"), "from", socket.inet_ntoa(answer[28:32]))
        break
# A large frame of which the kernel is to make segments.
head = b"\xff" * 6 + mac + b"\x08\x00"
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + 20 + 8000, 1, 0, 64, 6, 0,
                 socket.inet_aton("10.77.1.9"), socket.inet_aton(router))
ip = ip[:10] + struct.pack("!H", 0xffff - sum(struct.unpack("!10H", ip)) % 0xffff) + ip[12:]
tcp = struct.pack("!HHIIBBHHH", 1, 2, 3, 4, 0x50, 0x10, 100, 0, 0)
pseudo = sum(struct.unpack("!4H", ip[12:20])) + 6 + 8020
pseudo = (pseudo & 0xffff) + (pseudo >> 16)
tcp = tcp[:16] + struct.pack("!H", pseudo) + tcp[18:]
os.write(tap, struct.pack("<BBHHHH", 1, 1, 54, 1448, 34, 16) + head + ip + tcp + bytes(8000))
time.sleep(0.2)
try:
    while True:
        if beyond.recv(65536)[6:12] == mac:
            print("beyond heard it")
except BlockingIOError:
    pass
PY
MAC=$(ip -br link show mv0 | awk '{ print $3 }')
run python3 "$DIR/guest.py" "$DIR/tap" "$MAC" 10.77.1.1
same "its user reaches a host, and nobody beyond" "$OUT$ERR" "an answer for $MAC from 10.77.1.1"
BYTES=$(weft port show vm -o json | python3 -c 'import json, sys
print(json.load(sys.stdin)["status"]["in"]["bytes"])')
[ "$BYTES" -gt 8000 ]
verdict $? "a large frame comes in whole" "$BYTES octets"
check "and is no fault" 0 '*' weft drops
[[ $OUT != *vm*offload* ]]
verdict $? "of its offload header" "$OUT"
weft port remove vm >/dev/null
same "afterwards all is as it was" "$(devices)" "$BEFORE"
ip link set mv0 up
check "and its user talks to what is beyond" 0 '*beyond heard it*' \
	python3 "$DIR/guest.py" "$DIR/tap" "$MAC" 10.77.1.1
exit $BAD

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Frames from a file reach a host; what a host sends ends in a file.
cd "$(dirname "$0")/../.." || exit 1
[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 11
ip link set lo up

recorded() { tcpdump -nr "$DIR/state/captures/out.pcap" "$@" 2>/dev/null; }
pieces() { recorded 'udp and dst 10.77.1.50' | wc -l; }
sums() { recorded -vv 'udp and dst 10.77.1.50' | grep -c 'udp sum ok'; }
received() { weft host exec a -- cat /proc/net/snmp | awk '$1 == "Icmp:" { v = $10 } END { print v }'; }

start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 --address 10.77.1.1/24 --mac 02:00:00:00:00:0a >/dev/null
weft host add b --switch s1 --address 10.77.1.2/24 --mac 02:00:00:00:00:0b >/dev/null

# 20 echo requests from 10.77.1.99, 20 ms apart; then five frames that were captured in part.
python3 - "$DIR/state/captures/in.pcap" <<'X'
import struct, sys

def sum16(b):
    s = sum(struct.unpack(">%dH" % (len(b) // 2), b))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff

def echo(seq):
    icmp = struct.pack(">BBHHH", 8, 0, 0, 7, seq) + b"weft" * 8
    icmp = icmp[:2] + struct.pack(">H", sum16(icmp)) + icmp[4:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), seq, 0, 64, 1, 0,
                     bytes([10, 77, 1, 99]), bytes([10, 77, 1, 1]))
    ip = ip[:10] + struct.pack(">H", sum16(ip)) + ip[12:]
    return bytes.fromhex("02000000000a" "020000000063" "0800") + ip + icmp

with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(20):
        f.write(struct.pack("<IIII", 1000, i * 20000, len(echo(i)), len(echo(i))) + echo(i))
    for i in range(5):
        f.write(struct.pack("<IIII", 1001, 0, 60, 1514) + echo(i)[:60])
X

check "a port that records is made" 0 '*added*' \
	weft port add rec --switch s1 --type pcap --record out.pcap
check "a port that replays is made" 0 '*added*' \
	weft port add play --switch s1 --type pcap --replay in.pcap
soon "the end of the file is told" 0 '*replay of in.pcap done: 20 frames, 5 skipped*' \
	cat "$DIR/weftd.log"
soon "the host got each echo request" 0 $'20\n' received
soon "what is flooded is in the recording" 0 '*who-has 10.77.1.99*' \
	recorded 'arp and host 10.77.1.99'

# A large TCP segment to an address that nobody has: the recording gets frames as a wire would.
weft host exec a -- ip neigh add 10.77.1.50 lladdr 02:00:00:00:00:32 dev eth0
weft host exec a -- python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_UDP, 103, 1000)  # UDP_SEGMENT
s.sendto(b"x" * 5000, ("10.77.1.50", 9))
'
soon "a frame that was to be cut is recorded in pieces" 0 $'5\n' pieces
same "with checksums that are right" "$(sums)" 5

kill -9 "$DAEMON"
wait "$DAEMON" 2>/dev/null
start_daemon
# The host has lost its neighbours with the carrier: it asks for them.
asked() {
	weft host exec a -- ping -c 1 -W 0.2 10.77.1.50 >/dev/null
	recorded 'arp and host 10.77.1.50'
}
soon "a recording is continued after a crash" 0 '*who-has 10.77.1.50*' asked
same "and what was in it is there" "$(pieces)" 5
check "a file outside the folder is refused" 1 '*' \
	weft port add out --switch s1 --type pcap --record ../state.db
check "a file that is not there is named" 1 '*there is no file none.pcap in*' \
	weft port add none --switch s1 --type pcap --replay none.pcap
exit $BAD

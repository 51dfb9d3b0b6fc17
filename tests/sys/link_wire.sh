#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two hosts on a wire: everything crosses as it was sent, carriers follow, and all of it survives the daemon.
cd "$(dirname "$0")/../.." || exit 1
# A network and mounts of its own: "the machine" here is nobody's.
[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 28
ip link set lo up

in_host() { nsenter --net="$DIR/run/netns/$1" -- "${@:2}"; }
link_of() { in_host "$1" ip link show "${2:-eth0}"; }
crash() {
	kill -9 "$DAEMON"
	wait "$DAEMON" 2>/dev/null
}

# Frames that a switch would keep, change, or drop; one a line, in hexadecimal.
frames() {
	python3 - <<'END'
mark = bytes.fromhex("0257454654aa")  # a source that nobody else has
rest = bytes(range(46))
def frame(dst, tail, src=mark):
    print((bytes.fromhex(dst) + src + tail).hex())
def typed(t, body=rest):
    return t.to_bytes(2, "big") + body
for last in range(16):  # 802.1Q table 8-1 to 8-3: they stay on their link
    frame("0180c20000%02x" % last, typed(0x88b5))
frame("0180c200000e", typed(0x88cc, bytes.fromhex("0207040257454654aa") + rest))  # LLDP
frame("0180c2000002", typed(0x8809, b"\x01\x01" + bytes(108)))  # LACP
frame("0180c2000001", typed(0x8808, b"\x00\x01\xff\xff" + bytes(42)))  # pause
frame("0180c2000000", typed(38, bytes.fromhex("424203") + bytes(43)))  # STP: 802.3 with LLC
frame("0180c2000003", typed(0x888e, b"\x02\x01\x00\x00" + bytes(42)))  # 802.1X
frame("ffffffffffff", typed(0x8100, bytes.fromhex("e00088b5") + rest))  # priority-tagged
frame("ffffffffffff", typed(0x8100, bytes.fromhex("0fff88b5") + rest))  # VID 4095
frame("ffffffffffff", typed(0x88a8, bytes.fromhex("3064810020c888b5") + rest))  # S-tag, C-tag
frame("ffffffffffff", typed(0x88b5), src=bytes.fromhex("0357454654aa"))  # a source that is a group
frame("02ffffffffff", typed(0x0003, b"abc" + bytes(43)))  # length field
frame("02ffffffffff", typed(0x05ff))  # neither a length nor a type
frame("02ffffffffff", typed(0xffff, bytes(1500)))
END
}

# Sends what is read to device DEV of host H.
send() {
	in_host "$1" python3 -c '
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
for line in sys.stdin:
    s.send(bytes.fromhex(line))' "$2"
}

# Prints what comes to eth0 of host H, until N frames of ours have; then those, as they were sent.
receive() {
	in_host "$1" timeout 60 python3 -c '
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("eth0", 0))
s.setsockopt(263, 8, 1)  # PACKET_AUXDATA: the kernel takes a tag out of the frame
open(sys.argv[2], "w").close()
n = 0
while n < int(sys.argv[1]):
    data, extra, _, (_, _, kind, _, _) = s.recvmsg(65536, 256)
    if kind == 4 or data[7:12] != bytes.fromhex("57454654aa"):  # our own, or a strangers
        continue
    for _, _, aux in extra:
        status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", aux)
        if status & 0x10:
            data = data[:12] + struct.pack(">HH", tpid if status & 0x40 else 0x8100, tci) + data[12:]
    print(data.hex())
    n += 1' "$2" "$DIR/listening"
}

listening() { [ -e "$DIR/listening" ]; }

# cross FROM TO: what is sent there comes here, the same.
cross() {
	local from=$1 to=$2
	rm -f "$DIR/listening"
	receive "$to" "$(wc -l <"$DIR/sent")" >"$DIR/came" 2>"$DIR/receive.err" &
	local receiver=$!
	eventually listening
	send "$from" eth0 <"$DIR/sent"
	wait "$receiver"
	diff "$DIR/sent" "$DIR/came" >"$DIR/diff" 2>&1
	verdict $? "$3" "$(head -5 "$DIR/diff" "$DIR/receive.err")"
}

frames >"$DIR/sent"
start_daemon
weft host add r1 --address 10.77.1.1/30 >/dev/null
weft host add r2 >/dev/null
check "a port that is plugged into nothing has no carrier" 0 '*NO-CARRIER*' link_of r1
check "and says why" 0 '*plugged into no switch and no link*' weft port show r1.eth0
check "two hosts are joined by a wire, and a NIC is made for it" 0 \
	'*link w: added, with port r2.eth0*' weft link add w --mode wire --a r1 --b r2
check "the same once more changes nothing" 0 '*unchanged*' \
	weft link add w --mode wire --a r1 --b r2
weft port set r2.eth0 address 10.77.1.2/30 >/dev/null
soon "they reach one another" 0 '*1 received*' in_host r1 ping -c 1 -W 2 10.77.1.2
cross r1 r2 "LLDP, LACP, STP, 802.1X, pause and odd frames cross bit for bit"
cross r2 r1 "and back"
check "a wire is listed with its ends" 0 '*w *wire *up *r1.eth0, r2.eth0*' weft link list
check "and among the metrics" 0 '*weft_link_carrier{link="w",mode="wire"} 1*' \
	curl -s --unix-socket "$WEFT_SOCKET" http://weft/metrics
check "no frame was dropped" 0 '*nothing was dropped*' weft drops

weft link set w up no >/dev/null
check "a cut wire takes the carrier of one end" 0 '*NO-CARRIER*' link_of r1
check "and of the other" 0 '*NO-CARRIER*' link_of r2
check "status names it" 0 '*w * wire *r1.eth0 *r2.eth0 *cut*' weft status
weft link set w up yes >/dev/null
in_host r2 ip link set eth0 down
soon "a device that is taken down takes the other end's carrier" 0 '*NO-CARRIER*' link_of r1
in_host r2 ip link set eth0 up
soon "which comes back with it" 0 '*LOWER_UP*' link_of r1

crash
soon "without a daemon neither has a carrier" 0 '*NO-CARRIER*' link_of r1
start_daemon
soon "the next daemon finds both ends" 0 '*1 received*' in_host r1 ping -c 1 -W 2 10.77.1.2
cross r1 r2 "and all crosses as before"

check "what cannot be is said" 1 '*port r1.eth0 is an end of wire w already*' \
	weft link add v --mode wire --a r1 --b r2.eth1
weft switch add s1 >/dev/null
check "a switch is not asked for what crosses a wire" 1 '*a wire has no trunk*' \
	weft link add v --mode wire --a r1.eth1 --b r2.eth1 --trunk 10

# Machines: the stream's program is two of them.
weft port add vm1 --type vhost_user >/dev/null
weft port add vm2 --type vhost_user >/dev/null
weft link add vms --mode wire --a vm1 --b vm2 >/dev/null
check "a machine that is off leaves the other end without a carrier" 0 \
	'*vm1: the other end of its link is down*' weft status
stream() {
	{
		echo
		eventually holds 0 '*vms *wire *up*' weft link list
		for _ in {1..50}; do echo; done
	} | "$BIN/tests/sys/live_stream" "$DIR/run/vhost/vm1.sock" "$DIR/run/vhost/vm2.sock"
}
check "machines on a wire lose no frame" 0 '*"lost": 0, "late": 0, "strange": 0*' stream
soon "when they end, so does their carrier" 0 '*vms *wire *down*' weft link list
check "a port in no switch says so when it is added" 0 '*p: added; no carrier yet: it is plugged into no switch*' \
	weft port add p --device loose0
weft host remove r2 >/dev/null
check "a wire goes with what it ends at" 1 '*there is no link w*' weft link show w

# From a wire into a switch: a port's switch is fixed, so it is made anew.
cat >"$DIR/lab.yaml" <<'END'
lab: moved
hosts: { h1: { address: 10.77.2.1/30 }, h2: { address: 10.77.2.2/30 } }
links: { l: { mode: wire, a: h1, b: h2 } }
END
weft up "$DIR/lab.yaml" >/dev/null
soon "a lab has a wire" 0 '*1 received*' in_host h1 ping -c 1 -W 2 10.77.2.2
cat >"$DIR/lab.yaml" <<'END'
lab: moved
switches: { sw: {} }
hosts: { h1: { switch: sw, address: 10.77.2.1/30 }, h2: { switch: sw, address: 10.77.2.2/30 } }
END
check "its ports can be moved into a switch" 0 '*h1.eth0*' weft up "$DIR/lab.yaml"
soon "where they reach one another" 0 '*1 received*' in_host h1 ping -c 1 -W 2 10.77.2.2
exit $BAD

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One end of a veth pair as a port: frames, large ones and tagged ones too, pass both ways, and
# afterwards all is as it was.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/netdev_lib.sh
. tests/sys/netdev_lib.sh
alone "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 35

wired blue 10.77.1.2/24
wired red 10.77.1.3/24
# A device that was up once keeps a queue when it is down again.
for d in blue red; do
	ip link set $d up
	ip link set $d down
done
ip link set red up promisc on
tc qdisc add dev red clsact
BEFORE=$(devices)

start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 --address 10.77.1.1/24 >/dev/null
check "a veth end is attached" 0 '*port blue: added*' \
	weft port add blue --switch s1 --type netdev --device blue
check "and another, which is up, promiscuous and has a qdisc" 0 '*port red: added*' \
	weft port add red --switch s1 --type netdev --device red
await carrier blue True
verdict $? "its port has a carrier"
check "namespaces reach one another" 0 '*1 received*' reaches blue 10.77.1.3
check "and hosts" 0 '*1 received*' reaches blue 10.77.1.1
check "hosts reach them" 0 '*1 received*' weft host exec a -- ping -c 1 -W 1 10.77.1.3
same "the machine itself sees none of it" "$(ip -s -4 neigh show)" ""

frame_size() { weft port show "$1" -o json | python3 -c 'import json, sys
c = json.load(sys.stdin)["status"][sys.argv[1]]
print(c["bytes"] // max(c["frames"], 1))' "$2"; }
in_blue() { ip netns exec blue "$@"; }
in_red() { ip netns exec red "$@"; }
in_c() { weft host exec c -- "$@"; }
in_d() { weft host exec d -- "$@"; }
# tcp A B ADDRESS: 64 MiB from A to B.
tcp() {
	"$2" iperf3 -s -1 -D >/dev/null
	await "$1" iperf3 -c "$3" -n 64M
}
tcp in_blue in_red 10.77.1.3
verdict $? "TCP passes"
SIZE=$(frame_size blue in)
[ "$SIZE" -gt 4000 ]
verdict $? "in frames much longer than the MTU" "$SIZE octets a frame"
SIZE=$(frame_size red out)
[ "$SIZE" -gt 4000 ]
verdict $? "which leave as they came" "$SIZE octets a frame"

# The kernel's own frames do not mix with the port's.
HEARD=$DIR/heard
MAC=$(ip -br link show blue | awk '{ print $3 }')
timeout 3 ip netns exec blue tcpdump -lni eth0 -c 1 ether src "$MAC" \
	>"$HEARD" 2>/dev/null &
LISTENER=$!
sleep 0.5
MAC=$MAC python3 - <<'PY'
import os, socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("blue", 0))
mac = bytes.fromhex(os.environ["MAC"].replace(":", ""))
for _ in range(5):
    try:
        s.send(b"\xff" * 6 + mac + b"\x88\xb5" + b"x" * 50)
    except OSError:  # it is told at once that nobody takes it
        pass
PY
wait $LISTENER
same "what the machine sends through the device is stopped" "$(cat "$HEARD")" ""

check "a port that is cut takes its far side's carrier" 0 '*' weft port set blue up no
check "which sees it" 0 '*NO-CARRIER*' ip -n blue link show eth0
check "and gets it back" 0 '*' weft port set blue up yes
await reaches blue 10.77.1.3
verdict $? "with its frames"
ip -n blue link set eth0 down
await carrier blue False
verdict $? "a far side that goes down takes the port's carrier"
check "for a reason that is told" 0 '*port blue is down: device blue has no carrier*' \
	cat "$DIR/weftd.log"
ip -n blue link set eth0 up
await reaches blue 10.77.1.3
verdict $? "and gives it back"
ip link set blue down
await grep -q 'port blue is down: device blue is down' "$DIR/weftd.log"
verdict $? "a device that is taken down by hand is told"
ip link set blue up
await reaches blue 10.77.1.3
verdict $? "and goes on when it is up"

# ---- tags: one veth pair between two switches, both ends attached ----
ip link add t0 type veth peer name t1
weft switch add s2 >/dev/null
weft port add t0 --switch s1 --type netdev --device t0 --trunk 10,20 >/dev/null
weft port add t1 --switch s2 --type netdev --device t1 --trunk 10,20 >/dev/null
weft host add c --switch s1 --access 10 --address 10.78.1.1/24 >/dev/null
weft host add d --switch s2 --access 10 --address 10.78.1.2/24 >/dev/null
check "tagged frames pass a trunk of two attached devices" 0 '*1 received*' \
	weft host exec c -- ping -c 1 -W 2 10.78.1.2
tcp in_c in_d 10.78.1.2
verdict $? "and TCP with them"
SIZE=$(frame_size t1 in)
[ "$SIZE" -gt 4000 ]
verdict $? "in large frames with a tag" "$SIZE octets a frame"
tcpdump -eni t0 -c 3 -w "$DIR/t0.pcap" vlan 10 2>/dev/null &
DUMP=$!
sleep 0.5
weft host exec c -- ping -c 3 -i 0.2 -W 1 10.78.1.2 >/dev/null
wait $DUMP
check "on the wire between them they have their tag" 0 '*vlan 10,*' tcpdump -enr "$DIR/t0.pcap"

# ---- what is refused ----
add() { weft port add x --switch s1 --type netdev "$@"; }
check "no device" 1 "*needs its 'device'*" add
check "a device that is not there" 1 '*there is no device nix in the machine*' add --device nix
check "the loopback device" 1 '*lo is the loopback device*' add --device lo
check "one of ours" 1 "*is Weft's own*" add --device weft0
check "one that is a port" 1 '*device blue is port blue already*' add --device blue
ip link add u0 type veth peer name u1
ip link set u0 up
ip address add 10.99.0.1/24 dev u0
check "one with an address" 1 '*device u0 is in use, it has the address 10.99.0.1/24*' \
	add --device u0
ip route add default via 10.99.0.2
check "one with the default route" 1 '*device u0 is in use, the default route is over it*force*' \
	add --device u0
check "but for force" 0 '*port x: added*' add --device u0 --force
weft port remove x >/dev/null
check "which keeps what it has" 0 '*default via 10.99.0.2 dev u0*' ip route
ip link add br0 type bridge
ip link set u1 master br0
check "a bridge's port" 1 '*device u1 belongs to br0*nomaster*' add --device u1
ip link del br0
ip link del u0
for p in t0 t1 red blue; do weft port remove $p >/dev/null; done
ip link del t0
same "afterwards all is as it was" "$(devices)" "$BEFORE"
exit $BAD

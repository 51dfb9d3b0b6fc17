#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Devices, hosts and what a person did to them survive the daemon; what nobody owns does not.
cd "$(dirname "$0")/../.." || exit 1
# A network and mounts of its own: "the machine" here is nobody's.
[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 28
ip link set lo up

links() { ip -br link | sort; }
mounts() { grep -c "$DIR" /proc/self/mounts; }
index() { weft host exec "$1" -- cat /sys/class/net/eth0/ifindex; }
ticks() { awk '{ print $14 + $15 }' "/proc/$DAEMON/stat"; }
crash() {
	kill -9 "$DAEMON"
	wait "$DAEMON" 2>/dev/null
}

LINKS=$(links)
start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 --address 10.77.1.1/24 >/dev/null
weft host add b --switch s1 --address 10.77.1.2/24 >/dev/null
weft port add m --switch s1 --address 10.77.1.3/24 >/dev/null
soon "hosts reach one another" 0 '*1 received*' weft host exec a -- ping -c 1 -W 2 10.77.1.2
soon "and the machine" 0 '*1 received*' weft host exec a -- ping -c 1 -W 2 10.77.1.3
check "the machine's device has the first free name" 0 '*weft0*' ip link show weft0

weft host exec a -- ip address add 10.66.0.1/24 dev eth0
weft host exec a -- ip route add 10.55.0.0/16 via 10.66.0.2
INDEX=$(index a)
crash
soon "without a daemon the device is there and has no carrier" 0 '*NO-CARRIER*' \
	nsenter --net="$DIR/run/netns/a" ip link show eth0
start_daemon
same "the next daemon finds the device" "$(index a)" "$INDEX"
soon "hosts reach one another again" 0 '*1 received*' weft host exec a -- ping -c 1 -W 2 10.77.1.2
check "an address that a person added stays" 0 '*10.66.0.1/24*' \
	weft host exec a -- ip address show eth0
check "and the route over it" 0 '*10.55.0.0/16*' weft host exec a -- ip route
check "the machine's device keeps its name" 0 '*10.77.1.3/24*' ip address show weft0

weft port set b.eth0 address 10.77.1.9/24 >/dev/null
crash
start_daemon
check "a change that was acknowledged is true after a crash" 0 '*10.77.1.9/24*' \
	weft host exec b -- ip address show eth0
run weft host exec b -- ip address show eth0
[[ $OUT != *10.77.1.2/24* ]]
verdict $? "and what it replaced is gone" "$OUT"

# As if the daemon had died between its promise and the work.
crash
ip tuntap add dev left0 mode tap
ip link set left0 alias "weft:cli$$:gone"
ip tuntap add dev theirs0 mode tap
touch "$DIR/run/netns/gone"
unshare -n -- mount --bind /proc/self/ns/net "$DIR/run/netns/gone" 2>/dev/null
start_daemon
check "a device of ours without a port is swept away" 1 '*does not exist*' ip link show left0
check "a stranger's is not" 0 '*theirs0*' ip link show theirs0
[ ! -e "$DIR/run/netns/gone" ]
verdict $? "a namespace without a host is swept away"
check "a stranger's device is never taken" 1 "*device theirs0 exists already in the machine*" \
	weft port add x --switch s1 --device theirs0
ip link del theirs0

weft port set a.eth0 up no >/dev/null
soon "a port that is cut takes its host's carrier" 0 '*NO-CARRIER*' \
	weft host exec a -- ip link show eth0
weft port set a.eth0 up yes >/dev/null
weft host exec b -- ip link set eth0 down
soon "a device that is taken down by hand is told" 0 '*port b.eth0 is down: its device is down*' \
	cat "$DIR/weftd.log"
weft host exec b -- ip link set eth0 up

weft host set a routes '10.88.0.0/16 via 10.77.1.9' >/dev/null
weft host exec a -- ip link del eth0
soon "a device that is removed by hand is told" 0 \
	'*port a.eth0 is down: its device eth0 is gone from host a*' cat "$DIR/weftd.log"
soon "and made anew" 0 '*1 received*' weft host exec a -- ping -c 1 -W 2 10.77.1.9
soon "with its host's routes" 0 '*10.88.0.0/16 via 10.77.1.9*' weft host exec a -- ip route
take_away() {
	weft host exec a -- ip link del eth0
	cat "$DIR/weftd.log"
}
soon "who takes it away again and again wins" 0 '*port a.eth0 stays down until it is changed*' take_away
check "its port says so" 0 '*"device_lost":*true*' weft port show a.eth0 -o json
TICKS=$(ticks)
sleep 0.5
[ $(($(ticks) - TICKS)) -lt 10 ]
verdict $? "no worker spins on what is left of it" "$(($(ticks) - TICKS)) ticks"
weft port set a.eth0 up no >/dev/null
weft port set a.eth0 up yes >/dev/null
soon "a change of the port makes it anew" 0 '*1 received*' \
	weft host exec a -- ping -c 1 -W 2 10.77.1.9

kill "$DAEMON"
wait "$DAEMON"
same "a daemon that stops leaves its hosts" "$(ls "$DIR/run/netns")" $'a\nb'
start_daemon
weft host remove a >/dev/null
check "a host goes with its NIC" 1 '*' weft port show a.eth0
kill "$DAEMON"
wait "$DAEMON"
weftd --state-dir "$DIR/state" --run-dir "$DIR/run" --instance "cli$$" --purge 2>/dev/null
same "after --purge the machine's links are as before" "$(links)" "$LINKS"
same "and no mount is left" "$(mounts)" 0
DAEMON=
exit $BAD

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A guest that bridges its NICs closes a ring that no model knows: it is found, the later port is
# blocked, others go on, and it opens when the bridge is gone. The same for a veth pair between two
# ports, and for a guest between two switches that a link joins.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/netdev_lib.sh
. tests/sys/netdev_lib.sh
alone "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 16
start_daemon

events() { # TYPE: all of them
	curl -sN --max-time 0.5 --unix-socket "$WEFT_SOCKET" 'http://weft/v1/events?since=0' |
		sed -n 's/^data: //p' | grep "\"$1\""
}
told() { grep -qF "$1" "$DIR/weftd.log"; }
reach() { weft host exec a -- ping -c 1 -W 5 10.78.2.2; }
bridge() { # HOST
	weft host exec "$1" -- ip link add br0 type bridge
	weft host exec "$1" -- ip link set br0 up
	for d in eth0 eth1; do weft host exec "$1" -- ip link set $d master br0; done
}
# Somebody asks for one who is not there: a frame for all.
ask() { weft host exec a -- ping -c 1 -W 1 10.78.2.99 >/dev/null 2>&1; }

for s in s1 s2; do weft switch add $s >/dev/null; done
weft host add a --switch s1 --access 10 --address 10.78.2.1/24 >/dev/null
weft host add b --switch s1 --access 10 --address 10.78.2.2/24 >/dev/null
weft host add g --switch s1 --access 10 >/dev/null
weft port add g.eth1 --host g --device eth1 --switch s1 --access 10 >/dev/null
check "hosts reach one another" 0 '*1 received*' reach
same "no port is blocked for nothing" "$(events port.loop)" ""

bridge g
ask
check "a guest's bridge closes a ring, which is found" 0 '*' eventually told \
	'port g.eth1 is blocked: what it sends comes back at port g.eth0; a bridge in the guest?'
check "and is an event" 0 '*"g.eth1"*"port g.eth1 is blocked: *' events port.loop
check "its port says so" 0 '*loop*g.eth0*' weft port show g.eth1
check "and in the list" 0 '*LOOP*g.eth1*g.eth0*' weft port list
soon "others go on" 0 '*1 received*' reach
check "what it still sends has a named end" 0 '*port is blocked: it is part of a ring*' \
	eventually weft drops
weft host exec g -- ip link set eth1 nomaster
check "without the bridge it opens by itself" 0 '*' eventually told \
	'port g.eth1 is open again: what it sends comes back no more'
same "and says nothing of a loop" "$(weft port show g.eth1 | grep -c loop)" 0

weft link add t --a s1 --b s2 --trunk 10 >/dev/null
weft port set g.eth1 up false >/dev/null
weft host add h --switch s1 --access 10 >/dev/null
weft port add h.eth1 --host h --device eth1 --switch s2 --access 10 >/dev/null
bridge h
ask
check "a ring through a link and a guest is found too" 0 '*' eventually told \
	'port h.eth1 is blocked: what it sends comes back at port h.eth0; a bridge in the guest?'
soon "and others go on" 0 '*1 received*' reach
weft port set h.eth1 up false >/dev/null
check "a port that is cut is not blocked any more" 0 '*' eventually told \
	'port h.eth1 is not blocked any more: it has no carrier'

ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
weft port add v0 --type netdev --device v0 --switch s1 --access 10 >/dev/null
weft port add v1 --type netdev --device v1 --switch s1 --access 10 >/dev/null
ask
check "so is a pair of devices between two ports" 0 '*' eventually told \
	'port v1 is blocked: what it sends comes back at port v0; are both in one network?'

weft host add c --switch s1 --access 20 --address 10.78.3.1/24 >/dev/null
weft host add d --switch s1 --access 20 --address 10.78.3.2/24 >/dev/null
weft switch set s1 loops allow >/dev/null
check "where loops are allowed it opens at once" 0 '*' eventually told \
	'port v1 is open again: loops are allowed on its switch'
ask
soon "and frames go round, but another VLAN has its share" 0 '*1 received*' \
	weft host exec c -- ping -c 1 -W 5 10.78.3.2
exit "$BAD"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The examples of QinQ and of private VLANs come up and do what they say; VLANs as objects.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 56
start_daemon

reach() { weft host exec "$1" -- ping -c 1 -W 10 "$2"; }
# The neighbour is not asked for again, so that a moment is enough to have asked in vain.
miss() { weft host exec "$1" -- ping -c 1 -W 0.3 "$2"; }

# ---- QinQ ----
check "the provider's lab comes up" 0 '*lab qinq: * added*' weft up examples/qinq.yaml
weft capture core.a -c 4 -w "$DIR/core.pcap" 2>"$DIR/capture.log" &
CAPTURE=$!
eventually [ -s "$DIR/core.pcap" ]
check "red's sites reach one another" 0 '*1 received*' reach red-a 10.0.0.2
check "blue's too, by the same VLAN and addresses" 0 '*1 received*' reach blue-a 10.0.0.2
captured() {
	reach red-a 10.0.0.2 >/dev/null
	! kill -0 "$CAPTURE" 2>/dev/null
}
eventually captured
wait "$CAPTURE"
# Lines of the capture, and of those the ones with the provider's tag and the customer's in it.
lines() { tcpdump -enr "$DIR/core.pcap" 2>/dev/null | grep -cE "$1"; }
same "on the trunk the customer's tag is inside of the provider's" \
	"$(lines '0x88a8.* vlan [12]00, .*0x8100.* vlan 10, ')" "$(lines .)"
check "each host is behind its own customer's tunnel" 0 '*100 *red-left.b*' weft fdb list --switch p1
check "a VLAN that the customer may not use does not cross" 1 '*0 received*' miss blue-c 10.0.1.2
check "and is refused by name" 0 '*not a VLAN that the customer may use*' weft drops
check "the matrix shows tunnels and the provider's tags" 0 \
	'*red *blue*core.a *S *S*red-left.b *Q *.*Q tunnel*' weft vlan show p1
check "as JSON too" 0 '*"tunnel":*"red-left.b"*' weft vlan show p1 -o json
check "the lab goes" 0 '*' weft down qinq

# ---- private VLANs ----
check "the hotel comes up" 0 '*lab private-vlan: * added*' weft up examples/private-vlan.yaml
check "a room reaches the router" 0 '*1 received*' reach room1 10.0.0.254
check "from the other floor as well" 0 '*1 received*' reach room3 10.0.0.254
check "and the router a room" 0 '*1 received*' reach router 10.0.0.3
check "not the room beside it" 1 '*0 received*' miss room1 10.0.0.2
check "nor one on the other floor" 1 '*0 received*' miss room1 10.0.0.3
check "nor an office" 1 '*0 received*' miss room1 10.0.0.11
check "offices reach one another" 0 '*1 received*' reach office1 10.0.0.12
check "and the router" 0 '*1 received*' reach office2 10.0.0.254
check "but no room" 1 '*0 received*' miss office1 10.0.0.1
weft host exec room1 -- ip neigh replace 10.0.0.2 lladdr \
	"$(weft host exec room2 -- cat /sys/class/net/eth0/address)" dev eth0
check "not even who knows the address" 1 '*0 received*' miss room1 10.0.0.2
check "which is refused by name" 0 '*private VLAN keeps the two ports apart*' weft drops
check "the matrix shows who hears whom" 0 '*router.eth0 *P *P *P*I isolated*' weft vlan show floor1
check "a room becomes an office at once" 0 '*' weft port set room2.eth0 access 12
check "and is one" 0 '*1 received*' reach room2 10.0.0.11
check "without the private VLAN it is one of its own" 0 '*' weft vlan remove floor1 12
check "and hears the router no more" 1 '*0 received*' miss office1 10.0.0.254
check "the lab goes too" 0 '*' weft down private-vlan

# ---- isolation ----
weft switch add s1 >/dev/null
weft host add a --switch s1 --isolated --address 10.0.0.1/24 >/dev/null
weft host add b --switch s1 --isolated --address 10.0.0.2/24 >/dev/null
weft host add c --switch s1 --address 10.0.0.3/24 >/dev/null
check "an isolated port reaches one that is not" 0 '*1 received*' reach a 10.0.0.3
check "but no isolated one" 1 '*0 received*' miss a 10.0.0.2
check "until it is none any more" 0 '*' weft port set b.eth0 isolated false
check "then it does" 0 '*1 received*' reach a 10.0.0.2

# ---- objects ----
check "a range is one object" 0 'vlan s1.100-199: added*' weft vlan add s1 100-199 --title rooms
check "it is listed" 0 '*s1.100-199*100*199*rooms*' weft vlan list
check "what overlaps is refused by a sentence" 1 \
	'*VLANs 150-160 and VLANs 100-199 of switch s1 overlap*' weft vlan add s1 150-160
check "and so is one inside of it" 1 '*VLAN 100 and VLANs 100-199 of switch s1 overlap*' \
	weft vlan add s1 100
check "a range runs upwards" 1 '*comes after the first, 30*' weft vlan add s1 30-20
check "a secondary VLAN needs its primary" 1 '*belongs to a primary one*' \
	weft vlan add s1 20 --private isolated
check "and another than itself" 1 '*VLAN 20 cannot be primary to itself*' \
	weft vlan add s1 20 --private isolated --primary 20
weft vlan add s1 20 --private isolated --primary 10 >/dev/null
check "there is one isolated VLAN in a primary one" 1 '*VLAN 10 has an isolated VLAN already, 20*' \
	weft vlan add s1 21 --private isolated --primary 10
check "a primary VLAN is no secondary one" 1 '*VLAN 10 is primary to VLAN 20*' \
	weft vlan add s1 10 --private community --primary 9
check "nor the other way round" 1 '*VLAN 20 is primary to VLAN 22*' \
	weft vlan add s1 22 --private community --primary 20

# ---- faults of ports ----
check "a port is one thing" 1 '*either trunk or tunnel*' weft port add p --switch s1 --type pcap \
	--record x --trunk 10 --tunnel 20
check "what goes untagged has to go" 1 '*VLAN 30 cannot go out untagged*add it to*' \
	weft port add p --switch s1 --type pcap --record x --trunk 10 --untagged 30

# ---- titles in place of numbers ----
weft vlan add s1 40 --title staff >/dev/null
weft vlan add s1 41 --title guests >/dev/null
check "a title stands for its number" 0 '*' weft port set a.eth0 access staff
check "and is kept as it was written" 0 '*access *staff*' weft port show a.eth0
weft port set b.eth0 access 40 >/dev/null
check "frames know the number only" 0 '*1 received*' reach a 10.0.0.2
check "the matrix too" 0 '*a.eth0 *U*' weft vlan show s1
check "a title that nobody has is refused" 1 "*no VLAN of switch s1 is called 'stuff'*" \
	weft port set a.eth0 access stuff
check "so is one of a range where one VLAN is wanted" 1 "*VLANs 100-199 *are called 'rooms'*" \
	weft port set a.eth0 access rooms
check "a set takes both" 0 '*' weft port add p --switch s1 --type pcap --record x \
	--trunk rooms,7,staff
check "and is kept so" 0 '*7,rooms,staff*' weft port show p
check "a title that is used does not go" 1 '*port a.eth0 has access staff, but no VLAN*' \
	weft vlan remove s1 40
check "nor does it change" 1 '*port a.eth0 has access staff, but no VLAN*' \
	weft vlan set s1 40 title people
check "nor is it given twice" 1 '*port a.eth0 has access staff, but 2 VLANs*' \
	weft vlan set s1 41 title staff
weft port set a.eth0 access 40 >/dev/null
weft port remove p >/dev/null
check "when it is not used it changes" 0 '*' weft vlan set s1 40 title people
exit "$BAD"

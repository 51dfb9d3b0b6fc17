#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who may speak at a port, and as whom: the lab of examples/guarded-ports.yaml, with guests that try.
cd "$(dirname "$0")/../.." || exit 1
[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 22
ip link set lo up
start_daemon

# shellcheck disable=SC2317,SC2329 # called by check and soon
guest() { weft host exec "$@"; }
# shellcheck disable=SC2317,SC2329
shown() { weft port show "$1"; }

# raw HOST HEX: a frame as it is, 100 octets.
raw() {
	weft host exec "$1" -- python3 -c '
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
s.send(bytes.fromhex(sys.argv[1]).ljust(100, b"\0"))' "$2"
}

check "the lab comes up" 0 '*' weft up examples/guarded-ports.yaml
check "guests reach the server" 0 '*1 received*' guest guest1 -- ping -c 1 -W 9 10.0.10.1
check "and one another" 0 '*1 received*' guest guest1 -- ping -c 1 -W 9 10.0.10.12

ME=$(guest guest1 -- cat /sys/class/net/eth0/address | tr -d :)
TWO=020000000012 MORE=020000000112 NOBODY=020000000099 ALL=ffffffffffff
arp() { echo "$ALL${1}08060001080006040001$2${3}0000000000000a000a0c"; } # SOURCE SENDER ADDRESS
OFFER=08004500003200000000401100000a000a0cffffffff00430044001e0000020106
ADVERTISEMENT=86dd60000000000a3aff$(printf '%064d' 0)8600

raw guest1 "$(arp "$ME" "$ME" 0a000a01)"
soon "ARP for an address of others is dropped" 0 \
	"*1 ARP sender's address is not bound to the port*" shown guest1.eth0
raw guest2 "$(arp $TWO 020000000077 0a000a0c)"
soon "ARP in another's name is dropped" 0 "*1 ARP sender is not the frame's source*" \
	shown guest2.eth0
raw guest2 "$(arp $MORE $MORE 0a000a70)"
raw guest2 $ALL${NOBODY}88b5
soon "a source that is not listed is dropped" 0 "*1 source is none of the port's macs*" \
	shown guest2.eth0
raw guest1 $ALL${NOBODY}88b5
soon "a forged one is dropped" 0 "*1 source is forged: not the device's address*" shown guest1.eth0
raw guest2 "$ALL$TWO$OFFER"
soon "a DHCP server is dropped" 0 "*1 DHCP server's message from a guarded port*" shown guest2.eth0
raw guest2 "333300000001$TWO$ADVERTISEMENT"
soon "a router is dropped" 0 "*1 router advertisement from a guarded port*" shown guest2.eth0
raw server "$ALL$NOBODY$OFFER"
check "a port that says nothing may have both" 0 '*1 received*' \
	guest server -- ping -c 1 -W 9 10.0.10.12
same "... and nothing of it was dropped" "$(weft port show server.eth0 | grep -c 'a guarded port')" 0
same "the second machine of guest2 was never refused" \
	"$(weft port show guest2.eth0 | grep -c 'not bound')" 0

weft port set guest2.eth0 macs none forged drop >/dev/null
check "rules change while the port lives" 0 '*forged*drop*' shown guest2.eth0
check "the guest is still there" 0 '*1 received*' guest guest2 -- ping -c 1 -W 9 10.0.10.1
weft port set guest2.eth0 forged allow arp_inspect no addresses none >/dev/null
raw guest2 $ALL${NOBODY}88b5
check "without a rule it may be anybody" 0 '*1 received*' guest guest2 -- ping -c 1 -W 9 10.0.10.1
same "... and is not dropped" "$(weft port show guest2.eth0 | grep -c 'forged:')" 0

# What cannot be is said in a sentence.
check "a port that knows no address cannot drop others" 1 \
	"*a port of type pcap does not know its own address*give \`macs\` too*" \
	weft port add p --switch s1 --type pcap --record p.pcap --forged drop
check "nor receive only its own" 1 "*does not know its own address*" \
	weft port add p --switch s1 --type pcap --record p.pcap --receive own
check "with a list it can" 0 '*' \
	weft port add p --switch s1 --type pcap --record p.pcap --receive own --macs 02:00:00:00:00:77
check "a list and everybody is a contradiction" 1 '*take one of the two away*' \
	weft port set p forged allow
check "ARP has no IPv6 addresses" 1 "*fd00::1 is no IPv4 address*" \
	weft port set p arp_inspect yes addresses fd00::1
check "addresses that nobody asks for are told" 1 "*set \`arp_inspect\` to true too*" \
	weft port set p addresses 10.0.0.1
exit "$BAD"
